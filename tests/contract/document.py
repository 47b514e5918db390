"""Read from the document what a run has to reach: every operation, every link."""

from __future__ import annotations

from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "openapi.yaml"


@cache
def operations() -> dict[str, str]:
    """Return the id of each operation by its label, such as ``POST /api/v1/account``."""
    return {label: operation["operationId"] for label, operation in _operations()}


@cache
def places() -> dict[str, tuple[str, str]]:
    """Return method and path of each operation by its id."""
    labels = operations().items()
    return {name: (label.split(" ")[0], label.split(" ")[1]) for label, name in labels}


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference within the document stands for; anything else as it is."""
    while "$ref" in node:
        steps = node["$ref"].removeprefix("#/").split("/")
        node = reduce(lambda at, step: at[step], steps, whole())
    return node


def links() -> set[str]:
    """Return every link, in the words that schemathesis has for it."""
    labels = {operation_id: label for label, operation_id in operations().items()}
    return {
        f"{source} -> [{status}] {name} -> {labels[link['operationId']]}"
        for source, operation in _operations()
        for status, answer in operation["responses"].items()
        for name, link in answer.get("links", {}).items()
    }


@cache
def whole() -> dict[str, Any]:
    """Return the document."""
    # The reader in C, where PyYAML has it: ten times as fast.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return dict(yaml.load(DOCUMENT.read_text(), loader))  # noqa: S506 - a safe one, either way


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in whole()["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation
