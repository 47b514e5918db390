"""Reads the document as it is, or was, in a git revision."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from tools.spec import ReadError, read_text

if TYPE_CHECKING:
    from pathlib import Path

    from tools.spec import SpecIndex

DOCUMENT = "openapi.yaml"
WORK_TREE = "the work tree"


class RevisionError(Exception):
    """A revision can't be read; the message has the reason."""


class Revisions(NamedTuple):
    """The document's revisions in the repository at `root`."""

    root: Path

    def spec(self, revision: str | None) -> SpecIndex:
        """Read the document in a revision, or in the work tree when that is None.

        Raises:
            RevisionError: When there is no such revision, or no readable document in it.
        """
        content = self._work_tree() if revision is None else self._show(revision)
        try:
            return read_text(content, _place(revision))
        except ReadError as error:
            raise RevisionError(str(error)) from None

    def last_release(self) -> str | None:
        """Return the latest tag of a version that the work tree comes from, or None.

        Raises:
            RevisionError: When this is not a git repository, or git is not installed.
        """
        self._commit("HEAD")
        done = self._git("describe", "--tags", "--abbrev=0", "--match=v[0-9]*", "--match=[0-9]*")
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def _work_tree(self) -> str:
        try:
            return (self.root / DOCUMENT).read_text("utf-8")
        except FileNotFoundError:
            raise RevisionError(f"{WORK_TREE} has no {DOCUMENT}") from None
        except UnicodeDecodeError:
            raise RevisionError(f"{DOCUMENT}: not text in UTF-8") from None
        except OSError as error:
            raise RevisionError(f"{DOCUMENT}: {error.strerror}") from None

    def _show(self, revision: str) -> str:
        commit = self._commit(revision)
        # Relative to the root, which need not be the root of the repository.
        done = self._git("cat-file", "blob", f"{commit}:./{DOCUMENT}")
        if done.returncode:
            raise RevisionError(f"{revision} has no {DOCUMENT}")
        try:
            return done.stdout.decode()
        except UnicodeDecodeError:
            raise RevisionError(f"{DOCUMENT} in {revision} is not text in UTF-8") from None

    def _commit(self, revision: str) -> str:
        done = self._git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
        if done.returncode == 0:
            return done.stdout.decode().strip()
        if self._git("rev-parse", "--git-dir").returncode:
            raise RevisionError(f"{self.root} is not a git repository")
        raise RevisionError(f"git has no revision {revision!r}")

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        git = shutil.which("git")
        if git is None:
            raise RevisionError("git is not installed")
        command = [git, "-C", str(self.root), *arguments]
        return subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own


def _place(revision: str | None) -> str:
    return DOCUMENT if revision is None else f"{DOCUMENT} in {revision}"
