"""The steps from the document to the package."""

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

# Isolated: no configuration of this or a parent folder may affect the result. Not quiet, or `ruff
# format` would not name what it can't parse. The output is shown only after a failure.
_RUFF = ("--isolated", "--no-cache", "--target-version=py311")
_CHECK = ("--fix-only", "--select=F401,I", "--config=lint.isort.split-on-trailing-comma=false")
_FORMAT = (
    "--line-length=100",
    "--config=format.skip-magic-trailing-comma=true",
    "--config=lint.isort.split-on-trailing-comma=false",
)
# How a step in a process of its own reports an `OSError`.
_OS_ERROR = re.compile(r"^\w+(?:\.\w+)*: \[Errno \d+\] (?P<why>[^:]+)(?:: '(?P<path>[^']+)')?")

_INTERRUPTED = 130


class _Progress:
    """The state of the output, for the message of a run that ends early."""

    output = "as it was"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    It is 0, 1 after an error, or 130 after Ctrl-C; the message states whether the output changed.
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
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            extensions.check(document)
            with _naming(Path(folder)):
                package = build(document, Path(folder))
        except UNFORESEEN as error:
            raise GenerationError.unforeseen(error, doc.shown(options.document)) from error
        as_json = f"{doc.to_json(prepare.published(document))}\n"
        if options.check:
            _assert_fresh(package, options.output, as_json, options.json)
        else:
            _replace(package, options.output, as_json, options.json, progress)


def build(document: doc.Node, folder: Path) -> Path:
    """Generate the package of a checked document within an empty folder; return its path."""
    named = prepare.named(document)
    source, templates, package = folder / "openapi.json", folder / "templates", folder / "package"
    source.write_text(json.dumps(prepare.simplified(named), default=float))
    shutil.copytree(upstream.TEMPLATES, templates)
    (templates / "document.jinja").write_text(facts.template(named))
    try:
        _generate(source, package, f"--custom-template-path={templates}")
    except GenerationError:
        # The parser reports at the end what it left out, and our templates may fail before because
        # that is missing. The stock templates get to the report.
        _generate(source, folder / "stock")
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
        # Of this environment: nothing is looked up on the PATH.
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=False,
        # Otherwise error messages have colours and frames.
        env=os.environ | {"NO_COLOR": "1", "TERM": "dumb", "TYPER_STANDARD_TRACEBACK": "1"},
    )
    if result.returncode:
        output = f"{result.stdout}{result.stderr}".rstrip()
        found = _OS_ERROR.match(output.splitlines()[-1]) if output else None
        if found:
            raise OSError(0, found["why"], found["path"])
        raise GenerationError(f"{module} failed:\n{output}")


def _replace(
    package: Path, output: Path, as_json: str, json_path: Path, progress: _Progress
) -> None:
    """Replace the old package and its JSON copy by the new ones, both or neither.

    Both are written beside the old ones first, so that only renames remain.
    """
    with _folder_beside(output) as folder, _folder_beside(json_path) as json_folder:
        with _naming(output):
            shutil.copytree(package, folder / "fresh")
        with _naming(json_path):
            (json_folder / "fresh").write_text(as_json)
        renames = [(folder / "fresh", output), (json_folder / "fresh", json_path)]
        if output.exists():
            # A folder can't be renamed to one that exists.
            renames.insert(0, (output, folder / "old"))
        with _uninterrupted():
            _rename_all(renames, progress)


def _rename_all(renames: Sequence[tuple[Path, Path]], progress: _Progress) -> None:
    """Rename each path; if one fails, undo those before it."""
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
def _folder_beside(target: Path) -> Iterator[Path]:
    """Make a temporary folder on the file system of a target."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _naming(target.parent, of_all=True):
        # A run that has worked does not fail because of the cleanup.
        temporary = TemporaryDirectory(
            dir=target.parent, prefix=f".{target.name}-", ignore_cleanup_errors=True
        )
    with temporary as path:
        yield Path(path)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Delay Ctrl-C until the end of the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _naming(path: Path, *, of_all: bool = False) -> Iterator[None]:
    """Add a path to each `OSError` that has none, such as that of a full disk."""
    try:
        yield
    except shutil.Error as error:
        # It lists the paths that could not be copied, each with its error as text.
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
