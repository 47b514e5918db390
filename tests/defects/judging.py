"""Hear a defect's witness before a healthy and a broken mock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.defects.registry import Kind
from tests.defects.talk import Talk

if TYPE_CHECKING:
    from tests.defects.registry import Defect, Witness
    from tests.defects.talk import Answer


@dataclass(frozen=True)
class Hearing:
    """What one witness was told by two mocks of the same seed.

    Attributes:
        healthy: Answers of the healthy one.
        broken: Answers of the one with the defect.
    """

    healthy: list[Answer]
    broken: list[Answer]

    @property
    def differing(self) -> set[str]:
        """Ids of the operations at which an answer differs."""
        pairs = zip(self.healthy, self.broken, strict=True)
        return {healthy.asked for healthy, broken in pairs if healthy != broken}

    @property
    def asked(self) -> set[str]:
        """Ids of all operations that were called."""
        return {answer.asked for answer in self.healthy}


def hear(defect: Defect) -> Hearing:
    """Hear a defect's witness.

    Raises:
        SeamError: If the mock has no seam of that name.
        ValueError: If the witness did not ask both mocks the same number of times.
    """
    healthy = answers(defect.witness)
    with defect.planted():
        broken = answers(defect.witness)
    return Hearing(healthy, broken)


def answers(witness: Witness) -> list[Answer]:
    """Return what a fresh mock answers to a witness."""
    talk = Talk.begin()
    witness(talk)
    return talk.answers


def unshown(defect: Defect, hearing: Hearing) -> set[str]:
    """Return the operations that a defect claims, and its witness does not show.

    What was not kept shows at other operations than the one that should have kept it.
    """
    shown = hearing.differing
    if shown and defect.kind is Kind.STATE:
        shown = hearing.asked
    return set(defect.operations) - shown
