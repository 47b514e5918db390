"""The modules of the mock: where they are, and what they import."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import calypso_mock

ROOT = Path(calypso_mock.__file__).parent
SUBPACKAGES = {"api", "state", "delivery", "simulation", "serving"}
# Beside the package itself, its pytest plugin and what every subpackage may import.
TOP_LEVEL = {"__init__", "_errors", "_extras", "_json", "_loopback", "_mock", "pytest_plugin"}
LONGEST_CHAIN = 7
LONGEST_MODULE = 450


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


MODULES = {_name(path): path for path in ROOT.rglob("*.py")}


def _imported(path: Path) -> set[str]:
    """Return the mock's modules that one imports, in functions and for types only included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names = {f"{node.module}.{each.name}" for each in node.names}
            found |= names & MODULES.keys() or {str(node.module)}
    return found & MODULES.keys()


IMPORTS = {name: _imported(path) for name, path in MODULES.items()}


def test_the_modules_are_in_subpackages() -> None:
    """Each subpackage has a docstring and imports nothing itself."""
    folders = {path.parent.name for path in MODULES.values() if path.parent != ROOT}

    assert folders == SUBPACKAGES
    assert {path.stem for path in ROOT.glob("*.py")} == TOP_LEVEL
    assert {name: IMPORTS[f"calypso_mock.{name}"] for name in SUBPACKAGES} == {
        name: set() for name in SUBPACKAGES
    }


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for types only count, which import-linter leaves out."""
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_no_chain_of_imports_is_long() -> None:
    """Who reads the module at one end need not know many others."""
    chains: dict[str, list[str]] = {}
    for name in TopologicalSorter(IMPORTS).static_order():
        rest = max((chains[each] for each in IMPORTS[name]), key=len, default=[])
        chains[name] = [name, *rest]
    longest = max(chains.values(), key=len)

    assert len(longest) <= LONGEST_CHAIN, " -> ".join(longest)


def test_no_module_is_long() -> None:
    lines = {
        name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()
    }

    assert {name: count for name, count in lines.items() if count > LONGEST_MODULE} == {}
