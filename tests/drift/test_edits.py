"""Suggested edits hold when they are pasted, one by one and all at once, and when written."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.drift import layouts
from tests.drift.compared import found
from tests.rows import rows
from tools.drift.compare import compare
from tools.drift.document import Document, pointer_of
from tools.drift.edits import Step, steps_of
from tools.drift.facts import facts_of
from tools.drift.patch import Patches
from tools.drift.reading import read
from tools.spec import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from tools.drift.differences import Difference

REFERENCE = layouts.REFERENCE
HASH = '"transactionHash":{"type":"string","description":"Its hash"}'

CASES = layouts.table("edits.yaml")


@pytest.fixture
def path(ours: Document, tmp_path: Path) -> Path:
    path = tmp_path / "openapi.yaml"
    path.write_text(ours.spec.text, "utf-8")
    return path


def worked_out(
    differences: list[Difference], document: Document, sources: Any = ()
) -> tuple[Patches, list[str]]:
    """Return all edits for differences, and the text of each."""
    steps = [steps_of(each, document, dict(sources)) for each in differences]
    patches = Patches(document, [step for each in steps for step in each])
    return patches, [patches.text(each) or "" for each in steps]


_PART = re.compile(r"^# (.*)\n((?:(?!# ).*(?:\n|$))*)", re.MULTILINE)


def pasted(text: str, edits: list[str]) -> str:
    """Paste edits into a text as a person does, from the last line to the first."""
    lines = text.splitlines()
    parts: dict[tuple[int, int, str], list[str]] = {}
    for each in edits:
        for head, body in _PART.findall(f"{each}\n"):
            numbers = [int(number) for number in re.findall(r"\d+", head)]
            first, last = numbers[0], numbers[-1]
            action = head.split()[0]
            last = last if "lines" in head else first
            assert first > 0, head
            parts.setdefault((first, last, action), []).append(body.rstrip("\n"))
    for (first, last, action), bodies in sorted(parts.items(), reverse=True):
        content = [line for body in dict.fromkeys(bodies) for line in body.splitlines()]
        if action == "below":
            lines[first:first] = content
        elif action == "above":
            lines[first - 1 : first - 1] = content
        else:
            lines[first - 1 : last] = content
    return "\n".join(lines) + "\n"


def at(document: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/")
        try:
            document = document[int(key) if isinstance(document, list) else key]
        except (KeyError, IndexError):
            return None
    return document


@rows("case", CASES)
def test_an_edit_is_written_as_it_is_shown(case: Any, ours: Document, path: Path) -> None:
    page = layouts.PAGES[case["page"]]
    assert case["old"] in page
    differences = found(page.replace(case["old"], case["new"]))
    patches, texts = worked_out(differences, ours)
    patches.write(path)
    text = path.read_text("utf-8")
    assert at(yaml.load(text, yaml.CSafeLoader), case["at"]) == case["then"]
    assert pasted(ours.spec.text, texts) == text


def test_all_edits_of_a_run_hold_together(ours: Document, path: Path) -> None:
    differences: list[Difference] = []
    for case in CASES:
        if "rename" not in case:
            page = layouts.PAGES[case["page"]]
            differences += found(page.replace(case["old"], case["new"]))
    patches, texts = worked_out(differences, ours)
    patches.write(path)
    text = path.read_text("utf-8")
    assert '"null"' in text
    read_text(text)
    assert pasted(ours.spec.text, texts) == text


def test_written_edits_leave_every_other_line_as_it_is(ours: Document, path: Path) -> None:
    page = REFERENCE.replace(HASH, f'{HASH},"fee":{{"type":"number"}}')
    worked_out(found(page), ours)[0].write(path)
    before, after = ours.spec.text.splitlines(), path.read_text("utf-8").splitlines()
    changes = [each for each in difflib.ndiff(before, after) if each[0] in "-+"]
    assert {each[0] for each in changes} == {"+"}
    assert changes[0].strip("+ ") == "fee:"


def test_a_new_error_code_is_one_more_line_of_the_text_on_codes(ours: Document, path: Path) -> None:
    page = layouts.ERRORS.replace("| 011 ", "| 029       | Too much | |\n| 011 ")
    worked_out(found(page), ours)[0].write(path)
    before, after = ours.spec.text.splitlines(), path.read_text("utf-8").splitlines()
    (line,) = [each for each in after if each not in before]
    assert line.strip() == "029 <what it means, in your own words>."


def test_writing_twice_changes_nothing_more(ours: Document, path: Path) -> None:
    page = REFERENCE.replace('"DECLINED","CONFIRMED"', '"DECLINED","CONFIRMED","LOST"')
    differences = found(page)
    assert worked_out(differences, ours)[0].write(path) == 1
    text = path.read_text("utf-8")
    assert worked_out(differences, Document(read_text(text)))[0].write(path) == 0
    assert path.read_text("utf-8") == text


def test_a_new_operation_has_a_skeleton_of_the_pages_own_schemas(ours: Document) -> None:
    name = "POST /api/v1/customer-purse/transaction/cancel"
    block = json.loads(REFERENCE.split("```json\n")[1].split("\n```")[0])
    call = {**block["paths"].popitem()[1]["post"], "operationId": "cancelTransaction"}
    block["paths"] = {name.split()[1]: {"post": call}}
    page = re.sub(
        r"(?s)```json\n.*\n```", lambda _: f"```json\n{json.dumps(block)}\n```", REFERENCE
    )
    differences = [each for each in found(page) if each.kind == "operation-added"]
    _, (text,) = worked_out(differences, ours, {name: block})
    assert "transactionId" in text
    assert "operationId: cancelTransaction" in text
    assert "x-method: <name of the method>" in text
    assert "$ref: '#/components/responses/BadRequest'" in text
    assert "name: Key" not in text


WEBHOOK = "/api/v1/subscription/webhook"


@pytest.mark.parametrize(("moved", "left"), [("POST", "delete"), ("DELETE", "post")])
def test_one_of_two_operations_moves_to_a_path_of_its_own(
    moved: str, left: str, ours: Document, path: Path
) -> None:
    step = Step("rename", pointer_of(f"{moved} {WEBHOOK}"), pointer_of("PUT /api/v2/webhook"))
    patches = Patches(ours, [step])
    patches.write(path)
    text = path.read_text("utf-8")
    before, after = ours.spec.document["paths"], read_text(text).document["paths"]
    assert list(after[WEBHOOK]) == [left]
    assert after[WEBHOOK][left] == before[WEBHOOK][left]
    assert after["/api/v2/webhook"] == {"put": before[WEBHOOK][moved.lower()]}
    assert pasted(ours.spec.text, [patches.text([step]) or ""]) == text


def test_all_operations_of_a_path_move_together(ours: Document, path: Path) -> None:
    names = {f"{verb} {WEBHOOK}": f"{verb} /api/v2/webhook" for verb in ("POST", "DELETE")}
    steps = [Step("rename", pointer_of(old), pointer_of(new)) for old, new in names.items()]
    patches = Patches(ours, steps)
    patches.write(path)
    text = path.read_text("utf-8")
    before, after = ours.spec.document["paths"], read_text(text).document["paths"]
    assert after["/api/v2/webhook"] == before[WEBHOOK]
    assert WEBHOOK not in after
    assert pasted(ours.spec.text, [patches.text([each]) or "" for each in steps]) == text


def test_an_operation_does_not_take_the_place_of_another(ours: Document, path: Path) -> None:
    step = Step("rename", pointer_of(f"POST {WEBHOOK}"), pointer_of(f"DELETE {WEBHOOK}"))
    patches = Patches(ours, [step])
    assert patches.text([step]) is None
    assert patches.write(path) == 0


def test_two_headers_of_a_response_without_any_are_one_edit(ours: Document, path: Path) -> None:
    responses = f"{pointer_of('POST /api/v1/account')}/responses/200/headers"
    steps = [Step("set", responses, name, {"schema": {"type": "string"}}) for name in ("A", "B")]
    patches = Patches(ours, steps)
    assert patches.write(path) == 2
    text = path.read_text("utf-8")
    assert set(at(read_text(text).document, responses)) == {"A", "B"}
    assert pasted(ours.spec.text, [patches.text([each]) or "" for each in steps]) == text


HEAD = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\n"
CALL = "post: {operationId: getTransaction, responses: {'200': {description: x}}}"
ODD_DOCUMENTS = [
    f"{HEAD}paths: {{}}\n",
    f"{HEAD}paths:\n  /api/v1/customer-purse/transaction/get:\n    {CALL}\n",
    f"{HEAD}paths: {{}}\ncomponents: {{schemas: {{ErrorResponse: {{type: object}}}}}}\n",
]


@rows("text", ODD_DOCUMENTS)
def test_no_document_ends_in_a_traceback(text: str, tmp_path: Path) -> None:
    document = Document(read_text(text))
    path = tmp_path / "openapi.yaml"
    for name, page in layouts.PAGES.items():
        path.write_text(text, "utf-8")
        facts = facts_of(read(page, name, document), document)
        differences = compare(facts, document, None, is_whole=True)
        worked_out(differences, document, facts.documents)[0].write(path)
