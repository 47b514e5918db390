"""Turn a request into a response: check, handle, and validate the response before it leaves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from calypso_mock._errors import ApiError, bad_request
from calypso_mock.api import _checks, _contract, _handlers, _responses
from calypso_mock.api._http import Rejection
from calypso_mock.api._responses import HttpResponse

if TYPE_CHECKING:
    from calypso_mock.api._context import Context
    from calypso_mock.api._contract import Operation
    from calypso_mock.api._http import Request, Response

_log = logging.getLogger("calypso_mock")
# Characters of a method and of a path that a message shows.
_SHOWN = 200


def respond(context: Context, request: Request) -> Response:
    """Respond to a request to the API, whatever it contains."""
    try:
        return _respond(context, request)
    except Exception:  # noqa: BLE001 - a client gets a response whatever went wrong
        _log.exception("the mock failed at %s %r", request.method, request.path)
        return _responses.render(context, _responses.error_response(context, ApiError("000")))


def _respond(context: Context, request: Request) -> Response:
    operation = context.contract.find(request.method, request.path)
    if operation is None:
        return unknown_operation(context, request)
    response = operation_response(context, operation, request)
    error = _contract.response_error(operation, response.status, response.body)
    if error is not None:
        message = f"the mock broke the document: {operation.id} {response.status}: {error}"
        _log.error(message)
        response = _responses.error_response(context, ApiError("000", message))
    return _responses.render(context, response)


def operation_response(context: Context, operation: Operation, request: Request) -> HttpResponse:
    """Run an operation, and return its result or its error."""
    try:
        result = run_operation(context, operation, request)
    except ApiError as error:
        context.journal.note(operation.id, error.code)
        return _responses.error_response(context, error)
    simulated = operation.id in _handlers.HANDLERS
    if context.journal.note(operation.id, from_example=not simulated) == 1 and not simulated:
        _log.warning("%s is not simulated: responding with the document's example", operation.id)
    return HttpResponse(operation.success, result)


def run_operation(context: Context, operation: Operation, request: Request) -> Any:  # noqa: ANN401 - JSON
    """Check a request and pass it to its handler."""
    has_body = operation.request is not None or request.body
    body = _checks.read_body(request) if has_body else {}
    with context.lock:
        pair = _checks.check_key(context.state, request.headers.get("key"))
        _checks.check_sign(pair.secret, request.body, request.headers.get("sign"))
        _checks.check_timestamp(body, context.clock)
        _checks.check_parameters(operation, request)
        _checks.check_envelope(operation, body, context.options)
        payload = body.get("payload", {})
        _checks.check_payload(operation, payload, context.options)
        account = _checks.check_account(
            context.state, pair, body if operation.needs_account else {}
        )
        handler = _handlers.HANDLERS.get(operation.id)
        if handler is None:
            parameters = operation.read_parameters(request.path, request.query)
            for given in (payload, *parameters.values()):
                _handlers.check_ids(_handlers.Call(context, account, given))
            return example_response(operation, body)
        result = handler(_handlers.Call(context, account, payload))
        return result if operation.complete is None else operation.complete(result)


def example_response(operation: Operation, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return an example of the document, for an operation that has no handler.

    It is the one with the name of the request's example that has the same payload, else the first.
    Without any, it is generated from the schema.
    """
    if operation.responses[operation.success].validator is None:
        return None
    name = _example_name(operation, body)
    example = operation.example(name) or operation.example() or operation.sample
    if example is None:
        raise ApiError("000", f"the document has no example of a response to {operation.id}")
    return example.value


def _example_name(operation: Operation, body: dict[str, Any]) -> str | None:
    payload = body.get("payload")
    for each in operation.request_examples:
        if isinstance(each.value, dict) and each.value.get("payload") == payload:
            return each.name
    return None


def unknown_operation(context: Context, request: Request) -> Response:
    """Reject an unknown path, or a method that the path does not have.

    How the vendor responds to either is unknown. An unknown path gets no error code: 004 would
    make a test of something that the mock lacks believe that an object is missing.
    """
    allowed = context.contract.allowed(request.path)
    if not allowed:
        path = request.path[:_SHOWN]
        message = f"{request.method[:_SHOWN]} {path!a} is not part of this mock"
        response = HttpResponse(404, {"message": message}, Rejection(None, message))
        return _responses.render(context, response)
    error = bad_request(f"the method has to be {' or '.join(allowed)}", status=405)
    response = _responses.error_response(context, error)
    return _responses.render(context, response, {"allow": ", ".join(allowed)})
