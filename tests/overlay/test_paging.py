"""Walking through all pages: each transaction once, none left out, and no silence about doubts."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from itertools import product
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_api.models import StringFilter, TransactionStateFilter
from calypso_mock import Mock, Server
from calypso_pay import (
    UNSET,
    APIError,
    Calypso,
    ConfigurationError,
    InvalidRequestError,
    PagingWarning,
    ServerError,
    TransportError,
)
from tests.overlay.pages import WAYS, Pages, Walker, mocked, refusal, walk
from tests.properties import examples

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

BASES = st.sampled_from([0, 1])
SIZES = st.integers(1, 5)
# How many rows arrive before each request.
ARRIVALS = st.lists(st.integers(0, 3), max_size=8)
MOCKS = {base: Mock(page_base=base) for base in (0, 1)}

both = pytest.mark.parametrize("way", WAYS)


class Shop:
    """A mock in which deposits arrive."""

    def __init__(self, base: int, present: int) -> None:
        self.base = base
        self.mock = MOCKS[base]
        self.mock.reset()
        self.deposits: list[str] = []
        with Calypso(transport=self.mock.transport(), **self.mock.settings()) as calypso:
            customer = calypso.customers.create()
            made = calypso.addresses.get(customer_id=customer.id, currency="BTC")
        self.address = made.address
        self.receive(present)

    def __repr__(self) -> str:
        return f"<Shop base={self.base} deposits={len(self.deposits)}>"

    def receive(self, count: int) -> None:
        for _ in range(count):
            deposit = self.mock.simulate_deposit(address=self.address, currency="BTC", amount=1)
            self.deposits.append(deposit.transaction_id)

    def walker(self, way: str, arrivals: Sequence[int] = ()) -> Walker:
        """Return a walker before each of whose requests some deposits arrive."""
        counts = iter(arrivals)
        server = mocked(self.mock, lambda: self.receive(next(counts, 0)))
        return Walker(way, server, **self.mock.settings())


SHOPS = st.builds(Shop, BASES, st.integers(0, 12))


@given(way=st.sampled_from(WAYS), shop=SHOPS, size=SIZES, arrivals=ARRIVALS)
def test_all_deposits_come_once_and_in_order_while_others_arrive(
    way: str, shop: Shop, size: int, arrivals: list[int]
) -> None:
    """Those that arrive before the last page is read are among them; no warning is given."""
    with shop.walker(way, arrivals) as walker:
        assert walker.rest(walker.begin(page_size=size)) == shop.deposits


@given(
    way=st.sampled_from(WAYS), shop=SHOPS, size=SIZES, arrivals=ARRIVALS, stop=st.integers(0, 15)
)
def test_a_walk_goes_on_after_the_last_row_from_its_cursor(
    way: str, shop: Shop, size: int, arrivals: list[int], stop: int
) -> None:
    with shop.walker(way, arrivals) as walker:
        steps = walker.begin(page_size=size)
        first = [found for _ in range(stop) if (found := walker.step(steps))]

    shop.receive(3)
    with shop.walker(way, arrivals) as walker:
        rest = walker.rest(walker.begin(page_size=size, cursor=steps.cursor))

    assert first + rest == shop.deposits


@given(shop=SHOPS, evenings=st.lists(st.integers(0, 4), max_size=4))
@examples(25)
def test_the_cursor_of_a_finished_walk_brings_only_what_is_new(
    shop: Shop, evenings: list[int]
) -> None:
    cursor, known = None, 0
    for count in [0, *evenings]:
        shop.receive(count)
        with shop.walker("sync") as walker:
            steps = walker.begin(page_size=2, cursor=cursor)
            assert walker.rest(steps) == shop.deposits[known:]
        cursor, known = steps.cursor, len(shop.deposits)


@both
@pytest.mark.parametrize("base", [0, 1])
def test_the_very_first_deposits_are_not_taken_for_a_second_page(way: str, base: int) -> None:
    """They arrive when page 0 was found empty, and page 1 is asked for to be sure."""
    shop = Shop(base, 0)

    with shop.walker(way, [0, 3]) as walker:
        assert walker.rest(walker.begin(page_size=1)) == shop.deposits


@both
def test_over_http_too(way: str) -> None:
    shop = Shop(1, 5)
    with Server(shop.mock) as server, httpx.Client() as wire:

        def forward(request: httpx.Request) -> httpx.Response:
            headers = {name: request.headers[name] for name in ("key", "sign", "content-type")}
            sent = wire.post(str(request.url), content=request.content, headers=headers)
            return httpx.Response(sent.status_code, content=sent.content)

        with Walker(way, forward, **shop.mock.settings(base_url=server.url)) as walker:
            assert walker.rest(walker.begin(page_size=2)) == shop.deposits
        with Calypso(**shop.mock.settings(base_url=server.url)) as calypso:
            assert [found.id for found in calypso.transactions.iter()] == shop.deposits


class Restless(Pages):
    """Adds rows anywhere, and may hand its rows out in another order each time; counts honestly."""

    def __init__(self, luck: random.Random) -> None:
        super().__init__(*map(str, range(luck.randint(0, 9))), base=luck.randint(0, 1))
        self.luck = luck
        self.shuffles = luck.random() < 0.3
        self.clamps = luck.random() < 0.5

    def answer(self, number: int, size: int) -> httpx.Response:
        if self.luck.random() < 0.4 and len(self.asked) < 12:
            self.names.insert(self.luck.randint(0, len(self.names)), f"new-{len(self.names)}")
        if self.shuffles:
            self.luck.shuffle(self.names)
        return super().answer(number, size)

    def before_the_first(self, size: int) -> httpx.Response:
        return self.page(1, size, self.rows(0, size)) if self.clamps else refusal("001")


@given(
    way=st.sampled_from(WAYS),
    server=st.builds(Restless, st.randoms(use_true_random=True)),
    size=st.integers(1, 4),
)
@examples(150)
def test_silence_means_that_all_rows_came(way: str, server: Restless, size: int) -> None:
    """Wherever rows are added, whatever the order: each comes once, and all, or it is said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = walk(way, server, page_size=size)

    assert len(found) == len(set(found))
    assert set(found) <= set(server.names)
    assert caught or sorted(found) == sorted(server.names)
    assert [warning.category for warning in caught] in ([], [PagingWarning])


