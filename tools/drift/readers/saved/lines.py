"""The lines of a page saved as text, with what their layout says."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_UNSEEN = {"\u00a0": " ", "\u200b": "", "\ufeff": "", "\r": ""}
_GLUED = re.compile(r"(\s*[}\])]+'?;?)([A-Z].*)")
_WIDEST_HEADING = 70


class Line(NamedTuple):
    """A line that is not blank.

    Attributes:
        number: Counted from 1 in the page.
        text: Without the space around it.
        indent: How many columns it is indented by.
        apart: A blank line, or something that was taken out, stands before it.
    """

    number: int
    text: str
    indent: int = 0
    apart: bool = False

    @property
    def raw(self) -> str:
        """Return it with its indentation."""
        return " " * self.indent + self.text


def lines_of(text: str) -> list[Line]:
    """Return the lines that are not blank.

    A browser glues what follows a sample to its last brace; such a line becomes two.
    """
    for unseen, seen in _UNSEEN.items():
        text = text.replace(unseen, seen)
    apart, lines = True, list[Line]()
    for number, raw in enumerate(text.split("\n"), 1):
        if not (stripped := raw.strip()):
            apart = True
            continue
        glued = _GLUED.fullmatch(raw) if stripped[0] in "}])" else None
        for each in glued.groups() if glued else (raw,):
            lines.append(_line(number, each, apart=apart))
            apart = glued is not None
        apart = False
    return lines


def _line(number: int, raw: str, *, apart: bool) -> Line:
    wide = raw.expandtabs(4) if raw[0] in " \t" else raw
    return Line(number, raw.strip(), len(wide) - len(wide.lstrip()), apart)


def joined(lines: Sequence[Line]) -> str:
    """Return lines as they stood, each run of blank lines as one."""
    return "\n".join(_with_blanks(lines))


def _with_blanks(lines: Sequence[Line]) -> Iterator[str]:
    for index, line in enumerate(lines):
        if line.apart and index:
            yield ""
        yield line.raw


def without(lines: Iterable[Line], dropped: set[int]) -> list[Line]:
    """Return the lines at other places than those; what follows a gap stands apart."""
    kept, gap = list[Line](), False
    for index, line in enumerate(lines):
        if index in dropped:
            gap = True
            continue
        kept.append(line._replace(apart=True) if gap else line)
        gap = False
    return kept


def alone(lines: Sequence[Line], index: int) -> bool:
    """Tell whether blank lines, or an end of the page, stand before and after a line."""
    after = index + 1 >= len(lines) or lines[index + 1].apart
    return after and (lines[index].apart or index == 0)


def like_heading(text: str) -> bool:
    """Tell whether a line could be a heading: short, with a capital, no sentence."""
    start, end = text[:1], text[-1:]
    return (
        len(text) <= _WIDEST_HEADING
        and (start.isupper() or start.isdigit())
        and (end.isalnum() or end in ")]\"'")
        and "\t" not in text
        and "://" not in text
        and any(letter.isalpha() for letter in text)
    )


def repeated(lines: Sequence[Line]) -> set[str]:
    """Return the texts that stand on more than one line."""
    ordered = sorted(line.text for line in lines)
    return {one for one, other in pairwise(ordered) if one == other}
