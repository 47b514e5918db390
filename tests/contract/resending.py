"""Requests that can be sent once more, stamped and signed anew, and hold nothing secret."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.contract.checks import forgeries
from tests.contract.redaction import FILTERED
from tests.contract.session import UnreachableError
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.contract.session import Exchange, Session
    from tests.contract.wire import Target

CONTROL = "/_mock/"

_TIMESTAMP = re.compile(rb'("timestamp"\s*:\s*)(-?\d+)')
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PATH = re.compile(r"/[!-~]*")
_LINE = re.compile(r"[^\r\n\0]*")
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
        stamp: The stamp at the time; requests that shared one share one again.
        headers: The request's headers but for Key and Sign.
        key: The account whose key was sent; empty for none, None for one that nobody has.
        sign: What was wrong with the signature; empty for nothing, None for what has no name.
        status: The answer's status at the time; 0 where none came.
    """

    method: str
    path: str
    body: str
    late: int | None
    stamp: int | None
    headers: dict[str, str]
    key: str | None
    sign: str | None
    status: int

    @property
    def is_rightly_signed(self) -> bool:
        """Whether it proves who sends it, now, and asks for that account."""
        is_now = self.late == 0 or self.stamp is None
        is_own = not self.body or (self.key or "") in self.body
        return bool(self.key) and self.sign == "" and is_now and is_own


def read(told: Any) -> Step:
    """Read a step as it was kept.

    Raises:
        ValueError: Somebody changed it into what cannot be sent.
        TypeError: It lacks something, or has something else.
    """
    step = Step(**told)
    texts = [step.method, step.path, step.body, *step.headers, *step.headers.values()]
    numbers = [each for each in (step.late, step.stamp, step.status) if each is not None]
    is_right = (
        all(isinstance(each, str) for each in texts)
        and all(isinstance(each, str | None) for each in (step.key, step.sign))
        and all(type(each) is int for each in numbers)
        and step.status is not None
        and all(map(_TOKEN.fullmatch, [step.method, *step.headers]))
        and _PATH.fullmatch(step.path)
        and all(map(_LINE.fullmatch, step.headers.values()))
    )
    if not is_right:
        raise ValueError("This is no step.")
    # What cannot be encoded raises a ValueError, too.
    step.body.encode(errors="surrogateescape")
    "".join(step.headers.values()).encode("latin-1")
    return step


def taken(exchanges: Sequence[Exchange], target: Target) -> list[Step]:
    """Make steps of what was sent to a target."""
    people = _people([(each.path, each.content) for each in exchanges], target)
    return [_step(each, people) for each in exchanges]


def play(session: Session, steps: Sequence[Step], account: str) -> Exchange:
    """Send requests once more.

    Args:
        session: Where to, and as whom.
        steps: The requests.
        account: The account that sent them at the time.

    Returns:
        The last one with its response, or with the status 0 where none came.

    Raises:
        UnreachableError: Another than the last got no response.
    """
    people, stamps = {account: session.target}, dict[int, int]()
    for step in steps[:-1]:
        exchange = _send(session, step, people, stamps)
        people |= _people([(exchange.path, exchange.content)], session.target)
    try:
        return _send(session, steps[-1], people, stamps)
    except UnreachableError as error:
        if error.exchange is None:
            raise
        return error.exchange


def again(session: Session, exchange: Exchange) -> Exchange:
    """Send one request once more, byte for byte where its signature is known.

    Raises:
        UnreachableError: There is no response this time, either.
    """
    if FILTERED in exchange.sent_headers.values():
        people = {session.target.account: session.target}
        return _send(session, _step(exchange, people), people, {})
    return session.send(exchange.method, exchange.path, exchange.sent, exchange.sent_headers)


def _people(said: Iterable[tuple[str, bytes]], target: Target) -> dict[str, Target]:
    """Return who can sign: the target's account, and those a mock was asked to add."""
    added = [
        json.loads(content) for path, content in said if content and path == f"{CONTROL}account"
    ]
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
        int(found[2]) if found else None,
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


def _send(
    session: Session, step: Step, people: dict[str, Target], stamps: dict[int, int]
) -> Exchange:
    body = step.body.encode(errors="surrogateescape")
    if step.path.startswith(CONTROL):
        return session.send(step.method, step.path, body, {})
    for account, target in people.items():
        body = body.replace(account.encode(), target.account.encode())
    if step.late is not None and step.stamp is not None:
        stamp = str(stamps.setdefault(step.stamp, now() + step.late)).encode()
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
