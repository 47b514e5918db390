"""Hypothesis strategies: texts, amounts, deposits, searches, subscriptions.

Objects are drawn by their position in a list and never by their id: the same draw means the same
request, whatever ids a target assigns.
"""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.contract.model import facts
from tests.contract.model.checker import REQUEST_IDS
from tests.contract.model.samples import AMOUNTS, ODD_TEXTS, SENDERS

Json = dict[str, Any]
T = TypeVar("T")

positions = st.integers(0, 11)
currencies = st.sampled_from(facts.CURRENCIES)
steps = st.sampled_from(facts.STEPS)

# Texts without half a surrogate pair, which is rejected.
texts = st.integers(0, len(ODD_TEXTS) - 1).map(ODD_TEXTS.__getitem__) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=40
)
fields = st.fixed_dictionaries({}, optional=dict.fromkeys(facts.CUSTOMER_FIELDS, texts))

amounts = st.sampled_from(AMOUNTS) | st.integers(1, 10**38).map(
    lambda units: f"{units // 10**18}.{units % 10**18:018}"
)
senders = st.sampled_from(SENDERS)
deposits = st.tuples(positions, currencies, amounts, steps, senders)

_parts = st.sampled_from(["USDT", "usdt", "_", "T", "trx", "%", "", "ETH", "_T", "zzz"])
_some_currencies = st.lists(st.sampled_from([*facts.CURRENCIES, "NOPE"]), max_size=4)
_one_currency = st.sampled_from([*facts.CURRENCIES, "NOPE", "eth", ""])
_one_state = st.sampled_from(facts.STATE_NAMES)
_some_states = st.lists(_one_state, max_size=3)
_choices = {"specified": st.booleans()}
_currency_members: dict[str, st.SearchStrategy[Any]] = {
    "equals": _one_currency,
    "notEquals": _one_currency,
    "in": _some_currencies,
    "notIn": _some_currencies,
    "contains": _parts,
    "doesNotContain": _parts,
    **_choices,
}
_state_members: dict[str, st.SearchStrategy[Any]] = {
    "equals": _one_state,
    "notEquals": _one_state,
    "in": _some_states,
    "notIn": _some_states,
    **_choices,
}


def few(things: st.SearchStrategy[T]) -> st.SearchStrategy[list[T]]:
    """Draw one to three."""
    return st.lists(things, min_size=1, max_size=3)


def conditions(members: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Json]:
    """Draw a filter: mostly one condition alone, for several together match little."""
    alone = [st.fixed_dictionaries({name: values}) for name, values in members.items()]
    return st.one_of(*alone, st.fixed_dictionaries({}, optional=members))


properties = st.lists(st.sampled_from(facts.SORTABLE), min_size=1, max_size=3).map(",".join)
searches = st.fixed_dictionaries(
    {"pageSize": st.integers(1, 9)},
    optional={
        "currencyFilter": conditions(_currency_members),
        "transactionStateFilter": conditions(_state_members),
        "sort": st.sampled_from(["ASC", "DESC"]),
        "properties": properties,
    },
)

_EVERYTHING: Json = {"notificationServiceTypes": ["CUSTOMER_PURSE"]}
subscription_requests = st.fixed_dictionaries(
    {
        "requestId": st.sampled_from(REQUEST_IDS),
        "url": st.sampled_from(
            [
                "https://shop.example/a",
                "http://shop.example:8080/b?c=d&e=%20",
                "https://shop.example",
            ]
        ),
    },
    optional={
        "notificationEventTypes": st.lists(st.sampled_from(facts.EVENTS), max_size=4, unique=True),
        "notificationServiceTypes": st.lists(
            st.sampled_from(facts.SERVICES), max_size=3, unique=True
        ),
    },
).map(
    lambda subscription_request: (
        subscription_request
        if _names_something(subscription_request)
        else {**subscription_request, **_EVERYTHING}
    )
)

# Periods after which it is certain which addresses have expired.
periods = st.sampled_from([{"days": 30}, {"days": 1}, {"hours": 1}, {"days": 29}, {"days": 14}])


def _names_something(subscription_request: Json) -> bool:
    return bool(
        subscription_request.get("notificationEventTypes")
        or subscription_request.get("notificationServiceTypes")
    )
