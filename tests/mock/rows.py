"""Go through the rows of a table in one test, so that every row that fails is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from calypso_mock import MockError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NO_ERROR = "no error"
Row = TypeVar("Row")
Seen = TypeVar("Seen")


def outcomes(
    rows: Mapping[str, Row] | Iterable[Row], run: Callable[[Row], Seen]
) -> dict[str, Seen | dict[str, str]]:
    """Run each row and return what it returns, by name; what it raises in its place.

    A row without a name is called by its text, or else by its repr. A row that times out ends the
    test: every other one could wait as long.
    """
    if not isinstance(rows, Mapping):
        rows = {row if isinstance(row, str) else repr(row): row for row in rows}
    found: dict[str, Seen | dict[str, str]] = {}
    for name, row in rows.items():
        try:
            found[name] = run(row)
        except TimeoutError as error:
            error.add_note(f"in the row {name!r}")
            raise
        except Exception as error:  # noqa: BLE001 - the test compares it with what it expects
            found[name] = {type(error).__name__: str(error)}
    return found


def mock_error(call: Callable[[], object]) -> str:
    """Return the message of the mock's own error, or ``NO_ERROR``."""
    try:
        call()
    except MockError as error:
        return str(error)
    return NO_ERROR


def listed(differences: Mapping[str, object]) -> str:
    """Write one difference a line; pytest would cut off a long comparison."""
    return "\n".join(f"{name}: {how}" for name, how in differences.items())
