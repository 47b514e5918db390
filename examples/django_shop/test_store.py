"""Does the store do what a receiver relies on? Run ``pytest test_store.py`` with an empty database.

Settings: ``DATABASE_URL``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import django
import pytest
from django.core.management import call_command
from django.db import connection, connections

from calypso_pay import webhooks
from calypso_pay.receiver import Receiver, Task
from calypso_pay.receiver.testing import StoreTests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
django.setup()

from shop.models import Credit, Event  # noqa: E402 - after the setup
from shop.store import EventStore  # noqa: E402

if TYPE_CHECKING:
    from calypso_pay.receiver import Claim


if connection.vendor == "sqlite":
    # A worker learns soon that the database is locked.
    connection.settings_dict["OPTIONS"]["timeout"] = 0.05


@pytest.fixture(scope="module", autouse=True)
def _tables() -> None:
    call_command("migrate", verbosity=0, skip_checks=True)


class TestEventStore(StoreTests):
    """The tests that `calypso_pay` has for every store."""

    parks_after = 3
    transactional = True
    concurrent = connection.vendor == "postgresql"

    def make_store(self) -> EventStore:
        """Return a store over empty tables."""
        Event.objects.all().delete()
        Credit.objects.all().delete()
        connections.close_all()
        return EventStore(max_attempts=self.parks_after)

    def reopen(self, store: object) -> EventStore:
        """Return another one, as another process would have it."""
        return EventStore(max_attempts=self.parks_after)

    def end_worker(self) -> None:
        """Close the connection of this thread."""
        connections.close_all()

    def abandon(self, store: object, task: Task, claim: Claim) -> None:
        """Cut the connection, as the end of a process does."""
        driver = claim.connection.connection
        del connections["default"]
        if claim.connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [driver.info.backend_pid])
        driver.close()

    def write(self, connection: Any, value: str) -> None:  # noqa: ANN401 - Django has no types
        """Credit something, as a handler does."""
        Credit.objects.create(transaction_id=value)

    def read(self, store: object) -> list[str]:
        """Return what was credited."""
        found = list(Credit.objects.values_list("transaction_id", flat=True))
        connections.close_all()
        return found


def test_an_event_is_stored_first_and_handled_once() -> None:
    """Also if it is delivered, enqueued and handled more than once."""
    Event.objects.all().delete()
    keys: list[str] = []
    handled: list[webhooks.Event] = []
    receiver = Receiver(
        "secret", store=EventStore(), enqueue=lambda stored: keys.append(stored.key)
    )
    receiver.default(handled.append)
    body = b'{"id": 5, "requestId": "subscription", "eventType": "INVOICE_PAID"}'
    headers = {"Sign": webhooks.sign(body, "secret")}

    delivered = [receiver.handle(body, headers).result for _ in range(2)]
    swept = receiver.sweep(older_than=0)
    results = [receiver.handle_stored(key).result for key in keys]

    assert delivered == ["stored", "duplicate"]
    assert swept == 1
    assert results == ["handled", "duplicate"]
    assert [event.id for event in handled] == [5]
    assert receiver.sweep(older_than=0) == 0
    with pytest.raises(LookupError):
        receiver.handle_stored("another")


def test_a_parked_event_is_kept_until_it_is_retried() -> None:
    """With its body and its error."""
    Event.objects.all().delete()
    store = EventStore(max_attempts=1)
    task = Task("subscription", "5", "transaction", "received", "KIND", b"body")
    store.fail(task, store.claim(task, 60), ValueError("wrong"))
    [key] = Event.objects.filter(status="parked").values_list("key", flat=True)
    parked = store.get(key)

    assert (parked.status, parked.attempts, parked.error) == ("parked", 1, "ValueError: wrong")
    assert (parked.event, parked.transaction, parked.body) == ("5", "transaction", b"body")
    assert store.due(0, 10) == []
    assert store.retry(key) == 1
    assert [stored.status for stored in store.due(0, 10)] == ["pending"]
