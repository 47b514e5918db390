"""The two clients that other generators make of openapi.yaml, in `build/bench`."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.rounds import ROOT, run

FOLDER = ROOT / "build" / "bench"
DOCUMENT = ROOT / "mock" / "calypso_mock" / "openapi.json"
CONTENDERS = {"stock_generated", "openapi_generator"}
_TOOLS = ("openapi-python-client", "openapi-generator-cli", "ruff")


def generate() -> None:
    """Generate both, unless they are there for this document and these versions of the tools."""
    versions = [f"{tool} {version(tool)}" for tool in _TOOLS]
    state = "\n".join([*versions, hashlib.sha256(DOCUMENT.read_bytes()).hexdigest()])
    stamp = FOLDER / "stamp.txt"
    if stamp.exists() and stamp.read_text() == state:
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    tools = Path(sys.executable).parent
    # openapi-python-client formats its output with the ruff that is in PATH.
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    stock = ("generate", "--path", str(DOCUMENT), "--meta", "none")
    output = ("--output-path", str(FOLDER / "stock_client"))
    run([str(tools / "openapi-python-client"), *stock, *output], PATH=path)
    python = ("generate", "-i", str(DOCUMENT), "-g", "python", "-o", str(FOLDER / "other"))
    run([str(tools / "openapi-generator-cli"), *python])
    shutil.move(FOLDER / "other" / "openapi_client", FOLDER / "openapi_client")
    stamp.write_text(state)
