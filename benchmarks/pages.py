"""What README.md and other pages show of the results; a test compares them."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Any

from benchmarks import chart, report
from benchmarks.rounds import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

RESULTS = ROOT / "benchmarks" / "results.json"
_IN_CHART = ("sync", "async-50", "start", "memory")
_BULLET = re.compile(r"^- \*\*Measured\*\* .*?(?=\n- |\n\n)", re.MULTILINE | re.DOTALL)
_TABLES = re.compile(r"(?<=^```text results\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def pages(results: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Return each file that shows results, and what it has to be."""
    groups = {group["key"]: group for group in results["groups"]}
    machine = results["machine"]
    note = f"{machine['python']}, {machine['cpu']}, {machine['cores']} cores"
    if results["size"] != "full":
        note += f"; a {results['size']} run"
    shown = [groups[key] for key in _IN_CHART if key in groups]
    yield ROOT / "docs" / "benchmarks.svg", chart.bars(shown, note)
    yield ROOT / "docs" / "growth.svg", chart.lines(results["growth"], note)
    readme = ROOT / "README.md"
    yield readme, _BULLET.sub(lambda _: bullet(groups), readme.read_text())
    page = ROOT / "benchmarks" / "README.md"
    yield page, _TABLES.sub(lambda _: tables(results), page.read_text())


def write() -> None:
    """Write all of them, from the file of results."""
    for path, text in pages(json.loads(RESULTS.read_text())):
        path.write_text(text)


def bullet(groups: Mapping[str, Any]) -> str:
    """Return the sentence of README.md about speed."""
    sync = groups["sync"]["rows"]
    flight = groups["async-50"]["rows"]
    best = "ours_aiohttp" if "ours_aiohttp" in flight else "ours"
    over = " with `aiohttp`" if best != "ours" else ""
    text = (
        "- **Measured** ([how](benchmarks/README.md)): CPU beside httpx by hand, for an account / "
        f"1 / 20 / 1,000 records: {_ratios(sync, 'ours')}; with `fast` "
        f"{_ratios(sync, 'ours_fast')}; 50 async{over} {_ratios(flight, best)}."
    )
    lines = textwrap.fill(text, 120, subsequent_indent="  ", break_on_hyphens=False)
    return f"{lines}\n  ![Ratios to httpx by hand, beside other clients](docs/benchmarks.svg)"


def tables(results: Mapping[str, Any]) -> str:
    """Return all tables, as a terminal shows them."""
    blocks = [line for group in results["groups"] for line in report.lines(group, results["exact"])]
    blocks += [line for growth in results["growth"] for line in report.growth_lines(growth)]
    return "\n".join(blocks).lstrip("\n") + "\n"


def _ratios(rows: Mapping[str, Any], module: str) -> str:
    return " / ".join(f"{ratio[0]:.2f}" for ratio in rows[module])
