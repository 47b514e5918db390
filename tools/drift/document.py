"""The OpenAPI document as facts of the same form as those of a page."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from generator.lines import escaped
from tools.drift.model import Field
from tools.drift.samples import at
from tools.spec.fields import provenance_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tools.spec import Provenance, SpecIndex
    from tools.spec.model import Field as SpecField
    from tools.spec.model import Operation

Key = tuple[str, ...]

ENVELOPE = "webhook payload"
"""The fields that all webhook events share are named after it."""
ERROR = "error object"
ERROR_SCHEMA = "/components/schemas/ErrorResponse"

_ENVELOPE_EVENT = "*"
_ALIAS = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE) /\S+")
# Names under which pages have values of an enumeration, besides the names of fields.
_NAMES = {
    "service": "NotificationServiceType",
    "currency": "Currency",
    "status": "PurseStatus",
    "transactionstatus": "TransactionState",
    "direction": "SortDirection",
}
# Families of events whose first word is not enough: the second belongs to the family.
_LONGER_FAMILIES = dict.fromkeys(("CUSTOMER", "TOP", "WALLET", "FIAT"))
_FIXED_NAMES = frozenset({"fee", "id"})
_TOKEN = re.compile(r"[A-Za-z][a-z]+|[A-Z]+(?![a-z])")
_FORMS = {"balances": "balance", "customers": "customer", "purses": "purse", "address": "purse"}


class Document:
    """The document, and what its names mean on pages."""

    def __init__(self, spec: SpecIndex) -> None:
        self.spec = spec

    @cached_property
    def facts(self) -> Mapping[Key, Any]:
        """What the document states, by the keys that pages have for it."""
        found: dict[Key, Any] = {}
        for name, op in self.spec.operations.items():
            found["operation", name] = op.id
            found.update((key, "") for key in self._statuses(name, op))
            found.update(self._notes(name))
            found.update(self._fields(name, op))
        for name, op in self.spec.events.items():
            found.update(self._fields(name, op))
        found.update(self._lists())
        return found

    def _statuses(self, name: str, op: Operation) -> Iterator[Key]:
        """Yield the statuses of an operation; what is inferred of errors no page has listed."""
        for status, provenance in op.responses.items():
            if status.startswith("2") or provenance.level != "inferred":
                yield "status", name, status

    def is_inferred(self, key: Key) -> bool:
        """Whether a field was not documented, but inferred."""
        owner, part, path = split(key[1])
        for op in (self.spec.operations.get(owner), self.spec.events.get(owner)):
            field = op.fields.get(part or "event", {}).get(path) if op else None
            if field is not None:
                return field.provenance.own and field.provenance.level == "inferred"
        return False

    def _lists(self) -> Iterator[tuple[Key, Any]]:
        """Yield values, events, error codes, and the fields of the error object."""
        for enumeration in self.spec.enumerations.values():
            for value in enumeration.values:
                yield ("value", enumeration.name, value), ""
        types = self.spec.enumerations.get(EVENTS)
        for name in {*self.spec.events, *(types.values if types else ())} - {_ENVELOPE_EVENT}:
            yield ("event", name), ""
        for code in self.spec.codes:
            yield ("error", code), ""
        for name in self._error_fields:
            yield ("field", f"{ERROR} {name}"), Field(type="string")

    @cached_property
    def pointers(self) -> Mapping[Key, str]:
        """Where the document has a field or an operation."""
        found: dict[Key, str] = {}
        for name, op in {**self.spec.operations, **self.spec.events}.items():
            for part, fields in op.fields.items():
                for path, field in fields.items():
                    found["field", where_of(name, part, path)] = field.pointer
        for name in self._error_fields:
            found["field", f"{ERROR} {name}"] = f"{ERROR_SCHEMA}/properties/{name}"
        return found

    def _fields(self, name: str, op: Operation) -> Iterator[tuple[Key, Any]]:
        for part, fields in op.fields.items():
            for path, field in fields.items():
                if path.startswith("header "):
                    yield ("header", name, path.removeprefix("header ")), _as_field(field, {})
                else:
                    node = at(self.spec.document, field.pointer)
                    yield ("field", where_of(name, part, path)), _as_field(field, node)

    def _notes(self, name: str) -> Iterator[tuple[Key, Any]]:
        """Yield what the operation itself states: that it is deprecated, and response headers."""
        for scheme in self.headers:
            yield ("header", name, scheme), Field(type="string", required=True)
        op: Any = at(self.spec.document, pointer_of(name)) or {}
        if op.get("deprecated"):
            yield ("deprecated", name), "true"
        for status, response in op.get("responses", {}).items():
            for header in response.get("headers", {}):
                yield ("header", f"{name} {status}", header), Field()

    @cached_property
    def headers(self) -> tuple[str, ...]:
        """The headers by which requests are authorised."""
        schemes = at(self.spec.document, "/components/securitySchemes") or {}
        return tuple(
            str(each.get("name"))
            for each in schemes.values()
            if isinstance(each, dict) and each.get("in") == "header"
        )

    @cached_property
    def _error_fields(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = at(self.spec.document, f"{ERROR_SCHEMA}/properties") or {}
        return found

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """Other names of operations, as some pages have them."""
        found = {}
        for name, op in self.spec.operations.items():
            for reading in op.provenance.readings:
                if _ALIAS.fullmatch(reading.value):
                    found[reading.value] = name
        return found

    @cached_property
    def groups(self) -> frozenset[str]:
        """The parts of the API that the document describes, such as `customer-purse`."""
        return frozenset(map(group_of, self.spec.operations))

    @cached_property
    def meanings(self) -> Mapping[str, Sequence[str]]:
        """What the document states of each error code: messages of examples, then its meaning."""
        found: dict[str, list[str]] = {code: [] for code in self.spec.codes}
        for node in _objects(self.spec.document):
            code, message = node.get("errorCode"), node.get("message")
            if isinstance(message, str) and message not in found.get(str(code), [message]):
                found[str(code)].append(message)
        return {code: [*found[code], each.text] for code, each in self.spec.codes.items()}

    def in_scope(self, operation: str) -> bool:
        """Whether an operation belongs to a part of the API that the document describes."""
        return group_of(operation) in self.groups

    @cached_property
    def events(self) -> frozenset[str]:
        """The names of webhook events."""
        return frozenset(key[1] for key in self.facts if key[0] == "event")

    @cached_property
    def _event_name(self) -> re.Pattern[str]:
        families = {name.split("_")[0] for name in self.events} - _LONGER_FAMILIES.keys()
        longer = {"_".join(name.split("_")[:2]) for name in self.events}
        longer = {each for each in longer if each.split("_")[0] in _LONGER_FAMILIES}
        names = "|".join(sorted([*families, *longer], key=len, reverse=True)) or "(?!)"
        return re.compile(rf"\b(?:{names})_[A-Z0-9_]+\b")

    def events_in(self, text: str) -> list[str]:
        """Return the names of webhook events that a text has."""
        return self._event_name.findall(text)

    def paths(self, operation: str, part: str) -> Sequence[str]:
        """Return the paths of the fields of an operation."""
        op = self.spec.operations.get(self.aliases.get(operation, operation))
        return [path for path in op.fields.get(part, {}) if path] if op else []

    def order(self, operation: str, part: str, names: Iterable[str]) -> Sequence[str]:
        """Return the paths of the fields of an operation, in their order.

        Of one that the document does not have: those of the operation with the most of its fields.

        Args:
            operation: Its verb and path.
            part: `request` or `response`.
            names: The names of its fields, without what they are within.
        """
        members = set(names)

        def likeness(other: str) -> float:
            ours = {path.rpartition(".")[2] for path in self.paths(other, part)}
            return len(ours & members) / max(1, len(ours | members))

        best = max(self.spec.operations, key=likeness, default="")
        alike = self.paths(best, part) if likeness(best) > 0.5 else ()  # noqa: PLR2004 - most
        return self.paths(operation, part) or alike

    @cached_property
    def _enumeration_names(self) -> Mapping[str, str]:
        found = dict(_NAMES)
        for path, field in self._spec_fields:
            last = path.rpartition(".")[2].removesuffix("[]").lower()
            if field.enumeration and last not in _FIXED_NAMES:
                found.setdefault(last, field.enumeration)
        for name in self.spec.enumerations:
            found.setdefault(name.lower(), name)
        return found

    def enumeration(self, name: str, values: Iterable[str] = ()) -> str | None:
        """Return the enumeration that a page means.

        Args:
            name: The name of the field, the header of a column or a heading.
            values: Its members on the page; the most of them have to be members.
        """
        members = set(values)
        plain = re.sub(r"[^a-z]", "", name.lower())
        singulars = (plain, plain.rstrip("s"), plain.removesuffix("es"))
        found = next(filter(None, map(self._enumeration_names.get, singulars)), None)
        if found and self._fits(found, members):
            return found
        if len(members) < 2:  # noqa: PLR2004 - one value says nothing
            return None
        scores = {
            each: len(members & set(self.spec.enumerations[each].values)) / len(members)
            for each in self.spec.enumerations
        }
        best = max(scores, key=lambda each: scores[each], default=None)
        return best if best is not None and scores[best] > 0.5 else None  # noqa: PLR2004 - most

    def _fits(self, name: str, members: set[str]) -> bool:
        """Whether values may be members: of more than one, one is."""
        enumeration = self.spec.enumerations.get(name)
        if enumeration is None:
            return False
        return len(members) < 2 or bool(members & set(enumeration.values))  # noqa: PLR2004

    def operation_like(self, part: str, names: Iterable[str], words: str) -> str | None:
        """Return the operation that a body on a page belongs to.

        Args:
            part: `request` or `response`.
            names: The names of its members.
            words: What stands around it.
        """
        members = set(names)
        if part == "request" and members & {"account", "timestamp"}:
            members = {path for path in members if path.startswith("payload.")} or {"account"}
        said = _tokens(words)
        best, best_score = None, 0.0
        for name, op in self.spec.operations.items():
            ours = {path for path in op.fields.get(part, {}) if path and not path.endswith("[]")}
            if part == "request":
                ours = {path for path in ours if path.startswith("payload.")} or {"account"}
            shared = len(members & ours) / len(members | ours) if members else 0.0
            about = _tokens(f"{name.replace('/', ' ')} {op.title}") - {"api", "v"}
            score = shared + 0.6 * len(said & about) / max(1, len(about))
            if shared >= 0.5 and score > best_score:  # noqa: PLR2004 - half in common
                best, best_score = name, score
        return best

    def operation_called(self, words: str) -> str:
        """Return the only operation of which the title stands in a text; or nothing."""
        said = _tokens(words)
        found = [name for name, op in self.spec.operations.items() if _tokens(op.title) <= said]
        return found[0] if len(found) == 1 else ""

    # What the document records of pages that contradict each other.

    def is_recorded(self, key: Key, *words: str) -> bool:
        """Whether a reading in the document's provenance has one of these words."""
        patterns = [re.compile(rf"(?<!\w){re.escape(word)}(?!\w)") for word in words if word]
        for provenance in self._provenances(key):
            for reading in provenance.readings[1:]:
                said = reading.value
                if not said.startswith("absent") and any(at.search(said) for at in patterns):
                    return True
        return False

    def _provenances(self, key: Key) -> Iterator[Provenance]:
        pointer = self.pointers.get(key)
        if pointer is not None:
            yield from self._around(pointer)
        subject = key[1].split(" ")
        for name in (key[1], " ".join(subject[:2]), subject[0]):
            op = self.spec.operations.get(name) or self.spec.events.get(name)
            if op is not None:
                yield op.provenance
        if key[0] in {"event", "value"}:
            for enumeration in self.spec.enumerations.values():
                yield enumeration.provenance
            for op in self.spec.events.values():
                yield op.provenance
            yield from (field.provenance for _, field in self._spec_fields)
        if key[0] == "error":
            yield provenance_of(self._error_fields.get("errorCode", {}))

    @cached_property
    def _spec_fields(self) -> list[tuple[str, SpecField]]:
        """All fields of operations and events, with their paths."""
        return [
            pair
            for op in [*self.spec.operations.values(), *self.spec.events.values()]
            for fields in op.fields.values()
            for pair in fields.items()
        ]

    def _around(self, pointer: str) -> Iterator[Provenance]:
        steps, node = pointer.split("/"), None
        for end in range(2, len(steps) + 1):
            node = at(self.spec.document, "/".join(steps[:end]))
            if isinstance(node, dict):
                yield provenance_of(node)
        if isinstance(node, dict) and "$ref" in node:
            yield from self._around(str(node["$ref"]).removeprefix("#"))


