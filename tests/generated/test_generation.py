"""Running the generator: the same bytes always, stale files noticed, failures harmless."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "generated" / "calypso_api"


class Place:
    """Where a run puts its output."""

    def __init__(self, room: Path) -> None:
        self.package = room / "calypso_api"
        self.json = room / "openapi.json"
        self.options = ["--output", self.package, "--json", self.json]

    def files(self) -> dict[str, bytes]:
        return contents(self.package) | {"json": self.json.read_bytes()}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def fresh(tmp_path: Path) -> Place:
    """A place that holds what is committed."""
    place = Place(tmp_path)
    shutil.copytree(COMMITTED, place.package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mock" / "calypso_mock" / "openapi.json", place.json)
    return place


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_two_runs_give_the_same_bytes(run: Run, tmp_path: Path, seed: str) -> None:
    """Whatever the hash seed, wherever it is run from, and without any tool on the PATH."""
    place = Place(tmp_path)
    environment = {"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": str(ROOT)}
    # A formatter's configuration in a parent folder of the output must not reach it.
    (tmp_path / "ruff.toml").write_text("line-length = 40\n")

    result = run("-m", "generator", *place.options, cwd=tmp_path, **environment)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    committed_json = (ROOT / "mock" / "calypso_mock" / "openapi.json").read_bytes()
    assert contents(COMMITTED) | {"json": committed_json} == place.files()


def test_what_is_committed_is_fresh(run: Run) -> None:
    """The package and the mock's copy are what the document gives."""
    result = run("-m", "generator", "--check")

    assert (result.returncode, result.stderr) == (0, "")


def test_every_kind_of_staleness_is_reported_and_nothing_changed(run: Run, fresh: Place) -> None:
    """An edited, an extra and a missing file are listed, and so is the mock's copy."""
    (fresh.package / "types.py").write_text("UNSET = None\n")
    (fresh.package / "models" / "extra.py").touch()
    (fresh.package / "py.typed").unlink()
    fresh.json.write_text("{}")
    before = fresh.files()

    result = run("-m", "generator", "--check", *fresh.options)

    assert result.returncode == 1
    headline, *listed = result.stderr.splitlines()
    assert headline == "generated/ is stale: run make generate"
    assert [line.strip() for line in listed] == [
        "calypso_api/models/extra.py",
        "calypso_api/py.typed",
        "calypso_api/types.py",
        f"{fresh.json.parent.name}/openapi.json",
    ]
    assert before == fresh.files()


def test_stale_files_are_gone_after_a_run(run: Run, fresh: Place) -> None:
    """The package is replaced as a whole, so nothing of an older document stays behind."""
    (fresh.package / "models" / "extra.py").touch()

    assert run("-m", "generator", *fresh.options).returncode == 0

    assert contents(COMMITTED) == contents(fresh.package)
    assert {"calypso_api", "openapi.json"} == {path.name for path in fresh.package.parent.iterdir()}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("paths:", "ways:", "not an OpenAPI document"),
        ("info:", "info: {", "not YAML"),
        ("tags:\n", "tags:\ntags:\n", "the key 'tags' stands here twice"),
        ("amount: 25.5", "amount: .nan", "is no JSON number"),
        ("x-method: create\n", "", "createCustomer: x-method is missing"),
        ('schemas/Account"', 'schemas/Nothing"', "#/components/schemas/Nothing: there is nothing"),
        ("  AccountId:\n      type: string", "  AccountId:\n      type: array", "failed:"),
    ],
)
def test_a_failed_run_says_why_and_leaves_all_as_it_was(
    run: Run, fresh: Place, old: str, new: str, said: str
) -> None:
    """Be it the document, the extensions or the generator that fails: no traceback, no damage."""
    text = (ROOT / "openapi.yaml").read_text()
    assert old in text
    document = fresh.package.parent / "broken.yaml"
    document.write_text(text.replace(old, new, 1))
    before = fresh.files()

    result = run("-m", "generator", "--document", document, *fresh.options)

    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert before == fresh.files()


def test_a_missing_document_is_named(run: Run, tmp_path: Path) -> None:
    """The message has the path and the system's reason."""
    result = run("-m", "generator", "--document", tmp_path / "nowhere.yaml")

    assert result.returncode == 1
    assert f"{tmp_path}/nowhere.yaml: No such file or directory" in result.stderr


def test_static_modules_are_copied_as_they_are() -> None:
    """They are formatted as the generated ones are, so what is read is what is shipped."""
    static = ROOT / "generator" / "static"

    for path in static.glob("*.py"):
        if path.name != "__init__.py":
            assert path.read_bytes() == (COMMITTED / path.name).read_bytes(), path.name


def test_importing_the_package_costs_little(run: Run) -> None:
    """Neither it nor its resources and operations import attrs, httpx or asyncio."""
    script = """
import sys
import calypso_api
from calypso_api import UNSET, Operation, RawResponse
from calypso_api.models import __all__
import calypso_api.operations.customers, calypso_api.resources.customers
from calypso_api.resources import Resources
Resources(None).customers
print(*sorted({"attr", "attrs", "httpx", "asyncio", "dataclasses"} & set(sys.modules)))
"""
    result = run("-c", script)

    assert (result.stdout.strip(), result.stderr) == ("", "")
