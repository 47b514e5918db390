"""Check a successful response against its own request.

Each rule needs only one request and its response, no earlier ones.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.contract import known_fields
from tests.contract.model import facts
from tests.contract.model.search import pages
from tests.contract.rows import Moment, holds, moment, plain, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.contract.responses import Fault
    from tests.contract.schemas import Json

_LISTS = ("notificationEventTypes", "notificationServiceTypes")
_FILTERS = {"currencyFilter": "currency", "transactionStateFilter": "transactionState"}


def faults(operation_id: str, payload: Json, body: Any, *, mock: bool) -> Iterator[Fault]:
    """Find where a successful response does not fit the request: field and text of each fault.

    Args:
        operation_id: The operation.
        payload: The payload of the request.
        body: The body of the response, as `responses.read` reads it.
        mock: Whether it is our mock's; for another server only documented behaviour is checked.
    """
    rule = _RULES.get(operation_id)
    if rule is not None and isinstance(body, dict):
        for field, wanted, got in rule(payload, body, mock):
            if not known_fields.is_gone(operation_id, field):
                yield field, f"expected {wanted!r}, got {got!r}"


def _customer(payload: Json, body: Json, mock: bool) -> Iterator[tuple[str, object, object]]:
    wanted = payload.get("id", payload.get("customerId"))
    if isinstance(wanted, str) and not _same_id(body.get("id"), wanted):
        yield "id", wanted, body.get("id")
    for name in facts.CUSTOMER_FIELDS:
        if name in payload and (mock or name in body) and body.get(name) != payload[name]:
            yield name, payload[name], body.get(name)


def _blocked(*, blocked: bool) -> Callable[..., Iterator[tuple[str, object, object]]]:
    def rule(payload: Json, body: Json, mock: bool) -> Iterator[tuple[str, object, object]]:
        yield from _customer(payload, body, mock)
        if body.get("blocked") is not blocked:
            yield "blocked", blocked, body.get("blocked")

    return rule


def _created(payload: Json, body: Json, mock: bool) -> Iterator[tuple[str, object, object]]:
    yield from _blocked(blocked=False)(payload, body, mock)


def _address(payload: Json, body: Json, _: bool) -> Iterator[tuple[str, object, object]]:
    family = facts.FAMILY_OF.get(payload["currency"])
    if family is not None and not facts.is_address(family, str(body.get("address"))):
        yield "address", f"an address of the family {family}", body.get("address")


def _transaction(payload: Json, body: Json, _: bool) -> Iterator[tuple[str, object, object]]:
    if not _same_id(body.get("id"), payload["transactionId"]):
        yield "id", payload["transactionId"], body.get("id")
    yield from _state("", body)


def _state(path: str, row: Json) -> Iterator[tuple[str, object, object]]:
    states = tuple(row.get(name) for name in _STATE_FIELDS)
    known_states = {state for state, _, _ in facts.STATES.values()}
    # An unknown state goes with any other; a missing field contradicts nothing.
    fits = [
        all(got in {None, wanted} for got, wanted in zip(states, fitting, strict=True))
        for fitting in facts.STATES.values()
    ]
    if states[0] in known_states and not any(fits):
        yield f"{path}transactionState", "states that go together", states


_STATE_FIELDS = ("transactionState", "complianceState", "translationToAccountCompleted")


def _subscription(payload: Json, body: Json, _: bool) -> Iterator[tuple[str, object, object]]:
    if not _same_id(body.get("requestId"), payload["requestId"]):
        yield "requestId", payload["requestId"], body.get("requestId")
    if body.get("url") != payload["url"]:
        yield "url", payload["url"], body.get("url")
    for name in _LISTS:
        if sorted(body.get(name) or []) != sorted(payload.get(name) or []):
            yield name, payload.get(name) or [], body.get(name)


def _page(payload: Json, body: Json, mock: bool) -> Iterator[tuple[str, object, object]]:
    rows, size = body.get("result"), whole(body.get("size"))
    if not isinstance(rows, list) or size is None:
        return
    for asked, echoed in (("pageNumber", "page"), ("pageSize", "size")):
        if asked in payload and body.get(echoed) != payload[asked]:
            yield echoed, payload[asked], body.get(echoed)
    if len(rows) > size:
        yield "result", f"at most {size} rows", len(rows)
    total = pages(whole(body.get("totalElements")) or 0, size)
    if body.get("total") != total:
        yield "total", total, body.get("total")
    ids = [plain(row.get("id")) for row in rows]
    if len(set(ids)) < len(ids):
        yield "result", "each row once", "one of them twice"
    for number, row in enumerate(rows):
        yield from _state(f"result[{number}].", row)
        yield from _filtered(f"result[{number}].", row, payload)
    yield from _ordered(rows, payload, mock=mock)


def _filtered(path: str, row: Json, payload: Json) -> Iterator[tuple[str, object, object]]:
    for name, field in _FILTERS.items():
        if isinstance(row.get(field), str) and not holds(row[field], payload.get(name) or {}):
            yield f"{path}{field}", f"one that passes {payload[name]}", row[field]


def _ordered(
    rows: Sequence[Json], payload: Json, *, mock: bool
) -> Iterator[tuple[str, object, object]]:
    fields = order_fields(payload)
    # The order of texts is not documented.
    if any(field not in facts.SORTABLE for field in fields) or not (mock or fields[0] in _PLAIN):
        return
    fields = fields if mock else fields[:1]
    for number, (one, next_) in enumerate(itertools.pairwise(rows)):
        keys = order_key(one, fields), order_key(next_, fields)
        if keys[0] != keys[1] and (keys[0] > keys[1]) is not (payload.get("sort") == "DESC"):
            yield f"result[{number + 1}].{fields[0]}", f"rows ordered by {fields}", keys


_NEVER = Moment(datetime.min.replace(tzinfo=UTC), "")
_PLAIN = ("amount", "createdDate")


def order_fields(payload: Json) -> list[str]:
    """Return the fields by which a search is ordered, each once."""
    named = (name.strip() for name in payload.get("properties", "").split(","))
    return list(dict.fromkeys(name for name in named if name)) or ["createdDate"]


def order_key(row: Json, fields: Sequence[str]) -> list[tuple[bool, Any]]:
    """Return the sort key of a row; rows without the field come first."""
    return [(row.get(name) is not None, _comparable(name, row.get(name))) for name in fields]


def _comparable(name: str, value: Any) -> Any:
    if name == "createdDate" and isinstance(value, str):
        # A value that is not a date is a separate finding.
        return moment(value, UTC) or _NEVER
    return value


def _same_id(got: object, wanted: str) -> bool:
    return isinstance(got, str) and got.lower() == wanted.lower()


_RULES: dict[str, Callable[[Any, Any, bool], Iterator[tuple[str, object, object]]]] = {
    "createCustomer": _created,
    "updateCustomer": _customer,
    "blockCustomer": _blocked(blocked=True),
    "unblockCustomer": _blocked(blocked=False),
    "getAddress": _address,
    "getTransaction": _transaction,
    "findTransactions": _page,
    "createSubscription": _subscription,
    "changeSubscription": _subscription,
}
