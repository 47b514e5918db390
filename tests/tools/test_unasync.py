"""The synchronous modules of the overlay are derived from the asynchronous ones."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tools import unasync

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = sorted(unasync.OVERLAY.glob("*/_async.py"))

SOURCE = '''"""What `AsyncShop` does."""

from collections.abc import Awaitable, Callable


class _AsyncShop:
    """An async iterator; `anext` returns the next item."""

    def __aiter__(self) -> "_AsyncShop":
        return self

    async def __anext__(self) -> int:
        if not await self.is_open():
            raise StopAsyncIteration
        async with self.lock:
            return await self.item

    async def is_open(self, sleep: Callable[[float], Awaitable[object]] | None = None) -> bool:
        import asyncio

        return await (sleep or asyncio.sleep)(1)
'''
DERIVED = '''# Generated from _async.py by `make generate`: edit that file instead.
"""What `Shop` does."""

from collections.abc import Callable


class _Shop:
    """An iterator; `next` returns the next item."""

    def __iter__(self) -> "_Shop":
        return self

    def __next__(self) -> int:
        if not self.is_open():
            raise StopIteration
        with self.lock:
            return self.item

    def is_open(self, sleep: Callable[[float], object] | None = None) -> bool:
        import time

        return (sleep or time.sleep)(1)
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A package with one subpackage that has an asynchronous module."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "_async.py").write_text(SOURCE)
    return tmp_path


def run(folder: Path, *arguments: str) -> int:
    return unasync.main(["--folder", str(folder), *arguments])


def test_code_and_docstrings_are_those_of_a_synchronous_module(folder: Path) -> None:
    assert run(folder) == 0
    assert (folder / "shop" / "_sync.py").read_text() == DERIVED


def test_every_module_of_the_overlay_is_fresh_and_has_the_same_bytes_when_it_is_derived_again(
    tmp_path: Path,
) -> None:
    for source in SOURCES:
        (tmp_path / source.parent.name).mkdir()
        shutil.copy(source, tmp_path / source.parent.name)

    assert run(unasync.OVERLAY, "--check") == 0
    assert run(tmp_path) == 0
    names = [source.parent.name for source in SOURCES]
    assert names == ["customers", "inbox", "reconcile", "subscriptions", "transactions"]
    for source in SOURCES:
        derived = tmp_path / source.parent.name / "_sync.py"
        assert derived.read_bytes() == source.with_name("_sync.py").read_bytes()


@pytest.mark.parametrize("present", [None, f"{DERIVED}\n\nEDITED = True\n"])
def test_a_stale_module_is_named_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], present: str | None
) -> None:
    target = folder / "shop" / "_sync.py"
    if present is not None:
        target.write_text(present)

    assert run(folder, "--check") == 1
    message = capsys.readouterr().err
    assert message == f"Synchronous modules are stale: run make generate\n  {target}\n"
    assert (target.read_text() if target.exists() else None) == present


def test_a_fresh_module_passes_the_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder)

    assert run(folder, "--check") == 0
    assert capsys.readouterr().err == ""


def test_a_word_without_a_synchronous_counterpart_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = folder / "shop" / "_async.py"
    source.write_text(f"{SOURCE}\n# It is awaited elsewhere.\n")

    assert run(folder) == 1
    assert f"{source}: no synchronous word is known for 'awaited'" in capsys.readouterr().err
    assert not (folder / "shop" / "_sync.py").exists()


def test_a_source_that_is_not_python_is_reported_with_the_words_of_ruff(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = folder / "shop" / "_async.py"
    source.write_text("async def (")

    assert run(folder) == 1
    assert f"{source}: ruff failed:\n" in capsys.readouterr().err
    assert not (folder / "shop" / "_sync.py").exists()
