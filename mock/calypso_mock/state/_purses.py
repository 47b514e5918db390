"""Hand out deposit addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_mock.state import _addresses
from calypso_mock.state._records import Purse

if TYPE_CHECKING:
    from datetime import datetime

    from calypso_mock.state._mock_state import MockState
    from calypso_mock.state._records import Customer, Family


def issue(state: MockState, customer: Customer, family: Family, now: datetime) -> Purse:
    """Give a customer a new address that no customer has had before."""
    number = sum(purse.family == family for purse in customer.purses) + 1
    digest = state.ids.digest("address", customer.id, family.name, number)
    purse = Purse(
        state.ids.uuid("purse", customer.id, family.name, number),
        customer,
        family,
        _addresses.write_address(family, digest),
        now,
    )
    state.add_purse(purse)
    return purse
