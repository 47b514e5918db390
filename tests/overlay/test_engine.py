"""The engine alone, without any I/O: what it asks its driver to do, and what a call comes to."""

from __future__ import annotations

import json
import logging
import re
from email.utils import formatdate
from typing import Any

import httpx
import pytest

from calypso_api import Operation
from calypso_pay import (
    APIError,
    Attempt,
    AuthenticationError,
    CalypsoError,
    ClockSkewError,
    ConnectionFailedError,
    InvalidRequestError,
    NotFoundError,
    Outcome,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from calypso_pay._clock import Clock
from calypso_pay._engine import Core
from calypso_pay._exchange import HttpResponse, SendRequest, Sleep, StepResult, TransportFailure
from calypso_pay._options import Options, Timeouts
from tests.overlay.clocks import Stopped

NOW = 1_795_239_600.0

READ = Operation("getThing", "POST", "/thing", "safe", lambda data: data["name"])
CREATE = Operation("createThing", "POST", "/thing/create", "unsafe", lambda data: data["name"])
DELETE = Operation("deleteThing", "DELETE", "/thing", "safe", None)
LIST = Operation("listThings", "POST", "/things", "safe", lambda data: [str(i) for i in data])

RESPONSE = HttpResponse(200, {}, b'{"name":"it"}')
REFUSED = TransportFailure(
    "http://one.invalid", httpx.ConnectError("refused"), unsent=True, timed_out=False
)
TIMED_OUT = TransportFailure(
    "http://one.invalid", httpx.ReadTimeout("too slow"), unsent=False, timed_out=True
)
RESET = TransportFailure(
    "http://one.invalid", httpx.ReadError("reset"), unsent=False, timed_out=False
)


def error(status: int, code: str | None, message: str = "no", **headers: str) -> HttpResponse:
    body = {"errorCode": code, "message": message, "traceId": "t-1"}
    return HttpResponse(status, headers, json.dumps(body).encode())


def html(status: int) -> HttpResponse:
    return HttpResponse(status, {"content-type": "text/html"}, b"<html>Bad gateway</html>")


STALE = error(400, "011", date=formatdate(NOW + 3600, usegmt=True))


@pytest.fixture(autouse=True)
def _stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    Stopped(monkeypatch)


class Course:
    """The course of a call, played against a script of reports."""

    def __init__(
        self,
        operation: Operation[Any],
        *reports: StepResult,
        max_retries: int = 2,
        deadline: float = 90.0,
        backoff: float = 0.5,
        clock: Clock | None = None,
        **listeners: Any,
    ) -> None:
        self.sent: list[SendRequest] = []
        self.slept: list[float] = []
        self.result: Any = None
        self.error: CalypsoError | None = None
        options = Options(
            "0xabc", Timeouts(*[30.0] * 4), deadline, max_retries, backoff, **listeners
        )
        flow = Core(options, clock or Clock(lambda: NOW)).flow(operation, None)
        script = iter(reports)
        report: StepResult = None
        try:
            while True:
                step = flow.send(report)
                report = self._do(step, script)
        except StopIteration as stop:
            self.result = stop.value
        except CalypsoError as failure:
            self.error = failure
        assert next(script, None) is None, "not every report of the script was asked for"

    def _do(self, step: SendRequest | Sleep, script: Any) -> StepResult:
        if isinstance(step, Sleep):
            self.slept.append(step.seconds)
            return None
        self.sent.append(step)
        return next(script)

    @property
    def failure(self) -> CalypsoError:
        assert self.error is not None
        return self.error


def ends_of(
    operation: Operation[Any], reports: list[Any], *names: str, times: int = 1
) -> dict[str, tuple[Any, ...]]:
    """Return which error each of these reports leads to, and attributes of it, by report.

    Args:
        operation: What is called.
        reports: What comes of it.
        names: Attributes of the error to return.
        times: How often the report comes.
    """
    ends = {}
    for number, report in enumerate(reports):
        name = f"{number}: {report} {getattr(report, 'content', b'')[:40]!r}"
        try:
            found = Course(operation, *[report] * times).error
        except AssertionError as failure:
            ends[name] = (str(failure),)
        else:
            ends[name] = (type(found), *(getattr(found, each, None) for each in names))
    return ends


def test_a_call_returns_what_the_operation_decodes() -> None:
    course = Course(READ, RESPONSE)

    assert course.result.parsed == "it"
    assert course.result.status == 200
    assert course.result.content == b'{"name":"it"}'
    assert course.slept == []


def test_the_body_is_account_timestamp_and_payload_and_nothing_else() -> None:
    (sent,) = Course(READ, RESPONSE).sent

    assert sent.body == b'{"account":"0xabc","timestamp":1795239600000}'
    assert (sent.method, sent.path) == ("POST", "/thing")


REFUSALS: list[tuple[StepResult, type[CalypsoError]]] = [
    (error(400, "001"), InvalidRequestError),
    (error(401, "002"), AuthenticationError),
    (error(400, "002"), AuthenticationError),
    (error(401, "003"), AuthenticationError),
    (error(400, "003"), AuthenticationError),
    (error(500, "003"), AuthenticationError),
    (error(200, "003"), AuthenticationError),
    (error(400, "004"), NotFoundError),
    (error(500, "004"), NotFoundError),
    (error(400, "006"), APIError),
    (error(400, "016"), APIError),
    (error(500, "028"), APIError),
    (error(400, "777"), APIError),
    (error(404, None), UnexpectedResponseError),
    (html(404), UnexpectedResponseError),
    (html(308), UnexpectedResponseError),
    (html(401), AuthenticationError),
    (html(403), PermissionDeniedError),
    (error(403, "002"), AuthenticationError),
    (error(400, "011"), ClockSkewError),
]


@pytest.mark.parametrize("operation", [READ, CREATE], ids=["safe", "unsafe"])
def test_what_the_server_rejects_is_never_retried(operation: Operation[Any]) -> None:
    reports, kinds = zip(*REFUSALS, strict=True)

    ends = ends_of(operation, reports, "outcome", "attempts", "operation")

    assert ends == {
        name: (kind, Outcome.REFUSED, 1, operation.name)
        for name, kind in zip(ends, kinds, strict=True)
    }


PASSING: list[tuple[StepResult, type[CalypsoError]]] = [
    (TIMED_OUT, TransportError),
    (RESET, TransportError),
    (error(500, "000"), ServerError),
    (error(400, "000"), ServerError),
    (error(503, None), ServerError),
    (error(500, "777"), ServerError),
    (html(502), ServerError),
    (html(520), ServerError),
]


def test_a_safe_operation_is_retried_after_failures_that_may_pass() -> None:
    reports, kinds = zip(*PASSING, strict=True)

    ends = ends_of(READ, reports, "outcome", "attempts", times=3)

    assert ends == {
        name: (kind, Outcome.UNKNOWN, 3) for name, kind in zip(ends, kinds, strict=True)
    }
    for report in reports:
        course = Course(READ, report, RESPONSE)
        assert (course.result and course.result.parsed, len(course.slept)) == ("it", 1), report


def test_an_unsafe_operation_that_may_have_been_carried_out_is_not_retried() -> None:
    reports, kinds = zip(*PASSING, strict=True)

    ends = ends_of(CREATE, reports, "outcome", "attempts", "__cause__")

    assert {name: (*end, type(cause)) for name, (*end, cause) in ends.items()} == {
        name: (OutcomeUnknownError, Outcome.UNKNOWN, 1, kind)
        for name, kind in zip(ends, kinds, strict=True)
    }


@pytest.mark.parametrize("operation", [READ, CREATE], ids=["safe", "unsafe"])
def test_what_surely_never_left_is_retried_whatever_the_operation(
    operation: Operation[Any],
) -> None:
    assert Course(operation, REFUSED, REFUSED, RESPONSE).result.parsed == "it"

    failure = Course(operation, REFUSED, REFUSED, REFUSED).failure
    assert type(failure) is ConnectionFailedError
    assert failure.outcome is Outcome.NOT_SENT
    assert failure.attempts == 3


def test_an_unsafe_operation_is_not_retried_once_an_attempt_may_have_arrived() -> None:
    failure = Course(CREATE, REFUSED, TIMED_OUT).failure

    assert type(failure) is OutcomeUnknownError
    assert failure.attempts == 2


def test_the_worst_outcome_of_all_attempts_counts() -> None:
    """A rejection does not undo a timeout before it."""
    rejected = Course(READ, TIMED_OUT, error(400, "004")).failure
    unconnected = Course(READ, TIMED_OUT, REFUSED, REFUSED).failure

    assert (type(rejected), rejected.outcome) == (NotFoundError, Outcome.UNKNOWN)
    assert (type(unconnected), unconnected.outcome) == (TransportError, Outcome.UNKNOWN)


UNREADABLE = [
    HttpResponse(200, {}, b""),
    HttpResponse(200, {"content-type": "application/json; charset=utf-8"}, b"<html>"),
    HttpResponse(200, {"content-type": ""}, b"<html>"),
    HttpResponse(200, {}, b'{"name":"it"'),
    HttpResponse(200, {}, b"\xff\xfe"),
    HttpResponse(200, {}, b"[" * 100_000),
    HttpResponse(200, {}, b'{"name":' + b"9" * 5_000 + b"}"),
    HttpResponse(200, {}, b'{"name":NaN}'),
    HttpResponse(200, {}, b"", flaw="it broke off."),
]


def test_a_success_that_cannot_be_read_has_the_outcome_done() -> None:
    ends = ends_of(CREATE, UNREADABLE, "outcome", "response")

    assert {
        name: (*end, getattr(response, "content", None)) for name, (*end, response) in ends.items()
    } == {
        name: (UnexpectedResponseError, Outcome.DONE, report.content)
        for name, report in zip(ends, UNREADABLE, strict=True)
    }


PAGES = [
    html(200),
    HttpResponse(200, {"content-type": "text/plain"}, b"OK"),
    HttpResponse(204, {"content-type": "text/html"}, b""),
    HttpResponse(200, {"content-type": "text/html"}, b"<ht", flaw="it broke off."),
]


def test_a_success_that_declares_to_be_no_json_proves_nothing() -> None:
    """A login page, for example, comes from a proxy."""
    ends = ends_of(CREATE, PAGES, "outcome", "__cause__", "response")

    assert {
        name: (*end, type(cause), getattr(response, "content", None))
        for name, (*end, cause, response) in ends.items()
    } == {
        name: (OutcomeUnknownError, Outcome.UNKNOWN, UnexpectedResponseError, report.content)
        for name, report in zip(ends, PAGES, strict=True)
    }


def test_json_is_read_whatever_it_is_declared_as() -> None:
    declared = HttpResponse(200, {"content-type": "text/html"}, RESPONSE.content)

    assert Course(CREATE, declared).result.parsed == "it"


def test_a_safe_operation_is_retried_when_its_response_was_broken() -> None:
    ends = {
        number: Course(READ, report, RESPONSE).result
        for number, report in enumerate([*UNREADABLE, *PAGES])
    }

    assert {number: end and end.parsed for number, end in ends.items()} == dict.fromkeys(ends, "it")


def test_a_response_that_is_json_but_not_what_is_documented_is_not_asked_for_again() -> None:
    """A retry would get the same response."""
    responses = [
        HttpResponse(200, {}, content) for content in (b"{}", b"[]", b"null", b"1", b'"it"')
    ]

    ends = ends_of(READ, responses, "outcome", "attempts", "__cause__")

    assert {name: (*end, cause is None) for name, (*end, cause) in ends.items()} == dict.fromkeys(
        ends, (UnexpectedResponseError, Outcome.DONE, 1, False)
    )


def test_an_error_has_all_of_the_vendors_error() -> None:
    failure = Course(READ, error(400, "001", "payload.currency=[must not be blank]")).failure

    assert isinstance(failure, InvalidRequestError)
    assert (failure.status, failure.error_code, failure.trace_id) == (400, "001", "t-1")
    assert failure.message == "payload.currency=[must not be blank]"
    assert (failure.field, failure.reason) == ("payload.currency", "must not be blank")
    assert str(failure).startswith("getThing: 001 payload.currency=[must not be blank]")


def test_a_wrong_signature_is_explained() -> None:
    assert "the secret belongs to another key" in str(Course(READ, error(401, "003")).failure)


def test_a_rate_limit_has_the_time_to_wait() -> None:
    headers: list[dict[str, str]] = [{"retry-after": "7"}, {"retry-after": "soon"}, {}]
    failures = [
        Course(READ, HttpResponse(429, each, b""), max_retries=0).failure for each in headers
    ]

    assert [type(failure) for failure in failures] == [RateLimitError] * 3
    assert [vars(failure)["retry_after"] for failure in failures] == [7.0, None, None]
    assert [failure.outcome for failure in failures] == [Outcome.REFUSED] * 3


def test_retry_after_is_obeyed_in_both_forms_and_bounded() -> None:
    date = formatdate(NOW + 20, usegmt=True)

    assert Course(READ, HttpResponse(429, {"retry-after": "7"}, b""), RESPONSE).slept == [7.0]
    assert Course(READ, HttpResponse(503, {"retry-after": date}, b""), RESPONSE).slept == [20.0]
    assert Course(READ, HttpResponse(429, {"retry-after": "3600"}, b""), RESPONSE).slept == [60.0]


def test_an_unsafe_operation_is_not_retried_after_a_rate_limit() -> None:
    assert Course(CREATE, HttpResponse(429, {}, b"")).failure.attempts == 1


def test_waits_grow_and_stay_within_their_bounds() -> None:
    slept = Course(READ, *[TIMED_OUT] * 9, max_retries=8, deadline=1e6).slept

    assert all(0 <= wait <= min(8.0, 0.5 * 2**place) for place, wait in enumerate(slept))


def test_no_attempt_begins_after_the_deadline() -> None:
    course = Course(READ, HttpResponse(429, {"retry-after": "7"}, b""), deadline=5.0)

    assert course.failure.attempts == 1
    assert course.slept == []


def test_an_attempt_gets_no_more_time_than_is_left() -> None:
    (sent,) = Course(READ, RESPONSE, deadline=5.0).sent

    assert sent.timeout == Timeouts(5.0, 5.0, 5.0, 5.0)


@pytest.mark.parametrize("operation", [READ, CREATE], ids=["safe", "unsafe"])
def test_a_stale_timestamp_is_corrected_once_for_every_operation(
    operation: Operation[Any],
) -> None:
    """The correction is not a retry: it happens with `max_retries=0` too, and without a wait."""
    clock = Clock(lambda: NOW)
    course = Course(operation, STALE, RESPONSE, max_retries=0, clock=clock)

    stamps = [json.loads(sent.body)["timestamp"] for sent in course.sent]
    assert course.result.parsed == "it"
    assert course.slept == []
    assert stamps[0] == NOW * 1000
    # A date counts whole seconds, so that on average half a second has passed since.
    assert stamps[1] == (NOW + 3600.5) * 1000
    assert Course(operation, RESPONSE, clock=clock).sent[0].body == course.sent[1].body


def test_a_clock_that_stays_wrong_is_reported_with_what_was_measured() -> None:
    failure = Course(CREATE, STALE, STALE).failure

    assert isinstance(failure, ClockSkewError)
    assert failure.offset == 3600.5
    assert failure.outcome is Outcome.REFUSED
    assert "s behind the server's" in str(failure)


def test_a_stale_timestamp_without_a_date_to_learn_from_is_not_tried_again() -> None:
    failure = Course(READ, error(400, "011")).failure

    assert isinstance(failure, ClockSkewError)
    assert failure.offset is None


def test_a_deletion_is_done_when_it_is_not_found_after_an_attempt_that_may_have_arrived() -> None:
    assert Course(DELETE, TIMED_OUT, error(400, "004")).result.parsed is None
    assert type(Course(DELETE, error(400, "004")).failure) is NotFoundError
    assert type(Course(DELETE, REFUSED, error(400, "004")).failure) is NotFoundError


def test_an_operation_without_a_response_takes_any_success() -> None:
    for content in (b"", b" \n", b"{}"):
        assert Course(DELETE, HttpResponse(200, {}, content)).result.parsed is None, content


def test_an_error_under_a_success_status_is_an_error() -> None:
    assert type(Course(DELETE, error(200, "002")).failure) is AuthenticationError
    assert type(Course(CREATE, error(200, "777")).failure) is OutcomeUnknownError


def test_every_attempt_is_observed() -> None:
    seen: list[Attempt] = []
    Course(READ, TIMED_OUT, RESPONSE, on_attempt=seen.append)

    first, second = seen
    assert (first.number, first.outcome, first.status) == (1, Outcome.UNKNOWN, None)
    assert type(first.error) is TransportError
    assert first.retry_in is not None
    assert (second.number, second.outcome, second.status) == (2, Outcome.DONE, 200)
    assert second.error is None
    assert second.retry_in is None


def test_an_observer_that_fails_costs_no_response(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Attempt) -> None:
        raise RuntimeError("observer")

    assert Course(CREATE, RESPONSE, on_attempt=fail).result.parsed == "it"
    assert "the listener for Attempt raised" in caplog.text


def test_a_list_at_the_top_is_decoded() -> None:
    assert Course(LIST, HttpResponse(200, {}, b"[1,2]")).result.parsed == ["1", "2"]


def test_without_backoff_nothing_waits_not_even_when_the_server_asks() -> None:
    asks = HttpResponse(429, {"retry-after": "7"}, b"")

    assert Course(READ, asks, TIMED_OUT, RESPONSE, backoff=0).slept == []


def test_the_first_wait_is_within_the_bound_that_was_set_and_the_next_ones_double() -> None:
    waits = [
        Course(READ, *[TIMED_OUT] * 4, RESPONSE, max_retries=4, backoff=0.01).slept for _ in "ab"
    ]

    assert all(0 < wait <= 0.01 * 2**place for slept in waits for place, wait in enumerate(slept))
    assert waits[0] != waits[1]


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [f"{r.levelname} {r.getMessage()}" for r in caplog.records if r.name == "calypso_pay"]


def test_every_attempt_is_one_line_at_debug_and_nothing_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    Course(READ, TIMED_OUT, error(503, "000"), RESPONSE)
    first, second, third = lines(caplog)

    assert re.fullmatch(
        r"DEBUG getThing, attempt 1: TransportError, unknown, \d+ ms, retry in \d\.\d\d s", first
    )
    assert re.fullmatch(
        r"DEBUG getThing, attempt 2: 503, unknown, \d+ ms, retry in \d\.\d\d s", second
    )
    assert re.fullmatch(r"DEBUG getThing, attempt 3: 200, done, \d+ ms", third)


def test_nothing_is_logged_at_info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Course(READ, TIMED_OUT, RESPONSE)

    assert lines(caplog) == []


ADVICE: list[tuple[Operation[Any], StepResult, list[str]]] = [
    (READ, error(401, "002"), ["does not know this key", "CALYPSO_KEY", "base_url"]),
    (READ, error(401, "003"), ["secret belongs to another key", "a proxy changed the body"]),
    (READ, error(400, "004"), ["no such object in this account"]),
    (READ, STALE, ["s behind the server's", "set it right"]),
    (READ, error(400, "011"), ["no Date header", "set this machine's clock"]),
    (READ, error(400, "001", "payload.x=[bad]"), ["payload.x=[bad]", "would be rejected again"]),
    (READ, HttpResponse(429, {}, b""), ["Call less often"]),
    (READ, error(500, "000"), ["support can follow the trace id", "t-1"]),
    (READ, html(404), ["check base_url", "error.response.content"]),
    (READ, html(307), ["Redirects are never followed", "set base_url"]),
    (READ, html(200), ["is base_url the API's address?"]),
    (CREATE, TIMED_OUT, ["may or may not have been carried out", "Find out what happened"]),
]


def test_a_message_explains_what_to_do_next() -> None:
    missing = []
    for operation, report, fragments in ADVICE:
        reports = [report] * (2 if report is STALE else 1)
        text = str(Course(operation, *reports, max_retries=0).failure)
        missing += [(fragment, text) for fragment in fragments if fragment not in text]

    assert missing == []


@pytest.mark.parametrize(
    ("name", "fragment"),
    [
        ("createCustomer", "an unused customer"),
        ("createSubscription", "subscriptions.list"),
    ],
)
def test_an_unknown_outcome_explains_how_to_find_out(name: str, fragment: str) -> None:
    operation = Operation(name, "POST", "/thing", "unsafe", None)

    assert fragment in str(Course(operation, TIMED_OUT).failure)


def test_only_the_beginning_of_a_message_without_end_is_looked_through() -> None:
    """Looking takes time that grows with the square of what is looked through."""
    named = "payload.email=[bad]"

    def field(message: str) -> str | None:
        failure = Course(READ, error(400, "001", message)).failure
        assert isinstance(failure, InvalidRequestError)
        return failure.field

    assert field("payload." * 100 + " " + named) == "payload.email"
    assert field("payload." * 1_000 + " " + named) is None


def test_a_code_that_is_not_a_text_is_not_written_out() -> None:
    deep = b'{"errorCode":' + b"[" * 900 + b"]" * 900 + b"}"
    failure = Course(READ, HttpResponse(400, {}, deep)).failure

    assert isinstance(failure, APIError)
    assert failure.error_code == "?"
