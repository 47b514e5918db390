"""Finds the fields that a sentence announces: renamed, new, required or gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.differences import ADDITION, BREAKING, INFORMATION, Difference
from tools.drift.document import split
from tools.drift.fields import is_sent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.document import Document
    from tools.drift.facts import Sentence

_NOUN = r"(?:field|parameter|property|member|attribute|param)s?"
_KIND = "the|a|an|its|new|additional|further|required|mandatory|optional|response|request"
_IS = r"(?:has been|have been|was|were|is|are|will be|has|now)(?: now)?"
_NAME = r"(?P<{0}_quote>[\"'`]?)\b(?P<{0}>[A-Za-z][\w.\[\]]*\w)\b[\"'`]?"
_PARTS = {
    "NAMED": rf"(?:(?:{_KIND}) )*(?:{_NOUN} )?{_NAME.format('name')}",
    "FORMER": rf"(?:(?:{_KIND}) )*(?:{_NOUN} )?{_NAME.format('old')}",
    "NAME": _NAME.format("name"),
    "OLD": _NAME.format("old") + rf"(?: {_NOUN})?(?: of \w+ \w+)?",
    "NOUN": _NOUN,
    "IS": _IS,
    "SERVED": "(?:returned|sent|present|available|supported|accepted|filled|used|part of)",
    "NEEDED": "(?:required|mandatory|obligatory)",
}


def _rule(pattern: str) -> re.Pattern[str]:
    whole = re.sub(r"[A-Z]{2,}", lambda match: _PARTS[match.group()], pattern)
    return re.compile(whole, re.IGNORECASE)


_RULES = (
    ("renamed", _rule("OLD IS (?:renamed|changed) (?:in)?to NAMED")),
    ("renamed", _rule("renamed? FORMER (?:in)?to NAMED")),
    ("renamed", _rule("OLD IS (?:called|named|replaced by|replaced with) NAMED")),
    ("renamed", _rule("(?:use|send|pass|read) NAMED (?:instead|in place) of FORMER")),
    ("gone", _rule("NAME(?: NOUN)? IS (?:removed|gone|dropped|no longer SERVED)")),
    ("gone", _rule("no longer (?:contains?|returns?|includes?|has|have|sends?) NAMED")),
    ("optional", _rule("NAME(?: NOUN)? (?:IS )?(?:optional|(?:no longer|not) NEEDED)")),
    ("required", _rule("NAME(?: NOUN)? (?:IS|becomes?|became|has become) (?:a )?NEEDED")),
    ("required", _rule("NEEDED NOUN NAME")),
    ("required", _rule("(?:requires?|needs?) NAMED")),
    ("required", _rule("must (?:now )?(?:contain|include|have|carry|send|pass) NAMED")),
    ("new", _rule("(?:new|additional|further)(?: optional)? NOUN NAME")),
    (
        "new",
        _rule("(?:now|also|now also) (?:contains?|returns?|includes?|has|have|accepts?) NAMED"),
    ),
)


# What may stand behind `the required parameter`, and is no name.
_WORDS = frozenset(
    "in is are was for of to from as on at by and or the a an that which must may can has have be"  # noqa: SIM905 - a list of words
    " with it this data field value more several".split()
)
_LIST = re.compile(r"\"(?P<names>\w+(?:/\w+)+)\"")


def announced(sentence: Sentence, document: Document, earlier: str) -> list[Difference]:
    """Return the differences that a sentence announces; none where it is not sure of what.

    Args:
        sentence: The sentence.
        document: The OpenAPI document.
        earlier: What the sentence was; empty for a new one.
    """
    text = sentence.text.translate(_QUOTES)
    was, now = _LIST.search(earlier.translate(_QUOTES)), _LIST.search(text)
    if was and now:
        lost, gained = _gained(now, was), _gained(was, now)
        # The list is of what a request needs.
        if len(gained) == 1:
            said = (
                f'rename "{lost[0]}" to "{gained[0]}"'
                if len(lost) == 1
                else f'requires "{gained[0]}"'
            )
            text = f"{said} in the request"
    for kind, rule in _RULES:
        if match := rule.search(text):
            found = list(_Announcement(kind, match, sentence, document).differences())
            if found:
                return found
    return []


def _gained(was: re.Match[str], now: re.Match[str]) -> list[str]:
    before = was["names"].split("/")
    return [name for name in now["names"].split("/") if name not in before]


_QUOTES = str.maketrans("\u201c\u201d\u2018\u2019", "\"\"''")


class _Announcement:
    def __init__(
        self, kind: str, match: re.Match[str], sentence: Sentence, document: Document
    ) -> None:
        self.kind = kind
        self.match = match
        self.sentence = sentence
        self.document = document

    def differences(self) -> Iterator[Difference]:
        name = self.match["name"]
        place = self._known(name)
        if self.kind == "renamed":
            old = self._known(self.match["old"])
            if old and not place and self._is_name("name"):
                yield self._difference("field-removed", old, "stated", None, BREAKING)
                around = old[: len(old) - len(self.match["old"])]
                effect = BREAKING if is_sent(old) else ADDITION
                yield self._difference("field-added", around + name, None, "stated", effect)
        elif self.kind == "gone" and place:
            yield self._difference("field-removed", place, "stated", None, BREAKING)
        elif self.kind in {"required", "optional"} and place:
            yield from self._duty(place)
        elif self.kind in {"required", "new"} and not place and self._is_name("name"):
            place = self._place_of_new(name)
            is_needed = self.kind == "required" and is_sent(place)
            effect = BREAKING if is_needed else ADDITION
            if place:
                yield self._difference("field-added", place, None, "stated", effect)

    def _duty(self, place: str) -> Iterator[Difference]:
        ours = self.document.facts["field", place]
        is_needed = self.kind == "required"
        if ours.required is not None and ours.required != is_needed:
            old = "optional" if is_needed else "required"
            effect = BREAKING if is_needed == is_sent(place) else INFORMATION
            yield self._difference("required", place, old, self.kind, effect)

    def _difference(
        self, kind: str, where: str, old: str | None, new: str | None, effect: str
    ) -> Difference:
        text = f"The page announces: {self.sentence.text}"
        key = ("field", where)
        return Difference(kind, where, old, new, effect, text, key=key, line=self.sentence.line)

    def _known(self, name: str) -> str:
        """Return the field that a name means; nothing where it may be one of several."""
        owner, part, _ = split(self.sentence.about)
        path = name.rpartition(".")[2]
        found = [
            key[1]
            for key in self.document.facts
            if key[0] == "field"
            and split(key[1])[0] == owner
            and re.fullmatch(rf"(?:.*\.)?{re.escape(path)}", split(key[1])[2])
        ]
        # What is required without more words is so in requests.
        said = self._part() or ("request" if self.kind in {"required", "optional"} else part)
        found = [each for each in found if split(each)[1] == said] or found
        return found[0] if len(found) == 1 else ""

    def _part(self) -> str:
        """Return whether a sentence speaks of a request or of a response."""
        text = self.sentence.text.lower()
        parts = [part for part in ("request", "response") if part in text]
        if not parts and "parameter" in text:
            return "request"
        return parts[0] if len(parts) == 1 else ""

    def _place_of_new(self, name: str) -> str:
        owner, part, _ = split(self.sentence.about)
        if owner in self.document.spec.events:
            return f"{owner} data.{name}"
        if owner not in self.document.spec.operations:
            return ""
        part = self._part() or ("request" if self.kind == "required" else part)
        has_payload = part == "request" and "payload" in self.document.paths(owner, part)
        return f"{owner} {part} {'payload.' if has_payload else ''}{name}" if part else ""

    def _is_name(self, group: str) -> bool:
        """Whether a word is the name of a field: quoted, with capitals, or behind a noun."""
        if self.match[group].lower() in _WORDS:
            return False
        before = self.match.string[: self.match.start(group)].rstrip("\"'` ")
        is_called = re.search(rf"\b{_NOUN}$", before, re.IGNORECASE) is not None
        has_capitals = re.search(r"[a-z][A-Z]", self.match[group]) is not None
        return bool(self.match[f"{group}_quote"]) or is_called or has_capitals
