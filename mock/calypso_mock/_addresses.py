"""Make deposit addresses that are well-formed for their chain, checksums included.

Which currencies share an address is documented by one example only (ETH, USDT_BSC and POL on one
address); that the whole family of a format shares it, and no other, is inferred from it.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_HASH_SIZE = 20


class Family(NamedTuple):
    """The currencies that arrive at one address, and how such an address is written.

    Attributes:
        name: A short name.
        version: The leading byte of a base58check address; None for ``0x`` and 40 hex digits.
        currencies: The vendor's codes, the chain's own coin first.
    """

    name: str
    version: int | None
    currencies: tuple[str, ...]


FAMILIES = (
    Family(
        "EVM",
        None,
        (
            "ETH",
            "USDT",
            "USDC",
            "DAI",
            "FRAX",
            "BNB",
            "USDT_BSC",
            "POL",
            "MATIC",
            "USDT_MATIC",
        ),
    ),
    Family("TRON", 0x41, ("TRX", "USDT_TRX", "USDC_TRX")),
    Family("BTC", 0x05, ("BTC",)),
    Family("LTC", 0x32, ("LTC",)),
    Family("XDG", 0x1E, ("XDG",)),
)
BY_CURRENCY = {currency: family for family in FAMILIES for currency in family.currencies}


def family_of(currency: str) -> Family | None:
    """Return the family a currency belongs to, or None for an unknown code."""
    return BY_CURRENCY.get(currency)


def write_address(family: Family, digest: bytes) -> str:
    """Write an address of a family from at least 20 bytes of hash."""
    payload = digest[:_HASH_SIZE]
    if family.version is None:
        return f"0x{payload.hex()}"
    return base58check(bytes([family.version]) + payload)


def write_hash(family: Family, digest: bytes) -> str:
    """Write a transaction hash as a family's explorers show it, from 32 bytes."""
    return f"0x{digest.hex()}" if family.version is None else digest.hex()


def fold(address: str) -> str:
    """Return the form under which equal addresses compare equal.

    Hex addresses may be written in mixed case (a checksum of its own); base58 is case-sensitive.
    """
    return address.lower() if address[:2] in {"0x", "0X"} else address


def base58check(payload: bytes) -> str:
    """Write bytes in base58 with a four-byte double SHA-256 checksum."""
    data = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number = int.from_bytes(data)
    digits = ""
    while number:
        number, remainder = divmod(number, 58)
        digits = _ALPHABET[remainder] + digits
    leading_zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * leading_zeros + digits


def family_of_address(address: str) -> Family | None:
    """Return the family that an address is written for, or None if it is none of ours."""
    version = None if address.startswith("0x") else _version(address)
    return next((family for family in FAMILIES if family.version == version), None)


def _version(address: str) -> int:
    number = 0
    for character in address:
        number = number * 58 + _ALPHABET.index(character)
    return number >> 8 * (_HASH_SIZE + 4)
