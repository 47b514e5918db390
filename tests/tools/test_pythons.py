"""The Pythons of a machine: which versions are looked for, where, and that they run."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from tools import pythons

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


def program(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_the_versions_are_those_of_the_classifiers() -> None:
    """Not the classifiers of the language as such."""
    classifiers = [
        "Development Status :: 3 - Alpha",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.9",
        "Programming Language :: Python :: 3.14",
    ]

    assert pythons.versions(classifiers) == ["3.9", "3.14"]


def test_the_classifiers_begin_with_the_oldest_supported_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["requires-python"] == f">={pythons.VERSIONS[0]}"
    assert len(pythons.VERSIONS) > 1


def test_the_running_python_is_found_first() -> None:
    assert pythons.find(RUNNING) == sys.executable


def test_a_broken_or_different_python_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So are pyenv's programs on the PATH for a version that is not selected."""
    program(tmp_path / "bin" / "python3.98", "exit 127")
    kept = tmp_path / "versions"
    (kept / "3.98.9" / "bin").mkdir(parents=True)
    (kept / "3.98.9" / "bin" / "python3.98").write_text("no program")
    program(kept / "3.98.2" / "bin" / "python3.98", "echo 3.97")
    right = program(kept / "3.98.1" / "bin" / "python3.98", "echo 3.98")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))

    assert pythons.find("3.98") == right


def test_pythons_of_uv_come_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It alone knows where it keeps its own."""
    right = program(tmp_path / "cpython-3.96" / "bin" / "python3.96", "echo 3.96")
    monkeypatch.setattr(pythons, "_FIND", ("-c", f"print({right!r})"))

    assert pythons.find("3.96") == right


def test_each_version_is_one_line_with_its_path(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pythons, "VERSIONS", ["3.11", "3.12"])
    monkeypatch.setattr(pythons, "find", {"3.11": "/usr/bin/python3.11"}.get)

    assert pythons.main() == 0
    assert capsys.readouterr().out == "3.11 /usr/bin/python3.11\n3.12 not found\n"


def test_a_missing_version_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uv is asked where nothing else knows one, and may know none either."""
    for name in ("PATH", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.setenv(name, str(tmp_path))

    assert pythons.find("3.99") is None
