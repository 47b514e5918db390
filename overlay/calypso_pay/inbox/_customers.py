"""The SQL for `customers.get_or_create`: which customer belongs to an external id."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import Double, String, bindparam, cast, extract, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from calypso_api.models import Customer
from calypso_pay.customers import CustomerClaim, CustomerStatus
from calypso_pay.inbox._statements import storable
from calypso_pay.inbox._tables import customers

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row

_c = customers.c
# The database's clock, in seconds since 1970: the clocks of several machines may differ.
_NOW: dict[str, ColumnElement[float]] = {
    "postgresql": cast(extract("epoch", func.clock_timestamp()), Double),
    "sqlite": (func.julianday("now", type_=Double) - 2440587.5) * 86400,
}


class Statements:
    """The statements, built once for a kind of database.

    Attributes:
        look_up: The customer, and whether the external id is claimed.
        begin: Claims an external id that has no customer and no claim; returns a row if it did.
        finish: Records a customer unless one is recorded; returns the one that is.
        release: Ends a claim.

    Args:
        dialect: ``"postgresql"`` or ``"sqlite"``.
    """

    def __init__(self, dialect: str) -> None:
        insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(customers)
        now = _NOW[dialect]
        key = bindparam("new_key", type_=String)
        token = bindparam("new_token", type_=String)
        # The prefix, since an update reserves the names of the columns.
        values: dict[str, Any] = {
            name: bindparam(f"new_{name}") for name in ("account", "external_id")
        }
        values |= {"key": key, "token": token}
        claim = insert.values(
            **values, lease_until=now + bindparam("lease", type_=Double), attempts=1
        )
        record = insert.values(
            **values, lease_until=0, attempts=0, customer=bindparam("new_customer")
        )
        self.look_up = select(_c.customer, (_c.lease_until > now).label("is_claimed")).where(
            _c.key == key
        )
        self.begin = claim.on_conflict_do_update(
            index_elements=[_c.key],
            set_={
                "token": claim.excluded.token,
                "lease_until": claim.excluded.lease_until,
                "attempts": _c.attempts + 1,
            },
            where=_c.customer.is_(None) & (_c.lease_until <= now),
        ).returning(_c.key)
        self.finish = record.on_conflict_do_update(
            index_elements=[_c.key],
            # The first that is recorded stays, whatever the claim.
            set_={"customer": func.coalesce(_c.customer, record.excluded.customer)},
        ).returning(_c.customer)
        self.release = (
            update(customers)
            .where(_c.key == key, _c.token == token, _c.customer.is_(None))
            .values(lease_until=0)
            .returning(_c.key)
        )


def new_row(account: str, external_id: str, token: str = "") -> dict[str, object]:
    """Return the parameters that name an external id.

    The key is a digest, since an external id may be long, and contain what a text column can't
    hold. Accounts differ by more than case.
    """
    identity = json.dumps([account.lower(), external_id])
    return {
        "new_key": blake2b(identity.encode(), digest_size=16).hexdigest(),
        "new_account": storable(account),
        "new_external_id": storable(external_id),
        "new_token": token or uuid4().hex,
    }


def known(rows: list[Row[Any]]) -> CustomerClaim | None:
    """Return what the row that was looked up says; None if the external id may be claimed."""
    for row in rows:
        if row.customer is not None:
            return CustomerClaim(CustomerStatus.FOUND, customer=row.customer)
        if row.is_claimed:
            return CustomerClaim(CustomerStatus.BUSY)
    return None


def claimed(rows: list[Row[Any]], row: dict[str, object]) -> CustomerClaim:
    """Return whether the claim was acquired, or another caller was faster."""
    if not rows:
        return CustomerClaim(CustomerStatus.BUSY)
    return CustomerClaim(CustomerStatus.ACQUIRED, str(row["new_token"]))


def check_customer(customer: str) -> None:
    """Check that a customer can be read again, since it is never replaced.

    Raises:
        DecodeError: It is not the JSON of a customer.
    """
    Customer.from_json(customer)
