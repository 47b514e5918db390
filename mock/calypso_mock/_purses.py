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
LIFETIME_AFTER_DEPOSIT = timedelta(days=365)


def expiry(purse: Purse) -> datetime:
    """Return when an address expires if nothing more arrives.

    30 days after it was handed out, or 365 days after its last confirmed deposit (documented, the
    latter in the newest guides only). That a deposit on its way keeps an address as alive as a
    confirmed one, from its arrival on, is inferred.
    """
    if purse.replenished is None:
        return purse.created + LIFETIME
    return purse.replenished + LIFETIME_AFTER_DEPOSIT


def is_expired(purse: Purse, now: datetime) -> bool:
    """Tell whether an address has expired; that the last moment counts as expired is inferred."""
    return now >= expiry(purse)


def replenish(purse: Purse, now: datetime) -> None:
    """Let an address live on; one that has expired stays so (inferred)."""
    if not is_expired(purse, now):
        purse.replenished = now


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
