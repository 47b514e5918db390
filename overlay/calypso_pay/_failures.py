"""Which exceptions are failures of the transport, and which only pass through a call.

Only what HTTP libraries raise, and what the operating system says through them, is a failure of the
transport. Everything else is the caller's own: a job runner's time limit, a test's assertion,
Ctrl-C. It goes on to the caller as it is.
"""

from __future__ import annotations

import signal
import socket
import ssl
import sys
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
# They hand headers on to the standard library as well.
_CLEARED = _LIBRARIES | sys.stdlib_module_names - {"__main__"}
# Of these exceptions only their traceback says whose they are.
_OF_THE_SYSTEM = OSError
# These are never the caller's, unless a signal handler raised them.
_OF_SOCKETS = (socket.gaierror, socket.herror, ssl.SSLError)


def passing(error: BaseException, *, is_custom: bool) -> BaseException | None:
    """Return the exception that goes on to the caller, or None if the transport failed.

    Args:
        error: What came out of the transport.
        is_custom: Whether the transport, or the httpx client, is the user's own. Then an OSError
            that is raised outside of the HTTP libraries may be the transport's, too.
    """
    error = _alone(error)
    if of_a_signal(error):
        return error
    if _is_of(error, _FAMILIES):
        origin = _wrapped(error)
        if origin is None:
            return None
        own = of_a_signal(origin) or _is_callers(origin, is_custom=is_custom)
        return origin if own else None
    if isinstance(error, _OF_THE_SYSTEM):
        return error if _is_callers(error, is_custom=is_custom) else None
    return error


def of_a_signal(error: BaseException) -> bool:
    """Tell whether a signal handler raised an exception, or something that it called."""
    frames = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and not _handlers().isdisjoint(frames)


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
        _forget_frames(link, is_ours=is_ours)
        _forget_callers(link)
        link = link.__cause__ or link.__context__


def _forget_frames(error: BaseException, *, is_ours: bool) -> None:
    handlers = set() if is_ours else _handlers()
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    # One that a library caught and wrapped begins there.
    inside = bool(frames) and _root(frames[0]) in _FAMILIES
    for frame in frames:
        if frame.f_code in handlers:
            return
        inside = inside or _root(frame) == "calypso_pay"
        if inside and (is_ours or _root(frame) in _CLEARED):
            _clear(frame)


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


def _alone(error: BaseException) -> BaseException:
    """Return the exception that anyio put into a group, if it is the only one of its kind."""
    while isinstance(error, BaseExceptionGroup) and _is_of_anyio(error):
        if len({type(each) for each in error.exceptions}) > 1:
            break
        error = error.exceptions[0]
    return error


def _is_of_anyio(error: BaseException) -> bool:
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and _root(frames[-1]) == "anyio"


def _is_callers(error: BaseException, *, is_custom: bool) -> bool:
    if isinstance(error, _OF_SOCKETS):
        return False
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if not frames or _root(frames[-1]) in _LIBRARIES:
        return False
    return not is_custom


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
