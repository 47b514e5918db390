"""Read the description of a call: its parameters, the fields of its body, and its answers."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from tools.drift.readers import _periods
from tools.drift.readers.elements import Prose
from tools.drift.readers.saved.fields import Draft, field_in, limits_in, values_in

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from tools.drift.readers.saved.lines import Line

_SECTIONS = {
    "authorizations": "header",
    "header parameters": "header",
    "headers": "header",
    "query parameters": "query",
    "path parameters": "path",
    "cookie parameters": "cookie",
    "body": "body",
    "request body": "body",
    "responses": "answers",
    "response": "answers",
}
_MEDIA = r"\*/\*|[a-z]+/[\w.+*\-]+"
_BODY = re.compile(rf"(?:Request )?[Bb]ody\s*(?:{_MEDIA})?(?:object)?\s*(?:Required|Optional)?")
_LAYOUT = re.compile(
    rf"{_MEDIA}|(?:Show|Hide) (?:child attributes|properties|all).{{0,20}}"
    r"|Other properties.{0,40}"
    r"|Permission annotations:|Expand(?: all)?|Collapse(?: all)?"
    r"|HTTP|cURL|JavaScript|Python|Node\.js|Ruby|PHP|Java|Go|C#"
)
_VALUES = re.compile(
    r"(?:Possible|Available|Allowed) values:?\s*(?P<inline>.*)|Enum:\s*(?P<enum>.*)"
)
_PATTERN = re.compile(r"Pattern:\s*(?P<pattern>\S.*)")
_CAPITALS = re.compile(r"[`'\"]?[A-Z][A-Z0-9_]*[`'\"]?,?")
_WORD = re.compile(r"[a-z0-9][\w.\-]*,?")
_DUTIES = {"Required": True, "Optional": False}
_PLAIN = re.compile(r"[A-Z][A-Za-z]*(?:,? [A-Za-z'-]+)+\.?")
_STATUS = re.compile(r"(?P<status>[1-5]\d\d)\s*(?P<words>\D.*)?")


class Status(NamedTuple):
    """A status that a call may be answered with."""

    line: int
    status: str


class Description:
    """What the lines between a call's title and its samples say.

    Attributes:
        fields: With where they stand: `header`, `query`, `path`, `cookie`, `body` or a status.
        statuses: In the order of the page.
        prose: What is none of it, but for plain words right below a field.
    """

    def __init__(self, lines: Iterable[Line], asked: Container[str], told: Container[str]) -> None:
        """Read lines.

        Args:
            lines: Those below the title.
            asked: The names in the sample of the request.
            told: The names in the sample of the answer.
        """
        self.fields: list[tuple[str, Draft]] = []
        self.statuses: list[Status] = []
        self.prose: list[Prose] = []
        self._names = {"body": asked, "answers": told}
        self._section = "body"
        self._last: Draft | None = None
        self._listing = self._undescribed = False
        for line in lines:
            self._read(line)
        self._take_silence_for_optional()

    def _read(self, line: Line) -> None:
        understood = (
            self._section_in(line)
            or self._status_in(line)
            or self._field_in(line)
            or self._word_of_field(line)
            or _LAYOUT.fullmatch(line.text)
        )
        if not understood:
            self._listing = False
            if not (self._undescribed and _is_plain(line.text)):
                self.prose.append(Prose(line.number, line.text))
            self._undescribed = False

    def _section_in(self, line: Line) -> bool:
        section = section_of(line.text)
        if section:
            self._section = section
            self._leave_field()
        return bool(section)

    def _status_in(self, line: Line) -> bool:
        """Take a status, and the words that HTTP itself has for it."""
        if self._section != "answers":
            return False
        if self.statuses and line.text == _phrase(self.statuses[-1].status):
            return True
        match = _STATUS.fullmatch(line.text)
        if not match or match["words"] not in {None, _phrase(match["status"])}:
            return False
        self.statuses.append(Status(line.number, match["status"]))
        self._leave_field()
        return True

    def _field_in(self, line: Line) -> bool:
        draft = field_in(line.number, line.text, self._names.get(self._section, ()))
        if draft:
            self.fields.append((self._where, draft))
            self._last, self._listing, self._undescribed = draft, False, True
        return draft is not None

    def _leave_field(self) -> None:
        self._last, self._listing, self._undescribed = None, False, False

    @property
    def _where(self) -> str:
        if self._section == "answers" and self.statuses:
            return self.statuses[-1].status
        return self._section

    def _take_silence_for_optional(self) -> None:
        """Read no mark as optional, if this call marks fields, and none of them as optional."""
        drafts = [draft for _, draft in self.fields]
        duties = {draft.required for draft in drafts}
        if duties == {True, None}:
            for draft in drafts:
                draft.required = draft.required or False

    def _word_of_field(self, line: Line) -> bool:
        """Take what is said of the last field: its values, its pattern, its limits, its duty."""
        if not (last := self._last):
            return False
        if line.text in _DUTIES and last.required is None:
            last.required = _DUTIES[line.text]
            return True
        if match := _VALUES.fullmatch(line.text):
            last.values.extend(values_in(match["inline"] or match["enum"] or ""))
            self._listing = True
        elif self._listing and _is_value(line):
            last.values.extend(values_in(line.text))
        elif match := _PATTERN.fullmatch(line.text):
            last.pattern = match["pattern"].strip("`")
        elif limits := limits_in(line.text):
            last.limits.update(limits)
        else:
            return False
        return True


def _is_value(line: Line) -> bool:
    """Tell whether a line is a member of a list that was begun above it."""
    return bool(_CAPITALS.fullmatch(line.text) or (not line.apart and _WORD.fullmatch(line.text)))


def _is_plain(text: str) -> bool:
    """Tell whether words about a field can be nothing else: no bound, no value, no other field.

    As in the Markdown form such words may change as they like.
    """
    return _PLAIN.fullmatch(text) is not None and not any(_periods.read(0, text))


def section_of(text: str) -> str:
    """Return which section a line begins, or nothing."""
    return "body" if _BODY.fullmatch(text) else _SECTIONS.get(text.lower().rstrip(":"), "")


def _phrase(status: str) -> str:
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return ""
