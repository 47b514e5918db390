"""One row that cannot be read hides no other, and no odd field costs a row."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_pay import AsyncCalypso, Calypso, Outcome, UnexpectedResponseError
from tests.overlay.peers import IDENTITY, call
from tests.rows import rows

if TYPE_CHECKING:
    from calypso_api.models import Transaction

both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
SIZE = 3


def row(number: int, **changes: Any) -> dict[str, Any]:
    found = {
        "id": str(number),
        "amount": 1.5,
        "currency": "BTC",
        "transactionState": "CONFIRMED",
        "addressFrom": "a",
        "complianceState": "CHECKED",
        "createdDate": "2026-01-01T00:00Z",
        "translationToAccountCompleted": True,
        **changes,
    }
    return {name: value for name, value in found.items() if value is not ...}


def serving(found: list[Any], **counts: Any) -> httpx.MockTransport:
    """Answer with pages of these rows, and with their counts unless others are given."""

    def answer(request: httpx.Request) -> httpx.Response:
        payload = json.loads(request.content)["payload"]
        first = payload.get("pageNumber", 0) * SIZE
        page = {
            "page": payload.get("pageNumber", 0),
            "size": SIZE,
            "total": -(-len(found) // SIZE),
            "totalElements": len(found),
            "result": found[first : first + SIZE],
            **counts,
        }
        return httpx.Response(200, json={k: v for k, v in page.items() if v is not ...})

    return httpx.MockTransport(answer)


def walk(transport: httpx.MockTransport, *, asynchronous: bool) -> tuple[list[str], Any]:
    """Return the ids that came, and the error that came after them."""
    came: list[Transaction] = []
    failure = None

    def begin(kind: Any) -> Any:
        return kind(**IDENTITY, transport=transport, max_retries=0)

    async def main() -> None:
        async with begin(AsyncCalypso) as calypso:
            async for each in calypso.transactions.iter():
                came.append(each)  # noqa: PERF401 - an error shall not cost what came before

    try:
        if asynchronous:
            asyncio.run(main())
        else:
            with begin(Calypso) as calypso:
                for each in calypso.transactions.iter():
                    came.append(each)  # noqa: PERF402 - an error shall not cost what came before
    except UnexpectedResponseError as error:
        failure = error
    return [each.id for each in came], failure


UNREADABLE = [{"amount": "much"}, {"id": ...}, {"currency": None}, {"transactionState": 7}]


@both
@given(st.lists(st.sampled_from([None, None, *UNREADABLE]), max_size=12), st.booleans())
@pytest.mark.filterwarnings("error")
def test_a_walk_gives_all_rows_that_can_be_read_and_then_the_others(
    asynchronous: bool, changes: list[Any], counted: bool
) -> None:
    """With the server's counts and without them, each once and without a warning."""
    found = [row(number, **(change or {})) for number, change in enumerate(changes)]
    counts = {} if counted else {"total": ..., "totalElements": None, "size": "many"}

    came, failure = walk(serving(found, **counts), asynchronous=asynchronous)

    assert came == [each["id"] for each, odd in zip(found, changes, strict=True) if odd is None]
    lost = [each for each, odd in zip(found, changes, strict=True) if odd is not None]
    if not lost:
        assert failure is None
    else:
        assert json.loads(json.dumps(list(failure.rows), default=float)) == lost
        assert failure.outcome is Outcome.DONE


def test_a_server_that_counts_from_1_and_gives_no_counts_is_walked_to_its_end() -> None:
    """Its first page comes twice, and that is not taken for the end."""
    found = [row(number) for number in range(4 * SIZE)]

    def answer(request: httpx.Request) -> httpx.Response:
        page = max(json.loads(request.content)["payload"].get("pageNumber", 0), 1) - 1
        return httpx.Response(200, json={"result": found[page * SIZE :][:SIZE]})

    came, failure = walk(httpx.MockTransport(answer), asynchronous=False)

    assert came == [each["id"] for each in found]
    assert failure is None


@both
def test_a_page_is_raised_with_what_could_be_read_of_it(asynchronous: bool) -> None:
    odd, good = row(1, amount={}), row(2)
    with pytest.raises(
        UnexpectedResponseError, match=r"result\[0\]: Transaction\.amount"
    ) as caught:
        call("transactions.find", asynchronous=asynchronous, transport=serving([odd, good]))

    assert [each.id for each in caught.value.partial.result] == ["2"]
    assert caught.value.partial.total_elements == 2
    assert [each["id"] for each in caught.value.rows] == ["1"]


@rows(
    "changes",
    [
        *({"createdDate": odd} for odd in (1_767_225_600_000, [2026, 1, 1, 0, 0], ..., None, "x")),
        *({"addressFrom": odd} for odd in (None, ..., [], 7)),
        *({"complianceState": odd} for odd in (None, ..., {}, "NEW")),
        *({"translationToAccountCompleted": odd} for odd in (None, ..., "maybe", "true")),
        {"transactionHash": {"odd": 1}},
    ],
)
def test_an_odd_field_costs_no_row(changes: dict[str, Any]) -> None:
    page = call(
        "transactions.find", asynchronous=False, transport=serving([row(1, **changes), row(2)])
    )

    assert [each.id for each in page.result] == ["1", "2"]
    created = page.result[0].created_date
    assert created in (None, datetime(2026, 1, 1, tzinfo=UTC))
