"""Put schema errors into the vendor's form: ``payload.<field>=[<reason>]``.

The form was observed in one real response; that several are joined by a comma is inferred. A
reason describes the schema only and never quotes what was sent.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jsonschema_rs import ValidationError

_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}
_SHOWN = 8
_LONG = 1_200
_TEMPLATES = {
    "exclusiveMaximum": "must be less than {limit}",
    "exclusiveMinimum": "must be greater than {limit}",
    "format": "must be a valid {format}",
    "maxItems": "must have at most {limit} entries",
    "maxLength": "must have at most {limit} characters",
    "maximum": "must be at most {limit}",
    "minItems": "must have at least {limit} entries",
    "minLength": "must have at least {limit} characters",
    "minimum": "must be at least {limit}",
    "pattern": "must match {pattern}",
    "required": "is required",
}


def explain(errors: Iterable[ValidationError]) -> str:
    """Write all errors as one message, several reasons for one field together."""
    fields: dict[str, list[str]] = {}
    for error in errors:
        reasons = fields.setdefault(_field(error), [])
        reason = _reason(error.kind.name, error.kind.as_dict())
        if reason not in reasons:
            reasons.append(reason)
    return _joined([f"{field}=[{'; '.join(reasons)}]" for field, reasons in fields.items()])


def _joined(parts: list[str]) -> str:
    # The first part is shown in any case.
    ends = accumulate(map(len, parts))
    shown = max(1, sum(end <= _LONG for end in ends))
    more = f", and {len(parts) - shown} more" if shown < len(parts) else ""
    return ", ".join(parts[:shown]) + more


def _field(error: ValidationError) -> str:
    path = list(error.instance_path)
    if error.kind.name == "required":
        path.append(error.kind.as_dict()["property"])
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "body"


def _listed(options: Sequence[object]) -> str:
    # Two fields with a long list each would make an unreadable message.
    more = f" | … ({len(options)} in all)" if len(options) > _SHOWN else ""
    return " | ".join(map(str, options[:_SHOWN])) + more


def _reason(kind: str, details: Mapping[str, Any]) -> str:
    if kind == "type":
        return f"must be {' or '.join(_TYPES[name] for name in details['types'])}"
    if kind == "enum":
        return f"must be one of {_listed(details['options'])}"
    if kind == "minLength" and details["limit"] == 1:
        return "must not be blank"
    template = _TEMPLATES.get(kind, "is not allowed here")
    return template.format_map(details)
