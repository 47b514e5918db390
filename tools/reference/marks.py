"""Marks for how certain a fact is, and their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.reference.markdown import code, prose

if TYPE_CHECKING:
    from tools.spec import Provenance

INFERRED = "◌ inferred"
OBSERVED = "◍ observed"
DISAGREE = "≠ pages disagree"
DEPRECATED = "**Deprecated.**"

_LEVELS = {"inferred": INFERRED, "observed": OBSERVED}


def mark(provenance: Provenance) -> str:
    """Return the mark of a fact; empty when it is documented without contradiction."""
    return _joined(_LEVELS.get(provenance.level, ""), provenance)


def level(provenance: Provenance) -> str:
    """Return the same, but for a documented fact its level."""
    return _joined(_LEVELS.get(provenance.level, provenance.level), provenance)


def remark(provenance: Provenance) -> str:
    """Return the note and the contradictions of a fact."""
    return " ".join(filter(None, (prose(provenance.note), disagreement(provenance))))


def _joined(name: str, provenance: Provenance) -> str:
    return ", ".join(filter(None, (name, DISAGREE if provenance.readings else "")))


def disagreement(provenance: Provenance) -> str:
    """Return what contradicting pages state; empty when none do."""
    used, *others = [code(reading.value) for reading in provenance.readings] or [""]
    return f"In use: {used}; elsewhere: {', '.join(others)}." if others else ""
