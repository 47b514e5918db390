"""Sentences about methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.changes.line import Draft, Told
from tools.changes.rules import fields
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
    match rest:
        case []:
            yield _whole(about, finding)
        case ["arguments" | "envelope" as part, argument, *place]:
            subject = _argument(both, about, key, part, argument)
            yield from fields.field(both, subject, finding._replace(path=tuple(place)))
        case ["returns"]:
            yield from _returns(both, about, inner)
        case ["answer", *place]:
            yield from _answer(both, about, key, finding._replace(path=tuple(place)))
        case ["words"] | ["statuses" | "carriers", _, "words"]:
            yield said(about.draft)
        case ["statuses", status] if inner.new or inner.gone:
            yield _status(about, status, inner)
        case [*_, "source"]:
            yield source(_part(rest), about.draft, inner)
        case ["carriers", _] if inner.new or inner.gone:
            # It comes and goes with its name, which has been told.
            return
        case [attribute] if attribute in _SIMPLE:
            yield _simple(about, attribute, inner)
        case _:
            yield fallback(about.draft, _begun, inner)


def _part(place: list[str]) -> Callable[[str], str]:
    match place:
        case ["statuses", status, _]:
            return lambda text: f"status {status} of {{who}} {text}"
        case ["carriers", part, _]:
            return lambda text: f"the {part} of {{who}} {text}"
    return _begun


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
    text = f"{{who}} is new: it {takes}returns `{finding.now['returns']}`; repeating it is {safe}"
    doubt = finding.now["source"]
    text += f"; it is {doubt}, not documented" * (doubt != "documented")
    return about.draft(Severity.ADDITIVE, Kind.OPERATION_NEW, text)


def _signature(name: str, node: dict[str, Any]) -> str:
    return f"`{name}` (`{node['type']}`{', optional' * (not node['required'])})"


def _argument(both: Both, about: Subject, key: str, part: str, argument: str) -> Subject:
    path = ("methods", key, part, argument)
    was, now = both.at(*path)
    pointer = both.pointer(path)
    request = frozenset(("request",))
    sent = part == "envelope"
    return Subject(argument, None, "", about.who, request, pointer, was, now, sent)  # type: ignore[arg-type]


def _returns(both: Both, about: Subject, finding: Finding) -> Iterator[Draft]:
    was = both.renamed(finding.was)
    if was != finding.now:
        text = f"{{who}} <returns|return> `{finding.now}` instead of `{was}`"
        yield about.draft(Severity.BREAKING, Told.RETURN_CHANGED, text)


def _answer(both: Both, about: Subject, key: str, finding: Finding) -> Iterator[Draft]:
    was, now = both.at("methods", key, "returns")
    # With another type comes another make, which needs no words of its own.
    if was == now and finding.path != ("type",):
        if finding.path[-1:] == ("words",):
            yield said(about.draft)
        else:
            yield fallback(about.draft, lambda text: f"the answer of {{who}} {text}", finding)


def _status(about: Subject, status: str, finding: Finding) -> Draft:
    # The errors are chosen by code and status as before; only those who look for drift notice.
    if finding.new:
        text = f"{{who}} <is|are> documented to answer with status {status} as well"
        return about.draft(Severity.ADDITIVE, Kind.ANSWER_NEW, text)
    text = f"{{who}} <is|are> no longer documented to answer with status {status}: "
    text += "`on_drift` tells of it, and with `strict=True` it is an error"
    return about.draft(Severity.ADDITIVE, Kind.ANSWER_GONE, text)


_SIMPLE = frozenset(("name", "operation", "call", "repeat", "positional", "body", "payload"))


def _simple(about: Subject, attribute: str, finding: Finding) -> Draft:
    was, now = finding.was, finding.now
    match attribute:
        case "name":
            text = f"`{was}` is now called `{now}`"
            return about.draft(Severity.BREAKING, Told.METHOD_RENAMED, text)
        case "operation":
            text = f"{{who}} is now the operation `{now}` instead of `{was}` where operations are "
            text += "named, as in `Attempt.operation` and the mock's journal"
            return about.draft(Severity.BREAKING, Told.OPERATION_RENAMED, text)
        case "call":
            # To a server it is another call; whoever uses the client writes what they wrote.
            text = f"{{who}} <calls|call> `{now}` instead of `{was}`; your code stays as it is"
            return about.draft(Severity.ADDITIVE, Kind.PATH_CHANGED, text)
        case "body" | "payload":
            text = "for those who call the functions in `calypso_api.api`: {who} <takes|take> "
            text += f"{plain(now)} instead of {plain(was)}"
            return about.draft(Severity.BREAKING, Kind.TYPE_CHANGED, text)
        case "positional":
            return _positional(about, finding)
    return _repeat(about, finding)


def _repeat(about: Subject, finding: Finding) -> Draft:
    if finding.now == "safe":
        text = "repeating {who} is safe now, so <it is|they are> retried"
        return about.draft(Severity.ADDITIVE, Told.RETRY_CHANGED, text)
    # Nothing changes in a signature, but what used to be retried ends in another error.
    text = "repeating {who} is no longer safe, so <it is|they are> not retried: a call of which "
    text += "nobody knows how it ended is an `OutcomeUnknownError`"
    return about.draft(Severity.BREAKING, Told.RETRY_CHANGED, text)


def _positional(about: Subject, finding: Finding) -> Draft:
    if finding.was is not None:
        # The wire knows nothing of this; Python's callers who gave no name do.
        text = f"{{who}}: `{finding.was}` has to be given by its name, as in `{finding.was}=…`"
        return about.draft(Severity.BREAKING, Told.POSITION_CHANGED, text)
    text = f"{{who}}: `{finding.now}` may be given without its name"
    return about.draft(Severity.ADDITIVE, Told.POSITION_CHANGED, text)
