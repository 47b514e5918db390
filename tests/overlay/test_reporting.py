"""What errors, listeners and the log report of a call: the truth, in one line, and no secret."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import httpx
import pytest

from calypso_api.models import Subscription
from calypso_mock import Mock
from calypso_pay import (
    APIError,
    AsyncCalypso,
    Calypso,
    CalypsoError,
    ConfigurationError,
    InvalidRequestError,
    Outcome,
)
from calypso_pay._backoff import retry_after
from calypso_pay._clock import read_date
from calypso_pay.subscriptions._rules import replacement_payload
from tests.overlay.peers import IDENTITY, call

if TYPE_CHECKING:
    from calypso_pay import Attempt

both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])

OK = httpx.Response(200, json={"account": "a", "ownerId": "o", "balances": []})


def rejecting(message: str, code: str = "001") -> httpx.MockTransport:
    """Refuse each request with a message; {Key} and {Sign} in it are those of the request."""

    def respond(request: httpx.Request) -> httpx.Response:
        text = message.replace("{Key}", request.headers["Key"])
        text = text.replace("{Sign}", request.headers["Sign"])
        return httpx.Response(400, json={"errorCode": code, "message": text, "traceId": "t"})

    return httpx.MockTransport(respond)


@both
def test_a_response_that_quotes_key_and_signature_does_not_get_them_into_the_error(
    asynchronous: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "calypso_pay")
    quoting = rejecting("payload.email=[{Sign} of {Key}] SIGN {Sign} KEY {Key}")
    with pytest.raises(InvalidRequestError) as caught:
        call("customers.create", asynchronous=asynchronous, transport=quoting)

    error = caught.value
    assert (
        error.message == "payload.email=[[Filtered] of [Filtered]] SIGN [Filtered] KEY [Filtered]"
    )
    for text in (str(error), repr(error), error.message, str(error.reason), caplog.text):
        assert IDENTITY["key"] not in text
        assert "0" * 8 not in text
        assert not any(len(word) >= 128 for word in text.replace("[", " ").split())


def test_no_part_of_an_error_quotes_them_in_whatever_case() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        key, signature = request.headers["Key"].upper(), request.headers["Sign"].upper()
        body = {"errorCode": f"{key} {signature}", "message": key, "traceId": signature}
        return httpx.Response(400, json=body)

    with pytest.raises(APIError) as caught:
        call("accounts.get", asynchronous=False, transport=httpx.MockTransport(respond))

    error = caught.value
    found = (error.error_code, error.message, error.trace_id)
    assert found == ("[Filtered] [Filtered]", "[Filtered]", "[Filtered]")


def test_a_message_of_many_megabytes_is_cut() -> None:
    """`error.message` keeps the first 2,000 characters, and a signature at the cut is hidden."""
    with pytest.raises(InvalidRequestError) as caught:
        call("customers.create", asynchronous=False, transport=rejecting("é" * 5_000_000))
    assert caught.value.message == "é" * 2_000
    assert len(str(caught.value)) < 4_000

    with pytest.raises(InvalidRequestError) as caught:
        call("customers.create", asynchronous=False, transport=rejecting("x" * 1_950 + " {Sign}"))
    assert caught.value.message == "x" * 1_950 + " [Filtered]"


def test_control_characters_steer_no_terminal_and_forge_no_log_line() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        call(
            "customers.create", asynchronous=False, transport=rejecting("\x1b[31mred\r\nERROR fake")
        )

    assert "\\x1b[31mred\\r\\nERROR fake" in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.message == "\x1b[31mred\r\nERROR fake"


@both
def test_an_attempt_and_its_error_have_the_same_outcome(asynchronous: bool) -> None:
    statuses = iter([503, 503, 400])
    seen: list[tuple[Outcome, Outcome]] = []

    def respond(_: httpx.Request) -> httpx.Response:
        return httpx.Response(next(statuses), json={"errorCode": "009", "message": "m"})

    def listen(attempt: Attempt) -> None:
        assert attempt.error is not None
        seen.append((attempt.outcome, attempt.error.outcome))

    with pytest.raises(CalypsoError):
        call(
            "accounts.get",
            asynchronous=asynchronous,
            transport=httpx.MockTransport(respond),
            on_attempt=listen,
            max_retries=2,
            backoff=0,
        )

    assert seen
    assert all(notified == errors for notified, errors in seen)


def test_an_error_of_which_nothing_is_known_has_the_outcome_unknown() -> None:
    assert CalypsoError("anything").outcome is Outcome.UNKNOWN
    assert ConfigurationError("anything").outcome is Outcome.NOT_SENT


def test_asynchronous_listeners_are_awaited_before_the_call_returns() -> None:
    """In order; what one raises is logged and costs no caller the response."""
    seen: list[object] = []

    async def listen(news: object) -> None:
        await asyncio.sleep(0)
        seen.append(type(news).__name__)
        raise ValueError(news)

    response = {"account": "a", "ownerId": "o", "balances": [], "new": 1, "newer": 2}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=response))
    found = call(
        "accounts.get",
        asynchronous=True,
        transport=transport,
        on_attempt=listen,
        on_drift=listen,
    )

    assert found.account == "a"
    assert seen == ["Drift", "Drift", "Attempt"]


def test_what_is_not_a_function_is_rejected_as_a_listener() -> None:
    with pytest.raises(ConfigurationError, match="on_attempt has to be a function, not a int"):
        Calypso(**IDENTITY, on_attempt=5)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["on_attempt", "on_drift"])
def test_a_synchronous_client_rejects_a_listener_that_it_cannot_await(name: str) -> None:
    async def listen(_: object) -> None: ...

    class Listener:
        async def __call__(self, _: object) -> None: ...

    for listener in (listen, Listener()):
        with pytest.raises(ConfigurationError, match=f"{name} is an asynchronous function"):
            Calypso(**IDENTITY, **{name: listener})
        assert AsyncCalypso(**IDENTITY, **{name: listener})


def test_a_date_without_a_zone_is_in_gmt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever zone this machine is in."""
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert read_date("Sat, 28 Nov 2026 12:00:00") == read_date("Sat, 28 Nov 2026 12:00:00 GMT")
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        (" 1.5 ", 1.5),
        ("1_000", None),
        ("1e3", None),
        ("inf", None),
        ("nan", None),
        ("-1", None),
        ("+1", None),
        ("\u0661", None),
        ("", None),
        (None, None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("Thu, 01 Jan 1970 00:00:00", 0.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, now=10.0) == seconds


@pytest.mark.parametrize("until", ["CONFIRMD", "confirmed", ""])
def test_waiting_for_an_unknown_state_is_rejected_at_once(until: str) -> None:
    mock = Mock()
    with (
        Calypso(transport=mock.transport(), **mock.settings()) as calypso,
        pytest.raises(ConfigurationError, match=r"Known are .*CONFIRMED"),
    ):
        calypso.transactions.wait_for("00000000-0000-4000-8000-000000000000", until=until)

    assert mock.journal.carried_out("getTransaction") == 0


def test_rotating_a_url_that_cannot_be_sent_is_one_of_our_errors() -> None:
    old = Subscription(
        blocked_by_error_count=False,
        created_date=None,  # type: ignore[arg-type]
        notification_event_types=[],
        public_key="k",
        request_id="r",
        secret_key="s",
        url="https://shop.example/\ud800",
    )
    with pytest.raises(ConfigurationError, match=r"cannot be sent .*\\ud800"):
        replacement_payload(old, ["CUSTOMER_PURSE_EXPIRED"], [])
