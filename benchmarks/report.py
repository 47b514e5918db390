"""The results: tables for a terminal, and their form in JSON."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.table import CONTENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.measures import Group

_WIDTH = 26
_COLUMN = 15
_COLUMNS = 6


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*: (.+)", text)
    return {
        "cpu": model[1] if model else platform.processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def lines(group: Mapping[str, Any], exact: Mapping[str, bool]) -> Iterator[str]:
    """Write a group as lines of at most 100 characters: ratio to httpx by hand, and the value."""
    yield ""
    yield f"{group['title']}, as ratio to httpx by hand ({group['unit']})"
    yield " " * _WIDTH + "".join(f"{case:>{_COLUMN}}" for case in group["cases"]) + "   exact"
    for contender in CONTENDERS:
        row = group["rows"].get(contender.name)
        if row:
            cells = "".join(f"{_cell(ratio, value):>{_COLUMN}}" for ratio, _, _, value in row)
            is_exact = "yes" if exact[contender.name] else "no"
            yield f"{contender.title:{_WIDTH}}{cells}   {is_exact}"


def _cell(ratio: float, value: float) -> str:
    return f"{ratio:.2f} ({_number(value)})"


def _number(value: float) -> str:
    """Write a number with about three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004


def growth_lines(growth: Mapping[str, Any]) -> Iterator[str]:
    """Write how a cost grows."""
    yield ""
    yield f"{growth['title']}, {growth['unit']}"
    xs = sorted({x for series in growth["series"].values() for x, _ in series})
    for start in range(0, len(xs), _COLUMNS):
        some = xs[start : start + _COLUMNS]
        yield f"{growth['x']:{_WIDTH}}" + "".join(f"{x:>12,.10g}" for x in some)
        for name, series in growth["series"].items():
            values = dict(map(tuple, series))
            cells = [_number(values[x]) if x in values else "" for x in some]
            yield f"{name:{_WIDTH}}" + "".join(f"{cell:>12}" for cell in cells)


def as_json(group: Group) -> dict[str, Any]:
    """Return a group for the file of results."""
    rows = {
        module: [[float(f"{number:.4g}") for number in ratio] for ratio in row]
        for module, row in group.rows.items()
    }
    return {**group._asdict(), "rows": rows}
