"""Write files that only their owner can read, from the moment they are created."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def check(path: Path) -> str | None:
    """Create a file unless it exists; return why it cannot be written, or None if it can.

    The content of an existing file is not changed.
    """
    try:
        os.close(_open(path, 0))
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}."
    return None


def check_folder(path: Path) -> str | None:
    """Create a folder unless it exists; return why nothing can be written in it, or None."""
    probe = path / ".probe"
    try:
        _folder(path)
        os.close(_open(probe, 0))
        probe.unlink()
    except OSError as error:
        return f"Nothing can be written in {path}: {error.strerror}."
    return None


def write(path: Path, content: bytes) -> None:
    """Write a file; its folder is created if only that one is missing.

    Raises:
        OSError: It cannot be written.
    """
    if not path.parent.exists():
        _folder(path.parent)
    with os.fdopen(_open(path, os.O_TRUNC), "wb") as file:
        file.write(content)


def _folder(path: Path) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)


def _open(path: Path, flags: int) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600)
    # An existing file may be readable by others; a device such as /dev/stdout is not changed.
    if path.is_file():
        os.fchmod(descriptor, 0o600)
    return descriptor
