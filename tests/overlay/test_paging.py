"""Iterating over all pages: each transaction once, none missed, and a warning if some may be."""

from __future__ import annotations

import functools
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
from calypso_pay.transactions import PagingCause
from tests.overlay.pages import MODES, Pages, Walker, mocked, rejection, walk
from tests.properties import examples

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from calypso_mock import Deposit, Step

BASES = st.sampled_from([0, 1])
SIZES = st.integers(1, 5)
# How many rows arrive before each request.
ARRIVALS = st.lists(st.integers(0, 3), max_size=8)
MOCKS = {base: Mock(page_base=base) for base in (0, 1)}

both_clients = pytest.mark.parametrize("mode", MODES)


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

    def receive(self, count: int, to: Step = "credited") -> list[Deposit]:
        received = [
            self.mock.simulate_deposit(address=self.address, currency="BTC", amount=1, to=to)
            for _ in range(count)
        ]
        self.deposits += [deposit.transaction_id for deposit in received]
        return received

    def walker(self, mode: str, arrivals: Sequence[int] = ()) -> Walker:
        """Return a walker; before each of its requests some deposits arrive."""
        counts = iter(arrivals)
        server = mocked(self.mock, lambda: self.receive(next(counts, 0)))
        return Walker(mode, server, **self.mock.settings())


SHOPS = st.builds(Shop, BASES, st.integers(0, 12))


@given(mode=st.sampled_from(MODES), shop=SHOPS, size=SIZES, arrivals=ARRIVALS)
def test_all_deposits_come_once_and_in_order_while_others_arrive(
    mode: str, shop: Shop, size: int, arrivals: list[int]
) -> None:
    """Those that arrive before the last page is read are included; there is no warning."""
    with shop.walker(mode, arrivals) as walker:
        assert walker.rest(walker.begin(page_size=size)) == shop.deposits


@given(
    mode=st.sampled_from(MODES), shop=SHOPS, size=SIZES, arrivals=ARRIVALS, stop=st.integers(0, 15)
)
def test_an_iterator_resumes_after_the_last_row_from_a_cursor(
    mode: str, shop: Shop, size: int, arrivals: list[int], stop: int
) -> None:
    with shop.walker(mode, arrivals) as walker:
        steps = walker.begin(page_size=size)
        first = [found for _ in range(stop) if (found := walker.step(steps))]

    shop.receive(3)
    with shop.walker(mode, arrivals) as walker:
        rest = walker.rest(walker.begin(page_size=size, cursor=steps.cursor))

    assert first + rest == shop.deposits


@given(shop=SHOPS, evenings=st.lists(st.integers(0, 4), max_size=4))
@examples(25)
def test_the_cursor_of_a_finished_iterator_yields_only_new_rows(
    shop: Shop, evenings: list[int]
) -> None:
    cursor, known = None, 0
    for count in [0, *evenings]:
        shop.receive(count)
        with shop.walker("sync") as walker:
            steps = walker.begin(page_size=2, cursor=cursor)
            assert walker.rest(steps) == shop.deposits[known:]
        cursor, known = steps.cursor, len(shop.deposits)


@both_clients
@pytest.mark.parametrize("base", [0, 1])
def test_the_very_first_deposits_are_not_mistaken_for_a_second_page(mode: str, base: int) -> None:
    """They arrive after page 0 was empty, before page 1 is requested to be sure."""
    shop = Shop(base, 0)

    with shop.walker(mode, [0, 3]) as walker:
        assert walker.rest(walker.begin(page_size=1)) == shop.deposits


@both_clients
def test_over_http_too(mode: str) -> None:
    shop = Shop(1, 5)
    with Server(shop.mock) as server, httpx.Client() as wire:

        def forward(request: httpx.Request) -> httpx.Response:
            headers = {name: request.headers[name] for name in ("key", "sign", "content-type")}
            sent = wire.post(str(request.url), content=request.content, headers=headers)
            return httpx.Response(sent.status_code, content=sent.content)

        with Walker(mode, forward, **shop.mock.settings(base_url=server.url)) as walker:
            assert walker.rest(walker.begin(page_size=2)) == shop.deposits
        with Calypso(**shop.mock.settings(base_url=server.url)) as calypso:
            assert [found.id for found in calypso.transactions.iter()] == shop.deposits


