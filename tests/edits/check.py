"""Carries an edit out in a clone, as a maintainer would, and says what differs from the table."""

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


def differences(edit: Edit, place: Path) -> Iterator[str]:
    """Make an edit in a clone that is as it was, and yield what does not come out as expected."""
    edit.apply(place)
    done = run(place, sys.executable, "-m", "tools.update", str(PAGE), check=False)
    said = done.stdout + done.stderr
    if "Traceback" in said:
        yield f"update: a traceback came:\n{_end(said)}"
    if edit.refused:
        yield from _refusal(edit, place, done.returncode, said)
        return
    yield from _left(edit, done.returncode, said)
    yield from _changes(edit, said)
    yield from _reference(edit, place)
    yield from _runs(edit, place)
    yield from _typed(edit, place)
    if edit.same and (changed := _changed(place, "generated")):
        yield f"generated: expected to stay as it was; changed are {changed}"


def _refusal(edit: Edit, place: Path, code: int, said: str) -> Iterator[str]:
    if code == 0 or _flat(edit.refused) not in _flat(said):
        yield f"update: expected the refusal {edit.refused!r}; exit code {code}, and:\n{_end(said)}"
    if changed := _changed(place, *GENERATED):
        yield f"generated: expected to stay as it was; changed are {changed}"


def _left(edit: Edit, code: int, said: str) -> Iterator[str]:
    failed = _FAILED.findall(said)
    if failed != list(edit.left) or (code != 0) != bool(edit.left):
        yield f"update: expected to fail {list(edit.left)}; exit code {code}, failed {failed}:"
        yield _end(said)
    for step, words in edit.left.items():
        if _flat(words) not in _flat(said):
            yield f"update: expected {step} to name {words!r}:\n{_end(said)}"


def _changes(edit: Edit, said: str) -> Iterator[str]:
    came = lines(said)
    for group in GROUPS:
        expected = [_flat(line) for line in edit.changes.get(group, ())]
        yield from (
            f"changes: expected {group}: {each}" for each in expected if each not in came[group]
        )
        yield from (
            f"changes: came {group}: {each}" for each in came[group] if each not in expected
        )


def lines(said: str) -> dict[str, list[str]]:
    """Return the changelog's lines that a command printed, by their headings."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    group = ""
    for line in said.splitlines():
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


def _reference(edit: Edit, place: Path) -> Iterator[str]:
    text = _flat((place / "docs" / "reference.md").read_text("utf-8"))
    yield from (f"reference: lacks {each}" for each in edit.reference if _flat(each) not in text)
    yield from (f"reference: still has {each}" for each in edit.gone if _flat(each) in text)


def _runs(edit: Edit, place: Path) -> Iterator[str]:
    given = {"client": edit.client, "mock": edit.mock}
    snippets = {name: text for name, text in given.items() if text}
    if snippets:
        asked = json.dumps({"snippets": snippets, "http": edit.http})
        done = run(place, sys.executable, "-m", "tests.edits.driver", check=False, stdin=asked)
        if done.returncode != 0:
            yield f"client or mock:\n{_end(done.stdout + done.stderr, 14)}"


def _typed(edit: Edit, place: Path) -> Iterator[str]:
    folder = place.parent / "typed"
    folder.mkdir(exist_ok=True)
    expected = {"accepted": ""} | {
        f"rejected_{code.replace('-', '_')}": code for code in edit.rejected
    }
    for name, body in zip(expected, (edit.accepted, *edit.rejected.values()), strict=True):
        text = "".join(f"    {line}\n" for line in (body or "pass").splitlines())
        (folder / f"{name}.py").write_text(_TYPES + text, "utf-8")
    files = [str(folder / f"{name}.py") for name in expected]
    options = ("--enable-error-code", "deprecated", "--no-error-summary")
    done = run(place, sys.executable, "-m", "mypy", "--strict", *options, *files, check=False)
    for name, code in expected.items():
        errors = [
            line for line in done.stdout.splitlines() if f"{name}.py" in line and ": error:" in line
        ]
        codes = {line.rpartition("[")[2].rstrip("]") for line in errors}
        if codes != ({code} if code else set()):
            yield f"types: expected {code or 'no error'} in {name}: {errors or done.stderr}"


def _changed(place: Path, *paths: str) -> list[str]:
    return run(place, "git", "status", "--short", "--", *paths).stdout.split("\n")[:-1]


def _flat(text: str) -> str:
    return " ".join(text.split())


def _end(text: str, shown: int = _SHOWN) -> str:
    return "\n".join(text.rstrip().splitlines()[-shown:])
