"""What the document has today, so that none of it is lost or changed by accident.

An edit that is meant to change it changes a line here; `make update` does not ask for it.
"""

from __future__ import annotations

from tests.docs.test_document import PATHS, WEBHOOKS


def test_the_document_covers_what_the_project_is_for() -> None:
    operations = {
        *("getAccount", "getAddress", "getPurses", "getTransaction", "findTransactions"),
        *("createCustomer", "updateCustomer", "blockCustomer", "unblockCustomer"),
        *("getSubscriptions", "createSubscription", "changeSubscription", "deleteSubscription"),
    }
    events = {
        *("EXPIRED", "MEM_POOL_FOUND", "PENDING_COMPLIANCE", "COMPLIANCE_DECLINED"),
        *("FUNDS_RECEIVED_FOR_PURSE", "TRANSLATION_TO_ACCOUNT_COMPLETED"),
    }

    assert set(PATHS) >= operations
    assert set(WEBHOOKS) >= {f"CUSTOMER_PURSE_{event}" for event in events}


def test_a_call_that_makes_a_second_object_is_unsafe_to_retry() -> None:
    unsafe = {name for name, found in PATHS.items() if found["x-retry"]["class"] == "unsafe"}

    assert unsafe == {"createCustomer", "createSubscription"}
