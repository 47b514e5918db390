"""A stateful mock of the Calypso Pay API that checks what it is asked and what it answers.

In a test: ``Calypso(transport=mock.transport(), **mock.settings())``. Served on this machine:
``with Server(mock) as server: ...`` or ``calypso mock`` on the command line.
"""

from __future__ import annotations

from calypso_mock._clock import Clock
from calypso_mock._deliveries import Deliveries
from calypso_mock._deposits import Deposit
from calypso_mock._errors import MockError
from calypso_mock._exchange import Exchange, Response
from calypso_mock._journal import Entry, Journal
from calypso_mock._letters import Attempt
from calypso_mock._mock import Mock, Settings
from calypso_mock._sender import Sender
from calypso_mock._server import Server, run
from calypso_mock._top_ups import TopUp

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
    "Sender",
    "Server",
    "Settings",
    "TopUp",
    "run",
]
