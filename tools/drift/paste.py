"""Shows edits as text to paste into `openapi.yaml`, with the lines where it belongs.

All texts of one run can be pasted, from the last line to the first: what changes one line is shown
with all changes of the run to that line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tools.drift.apply import BEFORE, dumped
from tools.drift.samples import at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.drift.document import Document
    from tools.drift.edits import Step

_FLOW = re.compile(r"(?P<head>\s*(?:[\w-]+: )?)\[(?P<items>.*)\]\s*")


class Paster:
    """Knows all edits of a run, and the lines of the document."""

    def __init__(self, document: Document, steps: Iterable[Step]) -> None:
        self.document = document
        self.lines = document.spec.text.splitlines()
        self.changes: dict[str, list[Step]] = {}
        for step in steps:
            if step.action in {"add", "drop"}:
                self.changes.setdefault(step.pointer, []).append(step)

    def text(self, steps: Sequence[Step]) -> str | None:
        """Return the text of one edit; None where it has no steps."""
        return "\n".join(part for step in steps for part in self._step(step)) or None

    def _step(self, step: Step) -> list[str]:
        match step.action:
            case "set":
                return self._set(step)
            case "add" | "drop":
                return self._list(step)
            case "remove":
                return [f"# remove {self._block(self._line(f'{step.pointer}/{step.key}'))}"]
            case "rename":
                return self._rename(step)
        return self._append(step)

    def _append(self, step: Step) -> list[str]:
        line = self._line(f"{step.pointer}/{step.key}")
        text = at(self.document.spec.document, step.pointer)
        if not line or not isinstance(text, dict):
            return []
        if self._end(line) == line:
            margin = " " * self._indent(line)
            shown = dumped({step.key: f"{text[step.key]} {step.value}"})
            return [f"# in the place of line {line}:", *(margin + each for each in shown)]
        end = self._end(line)
        return [f"# below line {end}:", f"{' ' * self._indent(end)}{step.value}"]

    def _line(self, pointer: str) -> int:
        return self.document.spec.lines.get(pointer, 0)

    def _indent(self, line: int) -> int:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return len(text) - len(text.lstrip(" "))

    def _end(self, line: int) -> int:
        """Return the last line of the block that begins at a line."""
        depth, end = self._indent(line), line
        for number in range(line + 1, len(self.lines) + 1):
            text = self.lines[number - 1]
            if text.strip() and self._indent(number) <= depth:
                break
            if text.strip():
                end = number
        return end

    def _block(self, line: int) -> str:
        """Return what the lines of the block that begins at a line are called."""
        end = self._end(line)
        return f"line {line}" if end == line else f"lines {line} to {end}"

    def _below(self, pointer: str, content: Any) -> list[str]:  # noqa: ANN401 - any node
        """Show what comes last in a mapping."""
        line = self._line(pointer)
        if not line:
            outer, _, last = pointer.rpartition("/")
            key = last.replace("~1", "/").replace("~0", "~")
            return self._below(outer, {key: content}) if outer else dumped(content)
        margin = " " * (self._indent(line) + 2)
        head = f"# below line {self._end(line)}, in {_named(pointer)}:"
        return [head, *(margin + text for text in dumped(content))]

    def _set(self, step: Step) -> list[str]:
        line = self._line(f"{step.pointer}/{step.key}")
        if not line or line == self._line(step.pointer):
            return self._below(step.pointer, {step.key: step.value})
        margin = " " * self._indent(line)
        shown = (margin + text for text in dumped({step.key: step.value}))
        return [f"# in the place of {self._block(line)}:", *shown]

    def _list(self, step: Step) -> list[str]:
        line = self._line(step.pointer)
        items = at(self.document.spec.document, step.pointer)
        if not line or not isinstance(items, list):
            return self._new_list(step)
        found = list(items)
        for each in self.changes[step.pointer]:
            if each.action == "add" and each.key not in found:
                found.append(each.key)
            elif each.action == "drop" and each.key in found:
                found.remove(each.key)
        flow = _FLOW.fullmatch(self.lines[line - 1])
        if flow is not None:
            return [
                f"# in the place of line {line}:",
                f"{flow['head']}[{', '.join(map(str, found))}]",
            ]
        if step.action == "drop":
            return [f"# remove line {self._line(f'{step.pointer}/{items.index(step.key)}')}"]
        margin = " " * (self._indent(line) + 2)
        item = dumped([step.key]) if isinstance(step.key, dict) else [f"- {step.key}"]
        return [f"# below line {self._end(line)}:", *(margin + text for text in item)]

    def _new_list(self, step: Step) -> list[str]:
        outer, _, last = step.pointer.rpartition("/")
        items = [each.key for each in self.changes[step.pointer] if each.action == "add"]
        if not items:
            return []
        line = self._line(f"{outer}/{BEFORE.get(last)}")
        margin = " " * self._indent(line)
        return [f"# above line {line}:", *(margin + text for text in dumped({last: items}))]

    def _rename(self, step: Step) -> list[str]:
        _, old_path, old_verb = step.pointer.rsplit("/", 2)
        _, new_path, new_verb = step.key.rsplit("/", 2)
        line = self._line(f"/paths/{old_path}")
        others = at(self.document.spec.document, f"/paths/{old_path}")
        if old_verb == new_verb and len(others) == 1:
            path = new_path.replace("~1", "/")
            return [f"# in the place of line {line}:", f"{' ' * self._indent(line)}{path}:"]
        verb = self._line(step.pointer)
        margin = " " * self._indent(verb)
        if old_path == new_path:
            return [f"# in the place of line {verb}:", f"{margin}{new_verb}:"]
        end = self._end(verb)
        head = f"# in the place of line {verb}, with lines {verb + 1} to {end} below it,"
        path = f"  {new_path.replace('~1', '/')}:"
        return [f"{head} behind the path that they are in:", path, f"{margin}{new_verb}:"]


def _named(pointer: str) -> str:
    return pointer.removeprefix("/").replace("/", ".").replace("~1", "/")
