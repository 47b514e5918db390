"""Call a mock in this process, with a fixed clock, and record every response."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from calypso_mock import Clock, Mock
from tests.contract import document
from tests.contract.wire import Target, signature

if TYPE_CHECKING:
    from calypso_mock import Response

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
# Used if a response lacks the id that it should have: later requests go on, and get 004.
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"

_TRACE_ID = re.compile(r'"traceId":"[^"]*"')


@dataclass(frozen=True)
class HttpResponse:
    """A response in the form in which it is compared.

    Attributes:
        called: The id of the operation, or the name of the control endpoint.
        status: The HTTP status.
        content_type: The media type, if there is one.
        text: The body without the trace id.
    """

    called: str
    status: int
    content_type: str | None
    text: str

    def at(self, *path: str | int) -> Any:
        """Return the member of the body at a path, or `UNKNOWN_ID` if there is none."""
        try:
            value = json.loads(self.text)
            for part in path:
                value = value[part]
        except (ValueError, LookupError, TypeError):
            return UNKNOWN_ID
        return value


class Client:
    """A client of a mock, with an account and a key pair.

    Args:
        mock: The mock.
        target: The account and the keys to use.
        responses: The list to which responses are appended.
    """

    def __init__(self, mock: Mock, target: Target, responses: list[HttpResponse]) -> None:
        self._mock = mock
        self.target = target
        self.responses = responses

    @classmethod
    def of_new_mock(cls) -> Self:
        """Create a mock with the default seed data, and return a client of its first account."""
        mock = Mock(seeded=True, clock=Clock(lambda: NOON))
        return cls(mock, Target(**mock.settings()), [])

    def with_new_account(self) -> Self:
        """Return a client with a new account and key pair, which records in the same list."""
        created = self.control("account", {})
        target = Target("", created.at("key"), created.at("secret"), created.at("account"))
        return type(self)(self._mock, target, self.responses)

    @property
    def now(self) -> int:
        """The mock's time in milliseconds, as in a request's timestamp."""
        return self._mock.clock.wire_ms()

    def call(self, operation_id: str, payload: object = None, **members: object) -> HttpResponse:
        """Call an operation with a signed request; members override those of the envelope."""
        return self.send(operation_id, json.dumps(self.envelope(payload, **members)).encode())

    def envelope(self, payload: object = None, **members: object) -> dict[str, Any]:
        """Return the request body for a payload; None leaves the payload out."""
        body = {"account": self.target.account, "timestamp": self.now}
        return {**body, **({} if payload is None else {"payload": payload}), **members}

    def send(self, operation_id: str, body: bytes, **headers: str | None) -> HttpResponse:
        """Send a body with its signature; headers override the right ones, None removes one."""
        method, path = document.routes()[operation_id]
        named = {**signature(self.target, body), "Content-Type": "application/json", **headers}
        sent = {name: value for name, value in named.items() if value is not None}
        return self._record(operation_id, self._mock.handle(method, path, sent, body))

    def control(self, name: str, body: dict[str, Any]) -> HttpResponse:
        """Call a control endpoint of the mock."""
        content = json.dumps(body).encode()
        return self._record(name, self._mock.handle("POST", f"/_mock/{name}", {}, content))

    def _record(self, called: str, response: Response) -> HttpResponse:
        text = _TRACE_ID.sub('"traceId":""', response.body.decode(errors="backslashreplace"))
        content_type = response.headers.get("content-type")
        recorded = HttpResponse(called, response.status, content_type, text)
        self.responses.append(recorded)
        return recorded
