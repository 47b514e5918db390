"""The SQL for notes, in which a reconciliation keeps how far it is and what it found."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, String, Text, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from calypso_pay.inbox._tables import notes

_c = notes.c
_scope = bindparam("note_scope", type_=String)
_key = bindparam("note_key", type_=String)

GET = select(_c.value).where(_c.scope == _scope, _c.key == _key)
# By key in binary order, without a COLLATE that the index of the primary key could not serve: keys
# are lower-case hex digits of one length, which every collation sorts like their bytes.
LIST = (
    select(_c.key, _c.value)
    .where(_c.scope == _scope, _c.key > bindparam("note_after", type_=String))
    .order_by(_c.key)
    .limit(bindparam("limit", type_=Integer))
)


def put(dialect: str) -> Any:  # noqa: ANN401 - SQL
    """Return the statement that writes a note, whether there is one or not; it returns a row.

    Args:
        dialect: ``"postgresql"`` or ``"sqlite"``.
    """
    insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(notes)
    insert = insert.values(scope=_scope, key=_key, value=bindparam("note_value", type_=Text))
    return insert.on_conflict_do_update(
        index_elements=[_c.scope, _c.key], set_={"value": insert.excluded.value}
    ).returning(_c.key)
