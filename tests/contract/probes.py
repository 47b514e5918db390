"""Follow-up requests to our mock after a success: is its response true, and closed to others?

They are derived from the request, so that a replay sends the same. They use no more of the mock's
state than what was set up before the request, and the mock's latest responses.
"""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.contract import document, known_fields, responses, schemas
from tests.contract import rows as rules
from tests.contract.checks import api_client, forgeries, window
from tests.contract.consistency import order_fields, order_key
from tests.contract.model import facts
from tests.contract.model.search import pages
from tests.contract.rows import holds
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.contract.mock_state import MockState
    from tests.contract.responses import Fault
    from tests.contract.schemas import Json
    from tests.contract.session import Exchange
    from tests.contract.wire import Target

_CUSTOMERS = ("createCustomer", "updateCustomer", "blockCustomer", "unblockCustomer")
_ACTIVE = "PENDING_PAYMENT"
_OTHER_SEARCHES = 2
_SUBSCRIPTIONS = ("createSubscription", "changeSubscription")
# The fields of a subscription that a change must not affect.
_KEPT = ("publicKey", "secretKey", "createdDate")
_STALE = tuple(sign * step for step in (*window.OUTSIDE, *window.OUTSIDE_MOCK) for sign in (-1, 1))
_IN_TIME = tuple(sign * step for step in window.INSIDE for sign in (-1, 1))


def forged(exchange: Exchange, state: MockState, chance: random.Random) -> Iterator[Fault]:
    """Send a successful request again with a wrong signature."""
    who, content = state.target, exchange.sent
    proofs = {name: {"Key": who.key, "Sign": sign} for name, sign in _signs(state, content).items()}
    proofs["no signature"] = {"Key": who.key}
    name = chance.choice(sorted(proofs))
    yield from _expect_rejected(state, exchange, content, proofs[name], "003", name)
    if content:
        spaced = b" " + content + b"\n"
        proof = signature(who, content)
        yield from _expect_rejected(
            state, exchange, spaced, proof, "003", "signed without outer space"
        )


def _signs(state: MockState, content: bytes) -> dict[str, str]:
    others = {"the secret of another account": forgeries.right(state.other(), content)}
    return {**forgeries.all_of(state.target, content), **others}


