"""Read the OpenAPI document: its operations, the schemas that judge bodies, its examples."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

from calypso_mock import _extras, _json, _reasons
from calypso_mock._errors import MockError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jsonschema_rs import Draft202012Validator, ValidationError

_DOCUMENT = Path(__file__).with_name("openapi.json")
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_MEDIA_TYPE = "application/json"
_EXPLAINED = 8 * 1024


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
    """

    id: str
    method: str
    path: str
    request: Draft202012Validator | None
    request_examples: tuple[Example, ...]
    answers: Mapping[int, Answer]
    success: int

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
        self._document = document
        self._validators: dict[bytes, Draft202012Validator] = {}
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
        self.by_id = {operation.id: operation for operation in self.operations.values()}

    def allowed(self, path: str) -> tuple[str, ...]:
        """Return the methods that a path answers to."""
        return tuple(sorted(method for method, known in self.operations if known == path))

    def _operation(self, method: str, path: str, operation: Mapping[str, Any]) -> Operation:
        content = self._content(operation.get("requestBody", {}))
        answers = {
            int(status): self._answer(answer)
            for status, answer in operation.get("responses", {}).items()
            if status.isdigit()
        }
        return Operation(
            operation.get("operationId", f"{method} {path}"),
            method,
            path,
            self._validator(content),
            self._examples(content),
            answers,
            min(answers, default=200),
        )

    def _answer(self, answer: Mapping[str, Any]) -> Answer:
        content = self._content(answer)
        return Answer(self._validator(content), self._examples(content))

    def _content(self, holder: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._resolve(holder).get("content", {}).get(_MEDIA_TYPE, {})  # type: ignore[no-any-return]

    def _validator(self, content: Mapping[str, Any]) -> Draft202012Validator | None:
        if "schema" not in content:
            return None
        key = _json.dump(content["schema"])
        if key not in self._validators:
            self._validators[key] = compile_schema(content["schema"], self._document)
        return self._validators[key]

    def _examples(self, content: Mapping[str, Any]) -> tuple[Example, ...]:
        named = content.get("examples", {}).items()
        found = [Example(name, self._resolve(example).get("value")) for name, example in named]
        if "example" in content:
            found.append(Example("", content["example"]))
        return tuple(found)

    def _resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
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


def _refuse_remote(address: str) -> Never:
    # A mock never reads from the network or the disk what a document points to.
    raise MockError(f"{address} is not in the document")


def request_faults(operation: Operation, body: object) -> str | None:
    """Say what is wrong with a request by the document's schema, or None if nothing is."""
    return _faults(operation.request, body)


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
