"""Makes every kind of edit of openapi.yaml in a clone, and compares the results with a table.

    python -m tests.edits [--only NAME]… [--sample 5 --seed N] [--list]

Each edit is followed by `python -m tools.update`, as by a maintainer. The exit code is 1 when
a result differs from `kinds/*.yaml`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.clone import clone, run
from tests.edits.check import differences
from tests.edits.edit import Edit, edits

if TYPE_CHECKING:
    from collections.abc import Sequence


class Result(NamedTuple):
    """The result of an edit; `wrong` lists the differences from the table."""

    edit: Edit
    wrong: list[str]
    seconds: float

    @property
    def status(self) -> str:
        """The status in the summary."""
        if self.wrong:
            return "WRONG"
        return "rejected" if self.edit.rejection else "works"


def main() -> int:
    """Run the command and return its exit code."""
    options = _options()
    chosen = _chosen(edits(), options)
    if options.list:
        _print("\n".join(edit.name for edit in chosen))
        return 0
    if options.sample is not None:
        _print(f"The seed is {options.seed}. To repeat this run: --seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        cloned = clone(Path(folder) / "calypso-pay")
        results = [_result(cloned, edit, f"{n}/{len(chosen)}") for n, edit in enumerate(chosen, 1)]
    _print("")
    for result in results:
        _print(f"  {result.edit.name:<64} {result.status:<8} {result.seconds:5.0f} s")
    return 1 if any(result.wrong for result in results) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.edits", description=main.__doc__)
    add = parser.add_argument
    add("--only", action="append", default=[], metavar="NAME", help="those whose name has this")
    add("--sample", type=int, metavar="N", help="only so many of them, chosen by the seed")
    add("--seed", type=int, default=0, metavar="N", help="for --sample")
    add("--list", action="store_true", help="print the names of those that would run")
    return parser.parse_args()


def _chosen(known: Sequence[Edit], options: argparse.Namespace) -> list[Edit]:
    named = [
        each for each in known if not options.only or any(n in each.name for n in options.only)
    ]
    if not named:
        sys.exit(f"No edit is called {' or '.join(options.only)}; --list prints the names.")
    if options.sample is None or options.sample >= len(named):
        return named
    picked = random.Random(options.seed).sample(range(len(named)), options.sample)  # noqa: S311 - no secret
    return [named[index] for index in sorted(picked)]


def _result(cloned: Path, edit: Edit, count: str) -> Result:
    _print(f"{count}  {edit.name}…")
    began = time.monotonic()
    run(cloned, "git", "checkout", "--quiet", ".")
    run(cloned, "git", "clean", "--quiet", "--force", "-d")
    try:
        wrong = list(differences(edit, cloned))
    except (AssertionError, LookupError, ValueError) as error:
        wrong = [f"the edit could not be made: {error!r}"]
    for each in wrong:
        _print(textwrap.indent(each, " " * 6))
    return Result(edit, wrong, time.monotonic() - began)


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the output of a command


if __name__ == "__main__":
    sys.exit(main())
