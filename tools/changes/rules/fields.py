"""Sentences about a field, be it an argument of methods or an attribute of a class."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tools.changes.line import Difference
from tools.changes.rules.bounds import BOUNDS, Bounded, bound
from tools.changes.rules.choices import choice
from tools.changes.rules.limits import limit
from tools.changes.rules.subject import shape
from tools.changes.rules.words import KINDS, an, fallback, plain, reworded, source
from tools.spec.severity import Kind, Severity, new_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tools.changes.findings import Finding
    from tools.changes.line import Draft
    from tools.changes.rules.subject import Subject, Views


_ORDER = list(Severity)
_UNREADABLE = "a response without it can't be read"


def field(views: Views, subject: Subject, finding: Finding) -> Iterator[Draft]:
    """Describe what a finding at a field, or within it, means; its path begins at the field."""
    match finding.path:
        case ():
            yield _whole(subject, finding)
        case ("type",):
            yield from _type(views, subject, finding)
        case ("format",) | ("json",):
            yield from _wire(subject, finding)
        case ("limits" as name, _) | (
            (
                "required" | "essential" | "deprecated" | "pattern" | "place" | "wire" | "source"
            ) as name,
        ):
            yield _SIMPLE[name](subject, finding)
        case (*_, "words"):
            yield reworded(subject.draft, subject.holder)
        case (*place,) if "choice" in place:
            yield from _choice(views, subject, finding)
        case ("items", *place) if place:
            yield from _item(views, subject, finding._replace(path=tuple(place)))
        case _:
            yield from _other(subject, finding)


def _other(subject: Subject, finding: Finding) -> Iterator[Draft]:
    match finding.path:
        case ("items",) | ("options", *_):
            yield from _inner(subject, finding)
        case ("other", keyword, *_) if keyword in BOUNDS:
            was, now = ((each or {}).get("other", {}) for each in (subject.was, subject.now))
            about = Bounded(subject.sentence, subject.draft, sent="request" in subject.parts)
            yield from bound(about, keyword, was.get(keyword), now.get(keyword))
        case _:
            yield _unknown(subject, finding)


def _whole(subject: Subject, finding: Finding) -> Draft:
    if finding.removed:
        return subject.draft(Severity.BREAKING, Kind.FIELD_REMOVED, _removed(subject))
    required = bool(finding.now["required"])
    severity = min(
        (new_field(part, shape(finding.now)) for part in subject.parts), key=_ORDER.index
    )
    if finding.now["essential"]:
        severity = Severity.BREAKING
    if subject.is_argument and required:
        text = (
            f"{{who}} now <needs|need> `{subject.name}` (`{finding.now['type']}`), a new argument"
        )
    elif subject.is_argument:
        text = f"{{who}} <takes|take> a new optional argument `{subject.name}`"
        text += f" (`{finding.now['type']}`)"
    else:
        text = _new_attribute(subject, finding, required=required)
    text += "; it is deprecated" * finding.now["deprecated"]
    return subject.draft(severity, Kind.FIELD_NEW, text + _doubt(finding))


def _new_attribute(subject: Subject, finding: Finding, *, required: bool) -> str:
    duty = ", has to be given" if required else ", may be left out"
    kind = f"(`{finding.now['type']}`{duty * ('request' in subject.parts)})"
    name = subject.name.rpartition(".")[2]
    text = f"`{subject.holder}`{subject.where} has a new field `{name}` {kind}"
    return f"{text}; {_UNREADABLE}" if finding.now["essential"] else text


def _doubt(finding: Finding) -> str:
    return "" if finding.now["source"] == "documented" else f"; this is {finding.now['source']}"


def _removed(subject: Subject) -> str:
    if subject.is_argument:
        return f"{{who}} no longer <takes|take> `{subject.name}`"
    return f"`{subject.name}`{subject.where} is removed"


def _required(subject: Subject, finding: Finding) -> Draft:
    severity = subject.severity("required")
    if subject.is_argument or subject.sent:
        text = f"{{who}} now <needs|need> `{subject.name}`"
        if not finding.now:
            text = subject.sentence("may be left out now")
    elif subject.parts == {"request"}:
        text = subject.sentence("has to be given now" if finding.now else "may be left out now")
    else:
        return _promised(subject, finding)
    return subject.draft(severity, Kind.REQUIRED_CHANGED, text)


def _promised(subject: Subject, finding: Finding) -> Draft:
    """Report that a received field is documented as always present, or no longer.

    Its Python type stays the same: any field but an essential one may be `None`.
    """
    text = f"is {'' if finding.now else 'no longer '}documented as always present"
    noticed = subject.returned and not _is_essential(subject.now)
    if noticed and finding.now:
        text += ": `on_drift` reports a response without it, and `strict=True` makes it an error"
    elif noticed:
        text += ": `on_drift` no longer reports a response without it"
    severity = Severity.ADDITIVE if noticed else Severity.EDITORIAL
    severity = min(severity, subject.severity("required"), key=_ORDER.index)
    return subject.draft(severity, Kind.REQUIRED_CHANGED, subject.sentence(text))


def _essential(subject: Subject, finding: Finding) -> Draft:
    was, now = ((each or {}).get("type") for each in (subject.was, subject.now))
    types = f" (`{now}` instead of `{was}`)"
    if finding.now:
        head = f"is never `None` now{types}" if was != now else "is needed now"
        tail, severity = _UNREADABLE, Severity.BREAKING
    else:
        head = f"may be `None` now{types}" if was != now else "is no longer needed"
        tail = "a response without it is read as well"
        severity = Severity.BREAKING if was != now else Severity.ADDITIVE
    return subject.draft(severity, Kind.REQUIRED_CHANGED, subject.sentence(f"{head}: {tail}"))


def _is_essential(node: Mapping[str, Any] | None) -> bool:
    return bool((node or {}).get("essential"))


def _type(views: Views, subject: Subject, finding: Finding) -> Iterator[Draft]:
    was, now = views.renamed(str(finding.was)), str(finding.now)
    # The new name of a class is reported once, by the class.
    if was == now or _is_essential(subject.was) != _is_essential(subject.now):
        return
    text = f"is now `{now}` instead of `{was}`{_in_json(subject)}"
    severity = type_severity(views, subject, _options(was), _options(now))
    yield subject.draft(severity, Kind.TYPE_CHANGED, subject.sentence(text))


def type_severity(views: Views, subject: Subject, was: set[str], now: set[str]) -> Severity:
    """Return what another Python type is to users.

    The shared rules compare types in JSON. Users have Python's: a whole number is a JSON number,
    but an `int` has no `quantize`; and mypy rejects code that does not handle a new None,
    though a null on the wire breaks nothing.
    """
    text = {"str"} if views.enums() & (was | now) else set[str]()
    wider, narrower = now > was, now < was
    if text and now - views.enums() == was - views.enums() - {"str"}:
        # A member of an enum is a text as well. But fewer values are taken than any text.
        wider, narrower = False, True
    if text and was - views.enums() == now - views.enums() - {"str"}:
        wider, narrower = True, False
    fine = {"request": wider, "response": narrower, "event": narrower}
    return Severity.ADDITIVE if all(fine[part] for part in subject.parts) else Severity.BREAKING


def _options(name: str) -> set[str]:
    # Bars within brackets belong to the type of the items.
    parts, depth = [""], 0
    for letter in name:
        depth += (letter == "[") - (letter == "]")
        if letter == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return {part.strip() for part in parts}


def _in_json(subject: Subject) -> str:
    was, now = ((each or {}).get("json") for each in (subject.was, subject.now))
    if was == now or was not in KINDS or now not in KINDS:
        return ""
    return f" ({KINDS[now]} instead of {KINDS[was]})"


def _pattern(subject: Subject, finding: Finding) -> Draft:
    severity = subject.severity("pattern")
    if finding.now is None:
        text = subject.sentence(f"is no longer bound to the pattern `{finding.was}`")
    elif subject.is_argument:
        text = f"{{who}} <rejects|reject> {an(subject.name)} that does not match `{finding.now}`"
    else:
        text = subject.sentence(f"is documented to match `{finding.now}`")
    return subject.draft(severity, Kind.PATTERN_CHANGED, text)


def _wire(subject: Subject, finding: Finding) -> Iterator[Draft]:
    before, after = subject.was or {}, subject.now or {}
    # Where the Python or JSON type differs, the sentence on the type covers it.
    if before.get("type") != after.get("type"):
        return
    attribute = finding.path[0]
    if attribute == "format" and before.get("json") != after.get("json"):
        return
    if attribute == "format" and "password" in (finding.was, finding.now):
        yield _secret(subject, finding)
        return
    text = f"has the format {plain(finding.now)} instead of {plain(finding.was)}"
    if finding.was is None:
        duty = "has" if "request" in subject.parts else "is documented"
        text = f"{duty} to be a {plain(finding.now)}"
    if finding.now is None:
        text = f"is no longer documented to be a {plain(finding.was)}"
    if attribute == "json":
        text = f"is {plain(finding.now)} in JSON instead of {plain(finding.was)}"
    kind = Kind.FORMAT_CHANGED if attribute == "format" else Kind.TYPE_CHANGED
    yield subject.draft(subject.severity(attribute), kind, subject.sentence(text))


def _secret(subject: Subject, finding: Finding) -> Draft:
    """Report that a field became a secret, or no longer is one.

    On the wire nothing changes. But code that pickles or logs the class is affected.
    """
    text = "is a secret now: reprs hide it, and objects that hold it can't be pickled"
    if finding.was == "password":
        text = "is no longer treated as a secret: reprs and pickles show it"
    return subject.draft(Severity.BREAKING, Kind.FORMAT_CHANGED, subject.sentence(text))


def _renamed_in_json(subject: Subject, finding: Finding) -> Draft:
    text = f"is called `{finding.now}` in JSON now, instead of `{finding.was}`"
    return subject.draft(Severity.ADDITIVE, Difference.VALUE_CHANGED, subject.sentence(text))


def _deprecated(subject: Subject, finding: Finding) -> Draft:
    text = f"is {'' if finding.now else 'no longer '}deprecated"
    if finding.now and subject.is_argument:
        text += ": passing it gives a `DeprecationWarning`"
    return subject.draft(Severity.ADDITIVE, Difference.DEPRECATED, subject.sentence(text))


def _sent_elsewhere(subject: Subject, finding: Finding) -> Draft:
    was, now = (f"the {each or 'payload'}" for each in (finding.was, finding.now))
    text = subject.sentence(f"is sent in {now} instead of {was}; your code stays as it is")
    return subject.draft(Severity.ADDITIVE, Kind.PATH_CHANGED, text)


def _source(subject: Subject, finding: Finding) -> Draft:
    return source(subject.sentence, subject.draft, finding)


def _inner(subject: Subject, finding: Finding) -> Iterator[Draft]:
    # The parts of a value change with its type, which is reported then.
    if (subject.was or {}).get("type") == (subject.now or {}).get("type"):
        yield _unknown(subject, finding)


def _choice(views: Views, subject: Subject, finding: Finding) -> Iterator[Draft]:
    was, now = ((each or {}).get("type") for each in (subject.was, subject.now))
    # Where a choice changes with the type, the type is reported.
    if was == now or finding.path[-1] != "choice":
        yield from choice(views, subject.sentence, subject.draft, finding)


def _item(views: Views, subject: Subject, finding: Finding) -> Iterator[Draft]:
    # The type of a list's items is part of the list's own, which is reported then.
    if finding.path != ("type",):
        was, now = ((each or {}).get("items") for each in (subject.was, subject.now))
        item = replace(subject, name=f"{subject.name}[i]", was=was, now=now)
        yield from field(views, item, finding)


def _unknown(subject: Subject, finding: Finding) -> Draft:
    return fallback(subject.draft, subject.sentence, finding)


_SIMPLE: dict[str, Callable[[Subject, Finding], Draft]] = {
    "deprecated": _deprecated,
    "essential": _essential,
    "limits": limit,
    "pattern": _pattern,
    "place": _sent_elsewhere,
    "required": _required,
    "source": _source,
    "wire": _renamed_in_json,
}
