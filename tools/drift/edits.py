"""The edits of `openapi.yaml` that follow from differences, as steps.

What a person has to word stands in <…>; the lint rejects a document that still has it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from tools.drift.document import ENVELOPE, ERROR, ERROR_SCHEMA, EVENTS, pointer_of, split, where_of
from tools.drift.model import Field
from tools.drift.samples import at
from tools.drift.skeleton import WORDS, examples, operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.drift.differences import Difference
    from tools.drift.document import Document

_SHARED = {ENVELOPE: "/components/schemas/Notification", ERROR: ERROR_SCHEMA}
# What fits fields of some types only, and goes when the type does.
_OF_TYPE = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"},
    "array": {"minItems", "maxItems", "items"},
    "object": {"properties", "required"},
}
_OF_ANY_TYPE = frozenset().union(*_OF_TYPE.values()) | {"enum", "examples", "default"}


class Step(NamedTuple):
    """One step of an edit.

    Attributes:
        action: `set` or `remove` a key of a mapping, `append` to its text, `add` or `drop` an item
            of a list, or `rename` a key.
        pointer: The mapping or list.
        key: The key, or the item of the list.
        value: What is set, or the new name of the key.
    """

    action: str
    pointer: str
    key: Any
    value: Any = None


def steps_of(difference: Difference, document: Document, sources: Mapping[str, Any]) -> list[Step]:
    """Return the steps of the edit for a difference; none where it takes thought.

    Args:
        difference: What differs.
        document: The document to edit.
        sources: The OpenAPI documents of the page, by operation.
    """
    return list(_Edits(difference, document, sources).steps())


class _Edits:
    def __init__(
        self, difference: Difference, document: Document, sources: Mapping[str, Any]
    ) -> None:
        self.difference = difference
        self.document = document
        self.sources = sources
        self.where = difference.where
        self.new = difference.new

    def steps(self) -> Iterator[Step]:
        rule = getattr(self, f"_{self.difference.kind.replace('-', '_')}", None)
        if rule is not None:
            yield from rule()

    # Fields.

    def _field_added(self) -> Iterator[Step]:
        value = self.difference.value
        if not isinstance(value, Field) or self.difference.key[:1] != ("field",):
            return
        owner, _, path = split(self.where)
        if path.startswith(("query ", "path ", "cookie ")):
            place, name = path.split(" ", 1)
            yield from self._parameter(owner, place, name, value)
        else:
            yield from self._property(value)

    def _property(self, value: Field) -> Iterator[Step]:
        owner, part, path = split(self.where)
        holder = self._holder(owner, part, path)
        if holder is None or path.endswith("[]"):
            return
        name = path.rpartition(".")[2]
        yield Step("set", f"{holder}/properties", name, self._schema(value))
        if value.required and self.difference.kind == "field-added":
            yield Step("add", f"{holder}/required", name)

    def _error_changed(self) -> Iterator[Step]:
        if self.where.startswith(ERROR) and isinstance(self.difference.value, Field):
            yield from self._property(self.difference.value)

    def _example(self) -> Iterator[Step]:
        """A member of an example is a field, of which the type is known and nothing else."""
        kind = str(self.new or "")
        if self.difference.old is None and "|" not in kind:
            yield from self._property(Field(type=kind))

    def _parameter(self, owner: str, place: str, name: str, value: Field) -> Iterator[Step]:
        schema: dict[str, Any] = {"type": value.type or "string"}
        schema |= examples(schema)
        parameter: dict[str, Any] = {"name": name, "in": place}
        if value.required:
            parameter["required"] = True
        parameter |= {"schema": schema, "description": WORDS, "x-provenance": self._provenance()}
        yield Step("add", f"{self._operation(owner)}/parameters", parameter)

    def _header(self) -> Iterator[Step]:
        value, key = self.difference.value, self.difference.key
        if self.difference.old is not None or not isinstance(value, Field) or key[0] != "header":
            return
        verb, path, *status = key[1].split(" ")
        owner = f"{verb} {path}"
        if owner not in self.document.spec.operations:
            return
        if status:
            place = f"{self._operation(owner)}/responses/{status[0]}/headers"
            header = {"description": WORDS, "schema": {"type": value.type or "string"}}
            yield Step("set", place, key[2], header)
        else:
            yield from self._parameter(owner, "header", key[2], value)

    def _required(self) -> Iterator[Step]:
        pointer = self.document.pointers.get(("field", self.where))
        holder, found, name = (pointer or "").rpartition("/properties/")
        if found:
            yield Step("add" if self.new == "required" else "drop", f"{holder}/required", name)

    def _type(self) -> Iterator[Step]:
        pointer = self._node_of_type()
        value = self.difference.value
        is_field = self.difference.key[:1] == ("field",) and bool(split(self.where)[2])
        if pointer is None or not is_field or value.type is None:
            return
        ours = self.document.facts[self.difference.key]
        if self._is_other_type(ours, value):
            yield from self._other_type(pointer, value)
        elif bool(ours.nullable) != bool(value.nullable):
            yield Step("set", pointer, "type", _type_of(value))
        if value.format is not None:
            if value.format != ours.format or self._is_other_type(ours, value):
                yield Step("set", pointer, "format", value.format)
        elif ours.format is not None and value.is_exact:
            yield Step("remove", pointer, "format")

    def _other_type(self, pointer: str, value: Field) -> Iterator[Step]:
        """Yield the steps to another type; what does not fit it goes."""
        fitting = frozenset().union(*(_fitting(name) for name in str(value.type).split("|")))
        example = examples({"type": value.type, "format": value.format})
        node = at(self.document.spec.document, pointer)
        kept = {*fitting, *example} | ({"format"} if value.format is not None else set())
        for name in sorted((_OF_ANY_TYPE - kept) & node.keys()):
            yield Step("remove", pointer, name)
        yield Step("set", pointer, "type", _type_of(value))
        for name, shown in example.items():
            yield Step("set", pointer, name, shown)

    def _is_other_type(self, ours: Field, value: Field) -> bool:
        return set((ours.type or "").split("|")) != set((value.type or "").split("|"))

    def _bounds(self) -> Iterator[Step]:
        pointer = self._node_of_type()
        if pointer is None:
            return
        if self.new is None:
            yield Step("remove", pointer, str(self.difference.old).partition(":")[0])
        else:
            name, _, bound = str(self.new).partition(": ")
            yield Step("set", pointer, name, _scalar(bound, name == "pattern"))

    def _default(self) -> Iterator[Step]:
        pointer = self._node_of_type()
        if pointer is not None and self.new is not None:
            ours = self.document.facts[self.difference.key]
            yield Step("set", pointer, "default", _scalar(self.new, ours.type == "string"))

    def _deprecated(self) -> Iterator[Step]:
        pointer = None
        if self.difference.key[:1] == ("deprecated",):
            pointer = self._operation(self.where)
        elif self.difference.key[:1] == ("field",) and self.new == "deprecated":
            pointer = self._node_of_type()
        if pointer:
            yield Step("set", pointer, "deprecated", value=True)

    # Lists.

    def _value_added(self) -> Iterator[Step]:
        key = self.difference.key
        if key[:1] == ("field",):
            pointer = self._having("enum", self.document.pointers.get(key))
            if pointer is not None:
                yield Step("add", f"{pointer}/enum", self.new)
        elif len(key) > 2 and key[1] in self.document.spec.enumerations:  # noqa: PLR2004
            yield from self._added_to(f"/components/schemas/{key[1]}/enum", self.new)

    def _event_added(self) -> Iterator[Step]:
        yield from self._added_to(f"/components/schemas/{EVENTS}/enum", self.where)

    def _added_to(self, pointer: str, value: str) -> Iterator[Step]:
        if value not in (at(self.document.spec.document, pointer) or ()):
            yield Step("add", pointer, value)

    def _error_added(self) -> Iterator[Step]:
        words = f"{self.where} <what it means, in your own words>."
        yield Step("append", f"{ERROR_SCHEMA}/properties/errorCode", "description", words)

    # Operations.

    def _status_added(self) -> Iterator[Step]:
        owner, _, status = self.where.rpartition(" ")
        if owner not in self.document.spec.operations:
            return
        response: dict[str, Any] = {"description": WORDS}
        if not status.startswith("2") and at(self.document.spec.document, ERROR_SCHEMA):
            schema = {"$ref": f"#{ERROR_SCHEMA}"}
            response["content"] = {"application/json": {"schema": schema}}
        pointer = f"{self._operation(owner)}/responses"
        if status in (at(self.document.spec.document, pointer) or ()):
            return  # It was inferred, and is documented now.
        yield Step("set", pointer, DoubleQuotedScalarString(status), response)

    def _operation_moved(self) -> Iterator[Step]:
        old = str(self.difference.old)
        pointer = self._operation(old)
        if not pointer or " " not in str(self.new):
            return
        yield Step("rename", pointer, pointer_of(str(self.new)))

    def _operation_added(self) -> Iterator[Step]:
        source = self.sources.get(self.where)
        if source is None or " /" not in self.where:
            return
        body = operation(source, pointer_of(self.where), self._provenance())
        if body is not None:
            path, _, verb = pointer_of(self.where).rpartition("/")
            yield Step("set", path, verb, body)

    # Places.

    def _operation(self, name: str) -> str:
        return pointer_of(name) if name in self.document.spec.operations else ""

    def _node_of_type(self) -> str | None:
        """Return the schema of the field that differs, if it has a type of its own."""
        pointer = self.document.pointers.get(self.difference.key)
        node = at(self.document.spec.document, pointer) if pointer is not None else None
        # A type of several fields is not changed for one of them.
        return pointer if isinstance(node, dict) and "type" in node else None

    def _holder(self, owner: str, part: str, path: str) -> str | None:
        """Return the schema of the object that a field is in."""
        if owner in _SHARED:
            return _SHARED[owner] if "." not in path else None
        outer = where_of(owner, part, path.rpartition(".")[0])
        return self._having("properties", self.document.pointers.get(("field", outer)))

    def _having(self, keyword: str, pointer: str | None) -> str | None:
        """Return the pointer of a schema, or of one that it refers to, that has a keyword."""
        seen: set[str] = set()
        while pointer is not None and pointer not in seen:
            seen.add(pointer)
            node = at(self.document.spec.document, pointer)
            if not isinstance(node, dict):
                return None
            if keyword in node:
                return pointer
            pointer = str(node["$ref"]).removeprefix("#") if "$ref" in node else None
        return None

    def _provenance(self) -> dict[str, Any]:
        date = DoubleQuotedScalarString(f"{datetime.now(UTC):%Y-%m}")
        return {"level": "documented", "page": [self.difference.page], "date": date}

    def _schema(self, field: Field) -> dict[str, Any]:
        found: dict[str, Any] = {"type": _type_of(field)}
        if field.format:
            found["format"] = field.format
        if field.values:
            found["enum"] = list(field.values)
        if field.type == "array":
            found["items"] = {"type": "<type of the items>"}
        for name, bound in field.bounds.items():
            found[name] = _scalar(bound, name == "pattern")
        if field.default is not None:
            found["default"] = _scalar(field.default, field.type == "string")
        if field.deprecated:
            found["deprecated"] = True
        found["description"] = WORDS
        found |= examples(found | {"type": field.type or "string"})
        found["x-provenance"] = self._provenance()
        return found


def _fitting(name: str) -> frozenset[str]:
    kind = "integer" if name == "number" else name
    return frozenset(_OF_TYPE.get(kind, set()) - {"format"})


def _type_of(field: Field) -> Any:  # noqa: ANN401 - a name or a list
    names: list[Any] = (field.type or "string").split("|")
    if field.nullable:
        names.append(DoubleQuotedScalarString("null"))
    return names[0] if len(names) == 1 else names


def _scalar(text: Any, is_text: bool) -> Any:  # noqa: ANN401, FBT001 - a scalar of YAML
    if is_text:
        return DoubleQuotedScalarString(str(text))
    for kind in (int, float):
        try:
            return kind(str(text))
        except ValueError:
            continue
    return {"true": True, "false": False}.get(str(text), str(text))
