"""The one error of the generator: something a maintainer has to decide."""

from __future__ import annotations


class GenerationError(Exception):
    """Nothing was generated; the message says why and what to do."""

    @classmethod
    def listing(cls, headline: str, problems: list[str]) -> GenerationError:
        """Return an error that names every problem at once."""
        return cls("\n".join([headline, *(f"  {problem}" for problem in problems)]))
