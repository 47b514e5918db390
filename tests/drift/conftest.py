"""What all tests of the drift reader share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.vendor.document import read_once

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package", autouse=True)
def document_is_read_once() -> Iterator[None]:
    with read_once():
        yield
