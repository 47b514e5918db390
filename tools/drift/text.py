"""Turns the text of a page, as a browser shows and saves it, into the model of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from tools.drift import samples
from tools.drift.cells import table_at
from tools.drift.curl import parse
from tools.drift.lines import Line, lines_of
from tools.drift.model import Block, Call, Code, Field, Heading, Page, Paragraph
from tools.drift.rows import Row, place, row_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Known = Callable[[str, str, Iterable[str]], Sequence[str]]

_BADGE = r"(?:Deprecated|Experimental|Alpha|Beta|New|Stable)"
_VERB = re.compile(
    rf"(?P<before>{_BADGE})?\s?(?P<verb>get|post|put|patch|delete)\s?(?P<badge>{_BADGE})?"
    rf"(?:\s?(?P<path>/[\w{{}}/.\-~]+?))?\s?(?P<after>{_BADGE})?",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?:https?://[\w.\-:]+)?(?P<path>/[\w{}/.\-~]+)")
_HOST = re.compile(r"https?://[\w.\-:]+/?")
_HTTP = re.compile(r"(?P<verb>GET|POST|PUT|PATCH|DELETE) (?P<path>/\S*) HTTP/[\d.]+")
_HEADER = re.compile(r"(?P<name>[A-Za-z][A-Za-z\-]*): (?P<value>.*)")
_STATUS = re.compile(r"[1-5]\d\d")
_SECTIONS = {
    "header parameters": "headers",
    "headers": "headers",
    "query parameters": "query",
    "path parameters": "path",
    "authorizations": "security",
    "body": "body",
    "responses": "responses",
    "response": "responses",
}
_BULLET = re.compile(r"(?:[•◦▪‣*]|-)\s+(?P<text>.+)")
_MEDIA = re.compile(r"\*/\*|(?:application|text|multipart)/[\w.+\-]+")
_JSON = re.compile(r'[{\[]\s*(?:["{\[\d]|[}\]]?$)')
_PART_OF_JSON = re.compile(r"\s*(?:[\"{}\[\],]|-?\d|true|false|null)")
_DATA = re.compile(r"curl (?:.*\n){0,20}?.*(?:--data(?:-\w+)?|-d) '?\s*(?=\{)")
_OPTIONS = re.compile(r"(?:\s*')?(?:.*\\\n)*.*")
_IGNORED_HEADERS = frozenset({"host", "accept", "content-length", "user-agent", "connection"})
_HEADING = 70
_WRAPPED = 55
"""Text that is wrapped has lines of at least this length."""
_IS_OPEN = re.compile(r"[\w,)\"'\u2019\u201d]$")
_GOES_ON = re.compile(r"[(\"]?[a-z0-9]\S*[ ,.]")


def read(text: str, known: Known) -> Page:
    """Return the page.

    Args:
        text: Its text.
        known: The paths of fields, for what the text does not show.
    """
    blocks = _Reader(lines_of(text), known).read()
    page = Page(text, "txt", blocks)
    first = blocks[0] if blocks else None
    page.title = first.text if isinstance(first, Heading) else ""
    return page


@dataclass(slots=True)
class _Draft:
    """A call while its lines are read.

    Attributes:
        section: The part of it that the lines are about, such as `body`.
        status: The status of which they describe the response.
        sent: Whether the head of a request was read, but not yet its body.
        rows: Its fields, by section and status.
        words: What is said besides the fields.
    """

    call: Call
    section: str = ""
    status: str = ""
    sent: bool = False
    rows: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    words: list[Paragraph] = field(default_factory=list)

    def take_head(self, host: str, headers: Mapping[str, str]) -> None:
        """Take in the head of a request."""
        self.sent = True
        if host and host not in self.call.servers:
            self.call.servers += (host,)
        for name, value in headers.items():
            if name.lower() == "content-type":
                self.call.attributes["media"] = value
            elif name.lower() not in _IGNORED_HEADERS:
                found = Field(line=self.call.line, type="string", is_open=True)
                self.call.headers.setdefault(name, found)

    def take_sample(self, line: int, tree: samples.Tree) -> None:
        """Take in a body: the first behind the head of a request is the request's."""
        part = "request" if self.sent and _is_request(tree.value) else "response"
        self.sent = False
        self.call.samples.append((part, line, tree))

    def finish(self, known: Known) -> list[Block]:
        """Return the call, and what is said besides its fields."""
        call = self.call
        if any(words.text.lower().startswith("deprecated") for words in self.words):
            call.attributes["deprecated"] = "true"
            self.words = [words for words in self.words if not _is_badge(words.text)]
        for (section, status), rows in self.rows.items():
            if section == "headers":
                call.headers.update(place(rows, ()))
            elif section == "responses":
                order = self._order("response", known, rows) if status.startswith("2") else ()
                call.responses[status] = place(rows, order)
            elif section in {"query", "path"}:
                fields = place(rows, ())
                call.request.update({f"{section} {name}": each for name, each in fields.items()})
            else:
                call.request.update(place(rows, self._order("request", known, rows)))
        return [call, *self.words]

    def _order(self, part: str, known: Known, rows: Sequence[Row]) -> Sequence[str]:
        """Return the paths of the samples in their order, else those known from elsewhere."""
        trees = [tree for sample_part, _, tree in self.call.samples if sample_part == part]
        found = dict.fromkeys(path for tree in trees for path, _ in samples.members(tree.value))
        return list(found) or known(self.call.name, part, [row.name for row in rows])


