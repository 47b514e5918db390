"""Read an account without changing anything, and compare the responses with each other.

Nothing is known of the data in a merchant's account. But a transaction has to equal its row in a
search, rows have to pass the filters and be in the requested order, totals have to fit the rows,
and two reads have to agree.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tests.contract import document, known_fields, responses, rows
from tests.contract.checks import api_client
from tests.contract.checks.reader import FIND, PAGE_SIZE, confirmed, reader
from tests.contract.rows import plain
from tests.contract.suite import check
from tests.contract.violation import Violation
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.contract.checks.reader import Page, Reader
    from tests.contract.session import Exchange
    from tests.contract.suite import Context

    Json = dict[str, Any]

CUSTOMER = api_client.CUSTOMER

_ACCOUNT = "getAccount"
_GET = "getTransaction"
_PURSES = "getPurses"
_SUBSCRIPTIONS = "getSubscriptions"
_SMALL = 7
_SMALL_PAGES = 5
_MOST_GETS = 12
_READS = 4
# The fields of a deposit that never change.
_LASTING = ("id", "amount", "addressFrom", "currency", "transactionHash", "createdDate")
_STATES = ("transactionState", "complianceState", "translationToAccountCompleted")
_ORDERS = (
    {"properties": "amount", "sort": "DESC"},
    {"properties": "createdDate", "sort": "DESC"},
    {"properties": "amount,createdDate", "sort": "DESC"},
    {"properties": "currency,amount", "sort": "ASC"},
)
# Searches that match nothing, and may be rejected.
_ODD_SEARCHES: tuple[Json, ...] = (
    {"currencyFilter": {"contains": "("}},
    {"currencyFilter": {"in": []}},
    {"transactionStateFilter": {"in": []}},
)
# It is not known how these are ordered, only that the other direction reverses the order.
_TURNED = (*_STATES, "currency", "id", "addressFrom", "transactionHash")


class _NotSetError(document.UnknownOperationError):
    """A setting that a check needs is missing."""

    def __str__(self) -> str:
        return f"needs: {self.args[0]}"


@check("everything in the account can be read")
def read_all(context: Context) -> None:
    """Read the account, its subscriptions, its deposits, and purses."""
    own = reader(context)
    for operation_id in (_ACCOUNT, _SUBSCRIPTIONS):
        if document.has(operation_id):
            own.read(operation_id)
    if document.has(FIND):
        own.confirm(own.plain, rows.count_faults)
        list(own.pages)
    if os.environ.get(CUSTOMER) and document.has(_PURSES):
        own.read(_PURSES, {"customerId": os.environ[CUSTOMER]})


@check("amounts are not negative, and the states of a transaction do not contradict each other")
def transactions(context: Context) -> None:
    own = reader(context)
    for page in (own.plain, *own.pages):
        own.confirm(page, rows.row_faults)
    account = own.read(_ACCOUNT)
    exchange = context.session.exchanges[-1]
    for number, balance in enumerate(account["balances"]):
        if balance["amount"] < 0:
            text = f"expected an amount that is not negative, got {balance['amount']}"
            raise Violation(f"balances[{number}].amount", text, exchange)
    named = [balance["currency"] for balance in account["balances"]]
    if len(named) > len(set(named)):
        text = f"expected one entry a currency, got {', '.join(named)}"
        raise Violation("balances", text, exchange)


@check("a transaction read by its id is the row that a search shows")
def single_transactions(context: Context) -> None:
    own = reader(context)
    places = {row["id"]: (page, row) for page in own.pages for row in page.rows}
    for row_id in _various(own.rows.values()):
        _compare(own, *places[row_id])


def _various(all_rows: Iterable[Json]) -> list[str]:
    """Choose rows that differ in state or currency, and the last one."""
    listed = list(all_rows)
    kinds: dict[object, str] = {}
    for names in (_STATES, ("currency",)):
        for row in listed:
            kinds.setdefault((names, *(row.get(name) for name in names)), row["id"])
    chosen = [*list(kinds.values())[: _MOST_GETS - 1], *(row["id"] for row in listed[-1:])]
    return list(dict.fromkeys(chosen))


def _compare(own: Reader, page: Page, row: Json) -> None:
    got, exchange = _got(own, row["id"])
    if plain(got["id"]) != plain(row["id"]):
        raise Violation("id", f"expected {row['id']} as requested, got {got['id']}", exchange)
    if not _differing(row, got):
        return
    # Its state may have changed in between: a search between two equal reads has to show the same.
    between = own.find(page.asked)
    shown = next((each for each in between.rows if _is_same(row, each, "id")), None)
    last, exchange = _got(own, row["id"])
    for name in _differing(shown or last, last):
        if name in _LASTING or _is_same(last, got, name):
            text = f"expected {(shown or last).get(name)} as a search shows it"
            fault = Violation(name, f"{text}, got {last.get(name)}", exchange)
            raise _with_steps(fault, between.exchange, exchange)


def _got(own: Reader, row_id: str) -> tuple[Json, Exchange]:
    return own.read(_GET, {"transactionId": row_id}), own.context.session.exchanges[-1]


def _differing(row: Json, got: Json) -> list[str]:
    names = [name for name in (*_LASTING, *_STATES) if not known_fields.is_gone(_GET, name)]
    return [name for name in names if not _is_same(row, got, name)]


def _is_same(one: Json, other: Json, name: str) -> bool:
    """Return whether a field has the same value in two rows, however it is written."""
    return bool(plain(one.get(name)) == plain(other.get(name)))


def _with_steps(violation: Violation, *exchanges: Exchange) -> Violation:
    """Attach the contradicting responses to a violation, in their order."""
    violation.steps = exchanges
    return violation


@check("every deposit is on one page, and the totals fit the rows")
def pages(context: Context) -> None:
    own = reader(context)
    for page in own.pages:
        own.confirm(page, rows.count_faults)
    # With one row per page there are as many pages as rows.
    own.confirm(own.find({**own.order, "pageSize": 1, "pageNumber": own.base}), rows.count_faults)
    if own.rows:
        confirmed(partial(_paging_fault, own))
        _look_at_the_end(own)


def _paging_fault(own: Reader, refetch: bool) -> Violation | None:
    """Read the first rows in smaller pages, and look for duplicate or missing rows."""
    small = list(own.walk(_SMALL, _SMALL_PAGES))
    for page in small:
        own.confirm(page, rows.count_faults)
    exchanges = [page.exchange for page in small]
    ids = [row_id for page in small for row_id in page.ids]
    for row_id, count in Counter(ids).items():
        if count > 1:
            text = f"expected each row on one page, got {row_id} on {count}"
            return _with_steps(Violation("result", text, exchanges[-1]), *exchanges)
    large = next(own.walk(PAGE_SIZE, 1)) if refetch else own.pages[0]
    # Rows with the same date may be in any order, so those at the end of these pages are skipped.
    border = {} if len(ids) >= small[-1].elements else small[-1].rows[-1]
    for row in large.rows[: len(ids)]:
        if plain(row["id"]) not in ids and not _is_same(row, border, "createdDate"):
            text = f"expected {row['id']}, which is on a page of {PAGE_SIZE}, got no such row"
            fault = Violation("result", text, exchanges[-1])
            return _with_steps(fault, large.exchange, *exchanges)
    return None


def _look_at_the_end(own: Reader) -> None:
    """Read the last of the small pages, and the one after it."""
    beyond = own.base - (-own.pages[-1].elements // _SMALL)
    asked = {**own.order, "pageSize": _SMALL}
    own.confirm(own.find({**asked, "pageNumber": beyond - 1}), rows.count_faults)
    page = own.try_to_find({**asked, "pageNumber": beyond})
    if page is not None:
        own.confirm(page, rows.count_faults)


@check("rows are in the requested order")
def orders(context: Context) -> None:
    own = reader(context)
    for page in own.pages:
        own.confirm(page, rows.order_faults)
    for order in filter(_is_sortable, _ORDERS):
        page = own.try_to_find(order) if own.rows else None
        if page is not None:
            own.confirm(page, rows.order_faults, rows.overtaken(own.rows))
    for name in _TURNED:
        if _is_sortable({"properties": name}) and len(_values(own, name)) > 1:
            confirmed(partial(_direction_fault, own, name))
    for sort in ("ASC", "DESC"):
        _walk_by_amount(own, {"properties": "amount", "sort": sort})


def _is_sortable(order: Json) -> bool:
    return set(order["properties"].split(",")) <= set(known_fields.sortable())


def _direction_fault(own: Reader, name: str, _: bool) -> Violation | None:
    """Return a violation if both directions begin with the same value of several."""
    # If all values are different, the first row is enough.
    size = PAGE_SIZE if name in (*_STATES, "currency") else 1
    first: list[Page] = []
    for sort in ("ASC", "DESC"):
        page = own.try_to_find({"properties": name, "sort": sort, "pageSize": size})
        if page is None or not page.rows:
            return None
        own.confirm(page, rows.order_faults)
        first.append(page)
    (value, *_), (other, *_) = (page.rows for page in first)
    if value.get(name) is None or not _is_same(value, other, name):
        return None
    text = f"expected another {name} than in the order ASC, got {value[name]} first in both"
    exchanges = [page.exchange for page in first]
    return _with_steps(Violation(f"result[0].{name}", text, exchanges[-1]), *exchanges)


def _walk_by_amount(own: Reader, order: Json) -> None:
    """Read two small pages, to detect a server that sorts only within a page."""
    if not (own.rows and _is_sortable(order)):
        return
    before: list[Json] = []
    for number in (own.base, own.base + 1):
        page = own.try_to_find({**order, "pageNumber": number, "pageSize": _SMALL})
        if page is None:
            return
        seen = [plain(row["id"]) for row in before]
        own.confirm(
            page, rows.order_faults, rows.follows(before[-1:]), rows.overtaken(own.rows, seen)
        )
        before += page.rows


@check("a search shows every row that passes its filters, and no other")
def filters(context: Context) -> None:
    own = reader(context)
    checks = (rows.filter_faults, rows.count_faults, rows.missing(own.rows), rows.order_faults)
    for asked in _searches(own):
        own.confirm(own.find(asked), *checks)
    for asked in _ODD_SEARCHES:
        page = own.try_to_find(asked)
        if page is not None:
            own.confirm(page, *checks)
    for name, field in rows.FILTERS:
        for value in _values(own, field)[:1]:
            for halves in (
                (("equals", value), ("notEquals", value)),
                (("in", [value]), ("notIn", [value])),
            ):
                confirmed(partial(_split_fault, own, [{name: dict([half])} for half in halves]))


def _values(own: Reader, field: str) -> list[str]:
    """Return the values of a field in the rows, the rarest first."""
    counted = Counter(str(plain(row[field])) for row in own.rows.values() if field in row)
    return [value for value, _ in reversed(counted.most_common())]


def _searches(own: Reader) -> Iterator[Json]:
    """Return searches that match some rows, and others that match none."""
    currencies = [*_values(own, "currency"), "USDT_TRX"]
    states = [*_values(own, "transactionState"), *rows.STATES]
    rare, common, state = currencies[0], currencies[-2:][0], states[0]
    part = rare[:3].swapcase()
    for conditions in (
        {"contains": part},
        {"doesNotContain": part},
        {"contains": "_"},
        {"in": [rare, common]},
        {"notIn": [rare, common]},
        {"specified": True},
        {"specified": False},
        {"equals": common, "notIn": [common]},
        {"equals": common, "doesNotContain": common},
    ):
        yield {"currencyFilter": conditions}
    for conditions in (
        *({"equals": each} for each in rows.STATES),
        {"in": states[:2]},
        {"notIn": states[:2]},
        {"specified": True},
        {"specified": False},
    ):
        yield {"transactionStateFilter": conditions}
    both = {"currencyFilter": {"equals": common}, "transactionStateFilter": {"notEquals": state}}
    yield both
    second = {
        "pageSize": _SMALL,
        "pageNumber": own.base + 1,
        "sort": "DESC",
        "properties": "amount",
    }
    others = {"currencyFilter": {"notEquals": common}}
    if sum(rows.passes(row, others) for row in own.rows.values()) > _SMALL:
        yield {**second, **others}


def _split_fault(own: Reader, halves: list[Json], refetch: bool) -> Violation | None:
    """Return a violation if the rows that pass a filter and those that do not are not all rows."""
    least = own.find({"pageSize": 1}).elements if refetch else own.pages[-1].elements
    parts = [own.find(asked) for asked in halves]
    for page in parts:
        own.confirm(page, rows.filter_faults, rows.count_faults, rows.missing(own.rows))
    last = own.find({"pageSize": 1}) if refetch else own.pages[-1]
    together = sum(page.elements for page in parts)
    if least <= together <= last.elements:
        return None
    text = (
        f"expected {last.elements} rows with {halves[0]} and {halves[1]} together, got {together}"
    )
    exchanges = [page.exchange for page in parts]
    return _with_steps(Violation("totalElements", text, exchanges[-1]), *exchanges, last.exchange)


@check("two consecutive reads agree")
def agreement(context: Context) -> None:
    own = reader(context)
    customer = os.environ.get(CUSTOMER)
    asked: list[tuple[str, Json | None]] = [(_ACCOUNT, None), (_SUBSCRIPTIONS, None), (FIND, {})]
    if customer:
        asked += [(_PURSES, {"customerId": customer})]
    if document.has(FIND):
        asked += [(_GET, {"transactionId": row["id"]}) for row in list(own.rows.values())[:1]]
    for operation_id, payload in asked:
        if document.has(operation_id):
            _read_twice(own, operation_id, payload)


def _read_twice(own: Reader, operation_id: str, payload: Json | None) -> None:
    bodies: list[Any] = []
    for number in range(_READS):
        bodies.append(_unordered(plain(own.read(operation_id, payload))))
        # A change is not a fault, unless it is reverted, or in a field that never changes.
        if number == 1 and bodies[0] == bodies[1]:
            return
    exchanges = own.context.session.exchanges[-_READS:]
    before, after = _lasting(bodies[0]), _lasting(bodies[1])
    for name in before.keys() & after.keys():
        if before[name] != after[name]:
            text = f"expected the fixed fields of {name} to be the same in two reads, got others"
            raise _with_steps(Violation("body", text, exchanges[1]), *exchanges[:2])
    known, found = _ids_by_address(bodies[0]), _ids_by_address(bodies[1])
    for address in known.keys() & found.keys():
        if not known[address] & found[address]:
            text = "expected the id of a purse to be the same in two reads, got another"
            raise _with_steps(Violation("[].id", text, exchanges[1]), *exchanges[:2])
    if _returns(bodies):
        text = "expected a change to persist, got the former state"
        raise _with_steps(Violation("body", text, exchanges[-1]), *exchanges)


def _unordered(body: Any) -> Any:
    """Sort all lists: no order was requested."""
    if isinstance(body, dict):
        return {name: _unordered(value) for name, value in body.items()}
    if isinstance(body, list):
        return sorted(map(_unordered, body), key=_text)
    return body


def _text(body: Any) -> str:
    return json.dumps(body, default=str, sort_keys=True)


def _returns(bodies: Iterable[Any]) -> int:
    """Count how often a former body returns after a change."""
    changes = [text for text, _ in groupby(map(_text, bodies))]
    return len(changes) - len(set(changes))


def _lasting(body: Any) -> dict[str, object]:
    """Return the fixed fields of each object by its id."""
    objects = (
        body if isinstance(body, list) else body.get("result", body.get("subscriptions", [body]))
    )
    found: dict[str, object] = {}
    for each in objects:
        named = each.get("id") or each.get("requestId") or each.get("account")
        found[str(named)] = [each.get(name) for name in (*_LASTING, "address", "ownerId")]
    return found


def _ids_by_address(body: Any) -> dict[str, set[str]]:
    """Return the ids of purses by address, which several may share."""
    found: dict[str, set[str]] = {}
    for each in body if isinstance(body, list) else ():
        found.setdefault(str(each.get("address")), set()).add(str(each.get("id")))
    return found


@check("the balances do not go back and forth")
def balances(context: Context) -> None:
    """Nothing is sent: the account was read all the time. A balance may return once."""
    read = [
        exchange
        for exchange in context.session.exchanges
        if (exchange.label, exchange.status) == (_ACCOUNT, HTTPStatus.OK)
    ]
    account = plain(context.session.target.account)
    own = [body for each in read if (body := _body(each)).get("account") == account]
    if not context.terms.mock and _returns(map(_unordered, own)) > 1:
        text = "expected a change to persist, got the former state, more than once"
        raise Violation("balances", text, read[-1])


def _body(exchange: Exchange) -> Json:
    """Return a body in normal form; an empty one if it is invalid, which is reported elsewhere."""
    try:
        body = exchange.json()
    except ValueError:
        return {}
    return plain(body) if isinstance(body, dict) else {}


@check("a customer's purses fit the customer's deposits")
def purses(context: Context) -> None:
    if not document.has(_PURSES):
        raise document.UnknownOperationError(_PURSES)
    with api_client.ApiClient(context) as found:
        if _PURSES not in found.operations:
            raise _NotSetError(CUSTOMER)
        customer = os.environ.get(CUSTOMER) or found.body(_PURSES)["payload"]["customerId"]
    own = reader(context)
    for state in _values(own, "transactionState")[:2]:
        asked = {"customerId": customer, "transactionStateFilter": {"equals": state}}
        own.confirm(own.find(asked), rows.filter_faults, rows.count_faults)
    confirmed(partial(_purse_fault, own, customer))


def _purse_fault(own: Reader, customer: str, _: bool) -> Violation | None:
    """Return a contradiction between a customer's deposits and purses."""
    oldest = own.find({**own.order, "customerId": customer})
    declined = own.find(
        {"customerId": customer, "transactionStateFilter": {"equals": "DECLINED"}, "pageSize": 1}
    )
    listed = own.read(_PURSES, {"customerId": customer})
    exchanges = [oldest.exchange, declined.exchange, own.context.session.exchanges[-1]]
    for field, text in rows.purse_faults(listed, oldest.rows, declined.elements):
        return _with_steps(Violation(field, text, exchanges[-1]), *exchanges)
    return None


