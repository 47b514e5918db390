"""Remember events in a database, so that each is handled exactly once on any number of machines.

    inbox = Inbox("postgresql+psycopg://shop@localhost/shop")
    receiver = Receiver(secret, store=inbox)

    @receiver.on(PurseFundsReceivedEvent)
    def credit(event: PurseFundsReceivedEvent, connection: Connection) -> None:
        connection.execute(insert(credits).values(...))

What a handler writes through `connection` is committed together with the mark that the event is
done, or not at all.

Needs the extra ``inbox``: ``pip install 'calypso-pay[inbox]'``, and a driver of PostgreSQL, such as
psycopg, unless the database is SQLite.
"""

from __future__ import annotations

try:
    import sqlalchemy as _sqlalchemy  # noqa: F401 - only whether it is there
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        "calypso_pay.inbox needs SQLAlchemy: pip install 'calypso-pay[inbox]'", name=_error.name
    ) from None

from calypso_pay.inbox._async import AsyncInbox
from calypso_pay.inbox._sync import Inbox
from calypso_pay.inbox._tables import ddl, metadata
from calypso_pay.receiver import StoredEvent

__all__ = ["AsyncInbox", "Inbox", "StoredEvent", "ddl", "metadata"]


def __dir__() -> list[str]:
    return __all__
