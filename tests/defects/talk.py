"""Talk to a mock in process, on a clock that stands still, and write down every answer."""

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
# What stands for an id that an answer should have had: requests go on, and find nothing.
NOWHERE = "00000000-0000-4000-8000-000000000000"

_TRACE_ID = re.compile(r'"traceId":"[^"]*"')


@dataclass(frozen=True)
class Answer:
    """An answer as it is compared.

    Attributes:
        asked: The operation's id, or the control endpoint's name.
        status: The HTTP status.
        content_type: Its media type, if it has one.
        text: The body, without the id of the trace.
    """

    asked: str
    status: int
    content_type: str | None
    text: str

    def at(self, *path: str | int) -> Any:
        """Return the member of the body at a path, or an id that nothing has."""
        try:
            found = json.loads(self.text)
            for part in path:
                found = found[part]
        except (ValueError, LookupError, TypeError):
            return NOWHERE
        return found


class Talk:
    """One caller of a mock.

    Args:
        mock: The mock.
        target: Who calls.
        answers: Where answers are written down.
    """

    def __init__(self, mock: Mock, target: Target, answers: list[Answer]) -> None:
        self._mock = mock
        self.target = target
        self.answers = answers

    @classmethod
    def begin(cls) -> Self:
        """Make a mock, seeded as the served one is, and become its first caller."""
        mock = Mock(seeded=True, clock=Clock(lambda: NOON))
        return cls(mock, Target(**mock.settings()), [])

    def stranger(self) -> Self:
        """Return a caller with an account and a key pair of its own, heard in the same place."""
        made = self.control("account", {})
        target = Target("", made.at("key"), made.at("secret"), made.at("account"))
        return type(self)(self._mock, target, self.answers)

    @property
    def now(self) -> int:
        """The mock's time in milliseconds, as a request's timestamp has it."""
        return self._mock.clock.wire_ms()

    def call(self, operation_id: str, payload: object = None, **members: object) -> Answer:
        """Call an operation, signed; members take the place of the envelope's own."""
        return self.send(operation_id, json.dumps(self.envelope(payload, **members)).encode())

    def envelope(self, payload: object = None, **members: object) -> dict[str, Any]:
        """Return what surrounds a payload; None leaves the payload out."""
        body = {"account": self.target.account, "timestamp": self.now}
        return {**body, **({} if payload is None else {"payload": payload}), **members}

    def send(self, operation_id: str, body: bytes, **headers: str | None) -> Answer:
        """Send bytes, signed; a header given replaces the right one, None leaves it out."""
        method, path = document.routes()[operation_id]
        named = {**signature(self.target, body), "Content-Type": "application/json", **headers}
        sent = {name: value for name, value in named.items() if value is not None}
        return self._heard(operation_id, self._mock.handle(method, path, sent, body))

    def control(self, name: str, body: dict[str, Any]) -> Answer:
        """Steer the mock."""
        content = json.dumps(body).encode()
        return self._heard(name, self._mock.handle("POST", f"/_mock/{name}", {}, content))

    def _heard(self, asked: str, response: Response) -> Answer:
        text = _TRACE_ID.sub('"traceId":""', response.body.decode(errors="backslashreplace"))
        answer = Answer(asked, response.status, response.headers.get("content-type"), text)
        self.answers.append(answer)
        return answer
