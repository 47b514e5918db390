"""A client reports what is wrong with its settings before it sends anything."""

from __future__ import annotations

import math
import traceback
from typing import Any

import httpx
import pytest

from calypso_pay import AsyncCalypso, Calypso, ConfigurationError, Outcome
from calypso_pay._options import Timeouts

KEY = "public-key"
SECRET = "canary-of-a-secret"
ACCOUNT = "0x0ab6a64fadc029a75c395681f3cb39cfa46d486c"

CLIENTS = [Calypso, AsyncCalypso]
NOWHERE = httpx.MockTransport(lambda _: httpx.Response(200))


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY", "SECRET", "ACCOUNT", "BASE_URL"):
        monkeypatch.delenv(f"CALYPSO_{name}", raising=False)


def complaint(client: Any, **settings: object) -> ConfigurationError | None:
    """Return the message about settings, where the others are right."""
    try:
        client(**{"key": KEY, "secret": SECRET, "account": ACCOUNT, **settings})
    except ConfigurationError as error:
        return error
    return None


@pytest.mark.parametrize("client", CLIENTS)
def test_a_missing_setting_is_named_with_the_places_it_is_looked_for(client: Any) -> None:
    found = {}
    for missing in ("key", "secret", "account"):
        for value in (None, ""):
            error = complaint(client, **{missing: value})
            found[f"{missing}={value!r}"] = (
                f"{missing}=" in str(error),
                f"CALYPSO_{missing.upper()}" in str(error),
                error and error.outcome,
            )

    assert found == dict.fromkeys(found, (True, True, Outcome.NOT_SENT))


MALFORMED: list[tuple[str, object, str]] = [
    ("key", "kéy", "HTTP header"),
    ("key", "ke\ny", "control character"),
    ("key", 17, "not a text but a int"),
    ("secret", "canary\n", "white space"),
    ("secret", " canary", "white space"),
    ("secret", "can\x00ary", "control character"),
    ("secret", b"canary", "not a text but a bytes"),
    ("account", "0x0a b6", "space"),
    ("account", "0x0ab6\n", "white space"),
    ("base_url", "api.calypso.finance", "not an address"),
    ("base_url", "ftp://api.calypso.finance", "not an address"),
    ("base_url", "https://", "not an address"),
    ("base_url", "https://api.calypso.finance:port", "not an address"),
    ("base_url", "https://user:word@api.calypso.finance", "user name"),
    ("base_url", "https://api.calypso.finance?x=1", "query"),
    ("base_url", "http://api.calypso.finance", "allow_http=True"),
    ("base_url", "http://127.evil.invalid", "plain http to another machine"),
    ("base_url", "http://localhost.evil.invalid", "plain http to another machine"),
    ("base_url", "http://0.0.0.0", "plain http to another machine"),
    ("timeout", 10**400, "positive"),
    ("backoff", -0.5, "0 or a positive number"),
    ("backoff", math.inf, "0 or a positive number"),
    ("timeout", 0, "positive"),
    ("timeout", math.nan, "positive"),
    ("timeout", math.inf, "positive"),
    ("timeout", "30", "number of seconds"),
    ("deadline", -1, "positive"),
    ("deadline", True, "number of seconds"),
    ("max_retries", -1, "0 or more"),
    ("max_retries", 1.5, "0 or more"),
    ("http_client", httpx.MockTransport(lambda _: httpx.Response(200)), "http_client"),
    ("transport", "proxy", "transport"),
]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_malformed_setting_is_rejected_with_the_reason(client: Any) -> None:
    wrong = {}
    for setting, value, reason in MALFORMED:
        message = str(complaint(client, **{setting: value}))
        if setting not in message or reason not in message:
            wrong[setting, str(value)[:40], reason] = message

    assert wrong == {}


def test_a_client_of_ones_own_and_a_transport_do_not_go_together() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    with httpx.Client() as own, pytest.raises(ConfigurationError, match="not both"):
        Calypso(key=KEY, secret=SECRET, account=ACCOUNT, http_client=own, transport=transport)


def test_any_account_id_that_could_be_one_is_accepted() -> None:
    """The vendor's pages disagree about its form, so no form is demanded."""
    accounts = [
        ACCOUNT,
        ACCOUNT.upper(),
        "123e4567-e89b-12d3-a456-426614174000",
        "0xshort",
        "something-not-seen-yet",
    ]
    for account in accounts:
        with Calypso(key=KEY, secret=SECRET, account=account, transport=NOWHERE) as calypso:
            assert account in repr(calypso)


