"""The command: its formats, its exit codes, and what it writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.drift import layouts
from tools.drift.__main__ import DRIFT, NO_DOCUMENT, NO_DRIFT, UNREAD, main

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {"id", "page", "kind", "where", "old", "new", "effect", "text", "edit"}
CHANGED = layouts.ERRORS.replace("| 011", "| 029       | Too much | |\n| 011")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "errors.md"
    path.write_text(layouts.ERRORS, "utf-8")
    return path


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main([*arguments, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_no_drift_exits_with_0(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(page)]) == NO_DRIFT
    assert "No drift." in capsys.readouterr().out


def test_json_has_each_difference_with_its_values(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page.write_text(CHANGED, "utf-8")
    code, content = as_json(capsys, str(page))
    assert code == DRIFT
    assert content["time"].endswith("Z")
    (read,) = content["pages"]
    assert set(read) == {"address", "file", "status", "reason"}
    assert (read["file"], read["status"]) == (str(page), "read")
    (difference,) = content["differences"]
    assert set(difference) == KEYS
    assert difference["page"] == read["address"]
    assert (difference["kind"], difference["where"]) == ("error-added", "029")
    assert (difference["old"], difference["effect"]) == (None, "addition")


def test_ids_stay_the_same_from_run_to_run(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page.write_text(CHANGED, "utf-8")
    first = as_json(capsys, str(page))[1]["differences"]
    page.write_text(f"{CHANGED}\n\nMore words.\n", "utf-8")
    again = as_json(capsys, str(page))[1]["differences"]
    assert [each["id"] for each in first] == [each["id"] for each in again]
    other = CHANGED.replace("| 029", "| 030")
    page.write_text(other, "utf-8")
    assert as_json(capsys, str(page))[1]["differences"][0]["id"] != first[0]["id"]


def test_pages_that_are_not_read_exit_with_2(
    tmp_path: Path, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page.write_text("# Page not found\n", "utf-8")
    code, content = as_json(capsys, str(page), str(tmp_path / "nothing.md"))
    assert code == UNREAD
    assert [each["status"] for each in content["pages"]] == ["wrong page", "unread"]


def test_a_document_that_is_not_read_exits_with_3(
    tmp_path: Path, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(page), "--document", str(tmp_path / "none.yaml")]) == NO_DOCUMENT
    assert "none.yaml" in capsys.readouterr().err


def test_what_is_accepted_is_not_reported_again(
    tmp_path: Path, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = ("--memory", str(tmp_path / "memory"))
    page.write_text(CHANGED, "utf-8")
    assert main([str(page), *memory, "--accept"]) == DRIFT
    assert "Accepted: 1 pages." in capsys.readouterr().err
    assert main([str(page), *memory]) == NO_DRIFT
    page.write_text(layouts.ERRORS, "utf-8")
    assert main([str(page), *memory]) == DRIFT
    assert "error-removed: 029" in capsys.readouterr().out


def test_accepting_needs_a_folder(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(page), "--accept"])
    assert "--memory" in capsys.readouterr().err


def test_folders_are_read_without_what_is_hidden(
    tmp_path: Path, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.md").write_text("# Page not found\n", "utf-8")
    (tmp_path / "note.pdf").write_bytes(b"%PDF")
    _, content = as_json(capsys, str(tmp_path), str(page))
    assert [each["file"] for each in content["pages"]] == [str(page)]


def test_applying_writes_into_the_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.drift.compared import document

    path = tmp_path / "openapi.yaml"
    path.write_text(document().spec.text, "utf-8")
    page = tmp_path / "types.txt"
    page.write_text(layouts.TYPES.replace("RECURRENT]", "RECURRENT, EXCHANGE]"), "utf-8")
    options = [str(page), "--document", str(path)]
    assert main([*options, "--apply"]) == DRIFT
    assert "1 edits" in capsys.readouterr().err
    assert "CUSTOMER_PURSE, EXCHANGE]" in path.read_text("utf-8")
    assert main(options) == NO_DRIFT


def test_markdown_shows_effects_and_edits(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page.write_text(layouts.ERRORS.replace('"errorCode": "000",', '"errorCode": "0", "hint": "x",'))
    main([str(page), "--format", "markdown"])
    output = capsys.readouterr().out
    assert "## Addition: 1" in output
    assert "```yaml" in output