@given(
    way=st.sampled_from(WAYS),
    base=BASES,
    size=st.integers(1, 4),
    place=st.integers(0, 9),
    when=st.integers(1, 5),
)
def test_one_row_that_comes_in_anywhere_is_found(
    way: str, base: int, size: int, place: int, when: int
) -> None:
    """Such as a deposit that is confirmed later than younger ones, in a search for that state."""

    class Late(Pages):
        def answer(self, number: int, size: int) -> httpx.Response:
            if len(self.asked) == when:
                self.names.insert(place, "late")
            return super().answer(number, size)

    server = Late(*map(str, range(9)), base=base)
    found = walk(way, server, page_size=size)

    assert sorted(found) == sorted(server.names)


class TreatsZeroAsOne(Pages):
    def before_the_first(self, size: int) -> httpx.Response:
        return self.page(1, size, self.rows(0, size))


class EmptyBeforeTheFirst(Pages):
    def before_the_first(self, size: int) -> httpx.Response:
        return self.page(0, size, ())


class DeniesAllBeforeTheFirst(Pages):
    def before_the_first(self, size: int) -> httpx.Response:
        counts = {"page": 0, "size": size, "total": 0, "totalElements": 0}
        return httpx.Response(200, json={"result": [], **counts})


class RefusesPastTheEnd(Pages):
    def rows(self, place: int, size: int) -> Sequence[str]:
        return super().rows(place, size) if place < self.total(size) else ()

    def page(self, number: int, size: int, names: Sequence[str]) -> httpx.Response:
        return super().page(number, size, names) if names else refusal("004")


class SmallerLimit(Pages):
    def answer(self, number: int, size: int) -> httpx.Response:
        return super().answer(number, min(size, 2))


class SaysOtherPageNumbers(Pages):
    def page(self, number: int, size: int, names: Sequence[str]) -> httpx.Response:
        return super().page(number + 1, size, names)


class CountsThePageOnly(Pages):
    """Its counts end with the page at hand."""

    def page(self, number: int, size: int, names: Sequence[str]) -> httpx.Response:
        self.so_far = len(names) if number == self.base else self.so_far + len(names)
        return super().page(number, size, names)

    def total(self, size: int) -> int:
        return 1

    def total_elements(self) -> int:
        return self.so_far


class SmallerLimitThatCountsThePageOnly(SmallerLimit, CountsThePageOnly):
    pass


class FiltersAfterPaging(Pages):
    """Leaves rows out of its pages, so that they are short or empty."""

    def page(self, number: int, size: int, names: Sequence[str]) -> httpx.Response:
        return super().page(number, size, [name for name in names if name > "3"])

    def total_elements(self) -> int:
        return len([name for name in self.names if name > "3"])


ODD = [
    TreatsZeroAsOne,
    EmptyBeforeTheFirst,
    DeniesAllBeforeTheFirst,
    RefusesPastTheEnd,
    SmallerLimit,
    SaysOtherPageNumbers,
    CountsThePageOnly,
    SmallerLimitThatCountsThePageOnly,
]


@both
def test_odd_servers_give_all_their_rows_without_a_warning(way: str) -> None:
    wrong = {}
    for kind, count, base, size in product(ODD, (1, 3, 4, 6, 7), (0, 1), (2, 3)):
        server = kind(*map(str, range(count)), base=base)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = walk(way, server, page_size=size)
        if caught or found != server.names:
            told = [str(warning.message) for warning in caught]
            wrong[f"{kind.__name__}, {count} rows from page {base}, {size} a page"] = found, told

    assert wrong == {}


@both
def test_empty_pages_in_between_are_no_end_while_more_are_counted(way: str) -> None:
    server = FiltersAfterPaging(*"123045678")

    assert walk(way, server, page_size=2) == list("45678")


@both
def test_short_pages_are_no_end_while_one_of_the_counts_says_more(way: str) -> None:
    class CountsRowsSoFar(FiltersAfterPaging):
        def total_elements(self) -> int:
            return len(self.asked)

    assert walk(way, CountsRowsSoFar(*"415263"), page_size=2) == list("456")


@both
@pytest.mark.parametrize("code", ["001", "004"])
def test_a_page_that_is_refused_before_the_last_is_no_end(way: str, code: str) -> None:
    class RefusesTheSecond(Pages):
        def answer(self, number: int, size: int) -> httpx.Response:
            return refusal(code) if number == 1 else super().answer(number, size)

    with Walker(way, RefusesTheSecond(*"12345")) as walker:
        steps = walker.begin(page_size=2)
        assert [walker.step(steps), walker.step(steps)] == ["1", "2"]
        with pytest.raises(APIError):
            walker.step(steps)


class IgnoresTheNumber(Pages):
    def rows(self, place: int, size: int) -> Sequence[str]:
        return self.names[:size]


class IgnoresTheNumberAndCountsMuch(IgnoresTheNumber):
    def total_elements(self) -> int:
        return 10**9

    def total(self, size: int) -> int:
        return 2**31 - 1


class LosesARow(Pages):
    def rows(self, place: int, size: int) -> Sequence[str]:
        return [name for name in super().rows(place, size) if name != "3"]


class CountsTooFew(Pages):
    def total_elements(self) -> int:
        return 1


class Shrinks(Pages):
    """A row leaves the search whenever a page after the first is read."""

    def answer(self, number: int, size: int) -> httpx.Response:
        if number > self.base:
            del self.names[0]
        return super().answer(number, size)


class CyclesForEver(Pages):
    """Goes round its pages without an end, and says that there are more."""

    def rows(self, place: int, size: int) -> Sequence[str]:
        return super().rows(place % 3, size)

    def total(self, size: int) -> int:
        return 2**31 - 1


