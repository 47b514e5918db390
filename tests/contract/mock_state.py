"""Set up the mock's state before a call, so that the response depends on the request alone.

Every test case starts from the document's examples. If a request contains the id ``MADE``, an
object is created for it just before, with fields that are derived from the request: when a
failure is replayed, the same request finds the same state, and another request another state.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import uuid
from dataclasses import replace
from decimal import Decimal, localcontext
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.contract import document, known_fields, responses, schemas
from tests.contract.checks import api_client
from tests.contract.model import facts
from tests.contract.running import UNANSWERED
from tests.contract.session import Session, UnreachableError
from tests.contract.wire import LISTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.contract.session import Exchange
    from tests.contract.wire import Target

    Json = dict[str, Any]

# In the configuration's dictionaries: an object that is created just before the call.
MADE = "00000000-0000-4000-8000-000000000000"

_TYPES = ("notificationEventTypes", "notificationServiceTypes")
_CURRENCIES = ("USDT_TRX", "ETH", "BTC", "LTC", "XDG", "USDT_BSC", "POL")
_STEPS = ("mem_pool", "pending", "confirmed", "declined", "credited")
_STATES = ("transactionState", "complianceState", "translationToAccountCompleted")
# More rows than there ever are, and more digits than any sum of them has.
_ALL = 2_000
_DIGITS = 300
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class _RecordingSession(Session):
    """Records the first of its requests that gets no response, for the process of the run."""

    def send(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Exchange:
        """Send exactly these bytes, as `Session` does."""
        try:
            return super().send(method, path, content, headers)
        except UnreachableError as error:
            record = Path(os.environ.get(UNANSWERED, os.devnull))
            if error.exchange and not path.startswith("/_mock/") and not record.exists():
                sent = {"method": method, "path": path, "content": content.decode()}
                rest = {"headers": dict(headers), "seconds": error.exchange.seconds}
                record.write_text(json.dumps(sent | rest))
            raise


class MockState:
    """Sets up the mock's state over HTTP, and remembers its latest responses about each object.

    Args:
        target: The mock.

    Attributes:
        target: The mock.
        session: Sends all requests that set up or look up something.
        customers: The latest response about each customer created or changed since the reset.
        subscriptions: The same for subscriptions; both by id in lower case.
        deposits: The known fields of each deposit that was made: its amount, its states.
        alive: Addresses with deposits, and whether none of these was declined.
        first_page: The number of the first page, once rows were read.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.session = _RecordingSession(target)
        self.customers: dict[str, Json] = {}
        self.subscriptions: dict[str, Json] = {}
        self.deposits: dict[str, Json] = {}
        self.active: dict[str, bool] = {}
        self.first_page = 0
        self._owners: dict[str, str] = {}
        self._other: Target | None = None
        self._opening: dict[str, Decimal] | None = None
        self._salt = ""
        self._calls = 0
        self._is_changed = True

    def reset(self) -> None:
        """Reset to the document's examples."""
        if self._is_changed:
            self.session.control("reset", {})
        for memory in (
            self.customers,
            self.subscriptions,
            self.deposits,
            self._owners,
            self.active,
        ):
            memory.clear()
        self.session.exchanges.clear()
        self._other = None
        self._calls = 0
        self._is_changed = False
        if self._opening is None:
            self._opening = self._opening_balances()

    def record(self, status: int) -> None:
        """Record a response: a request that was not rejected may have changed something."""
        self._is_changed |= status not in range(400, 500)

    def other(self) -> Target:
        """Return another, unused account."""
        if self._other is None:
            self._is_changed = True
            self._other = replace(self.target, **self.session.control("account", {}))
        return self._other

    def rows(self, payload: Json) -> list[Json]:
        """Return all deposits that match a search, numbers exact."""
        found = self.session.call("findTransactions", {**payload, "pageSize": _ALL})
        body = responses.read(found.content, plain=False)
        self.first_page = body["page"]
        return list(body["result"])

    def listed(self) -> list[Json]:
        """Return the subscriptions as they are listed."""
        return list(self.session.call("getSubscriptions").json()["subscriptions"])

    def has_subscription(self, request_id: str) -> bool:
        """Return whether a subscription has this id."""
        return request_id.lower() in {each["requestId"].lower() for each in self.listed()}

    def deposits_of(self, customer: str) -> set[str]:
        """Return the ids of the deposits that were made for a customer."""
        return {made for made, owner in self._owners.items() if owner == customer.lower()}

    def balances(self) -> dict[str, Decimal]:
        """Return the expected balances: the opening ones plus the credited deposits."""
        opening = self._opening or {}
        credited = _credited(self.rows({}))
        with localcontext(prec=_DIGITS):
            return {
                name: opening.get(name, Decimal()) + credited.get(name, Decimal())
                for name in {*opening, *credited}
            }

    def _opening_balances(self) -> dict[str, Decimal]:
        """Return the account's balances without the deposits that a search finds."""
        if not (document.has("getAccount") and document.has("findTransactions")):
            return {}
        try:
            held = responses.read(self.session.call("getAccount").content, plain=False)["balances"]
            credited = _credited(self.rows({}))
        except (KeyError, TypeError, ValueError):
            # The checks will report such a response, at the request that gets it.
            return {}
        with localcontext(prec=_DIGITS):
            return {
                each["currency"]: each["amount"] - credited.get(each["currency"], Decimal())
                for each in held
            }

    def set_up(self, method: str, path: str, body: Json) -> None:
        """Create the objects that a request needs, and put their ids into it."""
        # A chain of links may send the same request twice, and then needs two objects.
        self._calls += 1
        chance = derive([self._salt, self._calls, method, path, body])
        operation, payload = document.operation_at(method, path), body.get("payload")
        if isinstance(payload, dict):
            self._fill(operation, payload, chance)
        elif operation == "getAccount":
            self._deposit(chance)
        elif operation == "getSubscriptions":
            self._create_subscription(chance)

    def _fill(self, operation: str | None, payload: Json, chance: random.Random) -> None:
        if operation == "createCustomer":
            self._create_others(chance)
        if operation == "createSubscription":
            _choose_id(payload, chance)
        if operation in {"createSubscription", "changeSubscription"}:
            _name_some_type(payload, chance)
        for name in [name for name, value in payload.items() if _is_wanted(operation, name, value)]:
            if name == "requestId":
                payload[name] = self._create_subscription(chance)
            else:
                customer, transaction = self._deposit(chance)
                payload[name] = transaction if name == "transactionId" else customer
        if operation == "findTransactions" and chance.randrange(2):
            # Rows of other customers, which a search for one customer must not find.
            self._deposit(chance)
        if operation in {"getAddress", "getPurses"}:
            self._let_time_pass(chance)

    def _create_others(self, chance: random.Random) -> None:
        # Some customers before, or every first customer would have the same id.
        for _ in range(chance.randrange(8)):
            self._call("createCustomer", {})

    def _let_time_pass(self, chance: random.Random) -> None:
        """Let unused addresses expire; the time for signatures does not change."""
        if not chance.randrange(3):
            self.session.control("clock", {"advance": {"days": 31}})
            self._is_changed = True

    def _deposit(self, chance: random.Random) -> tuple[str, str]:
        """Create a customer with deposits, the first of them credited; return an id of each."""
        customer = self._customer(chance)
        steps = ["credited", *chance.sample(_STEPS, chance.randrange(4))]
        currencies = chance.sample(_CURRENCIES, len(steps))
        base, made = _amount(chance), {"transactionId": ""}
        for step, currency in zip(steps, currencies, strict=True):
            purse = self._call("getAddress", {"customerId": customer, "currency": currency})
            # Some are equal, some differ only in the last digit, some sort differently as texts.
            amounts = [base, _amount(chance), f"{base[:-1]}{chance.randrange(10)}", "1000", "9"]
            amount = chance.choice(amounts)
            sent = {"currency": currency, "amount": amount, "to": step}
            made = self.session.control("deposit", {"address": purse["address"], **sent})
            states = dict(zip(_STATES, facts.STATES[step], strict=True))
            self.deposits[made["transactionId"].lower()] = {
                "currency": currency,
                "amount": Decimal(amount),
                **{
                    k: v for k, v in states.items() if not known_fields.is_gone("getTransaction", k)
                },
            }
            self._owners[made["transactionId"].lower()] = customer.lower()
            active = step != "declined" and self.active.get(purse["address"], True)
            self.active[purse["address"]] = active
        return customer, made["transactionId"]

    def _customer(self, chance: random.Random) -> str:
        made = self._call("createCustomer", {"email": _email(chance), "externalId": "17"})
        if not chance.randrange(4) and document.has("blockCustomer"):
            made = self._call("blockCustomer", {"customerId": made["id"]})
        self.customers[made["id"].lower()] = made
        return str(made["id"])

    def _create_subscription(self, chance: random.Random) -> str:
        made = self._call(
            "createSubscription",
            {
                "requestId": _any_uuid(chance),
                "url": f"https://shop.example/{chance.getrandbits(32):x}",
                "notificationServiceTypes": ["CUSTOMER_PURSE"],
                "notificationEventTypes": ["INVOICE_PAID"],
            },
        )
        self.subscriptions[made["requestId"].lower()] = made
        return str(made["requestId"])

    def _call(self, operation_id: str, payload: Json) -> Json:
        response = self.session.call(operation_id, payload)
        if response.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise RuntimeError(f"{operation_id} failed: {response.status}")
        self._is_changed = True
        return dict(responses.read(response.content, plain=False))


