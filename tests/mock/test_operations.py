"""What each operation does to the state of its account, and to no other account."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from calypso_mock import Mock
from tests.mock.rows import outcomes

if TYPE_CHECKING:
    from conftest import Api

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
EVENTS = ["CUSTOMER_PURSE_EXPIRED"]


def subscription(request_id: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "requestId": request_id or str(uuid.uuid4()),
        "url": "https://shop.example/hook",
        "notificationEventTypes": EVENTS,
        **fields,
    }


def test_a_new_account_is_empty(api: Api) -> None:
    """It has an owner and a name, and no balance at all."""
    account = api.ok("getAccount")

    assert account["account"] == api.settings["account"]
    assert account["balances"] == []
    assert account["name"] == "Main"
    uuid.UUID(account["ownerId"])


def test_a_customer_keeps_the_given_fields_and_no_more(api: Api) -> None:
    """Fields that were never sent are absent from the response, the flag is false."""
    bare = api.ok("createCustomer", {})
    full = api.ok("createCustomer", {"email": "", "description": "d", "externalId": "e"})

    assert bare == {"id": bare["id"], "blocked": False}
    assert full == {
        "id": full["id"],
        "email": "",
        "description": "d",
        "externalId": "e",
        "blocked": False,
    }


def test_two_creates_make_two_customers(api: Api) -> None:
    """Nothing about a customer has to be unique."""
    fields = {"email": "same@shop.example", "externalId": "same"}

    assert api.ok("createCustomer", fields)["id"] != api.ok("createCustomer", fields)["id"]


def test_an_update_changes_what_is_sent_and_keeps_the_rest(api: Api) -> None:
    """A field left out stays; so does the blocking flag."""
    customer = api.customer(email="a@b.example", description="old")
    api.ok("blockCustomer", {"customerId": customer})

    changed = api.ok("updateCustomer", {"id": customer, "description": "new", "externalId": "x"})

    assert changed == {
        "id": customer,
        "email": "a@b.example",
        "description": "new",
        "externalId": "x",
        "blocked": True,
    }
    assert api.ok("updateCustomer", {"id": customer}) == changed


def test_an_update_cannot_set_the_flag(api: Api) -> None:
    """`blocked` is not a field of the request, and so it is ignored."""
    customer = api.customer()

    assert api.ok("updateCustomer", {"id": customer, "blocked": True})["blocked"] is False


def test_blocking_and_unblocking_are_idempotent(api: Api) -> None:
    """Each ends in the same state however often it is called."""
    named = {"customerId": api.customer()}
    calls = ["blockCustomer", "blockCustomer", "unblockCustomer", "unblockCustomer"]

    assert [api.ok(call, named)["blocked"] for call in calls] == [True, True, False, False]


def test_ids_are_found_in_either_case(api: Api) -> None:
    """A UUID in upper case is the same UUID."""
    customer = api.customer()

    assert api.ok("blockCustomer", {"customerId": customer.upper()})["id"] == customer
    assert api.ok("findTransactions", {"customerId": customer.upper()})["result"] == []


def test_currencies_of_one_format_share_an_address(api: Api) -> None:
    """ETH, USDT_BSC and POL arrive at one address (documented); Tron, Bitcoin … have their own."""
    customer = api.customer()
    families = [
        ["ETH", "USDT", "USDC", "DAI", "FRAX", "BNB", "USDT_BSC", "POL", "MATIC", "USDT_MATIC"],
        ["TRX", "USDT_TRX", "USDC_TRX"],
        ["BTC"],
        ["LTC"],
        ["XDG"],
    ]

    found = [{api.address(currency, customer) for currency in family} for family in families]

    assert [len(addresses) for addresses in found] == [1, 1, 1, 1, 1]
    assert len(set.union(*found)) == 5


def test_the_same_live_address_is_handed_out_again(api: Api) -> None:
    """Id and address, however often they are asked for."""
    wanted = {"customerId": api.customer(), "currency": "BTC"}

    assert api.ok("getAddress", wanted) == api.ok("getAddress", wanted)


def test_no_two_customers_share_an_address(api: Api) -> None:
    """Every deposit has to belong to one customer."""
    addresses = [api.address(currency) for currency in ["ETH", "TRX", "BTC"] for _ in range(20)]

    assert len(set(addresses)) == 60


def test_a_blocked_customer_keeps_address_and_deposits(api: Api) -> None:
    """Blocking is a flag: addresses stay active and deposits are credited (documented)."""
    customer = api.customer()
    address = api.address("BTC", customer)
    api.ok("blockCustomer", {"customerId": customer})

    api.mock.simulate_deposit(address=address, currency="BTC", amount="0.5")

    assert api.address("BTC", customer) == address
    assert str(api.balance("BTC")) == "0.5"
    assert api.ok("getPurses", {"customerId": customer})[0]["status"] == "PENDING_PAYMENT"


def test_an_unknown_currency_is_bad_input(api: Api) -> None:
    """Codes are exact; the field is named, and it comes before the customer is looked for."""

    def rejection(currency: str) -> tuple[tuple[int, str], str]:
        response = api.call("getAddress", {"customerId": UNKNOWN_ID, "currency": currency})
        return response.error, response.message.partition("=")[0]

    currencies = ["NOPE", "btc", "USDT_ETH", "BTC ", "B" * 1000]
    assert outcomes(currencies, rejection) == dict.fromkeys(
        currencies, ((400, "001"), "payload.currency")
    )


def test_purses_are_listed_oldest_first(api: Api) -> None:
    """One purse for each address handed out, with the id that came with it."""
    customer = api.customer()
    got = [
        api.ok("getAddress", {"customerId": customer, "currency": currency})
        for currency in ["BTC", "ETH", "BNB"]
    ]

    purses = api.ok("getPurses", {"customerId": customer})

    assert purses == [
        {**address, "status": "PENDING_PAYMENT", "createdDate": "2026-11-21T12:00:00.000Z"}
        for address in got[:2]
    ]
    assert got[1] == got[2]


def test_a_subscription_gets_keys_that_stay(api: Api) -> None:
    """Create gives a pair; list shows it; change keeps it and everything else that was not sent."""
    wanted = subscription()
    made = api.ok("createSubscription", wanted)

    changed = api.ok(
        "changeSubscription",
        {
            "requestId": wanted["requestId"],
            "url": "http://other.example/",
            "notificationServiceTypes": ["CUSTOMER_PURSE"],
        },
    )

    assert made == {
        **wanted,
        "notificationServiceTypes": [],
        "publicKey": made["publicKey"],
        "secretKey": made["secretKey"],
        "createdDate": "2026-11-21T12:00:00.000Z",
        "blockedByErrorCount": False,
    }
    assert [len(bytes.fromhex(made[name])) for name in ("publicKey", "secretKey")] == [16, 16]
    assert changed == {
        **made,
        "url": "http://other.example/",
        "notificationEventTypes": [],
        "notificationServiceTypes": ["CUSTOMER_PURSE"],
    }
    assert api.ok("getSubscriptions") == {"subscriptions": [changed]}


def test_every_subscription_has_a_pair_of_its_own(api: Api) -> None:
    """No key is used twice, not even that of a deleted subscription."""
    seen = []
    for _ in range(3):
        made = api.ok("createSubscription", subscription())
        api.ok("deleteSubscription", {"requestId": made["requestId"]})
        seen += [made["publicKey"], made["secretKey"]]

    assert len(set(seen)) == 6


def test_a_request_id_serves_once_in_an_account(api: Api) -> None:
    """A second create is rejected and names the field, in either case; it changes nothing."""
    wanted = subscription()
    made = api.ok("createSubscription", wanted)
    again = {**wanted, "requestId": wanted["requestId"].upper(), "url": "http://other.example"}

    response = api.call("createSubscription", again)

    assert response.error == (400, "001")
    assert response.message.startswith("payload.requestId=[")
    assert api.ok("getSubscriptions") == {"subscriptions": [made]}


def test_a_deleted_subscription_no_longer_exists(api: Api) -> None:
    """The response has no content, the list no longer shows it, and its id is free."""
    wanted = subscription()
    named = {"requestId": wanted["requestId"]}
    api.ok("createSubscription", wanted)

    gone = api.call("deleteSubscription", named)

    assert (gone.status, gone.content) == (200, b"")
    assert "content-type" not in gone.headers
    assert gone.headers["content-length"] == "0"
    assert api.ok("getSubscriptions") == {"subscriptions": []}
    assert api.rejected("deleteSubscription", named) == (400, "004")
    api.ok("createSubscription", wanted)


def test_a_subscription_has_to_lead_somewhere(api: Api) -> None:
    """No event types, or a URL that nothing can be sent to, is bad input."""
    made = api.ok("createSubscription", subscription())

    def rejection(row: tuple[str, dict[str, Any]]) -> tuple[tuple[int, str], str]:
        operation_id, fields = row
        request_id = made["requestId"] if operation_id == "changeSubscription" else None
        response = api.call(operation_id, subscription(request_id, **fields))
        assert api.ok("getSubscriptions") == {"subscriptions": [made]}
        return response.error, response.message.partition("=")[0]

    urls = ["ftp://shop.example/", "shop.example", "https://", "http://[::1", "javascript:alert(1)"]
    rows = [
        (operation_id, fields)
        for operation_id in ("createSubscription", "changeSubscription")
        for fields in ({"notificationEventTypes": []}, *({"url": url} for url in urls))
    ]
    assert outcomes(rows, rejection) == {
        repr(row): ((400, "001"), f"payload.{next(iter(row[1]))}") for row in rows
    }


FOREIGN = {
    "updateCustomer": lambda ids: {"id": ids["customer"]},
    "blockCustomer": lambda ids: {"customerId": ids["customer"]},
    "unblockCustomer": lambda ids: {"customerId": ids["customer"]},
    "getAddress": lambda ids: {"customerId": ids["customer"], "currency": "BTC"},
    "getPurses": lambda ids: {"customerId": ids["customer"]},
    "findTransactions": lambda ids: {"customerId": ids["customer"]},
    "getTransaction": lambda ids: {"transactionId": ids["transaction"]},
    "changeSubscription": lambda ids: subscription(ids["subscription"]),
    "deleteSubscription": lambda ids: {"requestId": ids["subscription"]},
}


def test_what_is_not_in_the_account_is_not_found(api: Api, connect: type[Api]) -> None:
    """An object of another account is as absent as one that never was, and stays untouched."""
    mock, key = api.mock, api.settings["key"]
    owners = {
        "unknown": dict.fromkeys(["customer", "transaction", "subscription"], UNKNOWN_ID),
        "another account's": _belongings(connect(mock, mock.add_account())),
        "the key's other account's": _belongings(connect(mock, mock.add_account(key=key))),
    }
    before = mock.state()

    def rejection(row: tuple[str, str]) -> tuple[tuple[int, str], bool]:
        operation_id, whose = row
        seen = api.rejected(operation_id, FOREIGN[operation_id](owners[whose]))
        return seen, mock.state() == before

    rows = [(operation_id, whose) for operation_id in FOREIGN for whose in owners]
    assert outcomes(rows, rejection) == dict.fromkeys(map(repr, rows), ((400, "004"), True))


def _belongings(api: Api) -> dict[str, str]:
    customer = api.customer()
    address = api.address("BTC", customer)
    deposit = api.mock.simulate_deposit(address=address, currency="BTC", amount=1)
    made = api.ok("createSubscription", subscription())
    return {
        "customer": customer,
        "transaction": deposit.transaction_id,
        "subscription": made["requestId"],
    }


def test_an_account_is_seen_by_its_own_key_only(api: Api) -> None:
    """Naming another key's account is 004, whatever is asked of it."""
    other = api.mock.add_account()

    assert api.call("getAccount", account=other).error == (400, "004")
    assert api.call("getAccount", account="").error == (400, "001")
    assert api.call("getAccount", account=other.upper()).error == (400, "004")