def test_the_environment_is_read_when_the_client_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"account": "a", "ownerId": "o", "balances": []})

    monkeypatch.setenv("CALYPSO_KEY", "key-of-the-environment")
    monkeypatch.setenv("CALYPSO_SECRET", SECRET)
    monkeypatch.setenv("CALYPSO_ACCOUNT", "account-of-the-environment")
    monkeypatch.setenv("CALYPSO_BASE_URL", "https://one.invalid/prefix/")
    with Calypso(transport=httpx.MockTransport(respond)) as calypso:
        calypso.accounts.get()

    assert str(asked[0].url) == "https://one.invalid/prefix/api/v1/account"
    assert asked[0].headers["Key"] == "key-of-the-environment"
    assert b'"account":"account-of-the-environment"' in asked[0].content


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY", "SECRET", "ACCOUNT", "BASE_URL"):
        monkeypatch.setenv(f"CALYPSO_{name}", " unusable ")

    with Calypso(
        key=KEY, secret=SECRET, account=ACCOUNT, base_url="https://one.invalid"
    ) as calypso:
        assert "https://one.invalid" in repr(calypso)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("secret", [f"{SECRET}\n", f"{SECRET}\x00", SECRET])
def test_no_traceback_shows_the_secret_even_with_local_variables(client: Any, secret: str) -> None:
    """The account is malformed too, so that a good secret meets an error after it was taken."""
    # The caller's own frame holds the secret, which is out of the client's hands; it is left out.
    try:
        client(key=KEY, secret=secret, account="not an account")
    except ConfigurationError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in shown.stack if "overlay/calypso_pay" in frame.filename]

    assert frames
    assert all(SECRET not in str(frame.locals) for frame in frames)
    assert SECRET not in str(shown)


@pytest.mark.parametrize("client", CLIENTS)
def test_plain_http_to_this_machine_is_allowed(client: Any) -> None:
    urls = ["http://127.0.0.1:8600", "http://127.8.9.1", "http://[::1]:80/p", "http://localhost:1"]
    shown = {
        url: repr(client(key=KEY, secret=SECRET, account=ACCOUNT, base_url=url)) for url in urls
    }

    assert [url for url, text in shown.items() if url not in text] == []


@pytest.mark.parametrize("client", CLIENTS)
def test_plain_http_to_another_machine_has_to_be_allowed(client: Any) -> None:
    url = "http://api.calypso.finance"

    assert url in repr(
        client(key=KEY, secret=SECRET, account=ACCOUNT, base_url=url, allow_http=True)
    )


def test_plain_http_is_allowed_in_process_only_and_not_over_httpxs_own_transport() -> None:
    url = "http://mock.invalid"
    in_process = httpx.MockTransport(lambda _: httpx.Response(200))

    assert url in repr(
        Calypso(key=KEY, secret=SECRET, account=ACCOUNT, base_url=url, transport=in_process)
    )
    with (
        httpx.HTTPTransport() as network,
        pytest.raises(ConfigurationError, match="allow_http=True"),
    ):
        Calypso(key=KEY, secret=SECRET, account=ACCOUNT, base_url=url, transport=network)
    with httpx.Client() as own, pytest.raises(ConfigurationError, match="allow_http=True"):
        Calypso(key=KEY, secret=SECRET, account=ACCOUNT, base_url=url, http_client=own)


def test_a_new_client_sees_what_changed_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALYPSO_BASE_URL", "https://one.invalid")
    first = Calypso(key=KEY, secret=SECRET, account=ACCOUNT)
    monkeypatch.setenv("CALYPSO_BASE_URL", "https://two.invalid")

    assert "https://one.invalid" in repr(first)
    assert "https://two.invalid" in repr(Calypso(key=KEY, secret=SECRET, account=ACCOUNT))


def test_a_view_keeps_the_options_that_are_not_given() -> None:
    client = Calypso(
        key=KEY, secret=SECRET, account=ACCOUNT, timeout=1, deadline=2, max_retries=3, backoff=4
    )
    view = client.with_options(backoff=0).with_options(timeout=5)

    five = Timeouts(5, 5, 5, 5)
    assert view._engine.raw.core.options == client._engine.raw.core.options._replace(
        backoff=0, timeout=five
    )
    with pytest.raises(ConfigurationError, match="backoff"):
        client.with_options(backoff=-1)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("variable", "value", "cause"),
    [
        ("HTTPS_PROXY", "gopher://proxy.invalid", "ValueError: .*gopher"),
        ("HTTPS_PROXY", "http://proxy.invalid:port", "InvalidURL: Invalid port"),
        ("SSL_CERT_FILE", "/nowhere/certificates.pem", "FileNotFoundError"),
    ],
)
def test_what_httpx_cannot_use_of_the_environment_is_named_with_the_cause(
    monkeypatch: pytest.MonkeyPatch, client: Any, variable: str, value: str, cause: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigurationError, match=cause) as caught:
        client(key=KEY, secret=SECRET, account=ACCOUNT)

    assert variable in str(caught.value)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("url", ["https://1.2.3.999", "https://é..invalid"])
def test_an_address_that_httpx_cannot_use_is_rejected(client: Any, url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"base_url.*InvalidURL"):
        client(key=KEY, secret=SECRET, account=ACCOUNT, base_url=url)
