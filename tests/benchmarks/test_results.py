"""What is shown of the results is what was measured."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks import chart, guard, instructions, pages
from benchmarks.rounds import ROOT, interleave, ratios
from benchmarks.table import CASES
from tests.rows import rows

if TYPE_CHECKING:
    from pathlib import Path

RESULTS = json.loads(pages.RESULTS.read_text())


SHOWN = {str(path.relative_to(ROOT)): text for path, text in pages.pages(RESULTS)}


@rows("path, text", SHOWN.items())
def test_a_page_shows_the_results_of_the_last_whole_run(path: str, text: str) -> None:
    """`make bench` writes them; after an edit of the charts, `make bench ARGS=--pages`."""
    assert (ROOT / path).read_text() == text


def test_the_figures_of_readme_are_those_of_the_results() -> None:
    groups = {group["key"]: group for group in RESULTS["groups"]}

    assert pages.bullet(groups) in (ROOT / "README.md").read_text()
    assert pages.tables(RESULTS) in (ROOT / "benchmarks" / "README.md").read_text()


def test_tables_fit_into_100_columns() -> None:
    assert max(map(len, pages.tables(RESULTS).splitlines())) <= 100


def test_a_ratio_is_the_median_of_the_ratios_of_rounds_and_not_the_ratio_of_medians() -> None:
    """A slow second round slows all contenders, and changes no ratio."""
    rounds = [{"bare_httpx": [1.0], "ours": [2.0]}, {"bare_httpx": [9.0], "ours": [18.0]}]
    rounds += [{"bare_httpx": [1.0], "ours": [4.0]}]

    found = ratios(rounds)
    assert found["ours"][0].ratio == 2.0
    assert found["bare_httpx"][0].ratio == 1.0
    assert found["ours"][0].value == 4.0


def test_rounds_are_interleaved_and_each_begins_with_another_contender() -> None:
    order: list[str] = []

    def measure(module: str) -> list[float]:
        order.append(module)
        return [1.0]

    interleave(["a", "b", "c"], 2, measure)
    assert order == ["a", "b", "c", "b", "c", "a"]


def test_a_chart_has_a_bar_for_each_contender_and_case() -> None:
    (group, *_) = (group for group in RESULTS["groups"] if group["key"] == "sync")
    drawn = chart.bars([group], "note")

    assert drawn.count('<rect class="bar"') + drawn.count('<rect class="ours"') == len(
        group["rows"]
    ) * len(group["cases"])


def test_a_run_prints_a_table_and_writes_its_results(tmp_path: Path) -> None:
    """What the ratios are to is measured, too, without being named."""
    output = tmp_path / "results.json"
    command = (sys.executable, "-m", "benchmarks", "--size", "tiny", "--output", str(output))
    done = subprocess.run(
        [*command, "--only", "calls", "--contenders", "ours"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "calypso-pay" in done.stdout
    written = json.loads(output.read_text())
    assert set(written["groups"][0]["rows"]) == {"bare_httpx", "ours"}


@pytest.mark.slow
def test_a_call_takes_no_more_instructions_than_its_limit() -> None:
    """Counted by callgrind, beside httpx by hand, in the process."""
    limits = guard.limits()
    if not instructions.is_possible():
        pytest.skip(instructions.MISSING)
    if not limits:
        pytest.skip(f"no limits for Python {guard.PYTHON}: make bench ARGS=--calibrate")
    found = guard.measured(CASES)

    above = [
        f"{module}, {case}: {ratio:.3f}, and at most {limits[module][case]}"
        for module, ratios in found.items()
        for case, ratio in ratios.items()
        if ratio > limits[module][case]
    ]
    assert above == []
