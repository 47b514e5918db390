"""The database; run this once to create its tables.

Setting: ``DATABASE_URL``, such as ``postgresql+psycopg://shop@localhost/shop``; by default a file
for SQLite.
"""

from __future__ import annotations

import os

from sqlalchemy import Column, MetaData, Table, Text, create_engine

from calypso_pay.inbox import Inbox

engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///shop.sqlite3"))
inbox = Inbox(engine)
ledger = Table(
    "ledger",
    MetaData(),
    Column("transaction_id", Text, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("currency", Text, nullable=False),
    # As text, because SQLite's numbers are not exact.
    Column("amount", Text, nullable=False),
)

if __name__ == "__main__":
    inbox.create_tables()
    ledger.create(engine, checkfirst=True)
