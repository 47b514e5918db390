"""Only what is signed and sent correctly is measured, and every field of it is read."""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchmarks import canned, server
from benchmarks.__main__ import check
from benchmarks.contenders import by_hand
from calypso_api._json import load_json
from calypso_api.models import Account, TransactionPage
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((ROOT / "mock" / "calypso_mock" / "openapi.json").read_bytes())
SECRET = canned.SECRET.encode()


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Ports]:
    with server.serving(tmp_path_factory.mktemp("server")) as (ports, _):
        yield ports


def _stamped(timestamp: int) -> tuple[bytes, dict[str, str]]:
    body = json.dumps({"account": canned.ACCOUNT, "timestamp": timestamp}).encode()
    sign = hmac.digest(SECRET, body, "sha512").hex()
    return body, {"Key": canned.KEY, "Sign": sign}


def _changed(body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    return body + b" ", headers


@rows(
    "request_, code",
    {
        "as it should be": (lambda: by_hand.signed(SECRET, by_hand.payload(2)), None),
        "another secret": (lambda: by_hand.signed(b"0" * 32, by_hand.payload(2)), "003"),
        "no signature": (lambda: (b"{}", {"Key": canned.KEY}), "003"),
        "no key": (lambda: (by_hand.signed(SECRET, by_hand.payload(2))[0], {}), "002"),
        "a byte after the signed ones": (
            lambda: _changed(*by_hand.signed(SECRET, by_hand.payload(2))),
            "003",
        ),
        "another page": (
            lambda: by_hand.signed(SECRET, {**by_hand.payload(2), "pageNumber": 1}),
            "001",
        ),
        "no payload": (lambda: by_hand.signed(SECRET, None), "001"),
        "an old timestamp": (lambda: _stamped(1), "011"),
    },
)
def test_the_server_rejects_a_wrong_signature_and_a_wrong_body(
    ports: server.Ports,
    request_: Callable[[], tuple[bytes, dict[str, str]]],
    code: str | None,
) -> None:
    body, headers = request_()
    url = f"http://127.0.0.1:{ports.checked}{canned.FIND_PATH}"
    response = httpx.post(url, content=body, headers=headers)

    assert response.json().get("errorCode") == code
    assert response.status_code == (401 if code else 200)


def test_contenders_pass_with_the_right_secret_only_and_only_ours_keeps_amounts_exact(
    ports: server.Ports,
) -> None:
    url = f"http://127.0.0.1:{ports.checked}"
    others, ours = ["bare_httpx", "httpx_send", "aiohttp_session"], ["ours", "ours_aiohttp"]
    exact, failures = check([*others, *ours], url)

    assert failures == {}
    assert exact == dict.fromkeys(others, False) | dict.fromkeys(ours, True)


def test_a_contender_that_takes_a_response_to_a_wrong_signature_is_left_out(
    ports: server.Ports,
) -> None:
    """The server without checks stands for a contender that does not look at errors."""
    exact, failures = check(["bare_httpx"], f"http://127.0.0.1:{ports.http}")

    assert exact == {}
    assert "wrong signature" in failures["bare_httpx"]


def test_the_records_have_every_documented_field_and_nothing_else() -> None:
    properties = DOCUMENT["components"]["schemas"]["Transaction"]["properties"]
    page: Any = load_json(canned.page(0, 3, 3))

    assert set(properties) == set(canned.FIELDS) == set(page["result"][2])
    records = TransactionPage.from_dict(page).result
    assert records is not None
    assert [record.additional_properties for record in records] == [{}, {}, {}]
    assert str(records[0].amount) == canned.EXACT
    assert len({record.id for record in records}) == 3
    assert str(Account.from_dict(load_json(canned.account())).balances[0].amount) == canned.EXACT


def test_the_pages_of_a_walk_have_every_record_once() -> None:
    pages: list[Any] = [load_json(canned.page(number, 20, 50)) for number in range(3)]

    ids = [record["id"] for page in pages for record in page["result"]]
    assert len(set(ids)) == len(ids) == 50
    assert {(page["total"], page["totalElements"]) for page in pages} == {(3, 50)}
