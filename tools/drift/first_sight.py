"""Compares a page with the document; what only the document has is not reported."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tools.drift import figures, mentioned, words
from tools.drift.announced import announced
from tools.drift.comparison import Comparison
from tools.drift.differences import BREAKING, INFORMATION, Difference
from tools.drift.document import ENVELOPE, ERROR, split, where_of
from tools.drift.fields import attributes
from tools.drift.naming import (
    EVERY,
    EVERY_WEBHOOK,
    as_difference,
    moved_operation,
    renamed,
    tail,
    within,
    words_place,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.document import Key
    from tools.drift.facts import Fact
    from tools.drift.model import Field


_JSON_TYPES = {"integer": "number"}


class FirstSight(Comparison):
    """The page beside the document; what only the document has is not reported."""

    def differences(self) -> Iterator[Difference]:
        """Yield what differs."""
        moved = dict(self._moved())
        for old, new in moved.items():
            yield moved_operation(new, old, self.new.by_key["operation", new])
        facts = renamed(self.new.by_key, {new: old for old, new in moved.items()})
        gained = {key for key in facts if self._is_new(key, facts[key])}
        gained -= self.of_other_bodies(facts, self.document.facts, gained)
        for key, fact in facts.items():
            if key in gained and not within(key, gained):
                yield self.added(key, fact)
            yield from self._compared(key, fact)
        ours = {*self.document.spec.operations, *self.document.events}
        for each in self.new.sentences:
            if each.heading in ours or self.has_call(each.heading):
                yield from self._deprecated(each.heading, each.text, each.line)
            yield from announced(each, self.document, "")
            yield from mentioned.news(each, "", self.document, set(self.new.by_key))
        yield from self._algorithms()
        for sentence, change in figures.unexpected(self.new):
            yield as_difference(sentence.heading, change, sentence.line)

    def _algorithms(self) -> Iterator[Difference]:
        """Yield an algorithm of the page that the document does not name."""
        ours = words.algorithms_in(self.document.spec.text)
        for each in self.new.sentences:
            for name, shown in words.algorithms_in(each.text).items():
                if name not in ours:
                    change = words.Change("security", None, shown, is_breaking=True)
                    yield as_difference(each.heading, change, each.line)

    def _compared(self, key: Key, fact: Fact) -> Iterator[Difference]:
        """Yield what a fact has otherwise than the document."""
        if key[0] == "error" and len(key) == 2:  # noqa: PLR2004 - not a second meaning
            yield from self._meaning(key, fact)
        ours = self.document.facts.get(("field", key[1]))
        if ours is not None and key[0] == "field":
            yield from self._field(key, fact)
        elif ours is not None and key[0] == "example":
            yield from self._example(key, fact, ours)
        if fact.text and self.known(key):
            yield from self._deprecated(words_place(key), fact.text, fact.line)

    def _meaning(self, key: Key, fact: Fact) -> Iterator[Difference]:
        """Yield an error code with a message that has nothing in common with what is known."""
        known = self.document.meanings.get(key[1], ())
        said = fact.value if len(known) > 1 else f"{fact.value} {fact.text}"
        if known and fact.value and not any(words.share_meaning(said, each) for each in known):
            text = f"The message of error {key[1]} is {fact.value!r}, not {known[0]!r}."
            yield Difference(
                "error-changed", key[1], known[0], fact.value, INFORMATION, text, key=key
            )

    def _deprecated(self, where: str, text: str, line: int) -> Iterator[Difference]:
        for change in words.stated_by(text, is_new=True):
            if change.kind == "deprecated":
                yield as_difference(where, change, line)

    def _example(self, key: Key, fact: Fact, ours: Field) -> Iterator[Difference]:
        """Yield a member of a sample that has another type than the document."""
        theirs = set(fact.value.split("|")) - {"null"}
        types = {_JSON_TYPES.get(each, each) for each in (ours.type or "").split("|")} - {""}
        name = key[1].rpartition(".")[2]
        is_other = bool(theirs and types) and not theirs & types
        if is_other and not self.document.is_recorded(("field", key[1]), name):
            text = f"In the example {key[1]} is of type {fact.value}, not {ours.type}."
            yield Difference("type", key[1], ours.type, fact.value, BREAKING, text, key=key)

    def _is_new_media(self, key: Key, fact: Fact) -> bool:
        is_ours = key[1] in self.document.spec.operations
        return is_ours and not fact.value.startswith("application/json")

    def _moved(self) -> Iterator[tuple[str, str]]:
        ours = self.document.spec.operations
        shown = {key[1] for key in self.new.by_key if key[0] == "operation"}
        for name in shown - ours.keys():
            operation_id = self.new.by_key["operation", name].value
            for other, op in ours.items():
                if other in shown:
                    continue
                same = bool(operation_id) and op.id == operation_id
                same = same or self._is_of_path(name, other) or self._is_like(name, other)
                if not self.document.in_scope(name):
                    # A part of the API may have another name; most parts are not ours.
                    same = _ending(name) == _ending(other)
                if same or tail(name) == tail(other):
                    yield other, name
                    break

    def _is_like(self, name: str, other: str) -> bool:
        """Whether a call of a reference has the fields of an operation that the page lacks."""
        shown = {key[1] for key in self.new.by_key if key[0] in {"field", "example"}}
        kinds = []
        for part in ("request", "response"):
            mine = {each.removeprefix(f"{name} ") for each in shown if each.startswith(f"{name} ")}
            mine = {each.removeprefix(f"{part} ") for each in mine if each.startswith(part)}
            ours = set(self.document.paths(other, part))
            kinds.append(len(mine & ours) / max(1, len(mine | ours)) if mine | ours else 1)
        return self.new.title.endswith(" API") and min(kinds) > 0.8  # noqa: PLR2004 - nearly all

    def _is_of_path(self, name: str, other: str) -> bool:
        """Whether a page has another verb for the path of an operation, or for one of its names."""
        names = [other, *(alias for alias, own in self.document.aliases.items() if own == other)]
        return any(each.partition(" ")[2] == name.partition(" ")[2] for each in names)

    def _is_new(self, key: Key, fact: Fact) -> bool:
        rule = getattr(self, f"_is_new_{key[0].rpartition('-')[2]}", None)
        if rule is None or key in self.document.facts:
            return False
        return bool(rule(key, fact))

    def _is_new_operation(self, key: Key, _: Fact) -> bool:
        return "(" not in key[1] and self.document.in_scope(key[1])

    def _is_new_call(self, key: Key, fact: Fact) -> bool:
        group, _, rest = key[1].partition("/")
        return bool(rest) and group in self.document.groups and not self.has_call(fact.value)

    def _is_new_status(self, key: Key, _: Fact) -> bool:
        return key[1] in self.document.spec.operations

    def _is_new_deprecated(self, key: Key, _: Fact) -> bool:
        return key[1] in self.document.spec.operations

    def _is_new_security(self, key: Key, fact: Fact) -> bool:
        """Whether it is other than the headers that the document has."""
        is_ours = key[1] in self.document.spec.operations
        return is_ours and not set(re.findall(r"\w+", fact.value)) & {"Key", "Sign"}

    def _is_new_value(self, key: Key, _: Fact) -> bool:
        plain = ("value", *key[1:])
        is_ours = key[1] in self.document.spec.enumerations
        return is_ours and not self.known(plain) and not self.document.is_recorded(plain, key[2])

    def _is_new_event(self, key: Key, _: Fact) -> bool:
        is_known = key[1] in self.document.events
        return not is_known and not self.document.is_recorded(key, key[1])

    def _is_new_error(self, key: Key, _: Fact) -> bool:
        return len(key) == 2  # noqa: PLR2004 - not a second meaning

    def _is_new_server(self, key: Key, _: Fact) -> bool:
        servers = {each.rstrip("/") for each in self.document.spec.servers}
        return key[1] not in servers and "calypso" in key[1]

    def _is_new_header(self, key: Key, _: Fact) -> bool:
        if key[2].lower() in {"content-type", "accept", "key", "sign"}:
            return False
        owner = " ".join(key[1].split(" ")[:2])
        return owner in {EVERY, EVERY_WEBHOOK} or owner in self.document.spec.operations

    def _is_new_example(self, key: Key, fact: Fact) -> bool:
        return ("field", key[1]) not in self.document.facts and self._is_new_field(key, fact)

    def _is_new_field(self, key: Key, _: Fact) -> bool:
        owner, part, path = split(key[1])
        if owner == ERROR:
            return bool(path)
        if not path or path.endswith("[]"):
            return False
        if owner == ENVELOPE:
            return not path.startswith("data.")
        if owner not in self.document.spec.operations and owner not in self.document.spec.events:
            return False
        outer = where_of(owner, part, path.rpartition(".")[0])
        return not self.document.is_recorded(("field", outer), path.rpartition(".")[2])

    def _field(self, key: Key, fact: Fact) -> Iterator[Difference]:
        ours: Field = self.document.facts[key]
        for difference in attributes(key[1], ours, fact.value, is_first=True):
            said = [str(difference.new), str(difference.new).split(": ")[-1]]
            is_reading = difference.kind in {"type", "bounds", "value-added", "default"}
            if is_reading and self.document.is_recorded(key, *said):
                continue
            yield self.of_field(replace(difference, key=key, value=fact.value, line=fact.line))


def _ending(operation: str) -> tuple[str, ...]:
    """Return the verb and the end of the path, which is the same in another part of the API."""
    verb, _, path = operation.partition(" ")
    return (verb, *path.split("/")[-2:])
