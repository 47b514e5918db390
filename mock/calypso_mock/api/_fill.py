"""Fill in fields that the document describes and the mock has no behaviour for, from its examples.

So a field that is new in the document is served at once, and a removed one no longer. What the
mock has a behaviour for is left as the handlers made it: absent there means absent.
"""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from calypso_mock import _json
from calypso_mock.api import _samples
from calypso_mock.api._samples import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from calypso_mock.api._samples import Samples

    Json = dict[str, Any]
    Fill = Callable[[Any], Any]
    Resolve = Callable[[Mapping[str, Any]], Mapping[str, Any]]

_TOP_UP = "type amount:number currency senderAddress paymentDate transactionHash fiatAmount:object"
# Of each schema, the fields that handlers and events write, or leave out on purpose. Those without
# a type are text.
KNOWN: dict[str, dict[str, str]] = {
    name: {
        field: kind or "string" for field, _, kind in (each.partition(":") for each in row.split())
    }
    for name, row in {
        "Account": "account name ownerId balances:array",
        "Balance": "currency amount:number",
        "Customer": "id email description externalId blocked:boolean",
        "DepositAddress": "id address",
        "Notification": "requestId id:integer createdDate level service eventType data:object",
        "Purse": "id address status createdDate",
        "PurseDepositData": "currency customerId customerBlocked:boolean purseId address "
        "transactionId amount:number transactionHash complianceState createdDate",
        "PurseExpiredData": "customerId customerBlocked:boolean purseId address",
        "PurseMemPoolFoundData": "currency customerId customerBlocked:boolean purseId address "
        "transactionId amount:number transactionHash",
        "Subscription": "requestId notificationEventTypes:array notificationServiceTypes:array "
        "url publicKey secretKey createdDate blockedByErrorCount:boolean",
        "SubscriptionList": "subscriptions:array",
        "TopUpData": _TOP_UP,
        "Transaction": "id amount:number addressFrom currency transactionHash transactionState "
        "complianceState translationToAccountCompleted:boolean createdDate",
        "TransactionPage": "result:array page:integer size:integer total:integer "
        "totalElements:integer",
        "WalletFundsDeliveredData": _TOP_UP,
    }.items()
}
# What each handler returns, whatever the document calls it; a list is of such values.
RETURNED = {
    "getAccount": "Account",
    "createCustomer": "Customer",
    "updateCustomer": "Customer",
    "blockCustomer": "Customer",
    "unblockCustomer": "Customer",
    "getAddress": "DepositAddress",
    "getPurses": "Purse",
    "getTransaction": "Transaction",
    "findTransactions": "TransactionPage",
    "getSubscriptions": "SubscriptionList",
    "createSubscription": "Subscription",
    "changeSubscription": "Subscription",
}
_WITHIN = {
    ("Account", "balances"): "Balance",
    ("TransactionPage", "result"): "Transaction",
    ("SubscriptionList", "subscriptions"): "Subscription",
}


class Filler:
    """Fills values by their schemas.

    Args:
        resolve: Follows a reference of the document.
        samples: Makes samples of its schemas.
        customer_fields: The fields of a customer that the merchant sets.
    """

    def __init__(self, resolve: Resolve, samples: Samples, customer_fields: frozenset[str]) -> None:
        self._resolved = resolve
        self._samples = samples
        self._known = KNOWN | {
            "Customer": dict.fromkeys(customer_fields, "string") | KNOWN["Customer"]
        }
        self._made: dict[tuple[str, str], Fill | None] = {}

    def of(self, schema: Mapping[str, Any], own: str = "") -> Fill | None:
        """Return what fills a value of this schema; None where there is nothing to fill in.

        Args:
            schema: Of the value.
            own: The mock's name of such values, as in ``KNOWN``; where empty, the schema's name.
        """
        name = str(schema.get("$ref", ""))
        if not name:
            return self._filling(schema, own)
        if (name, own) not in self._made:
            # A schema within itself is filled once.
            self._made[name, own] = None
            self._made[name, own] = self._filling(schema, own)
        return self._made[name, own]

    def _filling(self, schema: Mapping[str, Any], own: str) -> Fill | None:
        item = self._resolved(schema).get("items")
        if isinstance(item, dict):
            items = self.of(item, own)
            if items is None:
                return None
            return lambda value: list(map(items, value)) if isinstance(value, list) else value
        changes = self._changes(schema, own)
        if not any(changes):
            return None
        return lambda value: changes.made(value) if isinstance(value, dict) else value

    def _changes(self, schema: Mapping[str, Any], own: str) -> _Changes:
        nodes = dict(self._fields(schema))
        names = [own] if own else self._names(schema)
        known: dict[str, str] = {}
        for name in names:
            known |= self._known.get(name, {})
        absent: Json = {}
        inner: dict[str, Fill] = {}
        retyped: dict[str, _Retyped] = {}
        for wire, (node, needed) in nodes.items():
            fill = self.of(node, _WITHIN.get((own, wire), ""))
            if fill is not None:
                inner[wire] = fill
            if wire not in known:
                absent[wire] = self._samples.of(node, needed=needed)
                continue
            wanted = _samples.kinds(self._resolved, node)
            if wanted and not _fits(known[wire], wanted):
                retyped[wire] = _Retyped(wanted, self._samples.of(node, needed=needed))
        absent = {wire: value for wire, value in absent.items() if value is not MISSING}
        return _Changes(absent, inner, frozenset(known.keys() - nodes.keys()), retyped)

    def _fields(self, schema: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, bool]]]:
        """Yield the fields of an object, each with whether it is required."""
        for part in _samples.parts(self._resolved, schema):
            for wire, node in part.get("properties", {}).items():
                yield wire, (node, wire in part.get("required", ()))

    def _names(self, schema: Mapping[str, Any]) -> list[str]:
        nodes = (schema, *self._resolved(schema).get("allOf", ()))
        return [str(node.get("$ref", "")).rpartition("/")[2] for node in nodes]


def _fits(written: str, wanted: frozenset[str]) -> bool:
    return written in wanted or (written == "integer" and "number" in wanted)


class _Retyped(NamedTuple):
    """Writes a field in the document's type, where that is not the mock's.

    Attributes:
        kinds: The types that the document names.
        sample: Replaces a value that cannot be written in these; ``MISSING`` to leave it out.
    """

    kinds: frozenset[str]
    sample: Any

    def made(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            return self.sample
        if isinstance(value, str):
            if "string" in self.kinds:
                return value
            number = _json.number(value)
        elif "string" in self.kinds:
            return _json.dump(value).decode()
        else:
            number = value
        if number is None or not self.kinds & {"number", "integer"}:
            return self.sample
        if "number" in self.kinds or number == int(number):
            return number
        return self.sample


class _Changes(NamedTuple):
    """The changes that make an object match the document.

    Attributes:
        absent: Fields to add.
        inner: Fields to go into.
        removed: Fields to leave out.
        retyped: Fields to write in another type.
    """

    absent: Json
    inner: Mapping[str, Fill]
    removed: frozenset[str]
    retyped: Mapping[str, _Retyped]

    def made(self, value: Json) -> Json:
        found = {name: each for name, each in value.items() if name not in self.removed}
        for name, retyped in self.retyped.items():
            if name in found and (each := retyped.made(found.pop(name))) is not MISSING:
                found[name] = copy.deepcopy(each)
        for name, each in self.absent.items():
            if name not in found:
                found[name] = copy.deepcopy(each)
        for name, fill in self.inner.items():
            # A sample is whole already.
            if name in value and name in found:
                found[name] = fill(found[name])
        return found
