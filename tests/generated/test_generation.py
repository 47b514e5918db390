"""Running the generator: the same bytes always, stale files noticed, failures harmless."""

from __future__ import annotations

import errno
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from generator import generate, postprocess
from tests.rows import rows

if TYPE_CHECKING:
    from conftest import Run

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "generated" / "calypso_api"
COMMITTED_JSON = ROOT / "mock" / "calypso_mock" / "openapi.json"


class Output:
    """The paths that a run writes to."""

    def __init__(self, folder: Path) -> None:
        self.package = folder / "calypso_api"
        self.json = folder / "openapi.json"
        self.options = ["--output", self.package, "--json", self.json]

    def files(self) -> dict[str, bytes]:
        return contents(self.package) | {"json": self.json.read_bytes()}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def present(folder: Path) -> Output:
    """Return an output that has the committed files."""
    output = Output(folder)
    shutil.copytree(COMMITTED, output.package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COMMITTED_JSON, output.json)
    return output


@pytest.fixture
def fresh(tmp_path: Path) -> Output:
    return present(tmp_path)


@pytest.mark.parametrize(
    "seed", ["4242", *(pytest.param(each, marks=pytest.mark.slow) for each in ("0", "1"))]
)
def test_every_run_gives_the_same_bytes_and_leaves_nothing_else(
    run: Run, tmp_path: Path, fresh: Output, seed: str
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
    monkeypatch.setattr(generate, "build", lambda document, folder: made)


@pytest.mark.usefixtures("at_once")
def test_what_is_committed_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    """The defaults are the paths of the package and of the mock's copy."""
    assert (generate.main(["--check"]), capsys.readouterr().err) == (0, "")


@pytest.mark.usefixtures("at_once")
def test_a_run_makes_the_folder_that_it_writes_into(tmp_path: Path) -> None:
    """It need not exist before."""
    output = Output(tmp_path / "new" / "folder")

    assert generate.main(list(map(str, output.options))) == 0

    assert contents(COMMITTED) | {"json": COMMITTED_JSON.read_bytes()} == output.files()


@pytest.mark.usefixtures("at_once")
def test_every_kind_of_staleness_is_reported_and_nothing_changed(
    fresh: Output, capsys: pytest.CaptureFixture[str]
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
    "old, new, message",
    [
        ("paths:", "ways:", "not an OpenAPI document"),
        ("info:", "info: {", "not YAML"),
        ("tags:\n", "tags:\ntags:\n", "the key 'tags' occurs twice here"),
        ("amount: 25.5", "amount: .nan", "is not a JSON number"),
        ("x-method: create\n", "", "createCustomer: x-method is missing"),
        ('schemas/Account"', 'schemas/Nothing"', "#/components/schemas/Nothing: there is nothing"),
        ("  license:\n", "  license: 7\n  x-license:\n", "openapi_python_client failed:"),
        ("description: A deposit.\n", "description: A deposit.\n      xml: 7\n", "client failed:"),
    ],
)
def test_a_failed_run_states_why_and_changes_nothing(
    fresh: Output, capsys: pytest.CaptureFixture[str], old: str, new: str, message: str
) -> None:
    """Whether the document, the extensions or the generator fails: no traceback, no change."""
    text = (ROOT / "openapi.yaml").read_text()
    assert old in text
    document = fresh.package.parent / "broken.yaml"
    document.write_text(text.replace(old, new, 1))
    before = fresh.files()

    code = generate.main(["--document", str(document), *map(str, fresh.options)])

    output = capsys.readouterr().err
    assert code == 1
    assert message in output
    assert "Traceback" not in output
    assert before == fresh.files()


def test_generated_code_that_can_not_be_parsed_is_named(
    fresh: Output, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template whose output is not Python is reported with file and line of the output."""
    before = fresh.files()
    run = postprocess.run

    def run_and_break(package: Path) -> None:
        run(package)
        (package / "errors.py").write_text('x = "a"b"\n')

    monkeypatch.setattr(postprocess, "run", run_and_break)

    assert generate.main([*map(str, fresh.options)]) == 1
    assert "errors.py:1:" in capsys.readouterr().err
    assert before == fresh.files()


AS_IT_WAS = "generated/ is as it was"
FULL = OSError(errno.ENOSPC, "No space left on device")


def stale(output: Output) -> dict[str, bytes]:
    """Make the output differ from what will be generated; return it."""
    (output.package / "types.py").write_text("UNSET = None\n")
    output.json.write_text("{}")
    return output.files()


def ended(output: Output, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run the generator, see that it leaves nothing else; return its exit code and its message."""
    code = generate.main(list(map(str, output.options)))
    assert {path.name for path in output.json.parent.iterdir()} == {"calypso_api", "openapi.json"}
    return code, capsys.readouterr().err


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), FULL], ids=["interrupted", "full"])
def test_a_replacement_that_fails_leaves_both_the_package_and_the_json_copy_as_they_were(
    fresh: Output,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    failing: int,
    error: BaseException,
) -> None:
    """The old package is moved away, then the new one and the copy are moved in; each may fail."""
    before, calls, replace = stale(fresh), list[Path](), Path.replace

    def fail_once(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) == failing:
            raise error
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail_once)

    code, reason = (1, FULL.strerror) if error is FULL else (130, "Interrupted")
    assert ended(fresh, capsys) == (code, f"{reason}; {AS_IT_WAS}\n")
    assert fresh.files() == before


