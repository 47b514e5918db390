"""Compares a page with what it stated when it was last accepted."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from tools.drift import mentioned, words
from tools.drift.announced import announced
from tools.drift.cells import plain
from tools.drift.comparison import Comparison
from tools.drift.differences import BREAKING, INFORMATION, Difference
from tools.drift.document import VERBS, split
from tools.drift.facts import Fact, Facts
from tools.drift.fields import attributes
from tools.drift.naming import (
    SAMPLES,
    bare,
    described,
    is_near,
    moved_operation,
    of_words,
    place_of,
    renamed,
    tail,
    within,
    words_place,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.drift.document import Document, Key
    from tools.drift.facts import Sentence
    from tools.drift.model import Field

_REWORDED = 0.3
"""How alike a description that came has to be to one that went to be the same in other words."""
_MEANING_KEPT = 0.5
"""How much of the words of a comment has to stay for its meaning to be the same."""


class SinceAccepted(Comparison):
    """The page beside what it stated when it was last accepted."""

    def __init__(self, new: Facts, old: Facts, document: Document, *, is_whole: bool) -> None:
        super().__init__(new, document)
        self.old = old
        self.is_whole = is_whole

    def differences(self) -> Iterator[Difference]:
        """Yield what differs."""
        titles = bare(plain(self.old.title)), bare(plain(self.new.title))
        if titles[0] != titles[1] and all(titles):
            yield Difference(
                "page",
                self.new.title,
                self.old.title,
                self.new.title,
                INFORMATION,
                f"The title of the page was {self.old.title!r} and is {self.new.title!r}.",
            )
        found = _with_renamed_headers(list(self._of_facts()))
        yield from found
        yield from self._of_sentences(found)

    def _of_facts(self) -> Iterator[Difference]:
        moved = dict(self._moved())
        for old, new in moved.items():
            if old.partition(" ")[0] in VERBS:
                # Some layouts have the path of an operation at its end.
                if self.is_whole or "/" in new:
                    yield moved_operation(new, old, self.new.by_key["operation", new])
            elif not self.known(("event", new)):
                yield self.added(("sample-event", new), Fact(""))
        yield from self._servers()
        yield from self._calls()
        moved |= self._moved_samples()
        facts = renamed(self.new.by_key, {new: old for old, new in moved.items()})
        yield from self._gained(facts)
        yield from self._lost(facts)

    def _gained(self, facts: Mapping[Key, Fact]) -> Iterator[Difference]:
        gained = {key for key in facts if key not in self.old.by_key}
        gained -= self.of_other_bodies(facts, self._old_fields(), gained)
        # A member of a sample may have a row of its own in another layout.
        shown = {key[1] for key in self.old.by_key if key[0] == "example"}
        gained -= {("field", f"{name}{items}") for name in shown for items in ("", "[]")}
        for key, fact in facts.items():
            if key in self.old.by_key:
                yield from self._changed(key, self.old.by_key[key], fact)
            elif key in gained and not within(key, gained) and self._is_news(key):
                yield self.added(key, fact)

    def _lost(self, facts: Mapping[Key, Fact]) -> Iterator[Difference]:
        lost = {key for key in self.old.by_key if key not in facts and self._covers(key, facts)}
        lost -= self.of_other_bodies(facts, self._old_fields(), lost)
        for key, fact in self.old.by_key.items():
            if key not in lost or within(key, lost) or key[0] in {*SAMPLES, "server"}:
                continue
            if key[0] == "field" and fact.value.is_open and fact.value.type is None:
                # Of a field behind the end of the page it is known only that it was required.
                was, now = fact.value, replace(fact.value, required=False, is_open=False)
                for each in attributes(key[1], replace(was, is_open=False), now, is_first=False):
                    yield replace(each, key=key)
            elif not self._is_elsewhere(key, facts):
                yield self.removed(key, fact)

    def _old_fields(self) -> dict[Key, Field]:
        return {key: fact.value for key, fact in self.old.by_key.items() if key[0] == "field"}

    def _is_elsewhere(self, key: Key, facts: Mapping[Key, Fact]) -> bool:
        """Whether what is lost is there in another form: in a sample, or spelled otherwise."""
        rule = getattr(self, f"_is_elsewhere_{key[0]}", None)
        return rule is not None and bool(rule(key, facts))

    def _is_elsewhere_described(self, key: Key, _: Mapping[Key, Fact]) -> bool:
        return not self._is_described_anew(key, self.new)

    def _is_elsewhere_call(self, key: Key, _: Mapping[Key, Fact]) -> bool:
        return key[1] in self._moved_calls()

    def _is_elsewhere_field(self, key: Key, facts: Mapping[Key, Fact]) -> bool:
        example: Key = ("example", key[1])
        is_new = example not in self.old.by_key or not _has_part(facts, key)
        return example in facts and (is_new or self._is_folded(key, facts))

    def _is_elsewhere_example(self, key: Key, facts: Mapping[Key, Fact]) -> bool:
        field: Key = ("field", key[1])
        is_new = field not in self.old.by_key or not _has_part(facts, key)
        inner = f"{key[1]}."
        has_inner = any(each[0] == "field" and each[1].startswith(inner) for each in facts)
        return is_new and (field in facts or has_inner)

    def _is_elsewhere_status(self, _: Key, __: Mapping[Key, Fact]) -> bool:
        """Whether the page shows nothing but samples now."""
        return self.new.has("example") and not self.new.has("status")

    def _is_elsewhere_media(self, key: Key, _: Mapping[Key, Fact]) -> bool:
        """Whether the page no longer shows the heads of requests, which name it."""
        return self._is_json(key, self.old) and not self.new.has("server")

    def _is_elsewhere_value(self, key: Key, facts: Mapping[Key, Fact]) -> bool:
        is_listed = any(each[:2] == key[:2] for each in facts)
        is_shown = not is_listed and ("sample-value", *key[1:]) in facts
        return is_shown or self._is_exchanged(key, facts)

    def _is_json(self, key: Key, facts: Facts) -> bool:
        return str(facts.by_key.get(key, Fact("")).value).startswith("application/json")

    def _is_exchanged(self, key: Key, facts: Mapping[Key, Fact]) -> bool:
        """Whether a currency, of which pages give examples only, stands in the place of another."""
        mine = {each for each in self.old.by_key if each[:2] == key[:2]}
        theirs = {each for each in facts if each[:2] == key[:2]}
        return key[1] == "Currency" and len(theirs - mine) >= len(mine - theirs)

    def _is_folded(self, key: Key, facts: Mapping[Key, Fact]) -> bool:
        """Whether none of the fields around one is there: the reader of the page folded them."""
        where = key[1]
        has_inner = any(each[1].startswith(f"{where}.") for each in self._old_fields())
        around = where if has_inner else where.rpartition(".")[0] * ("." in where)
        return bool(around) and not any(
            each[0] == "field" and each[1].startswith(f"{around}.") for each in facts
        )

    def _is_described_anew(self, key: Key, others: Facts) -> bool:
        """Whether no other description of the same part is the same in other words."""
        mine = self.old if others is self.new else self.new
        alike = (
            each[2] for each in others.by_key if each[:2] == key[:2] and each not in mine.by_key
        )
        return not any(words.likeness(key[2], text) > _REWORDED for text in alike)

    def _calls(self) -> Iterator[Difference]:
        """Yield the calls of a guide that have other names now."""
        for old, new in self._moved_calls().items():
            key: Key = ("call", new)
            yield from self._changed_call(key, self.old.by_key["call", old], self.new.by_key[key])

    def _moved_calls(self) -> dict[str, str]:
        """Return the calls of a guide with their names now: the only one, or with the same end."""
        lost, gained = self._names("call")
        if len(lost) == len(gained) == 1:
            return {lost[0]: gained[0]}
        ends = {each.rpartition("/")[2]: each for each in gained}
        moved = {each: ends.get(each.rpartition("/")[2], "") for each in lost}
        return {old: new for old, new in moved.items() if new}

    def _servers(self) -> Iterator[Difference]:
        was = [key[1] for key in self.old.by_key if key[0] == "server"]
        now = [key[1] for key in self.new.by_key if key[0] == "server"]
        servers = {each.rstrip("/") for each in self.document.spec.servers}
        old = ", ".join(each for each in was if each not in now) or None
        gained = [each for each in now if each not in was]
        unknown = [each for each in gained if each not in servers]
        new = ", ".join(unknown or gained)
        # Pages have one of the known servers, or all.
        if unknown or (new and was and not set(was) & set(now)):
            text = f"Calls go to {new}; they went to {old or 'the servers of the document'}."
            effect = BREAKING if unknown else INFORMATION
            yield Difference("operation-moved", "servers", old, new, effect, text)

    def _is_news(self, key: Key) -> bool:
        """Whether a new fact is in neither the document nor another form on the page before."""
        name = key[0].rpartition("-")[2]
        if name in {"value", "event"}:
            return self._is_new_name(key, (name, *key[1:]))
        if name == "call":
            is_moved = key[1] in self._moved_calls().values()
            return not is_moved and not self.has_call(self.new.by_key[key].value)
        if name == "described":
            return self._is_described_anew(key, self.old)
        if name in {"field", "example"} and self.document.is_inferred(key):
            return True
        if name == "example" and self.known(("field", key[1])):
            return False
        is_dull = (
            name == "server"
            or (name == "header" and key[2].lower() == "accept")
            or (name == "media" and self._is_json(key, self.new))
        )
        return not is_dull and not self.known(key)

    def _is_new_name(self, key: Key, plain: Key) -> bool:
        """Whether a value or an event is new: also a known one that a list of them lacked."""
        forms = {plain, *((f"{form}-{plain[0]}", *plain[1:]) for form in ("sample", "stated"))}
        if forms & self.old.by_key.keys():
            return False
        if key[0].startswith("sample-") and self.document.is_recorded(plain, key[-1]):
            return False
        is_list = key[0] == "value" and key[1] != "Currency"
        joins = is_list and any(each[:2] == key[:2] for each in self.old.by_key)
        return joins or not self.known(plain)

    def _covers(self, key: Key, facts: Mapping[Key, Fact]) -> bool:
        """Whether the page goes on behind the place where a fact was."""
        if self.is_whole:
            return True
        if any(key[1].startswith((name, "error object")) for name in self.new.open):
            return False
        keys = list(self.old.by_key)
        return any(each in facts for each in keys[keys.index(key) + 1 :])

    def _moved(self) -> Iterator[tuple[str, str]]:
        """Yield operations with the names they had, and events of samples that are called anew."""
        lost, gained = self._names("sample-event")
        if len(lost) == len(gained) == 1 and ("event", lost[0]) not in self.old.by_key:
            yield lost[0], gained[0]
        lost, gained = self._names("operation")
        is_one = len(lost) == len(gained) == 1
        for name in gained:
            other = next((each for each in lost if self._is_same(each, name)), None)
            other = other or self._called_otherwise(name)
            if other is None and is_one and is_near(lost[0], name):
                other = lost[0]
            if other is not None:
                lost = [each for each in lost if each != other]
                yield other, name

    def _moved_samples(self) -> dict[str, str]:
        """Return what a sample was of, with what it seems to be of after some members changed."""
        was, now = _sampled(self.old), _sampled(self.new)
        lost, gained = was.keys() - now.keys(), now.keys() - was.keys()
        if len(lost) == len(gained) == 1:
            old, new = lost.pop(), gained.pop()
            return {old: new} if was[old] & now[new] else {}
        return {}

    def _names(self, kind: str) -> tuple[list[str], list[str]]:
        """Return the names of a kind that are gone, and those that are new."""
        was = [key[1] for key in self.old.by_key if key[0] == kind]
        now = [key[1] for key in self.new.by_key if key[0] == kind]
        return [each for each in was if each not in now], [each for each in now if each not in was]

    def _called_otherwise(self, name: str) -> str | None:
        """Return the name of a call of a guide that has another verb in a sample now."""
        if self.new.by_key["operation", name].text:
            return None
        before = (key[1] for key in self.old.by_key if key[0] == "operation")
        return next((each for each in before if _path(each) == _path(name)), None)

    def _is_same(self, old: str, new: str) -> bool:
        was, now = self.old.by_key["operation", old], self.new.by_key["operation", new]
        if was.value and now.value:
            return bool(was.value == now.value)
        if was.text and was.text == now.text:
            return True
        same_path = tail(old) == tail(new) or _path(old) == _path(new)
        return same_path or self._fields_of(self.old, old) == self._fields_of(self.new, new)

    def _fields_of(self, facts: Facts, name: str) -> set[Key]:
        return {
            (key[0], key[1].removeprefix(name), *key[2:])
            for key in facts.by_key
            if key[1].startswith(f"{name} ")
        }

    def _changed(self, key: Key, old: Fact, new: Fact) -> Iterator[Difference]:
        rule = getattr(self, f"_changed_{key[0]}", None)
        if rule is not None:
            yield from rule(key, old, new)
        is_lost = not new.text and not self.is_whole
        if old.text != new.text and not is_lost and key[0] not in {"operation", "error"}:
            for each in of_words(words_place(key), old.text, new.text, new.line):
                if each.kind == "sentence" and self._is_of_examples(old.text, new.text):
                    continue
                if each.kind == "sentence" and key[0] == "header":
                    each.kind = "header"
                    each.effect = BREAKING if "application/" in old.text else INFORMATION
                yield each

    def _is_of_examples(self, old: str, new: str) -> bool:
        """Whether two texts differ in the currencies that they have as examples."""
        currencies = self.document.spec.enumerations.get("Currency")
        known = "|".join(currencies.values) if currencies else "(?!)"
        names = re.compile(rf"\b(?:{known})\b")
        return names.sub("", old) == names.sub("", new)

    def _changed_example(self, key: Key, old: Fact, new: Fact) -> Iterator[Difference]:
        was, now = (set(fact.value.split("|")) - {"null"} for fact in (old, new))
        ours = self.document.facts.get(("field", key[1]))
        is_lost = was and not now and not (ours is not None and ours.nullable)
        if is_lost or (was and now and was != now and {self._type(key)} != now):
            text = f"In the example {key[1]} was of type {old.value} and is {new.value}."
            yield Difference("type", key[1], old.value, new.value, BREAKING, text, key=key)

    def _changed_security(self, key: Key, old: Fact, new: Fact) -> Iterator[Difference]:
        if old.value != new.value:
            text = f"{described(key).capitalize()} was {old.value} and is {new.value}."
            kind = "header" if key[0] == "media" else "security"
            yield Difference(kind, place_of(key), old.value, new.value, BREAKING, text, key=key)

    _changed_media = _changed_security

    def _changed_call(self, key: Key, old: Fact, new: Fact) -> Iterator[Difference]:
        if old.value != new.value:
            text = f"The page calls it {new.value}; it was {old.value}."
            kind = "operation-moved"
            yield Difference(kind, new.value, old.value, new.value, BREAKING, text, key=key)

    def _type(self, key: Key) -> str | None:
        ours = self.document.facts.get(("field", key[1]))
        found = getattr(ours, "type", None)
        return "number" if found == "integer" else found

    def _changed_field(self, key: Key, old: Fact, new: Fact) -> Iterator[Difference]:
        ours = self.document.facts.get(key)
        for difference in attributes(key[1], old.value, new.value, is_first=False):
            if difference.kind == "required" and getattr(ours, "required", None) is None:
                ours = None
            if ours is not None and not any(
                each.kind == difference.kind and each.new == difference.new
                for each in attributes(key[1], ours, new.value, is_first=False)
            ):
                # The page now agrees with the document, which records that it did not.
                was_recorded = self.document.is_recorded(key, str(difference.old))
                if difference.kind != "type" or not was_recorded:
                    continue
                difference.effect = INFORMATION
            if self._is_reading(key, difference):
                continue
            yield self.of_field(replace(difference, key=key, value=new.value, line=new.line))

    def _is_reading(self, key: Key, difference: Difference) -> bool:
        """Whether the document records that pages differ in this."""
        said = str(difference.new).partition(": ")[2] or str(difference.new)
        is_reading = difference.kind in {"bounds", "value-added"} and difference.new is not None
        return is_reading and self.document.is_recorded(key, said)

    def _changed_error(self, key: Key, old: Fact, new: Fact) -> Iterator[Difference]:
        where = place_of(key)
        was, now = (words.content_of(bare(str(each.value))) for each in (old, new))
        if was != now:
            text = f"The message of error {key[1]} was {old.value!r} and is {new.value!r}."
            yield Difference(
                "error-changed", where, old.value, new.value, INFORMATION, text, key=key
            )
        elif old.text != new.text:
            found = list(of_words(where, old.text, new.text, new.line))
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
        where = place_of(key)
        for each in attributes(where, old.value, new.value, is_first=False):
            yield replace(each, kind="header", key=key, line=new.line)

    # Sentences.

    def _of_sentences(self, found: list[Difference]) -> Iterator[Difference]:
        said = {str(value) for each in found for value in (each.old, each.new) if value}
        names = {name for value in said for name in re.findall(r"[A-Za-z_]{3,}", value)}
        names |= {value.partition(" ")[2] for value in said if value.split(" ")[0] in VERBS}
        names |= {value for value in said if value.startswith("http")}
        names |= {value for value in said if value.split(" ")[0] in VERBS}
        headings = {each.text: each for each in (*self.old.sentences, *self.new.sentences)}
        old = [each.text for each in self.old.sentences]
        new = [each.text for each in self.new.sentences]
        is_of_signing = re.search(r"\bsign|authenti", self.new.title, re.IGNORECASE) is not None
        texts = _texts(self.old), _texts(self.new)
        last = max((index for index, text in enumerate(old) if text in set(new)), default=-1)
        for was, now in words.matched(old, new):
            sentence = headings[now or was or ""]
            if now is None and not self.is_whole and old.index(was or "") > last:
                continue
            if (now is None and was in texts[1]) or (was is None and now in texts[0]):
                # In another layout it is the text of a field.
                continue
            facts = list(self._stated(sentence, was or "")) if now else []
            if facts:
                yield from facts
                continue
            for each in of_words(
                sentence.heading, was, now, sentence.line, is_of_signing=is_of_signing
            ):
                if each.kind != "sentence" or not self._is_told(each, names):
                    yield each

    def _stated(self, sentence: Sentence, was: str) -> Iterator[Difference]:
        """Yield the facts that a sentence states now, beside those of the rest of the page."""
        yield from announced(sentence, self.document, was)
        yield from mentioned.news(sentence, was, self.document, self._named_before)
        yield from mentioned.lost(sentence, was, self.document, self._named_now)

    @cached_property
    def _named_before(self) -> set[Key]:
        return _named(self.old, self.document)

    @cached_property
    def _named_now(self) -> set[Key]:
        return _named(self.new, self.document)

    def _is_told(self, difference: Difference, names: set[str]) -> bool:
        """Whether a changed sentence is about names that are reported as facts already."""
        before = set(re.findall(r"[A-Za-z_]{3,}", str(difference.old or "")))
        after = set(re.findall(r"[A-Za-z_]{3,}", str(difference.new or "")))
        changed = {name for name in before ^ after if not name.islower()}
        paths = {name for name in names if name.startswith(("/", "http")) or " " in name}
        return bool(changed & names) or any(path in str(difference.new) for path in paths)


def _named(facts: Facts, document: Document) -> set[Key]:
    """Return what a page names in its sentences and as facts."""
    found = {key for each in facts.sentences for key in mentioned.names_in(each.text, document)}
    statuses = {("status", key[2]) for key in facts.by_key if key[0] == "status"}
    shown = {("value", *key[1:]) for key in facts.by_key if key[0] in SAMPLES}
    return found | statuses | shown | facts.by_key.keys()


def _sampled(facts: Facts) -> dict[str, set[str]]:
    """Return what the samples of a page are of, with their members."""
    found: dict[str, set[str]] = {}
    for key in facts.by_key:
        if key[0] == "example":
            owner, _, path = key[1].rpartition(" ")
            found.setdefault(owner, set()).add(path)
    return found


def _with_renamed_headers(found: list[Difference]) -> list[Difference]:
    """Return differences with a header that came in the place of another one as one of them."""
    headers = [each for each in found if each.kind == "header" and each.key[:1] == ("header",)]
    for new in headers:
        alike = [each for each in headers if each.key[1] == new.key[1]]
        lost = [each for each in alike if each.new is None]
        if new.old is None and len(alike) == 2 and len(lost) == 1:  # noqa: PLR2004 - came and went
            new.old, new.where = lost[0].old, lost[0].where
            new.text = f"The page has the header {new.new} in the place of {new.old}."
            if lost[0].effect == BREAKING:
                new.effect = BREAKING
            found = [each for each in found if each is not lost[0]]
    return found


def _texts(facts: Facts) -> set[str]:
    """Return the sentences that stand in the texts of facts."""
    return {each for fact in facts.by_key.values() for each in words.sentences_of(fact.text)}


def _has_part(facts: Mapping[Key, Fact], key: Key) -> bool:
    """Whether there are facts of one kind about the request or the response that a fact is of."""
    owner, part, _ = split(key[1])
    return any(each[0] == key[0] and each[1].startswith(f"{owner} {part}") for each in facts)


def _path(operation: str) -> str:
    return operation.rpartition(" ")[2]
