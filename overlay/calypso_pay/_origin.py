"""Whose an exception is that comes out of a call: the transport's, or the caller's own.

Only what HTTP libraries raise, and what the operating system reports through them, is a failure of
the transport. Everything else is the caller's own: a job runner's time limit, a test's assertion,
Ctrl-C. It goes on to the caller unchanged.
"""

from __future__ import annotations

import socket
import ssl
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

HTTP_LIBRARIES = frozenset({"aiohttp", "anyio", "h11", "h2", "httpcore", "httpx", "socksio"})
# Packages in which a call spends its time, down to the socket.
LIBRARIES = HTTP_LIBRARIES | {
    *("calypso_api", "calypso_mock", "calypso_pay", "httpx_aiohttp", "sniffio"),
    *("aiohappyeyeballs", "aiosignal", "multidict", "propcache", "yarl"),
    *("asyncio", "contextlib", "encodings", "selectors", "socket", "ssl", "uvloop"),
}
# Anything may raise these: only the traceback shows whose they are.
_OF_THE_SYSTEM = OSError
# These are never the caller's, unless a signal handler raised them.
_OF_SOCKETS = (socket.gaierror, socket.herror, ssl.SSLError)


def callers_exception(error: BaseException, *, is_custom: bool) -> BaseException | None:
    """Return the caller's own exception in this one, or None if the transport failed.

    Args:
        error: What came out of the transport.
        is_custom: Whether the transport, or the httpx client, is the user's own. Then an OSError
            that is raised outside of the HTTP libraries may be the transport's, too.
    """
    error = _ungrouped(error)
    if is_from_signal_handler(error):
        return error
    if _is_of(error, HTTP_LIBRARIES):
        origin = _wrapped(error)
        if origin is None:
            return None
        own = is_from_signal_handler(origin) or _is_callers(origin, is_custom=is_custom)
        return origin if own else None
    if isinstance(error, _OF_THE_SYSTEM):
        return error if _is_callers(error, is_custom=is_custom) else None
    return error


def is_from_signal_handler(error: BaseException) -> bool:
    """Return whether a signal handler raised an exception, or a function that it called."""
    frames = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and not signal_handlers().isdisjoint(frames)


def signal_handlers() -> set[CodeType]:
    """Return the code of the signal handlers that are installed."""
    return set(_handler_codes())


def package_of(frame: FrameType) -> str:
    """Return the name of the top-level package whose code a frame runs."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def _wrapped(error: BaseException) -> BaseException | None:
    """Return the exception that httpcore or anyio wrapped in this one."""
    link: BaseException | None = error
    unwrapped = False
    while link is not None and _is_of(link, HTTP_LIBRARIES):
        unwrapped = unwrapped or not _is_of(link, {"httpx"})
        link = link.__cause__ or link.__context__
    return link if unwrapped and isinstance(link, _OF_THE_SYSTEM) else None


def _ungrouped(error: BaseException) -> BaseException:
    """Return the exception that anyio put into a group, if it is the only one of its kind."""
    while isinstance(error, BaseExceptionGroup) and _is_raised_by_anyio(error):
        if len({type(each) for each in error.exceptions}) > 1:
            break
        error = error.exceptions[0]
    return error


def _is_raised_by_anyio(error: BaseException) -> bool:
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and package_of(frames[-1]) == "anyio"


def _is_callers(error: BaseException, *, is_custom: bool) -> bool:
    if isinstance(error, _OF_SOCKETS):
        return False
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if not frames or package_of(frames[-1]) in LIBRARIES:
        return False
    return not is_custom


def _handler_codes() -> Iterator[CodeType]:
    # Imported here: it costs start-up time, and few calls fail.
    import signal

    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        function = getattr(handler, "__func__", handler)
        code = getattr(function, "__code__", None)
        if code is not None:
            yield code


def _is_of(error: BaseException, packages: frozenset[str] | set[str]) -> bool:
    return any(kind.__module__.partition(".")[0] in packages for kind in type(error).__mro__)
