"""Addresses are well-formed for their chain, by a reader of their own."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from calypso_mock import Mock
from calypso_mock.state import _addresses
from tests.mock.rows import outcomes

if TYPE_CHECKING:
    from conftest import Api

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
SHAPES = {
    "BTC": (0x05, "3"),
    "LTC": (0x32, "M"),
    "XDG": (0x1E, "D"),
    "TRX": (0x41, "T"),
}


def decode(address: str) -> bytes:
    number = 0
    for character in address:
        number = number * 58 + ALPHABET.index(character)
    zeros = len(address) - len(address.lstrip("1"))
    data = b"\0" * zeros + number.to_bytes(-(-number.bit_length() // 8))
    body, checksum = data[:-4], data[-4:]
    assert hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4] == checksum
    return body


def test_base58_addresses_have_version_length_and_checksum(connect: type[Api]) -> None:
    """What a wallet checks before it sends anything."""

    def shape(currency: str) -> set[tuple[int, int, str]]:
        addresses = [connect(Mock(seed=seed)).address(currency) for seed in range(5)]
        bodies = map(decode, addresses)
        return {(body[0], len(body), text[0]) for body, text in zip(bodies, addresses, strict=True)}

    assert outcomes(list(SHAPES), shape) == {
        currency: {(version, 21, first)} for currency, (version, first) in SHAPES.items()
    }


def test_evm_addresses_are_lower_case_hex(connect: type[Api]) -> None:
    """0x and 40 digits; mixed case would have to be a checksum."""
    assert re.fullmatch("0x[0-9a-f]{40}", connect(Mock()).address("POL"))


def test_senders_look_like_addresses_of_the_same_chain(api: Api) -> None:
    """A deposit without a named sender comes from a well-formed address."""
    api.mock.simulate_deposit(address=api.address("TRX"), currency="USDT_TRX", amount=1)

    sender = api.ok("findTransactions", {})["result"][0]["addressFrom"]
    assert decode(sender)[0] == 0x41


@given(payload=st.binary(min_size=1, max_size=40))
def test_base58check_can_be_read_back(payload: bytes) -> None:
    """Any bytes, leading zeros included."""
    assert decode(_addresses.base58check(payload)) == payload


@given(digest=st.binary(min_size=32, max_size=32), number=st.integers(0, 4))
def test_the_address_shows_its_family(digest: bytes, number: int) -> None:
    """Each family's addresses are no other family's."""
    family = _addresses.FAMILIES[number]

    assert _addresses.family_of_address(_addresses.write_address(family, digest)) == family
