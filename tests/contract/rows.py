"""Check the result of a search for deposits against its request, without knowing the data.

The meaning of each filter condition follows from its name; the pairs of states are those of the
vendor's guides.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    Json = dict[str, Any]
    Fault = tuple[str, str]
    PageCheck = Callable[..., Iterator[Fault]]

# The compliance state for each transaction state.
STATES = MappingProxyType(
    {
        "MEM_POOL_FOUND": "UNCHECKED",
        "PENDING_COMPLIANCE_CHECK": "IN_PROGRESS",
        "DECLINED": "DECLINE",
        "CONFIRMED": "CHECKED",
    }
)
# The only state in which the account can have been credited.
_RECEIVED = "CONFIRMED"
_FINAL = ("CONFIRMED", "DECLINED")

# The forms of addresses of networks that have only one, the vendor's test networks included.
_FORMS = (
    ("TRX", re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}")),
    ("ETH", re.compile(r"0x[0-9a-fA-F]{40}")),
)

# Case-insensitive texts: UUIDs (RFC 9562) and Ethereum addresses (EIP-55).
_CASELESS = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|0[xX][0-9a-fA-F]{40}")
_DATE = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?(Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
# Opaque texts, whatever they look like.
_SECRETS = frozenset({"publicKey", "secretKey"})
_MOST_ZEROS = 40

FILTERS = (("currencyFilter", "currency"), ("transactionStateFilter", "transactionState"))
_CONDITIONS: dict[str, Callable[[str, Any], bool]] = {
    "equals": lambda value, given: value == given,
    "notEquals": lambda value, given: value != given,
    # Every deposit has a currency and a state.
    "specified": lambda _, given: given is True,
    "in": lambda value, given: value in given,
    "notIn": lambda value, given: value not in given,
    "contains": lambda value, given: given.lower() in value.lower(),
    "doesNotContain": lambda value, given: given.lower() not in value.lower(),
}
# Databases order texts differently; each does it in one of these ways.
_COLLATIONS: tuple[Callable[[str], str], ...] = (
    str,
    str.casefold,
    lambda text: "".join(filter(str.isalnum, text.casefold())),
)


class Moment(NamedTuple):
    """A point in time, however it is written.

    Attributes:
        second: The time in UTC, without fractions of a second.
        fraction: The fractional digits, which may be more than a `datetime` keeps.
    """

    second: datetime
    fraction: str

    def __str__(self) -> str:
        return f"{self.second:%Y-%m-%dT%H:%M:%S}.{self.fraction or 0}Z"


def moment(value: object, zone: tzinfo | None = None) -> Moment | None:
    """Read a date; None if it is not a date, or has no zone and no default is given."""
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    second, fraction, offset = match.groups()
    try:
        read = datetime.fromisoformat((second + (offset or "")).upper())
        if read.tzinfo is None and zone is None:
            return None
        read = read.replace(tzinfo=read.tzinfo or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Moment(read, (fraction or "").rstrip("0"))


def plain(value: Any) -> Any:
    """Return a value in normal form, so that two responses can be compared.

    Ids and Ethereum addresses are case-insensitive; dates may have another zone (UTC by default)
    or more digits; numbers may have more zeros or an exponent.
    """
    if isinstance(value, dict):
        return {name: each if name in _SECRETS else plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, str):
        return _plain_text(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _plain_number(Decimal(value))
    return value


def _plain_text(value: str) -> str:
    if _CASELESS.fullmatch(value):
        return value.lower()
    read = moment(value, UTC)
    return value if read is None else str(read)


def _plain_number(value: Decimal) -> Decimal:
    # Not Decimal.normalize(), which rounds to 28 digits.
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or not any(digits):
        return Decimal(0) if value == 0 else value
    kept = len(digits)
    while not digits[kept - 1]:
        kept -= 1
    digits, exponent = digits[:kept], exponent + len(digits) - kept
    # Without an exponent, if that is short.
    if 0 < exponent <= _MOST_ZEROS:
        digits, exponent = (*digits, *(0,) * exponent), 0
    return Decimal((sign, digits, exponent))


def holds(value: str, conditions: Json) -> bool:
    """Return whether a text passes every documented condition of a filter."""
    named = ((name, given) for name, given in conditions.items() if name in _CONDITIONS)
    return all(_CONDITIONS[name](value, given) for name, given in named)


def passes(row: Json, asked: Json) -> bool:
    """Return whether a row passes the filters of a search, except for the customer."""
    return not any(_failed(row, asked))


def filter_faults(asked: Json, page: Json, **_: object) -> Iterator[Fault]:
    """Find rows that do not pass the filters."""
    for number, row in enumerate(page["result"]):
        for name, field in _failed(row, asked):
            text = f"expected one that passes {name} {asked[name]}, got {row[field]}"
            yield f"result[{number}].{field}", text


def _failed(row: Json, asked: Json) -> Iterator[tuple[str, str]]:
    for name, field in FILTERS:
        value = row.get(field)
        if isinstance(value, str) and not holds(value, asked.get(name, {})):
            yield name, field


def row_faults(_: Json, page: Json, **__: object) -> Iterator[Fault]:
    """Find rows that are inconsistent, as for `transaction_faults`."""
    for number, row in enumerate(page["result"]):
        for field, text in transaction_faults(row):
            yield f"result[{number}].{field}", text


def transaction_faults(row: Json) -> Iterator[Fault]:
    """Find a negative amount, and states that contradict each other.

    An unknown state goes with any other.
    """
    amount = row.get("amount")
    if isinstance(amount, int | Decimal) and amount < 0:
        yield "amount", f"expected an amount that is not negative, got {amount}"
    state, compliance = row.get("transactionState"), row.get("complianceState")
    expected = STATES.get(str(state))
    if expected is not None and compliance in STATES.values() and compliance != expected:
        yield "complianceState", f"expected {expected} beside {state}, got {compliance}"
    if row.get("translationToAccountCompleted") is True and state in STATES.keys() - {_RECEIVED}:
        text = f"expected no credit to the account from a deposit that is {state}"
        yield "translationToAccountCompleted", f"{text}, got true"


def count_faults(asked: Json, page: Json, *, base: int, usual: int) -> Iterator[Fault]:
    """Find page numbers and totals that do not fit the request, each other, or the rows.

    Args:
        asked: The search's payload.
        page: The response.
        base: The number of the first page.
        usual: The default page size: a server may limit larger ones.
    """
    size, elements = whole(page.get("size")), whole(page.get("totalElements"))
    yield from _echo_faults(asked, page, size, usual)
    ids = Counter(plain(row.get("id")) for row in page["result"])
    for row_id, count in ids.items():
        if count > 1:
            yield "result", f"expected each row once, got {row_id} {count} times"
    if not size or elements is None:
        return
    pages, total = -(-elements // size), whole(page.get("total"))
    # An empty result may have zero pages or one.
    if total not in {pages, None} and (elements, total) != (0, 1):
        yield "total", f"expected {pages} pages for {elements} rows by {size}, got {total}"
    number = asked.get("pageNumber", whole(page.get("page")))
    if number is not None and number >= base:
        expected = max(0, min(size, elements - (number - base) * size))
        if len(page["result"]) != expected:
            where = f"page {number} of {elements} rows by {size}, counted from {base}"
            yield "result", f"expected {expected} rows on {where}, got {len(page['result'])}"


def _echo_faults(asked: Json, page: Json, size: int | None, usual: int) -> Iterator[Fault]:
    wanted, number = asked.get("pageSize", usual), whole(page.get("page"))
    if size is not None and size != wanted and not usual <= size < wanted:
        yield "size", f"expected {wanted}, got {size}"
    if number is not None and number != asked.get("pageNumber", number):
        yield "page", f"expected {asked['pageNumber']}, got {number}"


def order_faults(asked: Json, page: Json, **_: object) -> Iterator[Fault]:
    """Find a row that is out of order.

    Numbers and dates are compared exactly. Equal rows may be in any order, and so may the values of
    an enum, if equal ones are together.
    """
    fault = misplaced(asked, page["result"])
    if fault is not None:
        number, field = fault
        order, value = f"{asked['properties']} {asked['sort']}", page["result"][number].get(field)
        text = f"expected rows in the order of {order}, got {value} here"
        yield f"result[{number}].{field}", text


def misplaced(asked: Json, rows: Sequence[Json]) -> tuple[int, str] | None:
    """Return the index of the first row out of order, and the field that shows it."""
    if not {"sort", "properties"} <= asked.keys():
        return None
    fields = asked["properties"].split(",")
    found = [_misplaced(fields, asked["sort"], rows, collate) for collate in _COLLATIONS]
    return None if None in found else found[0]


def _misplaced(
    fields: list[str], sort: str, rows: Sequence[Json], collate: Callable[[str], str]
) -> tuple[int, str] | None:
    keys = [[_key(row.get(field), field, collate) for field in fields] for row in rows]
    if any(key is None for each in keys for key in each):
        return None
    for number, (before, after) in enumerate(pairwise(keys), 1):
        place = next((n for n, _ in enumerate(fields) if before[n] != after[n]), None)
        if place is None:
            continue
        if fields[place] in _GROUPED:
            # A group of equal values must not be continued after another value.
            wrong = after[: place + 1] in [each[: place + 1] for each in keys[:number]]
        else:
            wrong = (after[place] < before[place]) is (sort == "ASC")
        if wrong:
            return number, fields[place]
    return None


_GROUPED = frozenset({"transactionState", "complianceState", "translationToAccountCompleted"})


def _key(value: object, field: str, collate: Callable[[str], str]) -> Any:
    """Return the sort key of a value; None if it has none."""
    if field == "createdDate":
        return moment(value)
    if isinstance(value, str) and field != "amount":
        return collate(value)
    return value if isinstance(value, int | Decimal) else None


def whole(value: object) -> int | None:
    """Read a whole number, however it is written; None if it is not one."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    # Converting a number such as 1E+99999999 to an int would take too long.
    if isinstance(value, Decimal) and value.adjusted() > _MOST_ZEROS:
        return None
    return int(value) if value == int(value) else None


