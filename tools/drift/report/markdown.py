"""The report for the description of a pull request, as GitHub shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.report.excerpt import added
from tools.drift.report.summary import closing, counts, place
from tools.drift.report.tidy import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tools.drift.differences import Difference, Edit, Known, Report, Unread

_HEADER = ("Severity", "What", "For users", "Where to edit")
_OPENING = "([\"'“‘"  # noqa: RUF001 - quotes as they are written
_CLOSING = ")\"'”’.,;:!?…"  # noqa: RUF001 - likewise
# A word in letters, or a short number. GitHub would link seven letters from a to f as a commit.
_PLAIN = re.compile(r"(?!.*[0-9a-fA-F]{7})[^\W\d_]+(?:['’-][^\W\d_]+)*|\d{1,6}|[–—→]")  # noqa: RUF001 - likewise


def markdown(report: Report) -> str:
    """Write the report as GitHub's Markdown, without a last line feed.

    Words of pages stay words: none becomes a link, a mention, HTML or another column.
    """
    shown = tidy(report)
    return "\n\n".join(_parts(shown))


def _parts(report: Report) -> Iterator[str]:
    yield f"## Drift of the documentation: {counts(report)}"
    yield closing(report)
    if report.differences:
        yield _table(report.differences)
    edits = [_edit(each, edit) for each in report.differences for edit in each.edits]
    yield from _folded("Suggested edits", edits)
    yield from _folded("Known contradictions", [_known(each) for each in report.known])
    yield from _folded("Could not be read", [_unread(each) for each in report.unread])


def _table(differences: Iterable[Difference]) -> str:
    rows = [_HEADER, ("---",) * len(_HEADER), *map(_cells, differences)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(each: Difference) -> tuple[str, ...]:
    where = code(place(each.page, each.page_line))
    what = f"{each.kind}: {code(each.subject)}<br>{prose(each.what)} ({where})"
    line = "" if each.document_line is None else code(place("openapi.yaml", each.document_line))
    return (f"**{each.severity}**", what, prose(each.consequence), line)


def _edit(each: Difference, edit: Edit) -> str:
    lines = added(edit)
    verb = "Insert before" if edit.action != "replace" else "Replace" if lines else "Delete"
    title = f"{verb} `{place('openapi.yaml', edit.line)}`, for {code(each.subject)}:"
    return f"{title}\n\n{_fenced(lines)}" if lines else title


def _fenced(lines: Sequence[str]) -> str:
    fence = "`" * max(3, max(map(_longest_run, lines)) + 1)
    return "\n".join((f"{fence}yaml", *lines, fence))


def _known(each: Known) -> str:
    places = code(place(each.page, each.page_line))
    if each.document_line is not None:
        places += f", {code(place('openapi.yaml', each.document_line))}"
    return f"- {code(each.subject)} ({places}): {prose(each.what)}"


def _unread(each: Unread) -> str:
    return f"- {code(each.source)}: {prose(each.why)}"


def _folded(title: str, parts: Sequence[str]) -> Iterator[str]:
    if parts:
        yield f"<details>\n<summary>{title} ({len(parts)})</summary>"
        yield from parts
        yield "</details>"


def prose(text: str) -> str:
    """Write a sentence: plain words as they are, anything else as code, where nothing is markup."""
    return " ".join(map(_word, text.split()))


def _word(word: str) -> str:
    bare = word.lstrip(_OPENING)
    core = bare.rstrip(_CLOSING)
    if not core or _PLAIN.fullmatch(core):
        return word
    opening, closing_ = word[: len(word) - len(bare)], bare[len(core) :]
    return f"{opening}{code(core)}{closing_}"


def code(text: str) -> str:
    """Write a name as code.

    Pipes stand outside as entities: in code, they need an escape for a table that shows elsewhere.
    """
    return "&#124;".join(_span(part) for part in " ".join(text.split()).split("|"))


def _span(text: str) -> str:
    if not text:
        return ""
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if {text[0], text[-1]} & {"`", " "} and text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
