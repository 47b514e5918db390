"""Arguments as Python people write them; what is wrong is named before anything is sent."""

from __future__ import annotations

import enum
import uuid
from decimal import Decimal
from typing import Any

import httpx
import pytest

from calypso_pay import (
    AsyncCalypso,
    Calypso,
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    ServerError,
    webhooks,
)
from calypso_pay.models import (
    Currency,
    FindTransactionsPayload,
    StringFilter,
    TransactionState,
    TransactionStateFilter,
)
from tests.overlay.guises import in_two_guises
from tests.overlay.peers import IDENTITY
from tests.rows import rows

ID = uuid.UUID(int=7)


def unreachable(_: httpx.Request) -> httpx.Response:
    raise AssertionError("something was sent")


@pytest.fixture
def client() -> Any:
    """A client that may send nothing."""
    with Calypso(**IDENTITY, transport=httpx.MockTransport(unreachable)) as client:
        yield client


WRONG = [
    ("customers.block", [None], {}, "customer_id is None"),
    ("customers.block", [7], {}, "customer_id has to be a text or a UUID, not int"),
    ("customers.block", [""], {}, "customer_id is empty"),
    ("customers.update", [ID], {"email": None}, "email is None"),
    ("customers.create", [], {"external_id": 7}, "external_id has to be a text, not int"),
    ("addresses.get", [ID], {"currency": None}, "currency is None"),
    ("transactions.get", [b"x"], {}, "transaction_id has to be a text or a UUID, not bytes"),
    ("transactions.find", [], {"customer_id": None}, "customer_id is None"),
    ("transactions.find", [], {"customer_id": " "}, "customer_id is empty"),
    ("transactions.find", [], {"page_size": 1.0}, "page_size has to be an int, not float"),
    ("transactions.find", [], {"page_size": True}, "page_size has to be an int, not bool"),
    ("transactions.find", [], {"sort": 1}, "sort has to be a text, not int"),
    (
        "transactions.find",
        [],
        {"currency_filter": {"equals": "BTC"}},
        "currency_filter has to be a text, a list of texts or a StringFilter, not dict",
    ),
    ("transactions.find", [], {"currency_filter": []}, "currency_filter is empty"),
    ("transactions.find", [], {"currency_filter": ""}, "currency_filter is empty"),
    ("transactions.find", [], {"currency_filter": StringFilter()}, "currency_filter is empty"),
    (
        "transactions.find",
        [],
        {"currency_filter": StringFilter(in_=[])},
        "currency_filter is empty",
    ),
    ("addresses.get", [ID], {"currency": " "}, "currency is empty"),
    ("subscriptions.update", [ID], {"url": ""}, "url is empty"),
    ("subscriptions.rotate", [None], {}, "request_id is None"),
    (
        "subscriptions.rotate",
        [ID],
        {"notification_event_types": 1.5},
        "notification_event_types has to be a list, not float",
    ),
    ("transactions.wait_for", [ID], {"until": 5}, "until has to be a state or a function"),
    ("transactions.wait_for", [ID], {"deadline": 10**400}, "deadline has to be a positive number"),
    ("transactions.find", [], {"currency_filter": ["BTC", None]}, r"currency_filter\[\] is None"),
    (
        "transactions.find",
        [],
        {"currency_filter": TransactionStateFilter()},
        "currency_filter has to be .* not TransactionStateFilter",
    ),
    ("transactions.find", [], {"transaction_state_filter": None}, "transaction_state_filter is No"),
    ("transactions.iter", [], {"customer_id": None}, "customer_id is None"),
    ("transactions.iter", [], {"currency_filter": 5}, "currency_filter has to be"),
    ("subscriptions.delete", [None], {}, "request_id is None"),
    (
        "subscriptions.create",
        [],
        {"url": "https://x", "request_id": None, "notification_event_types": ["X"]},
        "request_id is None",
    ),
    (
        "subscriptions.create",
        [],
        {"url": "https://x", "notification_event_types": "INVOICE_PAID"},
        "notification_event_types has to be a list, not str",
    ),
    ("subscriptions.update", [ID], {"url": None}, "url is None"),
]


