"""Whatever a value is, it arrives as it was given: through the client, the wire and the mock.

What the mock never sends is written by hand, in every form that a response may take.
"""

from __future__ import annotations

import decimal
import hashlib
import hmac
import operator
import time
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from calypso_api.models import StringFilter, TransactionState, TransactionStateFilter
from calypso_pay import Calypso, InvalidRequestError
from tests.overlay import forms
from tests.overlay.forms import STATES, amounts, broken_texts, camel, texts, written
from tests.overlay.guises import in_two_guises
from tests.properties import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.overlay.forms import Form

# One client serves all examples of a test: making one, and a server, is not what is looked at.
shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
exchanges = settings(examples(25), suppress_health_check=shared.suppress_health_check)

TEXT_FIELDS = ("email", "description", "external_id")
# What is likeliest to be changed on its way: spaces, quotes, escapes, controls, marks, planes.
DELICATE = (
    ' \t two  spaces "\\/\\n" \x01\x7f\r\n\u2028\ufeff e\u0301\u00e9 \u6f22\u5b57 \U0001f388 '
)
fields = st.fixed_dictionaries({}, optional=dict.fromkeys(TEXT_FIELDS, texts))

CURRENCIES = ("BTC", "ETH", "TRX", "USDT_TRX", "USDT_BSC")
HOLDS: dict[str, Callable[[str, Any], bool]] = {
    "equals": operator.eq,
    "not_equals": operator.ne,
    "specified": lambda _, wanted: wanted,
    "in_": lambda currency, wanted: currency in wanted,
    "not_in": lambda currency, wanted: currency not in wanted,
    "contains": lambda currency, part: part.upper() in currency,
    "does_not_contain": lambda currency, part: part.upper() not in currency,
}
words = st.sampled_from(CURRENCIES) | texts
parts = st.text("usdtrxUSDTRX_", max_size=4)
conditions = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("equals", "not_equals"), words),
        "specified": st.booleans(),
        **dict.fromkeys(("in_", "not_in"), st.lists(words, max_size=4)),
        **dict.fromkeys(("contains", "does_not_contain"), parts),
    },
)
STEPS = {
    "mem_pool": "MEM_POOL_FOUND",
    "pending": "PENDING_COMPLIANCE_CHECK",
    "confirmed": "CONFIRMED",
    "credited": "CONFIRMED",
    "declined": "DECLINED",
}


def assert_sign(sign: str, secret: str, body: bytes) -> None:
    assert sign == hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()


class Tap:
    """A client whose clock does not move, so that the bytes it has to send are known in advance."""

    def __init__(self, guise: Any) -> None:
        self.mock = guise.mock
        self.arrived: list[tuple[dict[str, str], bytes]] = []
        self._guise = guise
        self._now = time.time()
        self._client = guise.make(clock=lambda: self._now)

    def record(self, method: str, path: str, headers: Any, body: bytes, **rest: Any) -> Any:
        self.arrived.append((dict(headers), body))
        return type(self.mock).handle(self.mock, method, path, headers, body, **rest)

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return self._guise.call(method, *args, on=self._client, **kwargs)

    def assert_arrived(self, payload: object) -> None:
        """Assert that the last request had this payload to the byte, and a signature that fits."""
        headers, body = self.arrived[-1]
        who = self._guise.settings
        start = f'{{"account":"{who["account"]}","timestamp":{int(self._now * 1000)}'
        assert body == f'{start},"payload":{written(payload)}}}'.encode()
        assert headers["key"] == who["key"]
        assert_sign(headers["sign"], who["secret"], body)


@pytest.fixture
def tap(guise: Any, monkeypatch: pytest.MonkeyPatch) -> Tap:
    tap = Tap(guise)
    monkeypatch.setattr(guise.mock, "handle", tap.record)
    return tap


def address_of(guise: Any, currency: str = "USDT_TRX") -> Any:
    """Return the address of a new customer."""
    customer = guise.call("customers.create")
    return guise.call("addresses.get", customer_id=customer.id, currency=currency).address


def deposits(guise: Any, amounts: list[Any], *, to: str = "credited") -> list[Any]:
    """Let deposits arrive at one address, and come to a step."""
    address = address_of(guise)
    return [
        guise.mock.simulate_deposit(address=address, currency="USDT_TRX", amount=amount, to=to)
        for amount in amounts
    ]


