"""Makes an edit in a clone, as a maintainer would, and reports what differs from the table."""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

from tests.clone import run
from tests.docs.vendor.corpus import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.edits.edit import Edit

PAGE = PAGES / "customer-purse-api.md"
GROUPS = ("Breaking", "Added", "Changed", "Editorial")
GENERATED = ("generated", "mock/calypso_mock/openapi.json")
_FAILED = re.compile(r"^  (\w+) +FAILED", re.MULTILINE)
_TYPES = "from __future__ import annotations\nfrom decimal import Decimal\nfrom uuid import UUID\n"
_TYPES += "from calypso_pay import Calypso, models, webhooks\ndef use(calypso: Calypso) -> None:\n"
_SHOWN = 40
"""So many last lines of a failing command are shown."""


def differences(edit: Edit, clone: Path) -> Iterator[str]:
    """Make an edit in an unchanged clone, and yield what differs from the table."""
    edit.apply(clone)
    done = run(clone, sys.executable, "-m", "tools.update", str(PAGE), check=False)
    output = done.stdout + done.stderr
    if "Traceback" in output:
        yield f"update: it printed a traceback:\n{_end(output)}"
    if edit.rejection:
        yield from _rejection(edit, clone, done.returncode, output)
        return
    yield from _left(edit, done.returncode, output)
    yield from _changes(edit, output)
    yield from _reference(edit, clone)
    yield from _runs(edit, clone)
    yield from _typed(edit, clone)
    if edit.same and (changed := _changed(clone, "generated")):
        yield f"generated: expected to stay as it was; changed are {changed}"


def _rejection(edit: Edit, clone: Path, code: int, output: str) -> Iterator[str]:
    if code == 0 or _flat(edit.rejection) not in _flat(output):
        yield f"update: expected {edit.rejection!r}; exit code {code}, and:\n{_end(output)}"
    if changed := _changed(clone, *GENERATED):
        yield f"generated: expected to stay as it was; changed are {changed}"


def _left(edit: Edit, code: int, output: str) -> Iterator[str]:
    failed = _FAILED.findall(output)
    if failed != list(edit.left) or (code != 0) != bool(edit.left):
        yield f"update: expected to fail {list(edit.left)}; exit code {code}, failed {failed}:"
        yield _end(output)
    for step, words in edit.left.items():
        if _flat(words) not in _flat(output):
            yield f"update: expected {step} to name {words!r}:\n{_end(output)}"


def _changes(edit: Edit, output: str) -> Iterator[str]:
    printed = lines(output)
    for group in GROUPS:
        expected = [_flat(line) for line in edit.changes.get(group, ())]
        yield from (
            f"changes: expected {group}: {each}" for each in expected if each not in printed[group]
        )
        yield from (
            f"changes: unexpected {group}: {each}"
            for each in printed[group]
            if each not in expected
        )


def lines(output: str) -> dict[str, list[str]]:
    """Return the changelog's lines that a command printed, by their headings."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    group = ""
    for line in output.splitlines():
        if line in GROUPS:
            group = line
        elif group and line.startswith("- "):
            found[group].append(line[2:])
        elif group and line.startswith("  ") and found[group]:
            found[group][-1] += line[1:]
        elif line:
            group = ""
    return defaultdict(
        list, {key: [each.removesuffix(".") for each in value] for key, value in found.items()}
    )


def _reference(edit: Edit, clone: Path) -> Iterator[str]:
    text = _flat((clone / "docs" / "reference.md").read_text("utf-8"))
    yield from (f"reference: lacks {each}" for each in edit.reference if _flat(each) not in text)
    yield from (f"reference: still has {each}" for each in edit.removed if _flat(each) in text)


def _runs(edit: Edit, clone: Path) -> Iterator[str]:
    given = {"client": edit.client, "mock": edit.mock}
    snippets = {name: text for name, text in given.items() if text}
    if snippets:
        asked = json.dumps({"snippets": snippets, "http": edit.http})
        done = run(clone, sys.executable, "-m", "tests.edits.driver", check=False, stdin=asked)
        if done.returncode != 0:
            yield f"client or mock:\n{_end(done.stdout + done.stderr, 14)}"


def _typed(edit: Edit, clone: Path) -> Iterator[str]:
    folder = clone.parent / "typed"
    folder.mkdir(exist_ok=True)
    expected = {"accepted": ""} | {
        f"rejected_{code.replace('-', '_')}": code for code in edit.rejected
    }
    for name, body in zip(expected, (edit.accepted, *edit.rejected.values()), strict=True):
        text = "".join(f"    {line}\n" for line in (body or "pass").splitlines())
        (folder / f"{name}.py").write_text(_TYPES + text, "utf-8")
    files = [str(folder / f"{name}.py") for name in expected]
    options = ("--enable-error-code", "deprecated", "--no-error-summary")
    done = run(clone, sys.executable, "-m", "mypy", "--strict", *options, *files, check=False)
    for name, code in expected.items():
        errors = [
            line for line in done.stdout.splitlines() if f"{name}.py" in line and ": error:" in line
        ]
        codes = {line.rpartition("[")[2].rstrip("]") for line in errors}
        if codes != ({code} if code else set()):
            yield f"types: expected {code or 'no error'} in {name}: {errors or done.stderr}"


def _changed(clone: Path, *paths: str) -> list[str]:
    return run(clone, "git", "status", "--short", "--", *paths).stdout.split("\n")[:-1]


def _flat(text: str) -> str:
    return " ".join(text.split())


def _end(text: str, shown: int = _SHOWN) -> str:
    return "\n".join(text.rstrip().splitlines()[-shown:])
