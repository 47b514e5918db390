"""Builds differences, with the sentence that says what each of them means for users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.drift.differences import Difference, Kind, Known, Severity

if TYPE_CHECKING:
    from tools.drift.compare.context import Context
    from tools.drift.differences import Edit
    from tools.spec import Alternative

_CONSEQUENCES = {
    Kind.OPERATION_NEW: "Users can't make this call until the document has it.",
    Kind.OPERATION_REMOVED: "Calls of this method may be refused.",
    Kind.PATH_CHANGED: "Calls go to an address that may be gone.",
    Kind.FIELD_REMOVED: "Whoever relies on the field may no longer find it.",
    Kind.VALUE_NEW: "It arrives as an unknown member until the document lists it; nothing breaks.",
    Kind.VALUE_REMOVED: "Whoever sends it may be refused, and whoever waits for it waits in vain.",
    Kind.CODE_NEW: "It arrives as an APIError with this code; nothing breaks.",
    Kind.CODE_REMOVED: "Whoever handles this code may never see it again.",
    Kind.EVENT_NEW: "It arrives as an untyped event, and can't be subscribed to by name yet.",
    Kind.EVENT_REMOVED: "Whoever waits for this event may wait in vain.",
    Kind.RESPONSE_NEW: "Errors of this status are read already, by their error code.",
    Kind.SERVER_NEW: "Nothing breaks while the hosts that we know answer.",
    Kind.SERVER_REMOVED: "The client may call a host that is about to go.",
    Kind.EXAMPLE_REJECTED: "A request like it can't be made, or an answer like it not be read.",
    Kind.FIGURE_CHANGED: "Code that was written by the old figure may be wrong now.",
    Kind.PAGE_CHANGED: "Somebody has to read it, and then accept the page.",
}
_BY_SEVERITY = {
    (Kind.RESPONSE_REMOVED, Severity.BREAKING): "Success may be told by another status now.",
    (
        Kind.RESPONSE_REMOVED,
        Severity.EDITORIAL,
    ): "Nothing breaks; errors are read whatever the status.",
    (Kind.FIELD_NEW, Severity.BREAKING): "Requests without it will be refused.",
    (Kind.FIELD_NEW, Severity.ADDITIVE): "Nothing breaks; users can't reach it by name yet.",
    (Kind.TYPE_CHANGED, Severity.BREAKING): "What is sent may be refused, or answers not be read.",
    (
        Kind.FORMAT_CHANGED,
        Severity.BREAKING,
    ): "What is sent may be refused, or read as another type.",
    (Kind.PATTERN_CHANGED, Severity.BREAKING): "Requests that do not match will be refused.",
    (Kind.LIMIT_CHANGED, Severity.BREAKING): "Requests beyond the limit will be refused.",
}


def consequence(kind: Kind, severity: Severity) -> str:
    """Return what a difference of this kind means for users of the client."""
    return _BY_SEVERITY.get((kind, severity)) or _CONSEQUENCES.get(
        kind, "Nothing that works stops working."
    )


def difference(  # noqa: PLR0913, PLR0917 - the record's own fields, in its order
    context: Context,
    kind: Kind,
    severity: Severity,
    page_line: int | None,
    subject: str,
    what: str,
    document_line: int | None = None,
    edits: tuple[Edit, ...] = (),
    *,
    means: str = "",
) -> Difference:
    """Return a difference on the page at hand; `means` replaces the usual consequence."""
    return Difference(
        kind=kind,
        severity=severity,
        page=context.page,
        page_line=page_line,
        subject=subject,
        what=what,
        consequence=means or consequence(kind, severity),
        document_line=document_line or None,
        edits=edits,
    )


def known(
    context: Context, page_line: int, subject: str, recorded: Alternative, document_line: int | None
) -> Known:
    """Return that a page follows a reading which the document records and does not use."""
    what = f"The page follows a reading that the document records: {recorded.value}."
    return Known(context.page, page_line, subject, what, document_line)