@both
@pytest.mark.parametrize(
    ("server", "found", "counts", "requests"),
    [
        (lambda: IgnoresTheNumber(*"123456"), "12", (2, 6), 8),
        (lambda: IgnoresTheNumberAndCountsMuch(*"12"), "12", (2, 10**9), 8),
        (lambda: LosesARow(*"12345"), "1245", (4, 5), 8),
        (lambda: CountsTooFew(*"12345"), "12345", (5, 1), 4),
        (lambda: Shrinks(*"1234567"), "1245736", (7, 2), 8),
    ],
    ids=["ignores-number", "counts-much", "loses", "counts-too-few", "shrinks"],
)
def test_servers_that_do_not_keep_their_rows_are_told_of_with_both_counts(
    way: str,
    server: Callable[[], Pages],
    found: str,
    counts: tuple[int, int],
    requests: int,
) -> None:
    """And the walk ends soon."""
    pages = server()

    with pytest.warns(PagingWarning) as caught:
        assert walk(way, pages, page_size=2) == list(found)

    warning: Any = caught[0].message
    assert (warning.found, warning.total) == counts
    assert f"{counts[0]} transactions were found, and the server counts {counts[1]}" in str(warning)
    assert caught[0].filename == sys.modules[Walker.__module__].__file__, (
        "where a row was asked for"
    )
    assert len(pages.asked) <= requests


@both
def test_a_server_that_goes_round_for_ever_is_left(way: str) -> None:
    server = CyclesForEver(*"123456")

    assert walk(way, server, page_size=2) == list("123456")
    assert len(server.asked) <= 6


class NeverEnds(Pages):
    def rows(self, place: int, size: int) -> Sequence[str]:
        return [str(place * size + number) for number in range(size)]


@both
def test_no_more_pages_are_read_than_allowed(way: str) -> None:
    server = NeverEnds()

    with pytest.warns(PagingWarning, match=r"max_pages=3 pages were read.*cursor") as caught:
        found = walk(way, server, page_size=2, max_pages=3)

    assert found == list("012345")
    assert server.asked == [0, 1, 2]
    assert len(caught) == 1


@both
def test_pages_that_just_suffice_are_no_reason_to_warn(way: str) -> None:
    server = Pages(*"123456")

    assert walk(way, server, page_size=2, max_pages=3) == list("123456")


@both
def test_a_limit_ends_a_walk_in_silence_and_its_cursor_goes_on(way: str) -> None:
    server = Pages(*"123456")
    with Walker(way, server) as walker:
        steps = walker.begin(page_size=2, limit=3)
        assert walker.rest(steps) == list("123")
        assert walker.step(steps) is None
        assert server.asked == [0, 1]
        assert walker.rest(walker.begin(page_size=2, cursor=steps.cursor)) == list("456")


@both
def test_pages_are_read_when_they_are_needed_and_not_before(way: str) -> None:
    server = Pages(*"12345")
    with Walker(way, server) as walker:
        steps = walker.begin(page_size=2)
        assert server.asked == []
        for asked in ([0], [0], [0, 1], [0, 1], [0, 1, 2]):
            walker.step(steps)
            assert server.asked == asked
        assert walker.step(steps) is walker.step(steps) is None
        assert server.asked == [0, 1, 2]


@both
def test_filters_and_order_are_those_given_on_every_page(way: str) -> None:
    server = Pages(*"123")
    currency = StringFilter(in_=["BTC", "ETH"])
    state = TransactionStateFilter(equals="CONFIRMED")
    walk(
        way,
        server,
        customer_id="one",
        currency_filter=currency,
        transaction_state_filter=state,
        page_size=2,
        sort="DESC",
        properties="amount,id",
    )

    assert server.searches == [
        {
            "customerId": "one",
            "currencyFilter": {"in": ["BTC", "ETH"]},
            "transactionStateFilter": {"equals": "CONFIRMED"},
            "pageNumber": number,
            "pageSize": 2,
            "sort": "DESC",
            "properties": "amount,id",
        }
        for number in (0, 1)
    ]


@both
def test_the_order_is_by_creation_unless_left_to_the_server(way: str) -> None:
    server = Pages("1")
    walk(way, server)
    walk(way, server, sort=UNSET, properties=UNSET)

    assert server.searches == [
        {"pageNumber": 0, "pageSize": 100, "sort": "ASC", "properties": "createdDate"},
        {"pageNumber": 0, "pageSize": 100},
    ]


class Falls(Pages):
    """Fails now and then."""

    def __init__(self, *names: str, base: int, failures: set[int]) -> None:
        super().__init__(*names, base=base)
        self.failures = failures

    def answer(self, number: int, size: int) -> httpx.Response:
        if len(self.asked) in self.failures:
            raise httpx.ReadTimeout("too slow")
        return super().answer(number, size)