def test_one_key_may_see_several_accounts(api: Api, connect: type[Api]) -> None:
    """The envelope names the account; a change of one does not show in the other."""
    second = connect(api.mock, api.mock.add_account(name="Second", key=api.settings["key"]))

    second.mock.simulate_deposit(address=second.address("BTC"), currency="BTC", amount=2)

    assert second.settings["key"] == api.settings["key"]
    assert second.ok("getAccount")["name"] == "Second"
    assert (second.balance("BTC"), api.balance("BTC")) == (2, 0)
    assert api.ok("findTransactions", {})["totalElements"] == 0


def test_accounts_have_what_is_theirs(api: Api, connect: type[Api]) -> None:
    """Lists and balances show one account's objects; request ids may repeat across accounts."""
    other = connect(api.mock, api.mock.add_account())
    shared = subscription()
    for client in (api, other):
        client.ok("createSubscription", shared)
    other.mock.simulate_deposit(address=other.address("BTC"), currency="BTC", amount=1)

    assert api.ok("findTransactions", {})["result"] == []
    assert api.ok("getAccount")["balances"] == []
    assert other.ok("findTransactions", {})["totalElements"] == 1
    pairs = [client.ok("getSubscriptions")["subscriptions"] for client in (api, other)]
    assert [len(pair) for pair in pairs] == [1, 1]
    assert pairs[0][0]["secretKey"] != pairs[1][0]["secretKey"]


def test_equal_seeds_give_equal_responses(still: Any, connect: type[Api]) -> None:
    """Ids, keys, addresses, hashes and trace ids depend on the seed and the order of calls only."""

    def story(seed: int) -> list[bytes]:
        api = connect(Mock(seed=seed, clock=still))
        address = api.address("USDT_TRX")
        api.mock.simulate_deposit(address=address, currency="TRX", amount="1.5")
        calls = [
            ("findTransactions", {}),
            ("createSubscription", subscription(UNKNOWN_ID)),
            ("getAccount", None),
            ("getTransaction", {}),
        ]
        return [api.call(*call).content for call in calls]

    assert story(7) == story(7)
    assert not set(story(7)) & set(story(8))
