"""Sample values: texts and amounts that have broken servers, filters, invalid requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract import document, schemas
from tests.contract.model import facts

if TYPE_CHECKING:
    from tests.contract.model.objects import Customer

Json = dict[str, Any]

# In a payload: a placeholder for the id of a customer.
CUSTOMER = "a customer of ours"
_ANY_ID = "5a0c1e5e-0000-4000-8000-000000000000"

ODD_TEXTS = (
    "",
    " ",
    "  two  blanks  ",
    "Ada Lovelace",
    "Ünïcödé ¿?",
    "日本語のテキスト",
    "עברית mixed العربية",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "e\u0301 is not é",
    "line\nbreak\r\n\ttab",
    "quotes \" ' and \\ and </script>",
    "null",
    "0",
    "\u2028\u2029\ufeff\u200b",
    "\x01\x1f\x7f",
    "%s {0} ${x} ' OR 1=1 --",
    "x" * 10_000,
    "\N{MATHEMATICAL DOUBLE-STRUCK CAPITAL X}" * 3_000,
)
AMOUNTS = (
    "0.000000000000000001",
    "123456789012345678901.123456789012345678",
    "0.1",
    "0.2",
    "9007199254740993",
    "1500.75",
    "25.50",
    "100",
    "3",
    "0.30000000000000004",
    "99999999999999999999999999999999999999",
    # As binary floats these two equal amounts above.
    "9007199254740992",
    "0.30000000000000003",
)
SENDERS = (None, "0xSender", "TSender", None, "another sender")

CURRENCY_FILTERS: tuple[Json, ...] = (
    {},
    {"equals": "USDT_TRX"},
    {"equals": "usdt_trx"},
    {"equals": "USDT"},
    {"notEquals": "ETH"},
    {"notEquals": "NOPE"},
    {"specified": True},
    {"specified": False},
    {"in": ["USDT", "BTC", "NOPE"]},
    {"in": ["ETH"]},
    {"in": []},
    {"notIn": ["USDT", "ETH"]},
    {"notIn": ["TRX"]},
    {"notIn": []},
    {"contains": "USDT"},
    {"contains": "usdt"},
    {"contains": "_"},
    {"contains": "%"},
    {"contains": "T_T"},
    {"contains": ""},
    {"doesNotContain": "USDT"},
    {"doesNotContain": "trx"},
    {"doesNotContain": "_"},
    {"equals": "USDT_TRX", "notEquals": "USDT_TRX"},
    {"contains": "USDT", "doesNotContain": "TRX"},
    {"in": ["USDT", "ETH", "BTC"], "notIn": ["ETH"], "specified": True},
    {"in": ["USDT", "ETH"], "contains": "U", "notEquals": "BTC"},
    {"notIn": ["ETH"], "doesNotContain": "X", "specified": True},
)
STATE_FILTERS: tuple[Json, ...] = (
    {},
    *({"equals": state} for state in facts.STATE_NAMES),
    *({"notEquals": state} for state in facts.STATE_NAMES),
    {"specified": True},
    {"specified": False},
    {"in": ["CONFIRMED", "DECLINED"]},
    {"in": ["MEM_POOL_FOUND"]},
    {"in": []},
    {"notIn": ["CONFIRMED"]},
    {"notIn": ["MEM_POOL_FOUND", "PENDING_COMPLIANCE_CHECK"]},
    {"notIn": []},
    {"equals": "CONFIRMED", "notIn": ["CONFIRMED"]},
    {"in": ["CONFIRMED", "DECLINED"], "notEquals": "DECLINED", "specified": True},
)

_SUBSCRIBE: Json = {
    "requestId": "5a0c1e5e-0000-4000-8000-000000000000",
    "url": "https://shop.example",
    "notificationServiceTypes": ["CUSTOMER_PURSE"],
}
# Requests that are invalid for the document's schemas, unless these changed.
_INVALID_BY_SCHEMA: tuple[tuple[str, Json], ...] = (
    ("createCustomer", {"externalId": 1815}),
    ("createCustomer", {"email": None}),
    ("updateCustomer", {"id": CUSTOMER, "email": None}),
    ("updateCustomer", {"id": CUSTOMER, "email": "new@shop.example", "description": 1}),
    ("updateCustomer", {"description": "whose?"}),
    ("blockCustomer", {}),
    ("unblockCustomer", {"customerId": "no id"}),
    ("getAddress", {"customerId": CUSTOMER}),
    ("getAddress", {"customerId": CUSTOMER, "currency": ""}),
    ("getPurses", {"customerId": 1}),
    ("getTransaction", {"transactionId": "no id"}),
    ("findTransactions", {"customerId": "no id"}),
    ("findTransactions", {"pageSize": 0}),
    ("findTransactions", {"pageNumber": -1}),
    ("findTransactions", {"sort": "asc"}),
    ("findTransactions", {"transactionStateFilter": {"equals": "NOPE"}}),
    ("findTransactions", {"transactionStateFilter": {"in": ["CONFIRMED", "NOPE"]}}),
    ("findTransactions", {"currencyFilter": {"specified": "yes"}}),
    ("findTransactions", {"currencyFilter": {"notIn": "ETH"}}),
    ("createSubscription", {**_SUBSCRIBE, "notificationServiceTypes": ["NOPE"]}),
    ("createSubscription", {**_SUBSCRIBE, "notificationEventTypes": ["NOPE"]}),
    ("createSubscription", {**_SUBSCRIBE, "url": ""}),
    ("createSubscription", {**_SUBSCRIBE, "requestId": "no id"}),
    ("deleteSubscription", {"requestId": "no id"}),
)
# Requests that break rules beyond the schemas.
_INVALID_BY_RULE: tuple[tuple[str, Json], ...] = (
    ("createCustomer", {"description": "\ud800"}),
    ("getAddress", {"customerId": CUSTOMER, "currency": "NOPE"}),
    ("findTransactions", {"properties": "nope"}),
    ("findTransactions", {"properties": "amount,nope"}),
    ("createSubscription", {**_SUBSCRIBE, "notificationServiceTypes": []}),
    ("createSubscription", {**_SUBSCRIBE, "url": "ftp://shop.example"}),
    ("changeSubscription", {**_SUBSCRIBE, "notificationServiceTypes": []}),
    ("changeSubscription", {**_SUBSCRIBE, "url": "shop.example"}),
)


def _is_invalid(operation_id: str, payload: Json) -> bool:
    named = {name: _ANY_ID if value == CUSTOMER else value for name, value in payload.items()}
    body = {**schemas.sample(schemas.request_schema(operation_id)), "payload": named}
    return not schemas.request_validator(operation_id).is_valid(body)


INVALID_REQUESTS = tuple(
    (operation_id, payload)
    for is_rule, listed in ((False, _INVALID_BY_SCHEMA), (True, _INVALID_BY_RULE))
    for operation_id, payload in listed
    if document.has(operation_id) and (is_rule or _is_invalid(operation_id, payload))
)


def with_customer(payload: Json, customer: Customer) -> Json:
    """Fill in a customer's id for the placeholder of a sample."""
    return {name: customer.id if value == CUSTOMER else value for name, value in payload.items()}
