"""Checks of paths: their shape, and what the document has at each."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from generator.lines import escaped
from generator.locations import located_operations
from generator.problems import Fault
from generator.wellformed import VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node

_SIGN = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/{}-]")
_VARIABLE = re.compile(r"\{([^{}/]+)\}")
_BESIDE = frozenset(("$ref", "description", "parameters", "servers", "summary", *VERBS))
_ELSEWHERE = "all calls go to the first of the document's servers; leave it out"


def faults(document: Node) -> Iterator[Fault]:
    """Yield what is wrong with paths and with their members."""
    version = document.get("openapi")
    if not re.fullmatch(r"3\.1\.[0-9]+", str(version)):
        yield Fault("/openapi", f"openapi: is {version}; write the document in OpenAPI 3.1.x")
    for path, item in document["paths"].items():
        pointer = f"/paths/{escaped(path)}"
        yield from (Fault(pointer, f"{_shown(path)}: {text}") for text in _shape(path))
        yield from _item(pointer, path, item)
    for name, item in document.get("webhooks", {}).items():
        yield from _item(f"/webhooks/{escaped(name)}", name, item)
    yield from _alike(document)
    yield from _operations(document)


def _shape(path: str) -> Iterator[str]:
    if not path.startswith("/"):
        yield "has to begin with /, or calls would go to another host"
    odd = sorted({sign for sign in path if not _SIGN.fullmatch(sign)})
    if odd:
        signs = " ".join(map(repr, odd))
        yield f"has {signs}, which a path may not contain; put a query into parameters"
    segments = path.split("/")[1:]
    if "" in segments[:-1]:
        yield "has an empty step, //; write one / there"
    if {".", ".."} & set(segments):
        yield "has the step . or .., which HTTP clients resolve; write the path that is meant"
    names = _VARIABLE.findall(path)
    if {"{", "}"} & set(_VARIABLE.sub("", path)):
        yield "has a brace without its counterpart; write each parameter as {name}"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"has {{{name}}} twice; give each parameter a name of its own"


def _item(pointer: str, path: str, item: Node) -> Iterator[Fault]:
    for key in item:
        place = f"{pointer}/{escaped(key)}"
        if key == "servers":
            yield Fault(place, f"{_shown(path)}: has servers of its own; {_ELSEWHERE}")
        elif key not in _BESIDE and not key.startswith("x-"):
            known = ", ".join(sorted(VERBS))
            yield Fault(place, f"{_shown(path)}: {key} is not a method; use one of {known}")
        elif pointer.startswith("/webhooks/") and key in VERBS and key != "post":
            yield Fault(place, f"{_shown(path)}: a webhook is a post, not a {key}; write post")


def _alike(document: Node) -> Iterator[Fault]:
    """Reject paths that no server can distinguish."""
    same: defaultdict[str, list[str]] = defaultdict(list)
    for path in document["paths"]:
        same[_VARIABLE.sub("{}", path)].append(path)
    for paths in same.values():
        if len(paths) > 1:
            names = " and ".join(map(_shown, paths))
            text = f"{names}: differ only in the names of parameters; describe them as one path"
            yield Fault(f"/paths/{escaped(paths[1])}", text)


def _operations(document: Node) -> Iterator[Fault]:
    for pointer, op in located_operations(document):
        if "servers" in op.body:
            yield Fault(f"{pointer}/servers", f"{op.label}: has servers of its own; {_ELSEWHERE}")


def _shown(path: str) -> str:
    return path if path.isprintable() and path else repr(path)
