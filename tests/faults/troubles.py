"""Every trouble that the table speaks of, by its name there."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Literal, NamedTuple

from tests.faults.faults import (
    PAGE,
    a_part,
    afterwards,
    all_but_the_end,
    answer,
    as_html,
    carried_out,
    changed,
    chunked,
    cut_without_length,
    drip_body,
    drip_head,
    drip_in_time,
    drip_interim,
    duplicated,
    duplicated_later,
    flood_body,
    flood_head,
    half_a_head,
    instead,
    interim_first,
    later,
    pause,
    read,
    says,
    stale,
    stale_the_other_way,
    stale_without_date,
    then,
    two_lengths,
    unread,
    with_more,
)
from tests.faults.proxy import Visit, pass_on

if TYPE_CHECKING:
    from tests.faults.proxy import Fault


class Trouble(NamedTuple):
    """How the proxy treats a call.

    Attributes:
        script: What befalls its attempts, one by one.
        door: Whether the port is open; one that is not opens after the first attempt, unless the
            trouble is to last.
        before: What befalls an earlier call over the same connection; None for no such call.
        hasty: Whether the client has little time, as it must where a wait is what goes wrong.
        long: Whether it takes a request too long for the buffers between client and server.
    """

    script: tuple[Fault, ...] = ()
    door: Literal["open", "closed", "full"] = "open"
    before: Fault | None = None
    hasty: bool = False
    long: bool = False


_VENDORS_FAILURE = b'{"errorCode":"000","message":"Internal server error","traceId":"t-1"}'

_JSON = {"content_type": "application/json"}
_BOMB = gzip.compress(bytes(32 * 1024 * 1024))
_ELSEWHERE = "https://elsewhere.invalid"

reset, close, silence, shut = Visit.reset, Visit.close, Visit.swallow, Visit.shut_the_door
lost = then(carried_out, reset)
too_many = instead("429 Too Many Requests")
too_large = says(answer("413 Content Too Large", PAGE))
waited_too_long = says(answer("408 Request Timeout"))

TROUBLES: dict[str, Trouble] = {
    "refused": Trouble(door="closed"),
    "time-out while connecting": Trouble(door="full", hasty=True),
    "reset, unread": Trouble((then(unread, reset),)),
    "reset while sending": Trouble((then(a_part, reset),)),
    "reset while sending much": Trouble((then(a_part, reset),), long=True),
    "closed, not carried out": Trouble((then(read, close),)),
    "reset, carried out": Trouble((lost,)),
    "closed, carried out": Trouble((then(carried_out, close),)),
    "reset within the head": Trouble((then(half_a_head, reset),)),
    "reset within the body": Trouble((then(all_but_the_end, reset),)),
    "time-out while sending much": Trouble((then(unread, pause, reset),), long=True, hasty=True),
    "time-out, not carried out": Trouble((then(read, silence),), hasty=True),
    "time-out, carried out": Trouble((then(carried_out, silence),), hasty=True),
    "time-out, carried out later": Trouble((later,), hasty=True),
    "time-out within the head": Trouble((then(half_a_head, silence),), hasty=True),
    "time-out within the body": Trouble((then(all_but_the_end, silence),), hasty=True),
    "head drips without end": Trouble((drip_head,), hasty=True),
    "body drips without end": Trouble((drip_body,), hasty=True),
    "interim answers without end": Trouble((drip_interim,), hasty=True),
    "drips, in time": Trouble((drip_in_time,)),
    "interim answers first": Trouble((changed(interim_first),)),
    "chunked": Trouble((changed(chunked),)),
    "truncated": Trouble((then(all_but_the_end, close),)),
    "truncated, without length": Trouble((then(cut_without_length, close),)),
    "429": Trouble((too_many,)),
    "429, wait long": Trouble((instead("429 Too Many Requests", retry_after="60"),)),
    "500, not carried out": Trouble((instead("500 Oh", _VENDORS_FAILURE, **_JSON),)),
    "500, carried out": Trouble((afterwards("500 Oh", _VENDORS_FAILURE, **_JSON),)),
    "000 as a 400": Trouble((afterwards("400 Bad Request", _VENDORS_FAILURE, **_JSON),)),
    "503": Trouble((instead("503 Service Unavailable", retry_after="0"),)),
    "520": Trouble((afterwards("520 Unknown"),)),
    "403 page": Trouble((instead("403 Forbidden"),)),
    "302": Trouble((instead("302 Found", location=_ELSEWHERE),)),
    "307": Trouble((instead("307 Temporary Redirect", location=_ELSEWHERE),)),
    "413 before all is sent": Trouble((then(a_part, too_large, silence),), long=True),
    "HTML, not carried out": Trouble((instead("200 OK"),)),
    "HTML, carried out": Trouble((afterwards("200 OK"),)),
    "wrong content type": Trouble((changed(as_html),)),
    "compressed bomb": Trouble((afterwards("200 OK", _BOMB, content_encoding="gzip", **_JSON),)),
    "body without end": Trouble((flood_body,)),
    "head without end": Trouble((flood_head,)),
    "not HTTP": Trouble((then(read, says(b"SSH-2.0-OpenSSH_9.9\r\n"), close),)),
    "two lengths": Trouble((changed(two_lengths),)),
    "204": Trouble((afterwards("204 No Content", b"", content_length="", content_type=""),)),
    "204 with a body": Trouble((afterwards("204 No Content", b'{"id":"1"}', **_JSON),)),
    "empty": Trouble((afterwards("200 OK", b"", **_JSON),)),
    "null": Trouble((afterwards("200 OK", b"null", **_JSON),)),
    "duplicated": Trouble((changed(duplicated),)),
    "after a duplicated answer": Trouble(before=changed(duplicated)),
    "after one duplicated later": Trouble(before=duplicated_later),
    "after an answer and more": Trouble(before=changed(with_more)),
    "kept, closed while idle": Trouble(before=then(pass_on, close)),
    "kept, reset while idle": Trouble(before=then(pass_on, reset)),
    "kept, 408 while idle": Trouble(before=then(pass_on, waited_too_long, close)),
    "kept, reset as it arrives": Trouble((then(unread, reset),), before=pass_on),
    "kept, closed as it arrives": Trouble((then(read, close),), before=pass_on),
    "stale stamp": Trouble((stale,)),
    "stale stamp, no Date": Trouble((stale_without_date,)),
    "stale stamp, jumping clock": Trouble((stale, stale_the_other_way)),
    "lost, then 429": Trouble((lost, too_many)),
    "lost, then 403": Trouble((lost, instead("403 Forbidden"))),
    "lost, then refused": Trouble((then(carried_out, shut, reset),)),
    "refused, then lost": Trouble((lost,), door="closed"),
    "stale stamp, then lost": Trouble((stale, lost)),
}
