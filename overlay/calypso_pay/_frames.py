"""Clearing the local variables that an exception keeps alive: secrets may be among them."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING

from calypso_pay._origin import HTTP_LIBRARIES, LIBRARIES, package_of, signal_handlers

if TYPE_CHECKING:
    from types import FrameType

# The libraries hand headers on to the standard library as well.
_CLEARED = LIBRARIES | sys.stdlib_module_names - {"__main__"}


def clear_frames(error: BaseException, *, is_ours: bool) -> None:
    """Clear the finished frames below our own: they hold key, signature and response.

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
        _clear_traceback(link, is_ours=is_ours)
        _clear_outer(link)
        link = link.__cause__ or link.__context__


def _clear_traceback(error: BaseException, *, is_ours: bool) -> None:
    handlers = set() if is_ours else signal_handlers()
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    # The traceback of an exception that a library caught and wrapped begins in that library.
    inside = bool(frames) and package_of(frames[0]) in HTTP_LIBRARIES
    for frame in frames:
        if frame.f_code in handlers:
            return
        inside = inside or package_of(frame) == "calypso_pay"
        if inside and (is_ours or package_of(frame) in _CLEARED):
            _clear(frame)


def _clear_outer(error: BaseException) -> None:
    # Frames that called those of the traceback are in none, and keep their variables, too.
    frame = error.__traceback__ and error.__traceback__.tb_frame
    while frame is not None and package_of(frame) in LIBRARIES and _clear(frame):
        frame = frame.f_back


def _clear(frame: FrameType) -> bool:
    try:
        frame.clear()
    except RuntimeError:
        # It is still running.
        return False
    return True