def stale(exchange: Exchange, state: MockState, chance: random.Random) -> Iterator[Fault]:
    """Send a successful request again with another timestamp."""
    if "timestamp" not in schemas.members(exchange.label):
        return
    stamps = (0, 1, now() // 1_000, now() * 1_000, *(now() + step for step in _STALE))
    stamp = chance.choice([*stamps, *map(float, stamps[-len(_STALE) :])])
    content = _with(exchange, timestamp=stamp)
    yield from _expect_rejected(
        state, exchange, content, signature(state.target, content), "011", f"timestamp {stamp}"
    )
    if _is_repeatable(exchange.label):
        content = _with(exchange, timestamp=now() + chance.choice(_IN_TIME))
        again = _send(state, exchange, content, signature(state.target, content))
        if again.status != exchange.status:
            yield "timestamp", f"expected {exchange.status} within the window, got {again.status}"


def foreign(exchange: Exchange, state: MockState, chance: random.Random) -> Iterator[Fault]:
    """Send a successful request again as a caller without access."""
    if "account" not in schemas.members(exchange.label):
        return
    own, other = state.target, state.other()
    callers = {
        "another account's key": (replace(other, account=own.account), "004"),
        "the key on another account": (replace(own, account=other.account), "004"),
    }
    for each in state.subscriptions.values():
        keys = replace(own, key=each["publicKey"], secret=each["secretKey"])
        callers["the keys of a subscription"] = keys, "002"
    names_something = set(api_client.id_fields(exchange.label)) & _payload(exchange).keys()
    if names_something and exchange.label != "createSubscription":
        callers["another account"] = other, "004"
    name = chance.choice(sorted(callers))
    who, code = callers[name]
    content = _with(exchange, account=who.account)
    yield from _expect_rejected(state, exchange, content, signature(who, content), code, name)


def read_by_another(exchange: Exchange, state: MockState, other: Target) -> Iterator[Fault]:
    """Send a read to another server again, as the second account."""
    if exchange.label not in api_client.reads() or not set(
        api_client.id_fields(exchange.label)
    ) & set(_payload(exchange)):
        return
    content = _with(exchange, account=other.account, timestamp=now())
    got = _send(state, exchange, content, signature(other, content))
    empty = exchange.label == "findTransactions" and got.json().get("result") == []
    if got.status == exchange.status and not empty:
        yield "status", f"expected the second account to be rejected, got {got.status}"


def read_back(exchange: Exchange, state: MockState, chance: random.Random) -> Iterator[Fault]:
    """Read the result of a successful request again, and compare both responses."""
    body = responses.read(exchange.content) if exchange.content else None
    if _is_repeatable(exchange.label):
        content = _with(exchange, timestamp=now())
        again = _send(state, exchange, content, signature(state.target, content))
        yield from _same("again", again, body)
    look = _LOOKS.get(exchange.label)
    if look is not None and all(map(document.has, _NEEDED.get(exchange.label, ()))):
        yield from look(_payload(exchange), body, state, chance)


def _customer(payload: Json, body: Any, state: MockState, _: object) -> Iterator[Fault]:
    name = body["id"].lower()
    before = state.customers.get(name)
    sent = {key: payload[key] for key in facts.CUSTOMER_FIELDS if key in payload}
    if before is not None:
        flag = {key: body[key] for key in ("blocked",) if key in body and "customerId" in payload}
        # What happens to other fields in the request is not known.
        kept = {key: value for key, value in before.items() if key not in payload}
        yield from _differing({**kept, **sent, **flag}, body)
    state.customers[name] = body
    look = schemas.completed("updateCustomer", {"id": body["id"]})
    if look.keys() <= body.keys():
        # The update changes nothing.
        shown = state.session.call("updateCustomer", {name: body[name] for name in look})
        yield from _same("read again", shown, body)


def _created(payload: Json, body: Any, state: MockState, chance: object) -> Iterator[Fault]:
    if body["id"].lower() in state.customers:
        yield "id", "expected an id that no other customer has, got an existing one"
    yield from _customer(payload, body, state, chance)
    other = state.session.call("createCustomer", payload)
    if other.status == schemas.success("createCustomer") and other.json()["id"] == body["id"]:
        yield "id", "expected another id for another customer with the same fields, got the same"


def _address(payload: Json, body: Any, state: MockState, chance: random.Random) -> Iterator[Fault]:
    customer = {"customerId": payload["customerId"]}
    listed = state.session.call("getPurses", customer)
    for purse in _rows(listed.json()):
        if purse.get("id") == body.get("id") and purse.get("address") == body["address"]:
            if purse.get("status", _ACTIVE) != _ACTIVE:
                yield "address", f"expected an active one, got one that is {purse['status']}"
            break
    else:
        yield "address", "expected it among the customer's purses, got no such purse"
    yield from _purses(payload, listed.json(), state, chance)
    family = facts.FAMILIES.get(facts.FAMILY_OF.get(payload["currency"], ""), ())
    for currency in chance.sample(family, min(1, len(family))):
        sibling = state.session.call("getAddress", {**customer, "currency": currency})
        yield from _same(f"for {currency}", sibling, body)
    fresh = state.session.call("createCustomer", {}).json()["id"]
    other = state.session.call("getAddress", {**payload, "customerId": fresh}).json()
    if body["address"] == other["address"] or (body.get("id") or 1) == other.get("id"):
        yield "address", "expected one that no other customer has, got another customer's"


def _purses(_: Json, body: Any, state: MockState, __: object) -> Iterator[Fault]:
    for purse in _rows(body):
        if state.active.get(purse.get("address", "")) and purse.get("status", _ACTIVE) != _ACTIVE:
            yield "[].status", f"expected {_ACTIVE} after a deposit, got {purse['status']}"
    for field in ("id", "address"):
        values = [purse[field] for purse in _rows(body) if field in purse]
        if len(set(values)) < len(values):
            yield f"[].{field}", "expected each purse once, got one of them twice"


def _transaction(payload: Json, body: Any, state: MockState, _: object) -> Iterator[Fault]:
    yield from _differing(state.deposits.get(payload["transactionId"].lower(), {}), body)
    rows = state.rows({})
    found = [row for row in rows if row["id"].lower() == payload["transactionId"].lower()]
    if len(found) != 1:
        yield "id", f"expected it once in a search for all, got it {len(found)} times"
    for row in found:
        yield from _differing(row, body)


def _search(payload: Json, body: Any, state: MockState, chance: random.Random) -> Iterator[Fault]:
    customer = {name: payload[name] for name in ("customerId",) if name in payload}
    everything = {row["id"]: row for row in state.rows(customer)}
    if customer:
        wanted_ids = {row["id"].lower() for row in everything.values()}
        for made in state.deposits_of(payload["customerId"]) - wanted_ids:
            yield "result", f"expected every deposit of the customer, {made} is missing"
    yield from _shown(payload, body, everything, state)
    for row in chance.sample(body["result"], min(1, len(body["result"]))):
        yield from _same(
            "read alone", state.session.call("getTransaction", {"transactionId": row["id"]}), row
        )
    # Generated searches seldom match several rows of several kinds.
    for _ in range(_OTHER_SEARCHES):
        asked = customer | _another_search(list(everything.values()), state, chance)
        found = state.session.call("findTransactions", asked)
        if found.status != schemas.success("findTransactions"):
            yield "status", f"expected a search for {asked} to be granted, got {found.status}"
        else:
            yield from _shown(asked, responses.read(found.content), everything, state)


def _shown(
    payload: Json, body: Any, everything: Mapping[str, Json], state: MockState
) -> Iterator[Fault]:
    """Compare a page of a search with all existing rows."""
    wanted = [
        row
        for row in everything.values()
        if holds(row["currency"], payload.get("currencyFilter") or {})
        and holds(row["transactionState"], payload.get("transactionStateFilter") or {})
    ]
    if body["totalElements"] != len(wanted):
        yield "totalElements", f"expected {len(wanted)}, got {body['totalElements']}"
    for number, row in enumerate(body["result"]):
        yield from _differing(everything.get(row["id"], {}), row, f"result[{number}].")
        yield from _differing(state.deposits.get(row["id"].lower(), {}), row, f"result[{number}].")
    fields = order_fields(payload)
    keys = sorted((order_key(row, fields) for row in wanted), reverse=payload.get("sort") == "DESC")
    size = body["size"]
    start = (body["page"] - state.first_page) * size
    if [order_key(row, fields) for row in body["result"]] != keys[start : start + size]:
        yield "result", f"expected the rows {start} to {start + size} of {pages(len(keys), size)}"
    if body["page"] != payload.get("pageNumber", body["page"]):
        yield "page", f"expected {payload['pageNumber']}, got {body['page']}"


def _another_search(rows: Sequence[Json], state: MockState, chance: random.Random) -> Json:
    asked: Json = {
        "properties": ",".join(chance.sample(facts.SORTABLE, min(2, len(facts.SORTABLE)))),
        "sort": chance.choice(("ASC", "DESC")),
        "pageNumber": state.first_page + chance.randrange(2),
        "pageSize": chance.randrange(1, 5),
    }
    fields = schemas.resolve(schemas.members("findTransactions")["payload"])["properties"]
    filters = [each for each in rules.FILTERS if each[0] in fields]
    if rows and filters and chance.randrange(2):
        filter_, field = chance.choice(filters)
        value = chance.choice(rows)[field]
        conditions = {
            "equals": value,
            "notEquals": value,
            "in": chance.choice(([], [value])),
            "notIn": chance.choice(([], [value])),
            "contains": value[1:4].lower(),
            "doesNotContain": value[1:4].lower(),
        }
        members = schemas.resolve(fields[filter_])["properties"]
        name = chance.choice([each for each in conditions if each in members])
        asked[filter_] = {name: conditions[name]}
    return asked


def _subscription(payload: Json, body: Any, state: MockState, _: object) -> Iterator[Fault]:
    name = payload["requestId"].lower()
    before = state.subscriptions.get(name, {})
    yield from _differing({key: before[key] for key in _KEPT if key in before}, body)
    state.subscriptions[name] = body
    yield from _listed(state)


def _deleted(payload: Json, _: object, state: MockState, __: object) -> Iterator[Fault]:
    state.subscriptions.pop(payload["requestId"].lower(), None)
    if any(each["requestId"].lower() == payload["requestId"].lower() for each in state.listed()):
        yield "requestId", "expected it to be deleted from the list, got it still"
    yield from _listed(state)
    again = state.session.call("deleteSubscription", payload)
    if again.code != "004":
        yield "errorCode", f"expected 004 for a second deletion, got {again.code} {again.status}"


def _list(_: Json, __: object, state: MockState, ___: object) -> Iterator[Fault]:
    yield from _listed(state)


def _listed(state: MockState) -> Iterator[Fault]:
    shown = state.listed()
    ids = [each["requestId"].lower() for each in shown]
    for name, each in state.subscriptions.items():
        if ids.count(name) != 1:
            yield "subscriptions", f"expected {name} once, got it {ids.count(name)} times"
        else:
            yield from _differing(each, shown[ids.index(name)], "subscriptions[].")
    for field in ("publicKey", "secretKey"):
        keys = [each[field] for each in shown if field in each]
        if len(set(keys)) < len(keys):
            yield f"subscriptions[].{field}", "expected each to have its own, got one twice"


def _account(_: Json, body: Any, state: MockState, __: object) -> Iterator[Fault]:
    if body["account"] != state.target.account:
        yield "account", f"expected {state.target.account}, got {body['account']}"
    expected = state.balances()
    for each in body["balances"]:
        wanted = expected.pop(each["currency"], Decimal())
        if each["amount"] != wanted:
            yield "balances[].amount", f"expected {wanted} {each['currency']}, got {each['amount']}"
    for currency in sorted(name for name, amount in expected.items() if amount):
        yield "balances", f"expected {expected[currency]} {currency}, got none"


_LOOKS: dict[str, Callable[[Json, Any, MockState, Any], Iterator[Fault]]] = {
    **dict.fromkeys(_CUSTOMERS, _customer),
    "createCustomer": _created,
    "getAddress": _address,
    "getPurses": _purses,
    "getTransaction": _transaction,
    "findTransactions": _search,
    **dict.fromkeys(_SUBSCRIPTIONS, _subscription),
    "deleteSubscription": _deleted,
    "getSubscriptions": _list,
    "getAccount": _account,
}
# The operations that follow-up requests call; one that left the document cannot be called.
_NEEDED = {
    **dict.fromkeys(_CUSTOMERS, ("updateCustomer",)),
    "getAddress": ("getPurses", "createCustomer"),
    "getTransaction": ("findTransactions",),
    "findTransactions": ("getTransaction",),
    "getAccount": ("findTransactions",),
    **dict.fromkeys((*_SUBSCRIPTIONS, "deleteSubscription"), ("getSubscriptions",)),
}


def _is_repeatable(operation_id: str) -> bool:
    """Return whether a second call changes nothing, and succeeds like the first."""
    retry = schemas.operation(operation_id).get("x-retry", {})
    has_content = schemas.response_schema(operation_id, schemas.success(operation_id)) is not None
    return retry.get("class") == "safe" and operation_id in known_fields.FIELDS and has_content


def _payload(exchange: Exchange) -> Json:
    payload = json.loads(exchange.sent or b"{}").get("payload")
    return payload if isinstance(payload, dict) else {}


def _with(exchange: Exchange, **members: object) -> bytes:
    return json.dumps({**json.loads(exchange.sent), **members}).encode()


def _send(
    state: MockState, exchange: Exchange, content: bytes, proof: Mapping[str, str]
) -> Exchange:
    return state.session.send(exchange.method, exchange.path, content, proof)


def _expect_rejected(  # noqa: PLR0913, PLR0917 - the parts of the request, and the expected error
    state: MockState,
    exchange: Exchange,
    content: bytes,
    proof: Mapping[str, str],
    code: str,
    what: str,
) -> Iterator[Fault]:
    response = _send(state, exchange, content, proof)
    if response.code != code:
        yield "errorCode", f"{what}: expected {code}, got {response.code} with {response.status}"
    for field, fault in responses.faults(response):
        yield field, f"{what}: {fault}"


def _same(what: str, exchange: Exchange, body: Any) -> Iterator[Fault]:
    if exchange.status != schemas.success(exchange.label):
        yield "status", f"{what}: got {exchange.status} from {exchange.label}"
    else:
        yield from _differing(body, responses.read(exchange.content))


def _differing(wanted: Any, got: Any, path: str = "") -> Iterator[Fault]:
    """Find where a value lacks a wanted member, or differs."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for name in wanted:
            yield from _differing(wanted[name], got.get(name), f"{path}.{name}".removeprefix("."))
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for number, (one, other) in enumerate(zip(wanted, got, strict=True)):
            yield from _differing(one, other, f"{path}[{number}]")
    elif wanted != got:
        # Without values, which may be secret.
        yield path or "body", "differs from the other response"


def _rows(body: Any) -> list[Json]:
    return body if isinstance(body, list) else []
