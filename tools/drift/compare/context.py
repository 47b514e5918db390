"""What every comparison of a page needs: the page's facts and their places in the document."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tools.drift.compare.samples import paths
from tools.drift.facts import ExampleFact, FieldFact, OperationFact
from tools.spec.fields import provenance_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.drift.facts import Reading
    from tools.spec import Alternative, Field, FieldPath, Operation, Provenance, SpecIndex

_VERSION = re.compile(r"^/api/v\d+/")


class Context:
    """One page beside the document.

    Attributes:
        seen: The keys of what the page showed when it was last accepted; None when it never was,
            or was in another form.
    """

    def __init__(
        self, reading: Reading, spec: SpecIndex, seen: frozenset[str] | None = None
    ) -> None:
        self.reading = reading
        self.spec = spec
        self.seen = seen

    @property
    def page(self) -> str:
        """The page's name."""
        return self.reading.page.name

    @cached_property
    def operations(self) -> dict[str, OperationFact]:
        """The calls that the page shows, each with the fact that says most of it."""
        found: dict[str, OperationFact] = {}
        for fact in self.reading.facts:
            if isinstance(fact, OperationFact) and self.in_scope(fact.owner):
                known = found.get(fact.owner)
                if known is None or (not known.operation_id and fact.operation_id):
                    found[fact.owner] = fact
        return found

    @cached_property
    def moved(self) -> dict[str, str]:
        """Calls that the page shows under a new path or verb, each with its owner as we know it."""
        pairs = ((owner, self._former(fact)) for owner, fact in self.operations.items())
        return {owner: former for owner, former in pairs if former is not None}

    def _former(self, fact: OperationFact) -> str | None:
        if fact.owner in self.spec.operations:
            return None
        verb, path = fact.owner.split(" ", 1)
        for owner, operation in self.spec.operations.items():
            if owner in self.operations:
                continue
            known_verb, known_path = owner.split(" ", 1)
            same_id = bool(fact.operation_id) and operation.id == fact.operation_id
            same_tail = verb == known_verb and _tail(path) == _tail(known_path)
            renamed = self.showed(f"operation | {owner}") and (
                path == known_path
                or (_near(fact.owner, owner) and self._alike(fact.owner, operation))
            )
            if same_id or same_tail or renamed:
                return owner
        return None

    def _alike(self, owner: str, operation: Operation) -> bool:
        """Whether the page shows a call with a request that we know, as far as it shows it."""
        field_paths = (
            field_path
            for field_path in self.shown
            if field_path.owner == owner and field_path.part == "request"
        )
        shown = {field_path.path for field_path in field_paths if field_path.path}
        for fact in self.examples:
            if fact.owner == owner and fact.part == "request":
                shown |= set(paths(fact.value))
        ours = operation.fields.get("request", {})
        needed = {path for path, field in ours.items() if field.shape.required}
        return needed <= shown <= ours.keys()

    def showed(self, key: str) -> bool:
        """Whether the page showed this when it was last accepted."""
        return self.seen is not None and key in self.seen

    def in_scope(self, owner: str) -> bool:
        """Whether a call belongs to the part of the API that the document describes."""
        return _group(owner) in self._groups

    @cached_property
    def _groups(self) -> frozenset[str]:
        return frozenset(map(_group, self.spec.operations))

    def operation(self, owner: str) -> Operation | None:
        """Return a call or an event as the document has it, under whatever path the page says."""
        owner = self.moved.get(owner, owner)
        return self.spec.operations.get(owner) or self.spec.events.get(owner)

    def fields(self, field_path: FieldPath) -> Mapping[str, Field]:
        """Return the fields of the body that a place is in; none where the document has no such."""
        operation = self.operation(field_path.owner)
        return operation.fields.get(field_path.part, {}) if operation else {}

    def field(self, field_path: FieldPath) -> Field | None:
        """Return a field as the document has it."""
        return self.fields(field_path).get(field_path.path)

    @cached_property
    def shown(self) -> dict[FieldPath, FieldFact]:
        """The fields that lists and schemas of the page show; the first fact of each counts."""
        found: dict[FieldPath, FieldFact] = {}
        for fact in self.reading.facts:
            if isinstance(fact, FieldFact):
                found.setdefault(fact.field_path, fact)
        return found

    @cached_property
    def examples(self) -> list[ExampleFact]:
        """The samples of bodies."""
        return [fact for fact in self.reading.facts if isinstance(fact, ExampleFact)]

    def cut(self, owner: str) -> bool:
        """Whether the page breaks off within what it says of this owner."""
        fact = self.operations.get(owner)
        return self.reading.cut is not None or (fact is not None and fact.cut)

    def subject(self, field_path: FieldPath) -> str:
        """Return what messages call a field: `customers.create: payload.email`."""
        name = self.name(field_path.owner)
        if field_path.part == "response":
            return f"{name} answer: {field_path.path or '(body)'}"
        return f"{name}: {field_path.path or '(body)'}"

    def name(self, owner: str) -> str:
        """Return what messages call a call or an event."""
        operation = self.operation(owner)
        if operation is not None and operation.method:
            return f"{operation.tag}.{operation.method}"
        return "every event" if owner == "*" else owner

    def recorded(self, pointer: str, words: Iterable[str]) -> Alternative | None:
        """Return the reading by which the document records that a page says this.

        The readings of the node at the pointer count, and those of all that it is in. The first
        of them is the document's own; what it says too is no other reading.
        """
        patterns = [re.compile(rf"(?<!\w){re.escape(word)}(?!\w)") for word in words]
        for provenance in self._around(pointer):
            if not provenance.readings:
                continue
            ours, *others = provenance.readings
            said = "" if ours.value.startswith("absent") else ours.value
            for reading in others:
                if any(at.search(reading.value) and not at.search(said) for at in patterns):
                    return reading
        return None

    def _around(self, pointer: str) -> Iterator[Provenance]:
        node: Any = self.spec.document
        found = []
        for step in pointer.split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")  # noqa: PLW2901 - the step unescaped
            node = node[int(step)] if isinstance(node, list) else node.get(step, {})
            if isinstance(node, dict):
                found.append(provenance_of(node))
        if isinstance(node, dict) and "$ref" in node:
            yield from self._around(str(node["$ref"]).removeprefix("#"))
        yield from reversed(found)


def parent(path: str) -> str:
    """Return the path of what holds a field: of `a.b[].c` it is `a.b[]`, of that `a.b`."""
    if path.endswith("[]"):
        return path.removesuffix("[]")
    return path.rpartition(".")[0]


def _near(one: str, other: str) -> bool:
    """Whether two calls have one verb, and paths side by side or one below the other."""
    side_by_side = one.rpartition("/")[0] == other.rpartition("/")[0]
    return side_by_side or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _tail(path: str) -> str:
    return _VERSION.sub("", path).rstrip("/")


def _group(owner: str) -> str:
    return _tail(owner.partition(" ")[2]).partition("/")[0]
