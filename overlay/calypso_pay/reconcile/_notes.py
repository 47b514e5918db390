"""The notes that a memory keeps: one for the run, and one for each customer."""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from attrs import define

from calypso_api._model import to_jsonable
from calypso_pay.reconcile import _differences, _totals
from calypso_pay.reconcile._compare import Comparison, OpenDeposit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calypso_pay.reconcile._rules import Rules
    from calypso_pay.reconcile._settings import Settings

_log = logging.getLogger("calypso_pay.reconcile")
_VERSION = 1
# A run that ended early is resumed, unless what it has read is too old.
_RESUME_WITHIN = timedelta(hours=12)
# How much the clocks of two machines may differ.
_TOLERANCE = timedelta(minutes=10)
# Seconds without a sign of life after which a run on another machine is taken to have ended.
_LIFE = 600.0
# Tells this process from one with the same number in another container.
_TOKEN = uuid4().hex
# The ids of the runs of this process.
_active: set[str] = set()


@define
class Run:
    """A run of a reconciliation.

    Attributes:
        id: Its own id.
        rule: The name of the rule.
        since: Deposits that were created before are not compared.
        started_at: When it began.
        is_resumed: Whether an earlier process began it.
        shown_life_at: When its note was written last, in seconds of a clock that never jumps.
    """

    id: str
    rule: str | None
    since: datetime | None
    started_at: datetime
    is_resumed: bool = False
    shown_life_at: float = 0.0

    @classmethod
    def begin_or_resume(cls, note: str | None, settings: Settings) -> Run:
        """Return the run that a note is about, if it can be resumed; else a new one."""
        now, rules = datetime.now(UTC), settings.rules
        new = cls(uuid4().hex, rules.name, rules.since, now)
        # A rule of the caller's may have been corrected meanwhile.
        found = _read(note) if rules.name is not None and settings.resume else None
        if found is None:
            return new
        with suppress(LookupError, TypeError, ValueError):
            age = now - datetime.fromisoformat(found["started_at"])
            is_over = found["is_finished"] or not -_TOLERANCE < age < _RESUME_WITHIN
            if not is_over and _covers(found, rules) and not _is_running(found, now):
                return cls(found["id"], rules.name, rules.since, now - age, is_resumed=True)
        return new

    @staticmethod
    def is_about(note: str | None, run: str) -> bool:
        """Return whether a note is about this run, and not about a later one."""
        found = _read(note)
        return found is not None and found["id"] == run

    @contextmanager
    def is_active(self) -> Iterator[None]:
        """Count as running in this process while a block lasts."""
        _active.add(self.id)
        try:
            yield
        finally:
            _active.discard(self.id)

    def has_to_show_life(self) -> bool:
        """Return whether its note has to be written again."""
        return time.monotonic() - self.shown_life_at > _LIFE / 4

    def note(self, *, is_finished: bool = False) -> str:
        """Return the note about it."""
        self.shown_life_at = time.monotonic()
        return _write(
            {
                "id": self.id,
                "rule": self.rule,
                "since": self.since.isoformat() if self.since else None,
                "started_at": self.started_at.isoformat(),
                "is_finished": is_finished,
                "process": [socket.gethostname(), os.getpid(), _TOKEN],
                "alive_at": datetime.now(UTC).isoformat(),
            }
        )


def _covers(note: dict[str, Any], rules: Rules) -> bool:
    """Return whether a run compared all that these rules compare."""
    since = note["since"] and datetime.fromisoformat(note["since"])
    is_early_enough = since is None or (rules.since is not None and since <= rules.since)
    return bool(note["rule"] == rules.name and is_early_enough)


def _is_running(note: dict[str, Any], now: datetime) -> bool:
    """Return whether the process that wrote a note may still be running.

    On this machine it is asked for. Of another one there is only its last sign of life.
    """
    host, process, token = note["process"]
    is_here = host == socket.gethostname() and os.name == "posix"
    if process == os.getpid() and token == _TOKEN:
        return note["id"] in _active
    if not is_here or process == os.getpid():
        # Another machine, or another container with the same name.
        silence = now - datetime.fromisoformat(note["alive_at"])
        return abs(silence.total_seconds()) < _LIFE
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # It is another user's.
        pass
    return True


@define
class Result:
    """What was found for one customer, and what it took.

    Attributes:
        comparison: What was found.
        run: Id of the run; None if another look is needed.
        requests: How many requests it took.
        least_requests: How many it takes at least, for so many deposits.
    """

    comparison: Comparison
    run: str | None
    requests: int
    least_requests: int

    def note(self) -> str:
        """Return the note about it.

        A run that is resumed looks at differences again, since they may be gone by then.
        """
        found = self.comparison
        kept = found.differences if found.is_done else ()
        return _write(
            {
                "run": self.run if found.is_done else None,
                "requests": self.requests,
                "least_requests": self.least_requests,
                "customer_id": found.customer_id,
                "deposits": found.deposits,
                "bookings": found.bookings,
                "differences": [_differences.note_of(each) for each in kept],
                "open": {identity: _open_note(each) for identity, each in found.open.items()},
                "totals": _totals.note_of(found.totals),
                "unread_since": found.unread_since and found.unread_since.isoformat(),
            }
        )

    def belongs_to(self, run: str) -> bool:
        """Return whether a run has to report the customer, also if it is not passed."""
        return self.run in {run, None} or bool(self.comparison.open)

    @classmethod
    def read(cls, note: str | None) -> Result | None:
        """Return the result that a note is about; None if it is not about one."""
        found = _read(note)
        if found is None or "customer_id" not in found:
            return None
        try:
            return cls._from_note(found)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            # Of another version, perhaps. What it says is lost, and the customer is read again.
            _log.warning("the note about customer %s cannot be read", found["customer_id"])
            return None

    @classmethod
    def _from_note(cls, found: dict[str, Any]) -> Result:
        comparison = Comparison(
            found["customer_id"],
            found["deposits"],
            found["bookings"],
            [_differences.from_note(each) for each in found["differences"]],
            {identity: _open_from_note(each) for identity, each in found["open"].items()},
            _totals.from_note(found["totals"]),
            found["unread_since"] and datetime.fromisoformat(found["unread_since"]),
        )
        return cls(comparison, found["run"], found["requests"], found["least_requests"])


def scope_of(account: str, name: str) -> str:
    """Return the scope of the notes of a reconciliation. Accounts differ by more than case."""
    return _digest(account.lower(), name)


def key_of(customer_id: str = "") -> str:
    """Return the key of the note about a customer; without one that of the note about the run."""
    return _digest("customer", customer_id.lower()) if customer_id else _digest("run")


def _open_note(each: OpenDeposit) -> list[object]:
    return [each.since.isoformat(), each.amount, each.currency, each.state]


def _open_from_note(note: list[str]) -> OpenDeposit:
    since, amount, currency, state = note
    return OpenDeposit(datetime.fromisoformat(since), Decimal(amount), currency, state)


def _digest(*values: str) -> str:
    # Of a fixed length and form, so that any memory can keep it.
    return blake2b(ascii(values).encode(), digest_size=16).hexdigest()


def _write(values: dict[str, Any]) -> str:
    return json.dumps({"version": _VERSION, **values}, default=to_jsonable)


def _read(note: str | None) -> dict[str, Any] | None:
    """Return what a note holds; None if there is none, or another version wrote it."""
    if note is None:
        return None
    try:
        found = json.loads(note)
    except ValueError:
        _log.warning("a note cannot be read: %.100s", note)
        return None
    return found if isinstance(found, dict) and found.get("version") == _VERSION else None
