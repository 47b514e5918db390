"""A git repository to compare revisions in."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from pathlib import Path


class Commit(Protocol):
    """Commits a document, or its absence, and returns the revision."""

    def __call__(self, text: str | bytes | None, tag: str | None = None) -> str: ...


@pytest.fixture
def commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Return what commits to a fresh repository at `tmp_path`, whatever the user's settings are."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@shop.example")

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(text: str | bytes | None, tag: str | None = None) -> str:
        path = tmp_path / "openapi.yaml"
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        git("add", "--all")
        git("commit", "--quiet", "--allow-empty", "--message=A revision")
        if tag is not None:
            git("tag", tag)
        return git("rev-parse", "HEAD")

    git("init", "--quiet")
    return commit
