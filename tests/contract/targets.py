"""Find out which server to test, as which account, and what may be done to it."""

from __future__ import annotations

import hashlib
import hmac
import math
import os
import secrets
import signal
import threading
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.contract import document, responses, serving
from tests.contract.checks.reading import CUSTOMER
from tests.contract.gateway import Gateway, Plan
from tests.contract.redaction import Redactor
from tests.contract.session import Session, StoppedError, is_loopback
from tests.contract.suite import Terms
from tests.contract.wire import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.contract.suite import Context

# Requests per second to a server that is not our mock, unless RATE is set.
RATE = 4
_SLOWEST = 0.01
# The announced limits, which are enforced. A normal run, with a second account, needs less.
READING = 400
WRITING = {
    "short": (15_000, {"customers": 600, "addresses": 300, "subscriptions": 900}),
    "full": (45_000, {"customers": 1_500, "addresses": 1_000, "subscriptions": 3_000}),
}
_MOCK = "calypso-mock"
_OTHER = "CALYPSO_OTHER_"
_CREDENTIALS = ("key", "secret", "account")
_UNAUTHORIZED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NO_CUSTOMER = ("001", "004")
# The errorCodes of an unknown key, a wrong signature, and an unknown account.
_UNKNOWN = ("002", "003", "004")


class SettingsError(Exception):
    """The settings do not name a server, an account, or a rate that can be used."""


@dataclass(frozen=True)
class OpenTarget:
    """The server under test, ready for requests.

    Attributes:
        target: Where requests go, and which account calls.
        gateway: The gateway that they go through; None if the target is our mock.
    """

    target: Target
    gateway: Gateway | None = None


