"""Read the OpenAPI document: its operations, the schemas that judge bodies, its examples."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

from calypso_mock import _extras, _fill, _json, _parameters, _reasons, _samples
from calypso_mock._errors import MockError
from calypso_mock._fill import Filler
from calypso_mock._parameters import Parameter, Route
from calypso_mock._samples import MISSING, Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jsonschema_rs import Draft202012Validator, ValidationError

_DOCUMENT = Path(__file__).with_name("openapi.json")
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_MEDIA_TYPE = "application/json"
_EXPLAINED = 8 * 1024
_SAY_CUSTOMERS = frozenset({"createCustomer", "updateCustomer"})


@dataclass(frozen=True, slots=True)
class Example:
    """A named example of a request and, where one bears the same name, of its answer.

    Attributes:
        name: Its name.
        value: The body.
    """

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What the document says of one status of one operation.

    Attributes:
        validator: Judges the body; None where there is no content.
        examples: Named examples of the body.
    """

    validator: Draft202012Validator | None
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document.

    Attributes:
        id: Its operationId.
        method: Its HTTP method, in upper case.
        path: Its path.
        request: Judges the body of a request; None where the document has none.
        request_examples: Named examples of such bodies.
        answers: By status.
        success: The status of a success.
        route: Matches its path, where that has parameters.
        parameters: Those of its path and its query.
        judge: Judges the values of all parameters, as objects by place.
        account: Whether its requests name an account.
        sample: An answer made up from its schema, where there is no example of one.
        complete: Fills in what the mock has no behaviour for; None where there is nothing.
    """

    id: str
    method: str
    path: str
    request: Draft202012Validator | None
    request_examples: tuple[Example, ...]
    answers: Mapping[int, Answer]
    success: int
    route: Route | None = None
    parameters: tuple[Parameter, ...] = ()
    judge: Draft202012Validator | None = None
    complete: Callable[[Any], Any] | None = None
    account: bool = False
    sample: Example | None = None

    def example(self, name: str | None = None) -> Example | None:
        """Return an example of a successful answer: the one of this name, or the first."""
        examples = self.answers[self.success].examples
        return next((example for example in examples if name in (None, example.name)), None)


class Contract:
    """The document, its schemas compiled.

    Args:
        document: An OpenAPI 3.1 document as plain JSON values.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = _loosened(document)
        self._validators: dict[bytes, Draft202012Validator] = {}
        self.customer_fields = self._customer_fields()
        self._samples = Samples(self._resolve, self._is_valid)
        self._filler = Filler(self._resolve, self._samples, self.customer_fields)
        self.operations = {
            (method.upper(), path): self._operation(method.upper(), path, self._resolve(operation))
            for path, item in document.get("paths", {}).items()
            for method, operation in self._resolve(item).items()
            if method in _METHODS
        }
        self.notifications = {
            event_type: self._validator(self._content(operation.get("requestBody", {})))
            for event_type, item in document.get("webhooks", {}).items()
            for method, operation in self._resolve(item).items()
            if method in _METHODS
        }
        self.completions = {
            event_type: fill
            for event_type, item in document.get("webhooks", {}).items()
            for method, operation in self._resolve(item).items()
            if method in _METHODS
            and (fill := self._completion(self._content(operation.get("requestBody", {}))))
        }
        self.by_id = {operation.id: operation for operation in self.operations.values()}

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation at a path."""
        return next((each for each in self._at(path) if each.method == method), None)

    def allowed(self, path: str) -> tuple[str, ...]:
        """Return the methods that a path answers to."""
        return tuple(sorted({each.method for each in self._at(path)}))

    def _at(self, path: str) -> list[Operation]:
        """Return what is at a path; one without parameters goes first, whatever the method."""
        operations = self.operations.values()
        exact = [each for each in operations if each.path == path]
        return exact or [
            each for each in operations if each.route and each.route.match(path) is not None
        ]

    def _customer_fields(self) -> frozenset[str]:
        """Return what a merchant says of a customer: what payloads and answers have in common."""
        found: set[str] = set()
        for item in self._document.get("paths", {}).values():
            for method, operation in self._resolve(item).items():
                if method in _METHODS and operation.get("operationId") in _SAY_CUSTOMERS:
                    body = self._content(operation.get("requestBody", {})).get("schema", {})
                    payload = self._properties(self._properties(body).get("payload", {}))
                    answer = operation.get("responses", {}).get("200", {})
                    found |= (
                        payload.keys()
                        & self._properties(self._content(answer).get("schema", {})).keys()
                    )
        return frozenset(found - {"id"})

    def _properties(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in _samples.parts(self._resolve, schema):
            found |= part.get("properties", {})
        return found

    def _required(self, schema: Mapping[str, Any]) -> set[str]:
        parts = _samples.parts(self._resolve, schema)
        return set().union(*(part.get("required", ()) for part in parts))

    def _completion(self, content: Mapping[str, Any], own: str = "") -> Callable[[Any], Any] | None:
        return self._filler.of(content["schema"], own) if "schema" in content else None

    def _sample(self, content: Mapping[str, Any]) -> Example | None:
        if "schema" not in content or self._examples(content):
            return None
        made = self._samples.of(content["schema"], needed=True)
        valid = made is not MISSING and self._is_valid(content["schema"], made)
        return Example("", made) if valid else None

    def _judge(self, parameters: Iterable[Mapping[str, Any]]) -> Draft202012Validator:
        places: dict[str, Any] = {}
        for each in parameters:
            place = places.setdefault(each["in"], {"properties": {}, "required": []})
            place["properties"][each["name"]] = each["schema"]
            place["required"] += [each["name"]] if each.get("required") else []
        return compile_schema({"type": "object", "properties": places}, self._document)

    def _parameter(self, each: Mapping[str, Any]) -> Parameter:
        schema = self._resolve(each["schema"])
        several = schema.get("type") == "array"
        kinds = (self._resolve(schema.get("items", {})) if several else schema).get(
            "type", "string"
        )
        types = frozenset(kinds if isinstance(kinds, list) else [kinds])
        return Parameter(each["name"], each["in"], types, several)

    def _operation(self, method: str, path: str, operation: Mapping[str, Any]) -> Operation:
        content = self._content(operation.get("requestBody", {}))
        answers = {
            int(status): self._answer(answer)
            for status, answer in operation.get("responses", {}).items()
            if status.isdigit()
        }
        success = min(answers, default=200)
        shown = self._content(operation.get("responses", {}).get(str(success), {}))
        name = operation.get("operationId", f"{method} {path}")
        parameters = [
            each
            for each in map(self._resolve, operation.get("parameters", ()))
            if each.get("in") in {"path", "query"} and "schema" in each
        ]
        return Operation(
            name,
            method,
            path,
            self._validator(content),
            self._examples(content),
            answers,
            success,
            _parameters.route(path),
            tuple(map(self._parameter, parameters)),
            self._judge(parameters) if parameters else None,
            self._completion(shown, _fill.RETURNED.get(name, "")),
            "account" in self._required(content.get("schema", {})),
            self._sample(shown),
        )

    def _answer(self, answer: Mapping[str, Any]) -> Answer:
        content = self._content(answer)
        return Answer(self._validator(content), self._examples(content))

    def _content(self, holder: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._resolve(holder).get("content", {}).get(_MEDIA_TYPE, {})  # type: ignore[no-any-return]

    def _validator(self, content: Mapping[str, Any]) -> Draft202012Validator | None:
        return self._compiled(content["schema"]) if "schema" in content else None

    def _compiled(self, schema: Mapping[str, Any]) -> Draft202012Validator:
        key = _json.dump(schema)
        if key not in self._validators:
            self._validators[key] = compile_schema(schema, self._document)
        return self._validators[key]

    def _is_valid(self, schema: Mapping[str, Any], value: object) -> bool:
        return self._compiled(schema).is_valid(value)

    def _examples(self, content: Mapping[str, Any]) -> tuple[Example, ...]:
        # One that is kept elsewhere has no value: the mock reads the document only.
        named = [(name, self._resolve(each)) for name, each in content.get("examples", {}).items()]
        found = [Example(name, each["value"]) for name, each in named if "value" in each]
        if "example" in content:
            found.append(Example("", content["example"]))
        return tuple(found)

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


def compile_schema(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Draft202012Validator:
    """Compile one schema of a document, formats included.

    Raises:
        MockError: If it is no schema, or refers to something that is not in the document.
    """
    jsonschema_rs = _extras.need("jsonschema_rs")
    try:
        validator: Draft202012Validator = jsonschema_rs.Draft202012Validator(
            {**schema, "components": document.get("components", {})},
            validate_formats=True,
            retriever=_refuse_remote,
        )
    except jsonschema_rs.ValidationError as error:
        raise MockError(f"the document has a bad schema: {error.message}") from None
    return validator


def _loosened(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Copy a document with ``anyOf`` in the place of each ``oneOf`` that has a discriminator.

    The discriminator says which option is meant. The others may fit as well, which ``oneOf`` alone
    does not allow.
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


def _refuse_remote(address: str) -> Never:
    # A mock never reads from the network or the disk what a document points to.
    raise MockError(f"{address} is not in the document")


def request_faults(operation: Operation, body: object) -> str | None:
    """Say what is wrong with a request by the document's schema, or None if nothing is."""
    return _faults(operation.request, body)