@given(way=st.sampled_from(WAYS), base=BASES, failures=st.sets(st.integers(1, 8), max_size=5))
def test_a_page_that_fails_costs_nothing_but_another_try(
    way: str, base: int, failures: set[int]
) -> None:
    """The iterator stays where it was, and so does its cursor."""
    server = Falls(*map(str, range(7)), base=base, failures=failures)
    found: list[str | None] = []
    with Walker(way, server) as walker:
        steps = walker.begin(page_size=2)
        while not found or found[-1]:
            before = steps.cursor
            try:
                found.append(walker.step(steps))
            except TransportError:
                assert steps.cursor == before
                if len(found) % 2:
                    steps = walker.begin(page_size=2, cursor=before)

    assert found == [*server.names, None]


class Breaks(Pages):
    def before_the_first(self, size: int) -> httpx.Response:
        return refusal("000", 500)


@both
def test_a_server_error_is_never_taken_for_an_unknown_page(way: str) -> None:
    """Page 1 may be the second one, so only who calls may say that it is the first."""
    server = Breaks(*"123", base=1)

    with pytest.raises(ServerError) as caught:
        walk(way, server, page_size=2)

    assert server.asked == [0]
    assert "first_page=1" in caught.value.__notes__[0]
    assert walk(way, server, page_size=2, first_page=1) == list("123")


@both
def test_a_search_that_is_refused_for_another_reason_raises_that(way: str) -> None:
    class Refuses(Pages):
        def answer(self, number: int, size: int) -> httpx.Response:
            return refusal("001", message="payload.properties=[unknown]")

    with pytest.raises(InvalidRequestError) as caught:
        walk(way, Refuses("1"))

    assert caught.value.field == "payload.properties"


@both
@pytest.mark.parametrize("first_page", [0, 1])
def test_a_first_page_that_is_given_is_believed(way: str, first_page: int) -> None:
    server = Pages(base=first_page)

    assert walk(way, server, first_page=first_page) == []
    assert server.asked == [first_page]


WRONG_NUMBERS: list[dict[str, Any]] = [
    {"page_size": 0},
    {"page_size": 2**31},
    {"page_size": True},
    {"page_size": "20"},
    {"limit": 0},
    {"max_pages": 0},
    {"first_page": -1},
    {"first_page": 1.0},
]


def refusals(way: str, searches: list[dict[str, Any]]) -> dict[str, str]:
    """Return what each search is refused with; no page may be asked for."""
    told = {}
    server = Pages()
    with Walker(way, server) as walker:
        for search in searches:
            try:
                walker.begin(**search)
            except ConfigurationError as error:
                told[str(search)] = str(error)
    assert server.asked == []
    return told


@both
def test_numbers_out_of_range_are_refused_before_anything_is_sent(way: str) -> None:
    told = refusals(way, WRONG_NUMBERS)

    for wrong in WRONG_NUMBERS:
        expected = f"{next(iter(wrong))} has to be a whole number"
        assert expected in told.get(str(wrong), "no error"), wrong


def cursor_after(server: Pages, rows: int, **arguments: Any) -> str:
    with Walker("sync", server) as walker:
        steps = walker.begin(page_size=2, limit=rows, **arguments)
        walker.rest(steps)
        cursor: str = steps.cursor
    return cursor


CURSOR = cursor_after(Pages(*"12345"), 3)
CHANGED = st.builds(
    lambda place, sign: CURSOR[:place] + sign + CURSOR[place + 1 :],
    st.integers(0, len(CURSOR) - 1),
    st.sampled_from("Ab0_=.\n é"),
).filter(lambda text: text != CURSOR)
CUT = st.integers(0, len(CURSOR) - 1).map(lambda end: CURSOR[:end])


@given(cursor=st.one_of(st.text(), st.text().map("c1.".__add__), CHANGED, CUT))
@examples(100)
def test_a_malformed_cursor_is_refused(cursor: str) -> None:
    with Walker("sync", Pages()) as walker, pytest.raises(ConfigurationError, match="cursor"):
        walker.begin(page_size=2, cursor=cursor)


