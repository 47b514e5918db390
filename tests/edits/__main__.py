"""Makes every kind of edit of openapi.yaml in a clone, and holds what comes of it against a table.

    python -m tests.edits [--only NAME]… [--sample 5 --seed N] [--list]

Each edit is followed by `python -m tools.update`, as by a maintainer. The exit code is 1 when
something came out in another way than `kinds/*.yaml` says.
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
    """What came of an edit; `wrong` is what differs from the table."""

    edit: Edit
    wrong: list[str]
    seconds: float

    @property
    def verdict(self) -> str:
        """What the table at the end says."""
        if self.wrong:
            return "WRONG"
        return "refused" if self.edit.refused else "works"


def main() -> int:
    """Run the command and return its exit code."""
    options = _options()
    chosen = _chosen(edits(), options)
    if options.list:
        _say("\n".join(edit.name for edit in chosen))
        return 0
    if options.sample is not None:
        _say(f"The seed is {options.seed}. To repeat this run: --seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        place = clone(Path(folder) / "calypso-pay")
        results = [_result(place, edit, f"{n}/{len(chosen)}") for n, edit in enumerate(chosen, 1)]
    _say("")
    for result in results:
        _say(f"  {result.edit.name:<64} {result.verdict:<8} {result.seconds:5.0f} s")
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


def _result(place: Path, edit: Edit, count: str) -> Result:
    _say(f"{count}  {edit.name}…")
    began = time.monotonic()
    run(place, "git", "checkout", "--quiet", ".")
    run(place, "git", "clean", "--quiet", "--force", "-d")
    try:
        wrong = list(differences(edit, place))
    except (AssertionError, LookupError, ValueError) as error:
        wrong = [f"the edit could not be made: {error!r}"]
    for each in wrong:
        _say(textwrap.indent(each, " " * 6))
    return Result(edit, wrong, time.monotonic() - began)


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - what a command has to say


if __name__ == "__main__":
    sys.exit(main())
