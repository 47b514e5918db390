"""Build responses: errors in the vendor's shape, bodies as bytes, the headers of every response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calypso_mock import _json
from calypso_mock.api._http import Rejection, Response

if TYPE_CHECKING:
    from calypso_mock._errors import ApiError
    from calypso_mock.api._context import Context

_STATUSES = {"000": 500, "001": 400, "004": 400, "011": 400}


@dataclass(slots=True)
class HttpResponse:
    """A response before its body is written as bytes.

    Attributes:
        status: The HTTP status.
        body: Plain JSON values; None for no content.
        rejection: Why the request was rejected, or None for success.
    """

    status: int
    body: Any
    rejection: Rejection | None = None


def error_response(context: Context, error: ApiError) -> HttpResponse:
    """Put an error into the vendor's shape."""
    with context.lock:
        trace_id = context.state.ids.next_uuid("trace")
    body = {"traceId": trace_id, "errorCode": error.code, "message": error.message}
    status = error.status or _STATUSES.get(error.code, context.options.auth_status)
    return HttpResponse(status, body, Rejection(error.code, error.message))


def render(
    context: Context, response: HttpResponse, headers: dict[str, str] | None = None
) -> Response:
    """Write a response as bytes, with the headers that every response has."""
    content = b"" if response.body is None else _json.dump(response.body)
    kind = {"content-type": "application/json"} if content else {}
    return Response(
        response.status,
        {
            **kind,
            "content-length": str(len(content)),
            "date": context.clock.http_date(),
            **(headers or {}),
        },
        content,
        response.rejection,
    )
