"""A clone of the work tree, in which a test edits the document and runs what maintainers run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def clone(place: Path) -> Path:
    """Make what is in the work tree a repository of its own, with one commit; return its place."""
    listed = run(ROOT, "git", "ls-files", "--cached", "--others", "--exclude-standard").stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    modules = ROOT / "tools" / "redocly" / "node_modules"
    if modules.exists():
        (place / "tools" / "redocly" / "node_modules").symlink_to(modules)
    (place / ".venv").symlink_to(sys.prefix)
    author = ("-c", "user.name=Maintainer", "-c", "user.email=maintainer@shop.example")
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        [*author, "commit", "--quiet", "-m", "Start"],
    ):
        run(place, "git", *command)
    return place


def run(
    place: Path, *command: str, check: bool = True, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in a clone, with the clone's packages; `given` is its input."""
    packages = [str(place / name) for name in ("generated", "overlay", "mock")]
    done = subprocess.run(
        command,
        cwd=place,
        # The environment is the one that is installed already.
        env={**os.environ, "PYTHONPATH": os.pathsep.join(packages)},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def make(place: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Call make without its own set-up of an environment, which takes a minute and a network."""
    ready = place / ".ready"
    ready.touch()
    return run(place, "make", f"READY={ready.name}", *arguments, check=check)
