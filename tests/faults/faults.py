"""Every fault of the table, by its name there."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Literal, NamedTuple

from tests.faults.actions import (
    PAGE,
    as_html,
    carry_out,
    carry_out_late,
    change_response,
    chunked,
    clock_ahead,
    clock_ahead_without_date,
    clock_behind,
    drip_body,
    drip_head,
    drip_in_time,
    drip_interim,
    duplicated,
    duplicated_later,
    flood_body,
    flood_head,
    interim_first,
    leave_unread,
    pause,
    read_part,
    read_request,
    respond_after,
    respond_instead,
    response,
    send,
    send_half_head,
    send_half_without_length,
    send_truncated,
    sequence,
    two_lengths,
    with_trailing_data,
)
from tests.faults.proxy import Exchange, forward

if TYPE_CHECKING:
    from tests.faults.proxy import Action


class Fault(NamedTuple):
    """What the proxy does during a call.

    Attributes:
        script: The actions for its attempts, in turn.
        port: Whether the port accepts connections. A closed or full one opens after the first
            attempt, unless the fault is to last.
        before: The action for an earlier call over the same connection; None for no such call.
        short_timeouts: Whether the client has short time limits, as it needs where the fault is
            a wait.
        large_request: Whether it takes a request too long for the buffers between client and
            server.
    """

    script: tuple[Action, ...] = ()
    port: Literal["open", "closed", "full"] = "open"
    before: Action | None = None
    short_timeouts: bool = False
    large_request: bool = False


_SERVER_ERROR = b'{"errorCode":"000","message":"Internal server error","traceId":"t-1"}'

_JSON = {"content_type": "application/json"}
_BOMB = gzip.compress(bytes(32 * 1024 * 1024))
_ELSEWHERE = "https://elsewhere.invalid"

reset, close, ignore = Exchange.reset, Exchange.close, Exchange.ignore
refuse_connections = Exchange.refuse_connections
lose_response = sequence(carry_out, reset)
too_many_requests = respond_instead("429 Too Many Requests")
too_large = send(response("413 Content Too Large", PAGE))
request_timeout = send(response("408 Request Timeout"))

FAULTS: dict[str, Fault] = {
    "connection refused": Fault(port="closed"),
    "timeout while connecting": Fault(port="full", short_timeouts=True),
    "reset, unread": Fault((sequence(leave_unread, reset),)),
    "reset while sending": Fault((sequence(read_part, reset),)),
    "reset while sending much": Fault((sequence(read_part, reset),), large_request=True),
    "closed, not carried out": Fault((sequence(read_request, close),)),
    "reset, carried out": Fault((lose_response,)),
    "closed, carried out": Fault((sequence(carry_out, close),)),
    "reset within the head": Fault((sequence(send_half_head, reset),)),
    "reset within the body": Fault((sequence(send_truncated, reset),)),
    "timeout while sending much": Fault(
        (sequence(leave_unread, pause, reset),), large_request=True, short_timeouts=True
    ),
    "timeout, not carried out": Fault((sequence(read_request, ignore),), short_timeouts=True),
    "timeout, carried out": Fault((sequence(carry_out, ignore),), short_timeouts=True),
    "timeout, carried out later": Fault((carry_out_late,), short_timeouts=True),
    "timeout within the head": Fault((sequence(send_half_head, ignore),), short_timeouts=True),
    "timeout within the body": Fault((sequence(send_truncated, ignore),), short_timeouts=True),
    "head drips without end": Fault((drip_head,), short_timeouts=True),
    "body drips without end": Fault((drip_body,), short_timeouts=True),
    "interim responses without end": Fault((drip_interim,), short_timeouts=True),
    "drips, in time": Fault((drip_in_time,)),
    "interim responses first": Fault((change_response(interim_first),)),
    "chunked": Fault((change_response(chunked),)),
    "truncated": Fault((sequence(send_truncated, close),)),
    "truncated, without length": Fault((sequence(send_half_without_length, close),)),
    "429": Fault((too_many_requests,)),
    "429, wait long": Fault((respond_instead("429 Too Many Requests", retry_after="60"),)),
    "500, not carried out": Fault((respond_instead("500 Oh", _SERVER_ERROR, **_JSON),)),
    "500, carried out": Fault((respond_after("500 Oh", _SERVER_ERROR, **_JSON),)),
    "000 as a 400": Fault((respond_after("400 Bad Request", _SERVER_ERROR, **_JSON),)),
    "503": Fault((respond_instead("503 Service Unavailable", retry_after="0"),)),
    "520": Fault((respond_after("520 Unknown"),)),
    "403 page": Fault((respond_instead("403 Forbidden"),)),
    "302": Fault((respond_instead("302 Found", location=_ELSEWHERE),)),
    "307": Fault((respond_instead("307 Temporary Redirect", location=_ELSEWHERE),)),
    "413 before all is sent": Fault((sequence(read_part, too_large, ignore),), large_request=True),
    "HTML, not carried out": Fault((respond_instead("200 OK"),)),
    "HTML, carried out": Fault((respond_after("200 OK"),)),
    "wrong content type": Fault((change_response(as_html),)),
    "compressed bomb": Fault((respond_after("200 OK", _BOMB, content_encoding="gzip", **_JSON),)),
    "body without end": Fault((flood_body,)),
    "head without end": Fault((flood_head,)),
    "not HTTP": Fault((sequence(read_request, send(b"SSH-2.0-OpenSSH_9.9\r\n"), close),)),
    "two lengths": Fault((change_response(two_lengths),)),
    "204": Fault((respond_after("204 No Content", b"", content_length="", content_type=""),)),
    "204 with a body": Fault((respond_after("204 No Content", b'{"id":"1"}', **_JSON),)),
    "empty": Fault((respond_after("200 OK", b"", **_JSON),)),
    "null": Fault((respond_after("200 OK", b"null", **_JSON),)),
    "duplicated": Fault((change_response(duplicated),)),
    "after a duplicated response": Fault(before=change_response(duplicated)),
    "after one duplicated later": Fault(before=duplicated_later),
    "after a response and more": Fault(before=change_response(with_trailing_data)),
    "kept, closed while idle": Fault(before=sequence(forward, close)),
    "kept, reset while idle": Fault(before=sequence(forward, reset)),
    "kept, 408 while idle": Fault(before=sequence(forward, request_timeout, close)),
    "kept, reset as it arrives": Fault((sequence(leave_unread, reset),), before=forward),
    "kept, closed as it arrives": Fault((sequence(read_request, close),), before=forward),
    "stale timestamp": Fault((clock_ahead,)),
    "stale timestamp, no Date": Fault((clock_ahead_without_date,)),
    "stale timestamp, jumping clock": Fault((clock_ahead, clock_behind)),
    "lost, then 429": Fault((lose_response, too_many_requests)),
    "lost, then 403": Fault((lose_response, respond_instead("403 Forbidden"))),
    "lost, then connection refused": Fault((sequence(carry_out, refuse_connections, reset),)),
    "connection refused, then lost": Fault((lose_response,), port="closed"),
    "stale timestamp, then lost": Fault((clock_ahead, lose_response)),
}
