"""The decisions of the helpers, shared by both clients; without any I/O."""

from __future__ import annotations

import json
import random
import time
from contextlib import suppress
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING

from calypso_api._json import dump_json
from calypso_api._sent import identifier
from calypso_api.models import CreateCustomerPayload
from calypso_pay._errors import CalypsoError, Outcome, TransportError

if TYPE_CHECKING:
    from uuid import UUID

    from calypso_api import Unset
    from calypso_api.models import Customer
    from calypso_pay._options import Options

# Seconds for the store, before the call of the API and after it.
LEASE_MARGIN = 15.0
# Seconds between the attempts to record a customer: a connection that broke, a short restart.
RECORD_PAUSES = (0.1, 1.0)
_FIRST_POLL_INTERVAL = 0.05
_MAX_POLL_INTERVAL = 1.0
_METHODS = ("begin_customer", "finish_customer", "release_customer")


class Request:
    """One call of `get_or_create`, checked before anything is stored or sent.

    Attributes:
        account: The merchant account.
        external_id: The merchant's own id of the customer.
        payload: What creates the customer.
        lease: Seconds after which another caller may create it.

    Raises:
        TypeError, ValueError: An argument is of another type, is empty, or cannot be sent.
    """

    def __init__(
        self,
        options: Options,
        external_id: str | UUID,
        email: str | Unset,
        description: str | Unset,
    ) -> None:
        self.account = options.account
        self.external_id = identifier(external_id, "external_id")
        self.payload = CreateCustomerPayload(email, description, self.external_id)
        dump_json(self.payload.to_dict())
        self.lease = options.deadline + LEASE_MARGIN
        self._poll_interval = _FIRST_POLL_INTERVAL
        self._started = time.monotonic()
        self._elapsed_after_sleep = 0.0

    def delay(self) -> float:
        """Return the seconds until the store is asked again while another caller has the claim.

        Raises:
            TransportError: The wait has taken longer than any caller with these options can.
        """
        # A test's sleep may return at once. Its seconds count all the same.
        elapsed = max(time.monotonic() - self._started, self._elapsed_after_sleep)
        left = self.lease + _MAX_POLL_INTERVAL - elapsed
        if left <= 0:
            raise TransportError(
                "createCustomer: other workers have been creating this customer for "
                f"{elapsed:.0f} s, and have not recorded one. Nothing was sent: call again.",
                operation="createCustomer",
                outcome=Outcome.NOT_SENT,
                timed_out=True,
            )
        interval = self._poll_interval
        self._poll_interval = min(interval * 2, _MAX_POLL_INTERVAL)
        # Half of it is random, so that many waits that began together drift apart.
        delay = min(random.uniform(interval / 2, interval), left)  # noqa: S311 - spreads load only
        self._elapsed_after_sleep = elapsed + delay
        return delay


def check_store(store: object, kind: object) -> None:
    """Check that a store has the methods of a kind of store, as functions or as coroutines.

    Raises:
        TypeError: It has not; nothing was stored or sent.
    """
    for name in _METHODS:
        given = getattr(store, name, None)
        wanted = iscoroutinefunction(getattr(kind, name))
        if not callable(given) or iscoroutinefunction(given) != wanted:
            raise TypeError(
                f"store.{name} has to be a {'coroutine ' if wanted else ''}function: pass an "
                f"{'AsyncInbox' if wanted else 'Inbox'}, or a store of your own with its methods"
            )


def stored(customer: Customer) -> str:
    """Return the JSON that a store keeps. It never fails, for the customer exists by now."""
    try:
        return customer.to_json()
    except ValueError:
        # Half a character, as a server leaves it that cuts texts, has a form in ASCII only.
        return json.dumps(customer.to_dict(), default=str)


def note_lost_customer(error: BaseException, created: Customer | None) -> None:
    """Add a note on what happens to a customer that was created, or may have been."""
    if created is not None:
        add_note(
            error,
            f"The customer {created.id} was created, and may not have been recorded. Call "
            "get_or_create again with the same external_id: if this one was not recorded, it "
            "creates another, and this one stays unused. To keep this one, call "
            f"store.finish_customer(account, external_id, Customer({created.id!r}).to_json()).",
        )
    elif isinstance(error, CalypsoError) and error.outcome.rank >= Outcome.UNKNOWN.rank:
        add_note(
            error,
            "If a customer was created, its id is lost: it stays unused, has no address, and gets "
            "no money. Call get_or_create again with the same external_id: it creates another.",
        )


def note_unreleased(error: BaseException, failure: Exception, lease: float) -> None:
    """Add a note on a claim that remains."""
    add_note(
        error,
        f"The store failed to release the claim ({type(failure).__name__}): calls with this "
        f"external_id wait for up to {lease:.0f} s.",
    )


def add_note(error: BaseException, note: str) -> None:
    """Add a note; whatever the error's class makes of notes, the error itself has to go on."""
    with suppress(Exception):
        error.add_note(note)