class Restless(Pages):
    """Adds rows anywhere, and may return them in another order each time; its counts are right."""

    def __init__(self, luck: random.Random) -> None:
        super().__init__(*map(str, range(luck.randint(0, 9))), base=luck.randint(0, 1))
        self.luck = luck
        self.shuffles = luck.random() < 0.3
        self.clamps = luck.random() < 0.5

    def respond(self, number: int, size: int) -> httpx.Response:
        if self.luck.random() < 0.4 and len(self.requested) < 12:
            self.names.insert(self.luck.randint(0, len(self.names)), f"new-{len(self.names)}")
        if self.shuffles:
            self.luck.shuffle(self.names)
        return super().respond(number, size)

    def before_the_first(self, size: int) -> httpx.Response:
        return self.page(1, size, self.rows(0, size)) if self.clamps else rejection("001")


@given(
    mode=st.sampled_from(MODES),
    server=st.builds(Restless, st.randoms(use_true_random=True)),
    size=st.integers(1, 4),
)
@examples(150)
def test_without_a_warning_all_rows_were_found(mode: str, server: Restless, size: int) -> None:
    """Wherever rows are added, in any order: each comes once, and all do, or there is a warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = walk(mode, server, page_size=size)

    assert len(found) == len(set(found))
    assert set(found) <= set(server.names)
    assert caught or sorted(found) == sorted(server.names)
    assert [warning.category for warning in caught] in ([], [PagingWarning])


@given(
    mode=st.sampled_from(MODES),
    base=BASES,
    size=st.integers(1, 4),
    place=st.integers(0, 9),
    when=st.integers(1, 5),
)
def test_one_row_that_comes_in_anywhere_is_found(
    mode: str, base: int, size: int, place: int, when: int
) -> None:
    """Such as a deposit that is confirmed after newer ones, in a search for that state."""

    class Late(Pages):
        def respond(self, number: int, size: int) -> httpx.Response:
            if len(self.requested) == when:
                self.names.insert(place, "late")
            return super().respond(number, size)

    server = Late(*map(str, range(9)), base=base)
    found = walk(mode, server, page_size=size)

    assert sorted(found) == sorted(server.names)


class TreatsZeroAsOne(Pages):
    def before_the_first(self, size: int) -> httpx.Response:
        return self.page(1, size, self.rows(0, size))


class EmptyBeforeTheFirst(Pages):
    def before_the_first(self, size: int) -> httpx.Response:
        return self.page(0, size, ())


class CountsNoneBeforeTheFirst(Pages):
    def before_the_first(self, size: int) -> httpx.Response:
        counts = {"page": 0, "size": size, "total": 0, "totalElements": 0}
        return httpx.Response(200, json={"result": [], **counts})


class RejectsAfterTheLast(Pages):
    def rows(self, place: int, size: int) -> Sequence[str]:
        return super().rows(place, size) if place < self.total(size) else ()

    def page(self, number: int, size: int, names: Sequence[str]) -> httpx.Response:
        return super().page(number, size, names) if names else rejection("004")


class SmallerLimit(Pages):
    def respond(self, number: int, size: int) -> httpx.Response:
        return super().respond(number, min(size, 2))


class ReturnsOtherPageNumbers(Pages):
    def page(self, number: int, size: int, names: Sequence[str]) -> httpx.Response:
        return super().page(number + 1, size, names)


class CountsThePageOnly(Pages):
    """Its counts end with the current page."""

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
    """Leaves rows out of its pages, so pages are short or empty."""

    def page(self, number: int, size: int, names: Sequence[str]) -> httpx.Response:
        return super().page(number, size, [name for name in names if name > "3"])

    def total_elements(self) -> int:
        return len([name for name in self.names if name > "3"])


ODD = [
    TreatsZeroAsOne,
    EmptyBeforeTheFirst,
    CountsNoneBeforeTheFirst,
    RejectsAfterTheLast,
    SmallerLimit,
    ReturnsOtherPageNumbers,
    CountsThePageOnly,
    SmallerLimitThatCountsThePageOnly,
]


@both_clients
def test_all_rows_of_odd_servers_are_found_without_a_warning(mode: str) -> None:
    wrong = {}
    for kind, count, base, size in product(ODD, (1, 3, 4, 6, 7), (0, 1), (2, 3)):
        server = kind(*map(str, range(count)), base=base)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = walk(mode, server, page_size=size)
        if caught or found != server.names:
            messages = [str(warning.message) for warning in caught]
            case = f"{kind.__name__}, {count} rows from page {base}, {size} a page"
            wrong[case] = found, messages

    assert wrong == {}


@both_clients
def test_an_empty_page_is_not_the_last_while_the_server_counts_more_rows(mode: str) -> None:
    server = FiltersAfterPaging(*"123045678")

    assert walk(mode, server, page_size=2) == list("45678")


@both_clients
def test_a_short_page_is_not_the_last_while_one_of_the_counts_is_higher(mode: str) -> None:
    class CountsRowsSoFar(FiltersAfterPaging):
        def total_elements(self) -> int:
            return len(self.requested)

    assert walk(mode, CountsRowsSoFar(*"415263"), page_size=2) == list("456")


@both_clients
@pytest.mark.parametrize("code", ["001", "004"])
def test_a_rejected_page_before_the_last_raises(mode: str, code: str) -> None:
    class RejectsTheSecond(Pages):
        def respond(self, number: int, size: int) -> httpx.Response:
            return rejection(code) if number == 1 else super().respond(number, size)

    with Walker(mode, RejectsTheSecond(*"12345")) as walker:
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

    def respond(self, number: int, size: int) -> httpx.Response:
        if number > self.base:
            del self.names[0]
        return super().respond(number, size)


class CyclesForever(Pages):
    """Returns its pages in an endless cycle, and counts more."""

    def rows(self, place: int, size: int) -> Sequence[str]:
        return super().rows(place % 3, size)

    def total(self, size: int) -> int:
        return 2**31 - 1


@both_clients
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
def test_a_warning_names_both_counts_of_a_server_whose_rows_do_not_match_its_count(
    mode: str,
    server: Callable[[], Pages],
    found: str,
    counts: tuple[int, int],
    requests: int,
) -> None:
    """And the iterator ends soon."""
    pages = server()

    with pytest.warns(PagingWarning) as caught:
        assert walk(mode, pages, page_size=2) == list(found)

    warning: Any = caught[0].message
    assert (warning.found, warning.total) == counts
    assert f"{counts[0]} transactions were found, and the server counts {counts[1]}" in str(warning)
    assert caught[0].filename == sys.modules[Walker.__module__].__file__, (
        "where the next row was requested"
    )
    assert len(pages.requested) <= requests


class LeavesItsFirstPageEmpty(Pages):
    """As if rows were filtered after paging; its counts agree with that."""

    def rows(self, place: int, size: int) -> Sequence[str]:
        return super().rows(place, size) if place else ()

    def total_elements(self) -> int:
        return max(len(self.names) - 2, 0)


class ReturnsItsLastPageForAnyAfterIt(Pages):
    def rows(self, place: int, size: int) -> Sequence[str]:
        return super().rows(min(place, max(self.total(size) - 1, 0)), size)


class RejectsWithoutAField(Pages):
    def before_the_first(self, size: int) -> httpx.Response:
        return rejection("001")


class RejectsOnceForAnotherReason(Pages):
    """It counts from 0, and rejects its first request."""

    def respond(self, number: int, size: int) -> httpx.Response:
        if len(self.requested) == 1:
            return rejection("001", message="payload.customerId=[unknown]")
        return super().respond(number, size)


class ReceivesOneAtTheFront(Pages):
    """A row is added before all others just as the second page is requested."""

    def respond(self, number: int, size: int) -> httpx.Response:
        if len(self.requested) == 2:
            self.names.insert(0, "new")
        return super().respond(number, size)


class FillsUp(Pages):
    """It has no rows until its second page is requested."""

    def respond(self, number: int, size: int) -> httpx.Response:
        if len(self.requested) == 2:
            self.names.extend("1234567")
        return super().respond(number, size)


# By server, its base and the number of its rows, two a page: the first page that is learned.
LEARNED: list[tuple[type[Pages], int, int, int | None]] = [
    (Pages, 0, 0, None),
    (Pages, 0, 1, 0),
    (Pages, 0, 2, 0),
    (Pages, 0, 3, 0),
    (Pages, 1, 0, 1),
    (Pages, 1, 3, 1),
    (RejectsWithoutAField, 1, 0, None),
    (RejectsWithoutAField, 1, 1, 1),
    (RejectsWithoutAField, 1, 3, 1),
    (RejectsOnceForAnotherReason, 0, 0, None),
    (RejectsOnceForAnotherReason, 0, 2, None),
    (RejectsOnceForAnotherReason, 0, 3, None),
    (RejectsOnceForAnotherReason, 0, 5, None),
    (EmptyBeforeTheFirst, 1, 0, None),
    (EmptyBeforeTheFirst, 1, 1, 1),
    (EmptyBeforeTheFirst, 1, 4, 1),
    (CountsNoneBeforeTheFirst, 1, 3, 1),
    # As long as there is one page, a walk can begin at page 0 just as well.
    (TreatsZeroAsOne, 1, 0, None),
    (TreatsZeroAsOne, 1, 1, 0),
    (TreatsZeroAsOne, 1, 2, 0),
    (TreatsZeroAsOne, 1, 3, 1),
    (TreatsZeroAsOne, 1, 6, 1),
    (ReturnsItsLastPageForAnyAfterIt, 0, 0, None),
    (ReturnsItsLastPageForAnyAfterIt, 0, 2, 0),
    (ReturnsItsLastPageForAnyAfterIt, 0, 4, 0),
    (LeavesItsFirstPageEmpty, 0, 3, None),
    (LeavesItsFirstPageEmpty, 0, 5, None),
    (ReceivesOneAtTheFront, 0, 2, 0),
    (ReceivesOneAtTheFront, 0, 5, 0),
    (ReceivesOneAtTheFront, 1, 2, 1),
    (FillsUp, 0, 0, 0),
    (FillsUp, 1, 0, 1),
    (CountsThePageOnly, 0, 3, 0),
    (CountsThePageOnly, 1, 3, 1),
    (IgnoresTheNumber, 0, 3, 0),
    (LosesARow, 0, 5, 0),
]


@both_clients
@pytest.mark.filterwarnings("ignore::calypso_pay.PagingWarning")
def test_the_first_page_is_learned_when_the_pages_prove_it(mode: str) -> None:
    """It is never 1 where pages count from 0, and only 0 where page 0 has rows."""
    learned = []
    for kind, base, count, _ in LEARNED:
        with Walker(mode, kind(*"123456"[:count], base=base)) as walker:
            steps = walker.begin(page_size=2)
            walker.rest(steps)
            learned.append((kind, base, count, steps._first_page))

    assert learned == LEARNED


@given(
    mode=st.sampled_from(MODES),
    server=st.builds(Restless, st.randoms(use_true_random=True)),
    size=st.integers(1, 4),
    stop=st.integers(1, 9),
)
@examples(60)
def test_a_first_page_that_was_learned_misses_no_rows(
    mode: str, server: Restless, size: int, stop: int
) -> None:
    """Wherever rows are added meanwhile, and wherever the iterator stops or resumes."""
    with warnings.catch_warnings(), Walker(mode, server) as walker:
        warnings.simplefilter("ignore")
        steps = walker.begin(page_size=size, limit=stop)
        walker.rest(steps)
        resumed = walker.begin(page_size=size, cursor=steps.cursor)
        walker.rest(resumed)
        for learned in (steps._first_page, resumed._first_page):
            assert learned in (None, 0, server.base)
            assert learned != 0 or server.base == 0 or server.clamps
            other = (TreatsZeroAsOne if server.clamps else Pages)("another", base=server.base)
            assert walk(mode, other, page_size=size, first_page=learned) == ["another"]


@both_clients
@pytest.mark.parametrize("base", [0, 1])
def test_a_customer_costs_one_request_a_page_once_the_first_page_is_known(
    mode: str, base: int
) -> None:
    """One more if the last page is full, since a count with a limit would look the same."""
    requests = {}
    for count in range(8):
        shop = Shop(base, count)
        sent: list[int] = []
        server = mocked(shop.mock, functools.partial(sent.append, count))
        with Walker(mode, server, **shop.mock.settings()) as walker:
            found = walker.rest(walker.begin(page_size=3, first_page=base))
        assert found == shop.deposits
        requests[count] = len(sent)

    assert requests == {0: 1, 1: 1, 2: 1, 3: 2, 4: 2, 5: 2, 6: 3, 7: 3}


class CountsUpToFour(Pages):
    """Does not count further, as a search engine may not."""

    def total(self, size: int) -> int:
        return min(super().total(size), 4 // size)

    def total_elements(self) -> int:
        return min(super().total_elements(), 4)


@both_clients
@pytest.mark.parametrize("base", [0, 1])
def test_a_full_page_is_not_the_last_even_if_both_counts_agree(mode: str, base: int) -> None:
    with pytest.warns(PagingWarning):
        found = walk(mode, CountsUpToFour(*"1234567", base=base), page_size=2, first_page=base)

    assert found == list("1234567")


@both_clients
def test_warnings_can_be_passed_to_a_function_instead(mode: str) -> None:
    caught: list[PagingWarning] = []
    with warnings.catch_warnings(), Walker(mode, LosesARow(*"12345")) as walker:
        warnings.simplefilter("error")
        made = walker.begin(page_size=2)
        steps = type(made)(walker.client.transactions._engine, made._query, caught.append)
        assert walker.rest(steps) == list("1245")

    assert [(warning.found, warning.total) for warning in caught] == [(4, 5)]


@both_clients
def test_a_server_that_cycles_forever_is_read_only_a_few_times(mode: str) -> None:
    server = CyclesForever(*"123456")

    assert walk(mode, server, page_size=2) == list("123456")
    assert len(server.requested) <= 6


class NeverEnds(Pages):
    def rows(self, place: int, size: int) -> Sequence[str]:
        return [str(place * size + number) for number in range(size)]


@both_clients
def test_no_more_than_max_pages_are_read(mode: str) -> None:
    server = NeverEnds()

    with pytest.warns(PagingWarning, match=r"max_pages=3 pages were read.*cursor") as caught:
        found = walk(mode, server, page_size=2, max_pages=3)

    assert found == list("012345")
    assert server.requested == [0, 1, 2]
    assert len(caught) == 1


@both_clients
def test_max_pages_that_just_suffice_give_no_warning(mode: str) -> None:
    server = Pages(*"123456")

    assert walk(mode, server, page_size=2, max_pages=3) == list("123456")


@both_clients
def test_a_limit_ends_an_iterator_without_a_warning_and_its_cursor_resumes(mode: str) -> None:
    server = Pages(*"123456")
    with Walker(mode, server) as walker:
        steps = walker.begin(page_size=2, limit=3)
        assert walker.rest(steps) == list("123")
        assert walker.step(steps) is None
        assert server.requested == [0, 1]
        assert walker.rest(walker.begin(page_size=2, cursor=steps.cursor)) == list("456")


@both_clients
def test_a_page_is_read_only_when_it_is_needed(mode: str) -> None:
    server = Pages(*"12345")
    with Walker(mode, server) as walker:
        steps = walker.begin(page_size=2)
        assert server.requested == []
        for requested in ([0], [0], [0, 1], [0, 1], [0, 1, 2]):
            walker.step(steps)
            assert server.requested == requested
        assert walker.step(steps) is walker.step(steps) is None
        assert server.requested == [0, 1, 2]


@both_clients
def test_filters_and_order_are_sent_with_every_page(mode: str) -> None:
    server = Pages(*"123")
    currency = StringFilter(in_=["BTC", "ETH"])
    state = TransactionStateFilter(equals="CONFIRMED")
    walk(
        mode,
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


@both_clients
def test_the_order_is_by_creation_unless_left_to_the_server(mode: str) -> None:
    server = Pages("1")
    walk(mode, server)
    walk(mode, server, sort=UNSET, properties=UNSET)

    assert server.searches == [
        {"pageNumber": 0, "pageSize": 100, "sort": "ASC", "properties": "createdDate"},
        {"pageNumber": 0, "pageSize": 100},
    ]


class FailsSometimes(Pages):
    """Times out at some of its requests."""

    def __init__(self, *names: str, base: int, failures: set[int]) -> None:
        super().__init__(*names, base=base)
        self.failures = failures

    def respond(self, number: int, size: int) -> httpx.Response:
        if len(self.requested) in self.failures:
            raise httpx.ReadTimeout("too slow")
        return super().respond(number, size)


@given(mode=st.sampled_from(MODES), base=BASES, failures=st.sets(st.integers(1, 8), max_size=5))
def test_a_failed_page_can_be_read_again(mode: str, base: int, failures: set[int]) -> None:
    """The iterator stays where it was, and so does its cursor."""
    server = FailsSometimes(*map(str, range(7)), base=base, failures=failures)
    found: list[str | None] = []
    with Walker(mode, server) as walker:
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


class FailsBeforeTheFirst(Pages):
    def before_the_first(self, size: int) -> httpx.Response:
        return rejection("000", 500)


@both_clients
def test_a_server_error_is_never_mistaken_for_an_unknown_page(mode: str) -> None:
    """Page 1 may be the second one, so only the caller can set it as the first."""
    server = FailsBeforeTheFirst(*"123", base=1)

    with pytest.raises(ServerError) as caught:
        walk(mode, server, page_size=2)

    assert server.requested == [0]
    assert "first_page=1" in caught.value.__notes__[0]
    assert walk(mode, server, page_size=2, first_page=1) == list("123")


@both_clients
def test_a_search_that_is_rejected_for_another_reason_raises(mode: str) -> None:
    class Rejects(Pages):
        def respond(self, number: int, size: int) -> httpx.Response:
            return rejection("001", message="payload.properties=[unknown]")

    with pytest.raises(InvalidRequestError) as caught:
        walk(mode, Rejects("1"))

    assert caught.value.field == "payload.properties"


@both_clients
@pytest.mark.parametrize("first_page", [0, 1])
def test_a_given_first_page_is_trusted(mode: str, first_page: int) -> None:
    server = Pages(base=first_page)

    assert walk(mode, server, first_page=first_page) == []
    assert server.requested == [first_page]


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


def errors_of(mode: str, searches: list[dict[str, Any]]) -> dict[str, str]:
    """Return the error message of each search; no page may be requested."""
    messages = {}
    server = Pages()
    with Walker(mode, server) as walker:
        for search in searches:
            try:
                walker.begin(**search)
            except ConfigurationError as error:
                messages[str(search)] = str(error)
    assert server.requested == []
    return messages


@both_clients
def test_numbers_out_of_range_are_rejected_before_anything_is_sent(mode: str) -> None:
    messages = errors_of(mode, WRONG_NUMBERS)

    for wrong in WRONG_NUMBERS:
        expected = f"{next(iter(wrong))} has to be a whole number"
        assert expected in messages.get(str(wrong), "no error"), wrong


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
def test_a_malformed_cursor_is_rejected(cursor: str) -> None:
    rejected = pytest.raises(ConfigurationError, match="Invalid cursor")
    with Walker("sync", Pages()) as walker, rejected:
        walker.begin(page_size=2, cursor=cursor)


def test_a_cursor_of_another_search_is_rejected() -> None:
    others: list[dict[str, Any]] = [
        {"customer_id": "one"},
        {"page_size": 3},
        {"sort": "DESC"},
        {"properties": "id"},
        {"currency_filter": StringFilter(equals="BTC")},
    ]
    searches = [{"page_size": 2, "cursor": CURSOR, **other} for other in others]
    messages = errors_of("sync", searches)

    assert [
        search
        for search in searches
        if "belongs to a search with other filters" not in messages.get(str(search), "")
    ] == []


def test_a_cursor_is_short_printable_text() -> None:
    assert CURSOR.isascii()
    assert CURSOR.isprintable()
    assert len(CURSOR) < 200


@both_clients
@pytest.mark.parametrize("base", [0, 1])
def test_a_cursor_whose_row_moved_back_resumes_after_it_and_warns_of_rows_added_before(
    mode: str, base: int
) -> None:
    cursor = cursor_after(Pages(*"12345", base=base), 3)
    server = Pages(*"ab12345", base=base)

    with pytest.warns(PagingWarning, match="rows were added before others") as caught:
        assert walk(mode, server, page_size=2, cursor=cursor) == list("45")

    warning: Any = caught[0].message
    assert (warning.cause, warning.found, warning.total) == ("added", 5, 7)


@both_clients
@pytest.mark.parametrize("base", [0, 1])
def test_a_cursor_whose_row_moved_forward_misses_none(mode: str, base: int) -> None:
    cursor = cursor_after(Pages(*"1234567", base=base), 5)
    server = Pages(*"34567", base=base)

    with pytest.warns(PagingWarning):
        assert walk(mode, server, page_size=2, cursor=cursor) == list("67")


@both_clients
@pytest.mark.parametrize("base", [0, 1])
def test_a_cursor_whose_row_is_gone_returns_all_rows_after_a_warning(mode: str, base: int) -> None:
    """The caller can notice a row that comes twice by its id, but not one that is missing."""
    cursor = cursor_after(Pages(*"12345", base=base), 3)
    server = Pages(*"12456", base=base)
    with Walker(mode, server) as walker:
        steps = walker.begin(page_size=2, cursor=cursor)
        with pytest.warns(PagingWarning, match="not among the rows any more"):
            first = walker.step(steps)

        assert [first, *walker.rest(steps)] == list("12456")


def warned(walker: Walker, **arguments: Any) -> tuple[list[str], list[PagingWarning], str]:
    """Return the ids of all transactions, the warnings, and the cursor."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        steps = walker.begin(**arguments)
        found = walker.rest(steps)
    return found, [each.message for each in caught], steps.cursor  # type: ignore[misc]


