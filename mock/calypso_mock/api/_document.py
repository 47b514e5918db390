"""Compile an OpenAPI document into a contract."""

from __future__ import annotations

import threading
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

from calypso_mock import _extras, _json
from calypso_mock._errors import MockError
from calypso_mock.api import _fill, _parameters, _samples
from calypso_mock.api._contract import Contract, EventSpec, Example, Operation, ResponseSpec
from calypso_mock.api._fill import Filler
from calypso_mock.api._parameters import Parameter
from calypso_mock.api._samples import MISSING, Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from jsonschema_rs import Draft202012Validator

_DOCUMENT = Path(__file__).parents[1] / "openapi.json"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_MEDIA_TYPE = "application/json"
_SET_CUSTOMERS = frozenset({"createCustomer", "updateCustomer"})


def load_contract(document: Mapping[str, Any] | None) -> Contract:
    """Return the contract of a document, compiled once for all mocks that share it.

    Args:
        document: As a YAML or JSON reader makes it; the packaged document where absent.

    Raises:
        MockError: If a schema of the document is broken, or a reference leads nowhere.
    """
    text = _packaged() if document is None else _json.dump(_json.plain(document))
    with _COMPILING:
        return _compile(text)


@cache
def _packaged() -> bytes:
    return _DOCUMENT.read_bytes()


_COMPILING = threading.Lock()


@lru_cache(maxsize=8)
def _compile(text: bytes) -> Contract:
    return _Compiler(_json.load(text)).contract()


