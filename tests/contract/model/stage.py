"""Bring a target to a known start, and tell whose answer breaks the model."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.contract import answers, document, known, schemas
from tests.contract.model import facts, shape
from tests.contract.model.shape import Fresh, Moment, Stable, anything
from tests.contract.model.state import Account
from tests.contract.model.things import Deposit, World
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.session import Exchange
    from tests.contract.suite import Lab
    from tests.contract.wire import Target

    Json = dict[str, Any]

# Request ids of ours on the mock. Elsewhere each run has its own: those of an earlier one stay as
# they are, whoever made them.
_THIS_RUN = uuid.uuid4()
REQUEST_IDS = tuple(str(uuid.uuid5(uuid.NAMESPACE_URL, f"contract model {n}")) for n in range(12))

_ADOPTED_PAGE = 50
_ADOPTED_PAGES = 10
_LONG_AGO = "2000-01-01T00:00:00+00:00"
# Requests may have to wait on a busy machine.
_SLACK = timedelta(seconds=30)
# A stranger's clock may be as far off as the window of timestamps is wide.
_WIDE_SLACK = timedelta(seconds=200)
_OF_STATES = {states: step for step, states in facts.STATES.items()}


class Stage:
    """A target at its start, with one account or two, and what the model knows of them.

    Args:
        lab: What to work with. A mock is reset; of anything else, what is there is looked at,
            and where others may change it at the same time, it is left out of account.
        notice: Is told of each violation before it is raised.
    """

    def __init__(self, lab: Lab, notice: Callable[[Violation], None] | None = None) -> None:
        self.is_broken = False
        self._notice = notice
        self._trace = Fresh(set(), shape.text)
        self.session = lab.session
        self.strict = lab.terms.mock
        self.is_alone = lab.terms.alone
        self._start = len(lab.session.exchanges)
        self.world = World(self.strict)
        targets = [lab.session.target]
        if lab.terms.mock:
            self.control("reset", {})
            targets.append(self._other_account(targets[0]))
        elif lab.terms.second:
            targets.append(lab.terms.second)
        base = lab.terms.page_base
        self.world.page_base = self._page_base(targets[0]) if base is None else base
        self.accounts = [self._adopt(target) for target in targets]

    def ask(self, target: Target, operation: str, payload: Json | None, want: object) -> Any:
        """Call an operation, and hold the answer against what is wanted.

        Args:
            target: Whose key, secret and account to use.
            operation: Which.
            payload: What to send.
            want: See `shape`; None for no content.

        Returns:
            The answer's body.

        Raises:
            Violation: The answer is another.
        """
        exchange = self.session.call(operation, payload, as_=target)
        self._inspect(exchange)
        expected = schemas.success(operation)
        if exchange.status != expected:
            said = f"expected {expected}, got {exchange.status} with errorCode {exchange.code}"
            raise self.violation("status", said, exchange)
        body = None if want is None else exchange.json()
        self.compare(want, body, exchange)
        return body

    def refuse(self, target: Target, operation: str, payload: Json | None, code: str) -> None:
        """Call an operation that can't be granted, if the document has it.

        Args:
            target: Whose key, secret and account to use.
            operation: Which.
            payload: What to send.
            code: The error code to expect; a stranger's status may be any of a refusal.

        Raises:
            Violation: It was granted, or refused for another reason.
        """
        if not document.has(operation):
            return
        # What is refused for what it lacks has to lack it.
        exchange = self.session.call(operation, payload, as_=target, as_it_is=code == "001")
        self._inspect(exchange)
        refused = (400,) if self.strict else range(400, 500)
        if exchange.status not in refused:
            said = f"expected 400 with errorCode {code}, got {exchange.status}"
            raise self.violation("status", said, exchange)
        if self.strict:
            self.compare(
                {"traceId": self._trace}, {"traceId": exchange.json()["traceId"]}, exchange
            )
        if exchange.code != code:
            raise self.violation("errorCode", f"expected {code}, got {exchange.code}", exchange)

    def compare(self, want: object, got: object, exchange: Exchange) -> None:
        """Hold a body, or a part of it, against what is wanted.

        Raises:
            Violation: Something differs.
        """
        label = exchange.label
        found = shape.difference(
            want,
            got,
            # What the document has besides is held against the document.
            more=lambda field: not (self.strict and known.is_known(label, field)),
            less=lambda field: known.is_gone(label, field),
        )
        if found is not None and not answers.is_known(exchange, *found):
            raise self.violation(*found, exchange)

    def violation(self, field: str, text: str, exchange: Exchange) -> Violation:
        """Make what to raise, with all that was sent since the start."""
        made = Violation(field, text, exchange)
        made.steps = tuple(self.session.exchanges[self._start :])
        self.is_broken = True
        if self._notice:
            self._notice(made)
        return made

    def named(self, request_id: str) -> str:
        """Return the id that stands for one of `REQUEST_IDS` here; any other as it is."""
        if self.strict or request_id not in REQUEST_IDS:
            return request_id
        return str(uuid.uuid5(_THIS_RUN, request_id))

    def moment(self) -> Moment:
        """Want the time of now, by the target's clock."""
        now = datetime.now(UTC) + self.world.advanced
        slack = _SLACK if self.strict else _WIDE_SLACK
        return Moment(now - slack, now + slack)

    def control(self, name: str, body: Json) -> Any:
        """Use one of the mock's control endpoints for what the model says is possible.

        Raises:
            Violation: The mock would not.
        """
        try:
            return self.session.control(name, body)
        except RuntimeError as error:
            raise self.violation("status", str(error), self.session.exchanges[-1]) from None

    def advance(self, **by: int) -> None:
        """Move the mock's business time, by ``days`` or ``hours``."""
        self.control("clock", {"advance": by})
        self.world.advanced += timedelta(**by)

    def _inspect(self, exchange: Exchange) -> None:
        try:
            answers.inspect(exchange, mock=self.strict)
        except Violation as found:
            raise self.violation(found.field, found.text, exchange) from None

    def _other_account(self, target: Target) -> Target:
        return replace(target, **self.control("account", {}))

    def _page_base(self, target: Target) -> int:
        if not document.has("findTransactions"):
            return 0
        page = self.ask(target, "findTransactions", {"pageSize": 1}, anything)
        if page["page"] not in (0, 1):
            said = f"expected the first page to be 0 or 1, got {page['page']}"
            raise self.violation("page", said, self.session.exchanges[-1])
        return int(page["page"])

    def _adopt(self, target: Target) -> Account:
        account = Account(target, self.world)
        about = self.ask(target, "getAccount", None, anything)
        balances = about.pop("balances")
        account.about = {**about, "account": target.account}
        self.compare(account.about, about, self.session.exchanges[-1])
        account.balances = {each["currency"]: Decimal(each["amount"]) for each in balances}
        if self.strict and not all(account.balances.values()):
            last = self.session.exchanges[-1]
            raise self.violation("balances", "expected only what the account holds", last)
        account.is_shared = not self.is_alone
        account.knows_all = not account.is_shared and self._adopt_deposits(account)
        self._adopt_subscriptions(account)
        return account

    def _adopt_subscriptions(self, account: Account) -> None:
        if not document.has("getSubscriptions"):
            return
        listed = self.ask(account.target, "getSubscriptions", None, anything)["subscriptions"]
        ours = set(map(self.named, REQUEST_IDS))
        for each in listed:
            if each["requestId"] in ours and document.has("deleteSubscription"):
                payload = {"requestId": each["requestId"]}
                self.ask(account.target, "deleteSubscription", payload, None)
            elif not account.is_shared:
                account.adopt_subscription(each)

    def _adopt_deposits(self, account: Account) -> bool:
        if not document.has("findTransactions"):
            return False
        payload = {"pageSize": _ADOPTED_PAGE, "sort": "ASC", "properties": "createdDate"}
        for number in range(_ADOPTED_PAGES):
            asked = {**payload, "pageNumber": self.world.page_base + number}
            page = self.ask(account.target, "findTransactions", asked, anything)
            account.deposits += map(_adopted, page["result"])
            if len(page["result"]) < _ADOPTED_PAGE:
                return True
        return False


def _adopted(row: Json) -> Deposit:
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
