"""The table of edits fits the document; `make edits` makes them, which takes an hour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import extensions
from generator.problems import GenerationError
from tests.edits.check import GROUPS, lines
from tests.edits.edit import Edit, edits
from tests.rows import rows

DOCUMENT: Any = yaml.load(
    (Path(__file__).parents[2] / "openapi.yaml").read_text("utf-8"), yaml.CSafeLoader
)


@rows("edit", {edit.name: edit for edit in edits()})
def test_an_edit_can_be_made_and_is_rejected_where_the_table_expects_it(edit: Edit) -> None:
    document = edit.patched(DOCUMENT)

    assert set(edit.changes) <= set(GROUPS)
    if edit.rejection:
        with pytest.raises(GenerationError) as caught:
            extensions.check(document)
        assert edit.rejection in " ".join(str(caught.value).split())
    else:
        extensions.check(document)


def test_the_lines_of_a_changelog_are_read_as_they_were_printed() -> None:
    output = """
Added

- One line.
- Another one, which is
  wrapped.

From HEAD to the work tree: 0 breaking.
- No line of it.
"""

    assert lines(output) == {"Added": ["One line", "Another one, which is wrapped"]}
