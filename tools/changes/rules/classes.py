"""Sentences about classes and enums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.changes.line import Difference, Draft
from tools.changes.rules import fields
from tools.changes.rules.bounds import BOUNDS, Bounded, bound
from tools.changes.rules.properties import properties
from tools.changes.rules.subject import Subject, clauses, users, where
from tools.changes.rules.words import fallback, reworded, source
from tools.spec.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.changes.findings import Finding
    from tools.changes.rules.subject import Views


def classes(views: Views, finding: Finding) -> Iterator[Draft]:
    """Describe what a finding within `classes` or `enums` means."""
    _, key, *rest = finding.path
    about = _about(views, key, finding)
    inner = finding._replace(path=tuple(rest))
    match rest:
        case []:
            yield from _whole(views, about, key, inner)
        case ["fields", attribute, *place]:
            yield from _field(views, finding, attribute, tuple(place))
        case ["values", member]:
            yield _value(views, about, key, member, inner)
        case ["spellings", spelling] if inner.new or inner.removed:
            yield _spelling(about, spelling, inner)
        case ["name" | "deprecated" | "holds" | "source" as attribute]:
            yield _SIMPLE[attribute](about, inner)
        case ["words"] | ["flags" | "facts", _, "words"]:
            yield reworded(about.draft, about.name)
        case ["flags" | "facts", prop, *place]:
            yield from properties(views, about, (key, prop), inner._replace(path=tuple(place)))
        case _:
            yield from _other(views, about, finding)


def _other(views: Views, about: Subject, finding: Finding) -> Iterator[Draft]:
    match finding.path[2:]:
        case ("other", keyword, *_) if keyword in BOUNDS:
            bounded = Bounded(about.sentence, about.draft, sent="request" in about.parts)
            yield from bound(bounded, keyword, *views.at(*finding.path[:4]))
        case rest:
            yield fallback(about.draft, about.sentence, finding._replace(path=rest))


def _spelling(about: Subject, spelling: str, finding: Finding) -> Draft:
    if finding.new:
        text = f"also reads `{spelling}`, as `{about.name}.{finding.now}`"
        return about.draft(Severity.ADDITIVE, Kind.VALUE_NEW, about.sentence(text))
    text = f"no longer reads `{spelling}` as `{about.name}.{finding.was}`"
    return about.draft(Severity.BREAKING, Kind.VALUE_REMOVED, about.sentence(text))


def _about(views: Views, key: str, finding: Finding) -> Subject:
    name = views.class_(key)
    pointer = views.pointer(finding.path)
    who, place = users(views, key), where(views, key)
    return Subject(name, name, place, who, frozenset(views.parts(key)), pointer, None, None)


def _whole(views: Views, about: Subject, key: str, finding: Finding) -> Iterator[Draft]:
    if _is_reported_by_event(views, key) or _was_hidden(views, key, finding):
        return
    if finding.removed:
        kind = "class" if "fields" in finding.was else "enum"
        text = f"the {kind} `{about.name}` is removed"
        yield about.draft(Severity.BREAKING, Difference.CLASS_REMOVED, text)
    else:
        yield _new(views, about, key, finding)


def _new(views: Views, about: Subject, key: str, finding: Finding) -> Draft:
    kind = "class" if "fields" in finding.now else "enum"
    members = [
        f"`{name}`" for name in sorted(finding.now.get("fields") or finding.now.get("values", ()))
    ]
    used = clauses(views, key)
    text = f"the {kind} `{about.name}` is new{': ' * bool(used)}{used}; "
    held = finding.now.get("holds")
    other = f"maps names to `{held}`{_HELD}" if held else "has nothing of its own"
    text += f"it has {', '.join(members)}" if members else f"it {other}"
    return about.draft(Severity.ADDITIVE, Difference.CLASS_NEW, text)


def _renamed(about: Subject, finding: Finding) -> Draft:
    text = f"the class `{finding.was}` is now called `{finding.now}`"
    return about.draft(Severity.BREAKING, Difference.CLASS_RENAMED, text)


def _deprecated(about: Subject, finding: Finding) -> Draft:
    text = about.sentence(f"is {'' if finding.now else 'no longer '}deprecated")
    return about.draft(Severity.ADDITIVE, Difference.DEPRECATED, text)


def _held(about: Subject, finding: Finding) -> Draft:
    """Describe the new type of values whose keys the document does not name."""
    text = f"maps {'names' if finding.was else 'other names'} to `{finding.now}`"
    if finding.removed:
        text = f"no longer maps names to `{finding.was}`"
    elif finding.was:
        text += f" instead of `{finding.was}`"
    severity = Severity.ADDITIVE if finding.new else Severity.BREAKING
    return about.draft(severity, Kind.TYPE_CHANGED, about.sentence(text + _HELD))


def _source(about: Subject, finding: Finding) -> Draft:
    return source(about.sentence, about.draft, finding)


_HELD = " in its `additional_properties`"

_SIMPLE: dict[str, Callable[[Subject, Finding], Draft]] = {
    "deprecated": _deprecated,
    "holds": _held,
    "name": _renamed,
    "source": _source,
}


def _field(
    views: Views, finding: Finding, attribute: str, place: tuple[str, ...]
) -> Iterator[Draft]:
    path = finding.path[:4]
    was, now = views.at(*path)
    pointer = views.pointer(path)
    key = _owner(views, finding.path[1], pointer)
    if _is_reported_by_class(views, key, place, finding):
        return
    name = views.class_(key)
    subject = Subject(
        f"{name}.{attribute}",
        name,
        where(views, key),
        users(views, key),
        frozenset(views.parts(key)),
        pointer,
        was,
        now,
        returned=_is_returned(views, key),
    )
    yield from fields.field(views, subject, finding._replace(path=place))


def _is_returned(views: Views, key: str) -> bool:
    uses = views.uses(key)
    return uses is not None and bool(uses.returns)


def _owner(views: Views, key: str, pointer: str) -> str:
    """Return the class to report a field for: where several share it, the one that defines it."""
    owner = pointer.removeprefix("/components/schemas/").partition("/")[0]
    return owner if any(views.at("classes", owner)) else key


def _is_reported_by_class(views: Views, key: str, place: tuple[str, ...], finding: Finding) -> bool:
    change: Any = (finding.was, finding.now)
    return place == ("source",) and views.at("classes", key, "source") == change


def _is_reported_by_event(views: Views, key: str) -> bool:
    """Return whether a class serves only events that are new or removed themselves."""
    uses = views.uses(key)
    if uses is None or uses.takes or uses.returns or uses.errors:
        return False
    fresh = all(None in views.at("events", event) for event in uses.events)
    return fresh and set(uses.events.values()) == {""}


def _was_hidden(views: Views, key: str, finding: Finding) -> bool:
    """Return whether a new or removed class only carries arguments in the other revision."""
    return key in (views.old if finding.new else views.new).hidden


def _value(views: Views, about: Subject, key: str, member: str, finding: Finding) -> Draft:
    name = f"`{about.name}.{member}`"
    if finding.new:
        # Enums are open: an unlisted value was accepted before as well.
        used = clauses(views, key)
        text = f"{name} is a new value{': ' * bool(used)}{used}"
        return about.draft(Severity.ADDITIVE, Kind.VALUE_NEW, text)
    if finding.removed:
        text = f"{name}{about.where} is removed; if it is received, it is read as an unknown value"
        if "request" in about.parts:
            text = f"{name}{about.where} is removed"
        return about.draft(Severity.BREAKING, Kind.VALUE_REMOVED, text)
    text = f"{name}{about.where} stands for `{finding.now}` instead of `{finding.was}`"
    return about.draft(Severity.BREAKING, Difference.VALUE_CHANGED, text)