PENDING = "PENDING_COMPLIANCE_CHECK"
sizes_and_orders = pytest.mark.parametrize(
    ("size", "sort"), [(2, "ASC"), (100, "ASC"), (2, "DESC"), (100, "DESC")]
)


@both_clients
@sizes_and_orders
@pytest.mark.parametrize("states", ["CONFIRMED", ["CONFIRMED", "DECLINED"]])
def test_a_deposit_confirmed_before_the_cursor_is_missed_and_the_filter_is_the_cause(
    mode: str, size: int, sort: str, states: Any
) -> None:
    shop = Shop(0, 0)
    [pending] = shop.receive(1, "pending")
    shop.mock.clock.advance(seconds=1)
    shop.receive(4)
    search: dict[str, Any] = {
        "page_size": size,
        "sort": sort,
        "transaction_state_filter": states,
    }
    with shop.walker(mode) as walker:
        found, none, cursor = warned(walker, **search)
        assert (len(found), none) == (4, [])
        if sort == "DESC":
            shop.mock.clock.advance(seconds=1)
            [pending] = shop.receive(1, "pending")
        pending.advance("confirmed")
        rest, [warning], cursor = warned(walker, cursor=cursor, **search)
        # It stays missing, and the count stays wrong.
        shop.mock.clock.advance(seconds=1)
        shop.receive(1)
        _, [later], _ = warned(walker, cursor=cursor, **search)

    assert rest == []
    assert (warning.cause, warning.found, warning.total) == ("filter", 4, 5)
    assert "iterate without a state filter, and use calypso_pay.reconcile" in str(warning)
    assert "order" not in str(warning)
    assert later.cause is PagingCause.FILTER


