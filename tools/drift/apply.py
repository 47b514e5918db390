"""Writes edits into `openapi.yaml`; comments and order stay."""

from __future__ import annotations

import io
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import FoldedScalarString

from tools.drift.samples import at
from tools.spec import ReadError, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tools.drift.edits import Step

BEFORE = {"required": "properties", "parameters": "requestBody"}
"""What a new list stands above."""


def _yaml() -> YAML:
    found = YAML()
    found.preserve_quotes = True
    found.width = 4096
    found.indent(mapping=2, sequence=4, offset=2)
    return found


def dumped(value: Any) -> list[str]:  # noqa: ANN401 - any node
    """Return the lines of a node, as the document is written."""
    stream = io.StringIO()
    _yaml().dump(styled(value), stream)
    lines = stream.getvalue().rstrip("\n").splitlines()
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    return [line[margin:] for line in lines]


def styled(value: Any) -> Any:  # noqa: ANN401 - any node
    """Return a value with lists of scalars in one line, as the document has them."""
    if isinstance(value, dict):
        return CommentedMap((key, styled(inner)) for key, inner in value.items())
    if isinstance(value, list):
        found = CommentedSeq([styled(inner) for inner in value])
        if not any(isinstance(inner, dict | list) for inner in value):
            found.fa.set_flow_style()
        return found
    return value


def apply(steps: Iterable[Step], path: Path) -> list[Step]:
    """Write edits into a document; comments and order stay. Return those that were made.

    Raises:
        ReadError: The document would not be readable afterwards; it is left as it was.
    """
    document = parse(path.read_text("utf-8"))
    made = edit(document, steps)
    if not made:
        return []
    stream = io.StringIO()
    _yaml().dump(document, stream)
    try:
        read_text(stream.getvalue(), path.name)
    except ReadError as error:
        raise ReadError(f"the edits were not written: {error}") from None
    path.write_text(stream.getvalue(), "utf-8")
    return made


def parse(text: str) -> Any:  # noqa: ANN401 - ruamel's nodes
    """Return a document with its comments."""
    return _yaml().load(text)


def edit(document: Any, steps: Iterable[Step]) -> list[Step]:  # noqa: ANN401 - ruamel's nodes
    """Make edits in a parsed document; return those that changed something."""
    # What is below a path is edited before the path is renamed.
    ordered = sorted(steps, key=lambda step: step.action == "rename")
    different = {repr(step): step for step in ordered}
    return [step for step in different.values() if _apply(document, step)]


def _apply(document: Any, step: Step) -> bool:  # noqa: ANN401 - ruamel's nodes
    node = at(document, step.pointer)
    match step.action:
        case "set":
            return _set(document, node, step)
        case "add":
            return _add(document, node, step)
        case "append":
            return _append(node, step)
        case "rename":
            return _rename(document, node, step)
    return _remove(node, step)


def _remove(node: Any, step: Step) -> bool:  # noqa: ANN401 - ruamel's nodes
    """Drop an item of a list, or remove a key of a mapping."""
    if not isinstance(node, list if step.action == "drop" else dict) or step.key not in node:
        return False
    if isinstance(node, list):
        node.remove(step.key)
    else:
        del node[step.key]
    return True


def _append(node: Any, step: Step) -> bool:  # noqa: ANN401 - ruamel's nodes
    text = node.get(step.key) if isinstance(node, dict) else None
    if not isinstance(text, str) or step.value in text:
        return False
    longer: Any = type(text)(f"{text} {step.value}")
    if isinstance(text, FoldedScalarString):
        # Where its lines are broken.
        longer.fold_pos = [*getattr(text, "fold_pos", ()), len(text)]
    node[step.key] = longer
    return True


def _set(document: Any, node: Any, step: Step) -> bool:  # noqa: ANN401 - ruamel's nodes
    if node is None:
        node = _new(document, step.pointer, CommentedMap())
    if not isinstance(node, dict) or node.get(step.key) == step.value or "$ref" in node:
        return False
    if isinstance(step.value, dict) and step.key in node:
        return False
    node[step.key] = styled(deepcopy(step.value))
    return True


def _add(document: Any, node: Any, step: Step) -> bool:  # noqa: ANN401 - ruamel's nodes
    if node is None:
        empty = CommentedSeq() if isinstance(step.key, dict) else styled([])
        node = _new(document, step.pointer, empty)
    if not isinstance(node, list) or step.key in node:
        return False
    node.append(styled(deepcopy(step.key)))
    return True


def _new(document: Any, pointer: str, node: Any) -> Any:  # noqa: ANN401 - ruamel's nodes
    """Put a node where there is none; return it, or None where there is no place for it."""
    outer, _, last = pointer.rpartition("/")
    holder = at(document, outer)
    if not isinstance(holder, CommentedMap) or "$ref" in holder:
        return None
    keys = list(holder)
    position = keys.index(BEFORE[last]) if BEFORE.get(last) in keys else len(keys)
    holder.insert(position, last.replace("~1", "/"), node)
    return node


def _rename(document: Any, node: Any, step: Step) -> bool:  # noqa: ANN401 - ruamel's nodes
    _, old_path, old_verb = step.pointer.rsplit("/", 2)
    _, new_path, new_verb = step.key.rsplit("/", 2)
    paths = document["paths"]
    old, new = (each.replace("~1", "/") for each in (old_path, new_path))
    if node is None or (new in paths and new_verb in paths[new]):
        return False
    item = paths[old]
    if new not in paths and len(item) == 1 and old_verb == new_verb:
        position = list(paths).index(old)
        comments = paths.ca.items.pop(old, None)
        paths.insert(position, new, paths.pop(old))
        if comments is not None:
            paths.ca.items[new] = comments
        return True
    position = list(item).index(old_verb)
    moved = item.pop(old_verb)
    if new == old:
        item.insert(position, new_verb, moved)
        return True
    if new not in paths:
        paths.insert(list(paths).index(old) + 1, new, CommentedMap())
    paths[new][new_verb] = moved
    if not item:
        del paths[old]
    return True
