"""The registry of defects: what each one breaks, its kind, and a repro."""

from __future__ import annotations

import importlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tests.defects import patching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.defects.client import Client

    Half = Literal["before", "after"]
    Repro = Callable[[Client], object]
    Replacement = Callable[..., Any]

# The mock validates its own responses, which few servers do: with that check in place, each wrong
# response would be a status 500.
_RESPONSE_CHECK = "calypso_mock.api._contract.response_error"

DEFECTS: dict[str, Defect] = {}


class Kind(StrEnum):
    """The kind of mistake."""

    TYPE = "type"
    MISSING_FIELD = "missing field"
    STATUS = "status"
    CONTENT_TYPE = "content type"
    VALIDATION = "missing validation"
    CRASH = "crash on unusual input"
    SIGNATURE = "signature"
    WINDOW = "timestamp window"
    ACCESS = "key or account not checked"
    FILTER = "filter"
    SORT = "sort"
    PAGING = "paging"
    STATE = "lost state"
    IDS = "shared ids"
    RULES = "expiry and block rules"
    DECIMALS = "decimals"
    TIMES = "times"
    SECRETS = "subscription secrets"


@dataclass(frozen=True)
class Defect:
    """One mistake that a server could make.

    Attributes:
        name: A unique name.
        operations: Ids of the operations at which the repro shows it.
        kind: The kind of mistake.
        half: Whether it was written before or after the checks that should find it.
        patch_point: The name of the function in the mock that it replaces.
        replacement: The replacement, called with the healthy function as first argument.
        repro: Sends requests whose responses reveal it.
        visible_to_reads: Whether reads alone reveal it, on an account that has been in use.
    """

    name: str
    operations: tuple[str, ...]
    kind: Kind
    half: Half
    patch_point: str
    replacement: Replacement
    repro: Repro
    visible_to_reads: bool

    @property
    def summary(self) -> str:
        """What it does wrong, in one line: the first line of the replacement's docstring."""
        return (self.replacement.__doc__ or "").partition("\n")[0]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Break every mock in this process for the duration of the block.

        Raises:
            PatchPointError: If the mock has no such patch point.
        """
        with ExitStack() as stack:
            stack.enter_context(patching.patch(_RESPONSE_CHECK, lambda *_: None))
            stack.enter_context(patching.patch(self.patch_point, self.replacement))
            yield


def defect(  # noqa: PLR0913 - columns of a table, all of them named
    name: str,
    *operations: str,
    kind: Kind,
    patch_point: str,
    repro: Repro,
    half: Half = "before",
    visible_to_reads: bool = False,
) -> Callable[[Replacement], Replacement]:
    """Register a faulty replacement for a function of the mock.

    Args:
        name: A unique name.
        operations: Ids of the operations at which the repro shows the defect.
        kind: The kind of mistake.
        patch_point: The name of the function in the mock to replace.
        repro: Sends requests whose responses differ from those of a healthy mock.
        half: Whether it was written before or after the checks that should find it.
        visible_to_reads: Whether reads alone reveal it, because their responses contradict the
            OpenAPI document or each other.

    Raises:
        ValueError: If the name is already taken.
    """

    def register(replacement: Replacement) -> Replacement:
        if name in DEFECTS:
            raise ValueError(f"there are two defects named {name}")
        DEFECTS[name] = Defect(
            name, operations, kind, half, patch_point, replacement, repro, visible_to_reads
        )
        return replacement

    return register


def load() -> dict[str, Defect]:
    """Return all defects of the ``before_`` and ``after_`` modules, by name."""
    here = Path(__file__).parent
    for half in ("before", "after"):
        for path in sorted(here.glob(f"{half}_*.py")):
            importlib.import_module(f"tests.defects.{path.stem}")
    return DEFECTS
