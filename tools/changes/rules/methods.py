"""Sentences about methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.changes.line import Difference, Draft
from tools.changes.rules import fields, statuses
from tools.changes.rules.bounds import BOUNDS, Bounded, bound
from tools.changes.rules.choices import choice
from tools.changes.rules.subject import Subject
from tools.changes.rules.words import fallback, plain, reworded, source
from tools.spec.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.changes.findings import Finding
    from tools.changes.rules.subject import Views


def methods(views: Views, finding: Finding) -> Iterator[Draft]:
    """Describe what a finding within `methods` means."""
    _, key, *rest = finding.path
    name = views.method(key)
    about = Subject(
        name, None, "", frozenset((name,)), frozenset(), views.pointer(finding.path), None, None
    )
    inner = finding._replace(path=tuple(rest))
    if not _is_reported_already(views, key, inner):
        yield from _drafts(views, about, key, inner)


def _drafts(views: Views, about: Subject, key: str, finding: Finding) -> Iterator[Draft]:
    match finding.path:
        case ():
            yield _whole(about, finding)
        case ("arguments" | "envelope" as part, argument, *place):
            inner = finding._replace(path=tuple(place))
            yield from _sent(views, about, (key, part, argument), inner)
        case ("returns" | "response" | "positional" | "request" as part, *place):
            yield from _PARTS[part](views, about, key, finding._replace(path=tuple(place)))
        case ("statuses", code, *place):
            yield from statuses.status(about, code, finding._replace(path=tuple(place)))
        case ("carriers", part, *place):
            inner = finding._replace(path=tuple(place))
            yield from _carrier(views, about, (key, part), inner)
        case (attribute,) if attribute in _SIMPLE:
            yield _SIMPLE[attribute](about, finding)
        case _:
            yield fallback(about.draft, _sentence, finding)


def _is_reported_already(views: Views, key: str, finding: Finding) -> bool:
    """Return whether the name of a new or removed body or class is reported already."""
    if finding.path[:1] == ("carriers",):
        return len(finding.path) == 2 and (finding.new or finding.removed)  # noqa: PLR2004 - a whole one
    if finding.path[:1] == ("statuses",) and "media" in finding.path[2:3]:
        # The fields of the body are reported.
        return any(was != now for was, now in (_types(views, key, finding), _returned(views, key)))
    return finding.path[:1] == ("request",) and None in views.at("methods", key, "body")


def _types(views: Views, key: str, finding: Finding) -> tuple[Any, Any]:
    return views.at("methods", key, *finding.path[:2], "types")


def _returned(views: Views, key: str) -> tuple[Any, Any]:
    return views.at("methods", key, "returns")


def _carrier(
    views: Views, about: Subject, at: tuple[str, str], finding: Finding
) -> Iterator[Draft]:
    """Describe a finding at a payload or an envelope; its path begins there."""
    key, part = at
    noun = {"payload": "payload", "envelope": "body"}[part]

    def named(text: str) -> str:
        return f"the {noun} of {{who}} {text}"

    match finding.path:
        case ("other", keyword, *_) if keyword in BOUNDS:
            bounded = Bounded(lambda text: f"{{who}}: a {noun} {text}", about.draft, sent=True)
            place = ("methods", key, "carriers", part, "other", keyword)
            yield from bound(bounded, keyword, *views.at(*place))
        case ("deprecated",):
            text = named(f"is {'' if finding.now else 'no longer '}deprecated")
            yield about.draft(Severity.ADDITIVE, Difference.DEPRECATED, text)
        case ("source",):
            yield source(named, about.draft, finding)
        case ("words",):
            yield reworded(about.draft)
        case _:
            yield fallback(about.draft, named, finding)


def _sentence(text: str) -> str:
    verb, _, tail = text.partition(" ")
    several = {"is": "are", "has": "have"}.get(verb)
    return f"{{who}} <{verb}|{several}> {tail}" if several else f"{{who}} {text}"


def _whole(about: Subject, finding: Finding) -> Draft:
    if finding.removed:
        return about.draft(Severity.BREAKING, Kind.OPERATION_REMOVED, "{who} <is|are> removed")
    arguments = [_signature(name, each) for name, each in sorted(finding.now["arguments"].items())]
    takes = f"takes {', '.join(arguments)} and " if arguments else ""
    safe = "safe" if finding.now["retry"] == "safe" else "not safe"
    text = f"{{who}} <is|are> new: <it|each> {takes}returns `{finding.now['returns']}`; "
    text += f"<it is|they are> {safe} to retry"
    text += "; <it is|they are> deprecated" * finding.now["deprecated"]
    doubt = finding.now["source"]
    text += f"; <it is|they are> {doubt}, not documented" * (doubt != "documented")
    return about.draft(Severity.ADDITIVE, Kind.OPERATION_NEW, text)


def _signature(name: str, node: dict[str, Any]) -> str:
    return f"`{name}` (`{node['type']}`{', optional' * (not node['required'])})"


def _sent(
    views: Views, about: Subject, at: tuple[str, str, str], finding: Finding
) -> Iterator[Draft]:
    """Describe what a finding at an argument, or at what the client adds to them, means."""
    key, part, member = at
    if part == "envelope" and not finding.path:
        yield from _envelope(views, about, key, member, finding)
    else:
        yield from fields.field(views, _argument(views, about, key, part, member), finding)


def _envelope(
    views: Views, about: Subject, key: str, member: str, finding: Finding
) -> Iterator[Draft]:
    """Describe what the client sends of its own; the payload comes and goes with the arguments."""
    was, now = views.at("methods", key, "body")
    if was is None or now is None:
        text = "{who} <sends|send> " + ("no body any more" if now is None else "a body now")
    elif member == "account" and finding.new:
        text = "{who} <sends|send> the client's `account` now"
    elif member == "account":
        text = "{who} no longer <sends|send> the client's `account`"
    else:
        return
    yield about.draft(
        Severity.ADDITIVE, Difference.BODY_CHANGED, f"{text}; your code stays as it is"
    )


def _argument(views: Views, about: Subject, key: str, part: str, argument: str) -> Subject:
    path = ("methods", key, part, argument)
    was, now = views.at(*path)
    pointer = views.pointer(path)
    request = frozenset(("request",))
    sent = part == "envelope"
    return Subject(argument, None, "", about.who, request, pointer, was, now, sent)  # type: ignore[arg-type]


def _returns(views: Views, about: Subject, key: str, finding: Finding) -> Iterator[Draft]:
    del key
    was = views.renamed(finding.was)
    if was != finding.now:
        text = f"{{who}} <returns|return> `{finding.now}` instead of `{was}`"
        yield about.draft(Severity.BREAKING, Difference.RETURN_CHANGED, text)


def _response(views: Views, about: Subject, key: str, finding: Finding) -> Iterator[Draft]:
    was, now = views.at("methods", key, "returns")
    # With another type the parts differ too; the type is reported.
    if was == now and finding.path != ("type",):
        if finding.path[-1:] == ("words",):
            yield reworded(about.draft)
        elif "choice" in finding.path:
            yield from choice(views, _response_sentence, about.draft, finding)
        else:
            # The client checks nothing of it but its type.
            text = _response_sentence("is documented differently")
            yield about.draft(Severity.EDITORIAL, Difference.WORDS_CHANGED, text)


def _request(views: Views, about: Subject, key: str, finding: Finding) -> Iterator[Draft]:
    """Describe how a body is documented; the client sends the same one in any case."""
    del views, key
    if finding.path == ("required",):
        text = f"is {'' if finding.now else 'no longer '}documented as required"
    else:
        text = f"is {'no longer ' * finding.removed}documented as `{finding.path[-1]}`"
    text = f"the body of {{who}} {text}; your code stays as it is"
    yield about.draft(Severity.EDITORIAL, Difference.WORDS_CHANGED, text)


def _response_sentence(text: str) -> str:
    return f"the response of {{who}} {text}"


def _renamed(about: Subject, finding: Finding) -> Draft:
    text = f"`{finding.was}` is now called `{finding.now}`"
    return about.draft(Severity.BREAKING, Difference.METHOD_RENAMED, text)


def _operation(about: Subject, finding: Finding) -> Draft:
    text = f"{{who}} is now the operation `{finding.now}` instead of `{finding.was}` where "
    text += "operations are named, as in `Attempt.operation` and the mock's journal"
    return about.draft(Severity.BREAKING, Difference.OPERATION_RENAMED, text)


def _call(about: Subject, finding: Finding) -> Draft:
    # To a server it is another call; users of the client change nothing.
    text = (
        f"{{who}} <calls|call> `{finding.now}` instead of `{finding.was}`; your code stays as it is"
    )
    return about.draft(Severity.ADDITIVE, Kind.PATH_CHANGED, text)


def _deprecated(about: Subject, finding: Finding) -> Draft:
    text = "{who} <is|are> deprecated: each call gives a `DeprecationWarning`"
    if not finding.now:
        text = "{who} <is|are> no longer deprecated"
    return about.draft(Severity.ADDITIVE, Difference.DEPRECATED, text)


def _class_taken(about: Subject, finding: Finding) -> Draft:
    now, was = (plain(each) if each else "nothing" for each in (finding.now, finding.was))
    text = "in the functions of `calypso_api.api`: {who} <takes|take> "
    return about.draft(Severity.BREAKING, Kind.TYPE_CHANGED, f"{text}{now} instead of {was}")


def _retry(about: Subject, finding: Finding) -> Draft:
    if finding.now == "safe":
        text = "{who} <is|are> safe to retry now: the client retries <it|them>"
        return about.draft(Severity.ADDITIVE, Difference.RETRY_CHANGED, text)
    # No signature changes, but a call that used to be retried raises another error.
    text = "{who} <is|are> no longer safe to retry: a call with an unknown outcome raises "
    text += "`OutcomeUnknownError`"
    return about.draft(Severity.BREAKING, Difference.RETRY_CHANGED, text)


def _source(about: Subject, finding: Finding) -> Draft:
    return source(_sentence, about.draft, finding)


def _words(about: Subject, finding: Finding) -> Draft:
    del finding
    return reworded(about.draft)


def _positional(views: Views, about: Subject, key: str, finding: Finding) -> Iterator[Draft]:
    removed = views.at("methods", key, "arguments", str(finding.was))[1] is None
    # A removed argument is reported as such, without its position.
    if removed and finding.now is None:
        return
    yield _position(about, finding._replace(was=None) if removed else finding)


def _position(about: Subject, finding: Finding) -> Draft:
    if finding.was is not None:
        # The wire does not change, but a Python call without the name breaks.
        text = f"{{who}}: `{finding.was}` has to be given by its name, as in `{finding.was}=…`"
        return about.draft(Severity.BREAKING, Difference.POSITION_CHANGED, text)
    text = f"{{who}}: `{finding.now}` may be given without its name"
    return about.draft(Severity.ADDITIVE, Difference.POSITION_CHANGED, text)


_SIMPLE: dict[str, Callable[[Subject, Finding], Draft]] = {
    "body": _class_taken,
    "call": _call,
    "deprecated": _deprecated,
    "name": _renamed,
    "operation": _operation,
    "payload": _class_taken,
    "retry": _retry,
    "source": _source,
    "words": _words,
}

_PARTS: dict[str, Callable[[Views, Subject, str, Finding], Iterator[Draft]]] = {
    "response": _response,
    "positional": _positional,
    "request": _request,
    "returns": _returns,
}
