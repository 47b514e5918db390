"""Whose field a finding is about, and how a sentence names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.changes.line import Draft, joined
from tools.spec.model import Shape
from tools.spec.severity import Severity, alterations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.changes.line import Difference
    from tools.changes.view import Uses, View
    from tools.spec.model import Part
    from tools.spec.severity import Kind


@dataclass(frozen=True)
class Views:
    """The two views that are compared."""

    old: View
    new: View

    def at(self, *path: str) -> tuple[Any, Any]:
        """Return what each has at a place."""
        return _at(self.old.plain, path), _at(self.new.plain, path)

    def pointer(self, path: tuple[str, ...]) -> str:
        """Return where the document has the innermost place around a path that it names."""
        for end in range(len(path), 0, -1):
            for view in (self.new, self.old):
                if path[:end] in view.pointers:
                    return view.pointers[path[:end]]
        return f"/{path[1]}" if path[0] == "document" else f"/{path[0]}"

    def method(self, key: str) -> str:
        """Return what a method is called now, or was."""
        was, now = self.at("methods", key)
        return str((now or was)["name"])

    def class_(self, key: str) -> str:
        """Return what a class or an enum is called now, or was."""
        for part in ("classes", "enums"):
            was, now = self.at(part, key)
            if was or now:
                return str((now or was)["name"])
        return key

    def uses(self, key: str) -> Uses | None:
        """Return what uses a class now, or used it."""
        return self.new.uses.get(key) or self.old.uses.get(key)

    def parts(self, key: str) -> set[Part]:
        """Return where a class is used; by default in responses."""
        uses = self.uses(key)
        found: set[Part] = set()
        if uses is not None:
            found |= {"request"} if uses.takes else set()
            found |= {"event"} if uses.events else set()
            found |= {"response"} if uses.returns or uses.errors else set()
        return found or {"response"}

    def renamed(self, name: str) -> str:
        """Return a type of the old view with the names that its classes have now."""
        for part in ("classes", "enums"):
            for key, was in self.old.plain[part].items():
                now = self.new.plain[part].get(key)
                if now is not None and now["name"] != was["name"]:
                    name = _replaced(name, was["name"], now["name"])
        return name

    def enums(self) -> set[str]:
        """Return the names of all enums of views."""
        return {
            each["name"] for view in (self.old, self.new) for each in view.plain["enums"].values()
        }


def _at(node: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - whatever a view holds
    for step in path:
        if not isinstance(node, dict) or step not in node:
            return None
        node = node[step]
    return node


def _replaced(text: str, old: str, new: str) -> str:
    words = text.replace("[", " [ ").replace("]", " ] ").split()
    return (
        " ".join(new if word == old else word for word in words)
        .replace(" [ ", "[")
        .replace(" ]", "]")
    )


@dataclass(frozen=True)
class Subject:
    """A field of a method's arguments, or of a class.

    Attributes:
        name: What the sentence calls it, such as `email` or `Transaction.fee`.
        holder: The class that has it; None for an argument.
        where: What uses its class, as part of a sentence; empty for arguments.
        who: The methods that a line is about.
        parts: In what it is used.
        sent: Whether it belongs to the envelope, which the client fills in itself.
        returned: Whether a method returns it.
    """

    name: str
    holder: str | None
    where: str
    who: frozenset[str]
    parts: frozenset[Part]
    pointer: str
    was: Mapping[str, Any] | None
    now: Mapping[str, Any] | None
    sent: bool = False
    returned: bool = False

    @property
    def is_argument(self) -> bool:
        """Whether users pass it to a method."""
        return self.holder is None and not self.sent

    def draft(self, severity: Severity, kind: Kind | Difference, text: str) -> Draft:
        """Return a sentence about it."""
        return Draft(severity, kind, text, self.who, self.pointer)

    def severity(self, attribute: str) -> Severity:
        """Return how severe the shared rules find an attribute that differs.

        They are about the wire. The client checks neither limits nor patterns nor formats of what
        it receives, nor whether it is whole, so to its users these changes are editorial, except
        where the Python type changes.
        """
        found = [
            each.severity
            for part in self.parts
            for each in alterations(part, shape(self.was), shape(self.now))
            if each.attribute == attribute and part == "request"
        ]
        return min(found, key=list(Severity).index, default=Severity.EDITORIAL)

    def sentence(self, text: str) -> str:
        """Return a sentence that begins with its name; `text` is the rest."""
        if self.holder is None:
            return f"{{who}}: `{self.name}` {text}"
        return f"`{self.name}`{self.where} {text}"


def shape(node: Mapping[str, Any] | None) -> Shape:
    """Return a field of a view as the shared rules want it."""
    node = node or {}
    return Shape(
        type=node.get("json"),
        format=node.get("format"),
        pattern=node.get("pattern"),
        required=node.get("required"),
        limits=node.get("limits") or {},
    )


def users(views: Views, key: str) -> frozenset[str]:
    """Return the methods and events that use a class."""
    uses = views.uses(key)
    if uses is None:
        return frozenset()
    return frozenset((*uses.takes, *uses.returns, *uses.errors, *uses.events))


def clauses(views: Views, key: str, it: str = "it") -> str:
    """Return what uses a class, as sentences: `a.get` returns it, `b.find` takes it."""
    return ", ".join(
        f"{names} {verbs[0 if single else 1]} {it}" for names, single, verbs in _roles(views, key)
    )


def where(views: Views, key: str) -> str:
    """Return what uses a class, in brackets after its name; empty when nothing does."""
    found = [f"{verbs[2]} {names}" for names, _, verbs in _roles(views, key)]
    return f" ({', '.join(found)})" if found else ""


def _roles(views: Views, key: str) -> Iterator[tuple[str, bool, tuple[str, str, str]]]:
    uses = views.uses(key)
    if uses is None:
        return
    if uses.returns:
        yield *_names(uses.returns), ("returns", "return", "returned by")
    if uses.takes:
        yield *_names(uses.takes), ("takes", "take", "taken by")
    if uses.errors:
        yield "error responses", False, ("carry", "carry", "in")
    if uses.events:
        every = uses.events.keys() == views.new.plain["events"].keys() and len(uses.events) > 1
        names = "every event" if every else _events(uses.events)
        paths = set(uses.events.values()) - {""}
        if len(paths) == 1:
            names = f"`{paths.pop()}` of {names}"
        single = every or len(uses.events) == 1 or names.startswith("`")
        yield names, single, ("carries", "carry", "in")


def _names(methods: set[str]) -> tuple[str, bool]:
    return joined(sorted(methods)), len(methods) == 1


def _events(events: Mapping[str, str]) -> str:
    return f"the event{'s' * (len(events) > 1)} {joined(sorted(events))}"
