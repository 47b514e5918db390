"""The line of each node of a YAML text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator


def lines_of(content: str | bytes) -> dict[str, int]:
    """Return the line, from 1, of every node by its JSON pointer.

    A value of a mapping has the line of its key, and the target of an alias the line of its anchor.
    """
    root = yaml.compose(content, Loader=yaml.CSafeLoader)
    return dict(_walk(root, "")) if root is not None else {}


def escaped(step: str) -> str:
    """Return a key as a step of a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1")


def _walk(node: yaml.Node, pointer: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{pointer}/{escaped(str(key.value))}"
            yield inner, key.start_mark.line + 1
            yield from _walk(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            inner = f"{pointer}/{index}"
            yield inner, value.start_mark.line + 1
            yield from _walk(value, inner)
