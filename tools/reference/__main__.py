"""Write the generated pages of `docs/`, or check that they are up to date.

python -m tools.reference
python -m tools.reference --check
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from generator import extensions
from generator.document import shown
from generator.problems import UNFORESEEN, GenerationError
from tools.reference import calls, provenance
from tools.spec import ReadError, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.spec import SpecIndex

ROOT = Path(__file__).resolve().parents[2]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = _parse(argv)
    try:
        spec = read(options.document)
        extensions.check(dict(spec.document))
        pages = pages_of(spec)
    except (ReadError, GenerationError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except UNFORESEEN as error:
        sys.stderr.write(f"{GenerationError.unforeseen(error, shown(options.document))}\n")
        return 1
    if options.check:
        return _check(pages, options.output)
    options.output.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (options.output / name).write_bytes(text.encode())
    return 0


def pages_of(spec: SpecIndex) -> dict[str, str]:
    """Return the pages by the names of their files; the same document gives the same bytes."""
    return {"reference.md": calls.page(spec), "provenance.md": provenance.page(spec)}


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.reference", description=__doc__)
    add = parser.add_argument
    add("--document", type=Path, default=ROOT / "openapi.yaml", help="the OpenAPI document")
    add("--output", type=Path, default=ROOT / "docs", help="the folder of the pages")
    add("--check", action="store_true", help="change nothing; fail when a page is stale")
    return parser.parse_args(argv)


def _check(pages: Mapping[str, str], folder: Path) -> int:
    stale = [name for name, text in pages.items() if not _is_fresh(folder / name, text)]
    if stale:
        names = "".join(f"  {folder.name}/{name}\n" for name in stale)
        sys.stderr.write(f"{folder.name}/ is stale: run make generate\n{names}")
    return 1 if stale else 0


def _is_fresh(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


if __name__ == "__main__":
    sys.exit(main())
