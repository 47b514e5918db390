# Generated from _async.py by `make generate`: edit that file instead.
"""The customer helpers of `Calypso`: one customer for each external id."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from calypso_api import UNSET
from calypso_api.models import Customer
from calypso_api.operations.customers import CREATE_CUSTOMER
from calypso_api.resources.customers import Customers as _Customers
from calypso_pay.customers import _rules
from calypso_pay.customers._store import CustomerStatus, CustomerStore

if TYPE_CHECKING:
    from uuid import UUID

    from calypso_api import Unset
    from calypso_api._engine import Engine
    from calypso_pay._options import Options


class Customers(_Customers):
    """The merchant's end customers, and a helper that creates each of them once.

    Args:
        engine: Makes the calls.
        options: The options of the client: its account and its deadline.
    """

    __slots__ = ("_options",)

    def __init__(self, engine: Engine, options: Options) -> None:
        super().__init__(engine)
        self._options = options

    def get_or_create(
        self,
        *,
        external_id: str | UUID,
        store: CustomerStore,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
    ) -> Customer:
        """Return the customer of an external id; create it on the first call.

        The API has no look-up of customers (documented), so the store remembers them. All callers
        get the same customer, on any number of machines that share the store: for an account and an
        external id the customer that is recorded first stays. One caller creates it and the others
        wait, without a database connection. It is returned as it was when it was created: the store
        does not learn of a later `update` or `block`.

        A process that is killed here leaves a lease, of the client's ``deadline`` and 15 s; then
        another caller creates the customer. After an unknown outcome, such as a timeout, the
        error is raised and the next call creates another customer at once. If the first one exists
        after all, nobody ever gets its id: it stays unused, has no address, and gets no money.
        Whether the vendor rejects a second customer with the same external id is not known. If it
        does, ask its support for the id, and record the customer with ``store.finish_customer``.

        Do not call it within a transaction of SQLite that has written: the store would wait for it.

        Args:
            external_id: Your own id of the customer. Any text that is not blank; spaces, case and
                Unicode forms make different ids. It is sent to the API, too.
            store: Where customers are remembered: an `Inbox`, or a store of your own.
            email: E-mail address of the customer; used only when it is created.
            description: Free text for the merchant's own use; used only when it is created.

        Returns:
            The customer that is recorded for the external id.

        Raises:
            APIError: The server rejects the creation. Nothing is recorded; call again.
            OutcomeUnknownError: The customer may have been created, and is not recorded: see above.
            TransportError: Nothing was created: no connection, or other workers took too long.
            UnexpectedResponseError: The customer was created, but its id cannot be read.
            Exception: What the store raises. If the customer was created but not recorded, a note
                has its id and what to do.
            TypeError: An argument or the store has the wrong type; nothing was sent.
            ValueError: The external id is blank, or an argument cannot be sent; nothing was sent.
        """
        request = _rules.Request(self._options, external_id, email, description)
        _rules.check_store(store, CustomerStore)
        while True:
            claim = store.begin_customer(request.account, request.external_id, request.lease)
            if claim.status == CustomerStatus.FOUND:
                return Customer.from_json(claim.customer)
            if claim.status == CustomerStatus.ACQUIRED:
                break
            _sleep(request.delay())
        created: Customer | None = None
        try:
            created = self._engine.call(CREATE_CUSTOMER, request.payload)
            return Customer.from_json(_record(request, store, _rules.stored(created)))
        except GeneratorExit:
            # The event loop is gone: nothing can be called any more.
            raise
        except BaseException as error:
            _rules.note_lost_customer(error, created)
            _release(request, store, claim.token, error)
            raise


def _record(request: _rules.Request, store: CustomerStore, customer: str) -> str:
    for pause in _rules.RECORD_PAUSES:
        with suppress(Exception):
            return store.finish_customer(request.account, request.external_id, customer)
        _sleep(pause)
    return store.finish_customer(request.account, request.external_id, customer)


def _release(
    request: _rules.Request, store: CustomerStore, token: str, error: BaseException
) -> None:
    try:
        store.release_customer(request.account, request.external_id, token)
    except Exception as failure:  # noqa: BLE001 - the error before it is raised
        _rules.note_unreleased(error, failure, request.lease)


def _sleep(seconds: float) -> None:
    import time

    time.sleep(seconds)