def sent(arguments: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return what arguments have to come to: named as the vendor does, in the document's order."""
    return {camel(name): arguments[name] for name in names if name in arguments}


def digits_of(number: Decimal) -> str:
    return f"{number:f}"


@given(arriving=st.lists(amounts, min_size=1, max_size=3), kind=st.sampled_from([str, Decimal]))
@exchanges
@in_two_guises
def test_amounts_are_exact_and_so_is_their_sum(
    guise: Any, arriving: list[Decimal], kind: type
) -> None:
    """38 digits at any scale, whatever decimal context the program has set for itself."""
    guise.mock.reset()
    with decimal.localcontext(prec=3):
        made = deposits(guise, list(map(kind, arriving)))
        found = [guise.call("transactions.get", each.transaction_id).amount for each in made]
        page = guise.call("transactions.find").result
        (balance,) = guise.call("accounts.get").balances

    total = reduce(decimal.Context(prec=200).add, arriving)
    assert list(map(digits_of, found)) == list(map(digits_of, arriving))
    assert sorted(row.amount for row in page) == sorted(arriving)
    assert digits_of(balance.amount) == digits_of(total)


@given(seconds=st.integers(0, 10**9) | st.floats(0, 10**9))
@exchanges
@in_two_guises
def test_the_time_of_a_deposit_is_the_mocks_own(guise: Any, seconds: float) -> None:
    """In UTC, to the millisecond, which is as exact as responses show it."""
    guise.mock.reset()
    before = guise.mock.clock.advance(seconds=seconds)
    (made,) = deposits(guise, [1])
    found = guise.call("transactions.get", made.transaction_id).created_date
    after = guise.mock.clock.now()

    assert before.replace(microsecond=before.microsecond // 1000 * 1000) <= found <= after
    assert found.utcoffset() == before.utcoffset()


@given(created=fields, changed=fields)
@example(created=dict.fromkeys(TEXT_FIELDS, DELICATE), changed={"email": DELICATE * 2})
@exchanges
@in_two_guises
def test_texts_arrive_to_the_byte_signed_and_come_back(
    tap: Tap, created: dict[str, str], changed: dict[str, str]
) -> None:
    """Any Unicode, the empty text too; what is left out is neither sent nor changed."""
    customer = tap.call("customers.create", **created)
    tap.assert_arrived(sent(created, TEXT_FIELDS))
    updated = tap.call("customers.update", customer.id, **changed)
    tap.assert_arrived({"id": customer.id} | sent(changed, TEXT_FIELDS))

    for name in TEXT_FIELDS:
        assert getattr(customer, name) == created.get(name)
        assert getattr(updated, name) == (created | changed).get(name)


@pytest.fixture
def shop(tap: Tap) -> Tap:
    """A client of a shop that has a deposit in each currency."""
    for currency in CURRENCIES:
        address = address_of(tap, currency)
        tap.mock.simulate_deposit(address=address, currency=currency, amount=1)
    return tap


# An empty one is rejected: its effect on a server is not known.
@given(wanted=conditions.filter(lambda wanted: wanted and wanted.get("in_") != []))
@shared
@in_two_guises
def test_a_filter_arrives_to_the_byte_and_lets_through_what_it_should(
    shop: Tap, wanted: dict[str, Any]
) -> None:
    page = shop.call("transactions.find", currency_filter=StringFilter(**wanted))

    shop.assert_arrived({"currencyFilter": sent(wanted, tuple(HOLDS))})
    passing = [
        currency
        for currency in CURRENCIES
        if all(HOLDS[name](currency, value) for name, value in wanted.items())
    ]
    assert [row.currency for row in page.result] == passing


@given(value=forms.json_values, name=texts.filter(lambda name: name not in map(camel, HOLDS)))
@exchanges
@in_two_guises
def test_a_field_that_the_document_lacks_can_be_sent_exactly(
    tap: Tap, name: str, value: Any
) -> None:
    """Decimals in it keep every digit and get no exponent."""
    conditions = StringFilter()
    conditions.additional_properties[name] = value

    tap.call("transactions.find", currency_filter=conditions)

    tap.assert_arrived({"currencyFilter": {name: value}})


@given(
    steps=st.lists(st.sampled_from(list(STEPS)), max_size=4),
    wanted=st.lists(st.sampled_from(list(TransactionState)), min_size=1, max_size=4),
    kind=st.sampled_from([str, TransactionState]),
)
@exchanges
@in_two_guises
def test_a_known_state_is_asked_for_as_text_or_member_and_comes_back_as_that_member(
    tap: Tap, steps: list[str], wanted: list[TransactionState], kind: type
) -> None:
    tap.mock.reset()
    for step in steps:
        deposits(tap, [1], to=step)
    states = TransactionStateFilter(in_=[kind(state) for state in wanted])

    page = tap.call("transactions.find", transaction_state_filter=states)

    tap.assert_arrived({"transactionStateFilter": {"in": [str(state) for state in wanted]}})
    expected = [TransactionState[STEPS[step]] for step in steps if STEPS[step] in wanted]
    assert [id(row.transaction_state) for row in page.result] == list(map(id, expected))


@given(name=texts.filter(lambda text: text not in STATES))
@exchanges
@in_two_guises
def test_an_unknown_state_is_sent_as_it_is_and_its_refusal_names_the_field(
    tap: Tap, name: str
) -> None:
    """What the vendor adds tomorrow can be asked for today; the mock knows the document only."""
    states = TransactionStateFilter(equals=TransactionState(name))

    with pytest.raises(InvalidRequestError) as caught:
        tap.call("transactions.find", transaction_state_filter=states)

    tap.assert_arrived({"transactionStateFilter": {"equals": name}})
    assert caught.value.field == "payload.transactionStateFilter.equals"


@given(text=broken_texts)
@exchanges
@in_two_guises
def test_text_that_is_not_unicode_is_rejected_before_anything_is_sent(tap: Tap, text: str) -> None:
    """Half a surrogate pair has no UTF-8; the error names that, and does not show the text."""
    unknown = StringFilter()
    unknown.additional_properties[text] = True
    calls: list[tuple[str, dict[str, Any]]] = [
        *(("customers.create", {name: text}) for name in TEXT_FIELDS),
        ("customers.update", {"id": text}),
        ("transactions.find", {"currency_filter": StringFilter(in_=[text])}),
        ("transactions.find", {"currency_filter": unknown}),
    ]

    for method, arguments in calls:
        with pytest.raises(ValueError, match=r"^text with a lone surrogate can't be") as caught:
            tap.call(method, **arguments)
        assert type(caught.value) is ValueError
        assert text not in str(caught.value)

    assert tap.arrived == []


class Canned:
    """A client that gets responses made by hand."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._response = b""
        wire = httpx.MockTransport(self._respond)
        self.client = Calypso(
            key="key", secret="secret", account="0xabc", transport=wire, clock=lambda: 1.0
        )

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, content=self._response)

    def call(self, response: str, method: str, **kwargs: Any) -> Any:
        """Call a method that gets this text as the response."""
        self._response = response.encode()
        return operator.attrgetter(method)(self.client)(**kwargs)


@pytest.fixture(scope="module")
def canned() -> Iterator[Canned]:
    canned = Canned()
    with canned.client:
        yield canned


def assert_read(found: Any, expected: dict[str, Any]) -> None:
    """Assert that every field is equal, and that what Python calls equal is the same.

    1.0 is not 1.00, true is not 1, and noon in London is not one o'clock in Paris.
    """
    read = {name: getattr(found, name) for name in expected}
    assert read == expected
    for name, value in expected.items():
        if isinstance(value, Decimal | int | datetime):
            assert str(read[name]) == str(value)


@given(rows=forms.lists(forms.transactions))
def test_transactions_are_read_in_whatever_form_they_come(canned: Canned, rows: Form) -> None:
    """Numbers as text, any state, any time, flags in quotes, nulls, other shapes, new fields."""
    response, expected = rows
    page = f'{{"result":{response},"page":1.0,"size":20,"total":1,"totalElements":3,"more":[1.10]}}'

    found = canned.call(page, "transactions.find")

    for transaction, read in zip(found.result, expected, strict=True):
        assert_read(transaction, read)
        state = transaction.transaction_state
        assert (state.value, state.is_known) == (state, read["transaction_state"] in STATES)
    assert_read(found, {"page": 1, "additional_properties": {"more": [Decimal("1.10")]}})


@given(row=forms.customers, text=texts)
def test_customers_are_read_in_whatever_form_they_come(
    canned: Canned, row: Form, text: str
) -> None:
    """And what was asked has every character, NUL too, which the mock would reject."""
    response, expected = row

    found = canned.call(response, "raw.customers.create", description=text)

    assert_read(found.parsed, expected)
    assert found.content == response.encode()
    request = canned.requests[-1]
    asked = f'{{"account":"0xabc","timestamp":1000,"payload":{{"description":{written(text)}}}}}'
    assert request.content == asked.encode()
    assert_sign(request.headers["Sign"], "secret", request.content)


@given(rows=forms.lists(forms.purses), paged=st.booleans())
def test_purses_are_read_in_whatever_form_they_come(
    canned: Canned, rows: Form, paged: bool
) -> None:
    """As a list or as a page, for none of the vendor's pages shows the response."""
    response, expected = rows
    page = f'{{"result":{response}}}' if paged else response

    found = canned.call(page, "purses.list", customer_id="1")

    for purse, read in zip(found, expected, strict=True):
        assert_read(purse, read)


@given(row=forms.subscriptions)
def test_subscriptions_are_read_in_whatever_form_they_come(canned: Canned, row: Form) -> None:
    """A count stays a count and a flag a flag, and event types that are not documented are kept."""
    response, expected = row

    found = canned.call(f'{{"subscriptions":[{response}]}}', "subscriptions.list").subscriptions

    assert_read(found[0], expected)
