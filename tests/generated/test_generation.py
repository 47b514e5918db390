"""Running the generator: the same bytes always, stale files noticed, failures harmless."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator import generate
from tests.rows import rows

if TYPE_CHECKING:
    from conftest import Run

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "generated" / "calypso_api"
COMMITTED_JSON = ROOT / "mock" / "calypso_mock" / "openapi.json"


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


def present(room: Path) -> Place:
    """Return a place that holds what is committed."""
    place = Place(room)
    shutil.copytree(COMMITTED, place.package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COMMITTED_JSON, place.json)
    return place


@pytest.fixture
def fresh(tmp_path: Path) -> Place:
    return present(tmp_path)


@pytest.mark.parametrize(
    "seed", ["4242", *(pytest.param(each, marks=pytest.mark.slow) for each in ("0", "1"))]
)
def test_every_run_gives_the_same_bytes_and_leaves_nothing_else(
    run: Run, tmp_path: Path, fresh: Place, seed: str
) -> None:
    """Whatever the hash seed, wherever it is run from, and without any tool on the PATH.

    The package is replaced as a whole, so nothing of an older document stays behind.
    """
    (fresh.package / "models" / "extra.py").touch()
    (fresh.package / "types.py").write_text("UNSET = None\n")
    fresh.json.write_text("{}")
    environment = {"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": str(ROOT)}
    # A formatter's configuration around the output, or where the run starts, must not reach it.
    (tmp_path / "ruff.toml").write_text('line-length = 40\nformat.quote-style = "single"\n')

    result = run("-m", "generator", *fresh.options, cwd=tmp_path, **environment)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert contents(COMMITTED) | {"json": COMMITTED_JSON.read_bytes()} == fresh.files()
    assert {"calypso_api", "openapi.json", "ruff.toml"} == {
        path.name for path in tmp_path.iterdir()
    }


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let the generator make what is committed, as the test above sees it do, in no time."""
    made = present(tmp_path_factory.mktemp("made")).package
    monkeypatch.setattr(generate, "build", lambda document, room: made)


@pytest.mark.usefixtures("at_once")
def test_what_is_committed_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    """The package and the mock's copy are looked for where they are."""
    assert (generate.main(["--check"]), capsys.readouterr().err) == (0, "")


@pytest.mark.usefixtures("at_once")
def test_a_run_makes_the_folder_that_it_writes_into(tmp_path: Path) -> None:
    """Nothing need be there before."""
    place = Place(tmp_path / "new" / "folder")

    assert generate.main(list(map(str, place.options))) == 0

    assert contents(COMMITTED) | {"json": COMMITTED_JSON.read_bytes()} == place.files()


@pytest.mark.usefixtures("at_once")
def test_every_kind_of_staleness_is_reported_and_nothing_changed(
    fresh: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """An edited, an extra and a missing file are listed, and so is the mock's copy."""
    (fresh.package / "types.py").write_text("UNSET = None\n")
    (fresh.package / "models" / "extra.py").touch()
    (fresh.package / "py.typed").unlink()
    fresh.json.write_text("{}")
    before = fresh.files()

    assert generate.main(["--check", *map(str, fresh.options)]) == 1

    headline, *listed = capsys.readouterr().err.splitlines()
    assert headline == "generated/ is stale: run make generate"
    assert [line.strip() for line in listed] == [
        "calypso_api/models/extra.py",
        "calypso_api/py.typed",
        "calypso_api/types.py",
        f"{fresh.json.parent.name}/openapi.json",
    ]
    assert before == fresh.files()


@rows(
    "old, new, said",
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
    fresh: Place, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    """Be it the document, the extensions or the generator that fails: no traceback, no damage."""
    text = (ROOT / "openapi.yaml").read_text()
    assert old in text
    document = fresh.package.parent / "broken.yaml"
    document.write_text(text.replace(old, new, 1))
    before = fresh.files()

    code = generate.main(["--document", str(document), *map(str, fresh.options)])

    told = capsys.readouterr().err
    assert code == 1
    assert said in told
    assert "Traceback" not in told
    assert before == fresh.files()


def test_a_missing_document_is_named(run: Run, tmp_path: Path) -> None:
    """The message has the path and the system's reason."""
    result = run("-m", "generator", "--document", tmp_path / "nowhere.yaml")

    assert result.returncode == 1
    assert f"{tmp_path}/nowhere.yaml: No such file or directory" in result.stderr
    assert "Traceback" not in result.stderr


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
