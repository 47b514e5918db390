"""A reference model of the API, and what compares a target with it.

Importing this registers the scenarios as checks.
"""

from tests.contract.model import deposit_scenarios, scenarios
from tests.contract.model.run import FULL, SHORT, SHRINKING, Extent, explore

__all__ = ["FULL", "SHORT", "SHRINKING", "Extent", "deposit_scenarios", "explore", "scenarios"]