def parameter_faults(operation: Operation, path: str, query: str) -> str | None:
    """Say what is wrong with a request's parameters by the document, or None if nothing is."""
    if operation.judge is None:
        return None
    return _faults(operation.judge, parameters(operation, path, query))


def parameters(operation: Operation, path: str, query: str) -> dict[str, dict[str, Any]]:
    """Return the values of a request's parameters by place and name."""
    named = operation.route.match(path) if operation.route else None
    return _parameters.values(operation.parameters, named or {}, query)


def answer_faults(operation: Operation, status: int, body: object) -> str | None:
    """Say what is wrong with an answer by the document's schema, or None if nothing is.

    A status that the document does not describe for this operation has no schema to break.
    """
    answer = operation.answers.get(status)
    if answer is None:
        return None
    if answer.validator is None and body is not None:
        return "body=[must not be there]"
    return _faults(answer.validator, body)


def notification_faults(contract: Contract, event_type: str, body: object) -> str | None:
    """Say what is wrong with a notification by the document's schema, or None if nothing is.

    A document without this event has no schema to break.
    """
    return _faults(contract.notifications.get(event_type), body)


def _faults(validator: Draft202012Validator | None, body: object) -> str | None:
    if validator is None or validator.is_valid(body):
        return None
    return _reasons.explain(_errors(validator, body))


def _errors(validator: Draft202012Validator, body: object) -> Iterable[ValidationError]:
    # All errors are found before the first can be read, and each becomes a line: of a long body,
    # which could hold a million, the first has to do.
    if len(repr(body)) > _EXPLAINED:
        try:
            validator.validate(body)
        except _extras.need("jsonschema_rs").ValidationError as error:
            return [error]
    return validator.iter_errors(body)


def of_document(document: Mapping[str, Any] | None) -> Contract:
    """Return the contract of a document, compiled once however many mocks share it.

    Args:
        document: As a YAML or JSON reader makes it; the packaged document where absent.
    """
    text = _packaged() if document is None else _json.dump(_json.plain(document))
    with _COMPILING:
        return _compiled(text)


@cache
def _packaged() -> bytes:
    return _DOCUMENT.read_bytes()


_COMPILING = threading.Lock()


@lru_cache(maxsize=8)
def _compiled(text: bytes) -> Contract:
    return Contract(_json.load(text))
