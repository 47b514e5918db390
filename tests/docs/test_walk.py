"""The walk of CONTRIBUTING.md through a change of the vendor's documentation, in a clone.

A customer gets a salutation: the page shows it, drift names it and suggests the edit, and after
`make update` the argument is there, typed, documented, and taken by the mock. `make walk` runs it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.vendor.corpus import PAGES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = "customer-purse-api.md"

WORDS = {
    "<what it is, in your own words>": "How the merchant addresses the customer.",
    "<an example>": "Countess",
}
SEES_IT = """
from calypso_mock import Mock
from calypso_pay import Calypso, CalypsoError
mock = Mock()
with Calypso(transport=mock.transport(), **mock.settings()) as calypso:
    calypso.customers.create(salutation="Countess")
    try:
        calypso.customers.create(salutation=b"x")
    except (CalypsoError, TypeError, ValueError) as error:
        print("refused:", type(error).__name__)
"""
MISTYPED = """
from calypso_pay import Calypso, CalypsoError
def mistyped(calypso: Calypso) -> None:
    calypso.customers.create(salutation=7)
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in the work tree, as a repository of its own."""
    place = tmp_path_factory.mktemp("walk") / "calypso-pay"
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


def run(place: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    packages = [str(place / name) for name in ("generated", "overlay", "mock")]
    done = subprocess.run(
        command,
        cwd=place,
        # The clone's packages, with the environment that is installed already.
        env={**os.environ, "PYTHONPATH": os.pathsep.join(packages)},
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


def with_salutation(page: str) -> str:
    """Return the reference with a field more in the body that creates a customer."""
    fields = '"CreateCustomerRequestDTO":{"type":"object","properties":{'
    assert page.count(fields) == 1
    return page.replace(fields, f'{fields}"salutation":{{"type":"string"}},')


def test_a_field_goes_from_the_vendors_page_to_the_client(clone: Path, tmp_path: Path) -> None:
    page = tmp_path / REFERENCE
    page.write_text((PAGES / REFERENCE).read_text("utf-8"), "utf-8")
    make(clone, "drift", f"PAGES={page}")
    page.write_text(with_salutation(page.read_text("utf-8")), "utf-8")

    told = make(clone, "drift", f"PAGES={page}", check=False)
    assert told.returncode == 2, "make turns every failure into a 2"
    assert "customers.create: payload.salutation" in told.stdout

    report = json.loads(
        make(clone, "drift", f"PAGES={page}", "ARGS=--format json", check=False).stdout
    )
    (difference,) = report["differences"]
    assert difference["severity"] == "additive"
    edit(clone / "openapi.yaml", difference["edits"])

    updated = make(clone, "update", f"PAGES={page}")
    assert "no drift" in updated.stdout
    assert "`customers.create` takes a new optional argument `salutation`" in updated.stdout

    assert_the_argument_is_there(clone, tmp_path)


def edit(document: Path, edits: list[dict[str, Any]]) -> None:
    lines = document.read_text("utf-8").splitlines()
    for each in sorted(edits, key=lambda each: each["line"], reverse=True):
        text = each["text"]
        for placeholder, words in WORDS.items():
            text = text.replace(placeholder, words)
        end = each["line"] if each["action"] == "replace" else each["line"] - 1
        lines[each["line"] - 1 : end] = text.splitlines()
    document.write_text("\n".join(lines) + "\n", "utf-8")


def assert_the_argument_is_there(clone: Path, tmp_path: Path) -> None:
    resource = (clone / "generated/calypso_api/resources/customers.py").read_text("utf-8")
    assert "salutation: str | Unset = UNSET" in resource
    assert "How the merchant addresses the customer." in resource
    assert "`salutation`" in (clone / "docs/reference.md").read_text("utf-8")
    assert "refused:" in run(clone, sys.executable, "-c", SEES_IT).stdout

    (tmp_path / "mistyped.py").write_text(MISTYPED, "utf-8")
    mypy = ("-m", "mypy", "--no-incremental", str(tmp_path / "mistyped.py"))
    assert "arg-type" in run(clone, sys.executable, *mypy, check=False).stdout
