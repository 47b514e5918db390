"""The exception for each status of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.reference.markdown import code, paragraph, prose, table
from tools.reference.marks import mark, remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.spec import Provenance, SpecIndex

# The client decides by the code first; tests compare this with what it raises.
RAISED: Mapping[str, str] = {
    "400": "`InvalidRequestError`, `NotFoundError`, `ClockSkewError`, else `APIError`, by its code",
    "401": "`AuthenticationError`",
    "403": "`AuthenticationError` with code `002` or `003`, else `PermissionDeniedError`",
    "404": "`NotFoundError` with code `004`, else `APIError`",
    "429": "`RateLimitError`",
    "500": "`ServerError`, or `OutcomeUnknownError` when a retry is not safe",
}


def blocks(spec: SpecIndex) -> Iterator[str]:
    """Yield the paragraphs and the tables on errors."""
    yield paragraph(
        "The error code decides the exception, not the status. `error.outcome` is what is known "
        "of the call's effect: `not_sent`, `refused`, `unknown` or `done`."
    )
    yield table(
        ("status", "when", "raised", "outcome", "mark"),
        (
            (
                code(status),
                _when(words, known),
                RAISED.get(status, "`APIError`"),
                _outcome(status),
                mark(known),
            )
            for status, (words, known) in sorted(_responses(spec).items())
        ),
    )
    yield table(
        ("code", "meaning"),
        ((code(each.code), prose(each.text)) for each in spec.codes.values()),
    )


def _responses(spec: SpecIndex) -> dict[str, tuple[str, Provenance]]:
    """Return the error responses: status, description and source."""
    document: Any = spec.document
    shared = document.get("components", {}).get("responses", {})
    found: dict[str, tuple[str, Provenance]] = {}
    for item in document["paths"].values():
        for body in item.values():
            for status, response in body["responses"].items():
                name = response.get("$ref", "").rpartition("/")[2]
                if name in shared:
                    found[status] = (shared[name].get("description", ""), _known(spec, status))
    return found


def _known(spec: SpecIndex, status: str) -> Provenance:
    return next(
        call.responses[status] for call in spec.operations.values() if status in call.responses
    )


def _when(words: str, known: Provenance) -> str:
    return " ".join(filter(None, (prose(words), remark(known))))


def _outcome(status: str) -> str:
    return "`unknown`" if status.startswith("5") else "`refused`"
