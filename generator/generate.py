"""The way from the document to the package, step by step."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from generator import document as doc
from generator import extensions, facts, postprocess, prepare, upstream
from generator.problems import UNFORESEEN, GenerationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]

# Isolated: no configuration of this or a parent folder may shape the result. Not quiet, or `ruff
# format` would not even name what it can't parse. Its output is shown only when it fails.
_RUFF = ("--isolated", "--no-cache", "--target-version=py311")
_CHECK = ("--fix-only", "--select=F401,I", "--config=lint.isort.split-on-trailing-comma=false")
_FORMAT = (
    "--line-length=100",
    "--config=format.skip-magic-trailing-comma=true",
    "--config=lint.isort.split-on-trailing-comma=false",
)
# How a step in a process of its own says that the system rejected a read or a write.
_OS_ERROR = re.compile(r"^\w+(?:\.\w+)*: \[Errno \d+\] (?P<why>[^:]+)(?:: '(?P<path>[^']+)')?")

_INTERRUPTED = 130


class _Progress:
    """What is true of the output at any moment, for the line that ends a run early."""

    output = "as it was"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    It is 0, 1 after an error, or 130 after Ctrl-C; both say in one line whether the output changed.
    """
    options = _parse(argv)
    progress = _Progress()
    try:
        _run_with(options, progress)
    except GenerationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{_path_and_reason(error)}; generated/ is {progress.output}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(f"Interrupted; generated/ is {progress.output}\n")
        return _INTERRUPTED
    return 0


def _run_with(options: argparse.Namespace, progress: _Progress) -> None:
    upstream.check()
    document = doc.load(options.document)
    with TemporaryDirectory(ignore_cleanup_errors=True) as room:
        try:
            extensions.check(document)
            with _naming(Path(room)):
                package = build(document, Path(room))
        except UNFORESEEN as error:
            raise GenerationError.unforeseen(error, doc.shown(options.document)) from error
        as_json = f"{doc.to_json(prepare.published(document))}\n"
        if options.check:
            _assert_fresh(package, options.output, as_json, options.json)
        else:
            _replace(package, options.output, as_json, options.json, progress)


def build(document: doc.Node, room: Path) -> Path:
    """Generate the package of a checked document within an empty folder; return its path."""
    named = prepare.named(document)
    source, templates, package = room / "openapi.json", room / "templates", room / "package"
    source.write_text(json.dumps(prepare.simplified(named), default=float))
    shutil.copytree(upstream.TEMPLATES, templates)
    (templates / "document.jinja").write_text(facts.template(named))
    try:
        _generate(source, package, f"--custom-template-path={templates}")
    except GenerationError:
        # The parser reports at the end what it had to leave out, and our templates may fail for
        # want of just that before. The stock ones get to the report.
        _generate(source, room / "stock")
        raise
    postprocess.run(package)
    _run("ruff", "check", *_RUFF, *_CHECK, str(package))
    _run("ruff", "format", *_RUFF, *_FORMAT, str(package))
    return package


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m generator", description=__doc__)
    add = parser.add_argument
    add("--document", type=Path, default=ROOT / "openapi.yaml", help="the OpenAPI document")
    add("--output", type=Path, default=ROOT / "generated/calypso_api", help="the package")
    add("--json", type=Path, default=ROOT / "mock/calypso_mock/openapi.json", help="its JSON copy")
    add("--check", action="store_true", help="change nothing; fail when something is stale")
    return parser.parse_args(argv)


def _generate(source: Path, output: Path, *options: str) -> None:
    command = ("generate", "--meta=none", "--fail-on-warning", *options)
    config = f"--config={ROOT / 'generator-config.yml'}"
    try:
        _run(
            "openapi_python_client", *command, f"--path={source}", config, f"--output-path={output}"
        )
    except GenerationError as error:
        raise GenerationError(upstream.report(str(error))) from None


def _run(module: str, *arguments: str) -> None:
    result = subprocess.run(  # noqa: S603 - our own arguments
        # Of this very environment: nothing is looked up on the PATH.
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=False,
        # Else error messages come in colours and frames.
        env=os.environ | {"NO_COLOR": "1", "TERM": "dumb", "TYPER_STANDARD_TRACEBACK": "1"},
    )
    if result.returncode:
        said = f"{result.stdout}{result.stderr}".rstrip()
        found = _OS_ERROR.match(said.splitlines()[-1]) if said else None
        if found:
            raise OSError(0, found["why"], found["path"])
        raise GenerationError(f"{module} failed:\n{said}")


def _replace(
    package: Path, output: Path, as_json: str, json_path: Path, progress: _Progress
) -> None:
    """Put the new package and its JSON copy in the place of the old ones, both or neither.

    Whatever takes time or room on the disk is done beside them first, so that renames remain.
    """
    with _room_beside(output) as room, _room_beside(json_path) as json_room:
        with _naming(output):
            shutil.copytree(package, room / "fresh")
        with _naming(json_path):
            (json_room / "fresh").write_text(as_json)
        renames = [(room / "fresh", output), (json_room / "fresh", json_path)]
        if output.exists():
            # A folder is renamed only to where there is none.
            renames.insert(0, (output, room / "old"))
        with _uninterrupted():
            _rename_all(renames, progress)


def _rename_all(renames: Sequence[tuple[Path, Path]], progress: _Progress) -> None:
    """Rename each path to its new one; if one fails, take those before it back."""
    done: list[tuple[Path, Path]] = []
    try:
        for path, target in renames:
            path.replace(target)
            done.append((path, target))
    except BaseException:
        progress.output = "half-written: run make generate"
        for path, target in reversed(done):
            target.replace(path)
        progress.output = "as it was"
        raise
    progress.output = "new"


@contextmanager
def _room_beside(target: Path) -> Iterator[Path]:
    """Make an empty folder on the file system of a target, until the end of the block."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _naming(target.parent, of_all=True):
        # What can't be cleaned up is no reason to call a run that has worked a failure.
        room = TemporaryDirectory(
            dir=target.parent, prefix=f".{target.name}-", ignore_cleanup_errors=True
        )
    with room as path:
        yield Path(path)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait until the end of the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _naming(path: Path, *, of_all: bool = False) -> Iterator[None]:
    """Name a path in the errors of the system that name none, such as that of a full disk."""
    try:
        yield
    except shutil.Error as error:
        # It lists what could not be copied, each with its error as text.
        *_, why = error.args[0][0]
        raise OSError(0, re.sub(r"^\[Errno \d+\] ([^:]+).*", r"\1", why), str(path)) from error
    except OSError as error:
        if error.filename is None or of_all:
            error.filename = str(path)
        raise


def _path_and_reason(error: OSError) -> str:
    path, reason = error.filename2 or error.filename, error.strerror or str(error)
    return reason if path is None else f"{doc.shown(Path(path))}: {reason}"


def _assert_fresh(package: Path, output: Path, as_json: str, json_path: Path) -> None:
    fresh, present = dict(_files(package)), dict(_files(output))
    names = sorted(name for name in fresh | present if fresh.get(name) != present.get(name))
    stale = [f"{output.name}/{name}" for name in names]
    if not json_path.exists() or json_path.read_text() != as_json:
        stale.append(f"{json_path.parent.name}/{json_path.name}")
    if stale:
        raise GenerationError.listing("generated/ is stale: run make generate", stale)


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_bytes()
