"""Call a target from a known state, and compare its responses with the model."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.contract import document, known_fields, responses, schemas
from tests.contract.model import expectations, facts
from tests.contract.model.account import Account
from tests.contract.model.expectations import Moment, Stable, Unique, anything
from tests.contract.model.objects import Deposit, ModelState
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.session import Exchange
    from tests.contract.suite import Context
    from tests.contract.wire import Target

    Json = dict[str, Any]

# The run's request ids on the mock. On other servers each run has its own: subscriptions of earlier
# runs are not changed.
_THIS_RUN = uuid.uuid4()
REQUEST_IDS = tuple(str(uuid.uuid5(uuid.NAMESPACE_URL, f"contract model {n}")) for n in range(12))

_ADOPTED_PAGE = 50
_ADOPTED_PAGES = 10
_LONG_AGO = "2000-01-01T00:00:00+00:00"
# Requests may be slow on a busy machine.
_SLACK = timedelta(seconds=30)
# Another server's clock may be off by as much as the timestamp window allows.
_WIDE_SLACK = timedelta(seconds=200)
_OF_STATES = {states: step for step, states in facts.STATES.items()}


class ModelChecker:
    """Calls a target with one account or two, and compares its responses with the model.

    Args:
        context: The target and the terms. A mock is reset; on another server the existing objects
            are read first, and ignored if others may change them at the same time.
        on_violation: Gets each violation before it is raised.
    """

    def __init__(
        self, context: Context, on_violation: Callable[[Violation], None] | None = None
    ) -> None:
        self.is_broken = False
        self._on_violation = on_violation
        self._trace = Unique(set(), expectations.text)
        self.session = context.session
        self.strict = context.terms.mock
        self.is_alone = context.terms.alone
        self._start = len(context.session.exchanges)
        self.state = ModelState(self.strict)
        targets = [context.session.target]
        if context.terms.mock:
            self.control("reset", {})
            targets.append(self._other_account(targets[0]))
        elif context.terms.second:
            targets.append(context.terms.second)
        base = context.terms.page_base
        self.state.page_base = self._page_base(targets[0]) if base is None else base
        self.accounts = [self._read_account(target) for target in targets]

    def call(self, target: Target, operation: str, payload: Json | None, want: object) -> Any:
        """Call an operation, and compare the response with what is expected.

        Args:
            target: Whose key, secret and account to use.
            operation: The operation.
            payload: What to send.
            want: The expectation, see `expectations`; None for no content.

        Returns:
            The response's body.

        Raises:
            Violation: The response differs.
        """
        exchange = self.session.call(operation, payload, as_=target)
        self._inspect(exchange)
        expected = schemas.success(operation)
        if exchange.status != expected:
            text = f"expected {expected}, got {exchange.status} with errorCode {exchange.code}"
            raise self.violation("status", text, exchange)
        body = None if want is None else exchange.json()
        self.compare(want, body, exchange)
        return body

    def expect_rejection(
        self, target: Target, operation: str, payload: Json | None, code: str
    ) -> None:
        """Make a call that has to be rejected, if the document has the operation.

        Args:
            target: Whose key, secret and account to use.
            operation: The operation.
            payload: What to send.
            code: The expected error code; another server may use any 4xx status.

        Raises:
            Violation: It succeeded, or was rejected for another reason.
        """
        if not document.has(operation):
            return
        # Missing fields must not be filled in here.
        exchange = self.session.call(operation, payload, as_=target, as_is=code == "001")
        self._inspect(exchange)
        rejected = (400,) if self.strict else range(400, 500)
        if exchange.status not in rejected:
            text = f"expected 400 with errorCode {code}, got {exchange.status}"
            raise self.violation("status", text, exchange)
        if self.strict:
            self.compare(
                {"traceId": self._trace}, {"traceId": exchange.json()["traceId"]}, exchange
            )
        if exchange.code != code:
            raise self.violation("errorCode", f"expected {code}, got {exchange.code}", exchange)

    def compare(self, want: object, got: object, exchange: Exchange) -> None:
        """Compare a body, or a part of it, with what is expected.

        Raises:
            Violation: Something differs.
        """
        label = exchange.label
        found = expectations.difference(
            want,
            got,
            # Other documented fields are checked against the document alone.
            more=lambda field: not (self.strict and known_fields.is_known(label, field)),
            less=lambda field: known_fields.is_gone(label, field),
        )
        if found is not None and not responses.is_known(exchange, *found):
            raise self.violation(*found, exchange)

    def violation(self, field: str, text: str, exchange: Exchange) -> Violation:
        """Return a violation with all exchanges since the start."""
        made = Violation(field, text, exchange)
        made.steps = tuple(self.session.exchanges[self._start :])
        self.is_broken = True
        if self._on_violation:
            self._on_violation(made)
        return made

    def own_request_id(self, request_id: str) -> str:
        """Return the run's own id for one of `REQUEST_IDS`; any other id is unchanged."""
        if self.strict or request_id not in REQUEST_IDS:
            return request_id
        return str(uuid.uuid5(_THIS_RUN, request_id))

    def moment(self) -> Moment:
        """Expect the current time, by the target's clock."""
        now = datetime.now(UTC) + self.state.advanced
        slack = _SLACK if self.strict else _WIDE_SLACK
        return Moment(now - slack, now + slack)

    def control(self, name: str, body: Json) -> Any:
        """Use one of the mock's control endpoints for something that has to be possible.

        Raises:
            Violation: The mock rejected it.
        """
        try:
            return self.session.control(name, body)
        except RuntimeError as error:
            raise self.violation("status", str(error), self.session.exchanges[-1]) from None

    def advance(self, **by: int) -> None:
        """Move the mock's business time, by ``days`` or ``hours``."""
        self.control("clock", {"advance": by})
        self.state.advanced += timedelta(**by)

    def _inspect(self, exchange: Exchange) -> None:
        try:
            responses.inspect(exchange, mock=self.strict)
        except Violation as found:
            raise self.violation(found.field, found.text, exchange) from None

    def _other_account(self, target: Target) -> Target:
        return replace(target, **self.control("account", {}))

    def _page_base(self, target: Target) -> int:
        if not document.has("findTransactions"):
            return 0
        page = self.call(target, "findTransactions", {"pageSize": 1}, anything)
        if page["page"] not in (0, 1):
            text = f"expected the first page to be 0 or 1, got {page['page']}"
            raise self.violation("page", text, self.session.exchanges[-1])
        return int(page["page"])

    def _read_account(self, target: Target) -> Account:
        account = Account(target, self.state)
        about = self.call(target, "getAccount", None, anything)
        balances = about.pop("balances")
        account.about = {**about, "account": target.account}
        self.compare(account.about, about, self.session.exchanges[-1])
        account.balances = {each["currency"]: Decimal(each["amount"]) for each in balances}
        if self.strict and not all(account.balances.values()):
            last = self.session.exchanges[-1]
            raise self.violation("balances", "expected only what the account holds", last)
        account.is_shared = not self.is_alone
        account.knows_all = not account.is_shared and self._read_deposits(account)
        self._read_subscriptions(account)
        return account

    def _read_subscriptions(self, account: Account) -> None:
        if not document.has("getSubscriptions"):
            return
        listed = self.call(account.target, "getSubscriptions", None, anything)["subscriptions"]
        own_ids = set(map(self.own_request_id, REQUEST_IDS))
        for each in listed:
            if each["requestId"] in own_ids and document.has("deleteSubscription"):
                payload = {"requestId": each["requestId"]}
                self.call(account.target, "deleteSubscription", payload, None)
            elif not account.is_shared:
                account.add_existing_subscription(each)

    def _read_deposits(self, account: Account) -> bool:
        if not document.has("findTransactions"):
            return False
        payload = {"pageSize": _ADOPTED_PAGE, "sort": "ASC", "properties": "createdDate"}
        for number in range(_ADOPTED_PAGES):
            asked = {**payload, "pageNumber": self.state.page_base + number}
            page = self.call(account.target, "findTransactions", asked, anything)
            account.deposits += map(_deposit_of, page["result"])
            if len(page["result"]) < _ADOPTED_PAGE:
                return True
        return False


def _deposit_of(row: Json) -> Deposit:
    seen = datetime.fromisoformat(row.get("createdDate", _LONG_AGO)).astimezone(UTC)
    named = ("transactionState", "complianceState", "translationToAccountCompleted")
    states = tuple(map(row.get, named))
    return Deposit(
        row["id"],
        Decimal(row["amount"]),
        row["currency"],
        Stable.of(row.get("addressFrom")),
        Stable.of(row.get("transactionHash")),
        Moment(seen, seen),
        states,
        step=_OF_STATES.get(states, ""),
    )
