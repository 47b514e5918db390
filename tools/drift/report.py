"""Writes the outcome as text, as Markdown for a pull request, or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from tools.drift.differences import ADDITION, BREAKING, INFORMATION
from tools.drift.run import READ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.differences import Difference
    from tools.drift.run import Outcome

_EFFECTS = (BREAKING, ADDITION, INFORMATION)
_SHOWN = ("id", "page", "kind", "where", "old", "new", "effect", "text", "edit")


def as_json(outcome: Outcome, time: str) -> str:
    """Return the outcome as JSON."""
    content = {
        "time": time,
        "pages": [asdict(each) for each in outcome.statuses],
        "differences": [
            {name: getattr(each, name) for name in _SHOWN} for each in outcome.differences
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def as_text(outcome: Outcome) -> str:
    """Return the outcome for a terminal."""
    return "\n".join(_text(outcome))


def _text(outcome: Outcome) -> Iterator[str]:
    unread = [each for each in outcome.statuses if each.status != READ]
    if not outcome.differences:
        yield "No drift."
    else:
        counts = ((effect, _of(outcome, effect)) for effect in _EFFECTS)
        yield ", ".join(f"{effect}: {len(found)}" for effect, found in counts if found)
    for page in dict.fromkeys(each.page for each in outcome.differences):
        yield f"\n{page}"
        for effect in _EFFECTS:
            for each in _of(outcome, effect):
                if each.page == page:
                    yield from _difference(each)
    if unread:
        yield "\nNot read, or not to the end:"
        yield from (f"  {each.file}: {each.status}: {each.reason}" for each in unread)
    yield f"\nPages: {len(outcome.statuses)}"


def _difference(each: Difference) -> Iterator[str]:
    line = f", line {each.line}" if each.line else ""
    yield f"  {each.effect}  {each.kind}: {each.where}{line}"
    yield f"      {each.text} {each.meaning}"
    if each.edit:
        yield from (f"      | {line}" for line in each.edit.splitlines())


def as_markdown(outcome: Outcome) -> str:
    """Return the outcome for a pull request."""
    return "\n".join(_markdown(outcome))


def _markdown(outcome: Outcome) -> Iterator[str]:
    if not outcome.differences:
        yield "No drift."
    for effect in _EFFECTS:
        found = _of(outcome, effect)
        if found:
            yield f"\n## {effect.capitalize()}: {len(found)}\n"
        for each in found:
            yield f"- `{each.kind}` **{_escaped(each.where)}** ({each.page}): {_escaped(each.text)}"
            if each.edit:
                yield f"\n  ```yaml\n{_indented(each.edit)}\n  ```\n"
    unread = [each for each in outcome.statuses if each.status != READ]
    if unread:
        yield "\n## Pages that were not read, or not to the end\n"
        yield from (f"- {each.address}: {each.status}: {each.reason}" for each in unread)


def _of(outcome: Outcome, effect: str) -> list[Difference]:
    return [each for each in outcome.differences if each.effect == effect]


def _escaped(text: str) -> str:
    return "".join(f"\\{each}" if each in "\\`*_[]<>#|" else each for each in text)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