EVENTS = "NotificationEventType"


def _objects(node: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any node
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from _objects(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _objects(inner)


def where_of(owner: str, part: str, path: str) -> str:
    """Return how a report names a field."""
    if part == "event":
        owner, part = ENVELOPE if owner == _ENVELOPE_EVENT else owner, ""
    return " ".join(filter(None, (owner, part, path)))


def pointer_of(operation: str) -> str:
    """Return where the document has an operation, or would have it."""
    verb, _, path = operation.partition(" ")
    return f"/paths/{escaped(path)}/{verb.lower()}"


VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def split(where: str) -> tuple[str, str, str]:
    """Return the owner, the part and the path of a field: the part is empty for events."""
    match = re.fullmatch(r"(.*?) (request|response)(?: (.*))?", where)
    if match:
        return match[1], match[2], match[3] or ""
    for owner in (ENVELOPE, ERROR):
        if where.startswith(owner):
            return owner, "", where[len(owner) + 1 :]
    owner, _, path = where.partition(" ")
    if owner in VERBS:
        verb, _, rest = path.partition(" ")
        return f"{owner} {verb}", "", rest
    return owner, "", path


def group_of(operation: str) -> str:
    """Return the first part of the path behind the version."""
    path = operation.partition(" ")[2]
    return re.sub(r"^/api/v\d+/", "", path).strip("/").partition("/")[0]


def _tokens(text: str) -> set[str]:
    words = (word.lower() for word in _TOKEN.findall(text))
    return {str(_FORMS.get(word, word)) for word in words if len(word) > 2}  # noqa: PLR2004


def _as_field(field: SpecField, node: Any) -> Field:  # noqa: ANN401 - any node
    own = node if isinstance(node, dict) else {}
    shape = field.shape
    types = set((shape.type or "").split("|")) - {""}
    bounds = {name: str(bound) for name, bound in shape.limits.items()}
    if shape.pattern is not None:
        bounds["pattern"] = shape.pattern
    return Field(
        type="|".join(sorted(types - {"null"})) or None,
        format=shape.format,
        nullable="null" in types,
        required=shape.required,
        default=str(own["default"]) if "default" in own else None,
        bounds=bounds,
        values=shape.values or (),
        deprecated=own.get("deprecated") is True,
    )
