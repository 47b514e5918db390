"""Reads the OpenAPI documents within pages into calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.drift.model import Call, Field
from tools.drift.samples import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.samples import Tree

VERBS = ("get", "post", "put", "patch", "delete", "head", "options")

_BOUNDS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength"),
    *("maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "minProperties"),
    "maxProperties",
)
_DEPTH = 12


def calls_in(tree: Tree, line: int) -> list[Call]:
    """Return the calls of an OpenAPI document, as far as it could be read."""
    return _Reader(tree, line).calls()


def is_document(value: Any) -> bool:  # noqa: ANN401 - any JSON
    """Return whether a value is an OpenAPI document."""
    return isinstance(value, dict) and ("openapi" in value or "swagger" in value)


class _Reader:
    def __init__(self, tree: Tree, line: int) -> None:
        self.document = _dict(tree.value)
        self.open = tree.open
        self.line = line
        self.names_required_first = _names_required_first(self.document)

    def calls(self) -> list[Call]:
        return [
            self._call(Call(self.line, verb.upper(), str(path)), _dict(item), operation)
            for path, item in _dict(self.document.get("paths")).items()
            for verb, operation in _dict(item).items()
            if verb.lower() in VERBS and isinstance(operation, dict)
        ]

    def _call(self, call: Call, item: dict[str, Any], op: dict[str, Any]) -> Call:
        call.summary = str(op.get("summary") or "")
        call.operation_id = str(op.get("operationId") or "")
        call.text = str(op.get("description") or "")
        servers = _dicts(self.document.get("servers"))
        call.servers = tuple(str(each["url"]) for each in servers if "url" in each)
        call.document, call.is_open = self.document, bool(self.open)
        for parameter in [*_dicts(item.get("parameters")), *_dicts(op.get("parameters"))]:
            self._parameter(call, self._resolve(parameter))
        if op.get("deprecated") is True:
            call.attributes["deprecated"] = "true"
        call.attributes["security"] = self._security(op)
        self._body(call, self._resolve(op.get("requestBody")))
        for status, response in _dict(op.get("responses")).items():
            self._response(call, str(status), self._resolve(response))
        return call

    def _security(self, op: dict[str, Any]) -> str:
        security = _dicts(op.get("security", self.document.get("security")))
        schemes = _dict(at(self.document, "/components/securitySchemes"))
        return " or ".join(
            sorted(
                name + _scheme(schemes, name) for name in map(" and ".join, map(sorted, security))
            )
        )

    def _parameter(self, call: Call, parameter: dict[str, Any]) -> None:
        name, where = str(parameter.get("name", "")), parameter.get("in")
        duty = None if id(parameter) in self.open else bool(parameter.get("required"))
        found = self._field(self._resolve(parameter.get("schema")), parameter, required=duty)
        if name and where == "header":
            call.headers[name] = found
        elif name and where in {"query", "path", "cookie"}:
            call.request[f"{where} {name}"] = found

    def _body(self, call: Call, body: dict[str, Any]) -> None:
        for media, content in _dict(body.get("content")).items():
            call.attributes.setdefault("media", str(media))
            schema = _dict(content).get("schema")
            required = None if id(body) in self.open else bool(body.get("required"))
            if schema is not None and "" not in call.request:
                call.request.update(self._fields(schema, required=required))

    def _response(self, call: Call, status: str, response: dict[str, Any]) -> None:
        call.statuses[status] = str(response.get("description") or "")
        fields = call.responses.setdefault(status, {})
        for name, header in _dict(response.get("headers")).items():
            header = self._resolve(header)  # noqa: PLW2901 - what it refers to
            found = self._field(self._resolve(header.get("schema")), header, required=None)
            call.response_headers[status, str(name)] = found
        for content in _dict(response.get("content")).values():
            schema = _dict(content).get("schema")
            if schema is not None:
                fields.update(self._fields(schema, required=None))

    def _fields(self, schema: Any, *, required: bool | None) -> dict[str, Field]:  # noqa: ANN401
        found: dict[str, Field] = {}
        for path, field in self._walk(_dict(schema), "", (), required=required):
            found.setdefault(path, field)
        return found

    def _walk(
        self, schema: dict[str, Any], path: str, seen: tuple[str, ...], *, required: bool | None
    ) -> Iterator[tuple[str, Field]]:
        reference = str(schema.get("$ref", ""))
        if reference in seen or len(seen) + path.count(".") > _DEPTH:
            return
        if reference:
            seen = (*seen, reference)
        target = self._resolve(schema)
        yield path, self._field(target, schema, required=required)
        items = target.get("items")
        if isinstance(items, dict):
            yield from self._walk(items, f"{path}[]", seen, required=None)
        for part, properties, needed in self._objects(target):
            for name, inner in properties.items():
                duty: bool | None = name in needed
                if not duty and (id(part) in self.open and self._is_partial(part)):
                    duty = None
                inner_path = f"{path}.{name}" if path else str(name)
                yield from self._walk(_dict(inner), inner_path, seen, required=duty)
            for name in sorted(needed - properties.keys() if id(part) in self.open else ()):
                # The page breaks off before it, but after the list of what is required.
                inner_path = f"{path}.{name}" if path else name
                yield inner_path, Field(line=self.line, required=True, is_open=True)

    def _is_partial(self, part: dict[str, Any]) -> bool:
        """Whether the list of required fields may go on."""
        needed = part.get("required")
        if needed is None:
            return not (self.names_required_first and part.get("properties"))
        return id(needed) in self.open

    def _objects(
        self, schema: dict[str, Any], depth: int = 0
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any], frozenset[str]]]:
        """Yield the objects that a schema is made of, each with its properties."""
        if depth > _DEPTH:
            return
        needed = schema.get("required")
        names = frozenset(map(str, needed)) if isinstance(needed, list) else frozenset[str]()
        yield schema, _dict(schema.get("properties")), names
        for keyword in ("allOf", "oneOf", "anyOf"):
            for part in _dicts(schema.get(keyword)):
                yield from self._objects(self._resolve(part), depth + 1)

    def _field(
        self, target: dict[str, Any], own: dict[str, Any], *, required: bool | None
    ) -> Field:
        types, nullable = _types(target)
        values = [target["const"]] if "const" in target else target.get("enum")
        return Field(
            line=self.line,
            type=types,
            format=str(target["format"]) if target.get("format") is not None else None,
            nullable=nullable or target.get("nullable") is True,
            required=required,
            default=None if "default" not in target else _shown(target["default"]),
            bounds={name: _shown(target[name]) for name in _BOUNDS if name in target},
            values=tuple(map(_shown, values)) if isinstance(values, list) else (),
            deprecated=own.get("deprecated") is True or target.get("deprecated") is True,
            text=str(own.get("description") or target.get("description") or ""),
            is_open=not target or bool({id(target), id(own)} & self.open),
            is_exact=True,
        )

    def _resolve(self, node: Any, depth: int = 0) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Return what a node refers to; an empty object where that is missing."""
        found = _dict(node)
        reference = found.get("$ref")
        if not isinstance(reference, str) or depth > _DEPTH:
            return found
        target = at(self.document, "/" + reference.removeprefix("#/"))
        return self._resolve(target, depth + 1)


def _names_required_first(node: Any) -> bool:  # noqa: ANN401 - any JSON
    """Whether any schema names what is required before its properties."""
    if isinstance(node, list):
        return any(map(_names_required_first, node))
    names = list(_dict(node))
    if {"required", "properties"} <= set(names):
        return names.index("required") < names.index("properties")
    return any(map(_names_required_first, _dict(node).values()))


def _scheme(schemes: dict[str, Any], name: str) -> str:
    scheme = _dict(schemes.get(name))
    shown = " ".join(str(scheme[key]) for key in ("type", "scheme", "in", "name") if key in scheme)
    return f" ({shown})" if shown else ""


def _types(schema: dict[str, Any]) -> tuple[str | None, bool]:
    found = schema.get("type")
    names = [str(each) for each in (found if isinstance(found, list) else [found]) if each]
    if not names and "properties" in schema:
        names = ["object"]
    others = sorted({name for name in names if name != "null"})
    return "|".join(others) or None, "null" in names


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def _dict(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
