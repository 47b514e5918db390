"""Signatures are what the vendor documents, over the very bytes that are sent."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import hmac
import json
import pickle

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_api import Client
from calypso_api.api.customers import create_customer
from calypso_api.models import CreateCustomerPayload, CreateCustomerRequest, Customer
from calypso_pay import Calypso, ConfigurationError, KeySign
from calypso_pay._secret import Secret
from calypso_pay._signing import Signer

KEY = "c529e14832b34b74972365cf7bf02430"
SECRET = "b823a6b9ea72408583cef9ec8d67fa52"

# RFC 4231, section 4: key, data and HMAC-SHA-512 of its seven test cases; the fifth is cut to
# 128 bits there.
RFC_4231 = [
    (
        b"\x0b" * 20,
        b"Hi There",
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
    ),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
        "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
    ),
    (
        bytes(range(1, 26)),
        b"\xcd" * 50,
        "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
        "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
    ),
    (b"\x0c" * 20, b"Test With Truncation", "415fad6271580a531d4179bc891d87a6"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
        "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
    ),
    (
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data. "
        b"The key needs to be hashed before being used by the HMAC algorithm.",
        "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
        "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
    ),
]


def test_the_signature_is_that_of_the_vendors_worked_example() -> None:
    signature = Signer(Secret(SECRET)).sign(b'{"timestamp":1}')

    assert (
        "b16e9d45f49f2069becbc4f108b237bee588cfc353fe9501df103e692acbc68d"
        "482a10d34c12bea22fedde7e28e1b8e57a6a0a373b0e9a27c5257bd8b36e13b9" == signature
    )


def test_the_signature_is_that_of_the_rfcs_test_cases() -> None:
    signed = [Signer(Secret(key)).sign(data) for key, data, _ in RFC_4231]
    expected = [expected for _, _, expected in RFC_4231]

    assert [made[: len(cut)] for made, cut in zip(signed, expected, strict=True)] == expected


@given(secret=st.text(st.characters(codec="utf-8"), min_size=1), body=st.binary())
def test_any_secret_signs_exactly_as_it_is_written(secret: str, body: bytes) -> None:
    expected = hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()

    assert expected == Signer(Secret(secret)).sign(body)


def test_one_signer_serves_many_bodies() -> None:
    """Signing one body leaves no trace in the signature of the next."""
    signer = Signer(Secret(SECRET))
    signer.sign(b"something else")

    assert Signer(Secret(SECRET)).sign(b"{}") == signer.sign(b"{}")


class Recorder:
    """Respond to every request with a customer, and keep the requests."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json={"id": "3fa85f64-5717-4562-b3fc-2c963f66afa6"})

    @property
    def last(self) -> httpx.Request:
        return self.requests[-1]


def assert_signed(request: httpx.Request) -> None:
    expected = hmac.new(SECRET.encode(), request.content, hashlib.sha512).hexdigest()
    assert expected == request.headers["Sign"]
    assert request.headers["Key"] == KEY


REQUEST = CreateCustomerRequest(
    account="0xabc", timestamp=1, payload=CreateCustomerPayload(description="Grüße, 你好 🎈")
)


def test_the_bare_generated_client_signs_with_the_hook() -> None:
    recorder = Recorder()
    arguments = {"auth": KeySign(KEY, SECRET), "transport": httpx.MockTransport(recorder)}
    client = Client(base_url="http://mock.invalid", httpx_args=arguments)

    with client:
        customer = create_customer.sync(client=client, body=REQUEST)

    assert isinstance(customer, Customer)
    assert_signed(recorder.last)


def test_the_bare_generated_client_signs_with_the_hook_when_asynchronous() -> None:
    recorder = Recorder()
    arguments = {"auth": KeySign(KEY, SECRET), "transport": httpx.MockTransport(recorder)}
    client = Client(base_url="http://mock.invalid", httpx_args=arguments)

    async def call() -> object:
        async with client:
            return await create_customer.asyncio(client=client, body=REQUEST)

    assert isinstance(asyncio.run(call()), Customer)
    assert_signed(recorder.last)


@given(text=st.text(st.characters(codec="utf-8")))
def test_what_is_signed_is_what_is_sent_whatever_the_text(text: str) -> None:
    recorder = Recorder()
    with Calypso(
        key=KEY, secret=SECRET, account="0xabc", transport=httpx.MockTransport(recorder)
    ) as calypso:
        calypso.customers.create(description=text)

    assert_signed(recorder.last)
    assert json.loads(recorder.last.content)["payload"] == {"description": text}


@pytest.mark.parametrize("thing", [KeySign(KEY, SECRET), Secret(SECRET), Signer(Secret(SECRET))])
def test_what_holds_a_secret_neither_shows_nor_pickles_nor_copies_it(thing: object) -> None:
    assert SECRET not in repr(thing)
    assert KEY not in repr(thing)
    for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled or copied"):
            duplicate(thing)


def test_a_subclass_may_allow_pickling_and_copying() -> None:
    class Named(Calypso):
        def __reduce__(self) -> tuple[object, ...]:
            return (str, ("made anew",))

    with Named(key=KEY, secret=SECRET, account="0x" + "0" * 40) as calypso:
        assert pickle.loads(pickle.dumps(calypso)) == "made anew"
        assert copy.copy(calypso) == copy.deepcopy(calypso) == "made anew"


@pytest.mark.parametrize(
    ("key", "secret"), [("", SECRET), (KEY, ""), ("schlüssel", SECRET), (KEY, f"{SECRET}\n")]
)
def test_the_hook_rejects_what_could_never_sign(key: str, secret: str) -> None:
    with pytest.raises(ConfigurationError):
        KeySign(key, secret)