@rows("method, given, named, message", WRONG)
def test_a_wrong_argument_is_named_and_nothing_is_sent(
    client: Any, method: str, given: list[Any], named: dict[str, Any], message: str
) -> None:
    resource, _, name = method.partition(".")
    with pytest.raises((TypeError, ValueError, ConfigurationError), match=message):
        getattr(getattr(client, resource), name)(*given, **named)


def test_the_settings_of_a_client_have_names() -> None:
    """Key and secret could be swapped in silence, and the call fail late."""
    for kind in (Calypso, AsyncCalypso):
        made: Any = kind
        with pytest.raises(TypeError, match="positional"):
            made("key", "secret")


@rows(
    "setting, value, message",
    [
        ("allow_http", "no", "allow_http has to be True or False, not 'no'"),
        ("strict", "no", "strict has to be True or False, not 'no'"),
        ("clock", 5, "clock has to be a function, not a int"),
        ("on_drift", 5, "on_drift has to be a function, not a int"),
    ],
)
def test_a_setting_of_another_type_is_rejected(setting: str, value: Any, message: str) -> None:
    for make in (Calypso, AsyncCalypso, Calypso(**IDENTITY).with_options):
        made: Any = make
        identity = {} if made not in (Calypso, AsyncCalypso) else IDENTITY
        with pytest.raises(ConfigurationError, match=message):
            made(**identity, **{setting: value})


@in_two_guises
def test_an_id_may_be_a_uuid(guise: Any) -> None:
    customer = uuid.UUID(guise.call("customers.create").id)
    address = guise.call("addresses.get", customer, currency=Currency.BTC)
    guise.mock.simulate_deposit(address=address.address, currency="BTC", amount="1")
    [found] = guise.call("transactions.find", customer_id=customer).result
    created = guise.call(
        "subscriptions.create",
        url="https://shop.example/x",
        request_id=ID,
        notification_event_types=["CUSTOMER_PURSE_EXPIRED"],
    )
    changed = guise.call(
        "subscriptions.update",
        ID,
        url="https://shop.example/y",
        notification_event_types=["CUSTOMER_PURSE_EXPIRED"],
    )

    assert guise.call("transactions.get", uuid.UUID(found.id)) == found
    assert guise.call("transactions.wait_for", uuid.UUID(found.id)) == found
    assert created.request_id == changed.request_id == str(ID)
    assert guise.call("subscriptions.rotate", ID).old == changed
    assert guise.call("subscriptions.delete", ID) is None


@rows(
    "short, whole",
    [
        ({"currency_filter": "BTC"}, {"currency_filter": StringFilter(equals="BTC")}),
        ({"currency_filter": Currency.BTC}, {"currency_filter": StringFilter(equals="BTC")}),
        ({"currency_filter": ["BTC"]}, {"currency_filter": StringFilter(in_=["BTC"])}),
        ({"currency_filter": ("A", "B")}, {"currency_filter": StringFilter(in_=["A", "B"])}),
        (
            {"transaction_state_filter": ["CONFIRMED", TransactionState.DECLINED]},
            {
                "transaction_state_filter": TransactionStateFilter(
                    in_=[TransactionState.CONFIRMED, TransactionState.DECLINED]
                )
            },
        ),
    ],
)
def test_a_text_or_a_list_is_short_for_a_filter(
    short: dict[str, Any], whole: dict[str, Any]
) -> None:
    assert FindTransactionsPayload(**short).to_dict() == FindTransactionsPayload(**whole).to_dict()


@in_two_guises
def test_a_short_filter_finds_the_same_rows(guise: Any) -> None:
    customer = guise.call("customers.create").id
    for currency in ("BTC", "USDT_TRX"):
        address = guise.call("addresses.get", customer, currency=currency).address
        guise.mock.simulate_deposit(address=address, currency=currency, amount="1", to="pending")
    seen = {
        repr(filters): [each.currency for each in guise.call("transactions.find", **filters).result]
        for filters in (
            {"currency_filter": "BTC"},
            {"currency_filter": ["BTC", "USDT_TRX"]},
            {"transaction_state_filter": ["CONFIRMED"]},
        )
    }

    assert list(seen.values()) == [["BTC"], ["BTC", "USDT_TRX"], []]


