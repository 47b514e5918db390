"""A table in one test, which goes through all rows and tells of each that fails."""

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
    """Call a test with each row, and fail in the end when any of them failed.

    As `pytest.mark.parametrize`, except that it remains one test, and that all rows share the
    fixtures of that test.

    Args:
        names: The parameters that a row gives, as a sequence or separated by commas.
        table: The rows, by name where they do not speak for themselves.
    """
    keys = [name.strip() for name in (names.split(",") if isinstance(names, str) else names)]
    named = table.items() if isinstance(table, Mapping) else ((None, row) for row in table)
    cases = [_case(name, keys, row) for name, row in named]
    assert cases, "the table is empty"

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def whole(**fixtures: Any) -> None:
            failed: list[tuple[str, BaseException]] = []
            for name, row in cases:
                try:
                    test(**fixtures, **row)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - go on
                    failed.append((name, error))
            if failed:
                told = "".join(f"\n{n}: {type(e).__name__}: {e}" for n, e in failed)
                (_, first), *_ = failed
                raise AssertionError(f"{len(failed)} of {len(cases)} rows fail:{told}") from first

        parameters = inspect.signature(test).parameters
        left = [each for name, each in parameters.items() if name not in keys]
        whole.__signature__ = inspect.Signature(left)  # type: ignore[attr-defined]
        return whole

    return decorate


def _case(name: str | None, keys: list[str], row: Any) -> tuple[str, dict[str, Any]]:
    given = dict(zip(keys, row if len(keys) > 1 else [row], strict=True))
    shown = ", ".join(f"{key}={value!r:.80}" for key, value in given.items())
    return shown if name is None else name, given
