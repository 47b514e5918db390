"""Profiles: how thorough a run is."""

from __future__ import annotations

from dataclasses import dataclass

from tests.contract import model


@dataclass(frozen=True)
class Profile:
    """How much of each part a run does.

    Attributes:
        walks: The extent of the reference model's random walks.
        fuzz: Examples for each operation in the fuzzing phase of schemathesis.
        chains: Chains of links in its stateful phase.
    """

    walks: model.Extent
    fuzz: int
    chains: int


PROFILES = {
    "short": Profile(walks=model.SHORT, fuzz=10, chains=10),
    "full": Profile(walks=model.FULL, fuzz=100, chains=80),
}