@both_clients
@pytest.mark.parametrize("size", [2, 100])
def test_without_a_filter_a_cursor_shows_no_older_row_that_changed_and_does_not_warn(
    mode: str, size: int
) -> None:
    shop = Shop(0, 0)
    [pending] = shop.receive(1, "pending")
    shop.receive(4)
    with shop.walker(mode) as walker:
        _, _, cursor = warned(walker, page_size=size)
        pending.advance("credited")

        assert warned(walker, page_size=size, cursor=cursor)[:2] == ([], [])


@both_clients
@pytest.mark.parametrize("size", [2, 100])
def test_the_cause_is_the_cursor_when_its_row_left_the_search(mode: str, size: int) -> None:
    shop = Shop(0, 0)
    pending = shop.receive(3, "pending")
    search = {"page_size": size, "transaction_state_filter": PENDING}
    with shop.walker(mode) as walker:
        first, _, cursor = warned(walker, **search)
        [last] = [deposit for deposit in pending if deposit.transaction_id == first[-1]]
        last.advance("confirmed")
        found, [warning], _ = warned(walker, cursor=cursor, **search)

    assert len(found) == 2
    assert warning.cause is PagingCause.CURSOR
    assert "iterate without a state filter" in str(warning)


@both_clients
@pytest.mark.parametrize("size", [2, 100])
def test_the_cause_is_added_rows_when_new_rows_come_first(mode: str, size: int) -> None:
    shop = Shop(0, 3)
    search = {"page_size": size, "sort": "DESC", "currency_filter": "BTC"}
    with shop.walker(mode) as walker:
        _, _, cursor = warned(walker, **search)
        shop.mock.clock.advance(seconds=1)
        shop.receive(1)
        found, [warning], _ = warned(walker, cursor=cursor, **search)

    assert found == []
    assert (warning.cause, warning.found, warning.total) == ("added", 3, 4)
    assert "without a cursor" in str(warning)


