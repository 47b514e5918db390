"""Send the requests that led to a finding once more, stamped and signed anew.

``python -m tests.contract.repeat .contract/1.json`` asks a fresh mock, or with ``--target`` any
other server, as the account that the ``CALYPSO_*`` settings name.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.contract import targets
from tests.contract.checks import forgeries
from tests.contract.redaction import FILTERED, Redactor
from tests.contract.session import Session
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.contract.session import Exchange
    from tests.contract.wire import Target

    Json = dict[str, Any]

_TIMESTAMP = re.compile(rb'("timestamp"\s*:\s*)(-?\d+)')
# A stamp this near to the time of sending was meant to be the present.
_NEAR = 5_000
# Farther than a day it was no stamp at all, but a value at some border of the schema.
_FAR = 86_400_000


@dataclass(frozen=True)
class Step:
    """A request to repeat, free of anything secret.

    Attributes:
        method: HTTP method.
        path: The path below the base URL.
        body: The bytes, as text; what is no UTF-8 is escaped.
        late: How many milliseconds the stamp was off the present; None where it stays as it is.
        headers: The request's headers but for Key and Sign.
        key: The account whose key was sent; empty for none, None for one that nobody has.
        sign: What was wrong with the signature; empty for nothing, None for what has no name.
        status: The answer's status at the time.
    """

    method: str
    path: str
    body: str
    late: int | None
    headers: dict[str, str]
    key: str | None
    sign: str | None
    status: int


def keep(path: Path, finding: Json, steps: Sequence[Exchange], target: Target) -> None:
    """Write what is needed to repeat a finding.

    Raises:
        OSError: The file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    people = _people([(each.path, each.content) for each in steps], target)
    told = [asdict(_step(each, people)) for each in steps]
    text = json.dumps({**finding, "account": target.account, "steps": told}, indent=1)
    path.write_text(text + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Repeat, and print each request's answer."""
    parser = argparse.ArgumentParser("python -m tests.contract.repeat", description=__doc__)
    parser.add_argument("file", type=Path, help="what a run wrote")
    parser.add_argument("--target", help="base URL; without it a fresh mock is started")
    parser.add_argument("--all", action="store_true", help="show all requests, not the last alone")
    parser.add_argument("options", nargs="*", help="options of the mock, after --")
    chosen = parser.parse_args(arguments)
    kept = json.loads(chosen.file.read_text())
    with (
        targets.reach(chosen.target, os.environ, chosen.options) as target,
        closing(Session(target)) as session,
    ):
        people = {kept["account"]: target}
        for step in kept["steps"]:
            exchange = _send(session, Step(**step), people)
            people |= _people([(exchange.path, exchange.content)], target)
        shown = session.exchanges if chosen.all else session.exchanges[-1:]
        hidden = len(session.exchanges) - len(shown)
        if hidden:
            sys.stdout.write(f"After {hidden} other requests, which --all shows:\n")
        for exchange in shown:
            _show(exchange, Redactor(people.values()))
    sys.stdout.write(f"\nThe finding was: {kept['check']}\n  {kept['field']}: {kept['text']}\n")
    return 0


def _show(exchange: Exchange, redactor: Redactor) -> None:
    sent, answer = (each.decode(errors="replace") for each in (exchange.sent, exchange.content))
    told = f"{exchange.method} {exchange.path}\n  {sent}\n  {exchange.status} {answer}\n"
    sys.stdout.write(redactor.text(told))


def _people(said: Iterable[tuple[str, bytes]], target: Target) -> dict[str, Target]:
    """Return who can sign: the target's account, and those a mock was asked to add."""
    added = [json.loads(content) for path, content in said if path == "/_mock/account"]
    others = [replace(target, **each) for each in added]
    return {each.account: each for each in (target, *others)}


def _step(exchange: Exchange, people: dict[str, Target]) -> Step:
    found = _TIMESTAMP.search(exchange.sent)
    late = int(found[2]) - int(exchange.began * 1000) if found else None
    if late is not None and abs(late) < _NEAR:
        late = 0
    if late is not None and abs(late) > _FAR:
        late = None
    sent = {name.lower(): value for name, value in exchange.sent_headers.items()}
    key, sign = sent.pop("key", ""), sent.pop("sign", "")
    owner = _owner(key, people)
    return Step(
        exchange.method,
        exchange.path,
        exchange.sent.decode(errors="surrogateescape"),
        late,
        sent,
        owner if key else "",
        _flaw(sign, people.get(owner or ""), exchange.sent),
        exchange.status,
    )


def _owner(key: str, people: dict[str, Target]) -> str | None:
    # Reports of schemathesis hide the key, which is always the target's own.
    known = (account for account, each in people.items() if key in {each.key, FILTERED})
    return next(known, None)


def _flaw(sign: str, who: Target | None, sent: bytes) -> str | None:
    if who is None:
        return None
    if sign in {signature(who, sent)["Sign"], FILTERED}:
        return ""
    made = _forgeries(who, sent)
    return next((name for name, forged in made.items() if forged == sign), None)


def _forgeries(who: Target, sent: bytes) -> dict[str, str]:
    try:
        return forgeries.all_of(who, sent)
    except (ValueError, AttributeError):
        return forgeries.of_other_texts(forgeries.right(who, sent))


def _send(session: Session, step: Step, people: dict[str, Target]) -> Exchange:
    body = step.body.encode(errors="surrogateescape")
    if step.path.startswith("/_mock/"):
        return session.send(step.method, step.path, body, {})
    for account, target in people.items():
        body = body.replace(account.encode(), target.account.encode())
    if step.late is not None:
        stamp = str(now() + step.late).encode()
        body = _TIMESTAMP.sub(lambda found: found[1] + stamp, body, count=1)
    return session.send(
        step.method, step.path, body, {**step.headers, **_proof(step, people, body)}
    )


def _proof(step: Step, people: dict[str, Target], body: bytes) -> dict[str, str]:
    # Whoever is not there yet is as unknown as he was at the time.
    who = people.get(step.key or "")
    known = who or next(iter(people.values()))
    key = {} if step.key == "" else {"Key": who.key if who else forgeries.OTHER_SECRET}
    if step.sign is None:
        return key
    sign = _forgeries(known, body)[step.sign] if step.sign else forgeries.right(known, body)
    return {**key, "Sign": sign}


if __name__ == "__main__":
    sys.exit(main())
