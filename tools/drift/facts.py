"""What a page states, one fact at a time, by keys that are the same in all layouts.

Keys begin with one of: operation, header, field, example, status, security, media, deprecated,
value, sample-value, stated-value, error, event, sample-event, call, server, described.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.drift import headers, samples, words
from tools.drift.cells import CODE, CONSTANT, VALUE, plain
from tools.drift.curl import parse
from tools.drift.document import ENVELOPE, ERROR
from tools.drift.fields import TYPES
from tools.drift.mentioned import subjects_of
from tools.drift.model import Call, Code, Field, Heading, Page, Paragraph, Table
from tools.drift.naming import EVERY, EVERY_WEBHOOK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tools.drift.document import Document, Key

_OPERATION = re.compile(
    r"\b(?P<verb>GET|POST|PUT|PATCH|DELETE)\b[\])\s*_]*"
    r"(?:https?://[\w.\-]+)?(?P<path>/[\w\-]+(?:/[\w{}\-.]+)+)"
)
_CALL = re.compile(
    r"(?:[-\u2013\u2014]\s+|\[)(?P<verb>GET|POST|PUT|PATCH|DELETE)\b\]?\s+"
    r"(?!(?:data|body|requests?|parameters?|methods?|endpoints?)\b)(?P<name>[a-z][\w\-/]*)"
)
_ITEM = re.compile(
    r"[\"“`]?(?P<name>[A-Za-z][\w.\[\]]*)[\"”`]?\s*"
    r"(?:\((?P<about>[^)]*)\)\s*(?:[:\-\u2013\u2014]\s*)?|[:\-\u2013\u2014]\s+)(?P<text>.*)"
)
_BARE_ITEM = re.compile(r"[\"“`]?(?P<name>[A-Za-z][\w.\[\]]*)[\"”`]?(?P<about>)(?P<text>)")
_DUTY = re.compile(
    r"(required|optional|mandatory)(?:$|[.,;:]? *[\-\u2013\u2014] *|[.,;:] *)", re.IGNORECASE
)
_HEADER_ITEM = re.compile(
    r"[\"“`]?(?P<name>[A-Za-z][\w\-]*)[\"”`]?\s*(?:[:\u2013\u2014]|\s-\s|$)\s*(?P<text>.*)"
)
_FORMATS = frozenset({"int32", "int64", "uuid"})
_BRACKETS = re.compile(r"\[\s*(?P<values>[A-Z][A-Z0-9_]*(?:\s*[,|]\s*[A-Z][A-Z0-9_]*)+)\s*\]")
_STATED = re.compile(
    r"\b(?P<name>[a-z]+(?:State|Status)|level|service)\W{1,3}(?P<value>[A-Z_]{3,})\b"
)
_EXAMPLES = re.compile(r"e\.\s?g\.,?\s*(?P<values>[^)]*)")
_CURRENCY = re.compile(r"\b[A-Z][A-Z0-9]{2,}(?:_[A-Z]{3,})?\b")
_CONSTANT = re.compile(r"\b[A-Z][A-Z_]{2,}\b")
_HEADER_NAMES = frozenset({"key", "sign", "content-type", "accept", "authorization"})
_NAMES = frozenset({"field", "parameter", "name", "attribute", "property", "key", "param"})
_DUTIES = frozenset({"mandatory", "required"})
_RESPONSE = re.compile(r"\brespon[sd]|\breceive|\banswer|\bresult|\breturns?\b", re.IGNORECASE)
_REQUEST = re.compile(r"\brequest|\bsend\b|\bpass\b|\bbody\b", re.IGNORECASE)
_STATUS = re.compile(r"\((?:HTTP )?([1-5]\d\d)(?: [A-Z][A-Za-z ]+)?\)")
_FEW = 6
_THIS = re.compile(r"\b[Tt]h(?:is|e) (method|endpoint|call|operation|event|webhook)\b")
_TEXTS = frozenset({"ANY_ADDITIONAL_PROPERTY"})
_PHRASES = {phrase.phrase: str(phrase.value) for phrase in HTTPStatus}
_PARENTHESES = re.compile(r"\s*\([^)]*\)")


class Fact(NamedTuple):
    """One fact: its value, which depends on the kind, and where the page has it."""

    value: Any
    line: int = 0
    text: str = ""


class Sentence(NamedTuple):
    """A sentence that is no part of a fact.

    Attributes:
        heading: The heading above it, or what it speaks of alone.
        about: The operation with `request` or `response`, or the event, that the page speaks of.
    """

    text: str
    heading: str
    line: int
    about: str = ""


@dataclass(slots=True)
class Facts:
    """All facts of a page, in its order.

    Attributes:
        documents: The page's own OpenAPI documents, by operation.
        open: The operations within which the page breaks off.
    """

    by_key: dict[Key, Fact] = field(default_factory=dict)
    sentences: list[Sentence] = field(default_factory=list)
    title: str = ""
    documents: dict[str, Any] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def add(self, key: Key, value: Any, line: int = 0, text: str = "") -> None:  # noqa: ANN401
        """Add a fact; the first of a key counts, with the first text about it."""
        before = self.by_key.setdefault(key, Fact(value, line, text))
        if text and not before.text and key[0] in {"event", "value"}:
            self.by_key[key] = Fact(before.value, before.line, text)

    def has(self, kind: str) -> bool:
        """Whether there is a fact of a kind."""
        return any(key[0] == kind for key in self.by_key)

    def add_type(self, key: Key, name: str, line: int) -> None:
        """Add the type of a member of a sample; several of one place are joined by `|`."""
        before = self.by_key.get(key)
        names = {*before.value.split("|"), name} if before else {name}
        self.by_key[key] = Fact("|".join(sorted(names)), before.line if before else line)


def facts_of(page: Page, document: Document) -> Facts:
    """Return the facts of a page."""
    return _Collector(page, document).collect()


class _Collector:
    """Goes through the blocks of a page.

    Attributes:
        headings: The title and the last headings, the latest last.
        lead: The last paragraph.
        operation: The operation that the page speaks of.
        event: The event that it speaks of.
        part: Whether it speaks of a request or of a response.
    """

    def __init__(self, page: Page, document: Document) -> None:
        self.page = page
        self.document = document
        self.facts = Facts(title=page.title)
        self.headings: list[str] = []
        self.heading_line = 0
        self.lead = ""
        self.operation = ""
        self.event = ""
        self.part = ""
        self.outer: list[tuple[int, str]] = []

    def collect(self) -> Facts:
        if self._is_of_descriptions():
            self._descriptions()
            return self.facts
        readers: dict[type, Callable[[Any], None]] = {
            Call: self._call,
            Heading: self._heading,
            Paragraph: self._paragraph,
            Table: self._table,
            Code: self._code,
        }
        for block in self.page.blocks:
            is_code = isinstance(block, Call | Code)
            if self.page.cut_line and block.line >= self.page.cut_line and not is_code:
                break
            readers[type(block)](block)
        self._drop_groups()
        return self.facts

    def _drop_groups(self) -> None:
        """Leave out names of groups, which are like those of the events in them."""
        kinds = {"event", "sample-event"}
        names = [key[1] for key in self.facts.by_key if key[0] in kinds]
        for key, fact in list(self.facts.by_key.items()):
            is_unknown = key[0] in kinds and not fact.text and key[1] not in self.document.events
            if is_unknown and any(name.startswith(f"{key[1]}_") for name in names):
                del self.facts.by_key[key]

    def _is_of_descriptions(self) -> bool:
        """Whether a page shows nothing but the descriptions of a reference."""
        lines = [getattr(block, "text", "") for block in self.page.blocks]
        is_plain = all(isinstance(block, Heading | Paragraph) for block in self.page.blocks)
        return is_plain and lines.count("OK") > 1

    def _descriptions(self) -> None:
        """Take in descriptions by the call and the status that they are of, which come in order."""
        number, part = 1, "request"
        for block in self.page.blocks[1:]:
            if self.page.cut_line and block.line >= self.page.cut_line:
                break
            text = getattr(block, "text", "")
            if text in _PHRASES:
                part = "response"
                self.facts.add(("status", f"call {number}", _PHRASES[text]), text, block.line)
                continue
            if part == "response" and text.startswith("Object with request"):
                number, part = number + 1, "request"
            key = ("described", f"call {number} {part}", text)
            self.facts.add(key, "", block.line)
            if words.figures_in(text):
                self._sentences(text, block.line, f"call {number} {part}")

    @property
    def heading(self) -> str:
        """The heading above."""
        return self.headings[-1] if self.headings else self.page.title

    # The reference.

    def _call(self, call: Call) -> None:
        add = self.facts.add
        name = call.name if call.path else f"{call.verb} ({call.summary.capitalize()})".strip()
        name = self.document.aliases.get(name, name)
        line = call.line
        add(("operation", name), call.operation_id, line, call.summary)
        if call.document is not None:
            self.facts.documents[name] = call.document
        if call.is_open:
            self.facts.open.add(name)
        self._note_on(call)
        for kind, value in call.attributes.items():
            if value and value != "*/*":
                add((kind, name), value, line)
        for host in call.servers:
            add(("server", host.rstrip("/")), "", line)
        self._fields(f"{name} request", call.request, line)
        self._responses(call, name)
        for part, at, tree in call.samples:
            self._sample(f"{name} {part}", tree, at)
        self._sentences(call.text, line, name)

    def _note_on(self, call: Call) -> None:
        """Take a note of deprecation above a call as one on the call."""
        above = [each for each in self.facts.sentences if each.line >= self.heading_line]
        notes = [each for each in above if words.is_deprecating(each.text)]
        if notes and self.heading_line:
            call.attributes["deprecated"] = "true"
            self.facts.sentences = [each for each in self.facts.sentences if each not in notes]

    def _responses(self, call: Call, name: str) -> None:
        line = call.line
        for header, found in call.headers.items():
            self.facts.add(("header", name, header), found, line, found.text)
        for status, text in call.statuses.items():
            self.facts.add(("status", name, status), text, line)
        for status, fields in call.responses.items():
            self.facts.add(("status", name, status), "", line)
            where = f"{name} response" if status.startswith("2") else ERROR
            self._fields(where, fields, line)
        for (status, header), found in call.response_headers.items():
            self.facts.add(("header", f"{name} {status}", header), found, line, found.text)

    def _fields(self, where: str, fields: Mapping[str, Field], line: int) -> None:
        for path, found in fields.items():
            text = found.text
            key = ("field", (where + path if where.endswith(".") else f"{where} {path}").strip())
            self.facts.add(key, self._with_values(path, found), found.line or line, text)

    def _with_values(self, path: str, found: Field) -> Field:
        """Return a field with the values that its description lists."""
        if found.values:
            return found
        last = path.rpartition(".")[2].lower()
        values = self._values_in(found.text, last)
        if last in {"currency", "balances[].currency"} and (shown := _EXAMPLES.search(found.text)):
            for value in _CURRENCY.findall(shown["values"]):
                self.facts.add(("value", "Currency", value), "", found.line)
        return replace(found, values=tuple(values)) if values else found

    def _values_in(self, text: str, name: str) -> list[str]:
        """Return the values that a text lists for a field: in brackets, or known ones."""
        if listed := _BRACKETS.search(text):
            return re.split(r"[\s,|]+", listed["values"])
        enumeration = self.document.enumeration(name)
        if enumeration in {None, "Currency"}:
            return []
        found = [each for each in _CONSTANT.findall(text) if not self.document.events_in(each)]
        members = self.document.spec.enumerations[str(enumeration)].values
        return found if len(set(found) & set(members)) > 1 else []

    # Samples.

    def _sample(self, where: str, tree: samples.Tree, line: int) -> None:
        for path, value in samples.members(tree.value):
            if any(name in path for name in _TEXTS):
                continue
            last = path.rpartition(".")[2].removesuffix("[]")
            if isinstance(value, str) and VALUE.fullmatch(value):
                self._sample_value(last, value, line)
            if path.endswith("[]") and not isinstance(value, dict | list):
                continue
            is_event = bool(self.document.events_in(where)) and " " not in where
            at = ENVELOPE if is_event and not path.startswith("data.") else where
            self.facts.add_type(("example", f"{at} {path}"), samples.type_of(value), line)

    def _sample_value(self, name: str, value: str, line: int) -> None:
        if self.document.events_in(value):
            self.facts.add(("sample-event", value), "", line)
            return
        enumeration = self.document.enumeration(name)
        if enumeration is not None and (enumeration != "Currency" or _CURRENCY.fullmatch(value)):
            self.facts.add(("sample-value", enumeration, value), "", line)

    def _code(self, code: Code) -> None:
        text = code.text
        if text.lstrip().startswith("curl "):
            self._curl(code)
            return
        tree = samples.read_json(text)
        if tree is None:
            self._program(code)
            return
        value = tree.value
        where = self._sample_where(value)
        # The beginning of a sample may be too short to tell what it is of.
        is_guess = tree.cut and where.rpartition(" ")[0] in {
            each.capitalize() for each in (self.heading, self.page.title)
        }
        if where and not is_guess:
            self._sample(where, tree, code.line)
        self.part = where.rpartition(" ")[2] if where.endswith((" request", " response")) else ""

    def _program(self, code: Code) -> None:
        if match := _OPERATION.search(code.text):
            self._operation(match, code.line)
        for line in code.text.splitlines():
            if line.strip():
                self.facts.sentences.append(Sentence(line.strip(), self.heading, code.line))

    def _sample_where(self, value: Any) -> str:  # noqa: ANN401 - any JSON
        """Return what a sample is a sample of."""
        names = [path for path, _ in samples.members(value) if not path.endswith("[]")]
        about = f"{self.page.title} {self.lead}".lower()
        if isinstance(value, dict):
            if "errorCode" in value or ("message" in value and "error" in about):
                return ERROR
            if self._is_event(value):
                return self._event_of(value) or ENVELOPE
        is_request = isinstance(value, dict) and "timestamp" in value
        part = "request" if is_request else "response"
        found = self.document.operation_like(part, names, f"{self.lead} {self.heading}")
        ours = self.document.paths(self.operation, part)
        if self.operation and (not found or not ours or set(names) & set(ours)):
            found = self.operation
        return f"{found or (self.heading or self.page.title).capitalize()} {part}"

    def _event_of(self, value: Mapping[str, Any]) -> str:
        """Return the event that a sample is of: a member names it, or what stands above."""
        inner = value.get("data")
        members = [*value.values(), *(inner.values() if isinstance(inner, dict) else ())]
        names = (each for each in members if isinstance(each, str))
        return next((each for each in names if self.document.events_in(each) == [each]), self.event)

    def _is_event(self, value: Mapping[str, Any]) -> bool:
        if "eventType" in value or {"requestId", "data"} <= set(value):
            return True
        is_about_events = bool(self.event) or "payload" in self.page.title.lower()
        return is_about_events and next(iter(value), "") == "requestId"

    def _curl(self, code: Code) -> None:
        curl = parse(code.text)
        self.operation = self.document.aliases.get(curl.name, curl.name)
        self.facts.add(("operation", self.operation), "", code.line)
        if curl.host:
            self.facts.add(("server", curl.host), "", code.line)
        for name in curl.headers:
            if name.lower() not in {"accept", "content-type"}:
                self.facts.add(("header", self.operation, name), Field(type="string"), code.line)
        tree = samples.read_json(curl.data)
        if tree is not None:
            self._sample(f"{self.operation} request", tree, code.line)

    # Words.

    def _heading(self, heading: Heading) -> None:
        name, note = words.without_deprecation(heading.text)
        self.headings.append(name)
        self.heading_line = heading.line
        self.lead = ""
        self.outer = []
        events = self.document.events_in(name)
        if events and CONSTANT.fullmatch(name):
            self.event = events[0]
            self.facts.add(("sample-event", name), "", heading.line)
        if note:
            self.facts.sentences.append(Sentence(heading.text, name, heading.line))
        self._mentions(heading.text, heading.line)
        self._turn(heading.text)
        status = _STATUS.search(heading.text)
        if status and self.operation:
            self.facts.add(("status", self.operation, status[1]), "", heading.line)
        elif words.figures_in(heading.text):
            self.facts.sentences.append(Sentence(heading.text, heading.text, heading.line))

    def _turn(self, text: str) -> None:
        """Notice whether a request or a response comes next."""
        response, request = _RESPONSE.search(text), _REQUEST.search(text)
        if response and (not request or response.start() > request.start()):
            self.part = "response"
        elif request:
            self.part = "request"

    def _mentions(self, text: str, line: int) -> None:
        for match in _OPERATION.finditer(text):
            self._operation(match, line)
        if not _OPERATION.search(text):
            for match in _CALL.finditer(text):
                self.facts.add(("call", match["name"]), f"{match['verb']} {match['name']}", line)
        for match in _STATED.finditer(text):
            enumeration = self.document.enumeration(match["name"])
            if enumeration and not self.document.events_in(match["value"]):
                self.facts.add(("stated-value", enumeration, match["value"]), "", line)

    def _named_headers(self, text: str, line: int) -> None:
        """Take in the headers that a text names, but for those that go without saying."""
        for name, is_needed in headers.named(text):
            if name.lower() not in _HEADER_NAMES:
                owner = self._sends_headers(text)
                is_ours = is_needed and owner != EVERY_WEBHOOK
                found = Field(type="string", required=is_ours)
                self.facts.add(("header", owner, name), found, line)

    def _sends_headers(self, text: str) -> str:
        """Return what headers are of that a text speaks of."""
        if headers.of_webhooks(text):
            return EVERY_WEBHOOK
        return self.operation or EVERY

    def _operation(self, match: re.Match[str], line: int) -> None:
        name = f"{match['verb']} {match['path'].rstrip('.')}"
        self.operation = self.document.aliases.get(name, name)
        self.facts.add(("operation", self.operation), "", line)

    def _paragraph(self, paragraph: Paragraph) -> None:
        text = paragraph.text
        if not paragraph.depth and _is_heading(text):
            self._heading(Heading(paragraph.line, text))
            return
        self._mentions(text, paragraph.line)
        for event in self.document.events_in(text):
            if not _is_state(text, event):
                self.facts.add(("event", event), "", paragraph.line)
        if paragraph.depth and (self._item(paragraph) or self._header_item(paragraph)):
            return
        self._named_headers(text, paragraph.line)
        self._listed(text, paragraph.line)
        self._turn(text)
        self.lead = text
        self._sentences(text, paragraph.line, self._named(text) or self.heading)

    def _named(self, text: str) -> str:
        """Return the only event or call that a note of deprecation is on."""
        if not words.is_deprecating(text):
            return ""
        found = [f"{match['verb']} {match['name']}" for match in _CALL.finditer(text)]
        found = found or subjects_of(text, self.document)
        if len(found) == 1:
            return found[0]
        said = _THIS.search(text)
        known = {"event": self.event, "webhook": self.event}
        return "" if found or said is None else known.get(said[1], self.operation)

    def _listed(self, text: str, line: int) -> None:
        """Take in values in brackets that a sentence lists for a field that it begins with."""
        for match in _BRACKETS.finditer(text):
            values = re.split(r"[\s,|]+", match["values"])
            name = re.match(r"\W*(\w+)", text)
            enumeration = self.document.enumeration(name[1] if name else "", values)
            for value in values:
                if enumeration and not self.document.events_in(value):
                    self.facts.add(("value", enumeration, value), "", line)

    def _sentences(self, text: str, line: int, heading: str) -> None:
        about = self._subject_of_words()
        for sentence in words.sentences_of(text):
            self.facts.sentences.append(Sentence(sentence, heading, line, about))

    def _subject_of_words(self) -> str:
        """Return the operation or the event that the words here are about."""
        said = f"{self.page.title} {self.heading}"
        operation = self.operation or self.document.operation_called(said)
        if not operation and self.event:
            return self.event
        operation = operation or self._next_operation() or self._first_called()
        return f"{operation} {self.part or 'request'}"

    def _first_called(self) -> str:
        """Return the only operation that the page calls by the end of its path."""
        texts = (getattr(block, "text", "") for block in self.page.blocks)
        found = {name for text in texts for name in subjects_of(text, self.document)}
        found -= self.document.events
        return found.pop() if len(found) == 1 else ""

    def _item(self, paragraph: Paragraph) -> bool:
        """Take in an item of a list that describes a field; return whether it does."""
        match = _ITEM.fullmatch(paragraph.text) or _BARE_ITEM.fullmatch(paragraph.text)
        if match is None:
            return False
        about = {word.strip().lower() for word in re.split(r"[,;]", match["about"] or "")}
        text = match["text"].strip()
        if said := _DUTY.match(text):
            about.add(said[1].lower())
            text = text[said.end() :]
        duty = about & {"required", "optional", "mandatory"}
        types = about & (TYPES | _FORMATS | {"decimal"})
        name = match["name"]
        outer = [each for each in self.outer if each[0] < paragraph.depth]
        path = ".".join([*(each for _, each in outer), name])
        where = self._owner([path], self._part_of([path], self.part or "request"))
        placed = self._path_in(where, path)
        if name.isupper() or not (duty or types or self._is_field(where, placed)):
            return False
        found = Field(
            line=paragraph.line,
            type=next(iter(sorted(types - _FORMATS)), None),
            format=next(iter(sorted(types & _FORMATS)), None),
            required=(duty != {"optional"}) if duty else None,
            deprecated="deprecated" in about,
            text=text,
        )
        self.outer = [*outer, (paragraph.depth, name)]
        self._fields(where, {placed: found}, paragraph.line)
        return True

    def _is_field(self, where: str, path: str) -> bool:
        """Whether an item without more is a field: others of its list are, and it is known."""
        operation, _, part = where.rpartition(" ")
        is_list = bool(self.outer or self.operation) or self.lead.endswith(":")
        return is_list and path in self.document.paths(operation, part)

    def _header_item(self, paragraph: Paragraph) -> bool:
        """Take in an item of a list of headers; return whether it is one."""
        match = _ITEM.fullmatch(paragraph.text) or _HEADER_ITEM.fullmatch(paragraph.text)
        if match is None or not headers.INTRODUCES.search(self.lead):
            return False
        found = Field(required="optional" not in paragraph.text.lower())
        key: Key = ("header", self._sends_headers(self.lead), match["name"])
        self.facts.add(key, found, paragraph.line, match["text"])
        return True

    def _path_in(self, where: str, path: str) -> str:
        """Return a path with the payload that a list of its fields leaves out."""
        operation, _, part = where.rpartition(" ")
        ours = self.document.paths(operation, part)
        inner = f"payload.{path}"
        return inner if part == "request" and path not in ours and inner in ours else path

    def _part_of(self, names: Sequence[str], part: str) -> str:
        """Return whether fields are those of a request, which some names tell."""
        if {"timestamp", "payload"} & {name.partition(".")[0] for name in names}:
            return "request"
        counts = {}
        for each in ("request", "response"):
            paths = self.document.paths(self.operation, each)
            counts[each] = len({path.removeprefix("payload.") for path in paths} & set(names))
        is_even = counts["request"] == counts["response"]
        return part if is_even else max(counts, key=counts.__getitem__)

    def _owner(self, names: Sequence[str], part: str) -> str:
        if self.operation:
            return f"{self.operation} {part}"
        about = f"{self.page.title} {self.lead} {self.heading}"
        ours = self.document.operation_like(part, names, about)
        return f"{ours or self._next_operation() or self.heading} {part}"

    def _next_operation(self) -> str:
        """Return the first operation that the page names anywhere."""
        for block in self.page.blocks:
            text = getattr(block, "text", "")
            if isinstance(block, Code) and (match := re.search(r"https?://[\w.\-]+(/\S+)", text)):
                return f"POST {match[1]}"
            if isinstance(block, Paragraph | Heading) and (found := _OPERATION.search(text)):
                return f"{found['verb']} {found['path']}"
        return ""

    # Tables.

    def _table(self, table: Table) -> None:
        if self.page.cut_line:
            table = _without_line(table, self.page.cut_line)
        header = [plain(cell) for cell in table.header]
        firsts = [_noted(row[0])[0] for _, row in table.rows]
        codes = [first for first in firsts if CODE.fullmatch(first)]
        # Codes begin with a zero; 400 and the like are statuses of HTTP.
        if len(codes) > len(firsts) / 2 and any(code.startswith("0") for code in codes):
            self._errors(table, header)
        elif self._is_of_headers(table, header):
            self._headers(table)
        elif "type" in header and header[0] in _NAMES:
            self._field_rows(table, header)
        elif self._is_of_events(firsts, header):
            self._events(table)
        elif not self._values(table, header):
            for line, row in table.rows:
                said = " \u2014 ".join(cell for cell in row if cell)
                self._sentences(said, line, self.heading)
        self.lead = ""

    def _is_of_headers(self, table: Table, header: Sequence[str]) -> bool:
        firsts = {
            first.lower() for first in (*table.header[:1], *(row[0] for _, row in table.rows))
        }
        if header[:1] == ["header"] or (headers.INTRODUCES.search(self.lead) and table.rows):
            return True
        return len(firsts & _HEADER_NAMES) > 1 and "type" not in header

    def _events(self, table: Table) -> None:
        for line, row in table.rows:
            name, note = _noted(row[0])
            if CONSTANT.fullmatch(name):
                text = " ".join(each for each in (note, *row[1:]) if each)
                self.facts.add(("event", name), "", line, text)

    def _is_of_events(self, firsts: Sequence[str], header: Sequence[str]) -> bool:
        named = [first for first in firsts if self.document.events_in(first) == [first]]
        is_called = bool(header) and header[0] in {"event type", "event", "event name", "eventtype"}
        about = f"{self.page.title} {' '.join(self.headings[-2:])}".lower()
        if not header and "event" in about and all(map(CONSTANT.fullmatch, firsts)):
            return True
        return is_called or (len(named) > len(firsts) / 2 and "state" not in " ".join(header))

    def _errors(self, table: Table, header: Sequence[str]) -> None:
        comments = [
            index for index, name in enumerate(header) if name in {"comment", "description"}
        ]
        for line, row in table.rows:
            if CODE.fullmatch(row[0]):
                comment = "".join(row[index] for index in comments if index < len(row))
                message = "".join(row[1:2])
                key: Key = ("error", row[0])
                if key in self.facts.by_key:
                    key = ("error", row[0], message)
                self.facts.add(key, message, line, comment)

    def _headers(self, table: Table) -> None:
        rows = list(table.rows)
        if table.header and table.header[0].lower() not in {"header", "name", "parameter"}:
            rows = [(table.line, table.header), *rows]
        owner = self._sends_headers(self.lead)
        for line, row in rows:
            if re.fullmatch(r"[A-Za-z][\w\-]*", row[0]):
                found = Field(required=True)
                self.facts.add(("header", owner, row[0]), found, line, " ".join(row[1:]))

    def _field_rows(self, table: Table, header: Sequence[str]) -> None:
        fields: dict[str, Field] = {}
        for line, row in table.rows:
            first, note = words.without_deprecation(row[0])
            name = first.strip('`"“” ').replace(" ", "")
            if name:
                found = _row_field(dict(zip(header, row, strict=False)), line)
                fields[name] = replace(found, deprecated=bool(note))
        where = self._table_where(list(fields))
        placed = {self._path_in(where, path): found for path, found in fields.items()}
        self._fields(where, placed, table.line)

    def _table_where(self, names: list[str]) -> str:
        if {"service", "data"} <= set(names) or {"level", "requestId"} <= set(names):
            return ENVELOPE
        if "errorCode" in names:
            return ERROR
        if self.event and not self.operation:
            return f"{self.event} data."
        return self._owner(names, self._part_of(names, self.part or "response"))

    def _values(self, table: Table, header: Sequence[str]) -> bool:
        """Take in the columns that list values; return whether there is one."""
        found = False
        width = max((len(row) for _, row in table.rows), default=0)
        for column in range(width):
            cells = [
                (*_noted(row[column]), row, line) for line, row in table.rows if column < len(row)
            ]
            values = [value for value, *_ in cells if VALUE.fullmatch(value)]
            if not values or len(values) <= len(cells) / 2:
                continue
            name = header[column] if column < len(header) else ""
            subject = self._subject(name, values)
            for value, note, row, line in cells:
                if VALUE.fullmatch(value):
                    text = row[-1] if column < len(row) - 1 and not found else ""
                    text = f"{note} {text}".strip()
                    self.facts.add(("value", subject, value), "", line, text)
            found = True
        return found

    def _subject(self, name: str, values: Sequence[str]) -> str:
        """Return the enumeration of a column, or the heading above where the document has none."""
        generic = name in {"status", "state", "value", "enum value", "", "name", "code"}
        heading = self.heading.strip(": ")
        for called in [heading] if generic else [name, heading]:
            if (found := self.document.enumeration(called, values)) and self._most(found, values):
                return found
        by_members = self.document.enumeration("", values)
        if by_members is not None and "invoice" not in heading.lower():
            return by_members
        return (heading if generic else f"{heading}: {name}").capitalize()

    def _most(self, enumeration: str, values: Sequence[str]) -> bool:
        ours = set(self.document.spec.enumerations[enumeration].values)
        return len(ours & set(values)) * 2 >= len(set(values))


def _is_heading(text: str) -> bool:
    """Whether a paragraph can be a heading: a few words and no sentence."""
    is_sentence = text[-1] in ".;,!" or ":" in text
    return not is_sentence and len(text.split()) <= _FEW and text[0].isupper()


def _noted(cell: str) -> tuple[str, str]:
    """Return a name and what stands in parentheses beside it."""
    return _PARENTHESES.sub("", cell).strip(), " ".join(_PARENTHESES.findall(cell)).strip()


def _without_line(table: Table, line: int) -> Table:
    """Return a table without what is half at the line at which the page breaks off."""
    kept: list[tuple[int, Sequence[str]]] = []
    for at, row in table.rows:
        # Of the row at the end, all cells are whole but the last that has anything.
        filled = [index for index, cell in enumerate(row) if cell]
        whole = row if at < line else row[: filled[-1] if filled else 0]
        if at < line or len(whole) > 1:
            kept.append((at, [*whole, *[""] * (len(row) - len(whole))]))
    return Table(table.line, table.header, kept)


def _row_field(row: Mapping[str, str], line: int) -> Field:
    said = row.get("type", "")
    outer, _, inner = said.partition("(")
    name = outer.strip().lower()
    duty = next((row[key].strip().lower() for key in row if key in _DUTIES), "")
    text = row.get("description") or row.get("comment") or row.get("meaning") or ""
    about = inner.strip(" )").lower()
    return Field(
        line=line,
        type=name.removesuffix("[]") if not name.endswith("[]") else "array",
        format=about if about and about not in {"optional", "required"} else None,
        required={"yes": True, "true": True, "no": False, "false": False}.get(
            duty, {"optional": False, "required": True}.get(about)
        ),
        default=row.get("default") or None,
        text=text,
    )


def _is_state(text: str, event: str) -> bool:
    """Whether a sentence speaks of a state that is named like an event."""
    return re.search(rf"\bstate (?:to |is )?{re.escape(event)}", text) is not None
