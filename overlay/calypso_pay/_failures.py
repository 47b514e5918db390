"""Which exceptions are failures of the transport, and which only pass through a call.

Only what HTTP libraries raise, and what the operating system says through them, is a failure of the
transport. Everything else is the caller's own: a job runner's time limit, a test's assertion,
Ctrl-C. It goes on to the caller as it is.
"""

from __future__ import annotations

import signal
import socket
import ssl
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

_FAMILIES = frozenset({"aiohttp", "anyio", "h11", "h2", "httpcore", "httpx"})
# Modules in which a call spends its time, down to the socket.
_LIBRARIES = _FAMILIES | {
    *("calypso_api", "calypso_mock", "calypso_pay", "httpx_aiohttp", "sniffio", "socksio"),
    *("asyncio", "contextlib", "encodings", "selectors", "socket", "ssl", "uvloop"),
}
# Of these exceptions only their traceback says whose they are.
_OF_THE_SYSTEM = OSError
# These no signal handler raises.
_OF_SOCKETS = (socket.gaierror, socket.herror, ssl.SSLError)


def passing(error: BaseException, *, is_custom: bool) -> BaseException | None:
    """Return the exception that goes on to the caller, or None if the transport failed.

    Args:
        error: What came out of the transport.
        is_custom: Whether the transport, or the httpx client, is the user's own. Then an OSError
            that is raised outside of the HTTP libraries may be the transport's, too.
    """
    if _is_of(error, _FAMILIES):
        origin = _wrapped(error)
        return origin if origin and _is_callers(origin, is_custom=is_custom) else None
    if isinstance(error, _OF_THE_SYSTEM):
        return error if _is_callers(error, is_custom=is_custom) else None
    return error


def forget_locals(error: BaseException, *, is_ours: bool) -> None:
    """Empty the finished frames below our own: they hold key, signature and what was answered.

    Frames of the caller's above them are left alone, and those of an exception that it is handling.

    Args:
        error: What the call ends with.
        is_ours: Whether it is one of our errors. Else frames of the caller's below our own, such
            as those of a signal handler, are left alone, too.
    """
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        inside = False
        for frame, _ in traceback.walk_tb(link.__traceback__):
            inside = inside or _root(frame) == "calypso_pay"
            if inside and (is_ours or _root(frame) in _LIBRARIES):
                _clear(frame)
        _forget_callers(link)
        link = link.__cause__ or link.__context__


def _forget_callers(error: BaseException) -> None:
    # Frames that no traceback shows keep their local variables, too: here what leads to the error.
    frame = error.__traceback__ and error.__traceback__.tb_frame
    while frame is not None and _root(frame) in _LIBRARIES and _clear(frame):
        frame = frame.f_back


def _clear(frame: FrameType) -> bool:
    try:
        frame.clear()
    except RuntimeError:
        # It still runs.
        return False
    return True


def _wrapped(error: BaseException) -> BaseException | None:
    """Return what httpcore or anyio made this exception of."""
    link: BaseException | None = error
    unwrapped = False
    while link is not None and _is_of(link, _FAMILIES):
        unwrapped = unwrapped or not _is_of(link, {"httpx"})
        link = link.__cause__ or link.__context__
    return link if unwrapped and isinstance(link, _OF_THE_SYSTEM) else None


def _is_callers(error: BaseException, *, is_custom: bool) -> bool:
    if isinstance(error, _OF_SOCKETS):
        return False
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if not frames or _root(frames[-1]) in _LIBRARIES:
        return False
    return not is_custom or not _handlers().isdisjoint(frame.f_code for frame in frames)


def _handlers() -> set[CodeType]:
    return set(_codes())


def _codes() -> Iterator[CodeType]:
    """Go through the code of the signal handlers that are installed."""
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        function = getattr(handler, "__func__", handler)
        code = getattr(function, "__code__", None)
        if code is not None:
            yield code


def _is_of(error: BaseException, families: frozenset[str] | set[str]) -> bool:
    return any(kind.__module__.partition(".")[0] in families for kind in type(error).__mro__)


def _root(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
