"""Requests without secrets that can be sent again, with new timestamps and signatures."""

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
# A timestamp this close to the time of sending was meant to be the current time.
_NEAR = 5_000
# One farther than a day was not a time at all, but a value at a boundary of the schema.
_FAR = 86_400_000


@dataclass(frozen=True)
class Step:
    """A request to send again, without secrets.

    Attributes:
        method: HTTP method.
        path: The path below the base URL.
        body: The bytes, as text; bytes that are not UTF-8 are escaped.
        late: The timestamp's difference from the time of sending in milliseconds; None to keep it.
        stamp: The original timestamp; requests that shared one will share one again.
        headers: The request's headers except Key and Sign.
        key: The account whose key was sent; empty for no key, None for an unknown key.
        sign: What was wrong with the signature; empty for nothing, None for an unknown forgery.
        status: The status of the original response; 0 if there was none.
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
        """Whether it has a valid signature and timestamp, and is for the signing account."""
        is_now = self.late == 0 or self.stamp is None
        is_own = not self.body or (self.key or "") in self.body
        return bool(self.key) and self.sign == "" and is_now and is_own


def read(raw: Any) -> Step:
    """Read a step as it was written.

    Raises:
        ValueError: It contains something that cannot be sent.
        TypeError: A value is missing or unknown.
    """
    step = Step(**raw)
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
        raise ValueError("This is not a step.")
        # Text that cannot be encoded raises a ValueError, too.
    step.body.encode(errors="surrogateescape")
    "".join(step.headers.values()).encode("latin-1")
    return step


def to_steps(exchanges: Sequence[Exchange], target: Target) -> list[Step]:
    """Convert exchanges with a target to steps."""
    accounts = _accounts([(each.path, each.content) for each in exchanges], target)
    return [_step(each, accounts) for each in exchanges]


def play(session: Session, steps: Sequence[Step], account: str) -> Exchange:
    """Send requests again.

    Args:
        session: The target and the account.
        steps: The requests.
        account: The account that sent them originally.

    Returns:
        The last one with its response, or with the status 0 if there was none.

    Raises:
        UnreachableError: A request before the last got no response.
    """
    accounts, stamps = {account: session.target}, dict[int, int]()
    for step in steps[:-1]:
        exchange = _send(session, step, accounts, stamps)
        accounts |= _accounts([(exchange.path, exchange.content)], session.target)
    try:
        return _send(session, steps[-1], accounts, stamps)
    except UnreachableError as error:
        if error.exchange is None:
            raise
        return error.exchange


def resend(session: Session, exchange: Exchange) -> Exchange:
    """Send one request again, byte for byte if its signature is known.

    Raises:
        UnreachableError: There is no response this time either.
    """
    if FILTERED in exchange.sent_headers.values():
        accounts = {session.target.account: session.target}
        return _send(session, _step(exchange, accounts), accounts, {})
    return session.send(exchange.method, exchange.path, exchange.sent, exchange.sent_headers)


def _accounts(requests: Iterable[tuple[str, bytes]], target: Target) -> dict[str, Target]:
    """Return the accounts that can sign: the target's, and those that the mock was asked to add."""
    added = [
        json.loads(content) for path, content in requests if content and path == f"{CONTROL}account"
    ]
    others = [replace(target, **each) for each in added]
    return {each.account: each for each in (target, *others)}


def _step(exchange: Exchange, accounts: dict[str, Target]) -> Step:
    found = _TIMESTAMP.search(exchange.sent)
    late = int(found[2]) - int(exchange.began * 1000) if found else None
    if late is not None and abs(late) < _NEAR:
        late = 0
    if late is not None and abs(late) > _FAR:
        late = None
    sent = {name.lower(): value for name, value in exchange.sent_headers.items()}
    key, sign = sent.pop("key", ""), sent.pop("sign", "")
    owner = _owner(key, accounts)
    return Step(
        exchange.method,
        exchange.path,
        exchange.sent.decode(errors="surrogateescape"),
        late,
        int(found[2]) if found else None,
        sent,
        owner if key else "",
        _signature_flaw(sign, accounts.get(owner or ""), exchange.sent),
        exchange.status,
    )


def _owner(key: str, accounts: dict[str, Target]) -> str | None:
    # Reports of schemathesis hide the key, which is always the target's.
    known = (account for account, each in accounts.items() if key in {each.key, FILTERED})
    return next(known, None)


def _signature_flaw(sign: str, who: Target | None, sent: bytes) -> str | None:
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
    session: Session, step: Step, accounts: dict[str, Target], stamps: dict[int, int]
) -> Exchange:
    body = step.body.encode(errors="surrogateescape")
    if step.path.startswith(CONTROL):
        return session.send(step.method, step.path, body, {})
    for account, target in accounts.items():
        body = body.replace(account.encode(), target.account.encode())
    if step.late is not None and step.stamp is not None:
        stamp = str(stamps.setdefault(step.stamp, now() + step.late)).encode()
        body = _TIMESTAMP.sub(lambda found: found[1] + stamp, body, count=1)
    return session.send(
        step.method, step.path, body, {**step.headers, **_proof(step, accounts, body)}
    )


def _proof(step: Step, accounts: dict[str, Target], body: bytes) -> dict[str, str]:
    # An account that does not exist yet is as unknown as it was originally.
    who = accounts.get(step.key or "")
    known = who or next(iter(accounts.values()))
    key = {} if step.key == "" else {"Key": who.key if who else forgeries.OTHER_SECRET}
    if step.sign is None:
        return key
    sign = _forgeries(known, body)[step.sign] if step.sign else forgeries.right(known, body)
    return {**key, "Sign": sign}
