"""The document, read once, and pages in the vendor's layouts, in our own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.drift.compared import document

if TYPE_CHECKING:
    from tools.drift.document import Document


@pytest.fixture(scope="session")
def ours() -> Document:
    return document()