class OtherServerState(MockState):
    """The state of a server that is not our mock: only what is needed is created.

    It is never reset, so the new objects of a run must differ from those of other runs.
    """

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self._salt = uuid.uuid4().hex
        self._gateway = Session(target) if target.real_url else None
        self._only_customer = ""

    def reset(self) -> None:
        """Do nothing: another server cannot be reset."""

    def _fill(self, operation: str | None, payload: Json, chance: random.Random) -> None:
        # Links lead from lists of existing objects to operations that change them. Here they
        # change an object that is created for them.
        if operation in known_fields.FIELDS and operation not in {
            *api_client.reads(),
            "createSubscription",
        }:
            for name in api_client.id_fields(operation):
                if self._is_protected(payload.get(name)):
                    payload[name] = MADE
        super()._fill(operation, payload, chance)

    def _is_protected(self, value: object) -> bool:
        if self._gateway is None or not isinstance(value, str) or not _UUID.fullmatch(value):
            return False
        response = self._gateway.send("GET", f"{LISTED}{value}", b"", {})
        return response.status == HTTPStatus.OK

    def _deposit(self, chance: random.Random) -> tuple[str, str]:
        # Customers cannot be deleted, so all requests share one.
        if not self._only_customer:
            made = self._call("createCustomer", {"email": _email(chance)})
            self._only_customer = made["id"]
        return self._only_customer, _any_uuid(chance)

    def _create_others(self, chance: random.Random) -> None:
        """Create no further customers."""

    def _let_time_pass(self, chance: random.Random) -> None:
        """Do nothing: another server's clock cannot be moved."""


