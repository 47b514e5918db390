"""Find out what is to be tested, and what may be done to it."""

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

from tests.contract import answers, document, serving
from tests.contract.checks.reading import CUSTOMER
from tests.contract.gateway import Gateway, Plan
from tests.contract.redaction import Redactor
from tests.contract.session import Session, StoppedError, is_loopback
from tests.contract.suite import Terms
from tests.contract.wire import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.contract.suite import Lab

# Requests a second to a server that is not our mock, unless RATE says otherwise.
RATE = 4
_SLOWEST = 0.01
# What is announced, and nothing goes beyond. A run that is well, with a second account, needs less.
READING = 400
WRITING = {
    "short": (15_000, {"customers": 600, "addresses": 300, "subscriptions": 900}),
    "full": (45_000, {"customers": 1_500, "addresses": 1_000, "subscriptions": 3_000}),
}
_MOCK = "calypso-mock"
_OTHER = "CALYPSO_OTHER_"
_CREDENTIALS = ("key", "secret", "account")
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NO_CUSTOMER = ("001", "004")
# Of a key, of a signature, of an account.
_UNKNOWN = ("002", "003", "004")


class SettingsError(Exception):
    """The settings do not say whom to test, or as whom, or how."""


@dataclass(frozen=True)
class Access:
    """A way to what is tested.

    Attributes:
        target: Where requests go, and who calls.
        gateway: What they go through; None where the target is our mock.
    """

    target: Target
    gateway: Gateway | None = None


@contextmanager
def ending_as_with_ctrl_c() -> Iterator[None]:
    """Let a run that is terminated take away what it made, too."""
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
def access(
    url: str | None,
    environment: Mapping[str, str],
    options: Sequence[str] = (),
    profile: str = "short",
) -> Iterator[Access]:
    """Open a way to the server at a URL, or without one to a mock of our own.

    A server that is not our mock is reached through a gateway, which does to it what the
    environment allows, and takes away at the end what can be taken away.

    Raises:
        SettingsError: The settings do not fit the URL, or the account.
        UnreachableError: Nothing answers there.
    """
    with ExitStack() as stack:
        if url is None:
            yield Access(stack.enter_context(serving.mock(*options)))
            return
        target = _named(url, environment)
        if is_our_mock(target):
            yield Access(target)
            return
        second = other(environment, target)
        accounts = [each for each in (target, second) if each]
        customers = [each for each in (environment.get(CUSTOMER),) if each]
        plan = plan_for(target, environment, profile)
        # Whether it is a mock of ours was asked already, of a server on this machine.
        asked = int(is_loopback(target.base_url))
        gateway = stack.enter_context(Gateway(accounts, plan, customers, asked=asked))
        yield Access(gateway.target, gateway)


def _named(url: str, environment: Mapping[str, str]) -> Target:
    if "?" in url or "#" in url:
        raise SettingsError(f"TARGET={url} holds a ? or a #: name the address without them.")
    if "@" in url:
        # What is before it may be a password, which must not be shown.
        raise SettingsError("TARGET holds an @: leave out the user and the password, if they are.")
    if not (url.startswith(("http://", "https://")) and _is_address(url)):
        raise SettingsError(f"TARGET={url} is no address like http://127.0.0.1:8600.")
    if url.startswith("http://") and not (
        is_loopback(url) or environment.get("CALYPSO_ALLOW_HTTP") == "1"
    ):
        raise SettingsError(
            f"TARGET={url} is plain http to another machine, where all can read and change what is "
            "sent: use https, or if you mean it set CALYPSO_ALLOW_HTTP=1."
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
            f"{variable} holds a character that no key can have: copy it once more, without "
            "blanks, quotes or an ellipsis."
        )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # A name that is too long is no name of a host.
        return bool((parts.hostname or "").encode("idna")) and parts.port != 0
    except ValueError:
        return False


