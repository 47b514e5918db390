"""Where each node of a YAML text stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator


def lines_of(content: str | bytes) -> dict[str, int]:
    """Return the line, from 1, of every node by its JSON pointer.

    A value of a mapping stands where its key does. What an alias brings stands where the anchor is.
    """
    root = yaml.compose(content, Loader=yaml.CSafeLoader)
    return dict(_walk(root, "")) if root is not None else {}


def escaped(step: str) -> str:
    """Return a key as a step of a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1")


def _walk(node: yaml.Node, pointer: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = f"{pointer}/{escaped(str(key.value))}"
            yield place, key.start_mark.line + 1
            yield from _walk(value, place)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            place = f"{pointer}/{index}"
            yield place, value.start_mark.line + 1
            yield from _walk(value, place)
