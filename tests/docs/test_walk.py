"""The walk of CONTRIBUTING.md through a change of the vendor's documentation, in a clone.

A customer gets a salutation: the page shows it, drift names it and suggests the edit, and after
`make update` the argument is there, typed, documented, and taken by the mock. `make walk` runs it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.clone import clone, make, run
from tests.docs.vendor.corpus import PAGES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

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
        print("rejected:", type(error).__name__)
"""
MISTYPED = """
from calypso_pay import Calypso, CalypsoError
def mistyped(calypso: Calypso) -> None:
    calypso.customers.create(salutation=7)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clone(tmp_path_factory.mktemp("walk") / "calypso-pay")


def with_salutation(page: str) -> str:
    """Return the reference with a field more in the body that creates a customer."""
    fields = '"CreateCustomerRequestDTO":{"type":"object","properties":{'
    assert page.count(fields) == 1
    return page.replace(fields, f'{fields}"salutation":{{"type":"string"}},')


def test_a_field_goes_from_the_vendors_page_to_the_client(place: Path, tmp_path: Path) -> None:
    page = tmp_path / REFERENCE
    page.write_text((PAGES / REFERENCE).read_text("utf-8"), "utf-8")
    make(place, "drift", f"PAGES={page}")
    page.write_text(with_salutation(page.read_text("utf-8")), "utf-8")

    drift = make(place, "drift", f"PAGES={page}", "ARGS=--apply", check=False)
    assert drift.returncode == 2, "make turns every failure into a 2"
    field = "POST /api/v1/customer-purse/customer/create request payload.salutation"
    assert f"field-added: {field}" in drift.stdout
    word(place / "openapi.yaml")

    updated = make(place, "update", f"PAGES={page}")
    assert "no drift" in updated.stdout
    assert "`customers.create` takes a new optional argument `salutation`" in updated.stdout

    assert_the_argument_is_there(place, tmp_path)


def word(document: Path) -> None:
    """Put words in the places that the edit leaves to a person."""
    text = document.read_text("utf-8")
    for placeholder, words in WORDS.items():
        assert placeholder in text
        text = text.replace(placeholder, words)
    document.write_text(text, "utf-8")


def assert_the_argument_is_there(place: Path, tmp_path: Path) -> None:
    resource = (place / "generated/calypso_api/resources/customers.py").read_text("utf-8")
    assert "salutation: str | Unset = UNSET" in resource
    assert "How the merchant addresses the customer." in resource
    assert "`salutation`" in (place / "docs/reference.md").read_text("utf-8")
    assert "rejected:" in run(place, sys.executable, "-c", SEES_IT).stdout

    (tmp_path / "mistyped.py").write_text(MISTYPED, "utf-8")
    mypy = ("-m", "mypy", "--no-incremental", str(tmp_path / "mistyped.py"))
    assert "arg-type" in run(place, sys.executable, *mypy, check=False).stdout
