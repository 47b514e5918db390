"""Checks of `x-provenance`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVELS = ("documented", "observed", "inferred")
_EXAMPLE = 'x-provenance: {level: documented, page: [docs.calypso.money/…], date: "2026-11"}'


def faults(provenance: Any) -> Iterator[str]:  # noqa: ANN401 - any value of the document
    """Yield a sentence for each fault."""
    if not isinstance(provenance, dict):
        yield f"x-provenance is not an object; give it level, page and date, as in {_EXAMPLE}"
        return
    if provenance.get("level") not in LEVELS:
        found = provenance.get("level")
        yield f"x-provenance has the level {found!r}; it is one of {', '.join(LEVELS)}"
    if not _is_texts(provenance.get("page", [])):
        yield (
            "x-provenance has a page that is not text; list them, as in "
            "page: [docs.calypso.money/…]"
        )
    if not _is_readings(provenance.get("readings", [])):
        yield (
            "x-provenance has readings that are not a list of objects; write each as "
            "{value: …, page: …}, the one in use first"
        )


def _is_texts(pages: object) -> bool:
    found = pages if isinstance(pages, list) else [pages]
    return all(isinstance(page, str) for page in found)


def _is_readings(readings: object) -> bool:
    return isinstance(readings, list) and all(
        isinstance(each, dict) and "value" in each for each in readings
    )
