"""Works edits out as changes of the lines of `openapi.yaml`, to show them and to write them.

All changes of a run can be made, from the last line to the first: what changes one line is one
change for all edits of the run to that line.
"""

from __future__ import annotations

import io
import re
from copy import deepcopy
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from generator.lines import escaped
from tools.drift.samples import at
from tools.spec import ReadError, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from tools.drift.document import Document
    from tools.drift.edits import Step

_FLOW = re.compile(r"(?P<head>\s*(?:[\w-]+: )?)\[(?P<items>.*)\]\s*")
_BEFORE = {"required": "properties", "parameters": "requestBody"}
"""What a new list stands above."""


class Patch(NamedTuple):
    """Lines in the place of others; of none where `last` is the line before `first`."""

    first: int
    last: int
    head: str
    content: tuple[str, ...] = ()


class Patches:
    """The changes of the lines of the document by all edits of a run."""

    def __init__(self, document: Document, steps: Iterable[Step]) -> None:
        self.numbers = document.spec.lines
        self.lines = document.spec.text.splitlines()
        self.before = document.spec.document
        self.after = deepcopy(self.before)
        self.moves: dict[str, str] = {}
        different = {repr(step): step for step in steps}
        self.made = {name: step for name, step in different.items() if self._edit(step)}

    def text(self, steps: Sequence[Step]) -> str | None:
        """Return one edit as text to paste; None where it changes nothing."""
        patches = self._patches([step for step in steps if repr(step) in self.made])
        return "\n".join(line for each in patches for line in (each.head, *each.content)) or None

    def write(self, path: Path) -> int:
        """Write all edits into the document; return how many steps they took.

        Raises:
            ReadError: The document would not be readable afterwards; it is left as it was.
        """
        if not self.made:
            return 0
        lines: list[str] = []
        end = 0
        for patch in sorted(self._patches(self.made.values()), key=lambda each: each[:2]):
            # What is within lines that are replaced is not written.
            if patch.first > end:
                lines += [*self.lines[end : patch.first - 1], *patch.content]
                end = patch.last
        lines += self.lines[end:]
        text = "\n".join(lines) + "\n"
        try:
            read_text(text, path.name)
        except ReadError as error:
            raise ReadError(f"the edits were not written: {error}") from None
        path.write_text(text, "utf-8")
        return len(self.made)

    # In the tree.

    def _edit(self, step: Step) -> bool:
        """Make a step in the tree; return whether it changes something."""
        if step.action == "rename":
            return self._move(step)
        node = self._node(step)
        if step.action in {"add", "drop"}:
            return isinstance(node, list) and _change_list(node, step)
        return isinstance(node, dict) and _change_mapping(node, step)

    def _node(self, step: Step) -> Any:  # noqa: ANN401 - any node
        """Return the mapping or list of a step; it is made where another node can have it."""
        outer, _, last = step.pointer.rpartition("/")
        holder = at(self.after, outer)
        if step.action in {"set", "add"} and isinstance(holder, dict) and "$ref" not in holder:
            holder.setdefault(_unescaped(last), [] if step.action == "add" else {})
        return at(self.after, step.pointer)

    def _move(self, step: Step) -> bool:
        """Note another path or verb of an operation; return whether its lines can stay there."""
        old, new = (each.rpartition("/")[0] for each in (step.pointer, step.key))
        others = {
            key.rpartition("/")[0]
            for moved, key in self.moves.items()
            if moved.rpartition("/")[0] != old
        }
        is_taken = at(self.before, step.key) is not None or step.key in self.moves.values()
        if old != new:
            is_taken = is_taken or at(self.before, new) is not None or new in others
        if is_taken or step.pointer in self.moves or at(self.before, step.pointer) is None:
            return False
        self.moves[step.pointer] = step.key
        paths = [path for path, _ in groupby(self._paths(old))]
        if len(paths) > len(set(paths)):
            del self.moves[step.pointer]
            return False
        return True

    def _paths(self, old: str) -> list[str]:
        """Return the path that each operation of a path has now."""
        pointers = [f"{old}/{verb}" for verb in at(self.before, old)]
        return [self.moves.get(each, each).rpartition("/")[0] for each in pointers]

    # In the lines.

    def _patches(self, steps: Iterable[Step]) -> Iterable[Patch]:
        return dict.fromkeys(patch for step in steps for patch in self._patch(step))

    def _patch(self, step: Step) -> Iterator[Patch]:
        line = self._line(f"{step.pointer}/{escaped(str(step.key))}")
        match step.action:
            case "set":
                yield self._set(step.pointer, step.key)
            case "add" | "drop":
                yield self._list(step)
            case "remove":
                end = self._end(line)
                yield Patch(line, end, f"# remove {_called(line, end)}")
            case "rename":
                yield from self._rename(step)
            case "append" if self._end(line) == line:
                yield self._set(step.pointer, step.key)
            case "append":
                yield self._below(line, "", [step.value], self._indent(self._end(line)))

    def _line(self, pointer: str) -> int:
        return self.numbers.get(pointer, 0)

    def _indent(self, line: int) -> int:
        text = self.lines[line - 1]
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

    def _set(self, pointer: str, key: str) -> Patch:
        """Return the change by which a mapping has a key, or another value of it."""
        outer, _, last = pointer.rpartition("/")
        line, own = self._line(pointer), self._line(f"{pointer}/{escaped(key)}")
        above = self._line(f"{pointer}/{_BEFORE.get(key)}")
        content = _dumped({key: at(self.after, pointer)[key]})
        if pointer and (not line or self._end(line) == line):
            # It is new itself, or it stands in one line.
            return self._set(outer, _unescaped(last))
        if own:
            return self._instead(own, content)
        if above:
            return Patch(above, above - 1, f"# above line {above}:", self._moved(content, above))
        return self._below(line, f", in {_named(pointer)}", content, self._indent(line) + 2)

    def _instead(self, line: int, content: Sequence[str]) -> Patch:
        end = self._end(line)
        head = f"# in the place of {_called(line, end)}:"
        return Patch(line, end, head, self._moved(content, line))

    def _below(self, line: int, where: str, content: Sequence[str], indent: int) -> Patch:
        end = self._end(line)
        moved = tuple(" " * indent + text for text in content)
        return Patch(end + 1, end, f"# below line {end}{where}:", moved)

    def _moved(self, content: Sequence[str], line: int) -> tuple[str, ...]:
        return tuple(" " * self._indent(line) + text for text in content)

    def _list(self, step: Step) -> Patch:
        line = self._line(step.pointer)
        outer, _, last = step.pointer.rpartition("/")
        items = at(self.after, step.pointer)
        if not line or not items:
            return self._set(outer, last)
        if flow := _FLOW.fullmatch(self.lines[line - 1]):
            text = f"{flow['head']}[{', '.join(map(str, items))}]"
            return Patch(line, line, f"# in the place of line {line}:", (text,))
        if step.action == "drop":
            index = at(self.before, step.pointer).index(step.key)
            line = self._line(f"{step.pointer}/{index}")
            return Patch(line, line, f"# remove line {line}")
        item = _dumped([step.key]) if isinstance(step.key, dict) else [f"- {step.key}"]
        return self._below(line, "", item, self._indent(line) + 2)

    def _rename(self, step: Step) -> Iterator[Patch]:
        """Yield the changes by which an operation has another path, or another verb."""
        old, verb = step.pointer.rsplit("/", 1)
        verbs, paths = [*at(self.before, old)], [old, *self._paths(old)]
        end = verbs.index(verb) + 2
        start = paths.index(paths[end - 1], 1) - 1
        for index, each in [*enumerate(verbs)][start:end]:
            # A path is named where another one was before.
            if paths[index + 1] != paths[index]:
                line = self._line(f"{old}/{each}" if index else old)
                was, now = (_unescaped(path[len("/paths/") :]) for path in (old, paths[index + 1]))
                text = self.lines[self._line(old) - 1].replace(was, now, 1)
                where = "above" if index else "in the place of"
                yield Patch(line, line - bool(index), f"# {where} line {line}:", (text,))
        new_verb = step.key.rpartition("/")[2]
        if verb != new_verb:
            line = self._line(step.pointer)
            text = self.lines[line - 1].replace(verb, new_verb, 1)
            yield Patch(line, line, f"# in the place of line {line}:", (text,))


