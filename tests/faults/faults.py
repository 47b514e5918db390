"""What can happen to a request and its answer on their way, each as a function of one visit."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from tests.faults.message import CHUNK, Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.proxy import Fault, Visit

# What a hasty client waits for one step; a fault that takes its time is measured by it.
TIMEOUT = 0.5

PAGE = b"<html><body>Please wait</body></html>"
# More pieces than any deadline leaves time for, and few enough for a client that has none.
_MANY = 80


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """Write an answer of the proxy's own."""
    head = Message(f"HTTP/1.1 {status}\r\n\r\n".encode())
    length = {"content_length": str(len(body))}
    return head.with_headers(**{**length, **headers}).content + body


def instead(status: str, body: bytes = PAGE, **headers: str) -> Fault:
    """Answer without asking the server."""
    said = answer(status, body, **{"content_type": "text/html", **headers})

    def fault(visit: Visit) -> None:
        visit.read()
        visit.send(said)

    return fault


def afterwards(status: str, body: bytes = PAGE, **headers: str) -> Fault:
    """Have it carried out, and answer something else."""
    said = answer(status, body, **{"content_type": "text/html", **headers})

    def fault(visit: Visit) -> None:
        visit.carry_out()
        visit.send(said)

    return fault


def changed(change: Callable[[Message], bytes]) -> Fault:
    """Have it carried out, and change the answer's bytes."""
    return lambda visit: visit.send(change(visit.carry_out()))


def says(content: bytes) -> Fault:
    """Send bytes, whatever was asked."""
    return lambda visit: visit.send(content)


def then(*acts: Fault) -> Fault:
    """Do one thing after another."""

    def all_of_them(visit: Visit) -> None:
        for act in acts:
            act(visit)

    return all_of_them


def longer(message: Message) -> Message:
    """Promise more than there is."""
    return message.with_headers(content_length=str(len(message.body) + 10))


def unread(visit: Visit) -> None:
    """Let the request arrive, but leave it unread."""
    visit.wait_for_client()


def read(visit: Visit) -> None:
    """Read the request and do nothing about it."""
    visit.read()


def a_part(visit: Visit) -> None:
    """Read the beginning of the request."""
    visit.read_some(20)


def carried_out(visit: Visit) -> None:
    """Have it carried out, and keep the answer."""
    visit.carry_out()


def half_a_head(visit: Visit) -> None:
    """Send the status line and the beginning of a header."""
    visit.send(visit.carry_out().head[:30])


def all_but_the_end(visit: Visit) -> None:
    """Send less of the body than was promised."""
    visit.send(longer(visit.carry_out()).content)


def cut_without_length(visit: Visit) -> None:
    """Send half of a body that ends with the connection."""
    whole = visit.carry_out().with_headers(content_length="", connection="close")
    visit.send(whole.head + whole.body[: len(whole.body) // 2])


def later(visit: Visit) -> None:
    """Have it carried out when the client has given up, and answer."""
    request = visit.read()
    time.sleep(TIMEOUT * 1.3)
    visit.send(visit.carry_out(request).content)


def pause(_: Visit) -> None:
    """Do nothing for longer than a client waits."""
    time.sleep(TIMEOUT * 2)


def drip_head(visit: Visit) -> None:
    """Send a header, a byte at a time, for longer than a call may take.

    A client that waits all the same gets the answer in the end, and so a success that it should
    not have.
    """
    message = visit.carry_out()
    first, _, rest = message.content.partition(b"\r\n")
    visit.send(first + b"\r\nX: ")
    visit.drip(itertools.repeat(b"x", _MANY), TIMEOUT / 4)
    visit.send(b"\r\n" + rest)


def drip_body(visit: Visit) -> None:
    """Send the answer, and then spaces, for longer than a call may take; see `drip_head`."""
    message = visit.carry_out()
    length = len(message.body) + _MANY
    visit.send(message.with_headers(content_length=str(length)).content)
    visit.drip(itertools.repeat(b" ", _MANY), TIMEOUT / 4)


def drip_interim(visit: Visit) -> None:
    """Announce the answer again and again, for longer than a call may take; see `drip_head`."""
    message = visit.carry_out()
    visit.drip(itertools.repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n", _MANY), TIMEOUT / 4)
    visit.send(message.content)


def drip_in_time(visit: Visit) -> None:
    """Send the whole answer in small pieces."""
    content = visit.carry_out().content
    size = len(content) // 40 + 1
    visit.drip((content[at : at + size] for at in range(0, len(content), size)), TIMEOUT / 60)


def flood_body(visit: Visit) -> None:
    """Send a body without end, as fast as it goes."""
    visit.carry_out()
    visit.send(answer("200 OK", content_length=str(2**40), content_type="application/json"))
    visit.drip(itertools.repeat(b" " * CHUNK), 0)


def flood_head(visit: Visit) -> None:
    """Send headers without end, as fast as it goes."""
    visit.carry_out()
    visit.send(b"HTTP/1.1 200 OK\r\n")
    visit.drip((f"X-{number}: x\r\n".encode() * 100 for number in itertools.count()), 0)


def two_lengths(message: Message) -> bytes:
    """State two lengths of the body that differ."""
    head = message.head.removesuffix(b"\r\n") + b"content-length: 7\r\n\r\n"
    return head + message.body


def chunked(message: Message) -> bytes:
    """Send the body in chunks, without a length."""
    head = message.with_headers(content_length="", transfer_encoding="chunked").head
    piece = b"%x\r\n%s\r\n" % (len(message.body), message.body) if message.body else b""
    return head + piece + b"0\r\n\r\n"


def duplicated(message: Message) -> bytes:
    """Send the answer twice in one go."""
    return message.content * 2


def with_more(message: Message) -> bytes:
    """Send the answer and something behind it."""
    return message.content + b"more"


def interim_first(message: Message) -> bytes:
    """Announce the answer before it comes."""
    return b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + message.content


def as_html(message: Message) -> bytes:
    """Declare the body as something that it is not."""
    return message.with_headers(content_type="text/html").content


def duplicated_later(visit: Visit) -> None:
    """Send the answer again while the connection is idle."""
    content = visit.carry_out().content
    visit.send(content)
    time.sleep(TIMEOUT / 10)
    visit.send(content)


def stale(visit: Visit) -> None:
    """Let the server's clock be an hour ahead from now on."""
    request = visit.read()
    visit.skew(3600)
    visit.send(visit.carry_out(request).content)


def stale_the_other_way(visit: Visit) -> None:
    """Let the server's clock be an hour behind from now on."""
    request = visit.read()
    visit.skew(-3600)
    visit.send(visit.carry_out(request).content)


def stale_without_date(visit: Visit) -> None:
    """Let the server's clock be an hour ahead, and say nothing of it."""
    request = visit.read()
    visit.skew(3600)
    visit.send(visit.carry_out(request).with_headers(date="").content)
