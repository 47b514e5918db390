"""Read the request and the answers that a reference shows below the description of a call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tools.drift.facts import ServerFact
from tools.drift.readers._calls import calls_in
from tools.drift.readers.elements import Code
from tools.drift.readers.saved.lines import joined
from tools.drift.readers.saved.samples import call_at, json_at, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tools.drift.readers.saved.lines import Line

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_REQUEST = re.compile(rf"({'|'.join(VERBS)}) (?:https?://[^/\s]+)?(/\S*) HTTP/[\d.]+")
_HEADER = re.compile(r"([A-Za-z][\w-]*): ?(\S.*)?")
_STATUSES = re.compile(r"[1-5]\d\d(?:\s+[1-5]\d\d)*")
_BETWEEN = re.compile(r"No (?:content|body)|OK|application/json|\*/\*|Response|Copy", re.IGNORECASE)
_WITH_BODY = {"content-type", "content-length"}
_WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}


class Sample(NamedTuple):
    """A body that is shown."""

    line: int
    value: Any


class Exchange(NamedTuple):
    """A request as it is sent, and the answer to it.

    Attributes:
        start: Where its first line stands among the lines.
        stop: Where the lines after it begin.
        owner: Such as `POST /api/v1/account`.
        server: The host that the request goes to, or None.
        cut: The line at which the page breaks off within it, or None.
    """

    start: int
    stop: int
    owner: str
    server: ServerFact | None = None
    request: Sample | None = None
    answer: Sample | None = None
    cut: int | None = None


class _Shown(NamedTuple):
    """A sample, None where it is no JSON, and the status that stands over it."""

    sample: Sample | None
    status: str


def starts_exchange(line: Line) -> bool:
    """Tell whether a line is the first of a request: `POST /api/v1/account HTTP/1.1`."""
    return _REQUEST.fullmatch(line.text) is not None


def exchange_at(lines: Sequence[Line], start: int) -> Exchange | None:
    """Read the exchange whose request, or a command that sends it, starts at a line, or None.

    It ends with the first line that is neither a header nor a sample nor stands between samples.
    """
    match = _REQUEST.fullmatch(lines[start].text)
    if not match:
        return _command_at(lines, start)
    first = _end_of_headers(lines, start + 1)
    headers = {_name(line): line for line in lines[start + 1 : first]}
    shown, stop, broken = _samples(lines, first)
    sends = not _WITH_BODY.isdisjoint(headers)
    if first == len(lines) and (sends or match[1] not in _WITHOUT_BODY):
        broken = lines[start].number
    request, answer = _told_apart(shown, sends=sends)
    owner = f"{match[1]} {match[2].partition('?')[0]}"
    server = _server(headers["host"]) if "host" in headers else None
    return Exchange(start, stop, owner, server, request, answer, broken)


def _command_at(lines: Sequence[Line], start: int) -> Exchange | None:
    if not (found := call_at(lines, start)):
        return None
    number = lines[start].number
    if not found.whole and found.stop == len(lines):
        return Exchange(start, found.stop, "", cut=number)
    calls = calls_in(Code(number, "curl", joined(lines[start : found.stop])))
    if len(calls) != 1:
        return None
    (call,) = calls
    shown, stop, broken = _samples(lines, found.stop)
    server = ServerFact(number, call.server) if call.server else None
    request = Sample(number, call.samples[0]) if call.samples else None
    _, answer = _told_apart(shown, sends=False)
    return Exchange(start, stop, call.owner, server, request, answer, broken)


def _server(line: Line) -> ServerFact:
    return ServerFact(line.number, f"https://{line.text.partition(':')[2].strip()}")


def _end_of_headers(lines: Sequence[Line], start: int) -> int:
    """Return where the headers end; a gap ends them, for what follows may be prose."""
    end = start
    while end < len(lines) and _HEADER.fullmatch(lines[end].text):
        if lines[end].apart and end > start:
            break
        end += 1
    return end


def _name(line: Line) -> str:
    return line.text.partition(":")[0].lower()


def _samples(lines: Sequence[Line], start: int) -> tuple[list[_Shown], int, int | None]:
    """Return the samples, where they end, and the line of one that the page's end breaks off."""
    shown, statuses, index, stop = list[_Shown](), list[str](), start, start
    while index < len(lines):
        text = lines[index].text
        if found := json_at(lines, index):
            number = lines[index].number
            if not found.whole:
                return shown, found.stop, number if found.stop == len(lines) else None
            sample = _sample(lines[index : found.stop])
            shown.append(_Shown(sample, statuses[0] if statuses else ""))
            statuses, index = [], found.stop
        elif _STATUSES.fullmatch(text):
            statuses.extend(text.split())
            index += 1
        elif _BETWEEN.fullmatch(text):
            index += 1
        else:
            break
        stop = index
    return shown, stop, None


def _sample(lines: Sequence[Line]) -> Sample | None:
    try:
        return Sample(lines[0].number, value_of(joined(lines)))
    except ValueError:
        return None


def _told_apart(shown: Sequence[_Shown], *, sends: bool) -> tuple[Sample | None, Sample | None]:
    """Return the sample of the request and that of the answer that means success.

    Tabs name several statuses and show the answer to the first; the request has no status.
    """
    rest, request = list(shown), None
    if rest and sends and not rest[0].status:
        request = rest.pop(0).sample
    answers = [each.sample for each in rest if each.status[:1] in {"", "2"}]
    return request, answers[0] if answers else None
