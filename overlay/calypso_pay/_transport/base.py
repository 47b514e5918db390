"""What the drivers over httpx share: choosing a client, and classifying exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Self, TypeVar

import httpx

from calypso_pay._errors import ConfigurationError
from calypso_pay._exchange import HttpResponse, Interrupted, TransportFailure
from calypso_pay._frames import clear_frames
from calypso_pay._httpx_quirks.deadline import CarriedError
from calypso_pay._origin import callers_exception
from calypso_pay._settings import is_loopback
from calypso_pay._transport import http_clients
from calypso_pay._transport.connections import GivenConnections, OwnConnections, closed
from calypso_pay._transport.failures import failure, unusable, without_headers

if TYPE_CHECKING:
    import ssl

    from calypso_pay._exchange import StepResult
    from calypso_pay._transport.auth import KeySign
    from calypso_pay._transport.body import BodyReader
    from calypso_pay._transport.connections import Connections

C = TypeVar("C", httpx.Client, httpx.AsyncClient)


class Driver(Generic[C]):
    """Carry out the steps of the engine over an httpx client."""

    # What may be given, and what is made here.
    _client_class: type[C]
    _own_class: type[C]
    _transport_class: type[httpx.BaseTransport | httpx.AsyncBaseTransport]

    def __init__(
        self, connections: Connections[C], *, base_url: str, auth: KeySign, owned: bool
    ) -> None:
        self.base_url = base_url
        self._connections: Connections[C] = connections
        self._auth = auth
        self._owned = owned

    @classmethod
    def from_http_client(
        cls, given: object, transport: object, *, base_url: str, auth: KeySign
    ) -> Self:
        """Return a driver over the given client or transport, or over clients of its own.

        Raises:
            ConfigurationError: Both a client and a transport were given, or an object of another
                class, or httpx cannot use the address or the environment's settings of proxies and
                certificates.
        """
        if given is not None and transport is not None:
            raise ConfigurationError("Give http_client or transport, not both.")
        http_clients.check_given("http_client", given, cls._client_class)
        http_clients.check_given("transport", transport, cls._transport_class)
        with http_clients.as_configuration_error():
            httpx.URL(base_url)
        connections = cls._connect(given, transport, base_url)
        return cls(connections, base_url=base_url, auth=auth, owned=given is None)

    def with_base_url(self, base_url: str) -> Self:
        """Return a driver that shares these connections and does not close them.

        Raises:
            ConfigurationError: These connections do not lead there.
        """
        if not self._is_custom:
            http_clients.check_reachable(self.base_url, base_url)
        return type(self)(self._connections, base_url=base_url, auth=self._auth, owned=False)

    @property
    def _is_custom(self) -> bool:
        return isinstance(self._connections, GivenConnections)

    @classmethod
    def _connect(cls, given: object, transport: object, base_url: str) -> Connections[C]:
        if given is not None:
            return GivenConnections(given, "http_client", bound=True)  # type: ignore[arg-type]
        if transport is not None:
            client = cls._own_class(transport=transport)  # type: ignore[arg-type]
            bound = isinstance(transport, httpx.AsyncHTTPTransport)
            return GivenConnections(client, "transport", bound=bound)
        with http_clients.as_configuration_error():
            certificates = http_clients.certificates(base_url)
        # A proxy elsewhere can't reach this machine, and would see key, signature and body.
        proxies = not is_loopback(httpx.URL(base_url).host)
        return OwnConnections(lambda: cls._make(certificates, proxies=proxies), cls._prepare)

    @classmethod
    def _make(cls, certificates: ssl.SSLContext, *, proxies: bool) -> C:
        with http_clients.as_configuration_error():
            return cls._own_class(
                verify=certificates, trust_env=proxies, limits=http_clients.LIMITS
            )

    @staticmethod
    def _prepare(client: C) -> object:  # noqa: ARG004 - the asynchronous driver needs it
        """Prepare a client where it is used, before its first use."""
        return None

    def _callers_exception(self, error: BaseException) -> BaseException | None:
        if isinstance(error, CarriedError):
            return error.error
        return callers_exception(error, is_custom=self._is_custom)

    def _failure(
        self, client: C, error: BaseException, request: httpx.Request, *, connecting: bool = False
    ) -> TransportFailure | Interrupted:
        """Return what an exception means that was raised before the response began."""
        interrupting = self._callers_exception(error)
        if interrupting is None:
            scrubbed = without_headers(error, request, connecting=connecting)
            return failure(self._server(request.url), scrubbed)
        if client.is_closed and isinstance(error, RuntimeError):
            return unusable(closed())
        return Interrupted(interrupting, unsent=False)

    def _server(self, url: httpx.URL) -> str:
        return self.base_url if self._is_custom else http_clients.server(self.base_url, url)

    def _read_failed(
        self, reader: BodyReader, error: BaseException, request: httpx.Request
    ) -> BaseException | None:
        """Note that reading a body failed, or return the caller's exception that broke it off."""
        interrupting = self._callers_exception(error)
        if interrupting is None:
            reader.fail(without_headers(error, request))
        return interrupting


def is_complete(result: StepResult) -> bool:
    """Return whether a whole response came."""
    return isinstance(result, HttpResponse) and not result.flaw


def was_interrupted_anywhere(result: StepResult) -> bool:
    """Return whether a call may have been interrupted at any line.

    A cancelled task stops at an await only.
    """
    is_cancelled = isinstance(result, Interrupted) and "Cancelled" in type(result.error).__name__
    return not (is_cancelled or isinstance(result, HttpResponse | TransportFailure))


def without_locals(result: StepResult) -> StepResult:
    """Clear the frames of the attempt that a caller's exception interrupted."""
    if isinstance(result, Interrupted):
        clear_frames(result.error, is_ours=False)
    return result