def _change_list(node: list[Any], step: Step) -> bool:
    """Add or drop an item of a list; return whether that changes something."""
    is_added = step.action == "add"
    if (step.key in node) == is_added:
        return False
    if is_added:
        node.append(step.key)
    else:
        node.remove(step.key)
    return True


def _change_mapping(node: dict[str, Any], step: Step) -> bool:
    """Make a step in a mapping; return whether that changes something."""
    key, before = step.key, dict(node)
    is_replaced = isinstance(step.value, dict) and key in node
    if step.action == "remove":
        node.pop(key, None)
    elif step.action == "append" and str(step.value) not in str(node.get(key, step.value)):
        node[key] = f"{node[key]} {step.value}"
    elif step.action == "set" and "$ref" not in node and not is_replaced:
        # Another mapping, which says more, is not replaced.
        node[key] = deepcopy(step.value)
    return node != before


def _dumped(value: Any) -> list[str]:  # noqa: ANN401 - any node
    """Return the lines of a node, as the document is written."""
    yaml, stream = YAML(), io.StringIO()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(_styled(value), stream)
    lines = stream.getvalue().rstrip("\n").splitlines()
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    return [line[margin:] for line in lines]


def _styled(value: Any) -> Any:  # noqa: ANN401 - any node
    """Return a value with lists of scalars in one line, as the document has them."""
    if isinstance(value, dict):
        return CommentedMap((key, _styled(inner)) for key, inner in value.items())
    if isinstance(value, list):
        found = CommentedSeq([_styled(inner) for inner in value])
        if not any(isinstance(inner, dict | list) for inner in value):
            found.fa.set_flow_style()
        return found
    return value


def _called(line: int, end: int) -> str:
    return f"line {line}" if end == line else f"lines {line} to {end}"


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def _named(pointer: str) -> str:
    return pointer.removeprefix("/").replace("/", ".").replace("~1", "/")
