"""The way from the document to the package, step by step."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from generator import document as doc
from generator import extensions, facts, postprocess, prepare, upstream
from generator.problems import GenerationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]

# Isolated: no configuration of this or a parent folder may shape the result.
_RUFF = ("--isolated", "--no-cache", "--quiet", "--target-version=py311")
_CHECK = ("--fix-only", "--select=F401,I", "--config=lint.isort.split-on-trailing-comma=false")
_FORMAT = (
    "--line-length=100",
    "--config=format.skip-magic-trailing-comma=true",
    "--config=lint.isort.split-on-trailing-comma=false",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = _parse(argv)
    try:
        upstream.check()
        document = doc.load(options.document)
        extensions.check(document)
        with TemporaryDirectory() as room:
            package = build(document, Path(room))
            as_json = f"{doc.to_json(document)}\n"
            if options.check:
                _assert_fresh(package, options.output, as_json, options.json)
            else:
                _swap(package, options.output)
                options.json.write_text(as_json)
    except GenerationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


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
    _run("openapi_python_client", *command, f"--path={source}", config, f"--output-path={output}")


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
        raise GenerationError(f"{module} failed:\n{result.stdout}{result.stderr}".rstrip())


def _swap(package: Path, output: Path) -> None:
    """Put the new package in the place of the old one."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as room:
        fresh = Path(room, "fresh")
        shutil.copytree(package, fresh)
        if output.exists():
            output.rename(Path(room, "stale"))
        fresh.rename(output)


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