@contextmanager
def ending_as_with_ctrl_c() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a run like Ctrl-C, so that it cleans up."""
    chosen = (signal.SIGTERM, signal.SIGHUP)
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, signal.default_int_handler) for each in chosen}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def open_target(
    url: str | None,
    environment: Mapping[str, str],
    options: Sequence[str] = (),
    profile: str = "short",
) -> Iterator[OpenTarget]:
    """Connect to the server at a URL, or without a URL to a fresh mock.

    A server that is not our mock is reached through a gateway, which allows only what the
    environment allows, and at the end deletes what can be deleted.

    Raises:
        SettingsError: The settings do not fit the URL, or the account.
        UnreachableError: The server does not respond.
    """
    with ExitStack() as stack:
        if url is None:
            yield OpenTarget(stack.enter_context(serving.mock(*options)))
            return
        target = _named(url, environment)
        if is_our_mock(target):
            yield OpenTarget(target)
            return
        second = other(environment, target)
        accounts = [each for each in (target, second) if each]
        customers = [each for each in (environment.get(CUSTOMER),) if each]
        plan = plan_for(target, environment, profile)
        # A server on this machine was asked already whether it is our mock.
        asked = int(is_loopback(target.base_url))
        gateway = stack.enter_context(Gateway(accounts, plan, customers, asked=asked))
        yield OpenTarget(gateway.target, gateway)


def _named(url: str, environment: Mapping[str, str]) -> Target:
    if "?" in url or "#" in url:
        raise SettingsError(f"TARGET={url} contains a ? or a #: give the address without them.")
    if "@" in url:
        # There may be a password before it, which must not be shown.
        raise SettingsError("TARGET contains an @: leave out any user and password.")
    if not (url.startswith(("http://", "https://")) and _is_address(url)):
        raise SettingsError(f"TARGET={url} is not an address like http://127.0.0.1:8600.")
    if url.startswith("http://") and not (
        is_loopback(url) or environment.get("CALYPSO_ALLOW_HTTP") == "1"
    ):
        raise SettingsError(
            f"TARGET={url} is plain http to another machine, so others can read and change the "
            "requests: use https, or set CALYPSO_ALLOW_HTTP=1 if you mean it."
        )
    missing = _unset(environment, "CALYPSO_")
    if missing:
        raise SettingsError(
            f"{missing[0]} is not set. TARGET={url} is tested as the account that "
            "CALYPSO_KEY, CALYPSO_SECRET and CALYPSO_ACCOUNT name."
        )
    _check_key("CALYPSO_KEY", environment["CALYPSO_KEY"])
    return Target.read({**environment, "CALYPSO_BASE_URL": url.rstrip("/")})


def _unset(environment: Mapping[str, str], prefix: str) -> list[str]:
    names = (f"{prefix}{name.upper()}" for name in _CREDENTIALS)
    return [name for name in names if not environment.get(name)]


def _check_key(variable: str, key: str) -> None:
    if not key.isascii() or not key.isprintable():
        raise SettingsError(
            f"{variable} contains a character that is not allowed in a key: copy it again, without "
            "blanks, quotes or an ellipsis."
        )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # Too long a name is not a host name.
        return bool((parts.hostname or "").encode("idna")) and parts.port != 0
    except ValueError:
        return False


def is_our_mock(target: Target) -> bool:
    """Return whether a target is our mock, which may be reset and written to.

    An address of this machine proves nothing: it may lead to any server. The mock returns its name
    and a random number that was sent to it.

    Raises:
        SettingsError: It is, but the settings are not those of one of its accounts.
        UnreachableError: The server does not respond.
    """
    if not is_loopback(target.base_url):
        # A server on another machine gets no undocumented requests.
        return False
    nonce = secrets.token_hex(16)
    with closing(Session(target)) as session:
        response = session.send("GET", f"/_mock/identity?nonce={nonce}", b"", {})
    try:
        identity = response.json()
        is_ours = (identity["name"], identity["nonce"]) == (_MOCK, nonce)
        accounts = identity["accounts"] if is_ours else []
    except (ValueError, LookupError, TypeError):
        return False
    if is_ours and not any(_is_proven(target, each, nonce) for each in accounts):
        raise SettingsError(
            f"The mock at {target.base_url} has no account {target.account} with this key and "
            "secret: set CALYPSO_KEY, CALYPSO_SECRET and CALYPSO_ACCOUNT as it printed them."
        )
    return is_ours


def _is_proven(target: Target, account: Mapping[str, Any], nonce: str) -> bool:
    message = f"{target.key} {target.account} {nonce}".encode()
    proof = hmac.new(target.secret.encode(), message, hashlib.sha512).hexdigest()
    return account == {"key": target.key, "account": target.account, "proof": proof}


def other(environment: Mapping[str, str], target: Target) -> Target | None:
    """Return a second account at the same server, if the settings name one.

    Raises:
        SettingsError: They name it in part, or name the first account again.
    """
    missing = _unset(environment, _OTHER)
    if len(missing) == len(_CREDENTIALS):
        return None
    if missing:
        raise SettingsError(f"{missing[0]} is not set, but other settings of a second account are.")
    _check_key(f"{_OTHER}KEY", environment[f"{_OTHER}KEY"])
    second = {name: environment[f"{_OTHER}{name.upper()}"] for name in _CREDENTIALS}
    if target.key == second["key"] or target.account.lower() == second["account"].lower():
        raise SettingsError(
            f"{_OTHER}KEY or {_OTHER}ACCOUNT is that of the first account: the second has its own."
        )
    return replace(target, **second)


def plan_for(target: Target, environment: Mapping[str, str], profile: str) -> Plan:
    """Return what a run may do to a server that is not our mock.

    Raises:
        SettingsError: RATE is not a number of requests per second, or removes a required limit.
    """
    rate = _rate(environment.get("RATE") or str(RATE))
    if not rate and not is_loopback(target.base_url):
        raise SettingsError("RATE=0, which means no limit, is for servers on this machine only.")
    if environment.get("ALLOW_WRITES") != "1":
        return Plan(READING, rate, {})
    requests, made = WRITING[profile]
    return Plan(requests, rate, made, shared=environment.get("ALLOW_SHARED") == "1")


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not (math.isfinite(rate) and (rate >= _SLOWEST or rate == 0)):
        raise SettingsError(
            f"RATE={text} is not a number of requests per second, such as 4 or 0.5; the minimum is "
            f"{_SLOWEST}."
        )
    return rate


def terms(
    session: Session, environment: Mapping[str, str], gateway: Gateway | None = None
) -> Terms:
    """Find out what may be done to a target, and what is known of it. A mock is reset."""
    target = session.target
    if gateway is not None:
        plan = gateway.plan
        return Terms(
            writes=plan.writes,
            near=plan.writes and not plan.rate,
            alone=plan.writes and not plan.rate and not plan.shared,
            second=other(environment, target),
            gateway=gateway,
        )
    session.control("reset", {})
    switches = session.control("state")["switches"]
    return Terms(
        mock=True,
        auth_status=switches["authStatus"],
        page_base=switches["pageBase"],
        # After a later reset, the same request makes the same account again.
        second=replace(target, **session.control("account", {})),
    )


def introduction(target: Target, gateway: Gateway | None, *, is_own: bool) -> str:
    """Return the first lines of a run: which server is tested, and the limits."""
    where = f"at {target.shown} as account {target.account}"
    if gateway is None:
        kind = "a fresh mock" if is_own else "our mock"
        return (
            f"Testing {kind} {where}: reset and written to, any number of requests, at full speed."
        )
    plan = gateway.plan
    speed = f"at most {plan.rate:g} a second" if plan.rate else "as fast as it responds"
    mode = "reading and WRITING" if plan.writes else "read only"
    first = f"Testing a server {where}: {mode}, at most {plan.requests} requests, {speed}."
    if not plan.writes:
        return f"{first}\nNothing is created, changed or deleted there (ALLOW_WRITES=1 allows it)."
    return f"{first}\nIt creates {plan.limits_text}. Existing objects are not changed."


def problem(context: Context) -> str | None:
    """Return why nothing can be tested with these settings; None if it can."""
    gateway = context.terms.gateway
    if gateway is None:
        # Our mock has proved that the settings are right: a rejection is for the checks to find.
        return None
    accounts = {
        "the account's": context.session.target,
        "the second account's": context.terms.second,
    }
    for name, who in accounts.items():
        response = context.session.call("getAccount", as_=who) if who else None
        if response and (response.status in _UNAUTHORIZED or responses.code(response) in _UNKNOWN):
            body = Redactor([context.session.target], private=True).body(response.content)[:300]
            return (
                f"{context.session.target.shown} rejected {name} settings: {response.status} {body}"
            )
    customer = os.environ.get(CUSTOMER)
    if customer and document.has("getPurses"):
        response = context.session.call("getPurses", {"customerId": customer})
        if responses.code(response) in _NO_CUSTOMER:
            code = responses.code(response)
            return f"{CUSTOMER} is not a customer of this account: errorCode {code}."
    try:
        if context.terms.writes:
            gateway.others()
    except StoppedError as stop:
        return str(stop)
    return None
