"""What the generator builds upon: a change of it is noticed before anything is generated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator import upstream
from generator.problems import GenerationError
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterable


def record(path: Path, section: str, changes: dict[str, str], drop: Iterable[str] = ()) -> Path:
    known = json.loads(upstream.RECORD.read_text())
    known[section] |= changes
    for name in drop:
        del known[section][name]
    target = path / "upstream.json"
    target.write_text(json.dumps(known))
    return target


def test_what_is_installed_is_what_is_on_record() -> None:
    """The versions and every stock template that ours replace."""
    upstream.check()


def test_a_changed_stock_template_is_refused(tmp_path: Path) -> None:
    """The message names our copy and says what to do with it."""
    stale = record(tmp_path, "templates", {"model.py.jinja": "0" * 64})

    with pytest.raises(GenerationError) as caught:
        upstream.check(stale)

    assert "templates/model.py.jinja: the stock template is not the one" in str(caught.value)
    assert "carry over what matters" in str(caught.value)


def test_a_template_without_a_record_is_refused(tmp_path: Path) -> None:
    """A template of ours that replaces a stock one has to have its hash on record."""
    short = record(tmp_path, "templates", {}, drop=["str_enum.py.jinja"])

    with pytest.raises(GenerationError, match=r"templates/str_enum\.py\.jinja"):
        upstream.check(short)


def test_a_stock_template_that_is_gone_is_refused(tmp_path: Path) -> None:
    """A template that upstream dropped would no longer be used."""
    more = record(tmp_path, "templates", {"gone.py.jinja": "0" * 64})

    with pytest.raises(GenerationError, match=r"templates/gone\.py\.jinja"):
        upstream.check(more)


@rows("tool", ["openapi-python-client", "ruff", "no-such-tool"])
def test_another_version_of_a_tool_is_refused(tmp_path: Path, tool: str) -> None:
    """The message names the tool with both versions."""
    other = record(tmp_path, "tools", {tool: "0.0.1"})

    with pytest.raises(GenerationError, match=rf"{tool} .+ is installed, 0\.0\.1 is on record"):
        upstream.check(other)


def test_the_record_agrees_with_the_project() -> None:
    """The pins in pyproject.toml are the versions on record."""
    tools = json.loads(upstream.RECORD.read_text())["tools"]
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()

    for tool, version in tools.items():
        assert f'"{tool}=={version}"' in project
