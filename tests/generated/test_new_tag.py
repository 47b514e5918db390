"""A new operation with a new tag: from the document to a typed call, with no hand-written line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


def test_it_can_be_called_through_any_engine(run: Run, grown: Path) -> None:
    """Exact digits leave, exact digits arrive."""
    result = run("engine.py", cwd=grown, PYTHONPATH=str(grown))

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.strip() == (
        'POST /api/v1/quote/ask {"amount":1.10,"side":"BUY","at":"2026-11-21T00:00:00Z",'
        '"steps":[[0.1],[]],"fee":{"amount":0.10}}'
    )


def test_the_client_and_the_mock_know_it_at_once(run: Run, grown: Path) -> None:
    """Signed, checked against the changed document, given a response: in all four kinds.

    The mock warns once that it has no behaviour for it.
    """
    result = run("call.py", cwd=grown, PYTHONPATH=str(grown))

    warning = "askQuote is not simulated: responding with the document's example\n"
    assert (result.returncode, result.stderr) == (0, warning)
    path = "/api/v1/quote/ask"
    success, rejected = ["POST", path, 200], ["POST", path, 400]
    assert [success, success, success, success, rejected] == json.loads(result.stdout)
