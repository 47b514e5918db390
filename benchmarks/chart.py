"""Charts in SVG, legible on light and on dark pages."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from benchmarks.table import CONTENDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_WIDTH = 900
_LABELS = 170
_ROW = 17
_PANEL = (_WIDTH - _LABELS - 20) / 4
# Room for a number behind the longest bar.
_NUMBER = 38
_BAR = 11
_MOST = 3.0
_COLUMNS = 3
_LOGARITHMIC = 20
_PLOT = (185, 120)
_STYLE = """
svg { font: 11px system-ui, sans-serif; }
.page { fill: #fff; } text { fill: #24292f; } .quiet { fill: #57606a; }
.title { font-weight: 600; font-size: 13px; } .own { font-weight: 600; }
.bar { fill: #afb8c1; } .ours { fill: #0969da; } .axis { stroke: #d0d7de; }
.one { stroke: #cf222e; stroke-dasharray: 3 3; } polyline { fill: none; }
.number { paint-order: stroke; stroke: #fff; stroke-width: 3; }
.s0, .s1, .s2, .s3 { stroke-width: 2; }
.s0 { stroke: #0969da; } .s1 { stroke: #bc4c00; } .s2 { stroke: #1a7f37; } .s3 { stroke: #8250df; }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117; } text { fill: #e6edf3; } .quiet { fill: #8d96a0; }
.number { stroke: #0d1117; }
.bar { fill: #545d68; } .ours { fill: #4493f8; } .axis { stroke: #3d444d; }
.one { stroke: #f85149; } .s0 { stroke: #4493f8; } .s1 { stroke: #f0883e; }
.s2 { stroke: #3fb950; } .s3 { stroke: #ab7df8; } }
"""


def bars(groups: Sequence[Mapping[str, Any]], note: str) -> str:
    """Draw groups of ratios, one panel for each case, with a line where httpx by hand is.

    Args:
        groups: Groups as in the file of results.
        note: What is measured, and where.
    """
    parts, top = [_text(10, 20, note, "quiet")], 34.0
    for group in groups:
        parts.append(_text(10, top + 14, _heading(group["title"]), "title"))
        contenders = [each for each in CONTENDERS if each.name in group["rows"]]
        for number, contender in enumerate(contenders):
            y = top + 38 + number * _ROW
            own = "own" if contender.is_ours else ""
            parts.append(_text(_LABELS, y + 9, contender.title, own, "end"))
        for column, case in enumerate(group["cases"]):
            left = _LABELS + 14 + column * _PANEL
            parts.append(_text(left, top + 31, case, "quiet"))
            values = [(each, group["rows"][each.name][column][0]) for each in contenders]
            parts += _panel(values, left, top + 37)
        top += 38 + len(contenders) * _ROW + 16
    return _svg(parts, top)


def lines(growths: Sequence[Mapping[str, Any]], note: str) -> str:
    """Draw how costs grow: a small chart for each, over a logarithmic axis.

    Args:
        growths: As in the file of results.
        note: What is measured, and where.
    """
    parts, top, height = [_text(10, 20, note, "quiet")], 34.0, _PLOT[1] + 105
    for number, growth in enumerate(growths):
        row, column = divmod(number, _COLUMNS)
        parts += _plot(growth, 55 + column * (_WIDTH - 20) / _COLUMNS, top + row * height)
    return _svg(parts, top + -(-len(growths) // _COLUMNS) * height)


def _heading(title: str) -> str:
    return f"{title}: ratio to httpx by hand, shorter is better"


def _panel(values: Sequence[tuple[Any, float]], left: float, top: float) -> Iterator[str]:
    most = max(1.0, min(_MOST, max(value for _, value in values)))
    scale = (_PANEL - _NUMBER) / most
    yield _line("one", left + scale, top - 2, left + scale, top + len(values) * _ROW)
    for number, (contender, value) in enumerate(values):
        y = top + number * _ROW + 1
        width = min(value, most) * scale
        shape = f'x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_BAR}" rx="1"'
        yield f'<rect class="{"ours" if contender.is_ours else "bar"}" {shape}/>'
        kind = "number own" if contender.is_ours else "number"
        yield _text(left + width + 4, y + 9, f"{value:.2f}", kind)


def _plot(growth: Mapping[str, Any], left: float, top: float) -> Iterator[str]:
    width, height = _PLOT
    points = [point for series in growth["series"].values() for point in series]
    if not points:
        return
    base = top + 40 + height
    first, last = (math.log10(pick(x for x, _ in points)) for pick in (min, max))
    y_of, marks = _vertical([y for _, y in points], base, height)

    def x_of(x: float) -> float:
        return left + width * (math.log10(x) - first) / ((last - first) or 1)

    yield _text(left - 45, top + 12, growth["title"], "title")
    yield _text(left - 45, top + 28, f"{growth['unit']}, by {growth['x']}", "quiet")
    for mark in marks:
        yield _line("axis", left, y_of(mark), left + width, y_of(mark))
        yield _text(left - 5, y_of(mark) + 4, _short(mark), "quiet", "end")
    for power in range(math.ceil(first), math.floor(last) + 1):
        yield _text(x_of(10.0**power), base + 14, _short(10.0**power), "quiet", "middle")
    for number, (name, series) in enumerate(growth["series"].items()):
        places = [(x_of(x), y_of(y)) for x, y in series]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline class="s{number}" points="{path}"/>'
        yield from (
            f'<circle class="s{number}" cx="{x:.1f}" cy="{y:.1f}" r="1"/>' for x, y in places
        )
        x, y = left - 45 + number % 2 * 145, base + 32 + number // 2 * 14
        yield _line(f"s{number}", x, y - 4, x + 12, y - 4)
        yield _text(x + 17, y, name)


def _vertical(
    values: Sequence[float], base: float, height: float
) -> tuple[Callable[[float], float], list[float]]:
    """Return where a value is on the vertical axis, and the marks there.

    It begins at 0, and is logarithmic where lines would otherwise lie on it.
    """
    least, most = min(values), max(values)
    if least > 0 and most / least > _LOGARITHMIC:
        low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
        marks = [10.0**power for power in range(low, high + 1)]
        return lambda y: base - height * (math.log10(y) - low) / (high - low), marks
    top = _round_up(most)
    return lambda y: base - height * max(y, 0) / top, [0.0, top / 2, top]


def _round_up(value: float) -> float:
    power: float = 10 ** math.floor(math.log10(value or 1))
    steps = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    return next(step * power for step in steps if step * power >= value)


def _short(value: float) -> str:
    for factor, letter in ((1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:.3g}{letter}"
    return f"{value:.3g}"


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "") -> str:
    where = f' text-anchor="{anchor}"' if anchor else ""
    name = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{name}{where}>{escape(text)}</text>'


def _line(kind: str, *ends: float) -> str:
    places = " ".join(
        f'{name}="{end:.1f}"' for name, end in zip(("x1", "y1", "x2", "y2"), ends, strict=True)
    )
    return f'<line class="{kind}" {places}/>'


def _svg(parts: Sequence[str], height: float) -> str:
    size = f'width="{_WIDTH}" height="{height:.0f}" viewBox="0 0 {_WIDTH} {height:.0f}"'
    page = f'<rect class="page" width="{_WIDTH}" height="{height:.0f}" rx="6"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, f"<style>{_STYLE}</style>", page, *parts, "</svg>", ""])
