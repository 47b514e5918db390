"""Does the mock check a request in its order, whatever else is wrong with it?

The order is the mock's own: JSON, key, signature, timestamp, fields, existence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

from tests.contract import schemas
from tests.contract.checks import mutations, parameters
from tests.contract.checks.api_client import UNKNOWN_ID, ApiClient, id_fields
from tests.contract.suite import check
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    from tests.contract.schemas import Json
    from tests.contract.session import Exchange
    from tests.contract.suite import Context

# What can be wrong, in the order of checks, and the code of each.
CAUSES = {
    "content type": "001",
    "json": "001",
    "key": "002",
    "sign": "003",
    "time": "011",
    "parameter": "001",
    "field": "001",
    "existence": "004",
}


def causes(operation: str) -> dict[str, str]:
    """Return what can be wrong with a request of an operation, and the codes."""
    envelope, is_named = schemas.members(operation), bool(id_fields(operation))
    has = {
        "content type": "requestBody" in schemas.operation(operation),
        "json": "requestBody" in schemas.operation(operation),
        "time": "timestamp" in envelope,
        "parameter": bool(parameters.wrong_one(operation)),
        "field": bool(spoilt(operation)),
        "existence": is_named or "account" in envelope,
    }
    return {cause: code for cause, code in CAUSES.items() if has.get(cause, True)}


@cache
def spoilt(operation: str) -> tuple[str, ...]:
    """Return a field that must not be an object: the last one of the payload, else the account."""
    envelope = schemas.members(operation)
    payload = schemas.sample(envelope["payload"]) if "payload" in envelope else {}
    fields = [("payload", name) for name in reversed(payload)]
    for path in [*fields, *([("account",)] if "account" in envelope else [])]:
        body = schemas.sample(schemas.request_schema(operation))
        mutations.put(body, path, {})
        if not schemas.request_validator(operation).is_valid(body):
            return path
    return ()


@dataclass(frozen=True)
class InvalidRequest:
    """A request with some errors."""

    api: ApiClient
    operation: str
    causes: frozenset[str]

    def send(self) -> Exchange:
        """Send it."""
        content = self.api.content(self.operation, self._body())
        if "json" in self.causes:
            content = content[:-1]
        headers = {"Content-Type": "text/plain"} if "content type" in self.causes else {}
        proof = self._proof(content)
        others = parameters.wrong_one(self.operation) if "parameter" in self.causes else None
        path = self.api.path(self.operation, others)
        return self.api.send(self.operation, content, headers=headers, proof=proof, path=path)

    def _body(self) -> Json:
        body = self.api.body(self.operation)
        if "time" in self.causes:
            body["timestamp"] = now() - 600_000
        if "existence" in self.causes:
            self._name_nothing(body)
        if "field" in self.causes:
            mutations.put(body, spoilt(self.operation), {})
        return body

    def _name_nothing(self, body: Json) -> None:
        names = id_fields(self.operation)
        if names and self.operation != "createSubscription":
            body["payload"][names[0]] = UNKNOWN_ID
        else:
            body["account"] = "0x" + "0" * 40

    def _proof(self, content: bytes) -> dict[str, str]:
        headers = signature(self.api.who, content)
        if "sign" in self.causes:
            headers["Sign"] = "0" * 128
        if "key" in self.causes:
            headers["Key"] = "0" * 32
        return headers


@check("each kind of error has its own code, for every operation", "mock")
def single_causes(context: Context) -> None:
    with ApiClient(context) as api:
        # A server may check only the first key thoroughly.
        others = (
            [ApiClient(context, context.terms.second)]
            if context.terms.second and context.terms.writes
            else []
        )
        for each in (api, *others):
            for operation in each.operations:
                for cause, code in causes(operation).items():
                    each.expect_rejection(
                        InvalidRequest(each, operation, frozenset({cause})).send(), code
                    )


@check("of two errors the one that is checked first decides", "mock")
def pairs_of_causes(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            for first, second in combinations(causes(operation), 2):
                response = InvalidRequest(api, operation, frozenset({first, second})).send()
                fields = [schemas.text(spoilt(operation))] if first == "field" else []
                api.expect_rejection(response, CAUSES[first], fields=fields)
