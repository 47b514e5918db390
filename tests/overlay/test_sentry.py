"""What the SDK of Sentry sends of a failure, with all that it does by default."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.overlay.reported import CANARY, SECRET


@pytest.mark.slow
def test_nothing_of_a_response_or_a_delivery_is_reported() -> None:
    """Neither in the frames of an error nor anywhere else: no body, no header, no signature."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.overlay.reported"],
        capture_output=True,
        text=True,
        check=True,
    )

    events = json.loads(done.stdout)
    assert len(events) > 400
    assert sum("could not verify a delivery" in event for event in events) == 2
    assert [event for event in events if CANARY in event or SECRET in event] == []
