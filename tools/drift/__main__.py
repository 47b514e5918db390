"""Compare the vendor's documentation with `openapi.yaml`.

    python -m tools.drift                        the pages of the vendor's site, from the web
    python -m tools.drift saved/ account-api.md  saved pages and folders of them

Exit codes: 0 no drift, 1 drift, 2 a page could not be read or is a wrong page, 3 `openapi.yaml`
could not be read.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tools.drift import report, run
from tools.drift.document import Document
from tools.drift.memory import Memory
from tools.spec import ReadError, read
from tools.spec.read import DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_DRIFT, DRIFT, UNREAD, NO_DOCUMENT = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _options(argv)
    try:
        return _run(options)
    except ReadError as error:
        _say(str(error))
        return NO_DOCUMENT


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
    add("--memory", type=Path, metavar="FOLDER", help="the texts that were accepted last")
    add("--accept", action="store_true", help="keep the texts of the pages in --memory")
    add("--apply", action="store_true", help="write the mechanical edits into openapi.yaml")
    add("--document", type=Path, default=DOCUMENT, help="the OpenAPI document")
    options = parser.parse_args(argv)
    if options.accept and options.memory is None:
        parser.error("--accept needs --memory FOLDER")
    return options


def _run(options: argparse.Namespace) -> int:
    document = Document(read(options.document))
    memory = Memory(options.memory) if options.memory else None
    outcome = run.examine(run.files(options.sources), document, memory)
    _write(outcome, options.format)
    if options.accept and memory is not None:
        for page in outcome.read:
            memory.accept(page)
        _say(f"Accepted: {len(outcome.read)} pages.")
    if not outcome.is_readable:
        return UNREAD
    return DRIFT if outcome.differences else NO_DRIFT


def _write(outcome: run.Outcome, form: str) -> None:
    if form == "json":
        time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        sys.stdout.write(f"{report.as_json(outcome, time)}\n")
    elif form == "markdown":
        sys.stdout.write(f"{report.as_markdown(outcome)}\n")
    else:
        sys.stdout.write(f"{report.as_text(outcome)}\n")


def _say(words: str) -> None:
    print(words, file=sys.stderr)  # noqa: T201 - neither progress nor errors are part of the report


if __name__ == "__main__":
    sys.exit(main())