@check("odd read requests break nothing")
def odd_requests(context: Context) -> None:
    asked: list[Json] = [
        {"pageNumber": 1.0, "pageSize": 1},
        {"pageNumber": 2**31 - 1, "pageSize": PAGE_SIZE},
        {"properties": "colour"},
    ]
    for payload in asked if document.has(FIND) else ():
        responses.inspect(context.session.call(FIND, payload), mock=context.terms.mock)
    if document.has(_ACCOUNT):
        for content, sign in ((b"[]", None), (b"{", None), (None, "\xe9" * 128)):
            _send_oddly(context, content, sign)


def _send_oddly(context: Context, content: bytes | None, sign: str | None) -> None:
    """Read the account with other bytes or another signature, and expect a rejection."""
    target, (method, path) = context.session.target, document.routes()[_ACCOUNT]
    if content is None:
        content = json.dumps({"account": target.account, "timestamp": now()}).encode()
    headers = {**signature(target, content), **({} if sign is None else {"Sign": sign})}
    exchange = context.session.send(method, path, content, headers)
    responses.inspect(exchange, mock=context.terms.mock)
    if exchange.status == HTTPStatus.OK:
        raise Violation("status", "expected the request to be rejected, got 200", exchange)


@check("the keys of a subscription are complete, and give access to nothing else")
def subscriptions(context: Context) -> None:
    own = reader(context)
    listed = own.read(_SUBSCRIPTIONS)["subscriptions"]
    exchange = context.session.exchanges[-1]
    for number, each in enumerate(listed):
        if len(set(each["secretKey"])) == 1:
            text = "expected a secret, got the same character repeated"
            raise Violation(f"subscriptions[{number}].secretKey", text, exchange)
    names = [plain(each["requestId"]) for each in listed]
    if len(names) > len(set(names)):
        text = f"expected each requestId once, got {', '.join(names)}"
        raise Violation("subscriptions", text, exchange)
    for each in listed[:1]:
        mixed = replace(context.session.target, secret=each["secretKey"])
        for who in (mixed, replace(mixed, key=each["publicKey"])):
            exchange = context.session.call(_ACCOUNT, as_=who)
            responses.inspect(exchange, mock=context.terms.mock)
            if exchange.status == HTTPStatus.OK:
                text = "expected the secret of a subscription to be rejected, got 200"
                raise Violation("status", text, exchange)
