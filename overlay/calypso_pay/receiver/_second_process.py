"""Notice that a second process receives the events of a subscription with a store in memory.

Best effort: nothing here ever raises an exception or waits. Without a warning there may still be a
second process, on another machine for one.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import sys
from contextlib import suppress

from calypso_pay._scope import Scope

log = logging.getLogger("calypso_pay.receiver")

# Each subscription takes a file descriptor for as long as the process lives.
_MAX_SUBSCRIPTIONS = 8
# By process. Only `setdefault` adds to these, because it is atomic: a lock could
# be taken at the moment of a fork.
_seen: dict[Scope, dict[str, object]] = {}
_warned: dict[Scope, object] = {}


def warn_if_second(made_in: Scope, subscription: str) -> None:
    """Log a warning, once in each process, if this is not the only one with this subscription.

    Args:
        made_in: Where the store was made.
        subscription: The request id of the subscription of which it gets an event.
    """
    with suppress(Exception):
        here = Scope.current()
        if not here.is_in_process_of(made_in):
            _warn(here, "was made in another process, before a fork")
        elif _is_new(here, subscription) and _is_taken(subscription):
            _warn(here, "gets events of a subscription of which another process gets events too")


def _is_new(here: Scope, subscription: str) -> bool:
    seen = _seen.setdefault(here, {})
    if subscription in seen or len(seen) >= _MAX_SUBSCRIPTIONS:
        return False
    mark = object()
    return seen.setdefault(subscription, mark) is mark


def _is_taken(subscription: str) -> bool:
    """Return whether another process took the name of the subscription; take it otherwise."""
    # Linux frees the name when the process ends, however it ends. Tests run processes side by side
    # on purpose; pytest sets this variable.
    if sys.platform != "linux" or "PYTEST_VERSION" in os.environ:
        return False
    # Imported here, because importing it takes longer than the rest.
    import socket

    key = f"{os.getuid()} {subscription}".encode("utf-8", "surrogatepass")
    name = b"\0calypso_pay.receiver." + hashlib.sha256(key).hexdigest().encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as found:
        try:
            found.bind(name)
        except OSError as error:
            return error.errno == errno.EADDRINUSE
        # Open until the process ends, and of no object that could close it.
        found.detach()
    return False


def _warn(here: Scope, why: str) -> None:
    mark = object()
    if _warned.setdefault(here, mark) is mark:
        log.warning(
            "A MemoryStore in process %d %s. Each process remembers only its own events, so an "
            "event may be handled in each. Keep the events in a database: see calypso_pay.inbox.",
            here.pid,
            why,
        )
