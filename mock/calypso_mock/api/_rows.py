"""Lose, alter and delay the rows that searches show of deposits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calypso_mock._errors import MockError
from calypso_mock.api import _contract, _fill, _views
from calypso_mock.state import _altered, _clock
from calypso_mock.state._records import FOREVER, NO_ROW_FAULTS

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from calypso_mock.api._context import Context
    from calypso_mock.state._records import Transaction

    Json = dict[str, Any]

_OPERATION = "getTransaction"


class Rows:
    """The rows that the API shows of a mock's deposits.

    Made by ``Mock``, as ``mock.rows``.

    Its methods change what ``transactions.find`` and ``transactions.get`` show, for tests of a
    reconciliation. Deposits, balances and events stay as they are. Filters, order, pages and
    totals follow what is shown. Of ``lose`` and ``delay``, the last call counts. ``Mock.reset``
    ends it all.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def lose(self, transaction_id: str, *, find_only: bool = False) -> None:
        """Show a deposit no more.

        Args:
            transaction_id: The id of the deposit.
            find_only: Leave it out of searches, and still show it by its id.

        Raises:
            MockError: If there is no such deposit.
        """
        self._hide(transaction_id, FOREVER, find_only=find_only)

    def delay(
        self, transaction_id: str, by: timedelta | float, *, find_only: bool = False
    ) -> datetime:
        """Show a deposit only when business time has moved on.

        Args:
            transaction_id: The id of the deposit.
            by: How far business time has to move from now on, as a difference or in seconds.
            find_only: Leave it out of searches until then, and still show it by its id.

        Returns:
            The business time from which it is shown.

        Raises:
            MockError: If there is no such deposit, or the delay is not longer than nothing.
        """
        until = self._context.clock.now() + _clock.delay_of(by)
        self._hide(transaction_id, until, find_only=find_only)
        return until

    def alter(self, transaction_id: str, /, **fields: Any) -> None:  # noqa: ANN401 - any JSON
        """Show other values of a deposit's fields than its own.

        Further calls add to it. The values stay, whatever becomes of the deposit.

        Args:
            transaction_id: The id of the deposit.
            fields: New values by the JSON names of the API, such as ``amount="9.99"``. An
                amount is exact as in ``simulate_deposit``; ``createdDate`` is a datetime with a
                zone or the text of one; None leaves out an optional field.

        Raises:
            MockError: If there is no such deposit or field, or if the document does not allow
                the value.
        """
        values = _read(fields)
        with self._context.lock:
            row = self._context.state.known_transaction(transaction_id)
            before = row.row_faults
            row.row_faults = replace(before, altered={**before.altered, **values})
            error = self._error(row)
            if error is not None:
                row.row_faults = before
                raise MockError(f"the document does not allow such a row: {error}")

    def restore(self, transaction_id: str | None = None) -> None:
        """Show deposits as they are again.

        Args:
            transaction_id: The id of the deposit; where absent, all deposits.

        Raises:
            MockError: If there is no such deposit.
        """
        with self._context.lock:
            for row in self._context.state.chosen_transactions(transaction_id):
                row.row_faults = NO_ROW_FAULTS

    def _hide(self, transaction_id: str, until: datetime, *, find_only: bool) -> None:
        if not isinstance(find_only, bool):
            raise MockError("find_only has to be true or false")
        with self._context.lock:
            row = self._context.state.known_transaction(transaction_id)
            row.row_faults = replace(row.row_faults, hidden_until=until, find_only=find_only)

    def _error(self, row: Transaction) -> str | None:
        operation = self._context.contract.by_id(_OPERATION)
        if operation is None:
            return None
        shown = _views.transaction(row)
        shown = shown if operation.complete is None else operation.complete(shown)
        return _contract.response_error(operation, operation.success, shown)


def _read(fields: Json) -> Json:
    values = _altered.read_fields(fields, _fill.KNOWN["Transaction"].keys() - {"id"})
    if values.get("createdDate") is not None:
        # As rows are ordered.
        values["createdDate"] = _altered.read_moment(values["createdDate"])
    return values
