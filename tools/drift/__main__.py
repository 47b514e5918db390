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

from tools.drift import pages, report, run, site
from tools.drift.document import Document
from tools.drift.edits import steps_of
from tools.drift.memory import Memory
from tools.drift.patch import Patches
from tools.spec import ReadError, read
from tools.spec.read import DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_DRIFT, DRIFT, UNREAD, NO_DOCUMENT = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = options_of(argv)
    try:
        return _run(options)
    except ReadError as error:
        _say(str(error))
        return NO_DOCUMENT


def options_of(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of a command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.drift",
        description="Compare the vendor's documentation with openapi.yaml.",
        epilog="Exit codes: 0 no drift, 1 drift, 2 a page could not be read, "
        "3 openapi.yaml could not be read.",
    )
    add = parser.add_argument
    add("sources", nargs="*", type=Path, metavar="FILE", help="saved pages, or folders of them")
    add("--format", choices=("text", "json", "markdown"), default="text")
    add("--json", type=Path, metavar="FILE", help="write the outcome as JSON to a file, too")
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
    indexes: list[site.Index] = []
    if options.sources:
        outcome = run.examine(run.files(options.sources), document, memory)
    else:
        outcome, indexes = _from_web(document, memory)
    patches = _edit(outcome, document)
    _write(outcome, options.format)
    if options.json:
        options.json.write_text(f"{report.as_json(outcome, _now())}\n", "utf-8")
    if options.apply:
        made = patches.write(options.document)
        _say(f"Applied to {options.document.name}: {made} edits. Replace each <…> there.")
    if options.accept and memory is not None:
        _accept(outcome, indexes, memory)
    if not outcome.is_readable:
        return UNREAD
    return DRIFT if outcome.differences else NO_DRIFT


def _from_web(document: Document, memory: Memory | None) -> tuple[run.Outcome, list[site.Index]]:
    listed = pages.listed_addresses(pages.entries())
    _say(f"Reading {len(listed)} pages from the web…")
    with site.client() as http:
        sources, moved = site.read_pages(listed, http)
        hosts = sorted({address.partition("/")[0] for address in listed})
        indexes = [site.read_index(host, http) for host in hosts]
    outcome = run.examine(sources, document, memory)
    outcome.differences += moved
    told = {each.old for each in moved}
    for index in indexes:
        before = memory.index(index.host) if memory else None
        found = site.changes(index, listed, before)
        outcome.differences += [each for each in found if each.old not in told or not each.old]
        if index.addresses is None:
            name = f"https://{index.host}/llms.txt"
            problem = f"the site has no index that could be read ({index.problem})"
            outcome.statuses.append(run.Status(index.host, name, run.UNREAD, problem))
    return outcome, indexes


def _edit(outcome: run.Outcome, document: Document) -> Patches:
    """Give each difference its edit; return all edits."""
    found = [steps_of(each, document, outcome.documents) for each in outcome.differences]
    patches = Patches(document, (step for steps in found for step in steps))
    for each, steps in zip(outcome.differences, found, strict=True):
        each.edit = patches.text(steps)
    return patches


def _accept(outcome: run.Outcome, indexes: list[site.Index], memory: Memory) -> None:
    for page in outcome.read:
        memory.accept(page)
    for index in indexes:
        if index.addresses is not None:
            memory.accept_index(index.host, index.addresses)
    _say(f"Accepted: {len(outcome.read)} pages.")


def _write(outcome: run.Outcome, form: str) -> None:
    if form == "json":
        sys.stdout.write(f"{report.as_json(outcome, _now())}\n")
    elif form == "markdown":
        sys.stdout.write(f"{report.as_markdown(outcome)}\n")
    else:
        sys.stdout.write(f"{report.as_text(outcome)}\n")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _say(words: str) -> None:
    print(words, file=sys.stderr)  # noqa: T201 - neither progress nor errors are part of the report


if __name__ == "__main__":
    sys.exit(main())
