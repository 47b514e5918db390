"""Read the OpenAPI document: its operations, paths, examples and links."""

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


class UnknownOperationError(Exception):
    """The document has no operation with this id."""

    def __str__(self) -> str:
        return f"the document has no {self.args[0]}"


class _Routes(dict[str, tuple[str, str]]):
    def __missing__(self, operation_id: str) -> tuple[str, str]:
        raise UnknownOperationError(operation_id)


@cache
def operations() -> dict[str, str]:
    """Return the operation ids by label, such as ``POST /api/v1/account``."""
    return {label: operation["operationId"] for label, operation in _operations()}


@cache
def routes() -> dict[str, tuple[str, str]]:
    """Return method and path by operation id; an unknown id raises `UnknownOperationError`."""
    labels = operations().items()
    return _Routes((name, (label.split(" ")[0], label.split(" ")[1])) for label, name in labels)


def has(operation_id: str) -> bool:
    """Return whether the document has an operation."""
    return operation_id in routes()


def operation_at(method: str, path: str) -> str | None:
    """Return the id of the operation that a request calls; None if there is none."""
    path = path.partition("?")[0]
    if path in whole()["paths"]:
        # It takes precedence over a path with parameters, whatever the method.
        return operations().get(f"{method} {path}")
    return next(
        (name for verb, fits, name in _path_patterns() if verb == method and fits(path)), None
    )


@cache
def _path_patterns() -> tuple[tuple[str, Callable[[str], object], str], ...]:
    return tuple(
        (method, re.compile("[^/]+".join(map(re.escape, parts))).fullmatch, name)
        for name, (method, path) in routes().items()
        if len(parts := _VARIABLE.split(path)) > 1
    )


@cache
def sample(operation_id: str) -> dict[str, Any] | None:
    """Return the payload of an operation's first example; None if it takes none."""
    first = next(iter(_asked(operation_id)["examples"].values()))
    payload: dict[str, Any] | None = first["value"].get("payload")
    return payload


def arguments(operation_id: str) -> set[str]:
    """Return the names of the fields that an operation's payload may have."""
    envelope = resolve(_asked(operation_id)["schema"])
    return set(resolve(envelope["properties"].get("payload", {})).get("properties", {}))


def _asked(operation_id: str) -> dict[str, Any]:
    method, path = routes()[operation_id]
    body = whole()["paths"][path][method.lower()]["requestBody"]
    return dict(resolve(body)["content"]["application/json"])


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """Resolve a reference within the document; anything else is returned unchanged."""
    while "$ref" in node:
        steps = node["$ref"].removeprefix("#/").split("/")
        node = reduce(lambda at, step: at[step], steps, whole())
    return node


def links() -> set[str]:
    """Return every link, with the name that schemathesis gives it."""
    labels = {operation_id: label for label, operation_id in operations().items()}
    return {
        f"{source} -> [{status}] {name} -> {labels[link['operationId']]}"
        for source, operation in _operations()
        for status, response in operation["responses"].items()
        for name, link in response.get("links", {}).items()
    }


@cache
def whole() -> dict[str, Any]:
    """Return the document."""
    # PyYAML's C parser, if it has it: ten times as fast.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return dict(yaml.load(DOCUMENT.read_text(), loader))  # noqa: S506 - both loaders are safe


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in whole()["paths"].items():
        for method in _VERBS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]