def is_our_mock(target: Target) -> bool:
    """Tell whether a target is a mock of ours, which may be reset and written to.

    An address of this machine proves nothing: it may lead to any server. The mock says its name
    and a number that was made up just now.

    Raises:
        SettingsError: It is, and the settings are not those of an account of it.
        UnreachableError: Nothing answers there.
    """
    if not is_loopback(target.base_url):
        # No server on another machine is asked for what the vendor does not document.
        return False
    nonce = secrets.token_hex(16)
    with closing(Session(target)) as session:
        answer = session.send("GET", f"/_mock/identity?nonce={nonce}", b"", {})
    try:
        said = answer.json()
        is_ours = (said["name"], said["nonce"]) == (_MOCK, nonce)
        accounts = said["accounts"] if is_ours else []
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
    """Return another account at the same server, if the settings name one.

    Raises:
        SettingsError: They name it in part, or name the first one once more.
    """
    missing = _unset(environment, _OTHER)
    if len(missing) == len(_CREDENTIALS):
        return None
    if missing:
        raise SettingsError(f"{missing[0]} is not set, and other settings of a second account are.")
    _check_key(f"{_OTHER}KEY", environment[f"{_OTHER}KEY"])
    second = {name: environment[f"{_OTHER}{name.upper()}"] for name in _CREDENTIALS}
    if target.key == second["key"] or target.account.lower() == second["account"].lower():
        raise SettingsError(
            f"{_OTHER}KEY and {_OTHER}ACCOUNT name the first account: a second one has its own."
        )
    return replace(target, **second)


def plan_for(target: Target, environment: Mapping[str, str], profile: str) -> Plan:
    """Return what a run may do to a server that is not our mock.

    Raises:
        SettingsError: RATE is no number of requests a second, or lifts a limit that has to be.
    """
    rate = _rate(environment.get("RATE") or str(RATE))
    if not rate and not is_loopback(target.base_url):
        raise SettingsError("RATE=0, which is no limit, is for servers on this machine only.")
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
            f"RATE={text} is no number of requests a second, such as 4 or 0.5; the least is "
            f"{_SLOWEST}."
        )
    return rate


def terms(
    session: Session, environment: Mapping[str, str], gateway: Gateway | None = None
) -> Terms:
    """Find out what may be done to a target, and what is known of it; a mock is reset."""
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
        # After any other reset the same account is made again by the same request.
        second=replace(target, **session.control("account", {})),
    )


def introduction(target: Target, gateway: Gateway | None, *, is_own: bool) -> str:
    """Say which server is tested, and what is done to it at most."""
    whom = f"at {target.shown} as account {target.account}"
    if gateway is None:
        kind = "a fresh mock" if is_own else "a mock of ours"
        return (
            f"Testing {kind} {whom}: reset and written to, any number of requests, at full speed."
        )
    plan = gateway.plan
    speed = f"at most {plan.rate:g} a second" if plan.rate else "as fast as it responds"
    mode = "reading and WRITING" if plan.writes else "read only"
    first = f"Testing a server {whom}: {mode}, at most {plan.requests} requests, {speed}."
    if not plan.writes:
        return f"{first}\nNothing is made, changed or deleted there (ALLOW_WRITES=1 makes things)."
    return f"{first}\nIt makes {plan.making}. What was there before is not changed."


def problem(lab: Lab) -> str | None:
    """Return why nothing can be tested with these settings; None where all is well."""
    gateway = lab.terms.gateway
    if gateway is None:
        # A mock has shown that the settings are right: a refusal is for the checks to find.
        return None
    whose = {"the account's": lab.session.target, "the second account's": lab.terms.second}
    for name, who in whose.items():
        answer = lab.session.call("getAccount", as_=who) if who else None
        if answer and (answer.status in _REFUSED or answers.code(answer) in _UNKNOWN):
            said = Redactor([lab.session.target], private=True).body(answer.content)[:300]
            return f"{lab.session.target.shown} refused {name} settings: {answer.status} {said}"
    customer = os.environ.get(CUSTOMER)
    if customer and document.has("getPurses"):
        answer = lab.session.call("getPurses", {"customerId": customer})
        if answers.code(answer) in _NO_CUSTOMER:
            return f"{CUSTOMER} names no customer of the account: errorCode {answers.code(answer)}."
    try:
        if lab.terms.writes:
            gateway.others()
    except StoppedError as stop:
        return str(stop)
    return None
