"""Checks of what schemathesis cannot test; importing this package registers them all."""

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
    rejections,
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
    "rejections",
    "signatures",
    "window",
]
