"""Operations, and the engines that the resource classes call.

Nothing here does any I/O: the package describes its operations, and the engine carries them out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Literal, Protocol, TypeVar, final

from ._json import LARGE, fast_reader
from ._secret import Unpicklable
from ._write import parameter_text, path_text
from .types import UNSET

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@final
class Operation(Generic[T_co]):
    """One operation of the API.

    Attributes:
        name: The operationId of the document.
        method: The HTTP method, in capitals.
        path: The path, beginning with a slash. Names in braces are parameters, which `at` fills
            in.
        retry: Whether a call may be retried when its outcome is unknown.
        decode: Reads the decoded JSON of a 2xx response; raises only `DecodeError`, a `ValueError`.
            None for an operation whose responses have no content: it returns None.
        statuses: The statuses that the document lists; empty if they are unknown.
        account: Whether requests name the merchant account.
        body: Whether requests have a body: the envelope of account, timestamp and payload.
        model: Returns the model that `decode` reads, imported on first use; None if it reads no
            model.
    """

    __slots__ = (
        "account",
        "body",
        "decode",
        "method",
        "model",
        "name",
        "path",
        "retry",
        "statuses",
    )

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        retry: Literal["safe", "unsafe"],
        decode: Callable[[Any], T_co] | None,
        statuses: tuple[int, ...] = (),
        *,
        account: bool = True,
        body: bool = True,
        model: Callable[[], type[Any]] | None = None,
    ) -> None:
        self.name: str = name
        self.method: str = method
        self.path: str = path
        self.retry: Literal["safe", "unsafe"] = retry
        self.decode: Callable[[Any], T_co] | None = decode
        self.statuses: tuple[int, ...] = statuses
        self.account: bool = account
        self.body: bool = body
        self.model: Callable[[], type[Any]] | None = model

    def read_large(self, content: bytes) -> T_co | None:
        """Read a large response with msgspec, if it is installed and finds the usual form.

        Args:
            content: The body of a 2xx response.

        Returns:
            What `decode` would return, or None: then `load_json` and `decode` have to read it.
        """
        if self.model is None or len(content) < LARGE or (fast := fast_reader()) is None:
            return None
        try:
            found: T_co = fast.read(content, self.model())
        except fast.REJECTED:
            return None
        return found

    def at(self, path: Mapping[str, Any], query: Mapping[str, Any]) -> Operation[T_co]:
        """Return the same operation with its parameters filled in.

        Args:
            path: Values for the names in braces.
            query: Values of the query; a list gives several of one name, `UNSET` is left out.

        Raises:
            ValueError: A value of the path is empty, or would lead to another path.
        """
        filled = {name: path_text(value, name) for name, value in path.items()}
        # Imported here: it costs start-up time, and few paths have parameters.
        from urllib.parse import urlencode

        pairs = [
            (name, parameter_text(value))
            for name, given in query.items()
            if given is not UNSET
            for value in (given if isinstance(given, list) else [given])
        ]
        target = self.path.format_map(filled) + (f"?{urlencode(pairs)}" if pairs else "")
        return Operation(
            self.name,
            self.method,
            target,
            self.retry,
            self.decode,
            self.statuses,
            account=self.account,
            body=self.body,
            model=self.model,
        )

    def __repr__(self) -> str:
        return f"<Operation {self.name}: {self.method} {self.path}>"


@final
class RawResponse(Unpicklable, Generic[T_co]):
    """A response as received, and what was read from it.

    Headers and content may hold secrets: the repr shows neither, and it cannot be pickled.
    """

    __slots__ = ("_content", "_headers", "_parsed", "_status")

    def __init__(
        self, status: int, headers: Mapping[str, str], content: bytes, parsed: T_co
    ) -> None:
        self._status = status
        self._headers = headers
        self._content = content
        self._parsed = parsed

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response; names are case-insensitive."""
        return self._headers

    @property
    def content(self) -> bytes:
        """The body, byte for byte."""
        return self._content

    @property
    def parsed(self) -> T_co:
        """The result that the plain method returns."""
        return self._parsed

    def __repr__(self) -> str:
        return f"<RawResponse {self._status}, {len(self._content)} bytes>"


class Payload(Protocol):
    """The payload of a request: any generated model."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object to send."""
        ...


class Engine(Protocol):
    """Carries out operations and returns their results."""

    def call(self, operation: Operation[T], payload: Payload | None, /) -> T:
        """Carry out one operation."""
        ...


class AsyncEngine(Protocol):
    """The asynchronous form of `Engine`."""

    async def call(self, operation: Operation[T], payload: Payload | None, /) -> T:
        """Carry out one operation."""
        ...


class RawEngine(Protocol):
    """Carries out operations and returns the whole responses."""

    def call(self, operation: Operation[T], payload: Payload | None, /) -> RawResponse[T]:
        """Carry out one operation."""
        ...


class AsyncRawEngine(Protocol):
    """The asynchronous form of `RawEngine`."""

    async def call(self, operation: Operation[T], payload: Payload | None, /) -> RawResponse[T]:
        """Carry out one operation."""
        ...
