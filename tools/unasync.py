"""Write the synchronous twin of each asynchronous module of the overlay.

    python -m tools.unasync
    python -m tools.unasync --check

An `_async.py` in a subpackage of `calypso_pay` is the source of the `_sync.py` beside it. Words are
replaced in code, comments and docstrings alike, then ruff drops unused imports and formats.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from generator.document import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[1]
OVERLAY = ROOT / "overlay" / "calypso_pay"

_HEADER = "# Generated from _async.py by `make generate`: edit that file instead.\n"
_REPLACEMENTS = (
    (r"\b(?:async|await) ", ""),
    (r"\bAwaitable\[(\w+)\]", r"\1"),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"\b(_?)Async(?=[A-Z])", r"\1"),
    (r"\b(__)?a(iter|next)(?=\b|__)", r"\1\2"),
    (r"\baclosing\b", "closing"),
    (r"\basyncio\b", "time"),
)
_ASYNC = re.compile(r"\w*(?:async|await)\w*", re.IGNORECASE)


class UnasyncError(Exception):
    """A module cannot be derived."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = _parse(argv)
    stale: list[str] = []
    for source in sorted(options.folder.glob("*/_async.py")):
        target = source.with_name("_sync.py")
        try:
            text = derived(source.read_text("utf-8"))
        except UnasyncError as error:
            sys.stderr.write(f"{shown(source)}: {error}\n")
            return 1
        if target.is_file() and target.read_text("utf-8") == text:
            continue
        if options.check:
            stale.append(f"  {shown(target)}\n")
        else:
            target.write_text(text, "utf-8")
    if stale:
        sys.stderr.write(f"Synchronous modules are stale: run make generate\n{''.join(stale)}")
    return 1 if stale else 0


def derived(source: str) -> str:
    """Return the source of a module's synchronous twin.

    Raises:
        UnasyncError: The source has a word without a synchronous counterpart, or is not Python.
    """
    text = source
    for pattern, replacement in _REPLACEMENTS:
        text = re.sub(pattern, replacement, text)
    text = _ruff(text, "check", "--fix", "--select=F401,I")
    if left := _ASYNC.search(text):
        raise UnasyncError(
            f"no synchronous word is known for '{left[0]}': use another word, or add a "
            "replacement to tools/unasync.py"
        )
    return _ruff(_HEADER + text, "format")


def _ruff(text: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "ruff", *arguments, "--quiet", "--no-cache"]
    # The name is that of a file at the root, so that the project's configuration holds.
    done = subprocess.run(  # noqa: S603 - our own arguments
        [*command, "--stdin-filename=_sync.py", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        raise UnasyncError(f"ruff failed:\n{done.stderr.rstrip()}")
    return done.stdout


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.unasync", description=__doc__)
    add = parser.add_argument
    add("--folder", type=Path, default=OVERLAY, help="the package whose subpackages are read")
    add("--check", action="store_true", help="change nothing; fail when a module is stale")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
