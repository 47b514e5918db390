"""A client that can call every operation correctly, so that a check can change just one thing."""

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

from tests.contract import document, known_fields, responses, schemas
from tests.contract.violation import Violation
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from tests.contract.schemas import Json
    from tests.contract.session import Exchange, Session
    from tests.contract.suite import Context
    from tests.contract.wire import Target

T = TypeVar("T")

# Customers cannot be looked up: to have purses read, testers name a customer.
CUSTOMER = "CALYPSO_CUSTOMER"
_READS = ("getAccount", "getTransaction", "findTransactions", "getSubscriptions", "getPurses")
# Fields that contain the id of an object which the client can have.
_ID_FIELDS = ("customerId", "id", "transactionId", "requestId")
# A well-formed id of no object.
UNKNOWN_ID = "ffffffff-ffff-4fff-bfff-ffffffffffff"

_CREATE = "createSubscription"
_DELETE = "deleteSubscription"
_AUTHENTICATION = frozenset({"002", "003"})
# In read-only runs objects do not change, so they are looked up once for all checks.
_FOUND_IDS: WeakKeyDictionary[Session, dict[str, dict[str, str]]] = WeakKeyDictionary()


class ApiClient:
    """A client for a target with an object of each kind, as far as possible.

    The mock is reset; on another server the subscriptions are deleted at the end.

    Args:
        context: The target and the terms.
        who: The calling account, if not the session's own; then the mock is not reset.

    Attributes:
        context: The target and the terms.
        who: The calling account.
        random: A random generator with a seed.
        operations: The operations that can be called successfully.
    """

    def __init__(self, context: Context, who: Target | None = None) -> None:
        self.context = context
        self._owner = self.who = who or context.session.target
        self.random = random.Random(f"{context.seed} {self.who.account}")  # noqa: S311 - repeatable on purpose
        self._subscribed: list[str] = []
        if context.terms.mock and who is None:
            self.reset()
        self._ids: dict[str, str] = {}
        self._ids = self._object_ids()
        self.operations = [name for name in document.routes() if self._is_possible(name)]

    def operations_with_body(self, *members: str) -> list[str]:
        """Return the operations that have a body with all of these members."""
        bodies = [each for each in self.operations if "requestBody" in schemas.operation(each)]
        return [each for each in bodies if schemas.members(each).keys() >= {*members}]

    def pair_with(self, operations: Sequence[str], values: Sequence[T]) -> Iterator[tuple[str, T]]:
        """Pair operations with values to try.

        For a remote server, not the full product: each value is tried once, the operations in turn.
        """
        if self.context.terms.near or not operations:
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
            for name in self._subscribed if _DELETE in document.routes() else ():
                self.call(_DELETE, {"requestId": name})

    @property
    def is_mock(self) -> bool:
        """Whether the target is our mock, so that more than the documented behaviour is checked."""
        return self.context.terms.mock

    def reset(self) -> None:
        """Reset the mock, and create the second account again."""
        self.context.session.control("reset", {})
        second = self.context.terms.second
        existing = [each["account"] for each in self.context.session.control("state")["accounts"]]
        if second is not None and second.account not in existing:
            made = self.context.session.control("account", {})
            if made["key"] != second.key:
                raise RuntimeError("the second account was not recreated with its key")

    def body(self, operation_id: str) -> Json:
        """Return the body of a request that has every field and has to succeed.

        It has only the members of the operation's envelope; it is empty if there is no body.
        """
        body: Json = {"account": self.who.account, "timestamp": now()}
        body["payload"] = self.payload(operation_id)
        return {name: body[name] for name in body if name in schemas.members(operation_id)}

    def content(self, operation_id: str, body: object = None) -> bytes:
        """Return the bytes of a request; with every field unless a body is given."""
        if "requestBody" not in schemas.operation(operation_id):
            return b""
        return json.dumps(self.body(operation_id) if body is None else body).encode()

    def path(
        self,
        operation_id: str,
        others: Mapping[str, list[str]] | None = None,
        *,
        minimal: bool = False,
    ) -> str:
        """Return the path of an operation, parameters filled in.

        Args:
            operation_id: The operation.
            others: Other texts for parameters; an empty list omits the parameter.
            minimal: Omit optional parameters.
        """
        path, query = document.routes()[operation_id][1], []
        own = {name: [text] for name, text in self._ids.items() if name != "id"}
        for each in schemas.parameters(operation_id):
            name = each["name"]
            texts = {**own, **(others or {})}.get(name, schemas.texts(each))
            if each["in"] == "path":
                path = path.replace(f"{{{name}}}", quote("".join(texts), safe=""))
            elif each.get("required") or not minimal:
                query += [(name, text) for text in texts]
        return f"{path}?{urlencode(query)}" if query else path

    def payload(self, operation_id: str) -> Json | None:
        """Return a payload that has every field; None if the operation has none."""
        schema = schemas.members(operation_id).get("payload")
        if schema is None:
            return None
        payload = schemas.sample(schema)
        if operation_id == _CREATE:
            return {**payload, "requestId": self.fresh_id()}
        return payload | {name: self._ids[name] for name in self._named(operation_id, payload)}

    def _named(self, operation_id: str, payload: Json) -> list[str]:
        if operation_id in known_fields.FIELDS:
            return id_fields(operation_id)
        # In an operation without rules it is not known what a plain id refers to.
        return [name for name in payload if name in self._ids and name != "id"]

    def minimal_body(self, operation_id: str) -> Json:
        """Return the body of a request with only the required fields."""
        schema = schemas.request_schema(operation_id)
        required = schema.get("required", ())
        kept = {*required, *(["payload"] if id_fields(operation_id) else ())}
        body = {name: each for name, each in self.body(operation_id).items() if name in kept}
        if "payload" in body:
            inner = schemas.of(schema["properties"]["payload"], body["payload"])
            # The document states only in prose that a subscription needs a type.
            kept = {*inner.get("required", ()), "notificationServiceTypes"}
            body["payload"] = {k: v for k, v in body["payload"].items() if k in kept}
        return body

    def call(self, operation_id: str, payload: Json | None = None) -> Exchange:
        """Call an operation with this payload, to which missing required fields are added."""
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
        """Send a body and check the response.

        Args:
            operation_id: The operation.
            body: Bytes, or a value to be sent as JSON; ignored if the operation has no body.
            headers: Additional headers.
            proof: The headers Key and Sign; correct ones by default.
            path: The path with its parameters; with all of them by default.
        """
        content = body if isinstance(body, bytes) else self.content(operation_id, body)
        signed = signature(self.who, content) if proof is None else proof
        method, path = document.routes()[operation_id][0], path or self.path(operation_id)
        exchange = self.route(method, path, content, {**signed, **(headers or {})})
        if exchange.status == schemas.success(operation_id):
            self._track_subscription(exchange)
        return exchange

    def route(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Exchange:
        """Send exactly these bytes, and check the response."""
        exchange = self.context.session.send(method, path, content, headers)
        responses.inspect(exchange, mock=self.is_mock)
        return exchange

    def expect_success(self, exchange: Exchange) -> Any:
        """Check that a request succeeded, and return the response's body."""
        expected = schemas.success(exchange.label)
        if exchange.label not in known_fields.FIELDS and exchange.code == "004":
            # The objects of the document's examples need not exist.
            return None
        if exchange.status != expected:
            got = f"{exchange.status} with errorCode {exchange.code}"
            raise Violation("status", f"expected {expected}, got {got}", exchange)
        return exchange.json() if exchange.content else None

    def expect_rejection(
        self,
        exchange: Exchange,
        code: str,
        *,
        fields: Collection[str] = (),
        also: Collection[str] = (),
    ) -> None:
        """Check that a request was rejected for the right reason.

        Args:
            exchange: The request and its response.
            code: The documented code of the reason.
            fields: The mock's message has to name at least one of these.
            also: Other codes allowed for another server, whose order of checks is not documented.
        """
        codes = [code] if self.is_mock else [code, *also]
        if exchange.code not in codes:
            got = f"{exchange.code} with status {exchange.status}"
            raise Violation("errorCode", f"expected {' or '.join(codes)}, got {got}", exchange)
        self._check_status(exchange, code)
        if self.is_mock:
            _check_message(exchange, code, fields)

    def expect_documented(self, exchange: Exchange) -> None:
        """Check that another server succeeded, or rejected the request with a documented code."""
        if exchange.status != schemas.success(exchange.label):
            self.expect_rejection(exchange, "001", also=("004", "011"))

    def fresh_id(self) -> str:
        """Return an unused id; on another server it is unused in earlier runs, too."""
        if not self.is_mock:
            return str(uuid.uuid4())
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def _check_status(self, exchange: Exchange, code: str) -> None:
        if not self.is_mock:
            expected = range(HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR)
        elif code not in _AUTHENTICATION:
            expected = range(400, 401)
        elif self.context.terms.auth_status is None:
            expected = range(400, 402)
        else:
            expected = range(self.context.terms.auth_status, self.context.terms.auth_status + 1)
        if exchange.status not in expected:
            choice = f"{expected[0]}" if len(expected) == 1 else f"{expected[0]} to {expected[-1]}"
            raise Violation("status", f"expected {choice}, got {exchange.status}", exchange)

    def _is_possible(self, operation_id: str) -> bool:
        is_read = operation_id in reads()
        if not (self.context.terms.writes or is_read):
            return False
        if not (self.is_mock or is_read or operation_id in known_fields.FIELDS):
            # It is not known what it would change there.
            return False
        return operation_id == _CREATE or self._ids.keys() >= set(id_fields(operation_id))

    def _object_ids(self) -> dict[str, str]:
        found = dict(self._create_objects() if self.context.terms.writes else self._cached_ids())
        if "customerId" in found:
            found["id"] = found["customerId"]
        return found

    def _create_objects(self) -> dict[str, str]:
        found, operations = {}, document.routes()
        if "createCustomer" in operations:
            # With all fields, to see whether blocking it affects them.
            made = self.expect_success(self.call("createCustomer", self._sampled("createCustomer")))
            found["customerId"] = made["id"]
        if _CREATE in operations:
            found["requestId"] = self._subscribe(self.fresh_id())
        if self.is_mock and "getAddress" in operations and found.get("customerId"):
            return {**found, **self._deposit(found["customerId"])}
        return {**found, **self._first_row()}

    def _cached_ids(self) -> dict[str, str]:
        seen = _FOUND_IDS.setdefault(self.context.session, {})
        if self.who.account not in seen:
            seen[self.who.account] = self._find_ids()
        return seen[self.who.account]

    def _find_ids(self) -> dict[str, str]:
        found = {}
        if "getPurses" in document.routes():
            customer = self._sampled("getPurses")
            if os.environ.get(CUSTOMER):
                customer["customerId"] = os.environ[CUSTOMER]
            response = self.call("getPurses", customer)
            found = customer if response.status == HTTPStatus.OK else {}
        return {**found, **self._first_row()}

    def _sampled(self, operation_id: str) -> Json:
        return dict(schemas.sample(schemas.members(operation_id)["payload"]))

    def _first_row(self) -> dict[str, str]:
        if "findTransactions" not in document.routes():
            return {}
        rows = self.expect_success(self.call("findTransactions", {}))["result"]
        return {"transactionId": rows[0]["id"]} if rows else {}

    def _deposit(self, customer: str) -> dict[str, str]:
        wanted = {"customerId": customer, "currency": "USDT_TRX"}
        address = self.expect_success(self.call("getAddress", wanted))["address"]
        sent = {"address": address, "currency": "USDT_TRX", "amount": "12.5"}
        return {"transactionId": self.context.session.control("deposit", sent)["transactionId"]}

    def _subscribe(self, name: str) -> str:
        self.expect_success(self.call(_CREATE, {**self._sampled(_CREATE), "requestId": name}))
        return name

    def _track_subscription(self, exchange: Exchange) -> None:
        # The next request needs something to delete; new subscriptions are deleted at the end.
        if exchange.label == _CREATE:
            self._subscribed.append(exchange.json()["requestId"])
        elif exchange.label == _DELETE and self._ids.get("requestId"):
            self._subscribe(self._ids["requestId"])


def id_fields(operation_id: str) -> list[str]:
    """Return the fields of a payload that contain ids, if there are rules for the operation."""
    payload = schemas.resolve(schemas.members(operation_id).get("payload", {}))
    fields = payload.get("properties", {}) if operation_id in known_fields.FIELDS else {}
    return [name for name in _ID_FIELDS if fields.get(name, {}).get("format") == "uuid"]


def reads() -> set[str]:
    """Return the operations that change nothing."""
    named = {name for name in _READS if name in document.routes()}
    # Of later operations only the method is known; others have no objects of the examples.
    asked = {
        name
        for name, (method, _) in document.routes().items()
        if method == "GET" and not schemas.parameters(name)
    }
    return named | asked


def _check_message(exchange: Exchange, code: str, fields: Collection[str]) -> None:
    message = exchange.json()["message"]
    expected = responses.messages().get(code)
    if expected is not None and message != expected:
        raise Violation("message", f"expected {expected!r}, got {message!r}", exchange)
    if fields and not any(f"{field}=[" in message for field in fields):
        text = f"expected it to name {' or '.join(fields)}, got {message!r}"
        raise Violation("message", text, exchange)
