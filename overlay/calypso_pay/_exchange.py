"""What the engine asks of its driver, and what the driver reports back.

These few shapes are all that passes between the engine, which does no I/O, and the transport.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from attrs import field, frozen

from calypso_api import RawResponse

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from calypso_pay._options import Timeouts

T = TypeVar("T")


class Send(NamedTuple):
    """Send a body to a path, and report an `Answer`, a `Failed` or an `Interrupted`.

    Attributes:
        method: HTTP method.
        path: Path below the base URL.
        body: The bytes to sign and to send, as they are.
        timeout: Seconds that connecting, each read and write, and waiting for a connection of the
            pool may take.
        expires: When reading the answer has to be over, on the monotonic clock.
    """

    method: str
    path: str
    body: bytes
    timeout: Timeouts
    expires: float

    def __repr__(self) -> str:
        return f"<Send {self.method} {self.path}>"


class Sleep(NamedTuple):
    """Wait for some seconds, and report None or an `Interrupted`."""

    seconds: float


class Await(NamedTuple):
    """Await what a listener returned, and report None or an `Interrupted`."""

    listening: Coroutine[None, None, None]


@frozen
class Answer:
    """The server answered.

    No tuple: reporters of errors show what is in one, whatever its repr says.

    Attributes:
        status: HTTP status.
        headers: The answer's headers; a name is found whatever its case.
        content: The bytes of the body, as far as they came.
        flaw: Why the body is not whole, in words; None when it is.
        cause: The exception behind the flaw, if there was one.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    flaw: str | None = None
    cause: Exception | None = None

    def read_as(self, parsed: T) -> RawResponse[T]:
        """Return the answer in the shape that is for users, with what was read from it."""
        return RawResponse(self.status, self.headers, self.content, parsed)


class Failed(NamedTuple):
    """No answer came.

    Attributes:
        server: Where the server was looked for.
        cause: The transport's exception.
        unsent: True only if the request surely never left this machine.
        timed_out: Whether it was a time-out.
    """

    server: str
    cause: Exception
    unsent: bool
    timed_out: bool


class Interrupted(NamedTuple):
    """An exception that is not the transport's came through, and has to go on to the caller.

    Attributes:
        error: The exception.
        unsent: True only if the request surely never left this machine.
    """

    error: BaseException
    unsent: bool


Step = Send | Sleep | Await
Report = Answer | Failed | Interrupted | None
