"""Search deposits, and check the result: the rows, their order, the pages."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tests.contract import document
from tests.contract.model import search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.contract.model.account import Account
    from tests.contract.model.checker import ModelChecker
    from tests.contract.model.expectations import Check
    from tests.contract.model.objects import Deposit

    Json = dict[str, Any]

_LONG_WALK = 12
# The default page size and order of other servers are not documented.
_EXPLICIT_DEFAULTS = MappingProxyType({"pageSize": 20, "sort": "ASC", "properties": "createdDate"})


class SearchChecker:
    """Searches the deposits of an account, and checks the results.

    Args:
        checker: Calls the API and compares the responses.
        account: The account.
    """

    def __init__(self, checker: ModelChecker, account: Account) -> None:
        self._checker = checker
        self._account = account
        self._state = checker.state

    def find(self, payload: Json) -> list[str]:
        """Read one page of deposits, and return the ids of its rows."""
        can_check = self._account.knows_all or "customerId" in payload
        if not (can_check and document.has("findTransactions")):
            return []
        asked = payload if self._state.strict else {**_EXPLICIT_DEFAULTS, **payload}
        rows = search.in_order(search.matching(self._account.deposits, asked), asked)
        size = search.page_size(asked)
        number = asked.get("pageNumber", self._state.page_base)
        start = (number - self._state.page_base) * size
        here = rows[start : start + size]
        want = {
            "result": _rows(len(here)),
            "page": number,
            "size": size,
            "total": search.pages(len(rows), size),
            "totalElements": len(rows),
        }
        result = self._checker.call(self._account.target, "findTransactions", asked, want)["result"]
        self._check_rows(result, here, rows, asked)
        return [row["id"] for row in result]

    def walk(self, payload: Json) -> None:
        """Read all pages of a search, and one beyond; no row may be missing or duplicate.

        If there are many pages, only the first, some in the middle and the last are read.
        """
        rows = len(search.matching(self._account.deposits, payload))
        count = search.pages(rows, search.page_size(payload))
        chosen = _some(range(count + 1))
        base = self._state.page_base
        ids = [each for n in chosen for each in self.find({**payload, "pageNumber": base + n})]
        twice = len(ids) - len(set(ids))
        if twice:
            last = self._checker.session.exchanges[-1]
            raise self._checker.violation("result", f"{twice} rows are on two pages", last)

    def _check_rows(
        self, result: list[Json], here: list[Deposit], rows: list[Deposit], payload: Json
    ) -> None:
        last = self._checker.session.exchanges[-1]
        known = {deposit.id: deposit for deposit in rows}
        for number, row in enumerate(result):
            if known.pop(row["id"], None) is None:
                text = f"{row['id']} does not pass the filters, or is a duplicate"
                raise self._checker.violation(f"result[{number}].id", text, last)
        known = {deposit.id: deposit for deposit in rows}
        came = [known[row["id"]] for row in result]
        shown = {"result": [deposit.shown(self._state) for deposit in came]}
        self._checker.compare(shown, {"result": result}, last)
        key = search.order_key(payload)
        for number, (deposit, wanted) in enumerate(zip(came, here, strict=True)):
            if key(deposit) != key(wanted):
                order = f"{payload.get('properties')} {payload.get('sort')}"
                text = f"expected {wanted.id} or its equal in order of {order}, got {deposit.id}"
                raise self._checker.violation(f"result[{number}].id", text, last)


def _rows(count: int) -> Check:
    def check(got: list[Json]) -> str | None:
        return None if len(got) == count else f"expected {count} rows, got {len(got)}"

    return check


def _some(numbers: Sequence[int]) -> Sequence[int]:
    if len(numbers) <= _LONG_WALK:
        return numbers
    middle = len(numbers) // 2
    return [*numbers[:4], *numbers[middle : middle + 3], *numbers[-3:]]
