"""Call any operation as it is meant to be called, so that a check can change just one thing."""

from __future__ import annotations

import json
import os
import random
import uuid
from http import HTTPStatus
from itertools import product
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

from tests.contract import answers, document, known, schemas
from tests.contract.violation import Violation
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from tests.contract.schemas import Json
    from tests.contract.session import Exchange, Session
    from tests.contract.suite import Lab
    from tests.contract.wire import Target

T = TypeVar("T")

# Customers cannot be looked up: who wants their purses read has to name one.
CUSTOMER = "CALYPSO_CUSTOMER"
_READS = ("getAccount", "getTransaction", "findTransactions", "getSubscriptions", "getPurses")
# Fields that name an object which a bench has, or can have.
_NAMES = ("customerId", "id", "transactionId", "requestId")
# A well-formed id that nothing has.
NOBODY = "ffffffff-ffff-4fff-bfff-ffffffffffff"

_CREATE = "createSubscription"
_DELETE = "deleteSubscription"
_AUTHENTICATION = frozenset({"002", "003"})
# Where nothing is made, what is there stays there, and need not be looked for by every check.
_SEEN: WeakKeyDictionary[Session, dict[str, dict[str, str]]] = WeakKeyDictionary()


class Bench:
    """A target with an object of each kind in it, as far as they can be had.

    On the mock everything starts anew; from a stranger the subscriptions are taken away again.

    Args:
        lab: The target and the terms.
        who: Who calls, where it is not the session's own account; then nothing starts anew.

    Attributes:
        lab: The target and the terms.
        who: Who calls.
        random: Draws the same from the same seed.
        operations: The operations that can be called to success.
    """

    def __init__(self, lab: Lab, who: Target | None = None) -> None:
        self.lab = lab
        self._owner = self.who = who or lab.session.target
        self.random = random.Random(f"{lab.seed} {self.who.account}")  # noqa: S311 - repeatable on purpose
        self._subscribed: list[str] = []
        if lab.terms.mock and who is None:
            self.reset()
        self._ids: dict[str, str] = {}
        self._ids = self._gather()
        self.operations = [name for name in document.places() if self._is_possible(name)]

    def sending(self, *members: str) -> list[str]:
        """Return those operations that have a body, and in it all of these members."""
        bodies = [each for each in self.operations if "requestBody" in schemas.operation(each)]
        return [each for each in bodies if schemas.members(each).keys() >= {*members}]

    def spread(self, operations: Sequence[str], values: Sequence[T]) -> Iterator[tuple[str, T]]:
        """Pair operations with what is to be tried at them.

        A server far away is spared the product: each value is tried once, the operations in turn.
        """
        if self.lab.terms.near or not operations:
            yield from product(operations, values)
        else:
            for number, value in enumerate(values):
                yield operations[number % len(operations)], value

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.who = self._owner
        if not self.is_mock:
            self._ids.pop("requestId", None)
            for name in self._subscribed if _DELETE in document.places() else ():
                self.call(_DELETE, {"requestId": name})

    @property
    def is_mock(self) -> bool:
        """Whether more may be expected than is documented."""
        return self.lab.terms.mock

    def reset(self) -> None:
        """Go back to the mock's first state; the second account is there again, too."""
        self.lab.session.control("reset", {})
        second = self.lab.terms.second
        known_ones = [each["account"] for each in self.lab.session.control("state")["accounts"]]
        if second is not None and second.account not in known_ones:
            made = self.lab.session.control("account", {})
            if made["key"] != second.key:
                raise RuntimeError("the second account did not come back with its key")

    def body(self, operation_id: str) -> Json:
        """Return a request that has every field and has to succeed; nothing where no body is sent.

        What is not in the operation's envelope is not in the request.
        """
        body: Json = {"account": self.who.account, "timestamp": now()}
        body["payload"] = self.payload(operation_id)
        return {name: body[name] for name in body if name in schemas.members(operation_id)}

    def content(self, operation_id: str, body: object = None) -> bytes:
        """Return the bytes of a request; of one that has every field where nothing is said."""
        if "requestBody" not in schemas.operation(operation_id):
            return b""
        return json.dumps(self.body(operation_id) if body is None else body).encode()

    def path(
        self,
        operation_id: str,
        others: Mapping[str, list[str]] | None = None,
        *,
        least: bool = False,
    ) -> str:
        """Return the path to ask, parameters filled in.

        Args:
            operation_id: Whose.
            others: Texts of parameters that are to be others; no text leaves one out.
            least: Leave out parameters that are not required.
        """
        path, query = document.places()[operation_id][1], []
        own = {name: [text] for name, text in self._ids.items() if name != "id"}
        for each in schemas.parameters(operation_id):
            name = each["name"]
            texts = {**own, **(others or {})}.get(name, schemas.texts(each))
            if each["in"] == "path":
                path = path.replace(f"{{{name}}}", quote("".join(texts), safe=""))
            elif each.get("required") or not least:
                query += [(name, text) for text in texts]
        return f"{path}?{urlencode(query)}" if query else path

    def payload(self, operation_id: str) -> Json | None:
        """Return a payload that has every field; None where the operation has none."""
        schema = schemas.members(operation_id).get("payload")
        if schema is None:
            return None
        payload = schemas.sample(schema)
        if operation_id == _CREATE:
            return {**payload, "requestId": self.fresh_id()}
        return payload | {name: self._ids[name] for name in self._named(operation_id, payload)}

    def _named(self, operation_id: str, payload: Json) -> list[str]:
        if operation_id in known.FIELDS:
            return id_fields(operation_id)
        # What an id without a kind names is not known of an operation that came later.
        return [name for name in payload if name in self._ids and name != "id"]

    def least(self, operation_id: str) -> Json:
        """Return a request with nothing in it but what is required."""
        schema = schemas.request_schema(operation_id)
        required = schema.get("required", ())
        kept = {*required, *(["payload"] if id_fields(operation_id) else ())}
        body = {name: each for name, each in self.body(operation_id).items() if name in kept}
        if "payload" in body:
            inner = schemas.of(schema["properties"]["payload"], body["payload"])
            # That a subscription has to be to something is said in the document's words only.
            kept = {*inner.get("required", ()), "notificationServiceTypes"}
            body["payload"] = {k: v for k, v in body["payload"].items() if k in kept}
        return body

    def call(self, operation_id: str, payload: Json | None = None) -> Exchange:
        """Call an operation with this payload, to which is added what it lacks."""
        body: Json = {"account": self.who.account, "timestamp": now()}
        if payload is not None:
            body["payload"] = schemas.completed(operation_id, payload)
        return self.send(operation_id, body)

    def send(
        self,
        operation_id: str,
        body: object,
        *,
        headers: Mapping[str, str] | None = None,
        proof: Mapping[str, str] | None = None,
        path: str | None = None,
    ) -> Exchange:
        """Send a body and inspect what comes.

        Args:
            operation_id: Where to.
            body: Bytes as they are, or what JSON is made of; of no use where no body is sent.
            headers: To be sent besides.
            proof: The headers that say who sent it; the right ones where absent.
            path: The path with its parameters; with every one where absent.
        """
        content = body if isinstance(body, bytes) else self.content(operation_id, body)
        said = signature(self.who, content) if proof is None else proof
        method, path = document.places()[operation_id][0], path or self.path(operation_id)
        exchange = self.route(method, path, content, {**said, **(headers or {})})
        if exchange.status == schemas.success(operation_id):
            self._restore(exchange)
        return exchange

    def route(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Exchange:
        """Send these very bytes there, and inspect what comes."""
        exchange = self.lab.session.send(method, path, content, headers)
        answers.inspect(exchange, mock=self.is_mock)
        return exchange

    def accept(self, exchange: Exchange) -> Any:
        """Make sure that a request succeeded, and return the answer's body."""
        expected = schemas.success(exchange.label)
        if exchange.label not in known.FIELDS and exchange.code == "004":
            # The server may know better than the document's example which objects there are.
            return None
        if exchange.status != expected:
            got = f"{exchange.status} with errorCode {exchange.code}"
            raise Violation("status", f"expected {expected}, got {got}", exchange)
        return exchange.json() if exchange.content else None

    def refuse(
        self,
        exchange: Exchange,
        code: str,
        *,
        fields: Collection[str] = (),
        also: Collection[str] = (),
    ) -> None:
        """Make sure that a request was refused for the right reason.

        Args:
            exchange: The request and its answer.
            code: The documented code of the reason.
            fields: Of these the mock's message has to name one at least.
            also: Codes that a stranger may say instead, whose order of checks nobody knows.
        """
        codes = [code] if self.is_mock else [code, *also]
        if exchange.code not in codes:
            got = f"{exchange.code} with status {exchange.status}"
            raise Violation("errorCode", f"expected {' or '.join(codes)}, got {got}", exchange)
        self._check_status(exchange, code)
        if self.is_mock:
            _check_message(exchange, code, fields)

    def answer(self, exchange: Exchange) -> None:
        """Make sure that a stranger said something that is documented, whatever it made of it."""
        if exchange.status != schemas.success(exchange.label):
            self.refuse(exchange, "001", also=("004", "011"))

    def fresh_id(self) -> str:
        """Return an id that was never there; on a stranger's server, in no earlier run either."""
        if not self.is_mock:
            return str(uuid.uuid4())
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def _check_status(self, exchange: Exchange, code: str) -> None:
        if not self.is_mock:
            expected = range(HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR)
        elif code not in _AUTHENTICATION:
            expected = range(400, 401)
        elif self.lab.terms.auth_status is None:
            expected = range(400, 402)
        else:
            expected = range(self.lab.terms.auth_status, self.lab.terms.auth_status + 1)
        if exchange.status not in expected:
            choice = f"{expected[0]}" if len(expected) == 1 else f"{expected[0]} to {expected[-1]}"
            raise Violation("status", f"expected {choice}, got {exchange.status}", exchange)

    def _is_possible(self, operation_id: str) -> bool:
        is_read = operation_id in reads()
        if not (self.lab.terms.writes or is_read):
            return False
        if not (self.is_mock or is_read or operation_id in known.FIELDS):
            # What it would change there is not known.
            return False
        return operation_id == _CREATE or self._ids.keys() >= set(id_fields(operation_id))

    def _gather(self) -> dict[str, str]:
        found = dict(self._make() if self.lab.terms.writes else self._seen())
        if "customerId" in found:
            found["id"] = found["customerId"]
        return found

    def _make(self) -> dict[str, str]:
        found, offered = {}, document.places()
        if "createCustomer" in offered:
            # With all that can be said of it, or blocking it would not show whether that stays.
            made = self.accept(self.call("createCustomer", self._sampled("createCustomer")))
            found["customerId"] = made["id"]
        if _CREATE in offered:
            found["requestId"] = self._subscribe(self.fresh_id())
        if self.is_mock and "getAddress" in offered and found.get("customerId"):
            return {**found, **self._deposit(found["customerId"])}
        return {**found, **self._first_row()}

    def _seen(self) -> dict[str, str]:
        seen = _SEEN.setdefault(self.lab.session, {})
        if self.who.account not in seen:
            seen[self.who.account] = self._look()
        return seen[self.who.account]

    def _look(self) -> dict[str, str]:
        found = {}
        if "getPurses" in document.places():
            customer = self._sampled("getPurses")
            if os.environ.get(CUSTOMER):
                customer["customerId"] = os.environ[CUSTOMER]
            answer = self.call("getPurses", customer)
            found = customer if answer.status == HTTPStatus.OK else {}
        return {**found, **self._first_row()}

    def _sampled(self, operation_id: str) -> Json:
        return dict(schemas.sample(schemas.members(operation_id)["payload"]))

    def _first_row(self) -> dict[str, str]:
        if "findTransactions" not in document.places():
            return {}
        rows = self.accept(self.call("findTransactions", {}))["result"]
        return {"transactionId": rows[0]["id"]} if rows else {}

    def _deposit(self, customer: str) -> dict[str, str]:
        wanted = {"customerId": customer, "currency": "USDT_TRX"}
        address = self.accept(self.call("getAddress", wanted))["address"]
        sent = {"address": address, "currency": "USDT_TRX", "amount": "12.5"}
        return {"transactionId": self.lab.session.control("deposit", sent)["transactionId"]}

    def _subscribe(self, name: str) -> str:
        self.accept(self.call(_CREATE, {**self._sampled(_CREATE), "requestId": name}))
        return name

    def _restore(self, exchange: Exchange) -> None:
        # The next request, too, needs something to delete; and what is made has to go in the end.
        if exchange.label == _CREATE:
            self._subscribed.append(exchange.json()["requestId"])
        elif exchange.label == _DELETE and self._ids.get("requestId"):
            self._subscribe(self._ids["requestId"])


def id_fields(operation_id: str) -> list[str]:
    """Return the fields of a payload that name an object, as far as there is a rule for that."""
    payload = schemas.resolve(schemas.members(operation_id).get("payload", {}))
    fields = payload.get("properties", {}) if operation_id in known.FIELDS else {}
    return [name for name in _NAMES if fields.get(name, {}).get("format") == "uuid"]


def reads() -> set[str]:
    """Return the operations that change nothing, whatever the server."""
    named = {name for name in _READS if name in document.places()}
    # Of what came later only the method is known; another server has no objects of the examples.
    asked = {
        name
        for name, (method, _) in document.places().items()
        if method == "GET" and not schemas.parameters(name)
    }
    return named | asked


def _check_message(exchange: Exchange, code: str, fields: Collection[str]) -> None:
    said = exchange.json()["message"]
    expected = answers.messages().get(code)
    if expected is not None and said != expected:
        raise Violation("message", f"expected {expected!r}, got {said!r}", exchange)
    if fields and not any(f"{field}=[" in said for field in fields):
        text = f"expected it to name {' or '.join(fields)}, got {said!r}"
        raise Violation("message", text, exchange)
