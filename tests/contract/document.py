"""Read from the document what a run has to reach: every operation, every link."""

from __future__ import annotations

import re
from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "openapi.yaml"

_VERBS = ("get", "put", "post", "delete", "patch")
_VARIABLE = re.compile(r"\{[^{}]*\}")


class GoneError(Exception):
    """The document has no operation of this id, so nothing can be said of it."""

    def __str__(self) -> str:
        return f"the document has no {self.args[0]}"


class _Places(dict[str, tuple[str, str]]):
    def __missing__(self, operation_id: str) -> tuple[str, str]:
        raise GoneError(operation_id)


@cache
def operations() -> dict[str, str]:
    """Return the id of each operation by its label, such as ``POST /api/v1/account``."""
    return {label: operation["operationId"] for label, operation in _operations()}


@cache
def places() -> dict[str, tuple[str, str]]:
    """Return method and path of each operation by its id; another id raises `GoneError`."""
    labels = operations().items()
    return _Places((name, (label.split(" ")[0], label.split(" ")[1])) for label, name in labels)


def has(operation_id: str) -> bool:
    """Tell whether the document has an operation."""
    return operation_id in places()


def at(method: str, path: str) -> str | None:
    """Return the id of the operation that is asked by a request; None where there is none."""
    path = path.partition("?")[0]
    if path in whole()["paths"]:
        # It goes before one with parameters that would fit, whatever the method.
        return operations().get(f"{method} {path}")
    return next((name for verb, fits, name in _routes() if verb == method and fits(path)), None)


@cache
def _routes() -> tuple[tuple[str, Callable[[str], object], str], ...]:
    return tuple(
        (method, re.compile("[^/]+".join(map(re.escape, parts))).fullmatch, name)
        for name, (method, path) in places().items()
        if len(parts := _VARIABLE.split(path)) > 1
    )


@cache
def sample(operation_id: str) -> dict[str, Any] | None:
    """Return the payload of an operation's first example; None where it takes none."""
    first = next(iter(_asked(operation_id)["examples"].values()))
    payload: dict[str, Any] | None = first["value"].get("payload")
    return payload


def arguments(operation_id: str) -> set[str]:
    """Return the names of the fields that an operation's payload may have."""
    envelope = resolve(_asked(operation_id)["schema"])
    return set(resolve(envelope["properties"].get("payload", {})).get("properties", {}))


def _asked(operation_id: str) -> dict[str, Any]:
    method, path = places()[operation_id]
    body = whole()["paths"][path][method.lower()]["requestBody"]
    return dict(resolve(body)["content"]["application/json"])


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
        for method in _VERBS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]
