"""Send the deliveries of the mock, some of them with faults."""

from __future__ import annotations

import contextlib
import http.client
import json
import math
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from calypso_mock import Sender
from calypso_pay.webhooks import sign
from tests.storm.chance import chance
from tests.storm.events import FAULT_HEADER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calypso_mock import Mock

# The share of deliveries with each. `raise`: the handler raises after it has written. `kill`: its
# process is killed then. `kill-late`: it is killed after the commit, before the response. `twice`:
# the event comes twice at the same moment; one of booked deposits from both subscriptions to it.
FAULTS = {"raise": 0.06, "kill": 0.001, "kill-late": 0.001, "twice": 0.05}
# Which response shows that it happened: an event that is done has no handler that raises.
_RESPONSES = {"raise": "500", "kill": "no response", "kill-late": "no response"}


class CountingSender(Sender):
    """Sends deliveries, with faults, and counts them.

    Args:
        seed: Decides which deliveries have faults.
        booked: The event type to which an account has two subscriptions.
        limit: Seconds after which it sends nothing more.

    Attributes:
        count: How many deliveries it has begun.
        statuses: How many had which response.
        faults: How many had which fault.
        twins: For each subscription the other one of its account: its id, public key and secret.
    """

    def __init__(self, *, seed: int, booked: str, limit: float) -> None:
        super().__init__(timeout=10)
        self._seed = seed
        self._booked = booked
        self.deadline = time.monotonic() + limit
        self._has_faults = True
        self._changed = threading.Condition()
        self._attempts: Counter[tuple[str, int]] = Counter()
        self.twins: dict[str, tuple[str, str, str]] = {}
        self.count = 0
        self.statuses: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        if self.is_late():
            raise TimeoutError("the storm is over")
        event = json.loads(body)
        with self._changed:
            self.count += 1
            key = event["requestId"], event["id"]
            self._attempts[key] += 1
            fault = self._fault(*key, self._attempts[key])
            self._changed.notify_all()
        status = "no response"
        try:
            if fault == "twice":
                _send_only(url, *self._twin(event, headers, body))
            elif fault:
                headers = {**headers, FAULT_HEADER: fault}
            code = super().__call__(url, headers, body)
            status = str(code)
            return code
        finally:
            with self._changed:
                self.statuses[status] += 1
                if fault and _RESPONSES.get(fault, status) == status:
                    self.faults[fault] += 1

    def is_late(self) -> bool:
        """Return whether time is up."""
        return time.monotonic() > self.deadline

    def calm_down(self) -> None:
        """Send from now on without faults, for as long as it takes."""
        self._has_faults = False
        self.deadline = math.inf

    def stop(self) -> None:
        """Send nothing more, as if time were up."""
        with self._changed:
            self.deadline = 0
            self._changed.notify_all()

    def wait_for(self, count: int) -> bool:
        """Wait until so many deliveries were begun; return whether they were in time."""
        with self._changed:
            return (
                self._changed.wait_for(
                    lambda: self.count >= count or self.is_late(),
                    max(0, self.deadline - time.monotonic()),
                )
                and not self.is_late()
            )

    def findings(self, mock: Mock) -> list[str]:
        """Return what is wrong at the end: events that were not delivered."""
        made = mock.deliveries.log
        events = {(each.request_id, each.event_id) for each in (*made, *mock.deliveries.pending)}
        delivered = {(each.request_id, each.event_id) for each in made if each.status == 200}
        late = ["time was up before everything was delivered"] if self.is_late() else []
        missing = len(events - delivered)
        return [*late, *([f"{missing} events were never delivered"] if missing else [])]

    def _twin(
        self, event: Any, headers: Mapping[str, str], body: bytes
    ) -> tuple[Mapping[str, str], bytes]:
        if event["eventType"] != self._booked:
            return headers, body
        request_id, key, secret = self.twins[event["requestId"]]
        body = body.replace(event["requestId"].encode(), request_id.encode())
        return {**headers, "Key": key, "Sign": sign(body, secret)}, body

    def _fault(self, request_id: str, event: int, attempt: int) -> str:
        if not self._has_faults:
            return ""
        drawn = chance(self._seed, request_id, event, attempt).random()
        for fault, share in FAULTS.items():
            drawn -= share
            if drawn < 0:
                return fault
        return ""


def _send_only(url: str, headers: Mapping[str, str], body: bytes) -> None:
    """Send a delivery, and close the connection without waiting for the response."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", parts.path, body, dict(headers))