MEANT = {
    "usdt_trx": "USDT_TRX",
    "USDT-TRX": "USDT_TRX",
    "USDTTRX": "USDT_TRX",
    "USDT_TXR": "USDT_TRX",
    "UDST_TRX": "USDT_TRX",
    "USDT_TRC20": "USDT_TRX",
    "USDT_TRC": "USDT_TRX",
    "usdc tron": "USDC_TRX",
    "USDT_BEP20": "USDT_BSC",
    "USDT_POL": "USDT_MATIC",
    "USDT_POLYGON": "USDT_MATIC",
    "USDT_ERC20": "USDT",
    "DAI_ERC20": "DAI",
    "USTD": "USDT",
    "btc": "BTC",
}
# Each is, or may be, another asset or another chain.
OTHERS = [
    "USDT_SOL",
    "USDT_TON",
    "USDT_ARB",
    "USDC_BASE",
    "USDC_BSC",
    "USDC_MATIC",
    "USDC_BEP20",
    "DAI_BSC",
    "ETH_BSC",
    "BTC_BSC",
    "TRX_BSC",
    "TRX_USDT",
    "BTCB",
    "WBTC",
    "BCH",
    "BTG",
    "BTT",
    "ETC",
    "ETHW",
    "ADA",
    "SOL",
    "BTC_ERC20",
    "USDT_TR",
    "QQQQ",
    "USDT_TRX2",
]


@in_two_guises
def test_a_currency_that_is_only_spelled_otherwise_gets_the_right_one_suggested(
    guise: Any,
) -> None:
    """And no other guess is made: coins sent over another chain are lost."""
    customer = guise.call("customers.create").id
    hints = {}
    for code in (*MEANT, *OTHERS):
        with pytest.raises(InvalidRequestError) as caught:
            guise.call("addresses.get", customer, currency=code)
        assert "is not a known currency" in str(caught.value)
        hints[code] = str(caught.value).partition("did you mean ")[2]

    assert hints == {
        **{code: f"{meant}?" for code, meant in MEANT.items()},
        **dict.fromkeys(OTHERS, ""),
    }


