"""One kind of edit of openapi.yaml: the changes, and the expected results.

The table is `kinds/*.yaml`; `kinds/common.yaml` describes its keys.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = Path(__file__).with_name("kinds")
COMMON = "common.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """An entry of the table; the attributes are its keys."""

    name: str
    move: Mapping[str, str] = field(default_factory=dict)
    remove: Sequence[str] = ()
    set: Mapping[str, Any] = field(default_factory=dict)
    unlisted: Sequence[str] = ()
    client: str = ""
    mock: str = ""
    http: bool = False
    accepted: str = ""
    rejected: Mapping[str, str] = field(default_factory=dict)
    reference: Sequence[str] = ()
    removed: Sequence[str] = ()
    changes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    same: bool = False
    left: Mapping[str, str] = field(default_factory=dict)
    rejection: str = ""

    def patched(self, document: Any) -> Any:
        """Return an edited copy of a document."""
        # Through JSON, so that anchors do not share what is edited in one node.
        found = json.loads(json.dumps(document))
        for source, target in self.move.items():
            put(found, target, take(found, source))
        for pointer in self.remove:
            take(found, pointer)
        for pointer, value in self.set.items():
            put(found, pointer, value)
        return found

    def apply(self, clone: Path) -> None:
        """Make the edit in a clone."""
        path = clone / "openapi.yaml"
        document = self.patched(yaml.load(path.read_text("utf-8"), yaml.CSafeLoader))
        text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
        path.write_text(text, "utf-8")
        if self.unlisted:
            listed = clone / "tools" / "provenance-baseline.txt"
            left = [name for name in listed.read_text().split() if name not in self.unlisted]
            listed.write_text("".join(f"{name}\n" for name in left))


def edits() -> list[Edit]:
    """Return the table; anchors of its common part can be used in each file."""
    common = (KINDS / COMMON).read_text("utf-8")
    names = set(yaml.safe_load(common))
    found = []
    for path in sorted(KINDS.glob("*.yaml")):
        if path.name != COMMON:
            entries = yaml.safe_load(common + path.read_text("utf-8"))
            found += [Edit(name=name, **entries[name]) for name in entries if name not in names]
    return found


def put(document: Any, pointer: str, value: Any) -> None:
    """Set what is at a pointer; a last step of `-` appends to a list."""
    holder, step = _holder(document, pointer)
    if step == "-":
        holder.append(value)
    else:
        holder[step] = value


def take(document: Any, pointer: str) -> Any:
    """Remove and return what is at a pointer."""
    holder, step = _holder(document, pointer)
    return holder.pop(step)


def _holder(document: Any, pointer: str) -> tuple[Any, Any]:
    *steps, last = (step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
    node = document
    for step in steps:
        node = node[_key(node, step)]
    return node, _key(node, last)


def _key(node: Any, step: str) -> Any:
    """Return a step as a key; of a list it is a number, or `=value` for the item itself."""
    if not isinstance(node, list) or step == "-":
        return step
    return node.index(step[1:]) if step.startswith("=") else int(step)


class _Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out, as no edit has an anchor."""
        return True
