"""Find out what is to be tested, and what may be done to it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.contract import serving
from tests.contract.session import Session, is_loopback
from tests.contract.suite import Terms
from tests.contract.wire import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Requests a second against a server that is not on this machine.
RATE = 4


class SettingsError(Exception):
    """The settings do not say whom to test, or as whom."""


@contextmanager
def reach(
    url: str | None, environment: Mapping[str, str], options: Sequence[str] = ()
) -> Iterator[Target]:
    """Give a target: the server at a URL, or without one a mock of our own.

    Raises:
        SettingsError: A URL is given, and the environment lacks the account's settings.
    """
    if url is None:
        with serving.mock(*options) as target:
            yield target
        return
    yield _named(url, environment)


def _named(url: str, environment: Mapping[str, str]) -> Target:
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"TARGET={url} is no address like http://127.0.0.1:8600.")
    try:
        return Target.read({**environment, "CALYPSO_BASE_URL": url.rstrip("/")})
    except KeyError as missing:
        raise SettingsError(
            f"{missing.args[0]} is not set. TARGET={url} is tested as the account that "
            "CALYPSO_KEY, CALYPSO_SECRET and CALYPSO_ACCOUNT name."
        ) from None


def other(environment: Mapping[str, str], target: Target) -> Target | None:
    """Return somebody else's account at the same server, if the settings name one."""
    names = {name: f"CALYPSO_OTHER_{name.upper()}" for name in ("key", "secret", "account")}
    if not all(environment.get(variable) for variable in names.values()):
        return None
    return replace(target, **{name: environment[variable] for name, variable in names.items()})


def pause(target: Target) -> float:
    """Return the seconds to wait before each request."""
    return 0.0 if is_loopback(target.base_url) else 1 / RATE


def terms(session: Session, environment: Mapping[str, str]) -> Terms:
    """Find out what may be done to a target, and what is known of it."""
    target = session.target
    near = is_loopback(target.base_url)
    writes = near or environment.get("ALLOW_WRITES") == "1"
    if not session.has_control():
        return Terms(writes=writes, near=near, second=other(environment, target))
    session.control("reset", {})
    switches = session.control("state")["switches"]
    return Terms(
        mock=True,
        auth_status=switches["authStatus"],
        page_base=switches["pageBase"],
        # After any other reset the same account is made again by the same request.
        second=replace(target, **session.control("account", {})),
    )
