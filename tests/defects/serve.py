"""Serve a mock with a defect, as ``calypso mock`` does: ``python -m tests.defects.serve NAME``.

What follows the name are the options of ``calypso mock``.
"""

from __future__ import annotations

import sys

from calypso_pay.cli import main
from tests.defects import registry


def serve(name: str, options: list[str]) -> None:
    """Plant a defect and become the command."""
    defects = registry.load()
    if name not in defects:
        sys.exit(f"There is no defect {name}; there are {', '.join(defects)}.")
    sys.argv = ["calypso", "mock", *options]
    with defects[name].planted():
        main()


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit("Name a defect: python -m tests.defects.serve NAME [options of calypso mock]")
    serve(sys.argv[1], sys.argv[2:])
