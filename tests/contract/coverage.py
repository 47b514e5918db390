"""Which operations a run of schemathesis covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract import document, schemas
from tests.contract.checks import parameters

if TYPE_CHECKING:
    from tests.contract.running import Run


def missed(result: Run, phase: str, *modes: str) -> set[tuple[str, str]]:
    """Return the operations that a phase did not try in each mode, with valid or invalid data."""
    tried = {(each.mode, each.label) for each in result.cases if each.phase == phase}
    wanted = {
        (mode, label)
        for mode in modes
        for label, name in document.operations().items()
        if _can_be(phase, mode, name)
    }
    return wanted - tried


def _can_be(phase: str, mode: str, operation_id: str) -> bool:
    if phase == "examples":
        return bool(schemas.request_examples(operation_id))
    return mode == "positive" or _can_be_invalid(operation_id)


def _can_be_invalid(operation_id: str) -> bool:
    """Return whether a request of an operation can be invalid at all."""
    has_body = "requestBody" in schemas.operation(operation_id)
    return has_body or bool(parameters.wrong_one(operation_id))
