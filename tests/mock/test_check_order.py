"""Any request gets the code of the first check that it fails, and otherwise its response."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import calypso_mock
from calypso_mock import Clock, Mock, Server
from tests.mock import hostile
from tests.mock.hostile import ENDPOINTS, Result
from tests.mock.hostile_cases import UNKNOWN_ID
from tests.mock.oracle import Oracle
from tests.properties import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Place = tuple[Any, Any]
    Send = Callable[[str, str, dict[str, str], bytes], Result]
    Change = Callable[[st.DrawFn, Any, Any], None]

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW = int(NOON.timestamp() * 1000)
STATUSES = {"001": 400, "002": 401, "003": 401, "004": 400, "011": 400}

DOCUMENT = json.loads(Path(calypso_mock.__file__).with_name("openapi.json").read_bytes())
MOCK = Mock(seeded=True, clock=Clock(lambda: NOON))
OWN, OTHER = (row["account"] for row in MOCK.state()["accounts"])
PAIRS = {MOCK.settings(name)["key"]: MOCK.settings(name)["secret"] for name in (OWN, OTHER)}
OWN_KEY, OTHER_KEY = PAIRS
ORACLE = Oracle(DOCUMENT, PAIRS, {OWN_KEY: OWN, OTHER_KEY: OTHER})
REQUESTS = {
    operation["operationId"]: [
        example["value"]
        for example in operation["requestBody"]["content"]["application/json"]["examples"].values()
    ]
    for item in DOCUMENT["paths"].values()
    for operation in item.values()
}


def _ids() -> Iterator[str]:
    for account in MOCK.state()["accounts"]:
        yield from (row["id"] for row in (*account["customers"], *account["transactions"]))
        yield from (row["requestId"] for row in account["subscriptions"])


ODD = [
    *_ids(),
    *(known.upper() for known in _ids()),
    *("", " ", "\0", "\ud800", "\udc00\ud800", "\U0001f600", "\ufeff", "e\u0301", UNKNOWN_ID),
    *(OTHER, OWN.upper(), "BTC", "btc", "https://[::1", "file:///x", "id,,amount", "ASC"),
]
ODD_NAMES = ["id", "customerId", "account", "payload", "timestamp", "", "\ud800"]
MEMBERS = ["address", "currency", "amount", "to", "sender", "transactionId", "advance", "skew"]
numbers = st.integers() | st.sampled_from([2**31, 2**63, -(2**63) - 1, 10**127, 10**128, NOW])
texts = st.sampled_from(ODD) | st.text(max_size=5)
leaves = st.none() | st.booleans() | numbers | st.floats() | texts
names = st.sampled_from(ODD_NAMES) | st.text(max_size=3)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
SPLICES = [b"\0", b"\xff", b'"', b"{", b"]", b"\\", b"\\ud800", b"1e999", b"NaN", b",", b""]


def _drop(_: st.DrawFn, holder: Any, name: Any) -> None:
    del holder[name]


def _retype(draw: st.DrawFn, holder: Any, name: Any) -> None:
    holder[name] = draw(values)


def _reword(draw: st.DrawFn, holder: Any, name: Any) -> None:
    holder[name] = draw(texts)


def _bury(draw: st.DrawFn, holder: Any, name: Any) -> None:
    for _ in range(draw(st.sampled_from([1, 2, 61, 62, 63, 64, 65, 200]))):
        holder[name] = [holder[name]]


def _extend(draw: st.DrawFn, holder: Any, _: Any) -> None:
    if isinstance(holder, dict):
        holder[draw(names)] = draw(values)
    else:
        holder.append(draw(values))


def _rename(draw: st.DrawFn, holder: Any, name: Any) -> None:
    value = holder.pop(name)
    if isinstance(holder, dict):
        holder[draw(names)] = value


CHANGES: list[Change] = [_drop, _retype, _reword, _bury, _extend, _rename]


def _places(value: Any) -> Iterator[Place]:
    if isinstance(value, dict | list):
        for name in value if isinstance(value, dict) else range(len(value)):
            yield value, name
            yield from _places(value[name])


@st.composite
def changed_bodies(draw: st.DrawFn, operation: str) -> bytes:
    """A good body with up to three changes at any depth, its bytes damaged now and then."""
    body = json.loads(json.dumps(draw(st.sampled_from(REQUESTS[operation]))))
    off = draw(st.sampled_from([0] * 6 + [180_000, 180_001, -180_000, -180_001]))
    body |= {"account": OWN, "timestamp": NOW + off}
    for _ in range(draw(st.integers(0, 3))):
        places = list(_places(body))
        if places:
            draw(st.sampled_from(CHANGES))(draw, *draw(st.sampled_from(places)))
    content = json.dumps(body, ensure_ascii=draw(st.booleans())).encode(errors="surrogatepass")
    if draw(st.integers(0, 9)):
        return content
    start = draw(st.integers(0, len(content)))
    return content[:start] + draw(st.sampled_from(SPLICES)) + content[start + 1 :]


operations = st.sampled_from(sorted(ENDPOINTS))
bodies: dict[str, st.SearchStrategy[tuple[str, bytes]]] = {
    "changed": operations.flatmap(lambda name: st.tuples(st.just(name), changed_bodies(name))),
    "any JSON": st.tuples(operations, values.map(json.dumps).map(str.encode)),
    "any bytes": st.tuples(operations, st.binary() | st.text().map(str.encode)),
}


@st.composite
def credentials(draw: st.DrawFn, body: bytes) -> dict[str, str]:
    """Headers that are right more often than not, each wrong in its own way otherwise."""
    key = draw(st.sampled_from([OWN_KEY] * 12 + [OTHER_KEY, "unknown", "", None]))
    secret = PAIRS.get(draw(st.sampled_from([key] * 12 + [OWN_KEY, OTHER_KEY])) or "", "unknown")
    sign = hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()
    headers = {
        "Key": key,
        "Sign": draw(st.sampled_from([sign] * 12 + [sign.upper(), sign[1:], "", None])),
        "Content-Type": draw(st.sampled_from(["application/json"] * 12 + ["text/plain", None])),
    }
    return {name: value for name, value in headers.items() if value is not None}


def _handled(method: str, path: str, headers: dict[str, str], body: bytes) -> Result:
    response = MOCK.handle(method, path, headers, body)
    return hostile.classify(response.status, response.body)


@pytest.fixture(scope="module")
def over_http() -> Iterator[Send]:
    """A way to the same mock over one kept connection."""
    with Server(MOCK) as server, httpx.Client(base_url=server.url, timeout=30) as client:

        def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Result:
            response = client.request(method, path, headers=headers, content=body)
            return hostile.classify(response.status_code, response.content)

        yield send


def _assert_expected(send: Send, operation: str, body: bytes, headers: dict[str, str]) -> None:
    MOCK.reset()
    before = MOCK.state()
    expected = ORACLE.code(operation, body, headers, NOW, before)

    seen = send(*ENDPOINTS[operation], headers, body)

    assert seen == (Result(STATUSES[expected], expected) if expected else hostile.FINE)
    assert expected is None or MOCK.state() == before


@examples(150)
@given(data=st.data(), request=bodies["changed"])
def test_a_changed_request_gets_the_first_code_it_earns(
    data: st.DataObject, request: tuple[str, bytes]
) -> None:
    """Whatever was dropped, renamed, retyped, buried or added, with credentials good or bad."""
    operation, body = request

    _assert_expected(_handled, operation, body, data.draw(credentials(body)))


@examples(60)
@given(data=st.data(), request=bodies["any JSON"] | bodies["any bytes"])
def test_anything_else_gets_the_first_code_it_earns(
    data: st.DataObject, request: tuple[str, bytes]
) -> None:
    """Any JSON value and any bytes, with credentials good or bad."""
    operation, body = request

    _assert_expected(_handled, operation, body, data.draw(credentials(body)))


@examples(25)
@given(data=st.data(), request=st.one_of(*bodies.values()))
def test_over_http_every_request_gets_the_same_code(
    over_http: Send, data: st.DataObject, request: tuple[str, bytes]
) -> None:
    """The wire adds nothing and loses nothing, one request after another."""
    operation, body = request

    _assert_expected(over_http, operation, body, data.draw(credentials(body)))


@examples(80)
@given(
    name=st.sampled_from(["deposit", "deposit/advance", "clock", "reset"]),
    body=st.dictionaries(
        st.sampled_from(MEMBERS),
        values | st.dictionaries(st.sampled_from(["days", "hours", "seconds"]), values),
        max_size=3,
    ),
    before=st.integers(0, 365_000),
)
def test_a_control_endpoint_does_all_or_nothing(
    name: str, body: dict[str, Any], before: int
) -> None:
    """A control endpoint rejects in its own shape, and nothing has moved."""
    MOCK.reset()
    MOCK.clock.advance(days=before)
    state = MOCK.state()

    response = MOCK.handle("POST", f"/_mock/{name}", {}, json.dumps(body).encode())

    seen = hostile.classify(response.status, response.body)
    assert seen in (hostile.FINE, hostile.BAD_CONTROL)
    assert seen == hostile.FINE or MOCK.state() == state
