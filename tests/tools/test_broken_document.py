"""A document that can't be read: every command reports where and why, in the same sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from generator import extensions, generate
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
# Reading the whole document takes most of a second, five times a row.
SMALL = """\
openapi: 3.1.0
info:
  title: A small API
  version: "1"
tags:
  - name: accounts
paths:
  /api/v1/account:
    post:
      operationId: getAccount
      tags: [accounts]
      summary: Get the account
      x-method: get
      requestBody:
        content:
          application/json:
            schema: {$ref: "#/components/schemas/EmptyRequest"}
      responses:
        "200":
          description: The account.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Account"}
          links: &customer-links {}
        "400": {$ref: "#/components/responses/BadRequest"}
        "500":
          description: A failure.
          links: *customer-links
components:
  responses:
    BadRequest:
      description: An error.
  schemas:
    Account:
      type: object
      properties:
        name: {type: string}
    EmptyRequest:
      type: object
      required: [account, timestamp]
      properties:
        account: {type: string}
        timestamp: {type: integer}
"""
# Nine aliases of nine aliases, and so on: nine lines, and some hundred million values.
GROWING = "".join(
    f"x{at}: &x{at} [{', '.join([f'*x{at - 1}' if at else 'a'] * 9)}]\n" for at in range(9)
)
BROKEN: Mapping[str, tuple[str, str, str]] = {
    "is no YAML": ("info:\n", "info: {\n", "not YAML: did not find expected"),
    "has an alias without its anchor": ("*customer-links", "*no-links", "undefined alias"),
    "has no paths": ("\npaths:\n", "\nways:\n", "not an OpenAPI document: it has no paths"),
    "has paths without any": ("\npaths:\n", "\npaths:\nways:\n", "paths has to be an object"),
    "has a key twice": ("\ntags:\n", "\ntags:\ntags:\n", "the key 'tags' occurs twice here"),
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
        "an anchor contains itself",
    ),
    "has a list for a key": ("\npaths:\n", "\n? [a]\n: b\npaths:\n", "a key is not text here"),
    "has an object for a key": ("\npaths:\n", "\n? {a: b}\n: c\npaths:\n", "a key is not text"),
    "holds bytes": ("\npaths:\n", "\nx: !!binary aGk=\npaths:\n", "the tag !!binary is not supp"),
    "holds a set": ("\npaths:\n", "\nx: !!set {a}\npaths:\n", "the tag !!set is not supported"),
    "has a number that is none": ("\npaths:\n", "\nx: 010\npaths:\n", "010 is not a JSON number"),
    "has a number without bound": (
        "\npaths:\n",
        "\nx: 1.0e+999999999\npaths:\n",
        "1.0e+999999999 is out of range",
    ),
    "has a number of many digits": (
        "\npaths:\n",
        f"\nx: {'9' * 5000}\npaths:\n",
        "a number of 5000 digits is out of range",
    ),
    "grows without bound": ("\npaths:\n", f"\n{GROWING}paths:\n", "more than 1,000,000 values"),
    "nests without end": (
        "\npaths:\n",
        f"\nx: {'[' * 60_000}{']' * 60_000}\npaths:\n",
        "nests deeper than 200 levels",
    ),
    "has a number for a description": (
        "summary: Get the account",
        "summary: 7",
        "paths > /api/v1/account > post > summary has to be a text",
    ),
    "has an empty description": (
        "\n    Account:\n",
        "\n    Nothing: {description: null}\n    Account:\n",
        "components > schemas > Nothing > description has to be a text",
    ),
    "has null for a type": (
        "\n    Account:\n",
        "\n    Nothing: {type: [string, null]}\n    Account:\n",
        "Nothing > type has to be a text or a list of texts",
    ),
    "has a list for what a discriminator means": (
        "\n    Account:\n",
        "\n    One: {discriminator: {propertyName: a, mapping: [b]}}\n    Account:\n",
        "One > discriminator > mapping has to be an object",
    ),
    "has a list of odd descriptions": (
        "\n    Account:\n",
        "\n    Many: {type: array, items: {description: [a]}}\n    Account:\n",
        "components > schemas > Many > items > description has to be a text",
    ),
    "has a schema that is part of itself": (
        "\n    Account:\n",
        f"\n    Self: {{allOf: [{{{SELF.replace('Account', 'Self')}}}]}}\n    Account:\n",
        "Self: is a part of itself by allOf, oneOf or anyOf; take that reference out",
    ),
    "has a schema for a response": (
        '"400": {$ref: "#/components/responses/BadRequest"}',
        f'"400": {{{SELF}}}',
        "#/components/schemas/Account: this does not fit here; refer to something below #/com",
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


def output_of_all(place: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[bool, str]]:
    """Run every command that reads the document; return whether it failed, and its output."""
    document = ["--document", str(place)]
    commands = {
        "generate": lambda: generate.main([*document, "--check"]),
        "reference": lambda: reference([*document, "--check"]),
        "document": lint_document.main,
        "drift": lambda: drift([*document, "nothing.md"]),
        "changes": lambda: changes([], place.parent),
    }
    outputs = {}
    for name, command in commands.items():
        failed = command() != 0
        out, err = capsys.readouterr()
        outputs[name] = failed, f"{out}{err.removeprefix('changes: ')}"
    return outputs


@rows("old, new, why", BROKEN)
def test_every_tool_reports_a_broken_document_in_one_sentence(
    *,
    old: str,
    new: str,
    why: str,
    place: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert old in SMALL
    place.write_text(SMALL.replace(old, new, 1), "utf-8")

    ((failed, sentence),) = set(output_of_all(place, capsys).values())

    assert failed
    assert sentence.startswith("openapi.yaml")
    assert why in sentence
    assert sentence.count("\n") == 1


def test_the_line_of_an_error_is_named(place: Path) -> None:
    """As compilers name it, so that editors find it."""
    old, new, _ = BROKEN["has a reference that leads nowhere"]
    place.write_text(SMALL.replace(old, new, 1), "utf-8")
    lines = place.read_text("utf-8").splitlines()
    (at,) = [number for number, line in enumerate(lines, 1) if new in line]

    with pytest.raises(generate.GenerationError, match=rf"^openapi\.yaml:{at}: "):
        generate.doc.load(place)


def test_keys_are_text_as_written(place: Path) -> None:
    """`true` and `404` are names like others where they are keys."""
    place.write_text("paths: {}\nx-keys: {true: 1, null: 2, 404: 3, 0x1f: 4, 1.50: 5}\n", "utf-8")

    assert list(generate.doc.load(place)["x-keys"]) == ["true", "null", "404", "0x1f", "1.50"]


def test_a_document_that_is_missing_is_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place.unlink()

    outputs = output_of_all(place, capsys)

    for failed, sentence in outputs.values():
        assert failed, outputs
        assert "openapi.yaml" in sentence, outputs
        assert sentence.count("\n") == 1, outputs


def test_an_unexpected_error_is_one_sentence_too(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the place in the code, for want of one in the document."""
    # Of any fault that is known there is a sentence of its own, so one has to be made up.
    monkeypatch.setattr(extensions, "check", lambda document: document["nothing"])

    assert generate.main(["--document", str(place), "--check"]) == 1
    sentence = capsys.readouterr().err
    assert re.match(
        r"openapi\.yaml: something in it can't be read \(\w+: .+, in \w+\.py:\d+\)", sentence
    ), sentence
