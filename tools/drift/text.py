"""Turns the text of a page, as a browser shows and saves it, into the model of a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tools.drift import samples
from tools.drift.cells import cells_at, glued_at, pairs_at, piped_at
from tools.drift.curl import parse
from tools.drift.lines import Line, lines_of
from tools.drift.model import Block, Call, Code, Heading, Page, Paragraph
from tools.drift.rows import Row, place, row_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_VERB = re.compile(r"get|post|put|patch|delete", re.IGNORECASE)
_FOLDED = re.compile(
    r"(?P<verb>get|post|put|patch|delete)\s?(?P<path>/[\w{}/.\-~]+)", re.IGNORECASE
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
_QUOTE = re.compile(r"\s*'")
_DATA = re.compile(r"curl (?:.*\n){0,20}?.*(?:--data(?:-\w+)?|-d) '?\s*\{")
_OF_JSON = re.compile(r"\s*(?:[\"{}\[\],]|-?\d|true|false|null)")
_IGNORED_HEADERS = frozenset({"host", "accept", "content-length", "user-agent", "connection"})
_HEADING = 70
_WRAPPED = 55
"""Text that is wrapped has lines of at least this length."""
_IS_OPEN = re.compile(r"[\w,)\"'\u2019\u201d]$")
_GOES_ON = re.compile(r"[(\"]?[a-z0-9]\S*[ ,.]")


def read(text: str, known: Callable[[str, str], Sequence[str]] = lambda *_: ()) -> Page:
    """Return the page.

    Args:
        text: Its text.
        known: The paths of fields, for what the text does not show.
    """
    blocks = _Reader(lines_of(text), text, known).read()
    page = Page(text, "txt", blocks)
    first = blocks[0] if blocks else None
    page.title = first.text if isinstance(first, Heading) else ""
    return page


class _Reader:
    """Reads line after line.

    Attributes:
        call: The operation that the lines are about, if any.
        row: The field that they are about.
    """

    def __init__(
        self, lines: list[Line], text: str, known: Callable[[str, str], Sequence[str]]
    ) -> None:
        self.lines = lines
        self.raw = text.lstrip("\ufeff").splitlines()
        self.known = known
        self.blocks: list[Block] = []
        self.position = 0
        self.call: _Draft | None = None
        self.row: Row | None = None
        self.is_reference = any(
            pattern.fullmatch(line.text) for line in lines for pattern in (_HTTP, _VERB, _FOLDED)
        )

    def read(self) -> list[Block]:
        while self.position < len(self.lines):
            line = self.lines[self.position]
            if not self._sample(line) and not self._table() and not self._reference(line):
                self._words(line)
        self._end_call()
        return self.blocks

    # What any page may hold.

    def _sample(self, line: Line) -> bool:
        """Read JSON, curl or HTTP that starts at a line."""
        if line.text.startswith(("{", "[")) and _looks_like_json(line.text):
            self._json(line)
        elif line.text.startswith("curl "):
            self._curl(line)
        elif http := _HTTP.fullmatch(line.text):
            self._http(line, http)
        else:
            return False
        return True

    def _until(self, number: int) -> None:
        """Go on behind a line of the page."""
        while self.position < len(self.lines) and self.lines[self.position].number <= number:
            self.position += 1

    def _json(self, line: Line) -> None:
        text, end = self._json_from(line.number)
        self._until(end)
        tree = samples.read_json(text)
        if self.call is not None and tree is not None and self.is_reference:
            self.call.take_sample(line.number, tree)
            self.row = None
        else:
            self.blocks.append(Code(line.number, text))

    def _json_from(self, number: int) -> tuple[str, int]:
        rest = "\n".join(self.raw[number - 1 :])
        end = samples.end_of_json(rest, min(rest.find(each) for each in "{[" if each in rest))
        text = _json_lines(rest) if end < 0 else rest[:end]
        return text, number + text.count("\n")

    def _curl(self, line: Line) -> None:
        rest = "\n".join(self.raw[line.number - 1 :])
        data = _DATA.match(rest)
        end = samples.end_of_json(rest, data.end() - 1) if data else -1
        if end >= 0:
            closing = _QUOTE.match(rest, end)
            last = line.number + rest[: closing.end() if closing else end].count("\n")
        else:
            last = self._end_of_options(line.number)
        text = "\n".join(self.raw[line.number - 1 : last])
        self._until(last)
        curl = parse(text)
        call = self.call
        if call is None or not self.is_reference or (call.path and call.path != curl.path):
            self.blocks.append(Code(line.number, text))
            return
        call.verb, call.path = curl.verb, curl.path
        call.take_head(curl.host, curl.headers)
        tree = samples.read_json(curl.data)
        if tree is not None:
            call.take_sample(line.number, tree)
        call.sent = False
        self.row = None

    def _end_of_options(self, number: int) -> int:
        """Return the last line of a call of curl without data, or of which the end is missing."""
        end = number
        while end < len(self.raw) and self.raw[end - 1].rstrip().endswith("\\"):
            end += 1
        return end

    def _http(self, line: Line, http: re.Match[str]) -> None:
        call = self.call
        if call is None or (call.path and call.name != f"{http['verb']} {http['path']}"):
            call = self._start(line, "")
        call.verb, call.path = http["verb"], http["path"]
        call.sent = True
        self.position += 1
        self.row = None
        headers: dict[str, str] = {}
        while self.position < len(self.lines):
            header = _HEADER.fullmatch(self.lines[self.position].text)
            if header is None:
                break
            headers[header["name"]] = header["value"]
            self.position += 1
        host = headers.get("Host")
        call.take_head(f"https://{host}" if host else "", headers)

    def _table(self) -> bool:
        if self.is_reference and self.call is not None:
            return False
        for find in (piped_at, cells_at, pairs_at, glued_at):
            found = find(self.lines, self.position)
            if found is not None:
                table, self.position = found
                self.blocks.append(table)
                return True
        return False

    # The reference.

    def _reference(self, line: Line) -> bool:
        if not self.is_reference:
            return False
        return self._verb(line) or self._path(line) or self._part(line) or self._field(line)

    def _verb(self, line: Line) -> bool:
        if folded := _FOLDED.fullmatch(line.text):
            started = self._start(line, self._take_summary())
            started.verb, started.path = folded["verb"].upper(), folded["path"]
            self.position += 1
            return True
        if not _VERB.fullmatch(line.text):
            return False
        call = self.call
        if call is not None and not call.path and (call.rows or call.statuses):
            call.verb = line.text.upper()
        elif call is None or not (call.verb == line.text.upper() and self._is_http_next()):
            # In the text the name of a call stands before its verb.
            summary = self._take_summary()
            self._start(line, summary).verb = line.text.upper()
        self.row = None
        self.position += 1
        return True

    def _is_http_next(self) -> bool:
        following = self.lines[self.position + 1 : self.position + 2]
        return bool(following) and _HTTP.fullmatch(following[0].text) is not None

    def _take_summary(self) -> str:
        call = self.call
        if call is not None and self.row is not None and self.row.text:
            return self.row.text.pop()
        if call is not None and call.words:
            return call.words.pop()[1]
        if self.blocks and isinstance(self.blocks[-1], Heading | Paragraph):
            last = self.blocks[-1]
            if len(self.blocks) > 1:
                self.blocks.pop()
            return last.text
        return ""

    def _path(self, line: Line) -> bool:
        if _HOST.fullmatch(line.text):
            self.position += 1
            return True
        match = _PATH.fullmatch(line.text)
        if match is None or self.call is None or self.call.path:
            return False
        self.call.path = match["path"]
        self.row = None
        self.position += 1
        return True

    def _part(self, line: Line) -> bool:
        call = self.call
        if call is None:
            return False
        section = _SECTIONS.get(line.text.lower())
        if section is not None:
            call.section = section
        elif call.section == "responses" and _STATUS.fullmatch(line.text):
            self._status(line, call)
        elif not _MEDIA.fullmatch(line.text):
            return False
        elif call.section == "body":
            call.media = line.text
        self.row = None
        self.position += 1
        return True

    def _status(self, line: Line, call: _Draft) -> None:
        call.status = line.text
        following = self.lines[self.position + 1 : self.position + 2]
        text = following[0].text if following else ""
        call.statuses[line.text] = "" if _MEDIA.fullmatch(text) else text
        if text and not _MEDIA.fullmatch(text) and not _STATUS.fullmatch(text):
            self.position += 1

    def _field(self, line: Line) -> bool:
        call = self.call
        row = row_in(line.number, line.text) if call is not None else None
        if call is None or row is None:
            return False
        call.rows.append((call.section, call.status, row))
        self.row = row
        self.position += 1
        return True

    def _start(self, line: Line, summary: str) -> _Draft:
        self._end_call()
        self.call = _Draft(line.number, summary)
        self.row = None
        return self.call

    def _end_call(self) -> None:
        if self.call is not None:
            self.blocks.append(self.call.finish(self.known))
            self.blocks += self.call.paragraphs()
        self.call = self.row = None

    # Words.

    def _words(self, line: Line) -> None:
        self.position += 1
        if self.call is not None and self.is_reference:
            if self.row is None or not self.row.take(line.text):
                self.call.words.append((line.number, line.text))
            return
        line = self._whole(line)
        bullet = _BULLET.fullmatch(line.text)
        if bullet:
            raw = self.raw[line.number - 1]
            depth = 1 + len(raw) - len(raw.lstrip())
            self.blocks.append(Paragraph(line.number, bullet["text"], depth))
        elif _is_heading(line.text):
            self.blocks.append(Heading(line.number, line.text))
        else:
            self.blocks.append(Paragraph(line.number, line.text))

    def _whole(self, line: Line) -> Line:
        """Return a line with those behind it that go on with its sentence, in wrapped text."""
        number, text = line
        while self.position < len(self.lines):
            following = self.lines[self.position]
            is_next = following.number == number + 1 and _GOES_ON.match(following.text)
            if len(text) < _WRAPPED or not _IS_OPEN.search(text) or not is_next:
                break
            number, text = following.number, f"{text} {following.text}"
            self.position += 1
        return Line(line.number, text)


class _Draft:
    """A call while its lines are read."""

    def __init__(self, line: int, summary: str) -> None:
        self.line = line
        self.summary = summary
        self.verb = self.path = ""
        self.section = self.status = self.media = ""
        self.sent = False
        self.hosts: list[str] = []
        self.statuses: dict[str, str] = {}
        self.rows: list[tuple[str, str, Row]] = []
        self.words: list[tuple[int, str]] = []
        self.samples: list[tuple[str, int, Any]] = []
        self.sample_headers: dict[str, str] = {}

    @property
    def name(self) -> str:
        return f"{self.verb} {self.path}"

    def take_head(self, host: str, headers: Mapping[str, str]) -> None:
        """Take in the head of a request."""
        self.sent = True
        if host:
            self.hosts.append(host)
        self.sample_headers |= {
            name: value for name, value in headers.items() if name.lower() not in _IGNORED_HEADERS
        }

    def take_sample(self, line: int, tree: samples.Tree) -> None:
        """Take in a body: the first behind the head of a request is the request's."""
        part = "request" if self.sent and _is_request(tree.value) else "response"
        self.sent = False
        self.samples.append((part, line, tree))

    def paragraphs(self) -> list[Block]:
        """Return what is said besides the fields."""
        return [Paragraph(line, text) for line, text in self.words]

    def finish(self, known: Callable[[str, str], Sequence[str]]) -> Call:
        """Return the call."""
        call = Call(self.line, self.verb, self.path, self.summary, samples=self.samples)
        call.statuses = self.statuses
        call.servers = tuple(dict.fromkeys(self.hosts))
        if self.media:
            call.attributes["media"] = self.media
        if any(text.lower().startswith("deprecated") for _, text in self.words):
            call.attributes["deprecated"] = "true"
        for name, value in self.sample_headers.items():
            if name.lower() != "content-type":
                call.headers.update(Row(self.line, name, ("string",)).fields(name))
            else:
                call.attributes["media"] = value
        self._place(call, known)
        return call

    def _place(self, call: Call, known: Callable[[str, str], Sequence[str]]) -> None:
        groups: dict[tuple[str, str], list[Row]] = {}
        for section, status, row in self.rows:
            groups.setdefault((section, status if section == "responses" else ""), []).append(row)
        for (section, status), rows in groups.items():
            if section == "headers":
                call.headers.update({row.name: row.fields(row.name)[row.name] for row in rows})
            elif section == "responses":
                is_good = status.startswith("2")
                order = self._order("response", known) if is_good else ()
                call.responses[status] = place(rows, order)
            elif section in {"query", "path"}:
                call.request.update(
                    {f"{section} {row.name}": row.fields(row.name)[row.name] for row in rows}
                )
            else:
                call.request.update(place(rows, self._order("request", known)))

    def _order(self, part: str, known: Callable[[str, str], Sequence[str]]) -> Sequence[str]:
        """Return the paths of the first sample in its order, then those known from elsewhere."""
        found: dict[str, None] = {}
        for sample_part, _, tree in self.samples:
            if sample_part == part:
                found.update((path, None) for path, _ in samples.members(tree.value))
        return list(found) or list(known(self.name, part))


def _json_lines(text: str) -> str:
    """Return the lines that can be of JSON, where its end is missing."""
    lines = text.splitlines()
    end = next(
        (index for index, line in enumerate(lines) if line.strip() and not _OF_JSON.match(line)),
        len(lines),
    )
    return "\n".join(lines[:end])


def _is_request(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return not isinstance(value, dict) or "timestamp" in value or "account" in value or not value


def _looks_like_json(text: str) -> bool:
    return text in {"{", "[", "{}", "[]", "[{"} or re.match(r'[{\[]\s*["{\[\d]', text) is not None


def _is_heading(text: str) -> bool:
    if len(text) > _HEADING or text[-1] in ".:;,!" or not text[0].isupper():
        return False
    return len(text.split()) <= 12  # noqa: PLR2004 - more words are a sentence
