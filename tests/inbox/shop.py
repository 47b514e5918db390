"""A merchant's table of ledger beside an inbox, and a receiver that books into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    insert,
    select,
)
from sqlalchemy.pool import NullPool

from calypso_pay.inbox import Inbox
from calypso_pay.receiver import Receiver, Response
from calypso_pay.webhooks import PurseFundsReceivedEvent
from tests.receiver.deposits import SECRET, delivery

if TYPE_CHECKING:
    from collections.abc import Callable

metadata = MetaData()
# Without a constraint: a second booking has to show.
ledger = Table(
    "ledger", metadata, Column("n", Integer, primary_key=True), Column("transaction_id", Text)
)


def book(event: PurseFundsReceivedEvent, connection: Connection) -> None:
    """Book a deposit."""
    assert event.data is not None
    connection.execute(insert(ledger).values(transaction_id=event.data.transaction_id))


class Shop(NamedTuple):
    """A database, its inbox and a receiver."""

    engine: Engine
    inbox: Inbox
    receiver: Receiver

    def booked(self) -> list[str | None]:
        """Return the transactions that are booked."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(ledger.c.transaction_id)).scalars())

    def deliver(
        self, number: int = 1, kind: type = PurseFundsReceivedEvent, **data: Any
    ) -> Response:
        """Deliver an event."""
        return self.receiver.handle(*delivery(kind, number, **data))


def open_shop(
    url: str, handler: Callable[..., Any] = book, *, max_attempts: int = 19, **options: Any
) -> Shop:
    """Open a shop in a database, which may have one already."""
    engine = create_engine(url, poolclass=NullPool)
    metadata.create_all(engine)
    inbox = Inbox(url, max_attempts=max_attempts)
    inbox.create_tables()
    receiver = Receiver(SECRET, store=inbox, **options)
    receiver.on(PurseFundsReceivedEvent)(handler)
    return Shop(engine, inbox, receiver)


def close(shop: Shop) -> None:
    """Close all connections."""
    shop.inbox.close()
    shop.engine.dispose()