def test_a_cursor_of_another_search_is_refused() -> None:
    others: list[dict[str, Any]] = [
        {"customer_id": "one"},
        {"page_size": 3},
        {"sort": "DESC"},
        {"properties": "id"},
        {"currency_filter": StringFilter(equals="BTC")},
    ]
    searches = [{"page_size": 2, "cursor": CURSOR, **other} for other in others]
    told = refusals("sync", searches)

    assert [
        search
        for search in searches
        if "belongs to a search with other filters" not in told.get(str(search), "")
    ] == []


def test_a_cursor_is_short_printable_text() -> None:
    assert CURSOR.isascii()
    assert CURSOR.isprintable()
    assert len(CURSOR) < 200


@both
@pytest.mark.parametrize("base", [0, 1])
def test_a_cursor_whose_row_was_pushed_on_goes_on_there_and_tells_of_what_came_before_it(
    way: str, base: int
) -> None:
    cursor = cursor_after(Pages(*"12345", base=base), 3)
    server = Pages(*"ab12345", base=base)

    with pytest.warns(PagingWarning, match="before the cursor") as caught:
        assert walk(way, server, page_size=2, cursor=cursor) == list("45")

    warning: Any = caught[0].message
    assert (warning.found, warning.total) == (5, 7)


@both
@pytest.mark.parametrize("base", [0, 1])
def test_a_cursor_whose_row_came_forward_loses_none(way: str, base: int) -> None:
    cursor = cursor_after(Pages(*"1234567", base=base), 5)
    server = Pages(*"34567", base=base)

    with pytest.warns(PagingWarning):
        assert walk(way, server, page_size=2, cursor=cursor) == list("67")


@both
@pytest.mark.parametrize("base", [0, 1])
def test_a_cursor_whose_row_is_gone_gives_all_again_after_a_warning(way: str, base: int) -> None:
    """A row that comes again can be noticed by its id; one that is lost cannot."""
    cursor = cursor_after(Pages(*"12345", base=base), 3)
    server = Pages(*"12456", base=base)
    with Walker(way, server) as walker:
        steps = walker.begin(page_size=2, cursor=cursor)
        with pytest.warns(PagingWarning, match="not among the rows any more"):
            first = walker.step(steps)

        assert [first, *walker.rest(steps)] == list("12456")


@both
def test_a_cursor_is_good_after_a_row_that_a_later_round_brought(way: str) -> None:
    class Late(Pages):
        def answer(self, number: int, size: int) -> httpx.Response:
            if len(self.asked) == 2:
                self.names.insert(0, "late")
            return super().answer(number, size)

    server = Late(*"1234")
    with Walker(way, server) as walker:
        steps = walker.begin(page_size=2)
        assert walker.rest(steps) == [*"1234", "late"]
        server.names.append("5")
        assert walker.rest(walker.begin(page_size=2, cursor=steps.cursor)) == ["5"]


@both
def test_a_warning_that_is_made_an_error_comes_after_the_rows_and_ends_the_walk(way: str) -> None:
    with Walker(way, LosesARow(*"123")) as walker:
        steps = walker.begin(page_size=2)
        found = [walker.step(steps), walker.step(steps)]
        with pytest.raises(PagingWarning):
            walker.step(steps)

        assert [*found, walker.step(steps)] == ["1", "2", None]


def test_a_warning_survives_pickling() -> None:
    copy = pickle.loads(pickle.dumps(PagingWarning("lost", found=1, total=2)))

    assert (str(copy), copy.found, copy.total) == ("lost", 1, 2)


def test_the_helpers_are_imported_when_they_are_first_used() -> None:
    source = (
        "import sys, calypso_pay\n"
        "calypso = calypso_pay.Calypso(key='k', secret='s', account='0xabc')\n"
        "calypso.customers\n"
        "assert 'calypso_pay.transactions' not in sys.modules\n"
        "assert calypso.transactions is calypso.transactions\n"
        "assert 'calypso_pay.transactions' in sys.modules\n"
        "calypso.with_options(timeout=1).transactions.iter()\n"
    )
    subprocess.run([sys.executable, "-c", source], check=True)
