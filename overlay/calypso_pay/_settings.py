"""What a client is told: arguments first, then the environment, checked before any request."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from calypso_pay._errors import ConfigurationError
from calypso_pay._options import Options
from calypso_pay._secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_pay._options import Attempt

DEFAULT_BASE_URL = "https://api.calypso.finance"
DEFAULT_TIMEOUT = 30.0
DEFAULT_DEADLINE = 90.0
DEFAULT_MAX_RETRIES = 2


class Identity(NamedTuple):
    """Who calls: the public key, the secret key in its wrapper, and the merchant account."""

    key: str
    secret: Secret
    account: str


def identity(key: str | None, secret: Secret, account: str | None) -> Identity:
    """Complete what was not given from the environment, and check it.

    Raises:
        ConfigurationError: Something is missing or malformed.
    """
    return Identity(
        check_key(_or_environment(key, "CALYPSO_KEY")),
        check_secret(secret if secret.reveal() is not None else _secret_from_environment()),
        check_account(_or_environment(account, "CALYPSO_ACCOUNT")),
    )


def check_key(key: object) -> str:
    """Return the key if it can be sent as a header; its format is not documented otherwise."""
    text = _text(key, "key", "CALYPSO_KEY")
    if not text.isascii():
        raise _malformed("key", "CALYPSO_KEY", "has characters that an HTTP header cannot carry")
    return text


def check_secret(secret: Secret) -> Secret:
    """Return the secret if it is a text that can be used as it stands."""
    # Raised here and not where the value is looked at: a traceback that shows local variables
    # must not find it there.
    complaint = _complaint(secret.reveal(), "secret", "CALYPSO_SECRET")
    if complaint is not None:
        raise complaint
    return secret


def check_account(account: object) -> str:
    """Return the account id if it can be one.

    The check is lenient on purpose: every account seen is ``0x`` and 40 hex digits, and one host
    documents that as a pattern, but a guide of the vendor's shows a UUID.
    """
    text = _text(account, "account", "CALYPSO_ACCOUNT")
    if " " in text:
        raise _malformed("account", "CALYPSO_ACCOUNT", "has a space in it")
    return text


def base_url(url: str | None) -> str:
    """Return the address that paths are appended to, without a slash at its end.

    Raises:
        ConfigurationError: It is not an absolute http or https address.
    """
    given = url if url is not None else os.environ.get("CALYPSO_BASE_URL") or DEFAULT_BASE_URL
    text = _text(given, "base_url", "CALYPSO_BASE_URL")
    problem = _problem_of_url(text)
    if problem:
        raise _malformed("base_url", "CALYPSO_BASE_URL", problem)
    return text.rstrip("/")


def seconds(name: str, value: float) -> float:
    """Return a positive, finite number of seconds.

    Raises:
        ConfigurationError: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigurationError(f"{name} has to be a number of seconds, not {value!r}.")
    if not (math.isfinite(value) and value > 0):
        raise ConfigurationError(f"{name} has to be a positive number of seconds, not {value!r}.")
    return float(value)


def retries(value: int) -> int:
    """Return a number of retries: a whole number, 0 or more.

    Raises:
        ConfigurationError: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigurationError(f"max_retries has to be 0 or more, not {value!r}.")
    return value


def options(
    account: str,
    timeout: float,
    deadline: float,
    max_retries: int,
    on_attempt: Callable[[Attempt], object] | None,
) -> Options:
    """Check what a client is told about its calls.

    Raises:
        ConfigurationError: One of the numbers is none, or out of range.
    """
    return Options(
        account,
        seconds("timeout", timeout),
        seconds("deadline", deadline),
        retries(max_retries),
        on_attempt,
    )


def _or_environment(value: str | None, variable: str) -> str | None:
    return value if value is not None else os.environ.get(variable)


def _secret_from_environment() -> Secret:
    return Secret(os.environ.get("CALYPSO_SECRET"))


def _text(value: object, name: str, variable: str) -> str:
    complaint = _complaint(value, name, variable)
    if complaint is not None:
        raise complaint
    return str(value)


def _complaint(value: object, name: str, variable: str) -> ConfigurationError | None:
    # The value itself is never part of a message: it may be the secret, given in the wrong place.
    if value is None or value == "":
        return ConfigurationError(
            f"{name} is missing: pass {name}=… or set the environment variable {variable}."
        )
    if not isinstance(value, str):
        return _malformed(name, variable, f"is not a text but a {type(value).__name__}")
    if value != value.strip():
        return _malformed(name, variable, "begins or ends with white space; remove it")
    if not value.isprintable():
        return _malformed(name, variable, "has a control character in it")
    return None


def _malformed(name: str, variable: str, problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name} {problem} (looked for in the argument {name}=…, then in the environment "
        f"variable {variable})."
    )


def _problem_of_url(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - the property checks the number and raises
    except ValueError as error:
        return f"is not an address: {error}"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "is not an address like https://api.calypso.finance"
    if parts.username or parts.password or parts.query or parts.fragment:
        return "has a user name, a query or a fragment; give scheme, host and path only"
    return None
