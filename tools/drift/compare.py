"""Compares the facts of a page with the document, and with what the page stated before."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from tools.drift import figures, words
from tools.drift.cells import plain
from tools.drift.differences import ADDITION, BREAKING, INFORMATION, Difference
from tools.drift.document import ENVELOPE, ERROR
from tools.drift.facts import Fact, Facts, Sentence
from tools.drift.fields import attributes, effect_of_new_field
from tools.drift.model import Field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.drift.document import Document, Key

_KIND = {
    "operation": "operation",
    "header": "header",
    "field": "field",
    "example": "example",
    "status": "status",
    "security": "security",
    "media": "header",
    "deprecated": "deprecated",
    "value": "value",
    "sample-value": "value",
    "error": "error",
    "event": "event",
    "sample-event": "event",
    "call": "operation",
    "server": "operation-moved",
    "described": "field",
}
_WITHOUT_ENDING = frozenset({"header", "example", "security", "deprecated", "operation-moved"})
_EVERY = "every request"
_BARE = re.compile(r"[^a-z0-9{}]+")
_MEANING_KEPT = 0.5
"""How much of the words of a comment has to stay for its meaning to be the same."""
_VERSION = re.compile(r"/v\d+(?=/)")


def compare(
    new: Facts, document: Document, old: Facts | None, *, is_whole: bool
) -> list[Difference]:
    """Return what differs.

    Args:
        new: The facts of the page.
        document: The OpenAPI document.
        old: What the page stated when it was last accepted, or None.
        is_whole: Whether the page ends as it did then, so that nothing is missing at its end.
    """
    first = list(_Document(new, document).differences())
    if old is None:
        return _distinct(first)
    known = {each.id for each in _Document(old, document).differences()}
    later = list(_Memory(new, old, document, is_whole=is_whole).differences())
    said = {(each.kind, each.where) for each in later}
    told = {each.new for each in later if each.kind.startswith("operation-")} - {None}
    others = [
        each
        for each in first
        if each.id not in known
        and (each.kind, each.where) not in said
        and not any(each.where == name or each.where.startswith(f"{name} ") for name in told)
    ]
    return _distinct([*later, *others])


def _distinct(found: list[Difference]) -> list[Difference]:
    """Leave out what is reported twice, and examples of what is reported as a field."""
    fields = {each.where for each in found if each.kind in {"field-added", "field-removed", "type"}}
    kept: dict[tuple[Any, ...], Difference] = {}
    for each in found:
        if each.kind == "example" and each.where in fields:
            continue
        kept.setdefault((each.kind, each.where, str(each.old), str(each.new)), each)
    return list(kept.values())


class _Comparison:
    """What both comparisons share: how a fact that came, went or changed is reported."""

    def __init__(self, new: Facts, document: Document) -> None:
        self.new = new
        self.document = document

    def known(self, key: Key) -> bool:
        """Whether the document has a fact."""
        return key in self.document.facts

    def added(self, key: Key, fact: Fact) -> Difference:
        """Report a fact that is new."""
        kind = _ending(key[0], "added")
        effect = ADDITION
        where, value = _where(key), _shown(key, fact)
        if key[0] == "field":
            effect = effect_of_new_field(where, fact.value)
        elif key[0] == "server":
            where, effect = "servers", BREAKING
        elif key[0] in {"security", "media"}:
            effect = BREAKING
        elif key[0] == "header" and fact.value.required and " response" not in where:
            effect = BREAKING if not re.search(r" \d{3}$", key[1]) else ADDITION
        elif key[0] == "deprecated":
            effect = INFORMATION
        elif key[0] == "error" and len(key) > 2:  # noqa: PLR2004 - a second meaning
            kind, effect = "error-changed", INFORMATION
        if where.startswith(ERROR) and kind == "field-added":
            kind = "error-changed"
        text = f"The page has {_described(key)}, which is new."
        return Difference(
            kind, where, None, value, effect, text, key=key, value=fact.value, line=fact.line
        )

    def removed(self, key: Key, fact: Fact) -> Difference:
        """Report a fact that the page no longer has."""
        kind = _ending(key[0], "removed")
        is_ours = self.known(key) or (key[0] == "example" and self.known(("field", key[1])))
        effect = BREAKING if is_ours else INFORMATION
        if key[0] in {"security", "media", "deprecated", "header"}:
            effect = INFORMATION
        elif key[0] == "status":
            effect = BREAKING if is_ours and key[2].startswith("2") else INFORMATION
        elif key[0] == "error" and len(key) > 2:  # noqa: PLR2004 - a second meaning
            kind, effect = "error-changed", INFORMATION
        where = _where(key)
        if where.startswith(ERROR) and kind == "field-removed":
            kind = "error-changed"
        text = f"The page no longer has {_described(key)}."
        return Difference(kind, where, _shown(key, fact), None, effect, text, key=key)


class _Document(_Comparison):
    """The page beside the document; what only the document has is not reported."""

    def differences(self) -> Iterator[Difference]:
        moved = dict(self._moved())
        for old, new in moved.items():
            yield _moved(new, old, self.new.by_key["operation", new])
        facts = _renamed(self.new.by_key, {new: old for old, new in moved.items()})
        new = {key for key in facts if self._is_new(key, facts[key])}
        for key, fact in facts.items():
            if key in new and not _within(key, new):
                yield self.added(key, fact)
            elif key[0] == "field" and key in self.document.facts:
                yield from self._field(key, fact)
        for sentence, change in figures.unexpected(self.new):
            yield _said(sentence.heading, change, sentence.line)

    def _moved(self) -> Iterator[tuple[str, str]]:
        ours = self.document.spec.operations
        shown = {key[1] for key in self.new.by_key if key[0] == "operation"}
        for name in shown - ours.keys():
            if not self.document.in_scope(name):
                continue
            operation_id = self.new.by_key["operation", name].value
            for other, op in ours.items():
                if other in shown:
                    continue
                same = bool(operation_id) and op.id == operation_id
                if same or _tail(name) == _tail(other):
                    yield other, name
                    break

    def _is_new(self, key: Key, fact: Fact) -> bool:
        if key in self.document.facts:
            return False
        match key[0]:
            case "operation":
                return "(" not in key[1] and self.document.in_scope(key[1])
            case "status" | "security" | "deprecated":
                return key[1] in self.document.spec.operations and self._is_other(key, fact)
            case "header":
                return self._is_new_header(key)
            case "field" | "example":
                return self._is_new_field(key)
            case "value" | "sample-value":
                plain = ("value", *key[1:])
                known = key[1] in self.document.spec.enumerations
                return known and not self.known(plain) and not self._recorded(plain, key[2])
            case "event" | "sample-event":
                return key[1] not in self.document.events and not self._recorded(key, key[1])
            case "error":
                return len(key) == 2  # noqa: PLR2004 - not a second meaning
            case "server":
                servers = {each.rstrip("/") for each in self.document.spec.servers}
                return key[1] not in servers and "calypso" in key[1]
        return False

    def _is_other(self, key: Key, fact: Fact) -> bool:
        """Whether security is other than the headers that the document has."""
        if key[0] != "security":
            return True
        return not set(re.findall(r"\w+", fact.value)) & {"Key", "Sign"}

    def _recorded(self, key: Key, *said: str) -> bool:
        return self.document.is_recorded(key, *said)

    def _is_new_header(self, key: Key) -> bool:
        if key[2].lower() in {"content-type", "accept", "key", "sign"}:
            return False
        owner = " ".join(key[1].split(" ")[:2])
        return owner == _EVERY or owner in self.document.spec.operations

    def _is_new_field(self, key: Key) -> bool:
        where = key[1]
        if ("field", where) in self.document.facts:
            return False
        owner, part, path = split(where)
        if owner == ERROR:
            return bool(path)
        if not path or path.endswith("[]"):
            return False
        if owner == ENVELOPE:
            return not path.startswith("data.")
        outer = f"{owner} {part} {path.rpartition('.')[0]}".strip()
        op = self.document.spec.operations.get(owner) or self.document.spec.events.get(owner)
        if op is None or (path.startswith("data.") and owner not in self.document.spec.events):
            return False
        is_known_outer = "." not in path or ("field", outer) in self.document.facts
        last = path.rpartition(".")[2]
        return (is_known_outer or True) and not self._recorded(("field", outer or where), last)

    def _field(self, key: Key, fact: Fact) -> Iterator[Difference]:
        ours: Field = self.document.facts[key]
        for difference in attributes(key[1], ours, fact.value, is_first=True):
            said = [str(difference.new), str(difference.new).split(": ")[-1]]
            is_reading = difference.kind in {"type", "bounds", "value-added", "default"}
            if is_reading and self._recorded(key, *said):
                continue
            yield replace(difference, key=key, value=fact.value, line=fact.line)


class _Memory(_Comparison):
    """The page beside what it stated when it was last accepted."""

    def __init__(self, new: Facts, old: Facts, document: Document, *, is_whole: bool) -> None:
        super().__init__(new, document)
        self.old = old
        self.is_whole = is_whole

    def differences(self) -> Iterator[Difference]:
        titles = plain(self.old.title), plain(self.new.title)
        if titles[0] != titles[1] and all(titles):
            yield Difference(
                "page",
                self.new.title,
                self.old.title,
                self.new.title,
                INFORMATION,
                f"The title of the page was {self.old.title!r} and is {self.new.title!r}.",
            )
        found = list(self._of_facts())
        yield from found
        yield from self._of_sentences(found)

    def _of_facts(self) -> Iterator[Difference]:
        moved = dict(self._moved())
        for old, new in moved.items():
            if old.partition(" ")[0] in _VERBS:
                yield _moved(new, old, self.new.by_key["operation", new])
        yield from self._servers()
        facts = _renamed(self.new.by_key, {new: old for old, new in moved.items()})
        for old, new in moved.items():
            if old.partition(" ")[0] not in _VERBS and not self.known(("event", new)):
                yield self.added(("sample-event", new), Fact(""))
        gained = {key for key in facts if key not in self.old.by_key}
        lost = {key for key in self.old.by_key if key not in facts and self._covers(key, facts)}
        for key, fact in facts.items():
            if key in gained:
                if not _within(key, gained) and self._is_news(key):
                    yield self.added(key, fact)
            else:
                yield from self._changed(key, self.old.by_key[key], fact)
        for key, fact in self.old.by_key.items():
            if key not in lost or _within(key, lost) or key[0] in _SAMPLES:
                continue
            if self._is_elsewhere(key, facts):
                continue
            if key[0] == "server" or (
                key[0] == "described" and not self._is_described_anew(key, self.new)
            ):
                continue
            yield self.removed(key, fact)

    def _is_elsewhere(self, key: Key, facts: Mapping[Key, Fact]) -> bool:
        """Whether what is lost is there in another form: in a sample, or spelled otherwise."""
        if key[0] == "field":
            return ("example", key[1]) in facts and self._is_folded(key, facts)
        if key[0] == "value":
            others = self.document.spellings(key[2])
            shown = any(("value", key[1], each) in facts for each in others)
            return shown or ("sample-value", *key[1:]) in facts
        if key[0] == "event":
            return any(("event", each) in facts for each in self.document.spellings(key[1]))
        return False

    def _is_folded(self, key: Key, facts: Mapping[Key, Fact]) -> bool:
        """Whether none of the fields around one is there: the reader of the page folded them."""
        around = key[1].rpartition(".")[0]
        return "." in key[1] and not any(
            each[0] == "field" and each[1].startswith(f"{around}.") for each in facts
        )

    def _is_described_anew(self, key: Key, others: Facts) -> bool:
        """Whether no other description of the same part is the same in other words."""
        alike = (each[2] for each in others.by_key if each[0] == "described" and each[1] == key[1])
        return not any(words.likeness(key[2], text) > words.ALIKE for text in alike)

    def _servers(self) -> Iterator[Difference]:
        was = [key[1] for key in self.old.by_key if key[0] == "server"]
        now = [key[1] for key in self.new.by_key if key[0] == "server"]
        servers = {each.rstrip("/") for each in self.document.spec.servers}
        old = ", ".join(each for each in was if each not in now) or None
        new = ", ".join(each for each in now if each not in was and each not in servers)
        if new:
            text = f"Calls go to {new}; they went to {old or 'the servers of the document'}."
            yield Difference("operation-moved", "servers", old, new, BREAKING, text)

    def _is_news(self, key: Key) -> bool:
        """Whether a new fact is in neither the document nor another form on the page before."""
        if key[0] in _SAMPLES:
            plain = (key[0].removeprefix("sample-"), *key[1:])
            known = self.known(plain) or plain in self.old.by_key
            return not known and not self.document.is_recorded(plain, key[-1])
        if key[0] in {"value", "event"} and (f"sample-{key[0]}", *key[1:]) in self.old.by_key:
            return False
        if key[0] == "server":
            return False
        if key[0] == "described":
            return self._is_described_anew(key, self.old)
        if key[0] == "example":
            return not self.known(("field", key[1])) and not self.known(key)
        if key[0] == "header" and key[2].lower() == "accept":
            return False
        if key[0] in {"value", "event"} and self.document.is_recorded(key, key[-1]):
            return False
        return not self.known(key)

    def _covers(self, key: Key, facts: Mapping[Key, Fact]) -> bool:
        """Whether the page goes on behind the place where a fact was."""
        if self.is_whole:
            return True
        keys = list(self.old.by_key)
        return any(each in facts for each in keys[keys.index(key) + 1 :])

    def _moved(self) -> Iterator[tuple[str, str]]:
        """Yield operations with the names they had, and events of samples that are called anew."""
        for kind in ("operation", "sample-event"):
            was = [key[1] for key in self.old.by_key if key[0] == kind]
            now = [key[1] for key in self.new.by_key if key[0] == kind]
            lost = [name for name in was if name not in now]
            gained = [name for name in now if name not in was]
            if kind == "sample-event":
                if len(lost) == len(gained) == 1:
                    yield lost[0], gained[0]
                continue
            for name in gained:
                other = next((each for each in lost if self._is_same(each, name)), None)
                other = other or self._called_otherwise(name, was)
                if other is None and len(lost) == len(gained) == 1 and _is_near(lost[0], name):
                    other = lost[0]
                if other is not None:
                    lost = [each for each in lost if each != other]
                    yield other, name

    def _called_otherwise(self, name: str, before: list[str]) -> str | None:
        """Return the name of a call of a guide that has another verb in a sample now."""
        if self.new.by_key["operation", name].text:
            return None
        path = name.rsplit(" ", maxsplit=1)[-1]
        return next((each for each in before if each.split(" ")[-1] == path), None)

    def _is_same(self, old: str, new: str) -> bool:
        was, now = self.old.by_key["operation", old], self.new.by_key["operation", new]
        if was.value and now.value:
            return bool(was.value == now.value)
        if was.text and was.text == now.text:
            return True
        same_path = (
            _tail(old) == _tail(new)
            or old.rsplit(" ", maxsplit=1)[-1] == new.rsplit(" ", maxsplit=1)[-1]
        )
        return same_path or self._fields_of(self.old, old) == self._fields_of(self.new, new)

    def _fields_of(self, facts: Facts, name: str) -> set[Key]:
        return {
            (key[0], key[1].removeprefix(name), *key[2:])
            for key in facts.by_key
            if key[1].startswith(f"{name} ")
        }

    def _changed(self, key: Key, old: Fact, new: Fact) -> Iterator[Difference]:
        where = _where(key)
        if key[0] == "field" and isinstance(new.value, Field):
            yield from self._changed_field(key, old, new)
        elif key[0] == "error":
            yield from self._changed_error(key, old, new)
            return
        elif key[0] == "header":
            yield from self._changed_header(key, old, new)
        elif key[0] == "example" and old.value != new.value:
            was, now = (set(fact.value.split("|")) - {"null"} for fact in (old, new))
            if was and now and was != now and {self._type(key)} != now:
                text = f"In the example {where} was of type {old.value} and is {new.value}."
                yield Difference("type", where, old.value, new.value, BREAKING, text, key=key)
        elif key[0] in {"security", "media"} and old.value != new.value:
            text = f"{_described(key).capitalize()} was {old.value} and is {new.value}."
            kind = _KIND[key[0]]
            yield Difference(kind, where, old.value, new.value, BREAKING, text, key=key)
        elif key[0] == "call" and old.value != new.value:
            text = f"The page calls it {new.value}; it was {old.value}."
            yield Difference(
                "operation-moved", new.value, old.value, new.value, BREAKING, text, key=key
            )
        if old.text != new.text and key[0] != "operation":
            yield from _of_words(where, old.text, new.text, new.line)

    def _type(self, key: Key) -> str | None:
        ours = self.document.facts.get(("field", key[1]))
        found = getattr(ours, "type", None)
        return "number" if found == "integer" else found

    def _changed_field(self, key: Key, old: Fact, new: Fact) -> Iterator[Difference]:
        ours = self.document.facts.get(key)
        for difference in attributes(key[1], old.value, new.value, is_first=False):
            if ours is not None and not any(
                each.kind == difference.kind and each.new == difference.new
                for each in attributes(key[1], ours, new.value, is_first=False)
            ):
                continue
            if self._is_reading(key, difference):
                continue
            yield replace(difference, key=key, value=new.value, line=new.line)

    def _is_reading(self, key: Key, difference: Difference) -> bool:
        """Whether the document records that pages differ in this."""
        if difference.kind == "value-removed":
            others = self.document.spellings(str(difference.old))
            values = getattr(self.new.by_key[key].value, "values", ())
            return bool(others & set(values))
        said = str(difference.new).partition(": ")[2] or str(difference.new)
        is_reading = difference.kind in {"bounds", "value-added"} and difference.new is not None
        return is_reading and self.document.is_recorded(key, said)

    def _changed_error(self, key: Key, old: Fact, new: Fact) -> Iterator[Difference]:
        where = _where(key)
        if _bare(str(old.value)) != _bare(str(new.value)):
            text = f"The message of error {key[1]} was {old.value!r} and is {new.value!r}."
            yield Difference(
                "error-changed", where, old.value, new.value, INFORMATION, text, key=key
            )
        elif old.text != new.text:
            found = list(_of_words(where, old.text, new.text, new.line))
            figures = [each for each in found if each.kind == "figure"]
            yield from figures
            meaning = words.likeness(old.text, new.text) >= _MEANING_KEPT
            others = len(found) > len(figures) or bool(old.text) != bool(new.text)
            if others or (not meaning and not figures):
                text = f"The comment on error {key[1]} was {old.text!r} and is {new.text!r}."
                yield Difference(
                    "error-changed", where, old.text, new.text, INFORMATION, text, key=key
                )

    def _changed_header(self, key: Key, old: Fact, new: Fact) -> Iterator[Difference]:
        where = _where(key)
        for each in attributes(where, old.value, new.value, is_first=False):
            yield replace(each, kind="header", key=key, line=new.line)

    # Sentences.

    def _of_sentences(self, found: list[Difference]) -> Iterator[Difference]:
        said = {str(value) for each in found for value in (each.old, each.new) if value}
        names = {name for value in said for name in re.findall(r"[A-Za-z_]{3,}", value)}
        names |= {value.partition(" ")[2] for value in said if value.split(" ")[0] in _VERBS}
        names |= {value for value in said if value.startswith("http")}
        headings = {each.text: each for each in (*self.old.sentences, *self.new.sentences)}
        old = [each.text for each in self.old.sentences]
        new = [each.text for each in self.new.sentences]
        last = max((index for index, text in enumerate(old) if text in set(new)), default=-1)
        for was, now in words.matched(old, new):
            sentence = headings[now or was or ""]
            if now is None and not self.is_whole and old.index(was or "") > last:
                continue
            for each in _of_words(sentence.heading, was, now, sentence.line):
                if each.kind != "sentence" or not self._is_told(each, names):
                    yield each

    def _is_told(self, difference: Difference, names: set[str]) -> bool:
        """Whether a changed sentence is about names that are reported as facts already."""
        before = set(re.findall(r"[A-Za-z_]{3,}", str(difference.old or "")))
        after = set(re.findall(r"[A-Za-z_]{3,}", str(difference.new or "")))
        changed = {name for name in before ^ after if not name.islower()}
        paths = {name for name in names if name.startswith(("/", "http"))}
        return bool(changed & names) or any(path in str(difference.new) for path in paths)


_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_SAMPLES = frozenset({"sample-value", "sample-event"})
_ALONE = frozenset(
    {"operation", "value", "event", "error", "server", "call", "described", *_SAMPLES}
)


def _of_words(where: str, old: str | None, new: str | None, line: int) -> Iterator[Difference]:
    """Yield what a text states otherwise than it did."""
    if old and new:
        changes = words.changes(old, new)
    else:
        changes = words.stated_by(new or old or "", is_new=not old)
    for change in changes:
        yield _said(where, change, line)


def _said(where: str, change: words.Change, line: int) -> Difference:
    effect = BREAKING if change.is_breaking else INFORMATION
    if change.old and change.new:
        text = f"It was: {change.old}; it is: {change.new}."
    elif change.new:
        text = f"The page now states: {change.new}."
    else:
        text = f"The page no longer states: {change.old}."
    return Difference(change.kind, where, change.old, change.new, effect, text, line=line)


def _moved(new: str, old: str, fact: Fact) -> Difference:
    text = f"The page has {new} in the place of {old}."
    return Difference(
        "operation-moved", new, old, new, BREAKING, text, key=("operation", old), line=fact.line
    )


def _renamed(facts: Mapping[Key, Fact], names: Mapping[str, str]) -> dict[Key, Fact]:
    """Return facts with operations under the names that they had."""
    if not names:
        return dict(facts)
    found: dict[Key, Fact] = {}
    for key, fact in facts.items():
        renamed = key
        for new, old in names.items():
            if len(key) > 1 and (key[1] == new or key[1].startswith((f"{new} ", f"{new}."))):
                renamed = (key[0], old + key[1].removeprefix(new), *key[2:])
        found[renamed] = fact
    return found


def _within(key: Key, others: set[Key]) -> bool:
    """Whether a fact belongs to another one that is reported as a whole."""
    if key[0] in _ALONE:
        return False
    owner, part, path = split(key[1])
    if ("operation", owner) in others:
        return True
    if key[0] not in {"field", "example"}:
        return False
    while path:
        path = path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]
        where = f"{owner} {part} {path}".replace("  ", " ").strip()
        if path and {("field", where), ("example", where)} & others:
            return True
    return False


def split(where: str) -> tuple[str, str, str]:
    """Return the owner, the part and the path of a field: the part is empty for events."""
    match = re.fullmatch(r"(.*?) (request|response)(?: (.*))?", where)
    if match:
        return match[1], match[2], match[3] or ""
    for owner in (ENVELOPE, ERROR):
        if where.startswith(owner):
            return owner, "", where[len(owner) + 1 :]
    owner, _, path = where.partition(" ")
    if owner in _VERBS:
        verb, _, rest = path.partition(" ")
        return f"{owner} {verb}", "", rest
    return owner, "", path


def _ending(kind: str, ending: str) -> str:
    name = _KIND[kind]
    return name if name in _WITHOUT_ENDING else f"{name}-{ending}"


def _where(key: Key) -> str:
    match key[0]:
        case "status":
            return f"{key[1]} {key[2]}"
        case "header":
            return f"{key[1]} header {key[2]}"
        case "media":
            return f"{key[1]} request Content-Type"
        case "described":
            return f"{key[1]} ({key[2]})"
    return key[1]


def _shown(key: Key, fact: Fact) -> str:
    """Return the value of a fact for the report."""
    match key[0]:
        case "value" | "sample-value" | "status" | "header":
            return key[2]
        case "described":
            return key[2]
        case "field":
            return str(fact.value.type or "stated")
        case "error":
            return str(fact.value or key[1])
        case "example" | "security" | "media":
            return str(fact.value)
    return key[1]


def _described(key: Key) -> str:
    match key[0]:
        case "value" | "sample-value":
            return f"the value {key[2]} of {key[1]}"
        case "event" | "sample-event":
            return f"the event {key[1]}"
        case "error":
            return f"the error code {key[1]}"
        case "deprecated":
            return f"a note that {key[1]} is deprecated"
        case "security":
            return f"the security of {key[1]}"
        case "example":
            return f"{key[1]} in an example"
    return _where(key)


def _is_near(one: str, other: str) -> bool:
    """Whether two calls may be one that was renamed."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio() > 0.6  # noqa: PLR2004 - most


def _tail(operation: str) -> str:
    return _VERSION.sub("", operation)


def _bare(text: str) -> str:
    return _BARE.sub(" ", text.lower()).strip()


__all__ = ["Sentence", "compare", "split"]
