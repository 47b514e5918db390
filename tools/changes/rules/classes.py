"""Sentences about classes, enums and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.changes.line import Difference, Draft
from tools.changes.rules import fields
from tools.changes.rules.bounds import BOUNDS, Bounded, bound
from tools.changes.rules.properties import properties
from tools.changes.rules.subject import Subject, clauses, users, where
from tools.changes.rules.words import fallback, said, source
from tools.surface.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.changes.findings import Finding
    from tools.changes.rules.subject import Both


def classes(both: Both, finding: Finding) -> Iterator[Draft]:
    """Say what a finding within `classes` or `enums` means."""
    _, key, *rest = finding.path
    about = _about(both, key, finding)
    inner = finding._replace(path=tuple(rest))
    match rest:
        case []:
            if not _said_by_event(both, key) and not _was_hidden(both, key, inner):
                yield _whole(both, about, key, inner)
        case ["fields", attribute, *place]:
            yield from _field(both, finding, attribute, tuple(place))
        case ["values", member]:
            yield _value(both, about, key, member, inner)
        case ["spellings", spelling] if inner.new or inner.gone:
            yield _spelling(about, spelling, inner)
        case ["name" | "deprecated" | "holds" as attribute]:
            yield _SIMPLE[attribute](about, inner)
        case ["source"]:
            yield source(about.stated, about.draft, inner)
        case ["words"] | ["flags" | "facts", _, "words"]:
            yield said(about.draft, about.name)
        case ["flags" | "facts", prop, *place]:
            yield from properties(both, about, (key, prop), inner._replace(path=tuple(place)))
        case _:
            yield from _other(both, about, finding)


def _other(both: Both, about: Subject, finding: Finding) -> Iterator[Draft]:
    match finding.path[2:]:
        case ("other", keyword, *_) if keyword in BOUNDS:
            bounded = Bounded(about.stated, about.draft, sent="request" in about.parts)
            yield from bound(bounded, keyword, *both.at(*finding.path[:4]))
        case rest:
            yield fallback(about.draft, about.stated, finding._replace(path=rest))


def _spelling(about: Subject, spelling: str, finding: Finding) -> Draft:
    if finding.new:
        text = f"also reads `{spelling}`, as `{about.name}.{finding.now}`"
        return about.draft(Severity.ADDITIVE, Kind.VALUE_NEW, about.stated(text))
    text = f"no longer reads `{spelling}` as `{about.name}.{finding.was}`"
    return about.draft(Severity.BREAKING, Kind.VALUE_GONE, about.stated(text))


def _about(both: Both, key: str, finding: Finding) -> Subject:
    name = both.class_(key)
    pointer = both.pointer(finding.path)
    who, place = users(both, key), where(both, key)
    return Subject(name, name, place, who, frozenset(both.parts(key)), pointer, None, None)


def _whole(both: Both, about: Subject, key: str, finding: Finding) -> Draft:
    kind = "class" if "fields" in (finding.now or finding.was) else "enum"
    if finding.gone:
        text = f"the {kind} `{about.name}` is gone"
        return about.draft(Severity.BREAKING, Difference.CLASS_GONE, text)
    members = [
        f"`{name}`" for name in sorted(finding.now.get("fields") or finding.now.get("values", ()))
    ]
    used = clauses(both, key)
    text = f"the {kind} `{about.name}` is new{': ' * bool(used)}{used}; "
    held = finding.now.get("holds")
    other = f"maps names to `{held}`{_HELD}" if held else "has nothing of its own"
    text += f"it has {', '.join(members)}" if members else f"it {other}"
    return about.draft(Severity.ADDITIVE, Difference.CLASS_NEW, text)


def _renamed(about: Subject, finding: Finding) -> Draft:
    text = f"the class `{finding.was}` is now called `{finding.now}`"
    return about.draft(Severity.BREAKING, Difference.CLASS_RENAMED, text)


def _deprecated(about: Subject, finding: Finding) -> Draft:
    text = about.stated(f"is {'' if finding.now else 'no longer '}deprecated")
    return about.draft(Severity.ADDITIVE, Difference.DEPRECATED, text)


def _held(about: Subject, finding: Finding) -> Draft:
    """Say what type the values have now of which the document names no key."""
    text = f"maps {'names' if finding.was else 'other names'} to `{finding.now}`"
    if finding.gone:
        text = f"no longer maps names to `{finding.was}`"
    elif finding.was:
        text += f" instead of `{finding.was}`"
    severity = Severity.ADDITIVE if finding.new else Severity.BREAKING
    return about.draft(severity, Kind.TYPE_CHANGED, about.stated(text + _HELD))


_HELD = " in its `additional_properties`"

_SIMPLE: dict[str, Callable[[Subject, Finding], Draft]] = {
    "deprecated": _deprecated,
    "holds": _held,
    "name": _renamed,
}


def _field(both: Both, finding: Finding, attribute: str, place: tuple[str, ...]) -> Iterator[Draft]:
    path = finding.path[:4]
    was, now = both.at(*path)
    pointer = both.pointer(path)
    key = _owner(both, finding.path[1], pointer)
    if _said_by_class(both, key, place, finding):
        return
    name = both.class_(key)
    subject = Subject(
        f"{name}.{attribute}",
        name,
        where(both, key),
        users(both, key),
        frozenset(both.parts(key)),
        pointer,
        was,
        now,
        returned=_is_returned(both, key),
    )
    yield from fields.field(both, subject, finding._replace(path=place))


def _is_returned(both: Both, key: str) -> bool:
    uses = both.uses(key)
    return uses is not None and bool(uses.returns)


def _owner(both: Both, key: str, pointer: str) -> str:
    """Return the class that a field is told of: the one that defines it, where others share it."""
    owner = pointer.removeprefix("/components/schemas/").partition("/")[0]
    return owner if any(both.at("classes", owner)) else key


def _said_by_class(both: Both, key: str, place: tuple[str, ...], finding: Finding) -> bool:
    change: Any = (finding.was, finding.now)
    return place == ("source",) and both.at("classes", key, "source") == change


def _said_by_event(both: Both, key: str) -> bool:
    """Tell whether a class is only what an event is read as that is new or gone itself."""
    uses = both.uses(key)
    if uses is None or uses.takes or uses.returns or uses.refused:
        return False
    fresh = all(None in both.at("events", event) for event in uses.events)
    return fresh and set(uses.events.values()) == {""}


def _was_hidden(both: Both, key: str, finding: Finding) -> bool:
    """Tell whether a class that seems to come or go carried only arguments before, or does now."""
    return key in (both.old if finding.new else both.new).hidden


def _value(both: Both, about: Subject, key: str, member: str, finding: Finding) -> Draft:
    name = f"`{about.name}.{member}`"
    if finding.new:
        # Enums are open: a value that nobody listed was a value before as well.
        used = clauses(both, key)
        text = f"{name} is a new value{': ' * bool(used)}{used}"
        return about.draft(Severity.ADDITIVE, Kind.VALUE_NEW, text)
    if finding.gone:
        text = f"{name}{about.where} is gone; should it come, it is read as an unknown value"
        if "request" in about.parts:
            text = f"{name}{about.where} is gone"
        return about.draft(Severity.BREAKING, Kind.VALUE_GONE, text)
    text = f"{name}{about.where} stands for `{finding.now}` instead of `{finding.was}`"
    return about.draft(Severity.BREAKING, Difference.VALUE_CHANGED, text)


def events(both: Both, finding: Finding) -> Iterator[Draft]:
    """Say what a finding within `events` means."""
    _, event, *rest = finding.path
    pointer = both.pointer(finding.path)

    def say(severity: Severity, kind: Kind | Difference, text: str) -> Draft:
        return Draft(severity, kind, text, frozenset((event,)), pointer)

    match rest:
        case [] if finding.gone:
            yield say(
                Severity.BREAKING,
                Kind.EVENT_GONE,
                f"the event `{event}` is gone, and is read as `UnknownEvent`",
            )
        case []:
            # It was an UnknownEvent before, which code for all others has to handle anyway.
            text = f"the event `{event}` is new: it is read as `{finding.now['class']}`"
            text += "; it is deprecated" * finding.now["deprecated"]
            yield say(Severity.ADDITIVE, Kind.EVENT_NEW, text)
        case ["class"]:
            if both.renamed(finding.was) != finding.now:
                text = f"the event `{event}` is read as `{finding.now}` instead of `{finding.was}`"
                yield say(Severity.BREAKING, Kind.TYPE_CHANGED, text)
        case ["deprecated"]:
            text = f"the event `{event}` is {'' if finding.now else 'no longer '}deprecated"
            yield say(Severity.ADDITIVE, Difference.DEPRECATED, text)
        case ["source"]:
            yield source(lambda text: f"the event `{event}` {text}", say, finding)
        case ["words"]:
            yield said(say)
        case _:
            inner = finding._replace(path=tuple(rest))
            yield fallback(say, lambda text: f"the event `{event}` {text}", inner)
