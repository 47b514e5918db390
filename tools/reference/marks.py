"""Marks that say how sure something is, and the words that go with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.reference.markdown import code, prose

if TYPE_CHECKING:
    from tools.surface import Provenance

INFERRED = "◌ inferred"
OBSERVED = "◍ observed"
DISAGREE = "≠ pages disagree"
DEPRECATED = "**Deprecated.**"

_LEVELS = {"inferred": INFERRED, "observed": OBSERVED}


def mark(provenance: Provenance) -> str:
    """Return the mark of something; nothing where one page says it and no other denies it."""
    return _joined(_LEVELS.get(provenance.level, ""), provenance)


def standing(provenance: Provenance) -> str:
    """Return the same where what is documented is to be said too."""
    return _joined(_LEVELS.get(provenance.level, provenance.level), provenance)


def remark(provenance: Provenance) -> str:
    """Return what is to be known of something besides what it is."""
    return " ".join(filter(None, (prose(provenance.note), disagreement(provenance))))


def _joined(level: str, provenance: Provenance) -> str:
    return ", ".join(filter(None, (level, DISAGREE if provenance.readings else "")))


def disagreement(provenance: Provenance) -> str:
    """Return what pages say that disagree; nothing where none do."""
    used, *others = [code(reading.value) for reading in provenance.readings] or [""]
    return f"In use: {used}; elsewhere: {', '.join(others)}." if others else ""
