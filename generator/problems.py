"""The error of the generator: something that a maintainer has to decide."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import NamedTuple

UNFORESEEN = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
"""Errors of reading a document with a fault that no check finds."""


class GenerationError(Exception):
    """Nothing was generated; the message states why and what to do."""

    @classmethod
    def listing(cls, headline: str, problems: list[str]) -> GenerationError:
        """Return an error that lists every problem."""
        return cls("\n".join([headline, *(f"  {problem}" for problem in problems)]))

    @classmethod
    def unforeseen(cls, error: BaseException, name: str) -> GenerationError:
        """Return an error that replaces one of `UNFORESEEN`; `name` is the document's."""
        *_, last = traceback.extract_tb(error.__traceback__)
        what = " ".join(f"{type(error).__name__}: {error}".split())
        where = f"{Path(last.filename).name}:{last.lineno}"
        return cls(
            f"{name}: something in it can't be read ({what}, in {where}). See what "
            "'python -m tools.lint_document' reports, and what changed last."
        )


class Fault(NamedTuple):
    """What is wrong with a document, and the JSON pointer of the node."""

    pointer: str
    text: str
