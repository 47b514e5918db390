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

        All callers with the same account, external id and store get the same customer, on any
        number of machines: while one of them creates it, the others wait. It is returned as it was
        created, without later changes. After an unknown outcome the error is raised, and the next
        call creates another customer; the first one, if it exists, stays unused for ever.

        Args:
            external_id: Your own id of the customer: any text that is not blank. It is sent to the
                API, too.
            store: Where customers are remembered, since the API has no look-up of them
                (documented): an `Inbox`, or a store of your own. A process that is killed
                meanwhile leaves a claim in it; calls wait until that expires, after the client's
                ``deadline`` and 15 s. Do not call this within a transaction of yours that has
                written to the same SQLite database: it would wait for itself.
            email: E-mail address of the customer; used only when it is created.
            description: Free text for the merchant's own use; used only when it is created.

        Returns:
            The customer that was recorded first for the account and the external id.

        Raises:
            APIError: The server rejects the creation; nothing is recorded.
            OutcomeUnknownError: A customer may have been created, and is not recorded. Call again
                to create another. The id of the first one is lost, so it has no address, and no
                money can reach it. Whether the vendor then rejects the external id as taken is not
                known; if so, ask its support for the customer's id, and record it with
                ``store.finish_customer``.
            UnexpectedResponseError: Likewise, and it was created: the response has no id.
            TransportError: Nothing was created. No connection could be made, or others have been
                creating the customer for longer than the client's ``deadline`` and 15 s.
            Exception: What the store raises. If a customer was created and could not be recorded,
                a note has its id and says what to do.
            DecodeError: What is recorded is not a customer.
            TypeError: An argument or the store has the wrong type; nothing was sent.
            ValueError: The external id is blank, or a text cannot be sent; nothing was sent.
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