class _Reader:
    """Reads line after line.

    Attributes:
        position: That of the next line.
        draft: The operation that the lines are about, if any.
        row: The field that they are about.
    """

    def __init__(self, lines: list[Line], known: Known) -> None:
        self.lines = lines
        self.known = known
        self.blocks: list[Block] = []
        self.position = 0
        self.draft: _Draft | None = None
        self.row: Row | None = None

    def read(self) -> list[Block]:
        while self.position < len(self.lines):
            line = self.lines[self.position]
            if self._sample(line):
                self.row = None
            elif self.draft is not None or not self._table():
                self.position += 1
                if not self._reference(line):
                    self._words(line)
        self._end_call()
        return self.blocks

    def _next(self) -> str:
        return self.lines[self.position].text if self.position < len(self.lines) else ""

    def _rest(self) -> str:
        return "\n".join(line.text for line in self.lines[self.position :])

    # What any page may hold.

    def _sample(self, line: Line) -> bool:
        """Read JSON, curl or HTTP that starts at a line."""
        if _JSON.match(line.text):
            self._json(line)
        elif line.text.startswith("curl "):
            self._curl(line)
        elif http := _HTTP.fullmatch(line.text):
            self._http(line, http)
        else:
            return False
        return True

    def _json(self, line: Line) -> None:
        rest = self._rest()
        end = samples.end_of_json(rest, 0)
        text = rest[:end] if end >= 0 else _json_lines(rest)
        self.position += text.count("\n") + 1
        tree = samples.read_json(text)
        if self.draft is not None and tree is not None:
            self.draft.take_sample(line.number, tree)
        else:
            self.blocks.append(Code(line.number, text))

    def _curl(self, line: Line) -> None:
        rest = self._rest()
        data = _DATA.match(rest)
        end = samples.end_of_json(rest, data.end()) if data else -1
        options = _OPTIONS.match(rest, max(end, 0))
        text = rest[: options.end()] if options else rest
        self.position += text.count("\n") + 1
        curl = parse(text)
        draft = self.draft
        if draft is None or draft.call.path not in {"", curl.path}:
            self.blocks.append(Code(line.number, text))
            return
        draft.call.verb, draft.call.path = curl.verb, curl.path
        draft.take_head(curl.host, curl.headers)
        tree = samples.read_json(curl.data)
        if tree is not None:
            draft.take_sample(line.number, tree)
        draft.sent = False

    def _http(self, line: Line, http: re.Match[str]) -> None:
        draft = self.draft
        name = f"{http['verb']} {http['path']}"
        if draft is None or (draft.call.path and draft.call.name != name):
            draft = self._start(line, "")
        draft.call.verb, draft.call.path = http["verb"], http["path"]
        self.position += 1
        headers: dict[str, str] = {}
        while header := _HEADER.fullmatch(self._next()):
            headers[header["name"]] = header["value"]
            self.position += 1
        host = headers.get("Host")
        draft.take_head(f"https://{host}" if host else "", headers)

    def _table(self) -> bool:
        found = table_at(self.lines, self.position)
        if found is None:
            return False
        table, self.position = found
        self.blocks.append(table)
        return True

    # The reference.

    def _reference(self, line: Line) -> bool:
        """Read a line that is about an operation."""
        if self._verb(line):
            self.row = None
            return True
        draft = self.draft
        if draft is None:
            return False
        if self._path(line, draft.call) or self._part(line, draft):
            self.row = None
            return True
        row = row_in(line.number, line.text)
        if row is not None:
            status = draft.status if draft.section == "responses" else ""
            draft.rows.setdefault((draft.section, status), []).append(row)
            self.row = row
        return row is not None

    def _verb(self, line: Line) -> bool:
        match = _VERB.fullmatch(line.text)
        if match is None:
            return False
        verb, path = match["verb"].upper(), match["path"] or ""
        draft = self.draft
        is_described = draft is not None and bool(draft.rows or draft.call.statuses)
        if draft is not None and is_described and not (draft.call.path or path):
            draft.call.verb = verb
        elif path or draft is None or draft.call.verb != verb or not _HTTP.fullmatch(self._next()):
            # In the text the name of a call stands before its verb.
            is_badged = self._take_badge()
            call = self._start(line, self._take_summary()).call
            call.verb, call.path = verb, path
            if is_badged:
                call.attributes["deprecated"] = "true"
        if self.draft is not None and any(map(_is_badge, match.group("before", "badge", "after"))):
            self.draft.call.attributes["deprecated"] = "true"
        return True

    def _take_badge(self) -> bool:
        """Take a note of deprecation that stands between the name of a call and its verb."""
        last = self.blocks[-1] if self.blocks else None
        if self.row is not None and self.row.text and _is_badge(self.row.text[-1]):
            self.row.text.pop()
        elif self.draft is not None and self.draft.words and _is_badge(self.draft.words[-1].text):
            self.draft.words.pop()
        elif self.draft is None and isinstance(last, Heading | Paragraph) and _is_badge(last.text):
            self.blocks.pop()
        else:
            return False
        return True

    def _take_summary(self) -> str:
        if self.row is not None and self.row.text:
            return self.row.text.pop()
        if self.draft is not None and self.draft.words:
            return self.draft.words.pop().text
        if self.blocks and isinstance(self.blocks[-1], Heading | Paragraph):
            last = self.blocks[-1]
            if len(self.blocks) > 1:
                self.blocks.pop()
            return last.text
        return ""

    def _path(self, line: Line, call: Call) -> bool:
        match = _PATH.fullmatch(line.text)
        if match is None or call.path:
            return _HOST.fullmatch(line.text) is not None
        call.path = match["path"]
        return True

    def _part(self, line: Line, draft: _Draft) -> bool:
        section = _SECTIONS.get(line.text.lower())
        if section is not None:
            draft.section = section
        elif draft.section == "responses" and _STATUS.fullmatch(line.text):
            self._status(line, draft)
        elif not _MEDIA.fullmatch(line.text):
            return False
        elif draft.section == "body":
            draft.call.attributes.setdefault("media", line.text)
        return True

    def _status(self, line: Line, draft: _Draft) -> None:
        draft.status = line.text
        text = self._next()
        draft.call.statuses[line.text] = "" if _MEDIA.fullmatch(text) else text
        if text and not _MEDIA.fullmatch(text) and not _STATUS.fullmatch(text):
            self.position += 1

    def _start(self, line: Line, summary: str) -> _Draft:
        self._end_call()
        self.draft = _Draft(Call(line.number, summary=summary))
        return self.draft

    def _end_call(self) -> None:
        if self.draft is not None:
            self.blocks += self.draft.finish(self.known)

    # Words.

    def _words(self, line: Line) -> None:
        if self.row is not None:
            self.row.take(line.text)
        elif self.draft is not None:
            self.draft.words.append(Paragraph(line.number, line.text))
        else:
            self.blocks.append(_block_of(self._whole(line)))

    def _whole(self, line: Line) -> Line:
        """Return a line with those behind it that go on with its sentence, in wrapped text."""
        number, text = line.number, line.text
        while self.position < len(self.lines):
            following = self.lines[self.position]
            is_next = following.number == number + 1 and _GOES_ON.match(following.text)
            if len(text) < _WRAPPED or not _IS_OPEN.search(text) or not is_next:
                break
            number, text = following.number, f"{text} {following.text}"
            self.position += 1
        return line._replace(text=text)


def _block_of(line: Line) -> Block:
    if bullet := _BULLET.fullmatch(line.text):
        return Paragraph(line.number, bullet["text"], 1 + line.indent)
    is_short = len(line.text) <= _HEADING and len(line.text.split()) <= 12  # noqa: PLR2004 - words
    if is_short and line.text[0].isupper() and line.text[-1] not in ".:;,!":
        return Heading(line.number, line.text)
    return Paragraph(line.number, line.text)


def _is_badge(text: str | None) -> bool:
    return (text or "").strip(" .").lower() == "deprecated"


def _json_lines(text: str) -> str:
    """Return the lines that can be of JSON, where its end is missing."""
    return "\n".join(takewhile(_PART_OF_JSON.match, text.splitlines()))


def _is_request(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return not isinstance(value, dict) or "timestamp" in value or "account" in value or not value