@pytest.mark.usefixtures("at_once")
def test_a_replacement_that_can_not_be_undone_is_not_called_harmless(
    fresh: Output, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, calls = Path.replace, list[Path]()

    def fail_from_the_second(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) > 1:
            raise OSError(errno.EROFS, "Read-only file system", str(path), None, str(target))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail_from_the_second)

    assert generate.main(list(map(str, fresh.options))) == 1
    assert capsys.readouterr().err.endswith(
        "/calypso_api: Read-only file system; generated/ is half-written: run make generate\n"
    )


@pytest.mark.usefixtures("at_once")
def test_an_interrupt_waits_for_the_end_of_a_replacement(
    fresh: Output, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message describes the final state of the output."""
    stale(fresh)
    before, replace = signal.signal(signal.SIGINT, signal.default_int_handler), Path.replace

    def interrupted(path: Path, target: Path) -> Path:
        signal.raise_signal(signal.SIGINT)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    try:
        assert ended(fresh, capsys) == (130, "Interrupted; generated/ is new\n")
    finally:
        signal.signal(signal.SIGINT, before)
    assert contents(COMMITTED) | {"json": COMMITTED_JSON.read_bytes()} == fresh.files()


@pytest.mark.usefixtures("at_once")
def test_a_disk_that_is_full_is_named_in_one_line_and_nothing_is_changed(
    fresh: Output, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both for the JSON copy and for the package, which raise different errors."""
    before = stale(fresh)

    def full(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    for holder, name, path in (
        (Path, "write_text", fresh.json),
        (shutil, "copyfile", fresh.package),
        (shutil, "copytree", fresh.package),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(holder, name, full)
            message = f"{path}: No space left on device; {AS_IT_WAS}\n"
            assert ended(fresh, capsys) == (1, message), name
    assert fresh.files() == before


@pytest.mark.usefixtures("at_once")
def test_a_target_that_can_not_be_written_is_named_in_one_line(
    fresh: Output, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own folder, not by that of the files that are made beside it."""
    before = stale(fresh)

    make = tempfile.mkdtemp

    def read_only(suffix: str | None, prefix: str | None, folder: Path | None = None) -> str:
        if folder is None:
            return make(suffix, prefix)
        raise OSError(errno.EROFS, "Read-only file system", f"{folder}/{prefix}123")

    monkeypatch.setattr(tempfile, "mkdtemp", read_only)
    assert generate.main(list(map(str, fresh.options))) == 1
    message = capsys.readouterr().err
    assert message == f"{fresh.package.parent}: Read-only file system; {AS_IT_WAS}\n"
    assert fresh.files() == before

    within_a_file = Output(fresh.json / "folder")
    assert generate.main(list(map(str, within_a_file.options))) == 1
    assert capsys.readouterr().err.endswith(f"folder: Not a directory; {AS_IT_WAS}\n")


def test_a_disk_that_gets_full_in_a_step_of_its_own_process_is_named_in_one_line(
    fresh: Output, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its traceback would not help."""
    traceback = "Traceback (most recent call last):\n  …\nOSError: [Errno 28] No space left{}\n"
    for named, path in ((": '/full/x.py'", "/full/x.py"), ("", None)):
        done = subprocess.CompletedProcess([], 1, "", traceback.format(named))
        with monkeypatch.context() as patch:
            patch.setattr(subprocess, "run", lambda *_, done=done, **__: done)
            code, message = ended(fresh, capsys)
        assert code == 1
        where, _, why = message.partition(": ")
        assert why == f"No space left; {AS_IT_WAS}\n"
        assert where == path or (path is None and Path(where).is_absolute())


def test_an_interrupt_ends_with_one_line_whenever_it_happens(
    run: Run, fresh: Output, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the package is made, and while the generator itself is imported."""
    before = stale(fresh)

    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(generate, "build", interrupted)

    assert ended(fresh, capsys) == (130, f"Interrupted; {AS_IT_WAS}\n")
    assert fresh.files() == before

    script = """
import runpy, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "generator.generate":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
runpy.run_module("generator", run_name="__main__")
"""
    result = run("-c", script)
    assert (result.returncode, result.stderr) == (130, f"Interrupted; {AS_IT_WAS}\n")


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
    """Neither it nor its resources and operations import attrs, httpx, asyncio or urllib."""
    script = """
import sys
import calypso_api
from calypso_api import UNSET, Operation, RawResponse
from calypso_api.models import __all__
import calypso_api.operations.customers, calypso_api.resources.customers
from calypso_api.resources import Resources
Resources(None).customers
print(*sorted({"attr", "attrs", "httpx", "asyncio", "dataclasses", "urllib"} & set(sys.modules)))
"""
    result = run("-c", script)

    assert (result.stdout.strip(), result.stderr) == ("", "")
