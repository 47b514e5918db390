"""``Mock``, the class that users make."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict

from calypso_mock._errors import MockError
from calypso_mock.api import _core, _document, _seed
from calypso_mock.api._context import Context, Options
from calypso_mock.api._http import Exchange, Request, fold_headers
from calypso_mock.api._rows import Rows
from calypso_mock.delivery import _events
from calypso_mock.delivery._dispatcher import Deliveries
from calypso_mock.serving import _control, _snapshot
from calypso_mock.serving._asgi import Application
from calypso_mock.simulation import _deposits, _top_ups
from calypso_mock.state._clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from calypso_mock.api._http import HeaderItems, Response
    from calypso_mock.delivery._http_sender import Deliver
    from calypso_mock.serving._transports import AsyncTransport, Transport
    from calypso_mock.simulation._deposits import Deposit
    from calypso_mock.simulation._top_ups import TopUp
    from calypso_mock.state._journal import Journal
    from calypso_mock.state._records import Step, TopUpStep

    Observer = Callable[[Exchange], None]

# A name that never resolves (RFC 2606), should the transport have been forgotten.
IN_PROCESS_URL = "http://mock.invalid"


class Settings(TypedDict):
    """What a client needs to use a mock as one of its accounts.

    Attributes:
        key: Public API key.
        secret: Secret key.
        account: Id of the merchant account.
        base_url: Where the mock is served.
    """

    key: str
    secret: str
    account: str
    base_url: str


class Mock:
    """A stateful mock of the Calypso Pay API.

    It checks every request as the vendor would, signature and timestamp included, by the OpenAPI
    document; keeps customers, addresses, deposits, balances and webhook subscriptions; and checks
    its own responses by the document before they leave. It does no input or output unless it is
    served, and may be used from any number of threads.

    Args:
        seeded: Start with the objects of the document's examples, and a second account with a key
            pair of its own, rather than with one empty account.
        seed: Decides ids, keys and addresses; equal seeds give equal ones.
        auth_status: HTTP status of errors 002 and 003. 401 was documented until 2023; the present
            documentation lists 400 and 500 only.
        page_base: Number of the first page of a search, 0 or 1; the vendor's is unknown.
        strict_account: Reject account ids that are not ``0x`` and 40 hex digits, as the document
            of one of the vendor's two hosts demands.
        document: Another OpenAPI document than the packaged one. Operations and fields that
            the mock has no behaviour for are served from its examples, after all checks; the
            journal and the log name them.
        clock: The clocks to use, for tests that bring a base of their own.
        deliver: Gets URL, headers and body of each webhook event at once, and returns the status
            of the receiver's response. Where absent, events wait for ``deliveries.deliver_due``,
            or for a server.

    Raises:
        MockError: If an argument is out of range, or the document is broken.
    """

    def __init__(  # noqa: PLR0913 - options, all named and all optional
        self,
        *,
        seeded: bool = False,
        seed: int = 0,
        auth_status: int = 401,
        page_base: int = 0,
        strict_account: bool = False,
        document: Mapping[str, Any] | None = None,
        clock: Clock | None = None,
        deliver: Deliver | None = None,
    ) -> None:
        if auth_status not in {400, 401}:
            raise MockError("auth_status has to be 400 or 401")
        if page_base not in {0, 1}:
            raise MockError("page_base has to be 0 or 1")
        contract, clock = _document.load_contract(document), clock or Clock()
        self._context = Context(
            contract,
            clock,
            Options(auth_status, page_base, strict_account),
            partial(_seed.new_state, contract, clock, seed=seed, seeded=seeded),
        )
        self._observers: list[Observer] = []
        self._rows = Rows(self._context)
        self._deliveries = Deliveries(self._context, deliver)
        self._control = _control.Control(
            self._context,
            simulate_deposit=_deposits.simulate,
            advance_deposit=_deposits.advance,
            simulate_top_up=_top_ups.simulate,
            advance_top_up=_top_ups.advance,
        )

    def __repr__(self) -> str:
        accounts = ", ".join(self._context.state.accounts)
        return f"<Mock accounts=[{accounts}]>"

    @property
    def clock(self) -> Clock:
        """The two clocks: ``advance`` moves business time, ``skew`` wire time."""
        return self._context.clock

    @property
    def journal(self) -> Journal:
        """How often each operation was carried out, and how often rejected; it holds no secret."""
        return self._context.journal

    @property
    def rows(self) -> Rows:
        """What searches show of deposits: a test may lose, alter or delay rows."""
        return self._rows

    @property
    def deliveries(self) -> Deliveries:
        """What is sent to webhook subscriptions: the log, what is pending, and fault injection."""
        return self._deliveries

    def settings(self, account: str | None = None, *, base_url: str = IN_PROCESS_URL) -> Settings:
        """Return what a client needs: ``Calypso(transport=mock.transport(), **mock.settings())``.

        Args:
            account: The account to use; where absent, the first.
            base_url: Where the mock is served, if it is.

        Raises:
            MockError: If there is no such account.
        """
        with self._context.lock:
            state = self._context.state
            chosen = next(iter(state.accounts)) if account is None else account
            pair = state.pair_of(chosen)
        return Settings(key=pair.key, secret=pair.secret, account=chosen, base_url=base_url)

    def add_account(
        self, account: str | None = None, *, name: str | None = None, key: str | None = None
    ) -> str:
        """Add an empty account.

        Args:
            account: Its id; generated where absent.
            name: Its name.
            key: The API key of another account, which is to use this one too; where absent, the
                account gets a key pair of its own.

        Returns:
            The account's id, for ``settings``.

        Raises:
            MockError: If the account exists already, or no account has that key.
        """
        with self._context.lock:
            return self._context.state.add_account(account, name=name, key=key).id

    def simulate_deposit(
        self,
        *,
        address: str,
        currency: str,
        amount: Decimal | str | int,
        to: Step = "credited",
        sender: str | None = None,
    ) -> Deposit:
        """Let a customer's deposit arrive.

        The steps are those of the vendor's life cycle: ``mem_pool``, ``pending`` (the compliance
        check), then ``confirmed`` and ``credited``, or ``declined``. The account's balance grows
        with ``credited`` only; ``declined`` closes the address.

        Args:
            address: A live address of a customer.
            currency: A currency that arrives at such an address.
            amount: The exact amount; a float is rejected.
            to: The step to reach at once.
            sender: The address it comes from; generated where absent.

        Returns:
            A handle that moves the deposit on.

        Raises:
            MockError: If such a deposit cannot happen; the message names the reason.
        """
        return _deposits.simulate(
            self._context, address=address, currency=currency, amount=amount, to=to, sender=sender
        )

    def simulate_top_up(
        self,
        *,
        currency: str,
        amount: Decimal | str | int,
        account: str | None = None,
        to: TopUpStep = "delivered",
        sender: str | None = None,
    ) -> TopUp:
        """Let money be sent to a merchant's account itself, not to a customer's address.

        It is ``pending`` while it is checked for compliance, then ``delivered`` or ``declined``.
        The account's balance grows by exactly the amount with ``delivered``, and not before; that
        it does so then is inferred, for only the events are documented. Each step is sent to those
        of the account's subscriptions that name its event: ``TOP_UP_PENDING_COMPLIANCE``,
        ``WALLET_FUNDS_DELIVERED_ACCOUNT``, ``TOP_UP_COMPLIANCE_DECLINED`` (documented). Their
        ``service``, ``TOP_UP``, and their levels are inferred. The API shows no transaction for
        it.

        Args:
            currency: A currency that the mock supports.
            amount: The exact amount; a float is rejected.
            account: The account that gets it; where absent, the first.
            to: The step to reach at once.
            sender: The address it comes from; generated where absent.

        Returns:
            A handle that moves the top-up on.

        Raises:
            MockError: If such a top-up cannot happen; the message names the reason.
        """
        return _top_ups.simulate(
            self._context, currency=currency, amount=amount, account=account, to=to, sender=sender
        )

    def reset(self) -> None:
        """Go back to the start: the first state, no added account, both clocks at their base.

        Nothing is pending then, journal and log of deliveries are empty, and no faults are
        injected into deliveries or rows.
        """
        self._context.reset()

    def state(self) -> dict[str, Any]:
        """Return a JSON-able copy of the mock's state, amounts as text, without secrets."""
        return _snapshot.snapshot(self._context)

    def observe(self, observer: Observer) -> None:
        """Have a function called after every response.

        Args:
            observer: Gets an ``Exchange``; ``str()`` of it is a line for a log.
        """
        self._observers.append(observer)

    def handle(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        headers: HeaderItems = (),
        body: bytes = b"",
        *,
        client: str | None = None,
        query: str = "",
    ) -> Response:
        """Respond to one request.

        Args:
            method: The HTTP method, in upper case: ``post`` is another method (RFC 9110).
            path: The path, without the query.
            headers: A mapping, or pairs of name and value.
            body: The raw bytes.
            client: The caller's address; absent for a call within the process, which counts as
                one from this machine.
            query: What follows the path's question mark.
        """
        started = time.perf_counter()
        request = Request(method, path, fold_headers(headers), body, client, query)
        _events.emit_expired(self._context)
        if path.startswith(_control.PREFIX):
            response = _control.respond(self._control, request)
        else:
            response = _core.respond(self._context, request)
        self._context.dispatch_due()
        self._notify_observers(request, response, time.perf_counter() - started)
        return response

    def transport(self) -> Transport:
        """Return a transport for ``httpx.Client``."""
        from calypso_mock.serving._transports import Transport

        return Transport(self)

    def async_transport(self) -> AsyncTransport:
        """Return a transport for ``httpx.AsyncClient``."""
        from calypso_mock.serving._transports import AsyncTransport

        return AsyncTransport(self)

    def asgi(self) -> Application:
        """Return an ASGI application, to be served by a server of your own."""
        return Application(self)

    def _notify_observers(self, request: Request, response: Response, seconds: float) -> None:
        if not self._observers:
            return
        code, message = response.rejection or (None, None)
        exchange = Exchange(request.method, request.path, response.status, code, message, seconds)
        for observer in self._observers:
            observer(exchange)
