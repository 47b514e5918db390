"""The checks of what schemathesis cannot see; importing this registers them all."""

from __future__ import annotations

from tests.contract.checks import (
    accounts,
    bodies,
    contents,
    envelopes,
    examples,
    parameters,
    payloads,
    reading,
    refusals,
    signatures,
    window,
)

__all__ = [
    "accounts",
    "bodies",
    "contents",
    "envelopes",
    "examples",
    "parameters",
    "payloads",
    "reading",
    "refusals",
    "signatures",
    "window",
]