@both_clients
def test_the_cause_is_the_filter_when_rows_leave_the_search_while_it_is_read(mode: str) -> None:
    shop = Shop(0, 0)
    leaving = iter(shop.receive(20, "pending"))
    server = mocked(shop.mock, lambda: next(leaving).advance("confirmed"))
    with Walker(mode, server, **shop.mock.settings()) as walker:
        _, [warning], _ = warned(walker, page_size=2, transaction_state_filter=PENDING)

    assert warning.cause is PagingCause.FILTER


@given(
    mode=st.sampled_from(MODES),
    shop=SHOPS,
    search=st.fixed_dictionaries(
        {
            "page_size": SIZES,
            "sort": st.sampled_from(["ASC", "DESC"]),
            "transaction_state_filter": st.sampled_from(
                [PENDING, "CONFIRMED", ["MEM_POOL_FOUND", "CONFIRMED"]]
            ),
        }
    ),
    changes=st.lists(st.tuples(st.integers(0, 2), st.sets(st.integers(0, 5))), max_size=20),
    stop=st.integers(1, 9),
)
@examples(80)
def test_a_sound_server_is_never_blamed_while_states_change(
    mode: str,
    shop: Shop,
    search: dict[str, Any],
    changes: list[tuple[int, set[int]]],
    stop: int,
) -> None:
    """Before each request some deposits arrive, and some change their state."""
    moving = shop.receive(6, "mem_pool")
    upcoming = iter(changes)

    def change() -> None:
        arriving, advancing = next(upcoming, (0, ()))
        for index in advancing:
            if moving[index].step != "credited":
                moving[index].advance()
        moving[:0] = shop.receive(arriving, "mem_pool")

    with Walker(mode, mocked(shop.mock, change), **shop.mock.settings()) as walker:
        _, first, cursor = warned(walker, limit=stop, **search)
        _, second, _ = warned(walker, cursor=cursor, **search)

    assert {warning.cause for warning in first + second} <= {"filter", "cursor"}


