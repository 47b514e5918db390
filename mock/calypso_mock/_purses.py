"""Hand out deposit addresses and say what has become of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from calypso_mock import _addresses
from calypso_mock._state import Purse

if TYPE_CHECKING:
    from calypso_mock._addresses import Family
    from calypso_mock._state import Customer, State

LIFETIME = timedelta(days=30)


def is_expired(purse: Purse, now: datetime) -> bool:
    """Tell whether an address has expired: 30 days without any deposit (documented).

    That the last moment of the thirtieth day counts as expired is inferred.
    """
    return not purse.has_deposit and now - purse.created >= LIFETIME


def status(purse: Purse, now: datetime) -> str:
    """Return the status of a purse: documented in a guide, its spelling that of the newest one."""
    if purse.declined:
        return "DECLINED"
    return "ARCHIVED" if is_expired(purse, now) else "PENDING_PAYMENT"


def is_live(purse: Purse, now: datetime) -> bool:
    """Tell whether an address still takes deposits."""
    return status(purse, now) == "PENDING_PAYMENT"


def live_purse(customer: Customer, family: Family, now: datetime) -> Purse | None:
    """Return the address at which a customer receives a family's currencies, if there is one."""
    for purse in customer.purses:
        if purse.family == family and is_live(purse, now):
            return purse
    return None


def issue(state: State, customer: Customer, family: Family, now: datetime) -> Purse:
    """Give a customer a new address that nobody has had before."""
    number = sum(purse.family == family for purse in customer.purses) + 1
    digest = state.derive.digest("address", customer.id, family.name, number)
    purse = Purse(
        state.derive.uuid("purse", customer.id, family.name, number),
        customer,
        family,
        _addresses.write_address(family, digest),
        now,
    )
    state.add_purse(purse)
    return purse
