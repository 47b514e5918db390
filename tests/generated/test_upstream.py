"""A change of what the generator depends on is noticed before anything is generated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator import upstream
from generator.problems import GenerationError
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def record(
    path: Path, section: str, changes: Mapping[str, str | None], drop: Iterable[str] = ()
) -> Path:
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


def test_a_changed_stock_template_is_rejected(tmp_path: Path) -> None:
    """The message names our copy and states what to do with it."""
    stale = record(tmp_path, "templates", {"model.py.jinja": "0" * 64})

    with pytest.raises(GenerationError) as caught:
        upstream.check(stale)

    assert "templates/model.py.jinja: the stock template is not the one" in str(caught.value)
    assert "stock template of the version before, carry over what matters" in str(caught.value)


def test_a_template_without_a_record_is_rejected(tmp_path: Path) -> None:
    """A template of ours that replaces a stock one has to have its hash on record."""
    short = record(tmp_path, "templates", {}, drop=["str_enum.py.jinja"])

    with pytest.raises(GenerationError, match=r"templates/str_enum\.py\.jinja"):
        upstream.check(short)


def test_a_stock_template_that_is_gone_is_rejected(tmp_path: Path) -> None:
    """A template that upstream dropped would no longer be used, whatever is on record for it."""
    for digest in ("0" * 64, "nothing", None):
        more = record(tmp_path, "templates", {"gone.py.jinja": digest})

        with pytest.raises(GenerationError, match=r"templates/gone\.py\.jinja: there is no stock"):
            upstream.check(more)


@rows("tool", ["openapi-python-client", "ruff", "no-such-tool"])
def test_another_version_of_a_tool_is_rejected(tmp_path: Path, tool: str) -> None:
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


def test_what_the_parser_can_not_read_is_reported_in_a_few_lines() -> None:
    """Its own report shows objects of its own, and asks for a bug report."""
    report = """Generating /tmp/folder/stock

Warning(s) encountered while generating. Client was generated, but some pieces may be missing

WARNING parsing GET /api/v1/one within things.

Cannot parse response for status code <openapi_python_client.schema.untrusted_string.UntrustedString
object at 0x7f964881c5d0> (Could not find reference)

{
  "$ref": "#/components/schemas/One"
}

If you believe this was a mistake or this tool is missing a feature you need, please open an issue.
""".replace("UntrustedString\nobject", "UntrustedString object")

    headline, *rest = upstream.report(report).splitlines()

    assert "Describe that in another way" in headline
    assert rest == [
        "  GET /api/v1/one within things: Cannot parse response for status code (Could not find "
        "reference)"
    ]


def test_another_failure_of_the_parser_is_shown_as_it_is() -> None:
    assert upstream.report("openapi_python_client failed:\nNo space left") == (
        "openapi_python_client failed:\nNo space left"
    )
