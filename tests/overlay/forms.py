"""Values, and every form that they may take on the wire."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from calypso_pay import UNSET

# A form is the text of a JSON value, and what has to be read from it.
Form = tuple[str, Any]

STATES = ("MEM_POOL_FOUND", "PENDING_COMPLIANCE_CHECK", "DECLINED", "CONFIRMED")
ZONES = {"": 0, "Z": 0, "+00:00": 0, "+0000": 0, "+03": 180, "-0430": -270, "+05:45": 345}
SHORT = {'"': '"', "\\": "\\", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}


def written(value: object) -> str:
    """Write compact JSON that escapes only what RFC 8259 demands, and numbers without exponent."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{written(k)}:{written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(map(_character, value)) + '"'
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)


def _character(character: str) -> str:
    if character in SHORT:
        return "\\" + SHORT[character]
    return f"\\u{ord(character):04x}" if character < " " else character


def escaped(text: str) -> str:
    """Write text with every character escaped that can be, which is every one."""
    units = text.encode("utf-16-be")
    pairs = zip(units[::2], units[1::2], strict=True)
    return '"' + "".join(f"\\u{high:02x}{low:02X}" for high, low in pairs) + '"'


def camel(name: str) -> str:
    """Name a field as the vendor does."""
    return re.sub("_([a-z]?)", lambda match: match[1].upper(), name)


def a_decimal(digits: int, exponent: int) -> Decimal:
    """Make a decimal of just these digits; arithmetic would round it to the context's 28."""
    return Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), exponent))


def a_time(moment: datetime, fraction: str, zone: str, separator: str) -> Form:
    """Write a moment with so many digits of a second, in this zone; what has none is UTC."""
    offset = timezone(timedelta(minutes=ZONES[zone]))
    read = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")), tzinfo=offset)
    point = "." if fraction else ""
    return f'"{moment:%Y-%m-%d}{separator}{moment:%H:%M:%S}{point}{fraction}{zone}"', read


every_text = st.text(st.characters(codec="utf-8"))
# The mock refuses NUL, as a server with a usual database behind it does.
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
broken_texts = st.tuples(every_text, st.characters(categories=["Cs"]), every_text).map("".join)
amounts = st.builds(a_decimal, st.integers(1, 10**38 - 1), st.integers(-38, 21))
numbers = amounts | st.builds(a_decimal, st.integers(1 - 10**38, 0), st.integers(-38, 21))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)

text_forms = every_text.flatmap(
    lambda text: st.sampled_from([(written(text), text), (escaped(text), text)])
)
integers = st.integers(-(10**40), 10**40)
id_forms = text_forms | integers.map(lambda number: (str(number), str(number)))
amount_forms = numbers.flatmap(
    lambda number: st.sampled_from([f"{number}", f"{number}".lower(), f"{number:f}"])
).flatmap(lambda text: st.sampled_from([(text, Decimal(text)), (f'"{text}"', Decimal(text))]))
flag_forms = st.sampled_from(
    [("true", True), ("false", False), ('"true"', True), ('"false"', False)]
)
count_forms = st.integers(-(2**31), 2**31).map(lambda number: (str(number), number))
state_forms = text_forms | st.sampled_from([(f'"{state}"', state) for state in STATES])
status_forms = text_forms | st.just(('"ARCHIEVED"', "ARCHIVED"))
time_forms = st.builds(
    a_time,
    st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001 - zones are added
    st.text("0123456789", max_size=12),
    st.sampled_from(list(ZONES)),
    st.sampled_from(["T", " "]),
)
unknown_forms = json_values.map(lambda value: (written(value), value))


def lists(forms: st.SearchStrategy[Form]) -> st.SearchStrategy[Form]:
    """Make JSON arrays of such values."""
    return st.lists(forms, max_size=3).map(
        lambda items: (f"[{','.join(text for text, _ in items)}]", [read for _, read in items])
    )


def perhaps(forms: st.SearchStrategy[Form]) -> st.SearchStrategy[Form | None]:
    """Let a field be there, or be null, or not be there at all: the last two are read alike."""
    return forms | st.just(("null", UNSET)) | st.none()


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Form]:
    """Make JSON objects of these fields, each in any form, in any order, among unknown ones."""
    names = texts.filter(lambda name: name not in map(camel, fields))
    unknown = st.dictionaries(names, unknown_forms, max_size=2)
    return st.tuples(st.fixed_dictionaries(fields), unknown).flatmap(lambda drawn: _object(*drawn))


def _object(known: dict[str, Form | None], unknown: dict[str, Form]) -> st.SearchStrategy[Form]:
    there = {camel(name): form for name, form in known.items() if form is not None} | unknown
    members = [f"{written(name)} :\r\n\t{text}" for name, (text, _) in there.items()]
    read = {name: UNSET if form is None else form[1] for name, form in known.items()}
    read["additional_properties"] = {name: value for name, (_, value) in unknown.items()}
    return st.permutations(members).map(lambda ordered: ("{ " + " , ".join(ordered) + " }", read))


customers = objects(
    id=id_forms,
    email=perhaps(text_forms),
    description=perhaps(text_forms),
    external_id=perhaps(id_forms),
    blocked=perhaps(flag_forms),
)
purses = objects(
    id=perhaps(id_forms),
    address=perhaps(text_forms),
    status=perhaps(status_forms),
    created_date=perhaps(time_forms),
)
transactions = objects(
    id=id_forms,
    amount=amount_forms,
    address_from=text_forms,
    currency=text_forms,
    transaction_state=state_forms,
    compliance_state=text_forms,
    translation_to_account_completed=flag_forms,
    created_date=time_forms,
    transaction_hash=perhaps(text_forms),
)
subscriptions = objects(
    request_id=id_forms,
    url=text_forms,
    public_key=text_forms,
    secret_key=text_forms,
    created_date=time_forms,
    blocked_by_error_count=flag_forms | count_forms,
    notification_event_types=perhaps(lists(text_forms)),
    notification_service_types=perhaps(lists(text_forms)),
)
