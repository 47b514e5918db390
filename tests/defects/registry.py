"""Keep the list of defects: what each breaks, of what kind it is, how it shows."""

from __future__ import annotations

import importlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tests.defects import seams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.defects.talk import Talk

    Half = Literal["before", "after"]
    Witness = Callable[[Talk], object]
    Replacement = Callable[..., Any]

# Answers of the mock are judged by the document before they leave, which few servers do: with the
# judge in place, a wrong answer would be an honest 500.
_JUDGE = "calypso_mock.api._contract.response_error"

DEFECTS: dict[str, Defect] = {}


class Kind(StrEnum):
    """What sort of mistake a defect is."""

    TYPE = "type"
    MISSING_FIELD = "missing field"
    STATUS = "status"
    CONTENT_TYPE = "content type"
    VALIDATION = "validation left out"
    CRASH = "crash on odd input"
    SIGNATURE = "signature"
    WINDOW = "window"
    ACCESS = "key or account not checked"
    FILTER = "filter"
    SORT = "sort"
    PAGING = "paging"
    STATE = "state not kept"
    IDS = "ids shared"
    RULES = "expiry and block rules"
    DECIMALS = "decimals"
    TIMES = "times"
    SECRETS = "subscription secrets"


@dataclass(frozen=True)
class Defect:
    """One mistake that a server could make.

    Attributes:
        name: Its name, unique.
        operations: Ids of the operations at which its witness shows it.
        kind: What sort of mistake it is.
        half: Whether it was written before or after the checks that are to find it.
        seam: The place in the mock that it replaces.
        replacement: What stands there instead; is given the healthy function first.
        witness: Requests whose answers give it away.
        by_reads: Whether reads alone give it away, on an account that has been in use.
    """

    name: str
    operations: tuple[str, ...]
    kind: Kind
    half: Half
    seam: str
    replacement: Replacement
    witness: Witness
    by_reads: bool

    @property
    def summary(self) -> str:
        """What it does wrong, in one line."""
        return (self.replacement.__doc__ or "").partition("\n")[0]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Break every mock of this process, for as long as the block lasts.

        Raises:
            SeamError: If the mock has no such seam.
        """
        with ExitStack() as stack:
            stack.enter_context(seams.patch(_JUDGE, lambda *_: None))
            stack.enter_context(seams.patch(self.seam, self.replacement))
            yield


def defect(  # noqa: PLR0913 - a table's columns, all named
    name: str,
    *operations: str,
    kind: Kind,
    seam: str,
    witness: Witness,
    half: Half = "before",
    by_reads: bool = False,
) -> Callable[[Replacement], Replacement]:
    """Register a function that does its healthy counterpart's work wrong.

    Args:
        name: The defect's name.
        operations: At which operations the witness shows it.
        kind: What sort of mistake it is.
        seam: The place in the mock that the function takes.
        witness: Requests whose answers differ from those of a healthy mock.
        half: Written before or after the checks that are to find it.
        by_reads: Whether reads alone give it away: they contradict the document or each other.

    Raises:
        ValueError: If the name is taken.
    """

    def register(replacement: Replacement) -> Replacement:
        if name in DEFECTS:
            raise ValueError(f"there are two defects named {name}")
        DEFECTS[name] = Defect(name, operations, kind, half, seam, replacement, witness, by_reads)
        return replacement

    return register


def load() -> dict[str, Defect]:
    """Return all defects by name, those of every ``before_`` and ``after_`` module."""
    here = Path(__file__).parent
    for half in ("before", "after"):
        for path in sorted(here.glob(f"{half}_*.py")):
            importlib.import_module(f"tests.defects.{path.stem}")
    return DEFECTS
