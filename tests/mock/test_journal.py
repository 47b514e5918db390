"""The journal counts what the mock did, whether or not the response arrived."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from calypso_mock import Entry, Mock
from calypso_mock.state._journal import Journal

if TYPE_CHECKING:
    from conftest import Api

UNKNOWN_CUSTOMER = {"customerId": "00000000-0000-4000-8000-000000000000"}


def test_carried_out_and_rejected_requests_are_counted_in_order(api: Api) -> None:
    api.ok("createCustomer", {})
    api.rejected("blockCustomer", UNKNOWN_CUSTOMER)
    api.ok("createCustomer", {})

    journal = api.mock.journal
    assert (journal.carried_out("createCustomer"), journal.refused("createCustomer")) == (2, 0)
    assert (journal.carried_out("blockCustomer"), journal.refused("blockCustomer")) == (0, 1)
    assert journal.entries() == [
        Entry("createCustomer", None),
        Entry("blockCustomer", "004"),
        Entry("createCustomer", None),
    ]


def test_each_check_that_rejects_is_noted_by_its_code(api: Api) -> None:
    api.send("createCustomer", b"{")
    api.send("createCustomer", b"{}", Key="unknown")
    api.send("createCustomer", b"{}", Sign="f00")
    api.call("createCustomer", {}, timestamp=0)
    api.call("createCustomer", {"email": 7})

    codes = [entry.error_code for entry in api.mock.journal.entries()]
    assert codes == ["001", "002", "003", "011", "001"]
    assert api.mock.journal.carried_out("createCustomer") == 0


def test_an_operation_whose_response_breaks_the_document_was_carried_out(
    document: dict[str, Any], connect: type[Api]
) -> None:
    """The caller hears 000, and the customer is there nevertheless."""
    document["components"]["schemas"]["Customer"]["required"] = ["colour"]
    api = connect(Mock(document=document))

    assert api.rejected("createCustomer", {}) == (500, "000")
    assert api.mock.journal.entries() == [Entry("createCustomer", None)]
    assert len(api.mock.state()["accounts"][0]["customers"]) == 1


def test_what_is_no_operation_is_not_in_it(api: Api) -> None:
    api.raw("GET", "/api/v1/account")
    api.raw("POST", "/nowhere")
    api.control("GET", "state")

    assert api.mock.journal.entries() == []


def test_the_control_endpoint_shows_counts_and_entries(api: Api) -> None:
    api.ok("createCustomer", {})
    api.rejected("blockCustomer", UNKNOWN_CUSTOMER)

    assert api.control("GET", "journal").json == {
        "carriedOut": {"createCustomer": 1},
        "refused": {"blockCustomer": 1},
        "entries": [
            {"operation": "createCustomer", "errorCode": None, "fromExample": False},
            {"operation": "blockCustomer", "errorCode": "004", "fromExample": False},
        ],
    }


def test_a_reset_empties_it(api: Api) -> None:
    """The journal that was read before is the one that is emptied."""
    journal = api.mock.journal
    api.ok("getAccount")
    api.mock.reset()

    assert journal is api.mock.journal
    assert journal.entries() == []
    assert journal.carried_out("getAccount") == 0
    assert repr(journal) == "<Journal carried_out=0 refused=0>"


def test_entries_are_bounded_and_counts_are_not() -> None:
    journal = Journal()
    for _ in range(10_001):
        journal.note("getAccount")

    assert len(journal.entries()) == 10_000
    assert journal.carried_out("getAccount") == 10_001


@pytest.mark.parametrize("reading", [Journal.entries, Journal.counts])
def test_it_can_be_read_while_requests_come(reading: Any) -> None:
    """By another thread, and no entry is lost."""
    journal = Journal()
    writers = [
        threading.Thread(target=lambda: [journal.note("getAccount") for _ in range(2_000)])
        for _ in range(4)
    ]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        reading(journal)

    assert journal.carried_out("getAccount") == len(journal.entries()) == 8_000


def test_no_secret_is_in_it(connect: type[Api]) -> None:
    api = connect(Mock(seeded=True))
    held = api.ok("getSubscriptions")["subscriptions"][0]
    api.send("getAccount", b"{}", Sign="f00d")
    shown = repr(api.mock.journal) + repr(api.mock.journal.entries())
    shown += json.dumps(api.control("GET", "journal").json)

    secrets = [api.settings["key"], api.settings["secret"], held["secretKey"], "f00d"]
    assert [secret for secret in secrets if secret in shown] == []
