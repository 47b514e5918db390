"""A stateful mock of the Calypso Pay API that validates requests and its own responses.

In a test: ``Calypso(transport=mock.transport(), **mock.settings())``. Served on this machine:
``with Server(mock) as server: ...`` or ``calypso mock`` on the command line.
"""

from __future__ import annotations

from calypso_mock._errors import MockError
from calypso_mock._mock import Mock, Settings
from calypso_mock.api._http import Exchange, Response
from calypso_mock.api._rows import Rows
from calypso_mock.delivery._dispatcher import Deliveries
from calypso_mock.delivery._http_sender import Sender
from calypso_mock.serving._server import Server, run
from calypso_mock.simulation._deposits import Deposit
from calypso_mock.simulation._top_ups import TopUp
from calypso_mock.state._clock import Clock
from calypso_mock.state._journal import Entry, Journal
from calypso_mock.state._records import Attempt

__all__ = [
    "Attempt",
    "Clock",
    "Deliveries",
    "Deposit",
    "Entry",
    "Exchange",
    "Journal",
    "Mock",
    "MockError",
    "Response",
    "Rows",
    "Sender",
    "Server",
    "Settings",
    "TopUp",
    "run",
]


def __dir__() -> list[str]:
    return __all__
