"""Is a request judged in the mock's order, whatever else is wrong with it?

The order is the mock's own: JSON, key, signature, time, fields, existence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from tests.contract.checks.bench import NOBODY, Bench, id_fields
from tests.contract.suite import check
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    from tests.contract.schemas import Json
    from tests.contract.session import Exchange
    from tests.contract.suite import Lab

# What can be wrong, first judged first, and the code of each.
CAUSES = {
    "content type": "001",
    "json": "001",
    "key": "002",
    "sign": "003",
    "time": "011",
    "field": "001",
    "existence": "004",
}


@dataclass(frozen=True)
class Wrong:
    """A request with some things wrong."""

    bench: Bench
    operation: str
    causes: frozenset[str]

    def send(self) -> Exchange:
        """Send it."""
        content = json.dumps(self._body()).encode()
        if "json" in self.causes:
            content = content[:-1]
        headers = {"Content-Type": "text/plain"} if "content type" in self.causes else {}
        proof = self._proof(content)
        return self.bench.send(self.operation, content, headers=headers, proof=proof)

    def _body(self) -> Json:
        body = self.bench.body(self.operation)
        if "time" in self.causes:
            body["timestamp"] = now() - 600_000
        if "existence" in self.causes:
            self._name_nothing(body)
        if "field" in self.causes:
            self._spoil_field(body)
        return body

    def _name_nothing(self, body: Json) -> None:
        names = id_fields(self.operation)
        if names and self.operation != "createSubscription":
            body["payload"][names[0]] = NOBODY
        else:
            body["account"] = "0x" + "0" * 40

    def _spoil_field(self, body: Json) -> None:
        if body.get("payload"):
            body["payload"][list(body["payload"])[-1]] = {}
        else:
            body["account"] = ""

    def _proof(self, content: bytes) -> dict[str, str]:
        headers = signature(self.bench.who, content)
        if "sign" in self.causes:
            headers["Sign"] = "0" * 128
        if "key" in self.causes:
            headers["Key"] = "0" * 32
        return headers


@check("each thing that can be wrong has a code of its own, whatever the operation", "mock")
def single_causes(lab: Lab) -> None:
    with Bench(lab) as bench:
        # A server may look closely at the first key that it knows, and wave others through.
        others = [Bench(lab, lab.terms.second)] if lab.terms.second and lab.terms.writes else []
        for each in (bench, *others):
            for operation in each.operations:
                for cause, code in CAUSES.items():
                    each.refuse(Wrong(each, operation, frozenset({cause})).send(), code)


@check("of two things that are wrong the one that is judged first decides", "mock")
def pairs_of_causes(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            for first, second in combinations(CAUSES, 2):
                answer = Wrong(bench, operation, frozenset({first, second})).send()
                bench.refuse(answer, CAUSES[first], fields=_fields(first, operation, bench))


def _fields(cause: str, operation: str, bench: Bench) -> list[str]:
    if cause != "field":
        return []
    payload = bench.body(operation).get("payload")
    return [f"payload.{list(payload)[-1]}"] if payload else ["account"]
