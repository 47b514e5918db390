"""A table in one test, which runs all rows and reports each that fails."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Test = Callable[..., None]


def rows(
    names: str | Sequence[str], table: Iterable[Any] | Mapping[str, Any]
) -> Callable[[Test], Test]:
    """Call a test with each row, and fail at the end if any of them failed.

    Like `pytest.mark.parametrize`, except that it remains one test, and that all rows share the
    fixtures of that test.

    Args:
        names: The parameters of a row, as a sequence or separated by commas.
        table: The rows; a mapping names them.
    """
    keys = [name.strip() for name in (names.split(",") if isinstance(names, str) else names)]
    named = table.items() if isinstance(table, Mapping) else ((None, row) for row in table)
    cases = [_case(name, keys, row) for name, row in named]
    assert cases, "the table is empty"

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def run_all(**fixtures: Any) -> None:
            failed: list[tuple[str, BaseException]] = []
            for name, row in cases:
                try:
                    test(**fixtures, **row)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - reported below
                    failed.append((name, error))
            if failed:
                summary = "".join(f"\n{n}: {type(e).__name__}: {e}" for n, e in failed)
                (_, first), *_ = failed
                message = f"{len(failed)} of {len(cases)} rows fail:{summary}"
                raise AssertionError(message) from first

        parameters = inspect.signature(test).parameters
        remaining = [each for name, each in parameters.items() if name not in keys]
        run_all.__signature__ = inspect.Signature(remaining)  # type: ignore[attr-defined]
        return run_all

    return decorate


def _case(name: str | None, keys: list[str], row: Any) -> tuple[str, dict[str, Any]]:
    arguments = dict(zip(keys, row if len(keys) > 1 else [row], strict=True))
    shown = ", ".join(f"{key}={value!r:.80}" for key, value in arguments.items())
    return shown if name is None else name, arguments
