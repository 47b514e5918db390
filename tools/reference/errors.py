"""What each status of an error comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.reference.markdown import code, paragraph, prose, table
from tools.reference.marks import mark, remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.surface import Provenance, Surface

# The overlay decides by the code first; tests hold this against what it raises.
RAISED: Mapping[str, str] = {
    "400": "`InvalidRequestError`, `NotFoundError`, `ClockSkewError`, else `APIError`, by its code",
    "401": "`AuthenticationError`",
    "403": "`AuthenticationError`",
    "404": "`NotFoundError` with code `004`, else `APIError`",
    "429": "`RateLimitError`",
    "500": "`ServerError`, or `OutcomeUnknownError` where repeating is not safe",
}


def blocks(surface: Surface) -> Iterator[str]:
    """Yield the paragraphs and the tables on errors."""
    yield paragraph(
        "Errors are told apart by their code, whatever the status is. `error.outcome` says what is "
        "known of the call's effect: `not_sent`, `refused`, `unknown` or `done`."
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
            for status, (words, known) in sorted(_answers(surface).items())
        ),
    )
    yield table(
        ("code", "meaning"),
        ((code(each.code), prose(each.text)) for each in surface.codes.values()),
    )


def _answers(surface: Surface) -> dict[str, tuple[str, Provenance]]:
    """Return the answers that are errors: status, words, and where they are from."""
    document: Any = surface.document
    shared = document.get("components", {}).get("responses", {})
    found: dict[str, tuple[str, Provenance]] = {}
    for item in document["paths"].values():
        for body in item.values():
            for status, answer in body["responses"].items():
                name = answer.get("$ref", "").rpartition("/")[2]
                if name in shared:
                    found[status] = (shared[name].get("description", ""), _known(surface, status))
    return found


def _known(surface: Surface, status: str) -> Provenance:
    return next(
        call.answers[status] for call in surface.operations.values() if status in call.answers
    )


def _when(words: str, known: Provenance) -> str:
    return " ".join(filter(None, (prose(words), remark(known))))


def _outcome(status: str) -> str:
    return "`unknown`" if status.startswith("5") else "`refused`"
