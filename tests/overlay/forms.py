"""Values, and every form that they may take on the wire."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st

# A form is the text of a JSON value, and what has to be read from it.
Form = tuple[str, Any]


class Odd(NamedTuple):
    """A value of a shape that no field here has; it is kept, and the field is None."""

    text: str
    value: Any


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


def a_time(moment: datetime, fraction: str, zone: str, separator: str, name: str) -> Form:
    """Write a moment with so many digits of a second, in this zone; what has none is UTC."""
    offset = timezone(timedelta(minutes=ZONES[zone]))
    read = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")), tzinfo=offset)
    point = "." if fraction else ""
    ending = f"{zone}{name}" if zone else ""
    return f'"{moment:%Y-%m-%d}{separator}{moment:%H:%M:%S}{point}{fraction}{ending}"', read


def an_array(moment: datetime, length: int, below: int) -> Form:
    """Write a moment as Java does, with so many parts, the last of them in nanoseconds."""
    read = moment.replace(tzinfo=UTC)
    parts = [*moment.timetuple()[:6], moment.microsecond * 1000 + below]
    whole = [*moment.timetuple()[:6], moment.microsecond][:length]
    return written(parts[:length]), datetime(*whole, tzinfo=UTC) if length < 7 else read


def milliseconds(number: int) -> Form:
    """Write a moment as milliseconds since 1970."""
    return str(number), datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number)


texts = st.text(st.characters(codec="utf-8"))
broken_texts = st.tuples(texts, st.characters(categories=["Cs"]), texts).map("".join)
amounts = st.builds(a_decimal, st.integers(1, 10**38 - 1), st.integers(-38, 21))
numbers = amounts | st.builds(a_decimal, st.integers(1 - 10**38, 0), st.integers(-38, 21))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)

text_forms = texts.flatmap(
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
moments = st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001 - zones follow
time_forms = (
    st.builds(
        a_time,
        moments,
        st.text("0123456789", max_size=12),
        st.sampled_from(list(ZONES)),
        st.sampled_from(["T", " "]),
        st.sampled_from(["", "[UTC]", "[America/Port-au-Prince]"]),
    )
    | st.builds(an_array, moments, st.integers(5, 7), st.integers(0, 999))
    | (st.integers(10**11, 2 * 10**14) | st.integers(-6 * 10**13, -(10**11))).map(milliseconds)
)
unknown_forms = json_values.map(lambda value: (written(value), value))


def lists(forms: st.SearchStrategy[Form]) -> st.SearchStrategy[Form]:
    """Make JSON arrays of such values."""
    return st.lists(forms, max_size=3).map(
        lambda items: (f"[{','.join(text for text, _ in items)}]", [read for _, read in items])
    )


# An object that has an object: no field here is one, and none is a list of them.
odd_forms = json_values.map(lambda value: {"odd": {"odd": value}}).map(
    lambda value: Odd(written(value), value)
)


def perhaps(forms: st.SearchStrategy[Form]) -> st.SearchStrategy[Form | Odd | None]:
    """Let a field be there, or be null, absent or of another shape: then it is None."""
    return forms | st.just(("null", None)) | st.none() | odd_forms


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Form]:
    """Make JSON objects of these fields, each in any form, in any order, among unknown ones."""
    names = texts.filter(lambda name: name not in map(camel, fields))
    unknown = st.dictionaries(names, unknown_forms, max_size=2)
    return st.tuples(st.fixed_dictionaries(fields), unknown).flatmap(lambda drawn: _object(*drawn))


def _object(
    known: dict[str, Form | Odd | None], unknown: dict[str, Form]
) -> st.SearchStrategy[Form]:
    there = {camel(name): form for name, form in known.items() if form is not None} | unknown
    members = [f"{written(name)} :\r\n\t{text}" for name, (text, _) in there.items()]
    odd = {name: form.value for name, form in known.items() if isinstance(form, Odd)}
    read = {name: None if form is None or name in odd else form[1] for name, form in known.items()}
    read["additional_properties"] = {name: value for name, (_, value) in unknown.items()} | {
        camel(name): value for name, value in odd.items()
    }
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
    address_from=perhaps(text_forms),
    currency=text_forms,
    transaction_state=state_forms,
    compliance_state=perhaps(text_forms),
    translation_to_account_completed=perhaps(flag_forms),
    created_date=perhaps(time_forms),
    transaction_hash=perhaps(text_forms),
)
subscriptions = objects(
    request_id=id_forms,
    url=perhaps(text_forms),
    public_key=text_forms,
    secret_key=text_forms,
    created_date=perhaps(time_forms),
    blocked_by_error_count=perhaps(flag_forms | count_forms),
    notification_event_types=perhaps(lists(text_forms)),
    notification_service_types=perhaps(lists(text_forms)),
)
