"""The order of checks, written once more in a few lines that share nothing with the mock."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_UNFIT = re.compile("[\ud800-\udfff]")
_PYTHON = {"string": str, "boolean": bool, "object": dict, "array": list, "integer": int}
_CURRENCIES = (
    "ETH USDT USDC DAI FRAX BNB USDT_BSC POL MATIC USDT_MATIC TRX USDT_TRX USDC_TRX BTC LTC XDG"
)
_ORDERS = (
    "id amount addressFrom currency transactionHash transactionState complianceState "
    "translationToAccountCompleted createdDate"
)
# By operation: the member with an id, what it is an id of, and the name it has there.
_BY_CUSTOMER = ("customerId", "customers", "id")
_BY_REQUEST = ("requestId", "subscriptions", "requestId")
_IDS = {
    "updateCustomer": ("id", "customers", "id"),
    "blockCustomer": _BY_CUSTOMER,
    "unblockCustomer": _BY_CUSTOMER,
    "getAddress": _BY_CUSTOMER,
    "getPurses": _BY_CUSTOMER,
    "findTransactions": _BY_CUSTOMER,
    "getTransaction": ("transactionId", "transactions", "id"),
    "createSubscription": _BY_REQUEST,
    "changeSubscription": _BY_REQUEST,
    "deleteSubscription": _BY_REQUEST,
}


@dataclass(frozen=True)
class Oracle:
    """Predicts which code a request gets.

    Attributes:
        document: The OpenAPI document.
        secrets: Secret by key.
        accounts: The one account of each key.
    """

    document: Mapping[str, Any]
    secrets: Mapping[str, str]
    accounts: Mapping[str, str]

    def code(  # noqa: PLR0911 - one line a check is the whole point
        self,
        operation: str,
        body: bytes,
        headers: Mapping[str, str],
        now: int,
        state: Mapping[str, Any],
    ) -> str | None:
        """Return the code of the first check that fails, or None."""
        value, key = read(body), headers.get("Key", "")
        if value is None or headers.get("Content-Type") == "text/plain":
            return "001"
        if key not in self.secrets:
            return "002"
        sign = hmac.new(self.secrets[key].encode(), body, hashlib.sha512).hexdigest()
        if headers.get("Sign", "").lower() != sign:
            return "003"
        timestamp = value.get("timestamp")
        if type(timestamp) is int and abs(timestamp - now) > 180_000:
            return "011"
        payload = value.get("payload")
        if not self.fits(value, self._schema(operation)) or not makes_sense(operation, payload):
            return "001"
        account = self.accounts[key]
        if value["account"] != account:
            return "004"
        mine = next(row for row in state["accounts"] if row["account"] == account)
        return found(operation, payload, mine)

    def _schema(self, operation: str) -> Any:
        every = (op for path in self.document["paths"].values() for op in path.values())
        (wanted,) = (op for op in every if op["operationId"] == operation)
        return wanted["requestBody"]["content"]["application/json"]["schema"]

    def fits(self, value: Any, schema: Mapping[str, Any]) -> bool:
        """Validate a value by the part of JSON Schema that describes requests."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self.fits(value, self.document["components"]["schemas"][name])
        if type(value) is not _PYTHON[schema["type"]]:
            return False
        if isinstance(value, dict):
            members = schema.get("properties", {}).items()
            return value.keys() >= set(schema.get("required", ())) and all(
                self.fits(value[name], member) for name, member in members if name in value
            )
        if isinstance(value, list):
            return all(self.fits(item, schema["items"]) for item in value)
        if isinstance(value, str):
            is_id = schema.get("format") != "uuid" or _UUID.fullmatch(value)
            return (
                is_id
                and len(value) >= schema.get("minLength", 0)
                and value in schema.get("enum", [value])
            )
        return schema.get("minimum", value) <= value <= schema.get("maximum", value)


def read(body: bytes) -> dict[str, Any] | None:
    """Read a JSON object, whole numbers as int and others as Decimal; None for anything else."""
    try:
        value = json.loads(
            body.decode(), parse_int=_number, parse_float=_number, parse_constant=_number
        )
    except (ValueError, ArithmeticError, RecursionError):
        return None
    is_sound = isinstance(value, dict) and len(body) <= 1_048_576 and _is_sound(value, 64)
    return value if is_sound else None


def _number(text: str) -> int | Decimal:
    number = Decimal(text)
    if len(text) > 128 or abs(number.adjusted()) > 128 or not number.is_finite():
        raise ValueError(text)
    return int(number) if number == int(number) else number


def _is_sound(value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return not _UNFIT.search(value)
    if isinstance(value, dict):
        value = [*value, *value.values()]
    return not isinstance(value, list) or (
        depth > 0 and all(_is_sound(item, depth - 1) for item in value)
    )


def makes_sense(operation: str, payload: Any) -> bool:
    """Check what no schema describes of a payload."""
    if operation == "getAddress":
        return payload["currency"] in _CURRENCIES.split()
    if operation == "findTransactions":
        names = {name.strip() for name in payload.get("properties", "").split(",")}
        return names <= {"", *_ORDERS.split()}
    if operation in {"createSubscription", "changeSubscription"}:
        lists = "notificationEventTypes", "notificationServiceTypes"
        is_address = re.match(r"https?://[^/?#:\[\]@]", payload["url"])
        return bool(is_address) and any(payload.get(name) for name in lists)
    return True


def found(operation: str, payload: Any, mine: Mapping[str, Any]) -> str | None:
    """Return the code for the id in a payload, by what its account has."""
    name, kind, known_by = _IDS.get(operation, ("", "", ""))
    if not name or name not in payload:
        return None
    is_known = payload[name].lower() in {row[known_by].lower() for row in mine[kind]}
    if operation == "createSubscription":
        return "001" if is_known else None
    return None if is_known else "004"
