"""A clone of the work tree, where a test edits the OpenAPI document and runs make."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def clone(directory: Path) -> Path:
    """Copy the work tree into a directory, as a repository with one commit, and return it."""
    listed = run(ROOT, "git", "ls-files", "--cached", "--others", "--exclude-standard").stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, directory / name)
    modules = ROOT / "tools" / "redocly" / "node_modules"
    if modules.exists():
        (directory / "tools" / "redocly" / "node_modules").symlink_to(modules)
    (directory / ".venv").symlink_to(sys.prefix)
    author = ("-c", "user.name=Maintainer", "-c", "user.email=maintainer@shop.example")
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        [*author, "commit", "--quiet", "-m", "Start"],
    ):
        run(directory, "git", *command)
    return directory


def run(
    directory: Path, *command: str, check: bool = True, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in a clone, with the clone's packages."""
    packages = [str(directory / name) for name in ("generated", "overlay", "mock")]
    done = subprocess.run(
        command,
        cwd=directory,
        # The clone has no virtual environment of its own.
        env={**os.environ, "PYTHONPATH": os.pathsep.join(packages)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def make(directory: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run make, without the set-up of a virtual environment, which needs a minute and a network."""
    ready = directory / ".ready"
    ready.touch()
    return run(directory, "make", f"READY={ready.name}", *arguments, check=check)
