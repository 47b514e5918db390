"""The settings of a client: arguments first, then the environment, checked before any request."""

from __future__ import annotations

import os
from inspect import iscoroutinefunction
from ipaddress import ip_address
from socket import inet_aton
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from calypso_api import SERVERS
from calypso_pay._errors import ConfigurationError
from calypso_pay._options import Timeouts
from calypso_pay._secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_pay._options import Options

_QUOTES = "\"'`"
_SECONDS = "a positive number of seconds"
_SHORTEST = 1e-9
# Longer than any program runs, and short enough for every operating system.
_MOST = 1e8


def identity(**arguments: Secret) -> list[Secret]:
    """Return the settings that every client needs, from arguments or else the environment.

    Raises:
        ConfigurationError: Some are missing; all of them are named.
    """
    settings = {name: _given(name, argument) for name, argument in arguments.items()}
    missing = [
        name for name, value in settings.items() if value.reveal() is None or value.reveal() == ""
    ]
    if missing:
        raise ConfigurationError(
            f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} missing. Give "
            f"{', '.join(f'{name}=…' for name in missing)}, or set "
            f"{', '.join(map(_variable, missing))} in the environment."
        )
    return list(settings.values())


def _is_missing(value: object) -> bool:
    return value is None or value == ""


def _given(name: str, argument: Secret) -> Secret:
    if argument.reveal() is not None:
        return argument
    return Secret(os.environ.get(_variable(name)))


def allow_http(argument: bool | None) -> bool:  # noqa: FBT001 - as the client gets it
    """Return whether plain http to another machine is allowed, by default from the environment."""
    if argument is not None:
        return argument
    return os.environ.get("CALYPSO_ALLOW_HTTP", "").strip().lower() in {"1", "true", "yes", "on"}


def check_key(key: Secret) -> Secret:
    """Return the key if it can be sent as a header; its format is not documented otherwise."""
    _check_text("key", key)
    if not str(key.reveal()).isascii():
        raise _malformed("key", "has characters that an HTTP header cannot carry")
    return key


def check_secret(secret: Secret) -> Secret:
    """Return the secret if it is a text that can be used unchanged."""
    return _check_text("secret", secret)


def check_account(account: object) -> str:
    """Return the account id if it is a possible one.

    The check is lenient on purpose: every account seen is ``0x`` and 40 hex digits, and one host
    documents that as a pattern, but a guide of the vendor's shows a UUID.
    """
    text = _text("account", account)
    if " " in text:
        raise _malformed("account", "has a space in it")
    return text


def default_base_url() -> str:
    """Return the address of the environment, or else that of the API."""
    return os.environ.get("CALYPSO_BASE_URL") or SERVERS[0]


def base_url(url: object, *, allow_http: bool) -> str:
    """Return the address that paths are appended to.

    A slash at its end goes, and so does the ``/api/v1`` with which all paths begin.

    Raises:
        ConfigurationError: It is not an absolute address, or plain http to another machine that
            was not allowed.
    """
    text = _text("base_url", url)
    problem = _problem_of_url(text, allow_http=allow_http)
    if problem:
        raise _malformed("base_url", problem)
    return text.rstrip("/").removesuffix("/api/v1").rstrip("/")


def check_function(name: str, value: object) -> None:
    """Check that a value can be called.

    Raises:
        ConfigurationError: It is not a function.
    """
    if not callable(value):
        raise ConfigurationError(f"{name} has to be a function, not a {type(value).__name__}.")


def check_transport(value: object, *, asynchronous: bool) -> None:
    """Check a transport that is given by its name; others are checked when they are used.

    Raises:
        ConfigurationError: There is none of this name, or not for this client.
    """
    if not isinstance(value, str):
        return
    if value != "aiohttp":
        raise ConfigurationError(
            'transport has to be a transport of httpx, or for AsyncCalypso "aiohttp", not '
            f"{value!r}."
        )
    if not asynchronous:
        raise ConfigurationError(
            'transport="aiohttp" is for AsyncCalypso only. Calypso sends over httpx: leave '
            "transport out."
        )


def _check_listeners(*, awaits_listeners: bool, **listeners: object) -> None:
    for name, listener in listeners.items():
        if listener is not None:
            check_function(name, listener)
        if awaits_listeners:
            continue
        called = getattr(type(listener), "__call__", None)  # noqa: B004 - its type is needed
        if iscoroutinefunction(listener) or iscoroutinefunction(called):
            raise ConfigurationError(
                f"{name} is an asynchronous function, which only AsyncCalypso can await."
            )


