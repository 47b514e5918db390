"""A document that can't be read: every command says where and why, in the same sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from generator import generate
from tests.rows import rows
from tools import lint_document
from tools.changes.__main__ import main as changes
from tools.drift.__main__ import main as drift
from tools.reference.__main__ import main as reference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.tools.conftest import Commit

SELF = '$ref: "#/components/schemas/Account"'
BROKEN: Mapping[str, tuple[str, str, str]] = {
    "is no YAML": ("info:\n", "info: {\n", "not YAML: did not find expected"),
    "has an alias without its anchor": ("*customer-links", "*no-links", "undefined alias"),
    "has no paths": ("\npaths:\n", "\nways:\n", "not an OpenAPI document: it has no paths"),
    "has paths without any": ("\npaths:\n", "\npaths:\nways:\n", "paths has to be an object"),
    "has a key twice": ("\ntags:\n", "\ntags:\ntags:\n", "the key 'tags' stands here twice"),
    "has a list for an object": (
        "\n    Account:\n",
        "\n    List: []\n    Account:\n",
        "components > schemas > List has to be an object",
    ),
    "has an object for a list": (
        "\n      required: [account, timestamp]\n",
        "\n      required: {account: true}\n",
        "components > schemas > EmptyRequest > required has to be a list",
    ),
    "has a number for a tag": (
        "tags: [accounts]",
        "tags: [7]",
        "paths > /api/v1/account > post > tags > 0 has to be a text",
    ),
    "has a reference that leads nowhere": (
        'schemas/Account"',
        'schemas/Nothing"',
        "#/components/schemas/Nothing: there is nothing at this reference",
    ),
    "has a reference to itself": (
        "\n    Account:\n",
        f"\n    Account:\n      {SELF}\n",
        "#/components/schemas/Account: this reference leads back to itself",
    ),
    "holds itself": (
        "\npaths:\n",
        "\npaths: &paths\n  /self: *paths\n",
        "an anchor stands within itself",
    ),
}


@pytest.fixture
def place(tmp_path: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the commands look for the document, which was a good one before."""
    commit("openapi: 3.1.0\npaths: {}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lint_document, "DOCUMENT", tmp_path / "openapi.yaml")
    monkeypatch.setattr(lint_document, "lint", list)
    return tmp_path / "openapi.yaml"


def said_by_all(place: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[bool, str]]:
    """Run every command that reads the document; return whether it failed, and what it said."""
    document = ["--document", str(place)]
    commands = {
        "generate": lambda: generate.main([*document, "--check"]),
        "reference": lambda: reference([*document, "--check"]),
        "document": lint_document.main,
        "drift": lambda: drift([*document, "nothing.md"]),
        "changes": lambda: changes([], place.parent),
    }
    said = {}
    for name, command in commands.items():
        failed = command() != 0
        out, err = capsys.readouterr()
        said[name] = failed, f"{out}{err.removeprefix('changes: ')}"
    return said


@rows("old, new, why", BROKEN)
def test_what_is_wrong_with_a_document_is_one_sentence_everywhere(  # noqa: PLR0913 - a row and its fixtures
    *,
    old: str,
    new: str,
    why: str,
    document_text: str,
    place: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert old in document_text
    place.write_text(document_text.replace(old, new, 1), "utf-8")

    ((failed, sentence),) = set(said_by_all(place, capsys).values())

    assert failed
    assert sentence.startswith("openapi.yaml")
    assert why in sentence
    assert sentence.count("\n") == 1


def test_the_line_of_what_is_wrong_is_named(document_text: str, place: Path) -> None:
    """As compilers name it, so that editors find it."""
    old, new, _ = BROKEN["has a reference that leads nowhere"]
    place.write_text(document_text.replace(old, new, 1), "utf-8")
    lines = place.read_text("utf-8").splitlines()
    (at,) = [number for number, line in enumerate(lines, 1) if new in line]

    with pytest.raises(generate.GenerationError, match=rf"^openapi\.yaml:{at}: "):
        generate.doc.load(place)


def test_a_document_that_is_missing_is_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place.unlink()

    said = said_by_all(place, capsys)

    for failed, sentence in said.values():
        assert failed, said
        assert "openapi.yaml" in sentence, said
        assert sentence.count("\n") == 1, said


def test_what_no_check_foresees_is_a_sentence_too(
    document_text: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the place in the code, for want of one in the document."""
    old = "values: [CONFIRMED, DECLINED]"
    assert old in document_text
    place.write_text(document_text.replace(old, "values: 5", 1), "utf-8")

    assert generate.main(["--document", str(place), "--check"]) == 1
    sentence = capsys.readouterr().err
    assert re.match(
        r"openapi\.yaml: something in it can't be read \(\w+: .+, in \w+\.py:\d+\)", sentence
    ), sentence
