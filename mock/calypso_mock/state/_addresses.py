"""Write deposit addresses that are well-formed for their chain, checksums included.

Which currencies share an address is documented by one example only (ETH, USDT_BSC and POL on one
address); that the whole family of a format shares it, and no other, is inferred from it.
"""

from __future__ import annotations

import hashlib

from calypso_mock.state._records import Family

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_HASH_SIZE = 20

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
    """Return the family that an address belongs to, or None for an unknown format."""
    version = None if address.startswith("0x") else _version(address)
    return next((family for family in FAMILIES if family.version == version), None)


def _version(address: str) -> int:
    number = 0
    for character in address:
        number = number * 58 + _ALPHABET.index(character)
    return number >> 8 * (_HASH_SIZE + 4)
