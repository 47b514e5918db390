"""Whether the API lists a deposit for one customer only."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from calypso_pay._errors import Outcome, UnexpectedResponseError
from calypso_pay.reconcile._compare import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calypso_api.models import Transaction

# Enough to notice a server that does not filter by customer: it lists the same rows for each.
_MAX_REMEMBERED = 20_000


class Owners:
    """The customers of the deposits that were seen lately.

    A transaction names no customer, so that a server which does not filter by customer (that it
    does is inferred) would have every deposit missing at every other customer.
    """

    def __init__(self) -> None:
        self._owners: OrderedDict[str, str | None] = OrderedDict()

    def check(self, customer_id: str, rows: Iterable[Transaction]) -> None:
        """Remember the deposits of a customer.

        Raises:
            UnexpectedResponseError: One of them was listed for another customer, too.
        """
        contested: str | None = None
        for row in rows:
            key = key_of(row.id)
            owner = self._owners.setdefault(key, customer_id.lower())
            self._owners.move_to_end(key)
            if owner != customer_id.lower():
                # Whose it is is not known any more.
                self._owners[key] = None
                contested = row.id
        while len(self._owners) > _MAX_REMEMBERED:
            self._owners.popitem(last=False)
        if contested is not None:
            raise UnexpectedResponseError(
                f"findTransactions: transaction {contested} is listed for customer {customer_id} "
                "and for another one, so the server may not filter by customer.",
                operation="findTransactions",
                outcome=Outcome.DONE,
            )
