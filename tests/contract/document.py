"""Read from the document what a run has to reach: every operation, every link."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "openapi.yaml"


def operations() -> dict[str, str]:
    """Return the id of each operation by its label, such as ``POST /api/v1/account``."""
    return {label: operation["operationId"] for label, operation in _operations()}


def links() -> set[str]:
    """Return every link, in the words that schemathesis has for it."""
    labels = {operation_id: label for label, operation_id in operations().items()}
    return {
        f"{source} -> [{status}] {name} -> {labels[link['operationId']]}"
        for source, operation in _operations()
        for status, answer in operation["responses"].items()
        for name, link in answer.get("links", {}).items()
    }


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    document = yaml.safe_load(DOCUMENT.read_text())
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation
