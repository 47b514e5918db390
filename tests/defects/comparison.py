"""Run a defect's repro against a healthy and a broken mock, and compare the responses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.defects.client import Client
from tests.defects.registry import Kind

if TYPE_CHECKING:
    from tests.defects.client import HttpResponse
    from tests.defects.registry import Defect, Repro


@dataclass(frozen=True)
class Comparison:
    """The responses that one repro gets from two mocks of the same seed.

    Attributes:
        healthy: The responses of the healthy mock.
        broken: The responses of the mock with the defect.
    """

    healthy: list[HttpResponse]
    broken: list[HttpResponse]

    @property
    def differing(self) -> set[str]:
        """Ids of the operations with a response that differs."""
        pairs = zip(self.healthy, self.broken, strict=True)
        return {healthy.called for healthy, broken in pairs if healthy != broken}

    @property
    def called(self) -> set[str]:
        """Ids of all operations that the repro called."""
        return {response.called for response in self.healthy}


def compare(defect: Defect) -> Comparison:
    """Run a defect's repro with and without the defect.

    Raises:
        PatchPointError: If the mock has no patch point of that name.
        ValueError: If the repro did not send the same number of requests to both mocks.
    """
    healthy = responses(defect.repro)
    with defect.planted():
        broken = responses(defect.repro)
    return Comparison(healthy, broken)


def responses(repro: Repro) -> list[HttpResponse]:
    """Return the responses of a new mock to a repro."""
    client = Client.of_new_mock()
    repro(client)
    return client.responses


def not_reproduced(defect: Defect, comparison: Comparison) -> set[str]:
    """Return the operations that a defect names, but at which its repro does not show it.

    Lost state shows at other operations than the one that should have kept it.
    """
    reproduced = comparison.differing
    if reproduced and defect.kind is Kind.STATE:
        reproduced = comparison.called
    return set(defect.operations) - reproduced
