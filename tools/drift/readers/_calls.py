"""Calls as guides show them: a command, a request as it is sent, a line of code, a sentence."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.drift.readers import _curl, _json_samples
from tools.drift.readers.elements import Code, Heading, Item, Prose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.drift.readers.elements import Element

_VERB = r"(?P<method>GET|POST|PUT|PATCH|DELETE)"
_URL = (
    r"(?:(?P<server>https?://[A-Za-z0-9.-]++(?::[0-9]++)?))?"
    r"(?P<path>/api/v[0-9]++(?:/[A-Za-z0-9_{}-]++)*+)/?(?:\?(?P<query>[^\s\"'`)>]*+))?"
)
_ADDRESS = re.compile(_URL)
_SAID = re.compile(rf"\b{_VERB}\b[\s:`*]{{1,5}}(?:\{{[^{{}}\s]{{1,30}}\}}+)?{_URL}")
_SENT = re.compile(rf"^[ \t]*{_VERB}[ \t]+{_URL}[ \t]+HTTP/[0-9.]+[ \t]*\r?$", re.MULTILINE)
_HOST = re.compile(r"^Host:[ \t]*(\S+)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_BLANK = re.compile(r"\r?\n[ \t]*\r?\n")
_CODED = re.compile(
    r"\.(get|post|put|patch|delete)\s?\("
    r"|\b(?:method|type)[\"']?\s?[:=]\s?[\"'](GET|POST|PUT|PATCH|DELETE)[\"']"
    r"|\brequest\(\s?[\"'](GET|POST|PUT|PATCH|DELETE)[\"']",
    re.IGNORECASE,
)
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*):")
_PARAMETER = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
# What every call carries, or every program that makes one.
_USUAL_HEADERS = frozenset(
    "key sign content-type accept content-length host user-agent connection"  # noqa: SIM905 - a list of words is read as words
    " accept-encoding accept-language cache-control origin referer cookie".split()
)
_OWN_HOSTS = ("localhost", "127.", "example.", "your")


class Call(NamedTuple):
    """A call.

    Attributes:
        owner: `POST /api/v1/account`.
        server: Host with its scheme; empty where the page shows none, or one of the reader's own.
        outside: Parameters outside of the body, such as `header X-Name`.
        samples: Bodies in JSON, those of the answer included where both stand in one sample.
        whole: Nothing of the sample was left unread.
    """

    owner: str
    server: str = ""
    outside: tuple[str, ...] = ()
    samples: tuple[Any, ...] = ()
    whole: bool = False


def calls_in(element: Element) -> list[Call]:
    """Return the calls that an element shows, tables left out: they list, they don't show."""
    if isinstance(element, Code):
        return _from_curl(element.text) or _from_http(element.text) or _from_code(element.text)
    if isinstance(element, Heading | Prose | Item):
        return calls_named(element.text)
    return []


def calls_named(text: str) -> list[Call]:
    """Return the calls that a text names by verb and path."""
    return [_call(match["method"], match) for match in _SAID.finditer(text)]


def _call(method: str, url: re.Match[str], headers: Iterable[str] = ()) -> Call:
    names = (part.partition("=")[0] for part in (url["query"] or "").split("&"))
    outside = [f"query {name}" for name in names if _PARAMETER.fullmatch(name)]
    outside += [f"header {name}" for name in headers if name.lower() not in _USUAL_HEADERS]
    return Call(f"{method.upper()} {url['path']}", _public(url["server"] or ""), tuple(outside))


def _public(server: str) -> str:
    host = server.partition("://")[2]
    return "" if host.startswith(_OWN_HOSTS) else server


def _from_curl(text: str) -> list[Call]:
    read = [_command(command) for command in _curl.commands(text)]
    calls = [call for call in read if call]
    # With a command of another kind among them, the sample says more than its calls.
    return calls if len(calls) == len(read) else [call._replace(whole=False) for call in calls]


def _command(command: _curl.Command) -> Call | None:
    url = _ADDRESS.search(command.url or command.text)
    if not url:
        return None
    call = _call(command.method, url, _header_names(command.headers))
    samples = _json_samples.values(command.body) or _unquoted_body(command)
    return call._replace(samples=tuple(samples), whole=bool(samples) or not command.body)


def _unquoted_body(command: _curl.Command) -> list[Any]:
    """Find the body where quotes are broken: an apostrophe in it, or the last one forgotten."""
    start, end = command.text.find("{"), command.text.rfind("}")
    return (
        _json_samples.values(command.text[start : end + 1]) if command.body and start >= 0 else []
    )


def _header_names(headers: Iterable[str]) -> list[str]:
    names = (_HEADER.match(header) for header in headers)
    return [name[1] for name in names if name]


def _from_http(text: str) -> list[Call]:
    starts = list(_SENT.finditer(text))
    cuts = pairwise([*(start.start() for start in starts), len(text)])
    return [_sent(start, text[slice(*cut)]) for start, cut in zip(starts, cuts, strict=True)]


def _sent(start: re.Match[str], sent: str) -> Call:
    blank = _BLANK.search(sent)
    head, body = (sent[: blank.start()], sent[blank.end() :]) if blank else (sent, "")
    call = _call(start["method"], start, _header_names(head.split("\n")[1:]))
    host = _HOST.search(head)
    samples = _json_samples.values(body)
    return call._replace(
        server=call.server or (_public(f"https://{host[1]}") if host else ""),
        samples=tuple(samples),
        whole=bool(samples) or not body.strip(),
    )


def _from_code(text: str) -> list[Call]:
    """Read a program, if it leaves no doubt: one address, one verb. The rest stays unread."""
    urls = {match["path"]: match for match in _ADDRESS.finditer(text)}
    verbs = {next(filter(None, found)).upper() for found in _CODED.findall(text)}
    if len(urls) != 1 or len(verbs) != 1:
        return []
    return [_call(verbs.pop(), url) for url in urls.values()]
