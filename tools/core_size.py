"""Count the overlay's core, which is to stay small enough to be read in one sitting.

A line counts when it holds code. Blank lines, comments and docstrings do not: they are what makes
the core readable, and nobody should save on them.

    python -m tools.core_size
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

CORE = Path(__file__).resolve().parents[1] / "overlay" / "calypso_pay"
LIMIT = 1_200

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def main() -> int:
    """Print the size of each module of the core, and fail when all together are too large."""
    sizes = {path.name: lines_of_code(path.read_text("utf-8")) for path in CORE.glob("*.py")}
    total = sum(sizes.values())
    if total <= LIMIT:
        return 0
    rows = [f"{size:6} {name}\n" for name, size in sorted(sizes.items())]
    told = f"{total:6} lines of code, of {LIMIT}: move something into a room of its own.\n"
    sys.stderr.writelines([*rows, told])
    return 1


def lines_of_code(source: str) -> int:
    """Return how many lines of a module hold code."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {
        line
        for token in tokens
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(lines - docstring_lines(ast.parse(source)))


def docstring_lines(tree: ast.AST) -> set[int]:
    """Return the lines of docstrings, those under attributes included."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


if __name__ == "__main__":
    sys.exit(main())
