"""Entry point of `python -m tools.changes`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from generator.problems import UNFORESEEN, GenerationError
from tools.changes.compare import compare
from tools.changes.report import FORMATS
from tools.changes.revisions import DOCUMENT, WORK_TREE, RevisionError, Revisions

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
UNREADABLE = 2


def main(argv: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Print what users of the client notice between two revisions; return the exit status."""
    options = _parse(argv)
    try:
        sys.stdout.write(_report(Revisions(root), options.old, options.new, options.format))
    except (RevisionError, GenerationError) as error:
        sys.stderr.write(f"changes: {error}\n")
        return UNREADABLE
    return 0


def _report(revisions: Revisions, old: str | None, new: str | None, form: str) -> str:
    if old is not None and new is None and ".." in old:
        old, new = (each or "HEAD" for each in old.split("..", 1))
    before = old or revisions.last_release() or "HEAD"
    specs = revisions.spec(before), revisions.spec(new)
    try:
        lines = compare(*specs)
    except UNFORESEEN as error:
        raise GenerationError.unforeseen(error, DOCUMENT) from error
    return FORMATS[form](lines, f"{before} to {new or WORK_TREE}")


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.changes", description=main.__doc__)
    add = parser.add_argument
    add(
        "old", nargs="?", help="a git revision, or OLD..NEW; by default the last release, else HEAD"
    )
    add("new", nargs="?", help="a git revision; by default the work tree")
    add("--format", choices=FORMATS, default="text", help="how it is printed")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