class ReceivesAtTheFront(Pages):
    """A row is added before all others at every request."""

    def respond(self, number: int, size: int) -> httpx.Response:
        self.names.insert(0, f"new {len(self.requested)}")
        return super().respond(number, size)


STATE: dict[str, Any] = {"transaction_state_filter": "CONFIRMED"}
# Filters on what does not change.
FIXED: dict[str, Any] = {
    "customer_id": "one",
    "currency_filter": "BTC",
    "transaction_state_filter": TransactionStateFilter(specified=True),
}
CAUSES: list[tuple[type[Pages], dict[str, Any], str]] = [
    (LosesARow, {}, "order"),
    (LosesARow, FIXED, "order"),
    # Two passes with the same rows and the same count: nothing entered or left.
    (LosesARow, STATE, "order"),
    (IgnoresTheNumber, {}, "order"),
    (IgnoresTheNumber, STATE, "order"),
    (CountsTooFew, {}, "order"),
    (CountsTooFew, FIXED, "order"),
    (CountsTooFew, STATE, "filter"),
    (Shrinks, {}, "order"),
    (Shrinks, FIXED, "order"),
    (Shrinks, STATE, "filter"),
    (ReceivesAtTheFront, {}, "added"),
    (ReceivesAtTheFront, FIXED, "added"),
    (ReceivesAtTheFront, STATE, "filter"),
    (NeverEnds, {"max_pages": 3}, "max_pages"),
    (NeverEnds, {"max_pages": 3, **STATE}, "max_pages"),
]


