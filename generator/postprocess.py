"""Changes to the output of openapi-python-client that no template can make.

Every change is asserted: a run fails if something expected is missing or left over.
"""

from __future__ import annotations

import ast
import io
import re
import shutil
import tokenize
from pathlib import Path

from generator.problems import GenerationError

STATIC = Path(__file__).parent / "static"

_FILE = re.compile(r"^# >>> (\S+)\n", re.MULTILINE)
_LEFTOVERS = (
    "AuthenticatedClient",
    "HTTPStatus(",
    "response.json(",
    # In the output of a template that lacks an escaping filter.
    "UntrustedString",
    "PythonCode",
)


def run(package: Path) -> None:
    """Turn a newly generated package into ours.

    Raises:
        GenerationError: It names the file and what was expected in it.
    """
    _split(package)
    _drop_authenticated_client(package / "client.py")
    for path in sorted(package.rglob("*.py")):
        _rewrite_floats(path)
    # Last: they need no changes, and replace the stock modules of the same names.
    for path in sorted(STATIC.glob("[!_]*.py")) + sorted(STATIC.glob("_[!_]*.py")):
        shutil.copyfile(path, package / path.name)
    (package / "py.typed").touch()
    _assert_nothing_left(package)


def _split(package: Path) -> None:
    """Move the parts that a template marked with `# >>> path` to files of their own."""
    moved = []
    for path in sorted((package / "api").rglob("__init__.py")):
        head, *parts = _FILE.split(path.read_text())
        path.write_text(head)
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            target = package / name
            target.parent.mkdir(exist_ok=True)
            target.write_text(text)
            moved.append(name)
    expected = 2 + 2 * len([path for path in (package / "api").iterdir() if path.is_dir()])
    if len([name for name in moved if name != "events.py"]) != expected:
        raise GenerationError(f"api: expected {expected} parts to move, found {moved}")


def _drop_authenticated_client(path: Path) -> None:
    """Remove the client with a bearer token: this API has none, and its repr would show it."""
    text = path.read_text()
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    if [node.name for node in classes] != ["Client", "AuthenticatedClient"]:
        raise GenerationError(f"{path.name}: expected the classes Client and AuthenticatedClient")
    end = classes[1].decorator_list[0].lineno - 1
    path.write_text("".join(text.splitlines(keepends=True)[:end]))


def _rewrite_floats(path: Path) -> None:
    """Write `Decimal` for the type `float`; texts and comments stay."""
    text = path.read_text()
    lines = text.splitlines(keepends=True)
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
        if token.type == tokenize.NAME and token.string == "float":
            (row, start), (_, end) = token.start, token.end
            line = lines[row - 1]
            lines[row - 1] = f"{line[:start]}Decimal{line[end:]}"
    changed = "".join(lines)
    if changed != text and "from decimal import Decimal" not in changed:
        raise GenerationError(f"{path.name}: has a number, but nothing imports Decimal")
    path.write_text(changed)


def _assert_nothing_left(package: Path) -> None:
    left = [
        f"{path.relative_to(package)}: {word}"
        for path in sorted(package.rglob("*.py"))
        for word in _LEFTOVERS
        if word in path.read_text()
    ]
    if left:
        raise GenerationError.listing("left over; has openapi-python-client changed?", left)
