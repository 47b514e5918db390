"""The contract: the operations and events of the OpenAPI document, ready to validate bodies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from calypso_mock import _extras
from calypso_mock.api import _reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jsonschema_rs import Draft202012Validator, ValidationError

    Json = dict[str, Any]

# Beyond this length of a body, only the first error is explained.
_EXPLAINED = 8 * 1024


@dataclass(frozen=True, slots=True)
class Example:
    """A named example of a request and, where one has the same name, of its response.

    Attributes:
        name: Its name.
        value: The body.
    """

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class ResponseSpec:
    """The document's description of one status of one operation.

    Attributes:
        validator: Validates the body; None where there is no content.
        examples: Named examples of the body.
    """

    validator: Draft202012Validator | None
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class EventSpec:
    """The document's description of one webhook event.

    Attributes:
        validator: Validates the body; None where there is no schema.
        complete: Fills in what the mock has no behaviour for; None where there is nothing.
    """

    validator: Draft202012Validator | None = None
    complete: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document.

    Attributes:
        id: Its operationId.
        method: Its HTTP method, in upper case.
        path: Its path.
        request: Validates the body of a request; None where the document has none.
        request_examples: Named examples of such bodies.
        responses: By status.
        success: The status of a success.
        needs_account: Whether its requests name an account.
        match: Returns the path parameters, or None for another path; None where the operation's
            path has no parameters.
        read_parameters: Returns the parameters of a path and a query, as objects by location.
        parameter_validator: Validates those; None where there are none.
        complete: Fills in what the mock has no behaviour for; None where there is nothing.
        sample: A response generated from its schema, where there is no example of one.
    """

    id: str
    method: str
    path: str
    request: Draft202012Validator | None
    request_examples: tuple[Example, ...]
    responses: Mapping[int, ResponseSpec]
    success: int
    needs_account: bool
    match: Callable[[str], dict[str, str] | None] | None
    read_parameters: Callable[[str, str], dict[str, Json]]
    parameter_validator: Draft202012Validator | None = None
    complete: Callable[[Any], Any] | None = None
    sample: Example | None = None

    def example(self, name: str | None = None) -> Example | None:
        """Return an example of a successful response: the one of this name, or the first."""
        examples = self.responses[self.success].examples
        return next((example for example in examples if name in (None, example.name)), None)


# Its examples contain secrets.
@dataclass(frozen=True, slots=True, repr=False)
class Contract:
    """What the document describes.

    Attributes:
        operations: All operations.
        events: By event type.
        customer_fields: The fields of a customer that the merchant sets.
    """

    operations: tuple[Operation, ...]
    events: Mapping[str, EventSpec]
    customer_fields: frozenset[str]
    _exact: dict[str, list[Operation]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for each in self.operations:
            self._exact.setdefault(each.path, []).append(each)

    def by_id(self, operation_id: str) -> Operation | None:
        """Return the operation with an operationId, or None."""
        return next((each for each in self.operations if each.id == operation_id), None)

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation with a method and a path, or None."""
        for each in self._at(path):
            if each.method == method:
                return each
        return None

    def allowed(self, path: str) -> tuple[str, ...]:
        """Return the methods that a path has."""
        return tuple(sorted({each.method for each in self._at(path)}))

    def _at(self, path: str) -> list[Operation]:
        """Return the operations of a path; a path without parameters wins, for any method."""
        return self._exact.get(path) or [
            each for each in self.operations if each.match and each.match(path) is not None
        ]


def request_error(operation: Operation, body: object) -> str | None:
    """Return what the document's schema does not allow in a request, or None."""
    return _error(operation.request, body)


def parameter_error(operation: Operation, path: str, query: str) -> str | None:
    """Return what the document does not allow in a request's parameters, or None."""
    if operation.parameter_validator is None:
        return None
    return _error(operation.parameter_validator, operation.read_parameters(path, query))


def response_error(operation: Operation, status: int, body: object) -> str | None:
    """Return what the document's schema does not allow in a response, or None.

    A status that the document does not describe for this operation has no schema to violate.
    """
    spec = operation.responses.get(status)
    if spec is None:
        return None
    if spec.validator is None and body is not None:
        return "body=[must not be there]"
    return _error(spec.validator, body)


def event_error(spec: EventSpec, body: object) -> str | None:
    """Return what the document's schema does not allow in a webhook event, or None."""
    return _error(spec.validator, body)


def _error(validator: Draft202012Validator | None, body: object) -> str | None:
    if validator is None or validator.is_valid(body):
        return None
    return _reasons.explain(_errors(validator, body))


def _errors(validator: Draft202012Validator, body: object) -> Iterable[ValidationError]:
    # All errors are found before the first can be read, and each becomes a line. A long body could
    # hold a million, so only the first one is read.
    if len(repr(body)) > _EXPLAINED:
        try:
            validator.validate(body)
        except _extras.need("jsonschema_rs").ValidationError as error:
            return [error]
    return validator.iter_errors(body)
