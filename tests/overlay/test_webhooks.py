"""A webhook event is accepted when it is correctly signed, and rejected with a reason otherwise."""

from __future__ import annotations

import hashlib
import hmac
import json
import pickle
import traceback
from datetime import UTC, datetime
from decimal import Decimal
from email.message import Message
from itertools import product
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from calypso_api.models import NotificationEventType, NotificationLevel
from calypso_pay import CalypsoError, ConfigurationError, WebhookVerificationError
from calypso_pay.webhooks import (
    PurseExpiredEvent,
    PurseFundsReceivedEvent,
    PurseMemPoolFoundEvent,
    Reason,
    UnknownEvent,
    sign,
    unwrap,
    verify,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "5a6f" * 16
OTHER = "0b1c" * 16
ENVELOPE = {
    "requestId": "510b52e6-4f5f-4d0c-931b-41584249e9ab",
    "id": 1815001,
    "createdDate": "2026-11-21T09:00:00.96068",
    "level": "INFO",
    "service": "CUSTOMER_PURSE",
    "eventType": "CUSTOMER_PURSE_EXPIRED",
}
EXPIRED = {"customerId": "c", "customerBlocked": False, "purseId": "p", "address": "0xd1"}
BODY = json.dumps(ENVELOPE | {"data": EXPIRED}).encode()


def reason(call: Callable[[], object]) -> Reason:
    with pytest.raises(WebhookVerificationError) as caught:
        call()
    assert isinstance(caught.value, CalypsoError)
    assert SECRET not in str(caught.value)
    return caught.value.reason


def reason_if_any(call: Callable[[], object]) -> Reason | None:
    """Return why an event was rejected, or None if it was not."""
    try:
        call()
    except WebhookVerificationError:
        return reason(call)
    return None


def read(**changes: object) -> Any:
    """Sign a notification with these fields and unwrap it; a field of `...` is left out."""
    fields = {"data": EXPIRED, **ENVELOPE, **changes}
    body = json.dumps({name: value for name, value in fields.items() if value is not ...})
    return unwrap(body, {"Sign": sign(body, SECRET)}, SECRET)


@given(st.binary(), st.text(st.characters(codec="utf-8"), min_size=1))
def test_the_signature_is_lower_case_hex_of_hmac_sha512_over_the_bytes(
    body: bytes, secret: str
) -> None:
    expected = hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()

    assert sign(body, secret) == sign(body, secret.encode()) == expected
    verify(body, {"Sign": expected}, secret)
    verify(body, {"Sign": expected.upper()}, secret.encode())


def test_text_is_taken_as_utf_8() -> None:
    body = '{"имя": "п"}'

    assert sign(body, SECRET) == sign(body.encode(), SECRET)
    verify(body, {"Sign": sign(body.encode(), SECRET)}, SECRET)


def test_other_views_of_bytes_are_bytes() -> None:
    for body in (bytearray(BODY), memoryview(BODY)):
        assert isinstance(unwrap(body, {"Sign": sign(BODY, SECRET)}, SECRET), PurseExpiredEvent)


SIGN = sign(BODY, SECRET)
AS_FRAMEWORKS_GIVE_THEM: dict[str, Any] = {
    "a dictionary": {"Sign": SIGN, "Key": "public"},
    "ASGI": [(b"host", b"a"), (b"sign", SIGN.encode()), (b"key", b"public")],
    "Starlette": Headers(raw=[(b"sign", SIGN.encode()), (b"key", b"public")]),
    "WSGI": {
        "HTTP_SIGN": SIGN,
        "HTTP_KEY": "public",
        "wsgi.input": object(),
        "wsgi.version": (1, 0),
    },
    "HTTPX": httpx.Headers({"Sign": SIGN, "Key": "public"}),
    "pairs": [("Sign", SIGN), ("Key", "public")],
    "lower case": {"sign": SIGN, "key": "public"},
    "upper case": {"SIGN": SIGN, "KEY": "public"},
    "bytes": {b"Sign": SIGN.encode(), b"Key": b"public"},
    "AWS": {"sign": [SIGN], "key": ["public"]},
    "the standard library": Message(),
}
AS_FRAMEWORKS_GIVE_THEM["the standard library"]["Sign"] = SIGN
AS_FRAMEWORKS_GIVE_THEM["the standard library"]["Key"] = "public"


def test_headers_are_taken_as_frameworks_give_them() -> None:
    """Sign and Key are both found."""
    found = {
        name: [
            reason_if_any(lambda it=headers: verify(BODY, it, SECRET)),
            reason_if_any(lambda it=headers: verify(BODY, it, {"public": SECRET})),
            reason_if_any(lambda it=headers: verify(BODY, it, {"other": SECRET})),
        ]
        for name, headers in AS_FRAMEWORKS_GIVE_THEM.items()
    }

    assert found == {name: [None, None, Reason.UNKNOWN_KEY] for name in found}
    verify(BODY, (pair for pair in [("Sign", SIGN), ("Key", "public")]), {"public": SECRET})


WRONG_HEADERS: list[tuple[Any, Reason]] = [
    ({}, Reason.MISSING_SIGNATURE),
    ({"Sign": None, "Key": "a"}, Reason.MISSING_SIGNATURE),
    (None, Reason.MISSING_SIGNATURE),
    (["Sign"], Reason.MISSING_SIGNATURE),
    ({"Sign": ""}, Reason.MALFORMED_SIGNATURE),
    ({"Sign": SIGN[1:]}, Reason.MALFORMED_SIGNATURE),
    ({"Sign": SIGN + "\n"}, Reason.MALFORMED_SIGNATURE),
    ({"Sign": f"{SIGN}, {SIGN}"}, Reason.MALFORMED_SIGNATURE),
    ({"Sign": "é" * 128}, Reason.MALFORMED_SIGNATURE),
    ({"Sign": b"\xff" * 128}, Reason.MALFORMED_SIGNATURE),
    ({"Sign": 10**5_000}, Reason.MALFORMED_SIGNATURE),
    ({"Sign": "0" * 128}, Reason.NO_MATCH),
    ({"Sign": sign(BODY + b" ", SECRET)}, Reason.NO_MATCH),
    ({"Sign": []}, Reason.MISSING_SIGNATURE),
    ({"Sign": [SIGN, SIGN]}, Reason.REPEATED_HEADER),
    ([("Sign", SIGN), ("sign", SIGN)], Reason.REPEATED_HEADER),
    ([("Sign", SIGN), ("HTTP_SIGN", "")], Reason.REPEATED_HEADER),
]


def test_wrong_headers_are_named() -> None:
    found = {
        number: (
            reason_if_any(lambda it=headers: verify(BODY, it, SECRET)),
            reason_if_any(lambda it=headers: unwrap(BODY, it, SECRET)),
        )
        for number, (headers, _) in enumerate(WRONG_HEADERS)
    }

    assert found == {number: (why, why) for number, (_, why) in enumerate(WRONG_HEADERS)}


def test_what_is_neither_bytes_nor_text_is_a_malformed_body() -> None:
    bodies: list[Any] = [None, 7, "\ud800", {"id": 1}, [BODY], object()]
    found = [
        (
            reason_if_any(lambda it=body: verify(it, {"Sign": SIGN}, SECRET)),
            reason_if_any(lambda it=body: sign(it, SECRET)),
        )
        for body in bodies
    ]

    assert found == [(Reason.MALFORMED_BODY,) * 2] * len(bodies)


def test_any_of_several_secrets_will_do() -> None:
    """While one is replaced by another both are right, and one that is dropped is not."""
    for secrets in ([SECRET, OTHER], (OTHER, SECRET.encode())):
        verify(BODY, {"Sign": SIGN}, secrets)

    for secret in ([OTHER], "\ud800"):
        assert reason(lambda s=secret: verify(BODY, {"Sign": SIGN}, s)) is Reason.NO_MATCH


def test_all_secrets_are_compared_whichever_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the time would show which one it was."""
    compared = []
    compare = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda *a: compared.append(a) or compare(*a))

    verify(BODY, {"Sign": SIGN}, [SECRET, OTHER, OTHER])

    assert len(compared) == 3


@pytest.mark.parametrize("as_function", [False, True])
def test_secrets_are_looked_up_by_the_key(as_function: bool) -> None:
    book = {"a": SECRET, "b": [OTHER, SECRET], "c": OTHER, "gone": [], "empty": ""}
    look_up: Any = book.get if as_function else book

    for key in ("a", "b"):
        verify(BODY, {"Sign": SIGN, "Key": key}, look_up)
    assert reason(lambda: verify(BODY, {"Sign": SIGN, "Key": "c"}, look_up)) is Reason.NO_MATCH
    for key in ("d", "A", "gone", "empty", None):
        headers = {"Sign": SIGN, "Key": key}
        assert reason(lambda h=headers: verify(BODY, h, look_up)) is Reason.UNKNOWN_KEY
    twice = [("Sign", SIGN), ("Key", "a"), ("Key", "b")]
    assert reason(lambda: verify(BODY, twice, look_up)) is Reason.REPEATED_HEADER


def test_a_function_may_return_a_secret_without_a_key_and_its_own_errors_come_through() -> None:
    """A database that is down is not a reason to call an event forged."""
    verify(BODY, {"Sign": SIGN}, lambda key: SECRET if key is None else None)
    with pytest.raises(ConnectionError):
        verify(BODY, {"Sign": SIGN}, lambda _: (_ for _ in ()).throw(ConnectionError))


def test_without_a_look_up_no_key_is_needed_and_none_matters() -> None:
    for key in ({}, {"Key": "any"}, {"Key": None}):
        verify(BODY, {"Sign": SIGN, **key}, SECRET)
    verify(BODY, [("Sign", SIGN), ("Key", "a"), ("Key", "b")], SECRET)


def test_an_invalid_secret_is_a_mistake_of_the_program() -> None:
    """An empty one above all: anybody could sign with it."""
    empty = {"Sign": hmac.new(b"", BODY, "sha512").hexdigest()}
    secrets: list[Any] = ["", b"", None, [], [""], 7, object(), [SECRET, None], bytearray(b"a")]

    def message(call: Callable[[], object]) -> str:
        try:
            call()
        except ConfigurationError as error:
            return str(error)
        return "no error"

    found = [
        (
            message(lambda it=secret: verify(BODY, empty, it)),
            message(lambda it=secret: unwrap(BODY, {}, it)),
        )
        for secret in secrets
    ]

    assert [
        (number, each)
        for number, two in enumerate(found)
        for each in two
        if "not empty" not in each
    ] == []


def test_no_error_shows_a_secret() -> None:
    """Neither the message nor the local variables of any of our frames."""
    secrets: list[Any] = [SECRET, [OTHER, SECRET], {"a": SECRET}, {"a": [SECRET, 7]}, [SECRET, ""]]
    calls: dict[str, Any] = {"verify": verify, "unwrap": unwrap, "sign": _sign}
    deliveries = ((BODY, "0" * 128), (None, SIGN), (b"{", sign(b"{", SECRET)), (BODY, ""))
    shown = {}
    for (name, call), (number, secret), (body, sent) in product(
        calls.items(), enumerate(secrets), deliveries
    ):
        try:
            call(body, {"Sign": sent, "Key": "a"}, secret)
        except CalypsoError as error:
            report = traceback.TracebackException.from_exception(error, capture_locals=True)
            ours = [frame for frame in report.stack if frame.filename != __file__]
            assert ours
            shown[f"{name} with {number}: {error}"] = f"{[frame.locals for frame in ours]}"

    assert len(shown) > 10
    assert [it for it in shown.items() if SECRET in str(it) or OTHER in str(it)] == []


def _sign(body: Any, _: object, secret: Any) -> str:
    return sign(body, secret)


def test_the_error_survives_a_pickle() -> None:
    with pytest.raises(WebhookVerificationError) as caught:
        verify(BODY, {}, SECRET)

    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.reason) == (str(caught.value), Reason.MISSING_SIGNATURE)


def test_an_event_is_read_with_its_data() -> None:
    event = read()

    assert isinstance(event, PurseExpiredEvent)
    assert event.request_id == ENVELOPE["requestId"]
    assert event.id == 1815001
    assert event.created_date == datetime(2026, 11, 21, 9, 0, 0, 960680, UTC)
    assert event.level is NotificationLevel.INFO
    assert event.event_type is NotificationEventType.CUSTOMER_PURSE_EXPIRED
    assert event.data is not None
    assert event.data.customer_blocked is False


def test_reading_is_tolerant() -> None:
    """Ids as numbers or text, booleans as text, unknown fields kept, unknown values open."""
    data = EXPIRED | {"customerId": 5, "customerBlocked": "true", "new": [1]}
    event = read(id="1815001", requestId=7, level="GRAVE", data=data, extra=None)

    assert isinstance(event, PurseExpiredEvent)
    assert (event.id, event.request_id, event.level.is_known) == (1815001, "7", False)
    assert event.additional_properties == {"extra": None}
    assert event.data.customer_id == "5"
    assert event.data.customer_blocked is True
    assert event.data.additional_properties == {"new": [1]}


def test_money_is_exact_and_undocumented_data_optional() -> None:
    mem_pool = {**EXPIRED, "currency": "BTC", "transactionId": 12, "amount": "0.100000000000000001"}

    found = read(eventType="CUSTOMER_PURSE_MEM_POOL_FOUND", data=mem_pool)
    received = read(eventType="CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE", data={})

    assert isinstance(found, PurseMemPoolFoundEvent)
    assert found.data.amount == Decimal("0.100000000000000001")
    assert found.data.transaction_id == "12"
    assert isinstance(received, PurseFundsReceivedEvent)


def test_every_other_event_keeps_all_that_came() -> None:
    types = ("INVOICE_PAID", "SOMETHING_NEW", "", None, ...)
    seen, expected = {}, {}
    for event_type, data in product(types, ({"a": 1.50}, [1], "text", None, ...)):
        event = read(eventType=event_type, service="NEW", data=data)
        case = f"{event_type!r} with {data!r}"
        seen[case] = (type(event), event.service, event.id)
        seen[case] += (event.data, event.event_type or "")
        expected[case] = (UnknownEvent, "NEW", 1815001)
        expected[case] += (
            None if data is ... else data,
            event_type if isinstance(event_type, str) else "",
        )

    assert seen == expected


@pytest.mark.parametrize("data", [{}, None, [], "text", ..., {"customerBlocked": "maybe"}])
def test_a_known_event_with_odd_data_is_read_as_what_it_is(data: Any) -> None:
    """What could not be read is None, and kept as it came."""
    event = read(data=data)

    assert isinstance(event, PurseExpiredEvent)
    if isinstance(data, dict):
        assert event.data is not None
        assert event.data.customer_blocked is None
        assert event.data.additional_properties == data
    else:
        kept = {} if data in (None, ...) else {"data": data}
        assert (event.data, event.additional_properties) == (None, kept)


def test_an_event_needs_its_two_ids_and_nothing_else_of_its_envelope() -> None:
    found = {
        f"{field}={value!r} of {event_type}": reason_if_any(
            lambda it={"eventType": event_type, field: value}: read(**it)
        )
        for field in ("requestId", "id", "createdDate", "level", "service", "eventType")
        for value in (None, ..., [], {}, True)
        for event_type in ("CUSTOMER_PURSE_EXPIRED", "NEW")
    }

    rejected = {case for case, why in found.items() if why is Reason.MALFORMED_BODY}
    assert rejected == {case for case in found if case.startswith(("requestId=", "id="))}


UNREADABLE = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    BODY[:-1],
    BODY + b"{}",
    BODY.decode().encode("utf-16"),
    BODY.replace(b"0xd1", b"\xff"),
    BODY.replace(b"0xd1", b"\xed\xa0\x80"),
    BODY.replace(b'"0xd1"', b"NaN"),
    BODY.replace(b'"0xd1"', b"-Infinity"),
    BODY.replace(b"1815001", b"7" * 5_000),
    BODY.replace(b"1815001", b"1e999999999999999999999"),
    BODY.replace(b'"0xd1"', b"[" * 100_000),
    BODY.replace(b'"0xd1"', b"[" * 100_000 + b"]" * 100_000),
    BODY.replace(b'"id"', b'"id": 1, "id"'),
    BODY.replace(b'"purseId"', b'"purseId": "q", "purseId"'),
]


def test_a_correctly_signed_body_that_cannot_be_read_is_rejected() -> None:
    found = {}
    for number, body in enumerate(UNREADABLE):
        headers = {"Sign": sign(body, SECRET)}
        found[f"{number}: {body[:60]!r}"] = (
            reason_if_any(lambda it=body, sent=headers: verify(it, sent, SECRET)),
            reason_if_any(lambda it=body, sent=headers: unwrap(it, sent, SECRET)),
        )

    assert found == dict.fromkeys(found, (None, Reason.MALFORMED_BODY))


def test_a_byte_order_mark_is_signed_with_the_rest_and_then_skipped() -> None:
    body = b"\xef\xbb\xbf" + BODY

    assert isinstance(unwrap(body, {"Sign": sign(body, SECRET)}, SECRET), PurseExpiredEvent)


def test_a_body_that_was_decoded_already_is_rejected_with_what_to_pass_instead() -> None:
    for body in (json.loads(BODY), None, print):
        with pytest.raises(WebhookVerificationError, match="pass the raw bytes") as caught:
            unwrap(body, {"Sign": SIGN}, SECRET)  # type: ignore[arg-type]
        assert caught.value.reason is Reason.MALFORMED_BODY


def test_a_look_up_that_has_to_be_awaited_is_rejected() -> None:
    async def look_up(_: str | None) -> str:
        return SECRET

    with pytest.raises(ConfigurationError, match="asynchronous"):
        unwrap(BODY, {"Sign": SIGN}, look_up)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.binary(), inner)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(["Sign", b"sign", "HTTP_SIGN", "Key", b"KEY"]) | ODD
VALUES = st.sampled_from([SIGN, SIGN.encode(), "a", "0" * 128]) | ODD
HEADERS = ODD | st.lists(st.tuples(NAMES, VALUES)) | st.lists(NAMES)


@given(st.binary() | ODD, HEADERS, st.sampled_from([SECRET, [SECRET, OTHER], {"a": SECRET}]))
@example(BODY, [("Sign", SIGN)], SECRET)
def test_any_input_is_accepted_or_rejected(body: Any, headers: Any, secret: Any) -> None:
    """Nothing but our own error comes out, whatever goes in."""
    try:
        unwrap(body, headers, secret)
    except WebhookVerificationError as error:
        # That it has one is all there is to ask.
        Reason(error.reason)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        name: st.just(value) | JSON for name, value in (ENVELOPE | {"data": EXPIRED}).items()
    },
)


@given(st.binary() | FIELDS.map(lambda fields: json.dumps(fields).encode()))
@example(BODY)
def test_any_rightly_signed_body_is_an_event_or_malformed(body: bytes) -> None:
    """And an event that was read can be shown and written as JSON again."""
    headers = {"Sign": sign(body, SECRET)}
    try:
        event = unwrap(body, headers, SECRET)
    except WebhookVerificationError:
        assert reason(lambda: unwrap(body, headers, SECRET)) is Reason.MALFORMED_BODY
    else:
        assert event.to_dict().keys() >= {"requestId", "id"}
        assert type(event).__name__ in repr(event)
