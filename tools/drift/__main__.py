"""Compare the vendor's documentation with `openapi.yaml`.

    python -m tools.drift                        the pages of tools/drift/pages.yaml, from the web
    python -m tools.drift saved/ account-api.md  saved pages and folders of them

Exit codes: 0 no drift, 1 drift, 2 a page could not be read, 3 `openapi.yaml` could not be read.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tools.drift import files, memory, pages
from tools.drift.compare import remembered
from tools.drift.report import as_json, markdown, text
from tools.drift.run import Outcome, examine, from_addresses, from_files
from tools.spec import ReadError, SpecIndex, read
from tools.spec.read import DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.drift.differences import Report
    from tools.drift.pages import Entry

NO_DRIFT, DRIFT, UNREAD, NO_DOCUMENT = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _options(argv)
    try:
        return _run(options)
    except ReadError as error:
        _say(str(error))
        return NO_DOCUMENT
    except (pages.PagesError, memory.SeenError) as error:
        _say(str(error))
        return UNREAD


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.drift",
        description="Compare the vendor's documentation with openapi.yaml.",
        epilog="Exit codes: 0 no drift, 1 drift, 2 a page could not be read, "
        "3 openapi.yaml could not be read.",
    )
    add = parser.add_argument
    add("sources", nargs="*", type=Path, metavar="FILE", help="saved pages, or folders of them")
    add("--format", choices=("text", "json", "markdown"), default="text")
    add("--only", action="append", metavar="NAME", help="a page of the list; may be repeated")
    add("--accept", action="store_true", help="remember what the pages show now as seen")
    add("--document", type=Path, default=DOCUMENT, help=argparse.SUPPRESS)
    add("--list", type=Path, default=pages.LIST, help="the list of pages")
    add("--seen", type=Path, default=memory.STORE, help="where what was seen is kept")
    return parser.parse_args(argv)


def _run(options: argparse.Namespace) -> int:
    spec = read(options.document)
    entries = _wanted(pages.load(options.list), options.only)
    seen = memory.load(options.seen)
    if options.sources:
        saved = files.read(options.sources, entries)
        gathered = from_files(saved.found)
        if saved.skipped:
            _say(f"Left out, being no {', '.join(files.SUFFIXES)}; other files: {saved.skipped}.")
    else:
        _say(f"Reading {len(entries)} pages from the web…")
        gathered = from_addresses(entries)
    outcome = examine(gathered, spec, seen, {entry.name for entry in entries})
    _write(outcome.report, spec, options.format, sys.stdout)
    if options.accept:
        _accept(outcome, spec, entries, options)
    return _exit_code(outcome.report)


def _wanted(entries: Sequence[Entry], names: Sequence[str] | None) -> list[Entry]:
    known = {entry.name for entry in entries}
    for name in names or ():
        if name not in known:
            raise pages.PagesError(
                f"{name}: no page of the list. It has {', '.join(sorted(known))}."
            )
    return [entry for entry in entries if not names or entry.name in names]


def _write(report: Report, spec: SpecIndex, form: str, stream: TextIO) -> None:
    if form == "json":
        stream.write(f"{as_json(report)}\n")
    elif form == "markdown":
        stream.write(f"{markdown(report)}\n")
    else:
        colour = stream.isatty() and not os.environ.get("NO_COLOR")
        lines = spec.text.splitlines()
        stream.write(f"{text(report, colour=colour, document=lines)}\n")


def _accept(
    outcome: Outcome, spec: SpecIndex, entries: Sequence[Entry], options: argparse.Namespace
) -> None:
    """Remember the pages of the list that were read to their ends."""
    listed = {entry.name for entry in entries}
    accepted = {
        reading.page.name: remembered(reading, spec)
        for reading in outcome.readings
        if reading.page.name in listed
    }
    today = datetime.now(UTC).date()
    prints = {name: (today, memory.fingerprint(seen)) for name, seen in accepted.items()}
    pages.record(prints, options.list)
    memory.save(options.seen, memory.load(options.seen) | accepted)
    _say(f"Accepted: {', '.join(sorted(accepted)) or 'nothing'}.")
    others = sorted({reading.page.name for reading in outcome.readings} - listed)
    if others:
        _say(f"Not in the list of pages, and so not remembered: {', '.join(others)}.")


def _exit_code(report: Report) -> int:
    if report.unread:
        return UNREAD
    return DRIFT if report.differences else NO_DRIFT


def _say(words: str) -> None:
    print(words, file=sys.stderr)  # noqa: T201 - neither progress nor errors are part of the report


if __name__ == "__main__":
    sys.exit(main())
