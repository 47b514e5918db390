"""Sentences for docstrings: what something is, how sure that is, and its source."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.document import Node


# Lines of a docstring between the first one and the arguments.
_BRIEF = 4


def line(text: str) -> str:
    """Return a text without line breaks."""
    return " ".join(text.split())


def about(node: Node) -> list[str]:
    """Return the paragraphs on an operation or a schema, its source last."""
    parts = re.split(r"\n\s*\n", node.get("description", ""))
    parts[:0] = ["Deprecated: the vendor may take it away."] if node.get("deprecated") else []
    provenance = node.get("x-provenance", {})
    pages = provenance.get("page", [])
    pages = pages if isinstance(pages, list) else [pages]
    level = ", ".join(str(provenance[key]) for key in ("level", "date") if key in provenance)
    source = f"Source: {', '.join(pages)} ({level})." if pages else f"Source: {level}."
    texts = [*map(line, parts), doubts(node), source if provenance else ""]
    return [text for text in texts if text]


def brief(node: Node, width: int) -> list[str]:
    """Return the description of an operation for docstrings, in at most four lines of a width.

    It consists of as much of the description as fits, whether the call may be retried, and the
    source. Everything else, such as disagreements between pages, is in the reference.
    """
    retry = node["x-retry"]
    safe = "Safe" if retry["class"] == "safe" else "Not safe"
    tail = wrap(f"{safe} to retry: {_sentences(retry['reason'])[0]}", width)
    tail.append(_source(node))
    sentences = _sentences(line(node.get("description", "").split("\n\n")[0]))
    while sentences and len(wrap(" ".join(sentences), width)) + len(tail) > _BRIEF:
        sentences.pop()
    return [*wrap(" ".join(sentences), width), *tail]


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+(?=[A-Z`])", line(text))


def _source(node: Node) -> str:
    provenance = node["x-provenance"]
    pages = provenance.get("page", [])
    first = pages if isinstance(pages, str) else "".join(pages[:1])
    level = ", ".join(str(provenance[key]) for key in ("level", "date") if key in provenance)
    return line(f"Source: {first} ({level}).")


def doubts(node: Node) -> str:
    """Return how sure something is, in words; empty for what is documented."""
    provenance = node.get("x-provenance", {})
    return line(f"{mark(node)} {provenance.get('note', '')} {_disagreement(provenance)}")


def mark(node: Node) -> str:
    """Return the mark of what is inferred; empty for everything else."""
    inferred = node.get("x-provenance", {}).get("level") == "inferred"
    return "Inferred, not documented." if inferred else ""


def _disagreement(provenance: Node) -> str:
    used, *others = [str(reading["value"]) for reading in provenance.get("readings", ())] or [""]
    if not others:
        return ""
    return f"Pages disagree. In use here: {used}. Elsewhere: {'; '.join(others)}."
