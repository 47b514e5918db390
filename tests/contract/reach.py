"""What a run of schemathesis reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract import document

if TYPE_CHECKING:
    from tests.contract.running import Run


def missed(result: Run, phase: str, *modes: str) -> set[tuple[str, str]]:
    """Return the operations that a phase did not try in each mode, with valid or invalid data."""
    tried = {(each.mode, each.label) for each in result.cases if each.phase == phase}
    return {(mode, label) for mode in modes for label in document.operations()} - tried
