"""Give pytest the fixture ``calypso_mock``.

The module imports pytest only: it is loaded into every test run of anyone who has installed the
base package, most of which do not use the mock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from calypso_mock._mock import Mock


@pytest.fixture(name="calypso_mock")
def _calypso_mock() -> Mock:
    """A fresh mock of the Calypso Pay API with one empty account."""
    from calypso_mock._mock import Mock

    try:
        return Mock()
    except ModuleNotFoundError as missing:
        raise pytest.UsageError(str(missing)) from None
