"""The one error of the generator: something a maintainer has to decide."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import NamedTuple

UNFORESEEN = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
"""What reading a document raises where it has something that no check looks for."""


class GenerationError(Exception):
    """Nothing was generated; the message says why and what to do."""

    @classmethod
    def listing(cls, headline: str, problems: list[str]) -> GenerationError:
        """Return an error that names every problem at once."""
        return cls("\n".join([headline, *(f"  {problem}" for problem in problems)]))

    @classmethod
    def unforeseen(cls, error: BaseException, name: str) -> GenerationError:
        """Return an error in the place of one of `UNFORESEEN`; `name` is the document's."""
        *_, last = traceback.extract_tb(error.__traceback__)
        what = " ".join(f"{type(error).__name__}: {error}".split())
        where = f"{Path(last.filename).name}:{last.lineno}"
        return cls(
            f"{name}: something in it can't be read ({what}, in {where}). See what "
            "'python -m tools.lint_document' says of it, and what changed last."
        )


class Fault(NamedTuple):
    """What is wrong with a document, and the JSON pointer of where."""

    pointer: str
    text: str
