"""Serve a mock with a defect, as ``calypso mock`` does: ``python -m tests.defects.serve NAME``.

The options of ``calypso mock`` follow the name.
"""

from __future__ import annotations

import sys

from calypso_pay.cli import main
from tests.defects import registry


def serve(name: str, options: list[str]) -> None:
    """Plant a defect in this process, then run ``calypso mock``."""
    defects = registry.load()
    if name not in defects:
        sys.exit(f"Unknown defect {name}. Known defects: {', '.join(defects)}.")
    sys.argv = ["calypso", "mock", *options]
    with defects[name].planted():
        main()


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit("Usage: python -m tests.defects.serve NAME [options of calypso mock]")
    serve(sys.argv[1], sys.argv[2:])