@in_two_guises
def test_no_currency_is_suggested_where_another_field_is_wrong(guise: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        guise.call("addresses.get", "no-id", currency="usdt_trx")

    assert caught.value.field == "payload.customerId"
    assert "currency known here" not in str(caught.value)


class Coin(str, enum.Enum):  # noqa: UP042 - as merchants' code has it
    USDT = "USDT_TRX"


class Loud(str):  # noqa: SLOT000 - as a user's own text may be
    def __str__(self) -> str:
        return "LOUD"


@in_two_guises
def test_a_text_of_another_class_is_sent_as_the_text_that_it_is(guise: Any) -> None:
    """Also that of an enum's member, whose `str` is its name."""
    customer = guise.call("customers.create", external_id=Loud("u-1"))
    address = guise.call("addresses.get", Loud(customer.id), currency=Coin.USDT).address
    guise.mock.simulate_deposit(address=address, currency="USDT_TRX", amount="1")
    for wanted in (Coin.USDT, [Coin.USDT], StringFilter(equals=Coin.USDT)):
        found = guise.call("transactions.find", currency_filter=wanted)
        assert [each.currency for each in found.result] == ["USDT_TRX"]
    settings = {name: Loud(value) for name, value in guise.settings.items()}

    assert customer.external_id == "u-1"
    assert guise.call("accounts.get", on=guise.make(**settings)).account == settings["account"]
    headers = {"Sign": webhooks.sign(b"{}", Coin.USDT)}
    webhooks.verify(b"{}", headers, "USDT_TRX")
    webhooks.verify(b"{}", headers, [Coin.USDT])


def test_a_currency_has_a_network_and_a_kind_and_an_unknown_one_has_none() -> None:
    assert (Currency.USDT_TRX.network, Currency.USDT_TRX.kind) == ("Tron", "token")
    assert (Currency("NEW").network, Currency("NEW").is_known) == (None, False)
    assert Currency("BTC") is Currency.BTC
    assert {each.kind for each in Currency} - {None} == {"coin", "token"}


TIMEOUT = httpx.Timeout(5, connect=1, pool=None)


@pytest.mark.parametrize("kind", [Calypso, AsyncCalypso])
def test_a_timeout_may_have_a_value_for_each_phase(kind: Any) -> None:
    """What it does not bound is bounded by the deadline; the shorter of both holds."""
    options = kind(**IDENTITY, timeout=TIMEOUT)._engine.raw.core.options
    changed = kind(**IDENTITY).with_options(timeout=TIMEOUT)._engine.raw.core.options

    assert options.timeout == changed.timeout
    assert options.timeout.within(3) == (1, 3, 3, 3)
    for wrong in (httpx.Timeout(-1), httpx.Timeout(5, read=float("nan")), "5", True, None):
        with pytest.raises(ConfigurationError, match="timeout has to be a positive number"):
            kind(**IDENTITY, timeout=wrong)


def test_each_phase_of_a_request_gets_its_own_bound() -> None:
    seen: list[dict[str, float]] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(dict(request.extensions["timeout"]))
        return httpx.Response(500)

    transport = httpx.MockTransport(respond)
    with (
        Calypso(**IDENTITY, transport=transport, timeout=TIMEOUT, max_retries=0) as client,
        pytest.raises(ServerError),
    ):
        client.accounts.get()

    assert {name: round(value) for name, value in seen[0].items()} == {
        "connect": 1,
        "read": 5,
        "write": 5,
        "pool": 90,
    }


@in_two_guises
def test_a_view_takes_every_option_but_credentials_and_connections(guise: Any) -> None:
    attempts: list[str] = []
    client = guise.make(on_attempt=lambda attempt: attempts.append("client"))
    view = client.with_options(
        account=guise.mock.add_account(),
        base_url=guise.url,
        allow_http=True,
        timeout=5,
        deadline=6,
        max_retries=0,
        backoff=0,
        clock=lambda: 0.0,
        on_attempt=lambda attempt: attempts.append("view"),
        on_drift=None,
        strict=True,
    )
    silent = client.with_options(on_attempt=None)
    guise.call("accounts.get", on=client)
    guise.call("accounts.get", on=silent)
    # Its clock is wrong, which is corrected once, and its account belongs to another key.
    with pytest.raises(NotFoundError):
        guise.call("accounts.get", on=view)

    assert attempts == ["client", "view", "view"]
    for wrong in ("key", "secret", "http_client", "transport"):
        with pytest.raises(TypeError, match=wrong):
            client.with_options(**{wrong: None})
    for name in ("account", "base_url", "timeout", "deadline", "max_retries", "backoff"):
        with pytest.raises(ConfigurationError, match=name):
            client.with_options(**{name: None})


def test_a_view_does_not_lead_from_this_machine_to_another() -> None:
    """Whether a proxy is asked was decided when the connections were made."""
    with Calypso(**IDENTITY, base_url="http://127.0.0.1:1") as client:
        assert client.with_options(base_url="http://localhost:2")
        with pytest.raises(ConfigurationError, match="client of its own"):
            client.with_options(base_url="https://api.calypso.money")
    with (
        Calypso(**IDENTITY) as client,
        pytest.raises(ConfigurationError, match="plain http"),
    ):
        client.with_options(base_url="http://api.calypso.money")


def test_amounts_are_no_floats_in_what_is_sent(client: Any) -> None:
    """No argument is an amount today; whatever is sent all the same is held to that."""
    payload = FindTransactionsPayload(customer_id=ID)
    payload.additional_properties["amount"] = 1.5
    with pytest.raises(TypeError, match="amount: a float"):
        payload.to_json()
    payload.additional_properties["amount"] = Decimal("1.50")
    assert payload.to_json() == f'{{"amount":1.50,"customerId":"{ID}"}}'
