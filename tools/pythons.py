"""Finds a Python of each version that the package supports.

    python -m tools.pythons

Prints a line for each version: its path, or `not found`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (\d+\.\d+)")


def versions(classifiers: Iterable[str]) -> list[str]:
    """Return the versions of Python in trove classifiers, such as `3.12`."""
    found = map(_CLASSIFIER.fullmatch, classifiers)
    return [match[1] for match in found if match]


VERSIONS = versions(tomllib.loads(_PROJECT.read_text("utf-8"))["project"]["classifiers"])
"""The versions that the package supports, by its classifiers."""


@cache
def find(version: str) -> str | None:
    """Return the path of a Python of this version that runs, or None.

    Tries the running Python, the PATH, pyenv's versions and those that uv finds. Nothing is
    downloaded.
    """
    return next((each for each in _candidates(version) if _output(each, _SHOW) == version), None)


def main() -> int:
    """Print where each version is; return the exit code."""
    for version in VERSIONS:
        sys.stdout.write(f"{version} {find(version) or 'not found'}\n")
    return 0


_SHOW = ("-c", "import sys; print('%d.%d' % sys.version_info[:2])")
_FIND = ("-m", "uv", "python", "find", "--offline", "--no-python-downloads", "--no-project")


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    yield from filter(None, [shutil.which(f"python{version}")])
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    yield from sorted(map(str, kept.glob(f"{version}.*/bin/python{version}")), reverse=True)
    yield from filter(None, [_output(sys.executable, (*_FIND, "--system", version))])


def _output(python: str, arguments: Iterable[str]) -> str:
    """Return the output of a Python; empty when it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [python, *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main())