@both_clients
def test_a_filter_is_a_cause_only_if_it_is_on_the_state_and_may_explain_the_counts(
    mode: str,
) -> None:
    causes: list[tuple[type[Pages], dict[str, Any], str]] = []
    for kind, search, _ in CAUSES:
        with Walker(mode, kind(*"1234567")) as walker:
            _, [warning], _ = warned(walker, page_size=2, **search)
            causes.append((kind, search, warning.cause))
            assert ("state filter" in str(warning)) == (warning.cause == "filter")

    assert causes == CAUSES


@both_clients
def test_a_server_that_loses_rows_after_a_cursor_is_the_cause(mode: str) -> None:
    cursor = cursor_after(Pages(*"12456"), 2)

    with pytest.warns(PagingWarning) as caught:
        walk(mode, LosesARow(*"12345"), page_size=2, cursor=cursor)

    warning: Any = caught[0].message
    assert warning.cause is PagingCause.ORDER


@both_clients
def test_a_cursor_is_valid_after_a_row_that_a_later_pass_found(mode: str) -> None:
    class Late(Pages):
        def respond(self, number: int, size: int) -> httpx.Response:
            if len(self.requested) == 2:
                self.names.insert(0, "late")
            return super().respond(number, size)

    server = Late(*"1234")
    with Walker(mode, server) as walker:
        steps = walker.begin(page_size=2)
        assert walker.rest(steps) == [*"1234", "late"]
        server.names.append("5")
        assert walker.rest(walker.begin(page_size=2, cursor=steps.cursor)) == ["5"]


@both_clients
def test_a_warning_raised_as_an_error_comes_after_the_rows_and_ends_the_iterator(mode: str) -> None:
    with Walker(mode, LosesARow(*"123")) as walker:
        steps = walker.begin(page_size=2)
        found = [walker.step(steps), walker.step(steps)]
        with pytest.raises(PagingWarning):
            walker.step(steps)

        assert [*found, walker.step(steps)] == ["1", "2", None]


def test_a_warning_survives_pickling() -> None:
    warning = PagingWarning("lost", cause=PagingCause.ADDED, found=1, total=2)
    copy = pickle.loads(pickle.dumps(warning))

    assert (str(copy), copy.cause, copy.found, copy.total) == ("lost", "added", 1, 2)


def test_the_helpers_are_imported_on_first_use() -> None:
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
