"""Lines as text, Markdown or JSON."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from tools.changes.line import Difference
from tools.spec.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.changes.line import Line

GROUPS = ("Breaking", "Added", "Changed", "Editorial")
WIDTH = 120
"""As wide as CHANGELOG.md."""


def as_text(lines: Sequence[Line], between: str) -> str:
    """Return the lines under plain headings."""
    return _grouped(lines, between, "{}")


def as_markdown(lines: Sequence[Line], between: str) -> str:
    """Return the lines under headings of CHANGELOG.md's level."""
    return _grouped(lines, between, "### {}")


def as_json(lines: Sequence[Line], between: str) -> str:
    """Return a list with an object for each line."""
    del between
    rows = [
        {
            "severity": line.severity.value,
            "kind": line.kind.value,
            "text": line.text,
            "methods": list(line.methods),
            "pointer": line.pointer,
        }
        for line in lines
    ]
    return f"{json.dumps(rows, indent=2, ensure_ascii=False)}\n"


FORMATS: dict[str, Callable[[Sequence[Line], str], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}


def _grouped(lines: Sequence[Line], between: str, heading: str) -> str:
    if not lines:
        return f"No changes for users of the client from {between}.\n"
    rejections = [_bullet(line.text) for line in lines if not line.group]
    blocks = ["".join(rejections)] if rejections else []
    for group in GROUPS:
        bullets = [_bullet(line.text) for line in lines if line.group == group]
        if bullets:
            blocks.append(f"{heading.format(group)}\n\n{''.join(bullets)}")
    return "\n".join([*blocks, f"{_closing(lines, between)}\n"])


def _bullet(text: str) -> str:
    # A name in backticks stays whole, or a search would not find it.
    wrapped = textwrap.wrap(
        f"{text}.",
        WIDTH,
        initial_indent="- ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in wrapped)


def _closing(lines: Sequence[Line], between: str) -> str:
    counts = {group: sum(line.group == group for line in lines) for group in GROUPS}
    summary = ", ".join(f"{count} {group.lower()}" for group, count in counts.items())
    unread = sum(line.kind is Difference.UNEXPLAINED for line in lines)
    asked = f" Check by hand what no rule explains ({unread})." if unread else ""
    return f"From {between}: {summary}. {_due(lines)}{asked}"


def _due(lines: Sequence[Line]) -> str:
    if any(line.kind is Difference.NEW_REJECTED for line in lines):
        return "The next version is known once the generator accepts the document."
    severities = {line.severity for line in lines}
    if Severity.BREAKING in severities:
        return "A new minor version is due: before 1.0, breaking changes raise the minor version."
    if Severity.ADDITIVE in severities:
        return "A new minor version is due; existing code keeps working."
    return "A patch version is enough."
