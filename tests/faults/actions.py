"""What can happen to a request and its response on their way, each as a function of an exchange."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from tests.faults.message import CHUNK, Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.proxy import Action, Exchange

# The time limit for one step of a client with short time limits; slow actions are measured by it.
TIMEOUT = 0.5

PAGE = b"<html><body>Please wait</body></html>"
# More pieces than any deadline leaves time for, and few enough for a client that has none.
_MANY = 80


def response(status: str, body: bytes = b"", **headers: str) -> bytes:
    """Return a response of the proxy's own."""
    head = Message(f"HTTP/1.1 {status}\r\n\r\n".encode())
    length = {"content_length": str(len(body))}
    return head.with_headers(**{**length, **headers}).content + body


def respond_instead(status: str, body: bytes = PAGE, **headers: str) -> Action:
    """Respond without forwarding the request."""
    content = response(status, body, **{"content_type": "text/html", **headers})

    def action(exchange: Exchange) -> None:
        exchange.read()
        exchange.send(content)

    return action


def respond_after(status: str, body: bytes = PAGE, **headers: str) -> Action:
    """Have the request carried out, and send another response."""
    content = response(status, body, **{"content_type": "text/html", **headers})

    def action(exchange: Exchange) -> None:
        exchange.carry_out()
        exchange.send(content)

    return action


def change_response(change: Callable[[Message], bytes]) -> Action:
    """Have the request carried out, and change the bytes of the response."""
    return lambda exchange: exchange.send(change(exchange.carry_out()))


def send(content: bytes) -> Action:
    """Send bytes, whatever the request is."""
    return lambda exchange: exchange.send(content)


def sequence(*actions: Action) -> Action:
    """Take several actions in turn."""

    def all_of_them(exchange: Exchange) -> None:
        for action in actions:
            action(exchange)

    return all_of_them


def overstate_length(message: Message) -> Message:
    """State a longer body than there is."""
    return message.with_headers(content_length=str(len(message.body) + 10))


def leave_unread(exchange: Exchange) -> None:
    """Let the request arrive, but leave it unread."""
    exchange.wait_for_request()


def read_request(exchange: Exchange) -> None:
    """Read the request and do nothing about it."""
    exchange.read()


def read_part(exchange: Exchange) -> None:
    """Read the beginning of the request."""
    exchange.read_some(20)


def carry_out(exchange: Exchange) -> None:
    """Have the request carried out, and keep the response."""
    exchange.carry_out()


def send_half_head(exchange: Exchange) -> None:
    """Send the status line and the beginning of a header."""
    exchange.send(exchange.carry_out().head[:30])


def send_truncated(exchange: Exchange) -> None:
    """Send a shorter body than the headers state."""
    exchange.send(overstate_length(exchange.carry_out()).content)


def send_half_without_length(exchange: Exchange) -> None:
    """Send half of a body that ends with the connection."""
    whole = exchange.carry_out().with_headers(content_length="", connection="close")
    exchange.send(whole.head + whole.body[: len(whole.body) // 2])


def carry_out_late(exchange: Exchange) -> None:
    """Have the request carried out and respond after the client has given up."""
    request = exchange.read()
    time.sleep(TIMEOUT * 1.3)
    exchange.send(exchange.carry_out(request).content)


def pause(_: Exchange) -> None:
    """Do nothing for longer than a client waits."""
    time.sleep(TIMEOUT * 2)


def drip_head(exchange: Exchange) -> None:
    """Send a header, a byte at a time, for longer than a call may take.

    The response ends in the end, so that a client without a deadline gets a success that it should
    not get.
    """
    message = exchange.carry_out()
    first, _, rest = message.content.partition(b"\r\n")
    exchange.send(first + b"\r\nX: ")
    exchange.drip(itertools.repeat(b"x", _MANY), TIMEOUT / 4)
    exchange.send(b"\r\n" + rest)


def drip_body(exchange: Exchange) -> None:
    """Send the response, and then spaces, for longer than a call may take; see `drip_head`."""
    message = exchange.carry_out()
    length = len(message.body) + _MANY
    exchange.send(message.with_headers(content_length=str(length)).content)
    exchange.drip(itertools.repeat(b" ", _MANY), TIMEOUT / 4)


def drip_interim(exchange: Exchange) -> None:
    """Send interim responses for longer than a call may take; see `drip_head`."""
    message = exchange.carry_out()
    exchange.drip(itertools.repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n", _MANY), TIMEOUT / 4)
    exchange.send(message.content)


def drip_in_time(exchange: Exchange) -> None:
    """Send the whole response in small pieces."""
    content = exchange.carry_out().content
    size = len(content) // 40 + 1
    exchange.drip((content[at : at + size] for at in range(0, len(content), size)), TIMEOUT / 60)


def flood_body(exchange: Exchange) -> None:
    """Send an endless body, as fast as it goes."""
    exchange.carry_out()
    exchange.send(response("200 OK", content_length=str(2**40), content_type="application/json"))
    exchange.drip(itertools.repeat(b" " * CHUNK), 0)


def flood_head(exchange: Exchange) -> None:
    """Send endless headers, as fast as it goes."""
    exchange.carry_out()
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    exchange.drip((f"X-{number}: x\r\n".encode() * 100 for number in itertools.count()), 0)


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
    """Send the response twice at once."""
    return message.content * 2


def with_trailing_data(message: Message) -> bytes:
    """Send the response and further bytes after it."""
    return message.content + b"more"


def interim_first(message: Message) -> bytes:
    """Send interim responses before the response."""
    return b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + message.content


def as_html(message: Message) -> bytes:
    """Declare a wrong content type."""
    return message.with_headers(content_type="text/html").content


def duplicated_later(exchange: Exchange) -> None:
    """Send the response a second time while the connection is idle."""
    content = exchange.carry_out().content
    exchange.send(content)
    time.sleep(TIMEOUT / 10)
    exchange.send(content)


def clock_ahead(exchange: Exchange) -> None:
    """Set the server's clock an hour ahead from now on."""
    request = exchange.read()
    exchange.skew(3600)
    exchange.send(exchange.carry_out(request).content)


def clock_behind(exchange: Exchange) -> None:
    """Set the server's clock an hour behind from now on."""
    request = exchange.read()
    exchange.skew(-3600)
    exchange.send(exchange.carry_out(request).content)


def clock_ahead_without_date(exchange: Exchange) -> None:
    """Set the server's clock an hour ahead, and leave out the Date header."""
    request = exchange.read()
    exchange.skew(3600)
    exchange.send(exchange.carry_out(request).with_headers(date="").content)
