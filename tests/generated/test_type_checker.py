"""What the generator makes of a document that has grown, and of odd ones, is fully typed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

    from conftest import Run


@pytest.fixture(scope="module")
def errors(run: Run, grown: Path, kinds: ModuleType) -> list[str]:
    """Return what mypy finds, run once over all that there is to check."""
    options = ["--strict", "--python-version", "3.11", "--cache-dir", os.devnull]
    programs = ["user.py", "mistakes.py", "receiver.py"]

    result = run("-m", "mypy", *options, *programs, *kinds.__path__, cwd=grown)

    count = len(programs) + len(list(Path(*kinds.__path__).rglob("*.py")))
    assert f"(checked {count} source files)" in result.stdout, result.stdout + result.stderr
    return [line for line in result.stdout.splitlines() if ": error:" in line]


def test_every_mistake_in_a_call_is_found(errors: list[str]) -> None:
    """A user's file with five has these five."""
    assert [
        'mistakes.py:9: error: Argument "amount" to "ask" of "PriceQuotes" has incompatible type '
        '"float"; expected "Decimal"  [arg-type]',
        'mistakes.py:10: error: Missing named argument "amount" for "ask" of "PriceQuotes"  '
        "[call-arg]",
        'mistakes.py:11: error: Argument "at" to "ask" of "PriceQuotes" has incompatible type '
        '"str"; expected "datetime"  [arg-type]',
        'mistakes.py:12: error: "PriceQuotes" has no attribute "sell"  [attr-defined]',
        'mistakes.py:13: error: "Resources" has no attribute "price_quote"; '
        'maybe "price_quotes"?  [attr-defined]',
    ] == [line for line in errors if line.startswith("mistakes.py:")]


def test_nothing_else_is_an_error(errors: list[str]) -> None:
    """Neither in calls that are right, nor in a receiver, nor in a package with every kind."""
    assert [] == [line for line in errors if not line.startswith("mistakes.py:")]
