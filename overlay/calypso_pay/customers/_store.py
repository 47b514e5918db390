"""The store that `get_or_create` needs: which customer belongs to an external id."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Protocol


class CustomerStatus(StrEnum):
    """What a store knows of an external id."""

    FOUND = "found"
    """Its customer is recorded."""
    ACQUIRED = "acquired"
    """It has no customer yet: the caller may create one, until the lease expires."""
    BUSY = "busy"
    """It has no customer yet, and another caller is creating one."""


class CustomerClaim(NamedTuple):
    """The result of `begin_customer`.

    Attributes:
        status: What the store knows of the external id.
        token: Identifies this claim among all claims of the same external id.
        customer: The recorded customer as JSON; empty unless the status is ``found``.
    """

    status: CustomerStatus
    token: str = ""
    customer: str = ""


class CustomerStore(Protocol):
    """Remembers the customer of each external id. Each method is atomic, for all its processes.

    The first customer that is recorded for an account and an external id stays its customer. Only
    that makes it right; a lease that is too short or too long costs an unused customer, or time.
    """

    def begin_customer(self, account: str, external_id: str, lease: float) -> CustomerClaim:
        """Return the recorded customer, or claim the external id to create one.

        Args:
            account: The merchant account.
            external_id: The merchant's own id of the customer: any text.
            lease: Seconds after which another caller may claim it, unless it is recorded or
                released before. The store's own clock counts them, not that of each caller.
        """
        ...

    def finish_customer(self, account: str, external_id: str, customer: str) -> str:
        """Record a customer unless one is recorded already; return the one that is recorded.

        It needs no claim: the first call wins, also after its lease has expired. So you can
        record customers with it that were created in another way.

        Args:
            account: The merchant account.
            external_id: The merchant's own id of the customer.
            customer: The customer as JSON, as ``Customer.to_json`` returns it.
        """
        ...

    def release_customer(self, account: str, external_id: str, token: str) -> None:
        """End a claim, if it is still the last one, so that another caller need not wait.

        Args:
            account: The merchant account.
            external_id: The merchant's own id of the customer.
            token: The token of the claim.
        """
        ...


class AsyncCustomerStore(Protocol):
    """A `CustomerStore` whose methods are coroutines."""

    async def begin_customer(self, account: str, external_id: str, lease: float) -> CustomerClaim:
        """Return the recorded customer, or claim the external id to create one.

        Args:
            account: The merchant account.
            external_id: The merchant's own id of the customer: any text.
            lease: Seconds after which another caller may claim it.
        """
        ...

    async def finish_customer(self, account: str, external_id: str, customer: str) -> str:
        """Record a customer unless one is recorded already; return the one that is recorded.

        Args:
            account: The merchant account.
            external_id: The merchant's own id of the customer.
            customer: The customer as JSON.
        """
        ...

    async def release_customer(self, account: str, external_id: str, token: str) -> None:
        """End a claim, if it is still the last one.

        Args:
            account: The merchant account.
            external_id: The merchant's own id of the customer.
            token: The token of the claim.
        """
        ...
