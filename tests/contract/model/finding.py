"""Search deposits, and judge what is found: the rows, their order, the pages."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tests.contract import document
from tests.contract.model import search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.contract.model.shape import Check
    from tests.contract.model.stage import Stage
    from tests.contract.model.state import Account
    from tests.contract.model.things import Deposit

    Json = dict[str, Any]

_LONG_WALK = 12
# A stranger's page size and order are documented nowhere where a search names none.
_SAID_TO_STRANGERS = MappingProxyType({"pageSize": 20, "sort": "ASC", "properties": "createdDate"})


class Finder:
    """Searches among the deposits of an account.

    Args:
        stage: Where it is.
        account: Which.
    """

    def __init__(self, stage: Stage, account: Account) -> None:
        self._stage = stage
        self._account = account
        self._world = stage.world

    def find(self, payload: Json) -> list[str]:
        """Ask for one page of deposits, and return the ids of its rows."""
        can_judge = self._account.knows_all or "customerId" in payload
        if not (can_judge and document.has("findTransactions")):
            return []
        asked = payload if self._world.strict else {**_SAID_TO_STRANGERS, **payload}
        rows = search.in_order(search.matching(self._account.deposits, asked), asked)
        size = search.page_size(asked)
        number = asked.get("pageNumber", self._world.page_base)
        start = (number - self._world.page_base) * size
        here = rows[start : start + size]
        want = {
            "result": _rows(len(here)),
            "page": number,
            "size": size,
            "total": search.pages(len(rows), size),
            "totalElements": len(rows),
        }
        result = self._stage.ask(self._account.target, "findTransactions", asked, want)["result"]
        self._judge_rows(result, here, rows, asked)
        return [row["id"] for row in result]

    def walk(self, payload: Json) -> None:
        """Go through all pages of a search, and one beyond; no row may be left out or come twice.

        Of very many pages the first, some in the middle and the last are read.
        """
        rows = len(search.matching(self._account.deposits, payload))
        count = search.pages(rows, search.page_size(payload))
        chosen = _some(range(count + 1))
        base = self._world.page_base
        ids = [each for n in chosen for each in self.find({**payload, "pageNumber": base + n})]
        twice = len(ids) - len(set(ids))
        if twice:
            last = self._stage.session.exchanges[-1]
            raise self._stage.violation("result", f"{twice} rows stand on two pages", last)

    def _judge_rows(
        self, result: list[Json], here: list[Deposit], rows: list[Deposit], payload: Json
    ) -> None:
        last = self._stage.session.exchanges[-1]
        known = {deposit.id: deposit for deposit in rows}
        for number, row in enumerate(result):
            if known.pop(row["id"], None) is None:
                said = f"{row['id']} does not pass the filters, or stands here twice"
                raise self._stage.violation(f"result[{number}].id", said, last)
        known = {deposit.id: deposit for deposit in rows}
        came = [known[row["id"]] for row in result]
        shown = {"result": [deposit.shown(self._world) for deposit in came]}
        self._stage.compare(shown, {"result": result}, last)
        key = search.order_key(payload)
        for number, (deposit, wanted) in enumerate(zip(came, here, strict=True)):
            if key(deposit) != key(wanted):
                order = f"{payload.get('properties')} {payload.get('sort')}"
                said = f"expected {wanted.id} or its equal in order of {order}, got {deposit.id}"
                raise self._stage.violation(f"result[{number}].id", said, last)


def _rows(count: int) -> Check:
    def check(got: list[Json]) -> str | None:
        return None if len(got) == count else f"expected {count} rows, got {len(got)}"

    return check


def _some(numbers: Sequence[int]) -> Sequence[int]:
    if len(numbers) <= _LONG_WALK:
        return numbers
    middle = len(numbers) // 2
    return [*numbers[:4], *numbers[middle : middle + 3], *numbers[-3:]]
