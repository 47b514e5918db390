"""Arrange the mock's world around a call, so that what comes of it depends on the request alone.

Every test case starts from the document's examples. Where a request names the id ``MADE``, an
object is made for it just before, with fields that are derived from the request: the same request
finds the same world again, when a failure is replayed, and another request finds another one.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import uuid
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.contract import document, schemas
from tests.contract.checks import bench
from tests.contract.session import Session

if TYPE_CHECKING:
    from tests.contract.wire import Target

    Json = dict[str, Any]

# Stands in the configuration's dictionaries for an object that is made just before the call.
MADE = "00000000-0000-4000-8000-000000000000"

_TYPES = ("notificationEventTypes", "notificationServiceTypes")
_CURRENCIES = ("USDT_TRX", "ETH", "BTC", "LTC", "XDG")
_STEPS = ("mem_pool", "pending", "confirmed", "declined", "credited")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class _NotMadeError(Exception):
    """The server made no object, or did not say which."""


class World:
    """The mock's world, as HTTP can change it.

    Args:
        target: The mock.
    """

    def __init__(self, target: Target) -> None:
        self._session = Session(target)
        self._salt = ""
        self._calls = 0
        self._is_changed = True

    def reset(self) -> None:
        """Go back to the document's examples."""
        if self._is_changed:
            self._session.control("reset", {})
        self._calls = 0
        self._is_changed = False

    def notice(self, status: int) -> None:
        """Take note of an answer: what was not refused may have changed something."""
        self._is_changed |= status not in range(400, 500)

    def arrange(self, method: str, path: str, body: Json) -> None:
        """Make the objects that a request is about, and write their ids into it.

        Where the server makes none, the request stays as it is, and the checks judge its response.
        """
        # A chain of links may send one request twice, and then needs two objects.
        self._calls += 1
        chance = _derive([self._salt, self._calls, method, path, body])
        with suppress(_NotMadeError):
            self._arrange(document.at(method, path), body, chance)

    def _arrange(self, operation: str | None, body: Json, chance: random.Random) -> None:
        payload = body.get("payload")
        if isinstance(payload, dict):
            self._fill(operation, payload, chance)
        elif operation == "getAccount":
            self._deposit(chance)
        elif operation == "getSubscriptions":
            self._subscribe(chance)

    def _fill(self, operation: str | None, payload: Json, chance: random.Random) -> None:
        if operation == "createCustomer":
            self._surround(chance)
        if operation == "createSubscription":
            _choose_id(payload, chance)
        if operation in {"createSubscription", "changeSubscription"}:
            _name_something(payload, chance)
        for name in [name for name, value in payload.items() if _is_wanted(operation, name, value)]:
            if name == "requestId":
                payload[name] = self._subscribe(chance)
            else:
                customer, transaction = self._deposit(chance)
                payload[name] = transaction if name == "transactionId" else customer

    def _surround(self, chance: random.Random) -> None:
        # Others came before, or every first customer had the same id.
        for _ in range(chance.randrange(8)):
            self._make("createCustomer", {}, "id")

    def _deposit(self, chance: random.Random) -> tuple[str, str]:
        """Make a customer with deposits, the first of them credited; return an id of each."""
        customer = self._make("createCustomer", {"email": _email(chance)}, "id")
        steps = ["credited", *chance.sample(_STEPS, chance.randrange(2))]
        currencies = chance.sample(_CURRENCIES, len(steps))
        for step, currency in zip(steps, currencies, strict=True):
            wanted = {"customerId": customer, "currency": currency}
            address = self._make("getAddress", wanted, "address")
            sent = {"currency": currency, "amount": _amount(chance), "to": step}
            made = self._session.control("deposit", {"address": address, **sent})
        return customer, made["transactionId"]

    def _subscribe(self, chance: random.Random) -> str:
        made = self._make(
            "createSubscription",
            {
                "requestId": _any_uuid(chance),
                "url": f"https://shop.example/{chance.getrandbits(32):x}",
                "notificationServiceTypes": ["CUSTOMER_PURSE"],
            },
            "requestId",
        )
        return str(made)

    def _make(self, operation_id: str, payload: Json, field: str) -> Any:
        response = self._session.call(operation_id, payload)
        self.notice(response.status)
        try:
            return response.json()[field]
        except (ValueError, LookupError, TypeError):
            raise _NotMadeError from None


class Foreign(World):
    """The world of a stranger's server: what the API can make is made, and nothing else.

    Nothing is ever forgotten there, so what is new in one run must not be what another run made.
    """

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self._salt = uuid.uuid4().hex

    def reset(self) -> None:
        """Go on where the last case ended: there is no way back."""

    def _deposit(self, chance: random.Random) -> tuple[str, str]:
        customer = self._make("createCustomer", {"email": _email(chance)}, "id")
        return customer, _any_uuid(chance)

    def _surround(self, chance: random.Random) -> None:
        """Leave the stranger alone."""


def _is_wanted(operation: str | None, name: str, value: object) -> bool:
    # Of a schema's example nothing says that it is there; one of a new object has to be new.
    if value == MADE or operation is None or operation == "createSubscription":
        return value == MADE
    return name in bench.id_fields(operation) and value == _shown(operation).get(name)


@cache
def _shown(operation: str) -> Json:
    return dict(schemas.sample(schemas.members(operation)["payload"]))


def _choose_id(payload: Json, chance: random.Random) -> None:
    # The id of something new has to be new; one in sixteen stays, to be refused where it is taken.
    if _UUID.fullmatch(str(payload.get("requestId"))) and chance.randrange(16):
        payload["requestId"] = _any_uuid(chance)


def _name_something(payload: Json, chance: random.Random) -> None:
    # That one of the lists has to name something is said in the document's words, not its schemas.
    if all(payload.get(name, []) == [] for name in _TYPES) and chance.randrange(16):
        payload["notificationServiceTypes"] = ["CUSTOMER_PURSE"]


def _email(chance: random.Random) -> str:
    return f"{chance.getrandbits(32):x}@shop.example"


def _derive(request: object) -> random.Random:
    text = json.dumps(request, sort_keys=True, default=repr)
    return random.Random(hashlib.sha256(text.encode()).digest())  # noqa: S311 - repeatable on purpose


def _any_uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _amount(chance: random.Random) -> str:
    return f"{chance.randrange(10_000)}.{chance.randrange(10**18):018}"
