"""Call any operation as it is meant to be called, so that a check can change just one thing."""

from __future__ import annotations

import json
import random
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

from tests.contract import answers, document, schemas
from tests.contract.violation import Violation
from tests.contract.wire import now, signature

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.contract.schemas import Json
    from tests.contract.session import Exchange
    from tests.contract.suite import Lab
    from tests.contract.wire import Target

READS = ("getAccount", "getTransaction", "findTransactions", "getSubscriptions", "getPurses")
# A well-formed id that nothing has.
NOBODY = "ffffffff-ffff-4fff-bfff-ffffffffffff"

_CREATE = "createSubscription"
_DELETE = "deleteSubscription"
_AUTHENTICATION = frozenset({"002", "003"})


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
        self._ids = self._gather()
        self.operations = [name for name in document.places() if self._is_possible(name)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.who = self._owner
        if not self.is_mock:
            self._ids.pop("requestId", None)
            for name in self._subscribed:
                self.call(_DELETE, {"requestId": name})

    @property
    def is_mock(self) -> bool:
        """Whether more may be expected than is documented."""
        return self.lab.terms.mock

    def reset(self) -> None:
        """Go back to the mock's first state; the second account is there again, too."""
        self.lab.session.control("reset", {})
        second = self.lab.terms.second
        if second is not None and self.lab.session.call("getAccount", as_=second).code == "002":
            made = self.lab.session.control("account", {})
            if made["key"] != second.key:
                raise RuntimeError("the second account did not come back with its key")

    def body(self, operation_id: str) -> Json:
        """Return a request that has every field and has to succeed."""
        body: Json = {"account": self.who.account, "timestamp": now()}
        payload = self.payload(operation_id)
        return body if payload is None else {**body, "payload": payload}

    def content(self, operation_id: str) -> bytes:
        """Return the bytes of a request that has every field and has to succeed."""
        return json.dumps(self.body(operation_id)).encode()

    def payload(self, operation_id: str) -> Json | None:
        """Return a payload that has every field; None where the operation has none."""
        schema = schemas.request_schema(operation_id)["properties"].get("payload")
        if schema is None:
            return None
        payload = schemas.sample(schema)
        if operation_id == _CREATE:
            return {**payload, "requestId": self.fresh_id()}
        return {**payload, **{name: self._ids[name] for name in id_fields(operation_id)}}

    def least(self, operation_id: str) -> Json:
        """Return a request with nothing in it but what is required."""
        body = self.body(operation_id)
        schema = schemas.request_schema(operation_id)
        if "payload" in body:
            inner = schemas.resolve(schema["properties"]["payload"])
            # That a subscription has to be to something is said in the document's words only.
            kept = {*inner.get("required", ()), "notificationServiceTypes"}
            body["payload"] = {k: v for k, v in body["payload"].items() if k in kept}
        return body

    def call(self, operation_id: str, payload: object = None) -> Exchange:
        """Call an operation with this payload."""
        body: Json = {"account": self.who.account, "timestamp": now()}
        return self.send(operation_id, body if payload is None else {**body, "payload": payload})

    def send(
        self,
        operation_id: str,
        body: object,
        *,
        headers: Mapping[str, str] | None = None,
        proof: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send a body and inspect what comes.

        Args:
            operation_id: Where to.
            body: Bytes as they are, or what JSON is made of.
            headers: To be sent besides.
            proof: The headers that say who sent it; the right ones where absent.
        """
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        said = signature(self.who, content) if proof is None else proof
        method, path = document.places()[operation_id]
        exchange = self.route(method, path, content, {**said, **(headers or {})})
        if exchange.status == HTTPStatus.OK:
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
        if exchange.status != HTTPStatus.OK:
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
        if not (self.lab.terms.writes or operation_id in READS):
            return False
        return operation_id == _CREATE or self._ids.keys() >= set(id_fields(operation_id))

    def _gather(self) -> dict[str, str]:
        found = self._make() if self.lab.terms.writes else self._look()
        if "customerId" in found:
            found["id"] = found["customerId"]
        return found

    def _make(self) -> dict[str, str]:
        customer = self.accept(self.call("createCustomer", {"email": "ada@shop.example"}))["id"]
        return {
            "customerId": customer,
            "requestId": self._subscribe(self.fresh_id()),
            **(self._deposit(customer) if self.is_mock else self._first_row()),
        }

    def _look(self) -> dict[str, str]:
        customer = schemas.sample(schemas.request_schema("getPurses")["properties"]["payload"])
        answer = self.call("getPurses", customer)
        return {**(customer if answer.status == HTTPStatus.OK else {}), **self._first_row()}

    def _first_row(self) -> dict[str, str]:
        rows = self.accept(self.call("findTransactions", {}))["result"]
        return {"transactionId": rows[0]["id"]} if rows else {}

    def _deposit(self, customer: str) -> dict[str, str]:
        wanted = {"customerId": customer, "currency": "USDT_TRX"}
        address = self.accept(self.call("getAddress", wanted))["address"]
        sent = {"address": address, "currency": "USDT_TRX", "amount": "12.5"}
        return {"transactionId": self.lab.session.control("deposit", sent)["transactionId"]}

    def _subscribe(self, name: str) -> str:
        payload = schemas.sample(schemas.request_schema(_CREATE)["properties"]["payload"])
        self.accept(self.call(_CREATE, {**payload, "requestId": name}))
        return name

    def _restore(self, exchange: Exchange) -> None:
        # The next request, too, needs something to delete; and what is made has to go in the end.
        if exchange.label == _CREATE:
            self._subscribed.append(exchange.json()["requestId"])
        elif exchange.label == _DELETE and "requestId" in self._ids:
            self._subscribe(self._ids["requestId"])


def id_fields(operation_id: str) -> list[str]:
    """Return the fields of an operation's payload that name an object."""
    payload = schemas.request_schema(operation_id)["properties"].get("payload", {})
    members = schemas.resolve(payload).get("properties", {})
    return [name for name, inner in members.items() if inner.get("format") == "uuid"]


def _check_message(exchange: Exchange, code: str, fields: Collection[str]) -> None:
    said = exchange.json()["message"]
    expected = answers.messages().get(code)
    if expected is not None and said != expected:
        raise Violation("message", f"expected {expected!r}, got {said!r}", exchange)
    if fields and not any(f"{field}=[" in said for field in fields):
        text = f"expected it to name {' or '.join(fields)}, got {said!r}"
        raise Violation("message", text, exchange)