def check_options(given: Options, *, awaits_listeners: bool) -> Options:
    """Check the options of a client.

    Args:
        given: The options.
        awaits_listeners: Whether listeners may be asynchronous functions.

    Raises:
        ConfigurationError: A value is not a number, or is out of range; or a listener is not a
            function, or one that this client cannot await.
    """
    for name, flag in {"strict": given.strict, "allow_http": given.allow_http}.items():
        if not isinstance(flag, bool):
            raise ConfigurationError(f"{name} has to be True or False, not {flag!r}.")
    _check_listeners(
        awaits_listeners=awaits_listeners, on_attempt=given.on_attempt, on_drift=given.on_drift
    )
    check_account(given.account)
    _check_number("deadline", given.deadline, _SECONDS, least=_SHORTEST)
    _check_number("backoff", given.backoff, "0 or a positive number of seconds")
    _check_number("max_retries", given.max_retries, "a whole number, 0 or more", kind=int)
    return given


def timeouts(value: object) -> Timeouts:
    """Return the seconds of each phase, from one number or an `httpx.Timeout`.

    Raises:
        ConfigurationError: It is neither, or one of the numbers is out of range.
    """
    as_dict: Callable[[], dict[str, Any]] | None = getattr(value, "as_dict", None)
    phases = as_dict() if as_dict else dict.fromkeys(Timeouts._fields, value)
    seconds: dict[str, float] = {}
    for name, each in phases.items():
        # A phase that httpx does not bound is bounded by the deadline.
        bound = _MOST if as_dict and each is None else each
        _check_number("timeout", bound, f"{_SECONDS} or an httpx.Timeout", least=_SHORTEST)
        seconds[name] = cast("float", bound)
    return Timeouts(**seconds)


def _check_number(
    name: str, value: object, wanted: str, *, least: float = 0, kind: type[float] = float
) -> None:
    if isinstance(value, bool) or not isinstance(value, int | kind) or not least <= value <= _MOST:
        raise ConfigurationError(f"{name} has to be {wanted}, not {value!r}.")


def _check_text(name: str, given: Secret) -> Secret:
    # Raised here and not where the value is looked at, and without the value in the message: no
    # traceback may show it, as it may be the secret, given as the wrong argument.
    problem = _problem_of_text(given.reveal())
    if problem:
        raise _malformed(name, problem)
    return given


def _text(name: str, value: object) -> str:
    return str(_check_text(name, Secret(value)).reveal())


def _problem_of_text(value: object) -> str | None:
    if _is_missing(value):
        return "is missing"
    if not isinstance(value, str):
        return f"is not a text but a {type(value).__name__}"
    if value != value.strip():
        return "begins or ends with white space; remove it"
    if len(value) > 1 and value[0] == value[-1] and value[0] in _QUOTES:
        return "has quotes around it; remove them (docker --env-file keeps quotes)"
    return None if value.isprintable() else "has a control character in it"


def _problem_of_url(text: str, *, allow_http: bool) -> str | None:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - the property checks the number and raises
    except ValueError:
        return "is not an address: its host or its port cannot be read"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "is not an address like https://api.calypso.finance"
    if parts.scheme == "http" and not (allow_http or is_loopback(parts.hostname)):
        return (
            "is plain http to another machine, where others can read and change what is sent: use "
            "https, or to allow it pass allow_http=True or set CALYPSO_ALLOW_HTTP=1"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        return "has a user name, a query or a fragment; give scheme, host and path only"
    return None


def _malformed(name: str, problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name} {problem}. Give it as {name}=…, or in the environment variable {_variable(name)}."
    )


def _variable(name: str) -> str:
    return f"CALYPSO_{name.upper()}"


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine by its name or address, however that is written."""
    name = host.removesuffix(".").lower()
    try:
        address = ip_address(name)
    except ValueError:
        return name == "localhost" or _is_loopback_in_short(name)
    return bool((getattr(address, "ipv4_mapped", None) or address).is_loopback)


def _is_loopback_in_short(name: str) -> bool:
    """Return whether a name is a short loopback address, such as 127.1 or 0x7f000001."""
    try:
        return name[:1].isdigit() and ip_address(inet_aton(name)).is_loopback
    except OSError:
        return False
