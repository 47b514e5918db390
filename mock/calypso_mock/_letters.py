"""Name what goes to and fro between outbox and carrier: letters, outcomes, attempts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from calypso_mock import _checks

if TYPE_CHECKING:
    from datetime import datetime

    from calypso_mock._channel import Delivery
    from calypso_mock._state import Account, State, Subscription


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver an event to a subscription, made or still to be made.

    Attributes:
        account: Id of the account.
        request_id: Id of the subscription.
        event_id: Id of the event.
        event_type: What the event tells of.
        number: Counts the attempts of this event to this subscription, from 1.
        due: Business time at which it fell due or will; None while the subscription is blocked.
        sent: Business time that the clock showed when it was made; None of one to come.
        status: HTTP status of the answer, if there was one.
        error: Why there was none.
        next_due: Business time of the attempt that follows, if one does.
    """

    account: str
    request_id: str
    event_id: int
    event_type: str
    number: int
    due: datetime | None
    sent: datetime | None = None
    status: int | None = None
    error: str | None = None
    next_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt.

    Attributes:
        status: HTTP status of the answer, if there was one.
        error: Why there was none.
        is_final: Whether trying again is useless, and nobody's error.
    """

    status: int | None = None
    error: str | None = None
    is_final: bool = False


class Channelled(NamedTuple):
    """A delivery, and where it goes.

    Attributes:
        account: Whose subscription it is.
        subscription: Where it goes.
        delivery: What goes there.
    """

    account: Account
    subscription: Subscription
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Letter:
    """An attempt that has begun: what to send, and where.

    Attributes:
        state: The state that it is a part of; a reset mock has another.
        where: The delivery and its subscription.
        due: When it fell due.
        fails: Whether it is to fail on request.
    """

    state: State
    where: Channelled
    due: datetime
    fails: bool

    @property
    def url(self) -> str:
        """Where to send it: the subscription's URL as it is now, though it was changed since."""
        return self.where.subscription.url

    @property
    def body(self) -> bytes:
        """The bytes to send."""
        return self.where.delivery.body

    def headers(self) -> dict[str, str]:
        """Sign the body with the subscription's own secret (documented)."""
        sign = _checks.signature(self.where.subscription.secret_key, self.body).decode()
        return {
            "Content-Type": "application/json",
            "Key": self.where.subscription.public_key,
            "Sign": sign,
        }
