"""Whether the API lists a deposit for one customer only."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from calypso_pay._errors import Outcome, UnexpectedResponseError
from calypso_pay.reconcile._compare import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    def is_of_another(self, identity: str, customer_id: str) -> bool:
        """Return whether a deposit is listed for another customer, and for that one alone."""
        return self._owners.get(key_of(identity)) not in {None, customer_id.lower()}

    def contested(self, customer_id: str, rows: Sequence[Transaction]) -> list[str]:
        """Remember the deposits of a customer; return those that another one has, too.

        Raises:
            UnexpectedResponseError: There are so many that the server may not filter by customer.
        """
        customer, contested = customer_id.lower(), []
        for row in rows:
            key = key_of(row.id)
            if self._owners.setdefault(key, customer) != customer:
                # Whose it is is not known any more.
                self._owners[key] = None
                contested.append(key)
            self._owners.move_to_end(key)
        while len(self._owners) > _MAX_REMEMBERED:
            self._owners.popitem(last=False)
        if len(contested) > 1 and 2 * len(contested) >= min(len(rows), _MAX_REMEMBERED):
            raise UnexpectedResponseError(
                f"findTransactions: {len(contested)} transactions, such as {contested[0]}, are "
                f"listed for customer {customer_id} and for another one, so the server may not "
                "filter by customer.",
                operation="findTransactions",
                outcome=Outcome.DONE,
            )
        return contested