def overtaken(known: Mapping[str, Json], seen: Collection[str] = ()) -> PageCheck:
    """Return a check for known rows that should have come before the last row of a page.

    Args:
        known: Existing rows by their normalized ids.
        seen: Normalized ids of the rows on earlier pages.
    """

    def faults(asked: Json, page: Json, **_: object) -> Iterator[Fault]:
        shown = {*seen, *(plain(row.get("id")) for row in page["result"])}
        for last in page["result"][-1:]:
            for row_id, row in known.items():
                if row_id not in shown and misplaced(asked, [last, row]):
                    order = f"{asked['properties']} {asked['sort']}"
                    text = f"expected {row_id} here or before in the order of {order}, got it later"
                    yield f"result[{len(page['result']) - 1}]", text

    return faults


def missing(known: Mapping[str, Json]) -> PageCheck:
    """Return a check for known rows that pass the filters of a search but are missing.

    It ignores results of several pages, and deposits whose states may have changed.
    """

    def faults(asked: Json, page: Json, **_: object) -> Iterator[Fault]:
        shown = {plain(row.get("id")) for row in page["result"]}
        is_whole = len(shown) >= (whole(page.get("totalElements")) or 0)
        for row_id, row in known.items() if is_whole else ():
            is_settled = (
                row.get("transactionState") in _FINAL or "transactionStateFilter" not in asked
            )
            if row_id not in shown and is_settled and passes(row, asked):
                yield "result", f"expected {row_id}, which passes the filters, got no such row"

    return faults


