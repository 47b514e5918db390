"""The mock as its users see it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypedDict

from calypso_mock import _contract, _control, _core, _deposits, _expiry, _snapshot, _top_ups
from calypso_mock._asgi import Application
from calypso_mock._clock import Clock
from calypso_mock._deliveries import Deliveries
from calypso_mock._errors import MockError
from calypso_mock._exchange import Exchange, Request, fold_headers
from calypso_mock._world import Switches, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from calypso_mock._carrier import Post
    from calypso_mock._deposits import Deposit
    from calypso_mock._exchange import HeaderItems, Response
    from calypso_mock._journal import Journal
    from calypso_mock._state import Step, TopUpStep
    from calypso_mock._top_ups import TopUp
    from calypso_mock._transport import AsyncTransport, Transport

    Observer = Callable[[Exchange], None]

# A name that never resolves (RFC 2606), should the transport have been forgotten.
IN_PROCESS_URL = "http://mock.invalid"


class Settings(TypedDict):
    """What a client needs to talk to a mock as one of its accounts.

    Attributes:
        key: Public API key.
        secret: Secret key.
        account: Id of the merchant account.
        base_url: Where the mock answers.
    """

    key: str
    secret: str
    account: str
    base_url: str


class Mock:
    """A stateful stand-in for the Calypso Pay API.

    It checks every request as the vendor would, signature and timestamp included, by the OpenAPI
    document; keeps customers, addresses, deposits, balances and webhook subscriptions; and checks
    its own answers by the document before they leave. It does no input or output unless it is
    served, and may be used from any number of threads.

    Args:
        seeded: Start with the objects that the document's examples speak of, and a second account
            with a key pair of its own, rather than with one empty account.
        seed: Decides ids, keys and addresses; equal seeds give equal ones.
        auth_status: HTTP status of errors 002 and 003. 401 was documented until 2023; the present
            documentation lists 400 and 500 only.
        page_base: Number of the first page of a search, 0 or 1; nobody knows which the vendor has.
        strict_account: Refuse account ids that are not ``0x`` and 40 hex digits, as the document
            of one of the vendor's two hosts demands.
        document: Another OpenAPI document than the packaged one. Operations and fields that
            the mock has no behaviour for are answered from its examples, after all checks; the
            journal and the log say so.
        clock: The clocks to use, for tests that bring a base of their own.
        deliver: Is given URL, headers and body of each webhook notification at once, and returns
            the status of the receiver's answer. Where absent, notifications wait for
            ``deliveries.deliver_due``, or for a server.

    Raises:
        MockError: If a switch has a value that makes no sense, or the document is broken.
    """

    def __init__(  # noqa: PLR0913 - switches, all named and all optional
        self,
        *,
        seeded: bool = False,
        seed: int = 0,
        auth_status: int = 401,
        page_base: int = 0,
        strict_account: bool = False,
        document: Mapping[str, Any] | None = None,
        clock: Clock | None = None,
        deliver: Post | None = None,
    ) -> None:
        if auth_status not in {400, 401}:
            raise MockError("auth_status is 400 or 401")
        if page_base not in {0, 1}:
            raise MockError("page_base is 0 or 1")
        self._world = World(
            contract=_contract.of_document(document),
            clock=clock or Clock(),
            switches=Switches(auth_status, page_base, strict_account),
            seed=seed,
            seeded=seeded,
        )
        self._observers: list[Observer] = []
        self._deliveries = Deliveries(self._world, deliver)

    def __repr__(self) -> str:
        accounts = ", ".join(self._world.state.accounts)
        return f"<Mock accounts=[{accounts}]>"

    @property
    def clock(self) -> Clock:
        """The two clocks: ``advance`` moves business time, ``skew`` wire time."""
        return self._world.clock

    @property
    def journal(self) -> Journal:
        """How often each operation was carried out, and how often refused; it holds no secret."""
        return self._world.journal

    @property
    def deliveries(self) -> Deliveries:
        """What is sent to webhook subscriptions: the log, what is pending, and how to disturb."""
        return self._deliveries

    def settings(self, account: str | None = None, *, base_url: str = IN_PROCESS_URL) -> Settings:
        """Return what a client needs: ``Calypso(transport=mock.transport(), **mock.settings())``.

        Args:
            account: Which account to be; the first where absent.
            base_url: Where the mock is served, if it is.

        Raises:
            MockError: If there is no such account.
        """
        with self._world.lock:
            state = self._world.state
            chosen = next(iter(state.accounts)) if account is None else account
            pair = state.pair_of(chosen)
        return Settings(key=pair.key, secret=pair.secret, account=chosen, base_url=base_url)

    def add_account(
        self, account: str | None = None, *, name: str | None = None, key: str | None = None
    ) -> str:
        """Add an empty account.

        Args:
            account: Its id; made up where absent.
            name: Its name.
            key: The API key of another account, which shall see this one too; a key pair of its
                own where absent.

        Returns:
            The account's id, to be given to ``settings``.

        Raises:
            MockError: If the account is there already, or no account has that key.
        """
        with self._world.lock:
            return self._world.state.add_account(account, name=name, key=key).id

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
            address: A live address that a customer was given.
            currency: A currency that arrives at such an address.
            amount: How much, exactly; a float is refused.
            to: The step to reach at once.
            sender: The address it comes from; made up where absent.

        Returns:
            A handle that moves the deposit on.

        Raises:
            MockError: If such a deposit cannot happen; the message says why.
        """
        return _deposits.simulate(
            self._world, address=address, currency=currency, amount=amount, to=to, sender=sender
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
        ``service``, ``TOP_UP``, and their levels are inferred. No transaction of the API comes of
        it.

        Args:
            currency: A currency that the mock knows.
            amount: How much, exactly; a float is refused.
            account: Which account; the first where absent.
            to: The step to reach at once.
            sender: The address it comes from; made up where absent.

        Returns:
            A handle that moves the top-up on.

        Raises:
            MockError: If such a top-up cannot happen; the message says why.
        """
        return _top_ups.simulate(
            self._world, currency=currency, amount=amount, account=account, to=to, sender=sender
        )

    def reset(self) -> None:
        """Go back to the start: the first state, no added account, both clocks at their base.

        Nothing is pending then, journal and log of deliveries are empty, and nothing disturbs.
        """
        self._world.reset()

    def state(self) -> dict[str, Any]:
        """Return a JSON-able copy of all that the mock knows, amounts as text, without secrets."""
        return _snapshot.snapshot(self._world)

    def observe(self, observer: Observer) -> None:
        """Have a function called after every answer.

        Args:
            observer: Is given an ``Exchange``; ``str()`` of it is a line for a log.
        """
        self._observers.append(observer)

    def handle(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        path: str,
        headers: HeaderItems = (),
        body: bytes = b"",
        *,
        client: str | None = None,
        query: str = "",
    ) -> Response:
        """Answer one request.

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
        steers = path.startswith(_control.PREFIX)
        respond = _control.respond if steers else _core.respond
        _expiry.settle(self._world)
        response = respond(self._world, request)
        self._world.wake()
        self._tell(request, response, time.perf_counter() - started)
        return response

    def transport(self) -> Transport:
        """Return a transport for ``httpx.Client``."""
        from calypso_mock._transport import Transport

        return Transport(self)

    def async_transport(self) -> AsyncTransport:
        """Return a transport for ``httpx.AsyncClient``."""
        from calypso_mock._transport import AsyncTransport

        return AsyncTransport(self)

    def asgi(self) -> Application:
        """Return an ASGI application, to be served by a server of your own."""
        return Application(self)

    def _tell(self, request: Request, response: Response, seconds: float) -> None:
        if not self._observers:
            return
        code, message = response.verdict or (None, None)
        exchange = Exchange(request.method, request.path, response.status, code, message, seconds)
        for observer in self._observers:
            observer(exchange)