def _is_wanted(operation: str | None, name: str, value: object) -> bool:
    # The object of a schema's example need not exist; the id of a new object has to be new.
    if value == MADE or operation is None or operation == "createSubscription":
        return value == MADE
    return name in api_client.id_fields(operation) and value == _shown(operation).get(name)


@cache
def _shown(operation: str) -> Json:
    return dict(schemas.sample(schemas.members(operation)["payload"]))


def _choose_id(payload: Json, chance: random.Random) -> None:
    # The id of a new object has to be new; one in sixteen stays, and is rejected if it is taken.
    if _UUID.fullmatch(str(payload.get("requestId"))) and chance.randrange(16):
        payload["requestId"] = _any_uuid(chance)


def _name_some_type(payload: Json, chance: random.Random) -> None:
    # The document states in prose, not in a schema, that one of the lists must not be empty.
    if all(payload.get(name, []) == [] for name in _TYPES) and chance.randrange(16):
        payload["notificationServiceTypes"] = ["CUSTOMER_PURSE"]


def _credited(rows: list[Json]) -> dict[str, Decimal]:
    """Return the sums of credited deposits by currency."""
    sums: dict[str, Decimal] = {}
    with localcontext(prec=_DIGITS):
        for row in rows:
            if row["translationToAccountCompleted"]:
                sums[row["currency"]] = sums.get(row["currency"], Decimal()) + row["amount"]
    return sums


def _email(chance: random.Random) -> str:
    return f"{chance.getrandbits(32):x}@shop.example"


def derive(request: object) -> random.Random:
    """Return a random generator that is the same for the same request."""
    text = json.dumps(request, sort_keys=True, default=repr)
    return random.Random(hashlib.sha256(text.encode()).digest())  # noqa: S311 - repeatable on purpose


def _any_uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _amount(chance: random.Random) -> str:
    return f"{chance.randrange(10**15)}.{chance.randrange(10**18):018}"
