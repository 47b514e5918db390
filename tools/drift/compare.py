"""Compares the facts of a page with the document, and with what the page stated before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.drift.differences import ADDITION, BREAKING, INFORMATION
from tools.drift.document import ENVELOPE, ERROR, split
from tools.drift.first_sight import FirstSight
from tools.drift.naming import EVERY
from tools.drift.since_accepted import SinceAccepted

if TYPE_CHECKING:
    from tools.drift.differences import Difference
    from tools.drift.document import Document
    from tools.drift.facts import Facts


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
    first = list(FirstSight(new, document).differences())
    if old is None:
        return [_rated(each, document) for each in _distinct(first)]
    known = {each.id for each in FirstSight(old, document).differences()}
    later = list(SinceAccepted(new, old, document, is_whole=is_whole).differences())
    said = {(each.kind, each.where) for each in later}
    found = {(each.kind, each.new) for each in later if each.kind in {"figure", "header"}}
    told = {each.new for each in later if each.kind.startswith("operation-")} - {None}
    others = [
        each
        for each in first
        if each.id not in known
        and (each.kind, each.where) not in said
        and (each.kind, each.new) not in found
        and not any(each.where == name or each.where.startswith(f"{name} ") for name in told)
    ]
    return [_rated(each, document) for each in _distinct([*later, *others])]


_ALWAYS = frozenset({"value", "error", "event", "call", "server"})


def _rated(difference: Difference, document: Document) -> Difference:
    """Return a difference that breaks nothing where the document has nothing of it."""
    key = difference.key
    if difference.effect != BREAKING or len(key) < 2 or key[0] in _ALWAYS:  # noqa: PLR2004
        return difference
    owner, _, _ = split(key[1])
    spec = document.spec
    ours = {ENVELOPE, ERROR, *spec.operations, *spec.events}
    if owner not in ours and not key[1].startswith(EVERY):
        is_more = difference.kind.endswith("-added") or difference.kind in {"header", "example"}
        # A header without which a call fails adds nothing for a client.
        is_needed = difference.kind == "header" and getattr(difference.value, "required", False)
        is_new = difference.old is None and is_more and not is_needed
        difference.effect = ADDITION if is_new else INFORMATION
    return difference


def _distinct(found: list[Difference]) -> list[Difference]:
    """Leave out what is reported twice, and examples of what is reported as a field.

    So are members of an example that was of another type before.
    """
    fields = {each.where for each in found if each.kind in {"field-added", "field-removed", "type"}}
    typed = tuple(
        f"{each.where}{mark}" for each in found if each.kind == "type" for mark in (".", "[]")
    )
    kept: dict[tuple[Any, ...], Difference] = {}
    for each in found:
        if each.kind == "example" and (each.where in fields or each.where.startswith(typed)):
            continue
        values = () if each.kind == "deprecated" else (str(each.old), str(each.new))
        kept.setdefault((each.kind, each.where, *values), each)
    return list(kept.values())