class _Compiler:
    """Compiles one document.

    Args:
        document: An OpenAPI 3.1 document as plain JSON values.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = _loosened(document)
        self._validators: dict[bytes, Draft202012Validator] = {}
        self._customer_fields = self._find_customer_fields()
        self._samples = Samples(self._resolve, self._is_valid)
        self._filler = Filler(self._resolve, self._samples, self._customer_fields)

    def contract(self) -> Contract:
        """Compile everything."""
        operations = [
            self._operation(method.upper(), path, self._resolve(operation))
            for path, method, operation in self._items("paths")
        ]
        events = {
            event_type: self._event(operation)
            for event_type, _, operation in self._items("webhooks")
        }
        return Contract(tuple(operations), events, self._customer_fields)

    def _items(self, section: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Go through all operations of a section: name, method, operation."""
        for name, item in self._document.get(section, {}).items():
            for method, operation in self._resolve(item).items():
                if method in _METHODS:
                    yield name, method, operation

    def _find_customer_fields(self) -> frozenset[str]:
        """Return what a merchant sets of a customer: what payloads and responses share."""
        found: set[str] = set()
        for _, _, operation in self._items("paths"):
            if operation.get("operationId") in _SET_CUSTOMERS:
                body = self._content(operation.get("requestBody", {})).get("schema", {})
                payload = self._properties(self._properties(body).get("payload", {}))
                response = operation.get("responses", {}).get("200", {})
                shown = self._properties(self._content(response).get("schema", {}))
                found |= payload.keys() & shown.keys()
        return frozenset(found - {"id"})

    def _properties(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in _samples.parts(self._resolve, schema):
            found |= part.get("properties", {})
        return found

    def _required(self, schema: Mapping[str, Any]) -> set[str]:
        parts = _samples.parts(self._resolve, schema)
        return set().union(*(part.get("required", ()) for part in parts))

    def _operation(self, method: str, path: str, operation: Mapping[str, Any]) -> Operation:
        content = self._content(operation.get("requestBody", {}))
        responses = {
            int(status): self._response(response)
            for status, response in operation.get("responses", {}).items()
            if status.isdigit()
        }
        success = min(responses, default=200)
        shown = self._content(operation.get("responses", {}).get(str(success), {}))
        name = operation.get("operationId", f"{method} {path}")
        parameters = [
            each
            for each in map(self._resolve, operation.get("parameters", ()))
            if each.get("in") in {"path", "query"} and "schema" in each
        ]
        route = _parameters.route(path)
        return Operation(
            id=name,
            method=method,
            path=path,
            request=self._validator(content),
            request_examples=self._examples(content),
            responses=responses,
            success=success,
            needs_account="account" in self._required(content.get("schema", {})),
            match=None if route is None else route.match,
            read_parameters=partial(
                _parameters.read, tuple(map(self._parameter, parameters)), route
            ),
            parameter_validator=self._parameter_validator(parameters) if parameters else None,
            complete=self._completion(shown, _fill.RETURNED.get(name, "")),
            sample=self._sample(shown),
        )

    def _response(self, response: Mapping[str, Any]) -> ResponseSpec:
        content = self._content(response)
        return ResponseSpec(self._validator(content), self._examples(content))

    def _event(self, operation: Mapping[str, Any]) -> EventSpec:
        content = self._content(operation.get("requestBody", {}))
        return EventSpec(self._validator(content), self._completion(content))

    def _parameter(self, each: Mapping[str, Any]) -> Parameter:
        schema = self._resolve(each["schema"])
        several = schema.get("type") == "array"
        kinds = (self._resolve(schema.get("items", {})) if several else schema).get(
            "type", "string"
        )
        types = frozenset(kinds if isinstance(kinds, list) else [kinds])
        return Parameter(each["name"], each["in"], types, several)

    def _parameter_validator(self, parameters: Iterable[Mapping[str, Any]]) -> Draft202012Validator:
        locations: dict[str, Any] = {}
        for each in parameters:
            location = locations.setdefault(each["in"], {"properties": {}, "required": []})
            location["properties"][each["name"]] = each["schema"]
            location["required"] += [each["name"]] if each.get("required") else []
        return _compile_schema({"type": "object", "properties": locations}, self._document)

    def _completion(self, content: Mapping[str, Any], own: str = "") -> Callable[[Any], Any] | None:
        return self._filler.of(content["schema"], own) if "schema" in content else None

    def _sample(self, content: Mapping[str, Any]) -> Example | None:
        if "schema" not in content or self._examples(content):
            return None
        made = self._samples.of(content["schema"], needed=True)
        valid = made is not MISSING and self._is_valid(content["schema"], made)
        return Example("", made) if valid else None

    def _content(self, holder: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._resolve(holder).get("content", {}).get(_MEDIA_TYPE, {})  # type: ignore[no-any-return]

    def _examples(self, content: Mapping[str, Any]) -> tuple[Example, ...]:
        # An external example has no value: the mock reads the document only.
        named = [(name, self._resolve(each)) for name, each in content.get("examples", {}).items()]
        found = [Example(name, each["value"]) for name, each in named if "value" in each]
        if "example" in content:
            found.append(Example("", content["example"]))
        return tuple(found)

    def _validator(self, content: Mapping[str, Any]) -> Draft202012Validator | None:
        return self._compiled(content["schema"]) if "schema" in content else None

    def _is_valid(self, schema: Mapping[str, Any], value: object) -> bool:
        return self._compiled(schema).is_valid(value)

    def _compiled(self, schema: Mapping[str, Any]) -> Draft202012Validator:
        key = _json.dump(schema)
        if key not in self._validators:
            self._validators[key] = _compile_schema(schema, self._document)
        return self._validators[key]

    def _resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        seen: set[str] = set()
        while "$ref" in node:
            if node["$ref"] in seen:
                raise MockError(f"{node['$ref']} of the document refers to itself")
            seen.add(node["$ref"])
            node = self._look_up(node["$ref"])
        return node

    def _look_up(self, reference: str) -> Mapping[str, Any]:
        target: Any = self._document
        try:
            for part in reference.removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
        except (KeyError, TypeError):
            raise MockError(f"the document refers to {reference}, which is not in it") from None
        return target  # type: ignore[no-any-return]


def _compile_schema(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Draft202012Validator:
    """Compile one schema of a document, formats included.

    Raises:
        MockError: If it is not a schema, or refers to something that is not in the document.
    """
    jsonschema_rs = _extras.need("jsonschema_rs")
    try:
        validator: Draft202012Validator = jsonschema_rs.Draft202012Validator(
            {**schema, "components": document.get("components", {})},
            validate_formats=True,
            retriever=_reject_remote,
        )
    except jsonschema_rs.ValidationError as error:
        raise MockError(f"the document has a bad schema: {error.message}") from None
    return validator


def _loosened(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Copy a document with ``anyOf`` in place of each ``oneOf`` that has a discriminator.

    The discriminator names the option that is meant. The others may fit as well, which ``oneOf``
    alone does not allow.
    """
    if isinstance(node, list):
        return list(map(_loosened, node))
    if not isinstance(node, dict):
        return node
    chosen = (
        isinstance(node.get("oneOf"), list)
        and isinstance(node.get("discriminator"), dict)
        and "anyOf" not in node
    )
    return {
        "anyOf" if chosen and name == "oneOf" else name: _loosened(each)
        for name, each in node.items()
    }


def _reject_remote(address: str) -> Never:
    # A mock never reads from the network or the disk what a document points to.
    raise MockError(f"{address} is not in the document")
