"""Turn one request into one answer: checks, handler, and a look at the answer before it leaves."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calypso_mock import _checks, _contract, _handlers, _json
from calypso_mock._errors import ApiError, bad_request
from calypso_mock._exchange import Response, Verdict

if TYPE_CHECKING:
    from calypso_mock._contract import Operation
    from calypso_mock._exchange import Request
    from calypso_mock._world import World

_log = logging.getLogger("calypso_mock")
# Characters of a path that a message shows.
_SHOWN = 200
_STATUSES = {"000": 500, "001": 400, "004": 400, "011": 400}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be sent, before it is bytes.

    Attributes:
        status: The HTTP status.
        body: Plain JSON values; None for no content.
        verdict: Why the request was refused, or None for success.
    """

    status: int
    body: Any
    verdict: Verdict | None = None


def respond(world: World, request: Request) -> Response:
    """Answer a request to the API, whatever it is made of."""
    try:
        return _respond(world, request)
    except Exception:  # noqa: BLE001 - whatever went wrong, a client gets an answer
        _log.exception("the mock failed at %s %r", request.method, request.path)
        return render(world, refusal(world, ApiError("000")))


def _respond(world: World, request: Request) -> Response:
    operation = world.contract.find(request.method, request.path)
    if operation is None:
        return no_operation(world, request)
    answer = answer_to(world, operation, request)
    faults = _contract.answer_faults(operation, answer.status, answer.body)
    if faults is not None:
        message = f"the mock broke the document: {operation.id} {answer.status}: {faults}"
        _log.error(message)
        answer = refusal(world, ApiError("000", message))
    return render(world, answer)


def answer_to(world: World, operation: Operation, request: Request) -> Answer:
    """Carry out an operation, or say why not."""
    try:
        result = carry_out(world, operation, request)
    except ApiError as error:
        world.journal.note(operation.id, error.code)
        return refusal(world, error)
    simulated = operation.id in _handlers.HANDLERS
    if world.journal.note(operation.id, from_example=not simulated) == 1 and not simulated:
        _log.warning("%s is not simulated: it is answered from the document", operation.id)
    return Answer(operation.success, result)


def carry_out(world: World, operation: Operation, request: Request) -> Any:  # noqa: ANN401 - JSON
    """Check a request and hand it to what answers it."""
    has_body = operation.request is not None or request.body
    body = _checks.read_body(request) if has_body else {}
    with world.lock:
        pair = _checks.check_key(world.state, request.headers.get("key"))
        _checks.check_sign(pair.secret, request.body, request.headers.get("sign"))
        _checks.check_timestamp(body, world.clock)
        _checks.check_parameters(operation, request)
        _checks.check_envelope(operation, body, world.switches)
        payload = body.get("payload", {})
        _checks.check_payload(operation, payload, world.switches)
        account = _checks.check_account(world.state, pair, body if operation.account else {})
        handler = _handlers.HANDLERS.get(operation.id)
        call = _handlers.Call(world, account, payload)
        if handler is None:
            places = _contract.parameters(operation, request.path, request.query)
            for given in (payload, *places.values()):
                _handlers.check_ids(_handlers.Call(world, account, given))
            return from_document(operation, body)
        result = handler(call)
        return result if operation.complete is None else operation.complete(result)


def from_document(operation: Operation, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Answer an operation that the mock has no behaviour for with an example of the document.

    It is the one that bears the name of the request's example with the same payload, else the
    first. Without any it is made up from the schema.
    """
    if operation.answers[operation.success].validator is None:
        return None
    example = operation.example(_asked(operation, body)) or operation.example() or operation.sample
    if example is None:
        raise ApiError("000", f"the document has no example of an answer to {operation.id}")
    return example.value


def _asked(operation: Operation, body: dict[str, Any]) -> str | None:
    payload = body.get("payload")
    for each in operation.request_examples:
        if isinstance(each.value, dict) and each.value.get("payload") == payload:
            return each.name
    return None


def no_operation(world: World, request: Request) -> Response:
    """Refuse a path that is not there, or a method that it does not have.

    What the vendor says to either is unknown. A path that the mock lacks gets no error code: 004
    would say that an object is missing, to a test of something that the mock does not have.
    """
    allowed = world.contract.allowed(request.path)
    if not allowed:
        path = request.path[:_SHOWN]
        message = f"{request.method[:_SHOWN]} {path!a} is not part of this mock"
        return render(world, Answer(404, {"message": message}, Verdict(None, message)))
    error = bad_request(f"the method has to be {' or '.join(allowed)}", status=405)
    return render(world, refusal(world, error), {"allow": ", ".join(allowed)})


def refusal(world: World, error: ApiError) -> Answer:
    """Put an error into the vendor's shape."""
    with world.lock:
        trace_id = world.state.derive.next_uuid("trace")
    body = {"traceId": trace_id, "errorCode": error.code, "message": error.message}
    status = error.status or _STATUSES.get(error.code, world.switches.auth_status)
    return Answer(status, body, Verdict(error.code, error.message))


def render(world: World, answer: Answer, headers: dict[str, str] | None = None) -> Response:
    """Write an answer as bytes, with the headers that every answer has."""
    content = b"" if answer.body is None else _json.dump(answer.body)
    kind = {"content-type": "application/json"} if content else {}
    return Response(
        answer.status,
        {
            **kind,
            "content-length": str(len(content)),
            "date": world.clock.http_date(),
            **(headers or {}),
        },
        content,
        answer.verdict,
    )