def follows(before: Sequence[Json]) -> PageCheck:
    """Return a check for a page that does not continue where the one before it ended."""

    def faults(asked: Json, page: Json, **_: object) -> Iterator[Fault]:
        yield from order_faults(asked, {"result": [*before, *page["result"][:1]]})

    return faults


def purse_faults(purses: Sequence[Json], oldest: Sequence[Json], declined: int) -> Iterator[Fault]:
    """Find contradictions between a customer's deposits and the customer's addresses.

    Args:
        purses: All addresses of the customer.
        oldest: The customer's first deposits.
        declined: How many of the deposits were declined, which closes the address.
    """
    ids = [plain(purse["id"]) for purse in purses if "id" in purse]
    if len(ids) > len(set(ids)):
        yield "[].id", "expected each purse once, got one id twice"
    if oldest and not purses:
        yield "body", "expected an address, since there are deposits, got none"
    statuses = [purse.get("status") for purse in purses]
    if declined and None not in statuses and "DECLINED" not in statuses:
        yield "[].status", f"expected one DECLINED, since {declined} deposits are, got none"
    if not declined and "DECLINED" in statuses:
        number = statuses.index("DECLINED")
        yield f"[{number}].status", "expected a declined deposit for it, got none"
    dates = [moment(purse.get("createdDate")) for purse in purses]
    first = [moment(row.get("createdDate")) for row in oldest[:1]]
    if all(dates) and all(first) and first and purses and min(first) < min(dates):  # type: ignore[type-var]
        text = f"expected an address at least as old as the first deposit, got {min(dates)}"  # type: ignore[type-var]
        yield "[].createdDate", text
    yield from _unreachable(purses, oldest)


def _unreachable(purses: Sequence[Json], deposits: Sequence[Json]) -> Iterator[Fault]:
    addresses = [str(purse["address"]) for purse in purses if "address" in purse]
    for row in deposits:
        for ending, form in _FORMS:
            if str(row.get("currency")).endswith(ending) and not any(
                map(form.fullmatch, addresses)
            ):
                yield "[].address", f"expected an address for {row['currency']}, got none"
                return
