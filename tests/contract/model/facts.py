"""Facts of the vendor's pages and the document that the model needs."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.contract import document, known_fields, schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.schemas import Json

# Which currencies share an address: one example is documented (ETH, USDT_BSC, POL); it is inferred
# that all currencies with the same address format do.
FAMILIES = MappingProxyType(
    {
        "EVM": ("ETH", "USDT_BSC", "POL", "USDT", "USDC", "DAI", "FRAX", "BNB", "USDT_MATIC"),
        "TRON": ("USDT_TRX", "TRX", "USDC_TRX"),
        "BTC": ("BTC",),
        "LTC": ("LTC",),
        "XDG": ("XDG",),
    }
)
FAMILY_OF = MappingProxyType({code: name for name, codes in FAMILIES.items() for code in codes})
CURRENCIES = tuple(FAMILY_OF)
# Those of the guides' examples; another server may not accept all others.
COMMON = ("ETH", "USDT_BSC", "POL", "USDT_TRX")

# transactionState, complianceState, translationToAccountCompleted: the pairs of the guides.
STATES = MappingProxyType(
    {
        "mem_pool": ("MEM_POOL_FOUND", "UNCHECKED", False),
        "pending": ("PENDING_COMPLIANCE_CHECK", "IN_PROGRESS", False),
        "confirmed": ("CONFIRMED", "CHECKED", False),
        "credited": ("CONFIRMED", "CHECKED", True),
        "declined": ("DECLINED", "DECLINE", False),
    }
)
STEPS = tuple(STATES)
STATE_NAMES = tuple(dict.fromkeys(state for state, _, _ in STATES.values()))

# The possible next steps; a confirmed deposit can't be declined any more.
NEXT = MappingProxyType(
    {
        "mem_pool": ("pending", "confirmed", "credited", "declined"),
        "pending": ("confirmed", "credited", "declined"),
        "confirmed": ("credited",),
        "credited": (),
        "declined": (),
    }
)


def _allowed_fields() -> Iterator[str]:
    """Yield the fields of a customer that requests set and responses return."""
    for name in ("email", "description", "externalId"):
        asked = [
            _payload(operation)
            for operation in ("createCustomer", "updateCustomer")
            if document.has(operation)
        ]
        if all(name in fields for fields in asked) and not known_fields.is_gone(
            "createCustomer", name
        ):
            yield name


def _documented(component: str, *values: str) -> tuple[str, ...]:
    """Return the values that the document still has."""
    schema = document.whole()["components"]["schemas"].get(component, {})
    return tuple(each for each in values if each in schema.get("enum", values))


def fitting(operation_id: str, name: str, text: str) -> str | None:
    """Shorten a text to fit a field of a customer; None if it is not allowed."""
    schema = schemas.resolve(_payload(operation_id)[name])
    shorter = text[: schema.get("maxLength")]
    return shorter if schemas.compiled(schema).is_valid(shorter) else None


def needed(operation_id: str) -> dict[str, str]:
    """Return the required fields of a customer, with a text for each."""
    whole = schemas.completed(operation_id, {})
    return {name: whole[name] for name in CUSTOMER_FIELDS if name in whole}


def _payload(operation_id: str) -> Json:
    return dict(schemas.resolve(schemas.members(operation_id)["payload"])["properties"])


CUSTOMER_FIELDS = tuple(_allowed_fields())
SORTABLE = known_fields.sortable()
EVENTS = _documented(
    "NotificationEventType",
    "CUSTOMER_PURSE_EXPIRED",
    "CUSTOMER_PURSE_MEM_POOL_FOUND",
    "CUSTOMER_PURSE_PENDING_COMPLIANCE",
    "CUSTOMER_PURSE_COMPLIANCE_DECLINED",
    "CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE",
    "CUSTOMER_PURSE_TRANSLATION_TO_ACCOUNT_COMPLETED",
    "INVOICE_PAID",
    "PAYOUT_CHANGE_STATUS",
)
SERVICES = _documented(
    "NotificationServiceType", "INVOICE", "PAYOUT", "RECURRENT", "CUSTOMER_PURSE"
)

UNUSED_LIFETIME = timedelta(days=30)
# From the document's example of a search without a size.
DEFAULT_PAGE_SIZE = 20

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_EVM = re.compile(r"0x[0-9a-fA-F]{40}")
_SEGWIT = MappingProxyType({"BTC": "bc1", "LTC": "ltc1"})
_VERSIONS = MappingProxyType({"TRON": {0x41}, "BTC": {0, 5}, "LTC": {48, 50, 5}, "XDG": {30, 22}})


def is_address(family: str, text: str) -> bool:
    """Return whether a text is an address of a family, with a valid checksum for base58."""
    if family == "EVM":
        return _EVM.fullmatch(text) is not None
    if text.startswith(_SEGWIT.get(family, "\0")):
        return True
    return _version(text) in _VERSIONS[family]


def _version(text: str) -> int | None:
    if not text or set(text) - set(_BASE58):
        return None
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    data = number.to_bytes(25) if number < 1 << 200 else b""
    checksum = hashlib.sha256(hashlib.sha256(data[:-4]).digest()).digest()[:4]
    return data[0] if data and data[-4:] == checksum else None
