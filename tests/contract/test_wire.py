"""Requests are signed and refreshed correctly."""

from __future__ import annotations

import copy
import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import ConnectionError as NoConnectionError
from requests import Request, Response

from tests.contract.wire import Signer, Target, is_int64, now, refresh
from tests.rows import rows

TARGET = Target("http://127.0.0.1:9", "key", "secret", "0xaccount")

SIGN_OF_EMPTY_OBJECT = (
    "d6f1126a735b5a754f6e58434f170bdefdffada2c17f67d9bbd86d97669b94f8"
    "0a92978665bf7ea423832b3f4f3856e2901a7c028e16c81efbb43298a1c00772"
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def test_a_signature_is_the_hmac_sha512_of_the_body_in_hex() -> None:
    """The expected value was made with ``printf '{}' | openssl dgst -sha512 -hmac secret``."""
    signed = Request("POST", TARGET.base_url, data=b"{}", auth=Signer(TARGET)).prepare()

    assert signed.headers["Key"] == "key"
    assert signed.headers["Sign"] == SIGN_OF_EMPTY_OBJECT


@rows(
    "header, raised",
    [
        ("X-Contract-Stopped", KeyboardInterrupt),
        ("X-Contract-Failed", NoConnectionError),
    ],
)
def test_an_error_of_the_gateway_is_not_a_response(
    header: str, raised: type[BaseException]
) -> None:
    """Schemathesis is interrupted, or sees a lost connection."""
    (hook,) = Request("POST", TARGET.base_url, auth=Signer(TARGET)).prepare().hooks["response"]
    response = Response()
    response.raw = io.BytesIO()
    hook(response)
    response.headers[header] = "why"

    with pytest.raises(raised, match="why"):
        hook(response)


def test_settings_are_the_same_after_writing_and_reading_them() -> None:
    assert Target.read(TARGET.write()) == TARGET


def test_a_target_behind_a_gateway_shows_the_url_of_the_api() -> None:
    behind = replace(TARGET, base_url="http://127.0.0.1:8", real_url=TARGET.base_url)

    assert (TARGET.shown, behind.shown) == (TARGET.base_url, TARGET.base_url)
    assert Target.read(behind.write()) == behind


def test_a_target_does_not_show_its_secret() -> None:
    assert "secret" not in repr(TARGET).replace("secret=", "")


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_int64_is_also_one_as_a_float(value: int) -> None:
    """For JSON Schema ``413.0`` is an integer."""
    assert is_int64(value)
    assert is_int64(float(value)) or float(value) == 2**63


@given(st.dictionaries(st.sampled_from(["account", "timestamp", "payload"]), json_values))
def test_invalid_values_stay_invalid(body: dict[str, Any]) -> None:
    """Nothing is added, and only a valid account and a valid time are replaced."""
    before = copy.deepcopy(body)
    earliest = now()
    refresh(body, TARGET.account)
    latest = now()

    assert body.keys() == before.keys()
    for name, value in body.items():
        valid = name == "account" and isinstance(before[name], str) and before[name]
        if name == "timestamp" and is_int64(before[name]):
            assert earliest <= value <= latest
        else:
            assert repr(value) == repr(TARGET.account if valid else before[name])
