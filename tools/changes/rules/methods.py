"""Sentences about methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.changes.line import Difference, Draft
from tools.changes.rules import fields, statuses
from tools.changes.rules.bounds import BOUNDS, Bounded, bound
from tools.changes.rules.choices import choice
from tools.changes.rules.subject import Subject
from tools.changes.rules.words import fallback, plain, said, source
from tools.surface.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.changes.findings import Finding
    from tools.changes.rules.subject import Both


def methods(both: Both, finding: Finding) -> Iterator[Draft]:
    """Say what a finding within `methods` means."""
    _, key, *rest = finding.path
    name = both.method(key)
    about = Subject(
        name, None, "", frozenset((name,)), frozenset(), both.pointer(finding.path), None, None
    )
    inner = finding._replace(path=tuple(rest))
    if _is_told_already(both, key, inner):
        return
    match rest:
        case []:
            yield _whole(about, finding)
        case ["arguments" | "envelope" as part, argument, *place]:
            inner = finding._replace(path=tuple(place))
            yield from _sent(both, about, (key, part, argument), inner)
        case ["returns" | "answer" | "positional" | "request" as part, *place]:
            yield from _PARTS[part](both, about, key, finding._replace(path=tuple(place)))
        case ["words"] | ["statuses" | "carriers", _, "words"]:
            yield said(about.draft)
        case [*_, "source"]:
            yield source(_part(rest), about.draft, inner)
        case ["statuses", code, *place]:
            yield from statuses.status(about, code, finding._replace(path=tuple(place)))
        case ["carriers", part, *_]:
            yield from _carrier(both, about, part, finding)
        case [attribute] if attribute in _SIMPLE:
            yield _SIMPLE[attribute](about, inner)
        case _:
            yield fallback(about.draft, _begun, inner)


def _is_told_already(both: Both, key: str, finding: Finding) -> bool:
    """Tell whether a body or a class comes or goes, of which its name has told."""
    if finding.path[:1] == ("carriers",):
        return len(finding.path) == 2 and (finding.new or finding.gone)  # noqa: PLR2004 - a whole one
    if finding.path[:1] == ("statuses",) and "media" in finding.path[2:3]:
        # The fields of the body have said it.
        return any(was != now for was, now in (_types(both, key, finding), _returned(both, key)))
    return finding.path[:1] == ("request",) and None in both.at("methods", key, "body")


def _types(both: Both, key: str, finding: Finding) -> tuple[Any, Any]:
    return both.at("methods", key, *finding.path[:2], "types")


def _returned(both: Both, key: str) -> tuple[Any, Any]:
    return both.at("methods", key, "returns")


def _part(place: list[str]) -> Callable[[str], str]:
    match place:
        case ["statuses", status, _]:
            return lambda text: f"status {status} of {{who}} {text}"
        case ["carriers", part, _]:
            return lambda text: f"the {part} of {{who}} {text}"
    return _begun


def _carrier(both: Both, about: Subject, part: str, finding: Finding) -> Iterator[Draft]:
    noun = {"payload": "payload", "envelope": "body"}[part]
    match finding.path[4:]:
        case ("other", keyword, *_) if keyword in BOUNDS:
            bounded = Bounded(lambda text: f"{{who}}: a {noun} {text}", about.draft, sent=True)
            yield from bound(bounded, keyword, *both.at(*finding.path[:6]))
        case ("deprecated",):
            text = f"the {noun} of {{who}} is {'' if finding.now else 'no longer '}deprecated"
            yield about.draft(Severity.ADDITIVE, Difference.DEPRECATED, text)
        case rest:
            inner = finding._replace(path=rest)
            yield fallback(about.draft, lambda text: f"the {noun} of {{who}} {text}", inner)


def _begun(text: str) -> str:
    verb, _, tail = text.partition(" ")
    several = {"is": "are", "has": "have"}.get(verb)
    return f"{{who}} <{verb}|{several}> {tail}" if several else f"{{who}} {text}"


def _whole(about: Subject, finding: Finding) -> Draft:
    if finding.gone:
        return about.draft(Severity.BREAKING, Kind.OPERATION_GONE, "{who} <is|are> gone")
    arguments = [_signature(name, each) for name, each in sorted(finding.now["arguments"].items())]
    takes = f"takes {', '.join(arguments)} and " if arguments else ""
    safe = "safe" if finding.now["repeat"] == "safe" else "not safe"
    text = f"{{who}} <is|are> new: <it|each> {takes}returns `{finding.now['returns']}`; "
    text += f"repeating <it|them> is {safe}"
    text += "; <it is|they are> deprecated" * finding.now["deprecated"]
    doubt = finding.now["source"]
    text += f"; <it is|they are> {doubt}, not documented" * (doubt != "documented")
    return about.draft(Severity.ADDITIVE, Kind.OPERATION_NEW, text)


def _signature(name: str, node: dict[str, Any]) -> str:
    return f"`{name}` (`{node['type']}`{', optional' * (not node['required'])})"


def _sent(
    both: Both, about: Subject, at: tuple[str, str, str], finding: Finding
) -> Iterator[Draft]:
    """Say what a finding at an argument, or at what the client adds to them, means."""
    key, part, member = at
    if part == "envelope" and not finding.path:
        yield from _envelope(both, about, key, member, finding)
    else:
        yield from fields.field(both, _argument(both, about, key, part, member), finding)


def _envelope(
    both: Both, about: Subject, key: str, member: str, finding: Finding
) -> Iterator[Draft]:
    """Say what the client sends of its own; the payload comes and goes with the arguments."""
    was, now = both.at("methods", key, "body")
    if was is None or now is None:
        text = "{who} <sends|send> " + ("no body any more" if now is None else "a body now")
    elif member == "account" and finding.new:
        text = "{who} <says|say> for which account: the client sends its `account`"
    elif member == "account":
        text = "{who} no longer <says|say> for which account: the client's `account` is not sent"
    else:
        return
    yield about.draft(
        Severity.ADDITIVE, Difference.BODY_CHANGED, f"{text}; your code stays as it is"
    )


def _argument(both: Both, about: Subject, key: str, part: str, argument: str) -> Subject:
    path = ("methods", key, part, argument)
    was, now = both.at(*path)
    pointer = both.pointer(path)
    request = frozenset(("request",))
    sent = part == "envelope"
    return Subject(argument, None, "", about.who, request, pointer, was, now, sent)  # type: ignore[arg-type]


def _returns(both: Both, about: Subject, key: str, finding: Finding) -> Iterator[Draft]:
    del key
    was = both.renamed(finding.was)
    if was != finding.now:
        text = f"{{who}} <returns|return> `{finding.now}` instead of `{was}`"
        yield about.draft(Severity.BREAKING, Difference.RETURN_CHANGED, text)


def _answer(both: Both, about: Subject, key: str, finding: Finding) -> Iterator[Draft]:
    was, now = both.at("methods", key, "returns")
    # With another type comes another make, which needs no words of its own.
    if was == now and finding.path != ("type",):
        if finding.path[-1:] == ("words",):
            yield said(about.draft)
        elif "choice" in finding.path:
            yield from choice(both, _response, about.draft, finding)
        else:
            # The client checks nothing of it but its type.
            text = _response("is documented in another way")
            yield about.draft(Severity.EDITORIAL, Difference.WORDS_CHANGED, text)


def _request(both: Both, about: Subject, key: str, finding: Finding) -> Iterator[Draft]:
    """Say what the document says of a body as such; the client sends the same one in any case."""
    del both, key
    if finding.path == ("required",):
        text = f"is {'' if finding.now else 'no longer '}documented as required"
    else:
        text = f"is {'no longer ' * finding.gone}documented as `{finding.path[-1]}`"
    text = f"the body of {{who}} {text}; your code stays as it is"
    yield about.draft(Severity.EDITORIAL, Difference.WORDS_CHANGED, text)


def _response(text: str) -> str:
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
    text = "for those who call the functions in `calypso_api.api`: {who} <takes|take> "
    return about.draft(Severity.BREAKING, Kind.TYPE_CHANGED, f"{text}{now} instead of {was}")


def _repeat(about: Subject, finding: Finding) -> Draft:
    if finding.now == "safe":
        text = "repeating {who} is safe now, so <it is|they are> retried"
        return about.draft(Severity.ADDITIVE, Difference.RETRY_CHANGED, text)
    # Nothing changes in a signature, but what used to be retried ends in another error.
    text = "repeating {who} is no longer safe, so <it is|they are> not retried: a call whose "
    text += "outcome is not known is an `OutcomeUnknownError`"
    return about.draft(Severity.BREAKING, Difference.RETRY_CHANGED, text)


def _positional(both: Both, about: Subject, key: str, finding: Finding) -> Iterator[Draft]:
    gone = both.at("methods", key, "arguments", str(finding.was))[1] is None
    # Of an argument that is gone, that is said, and nothing of its place.
    if gone and finding.now is None:
        return
    yield _position(about, finding._replace(was=None) if gone else finding)


def _position(about: Subject, finding: Finding) -> Draft:
    if finding.was is not None:
        # The wire knows nothing of this; Python's callers who gave no name do.
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
    "repeat": _repeat,
}

_PARTS: dict[str, Callable[[Both, Subject, str, Finding], Iterator[Draft]]] = {
    "answer": _answer,
    "positional": _positional,
    "request": _request,
    "returns": _returns,
}
