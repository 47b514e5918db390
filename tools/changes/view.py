"""The document as users of the client see it: a plain dict, and what is needed to report on it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator import document as doc
from generator import extensions, facts, prepare
from generator.lines import escaped
from generator.problems import UNFORESEEN, GenerationError
from tools.changes import schemas
from tools.changes.locations import Locations
from tools.changes.methods import Bodies, arguments_of, bodies, method
from tools.spec import python
from tools.spec.fields import provenance_of
from tools.spec.received import only_sent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.document import Node
    from tools.spec import SpecIndex


@dataclass
class Uses:
    """What uses a class: methods by what they do, and events with the path to it."""

    takes: set[str] = field(default_factory=set)
    returns: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)
    """Methods whose error responses are read as it."""
    events: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """One revision. `plain` is what is compared; keys of methods are `customers.create`."""

    plain: dict[str, Any]
    uses: Mapping[str, Uses]
    pointers: Mapping[tuple[str, ...], str]
    """Where the document has what is at the beginning of a path of `plain`."""
    rejected: str = ""
    """Why the generator rejects the document; nothing where it accepts it."""
    hidden: frozenset[str] = frozenset()
    """The classes that only carry arguments, which are reported as arguments."""


def view(spec: SpecIndex) -> View:
    """Return what users can notice of a spec.

    Raises:
        GenerationError: When the generator rejects the document, and it can't be compared.
    """
    rejected = _rejected(dict(spec.document))
    try:
        return _Builder(spec).view(rejected)
    except UNFORESEEN as error:
        if rejected:
            raise GenerationError(f"openapi.yaml: {rejected}") from error
        raise


class _Builder:
    def __init__(self, spec: SpecIndex) -> None:
        self.spec = spec
        # Inline objects and enums get the names that their classes have.
        self.document: Node = prepare.named(dict(spec.document))
        self.components = doc.schemas(self.document)
        self.only_sent = only_sent(self.document)
        self.uses: defaultdict[str, Uses] = defaultdict(Uses)
        self.pointers: dict[tuple[str, ...], str] = {
            ("codes",): "/components/schemas/ErrorResponse/properties/errorCode",
            ("document", "keys"): "/components/securitySchemes",
        }
        self.hidden: set[str] = set()
        self.inline: dict[str, str] = {}

    def view(self, rejected: str) -> View:
        plain = {
            "document": _document(self.spec.document),
            "servers": self._servers(),
            "codes": {code: each.text for code, each in self.spec.codes.items()},
            "methods": dict(self._method(op) for op in doc.operations(self.document)),
            "events": dict(self._event(op) for op in doc.webhooks(self.document)),
        }
        hidden = self.hidden - self.uses.keys()
        shown = [name for name in self.components if name not in hidden]
        plain["classes"] = {
            name: self._class(name) for name in shown if python.is_class(self.components[name])
        }
        plain["enums"] = {
            name: self._enum(name) for name in shown if python.is_enum(self.components[name])
        }
        locations = Locations(self.spec, self.inline)
        return View(
            plain,
            self.uses,
            {path: locations.exact(each) for path, each in self.pointers.items()},
            rejected,
            frozenset(hidden),
        )

    def _servers(self) -> Node:
        known = self.spec.servers
        return {"default": known[0] if known else None, "known": dict.fromkeys(known, True)}

    def _method(self, op: doc.Operation) -> tuple[str, Node]:
        found = bodies(self.document, op)
        plain = method(self.document, op, found)
        key = plain["name"]
        self.pointers["methods", key] = f"/paths/{escaped(op.path)}/{op.verb}"
        self._note_arguments(key, op, found)
        self._note_uses(key, op, found)
        self._note_inline(found.response, self.pointers["methods", key])
        return key, plain

    def _note_arguments(self, key: str, op: doc.Operation, found: Bodies) -> None:
        envelope = schemas.members(self.document, found.envelope) if found.envelope else {}
        arguments = arguments_of(self.document, op, found)
        for part, members in (("envelope", envelope), ("arguments", arguments)):
            for argument, member in members.items():
                self.pointers["methods", key, part, argument] = member.pointer
                self._note_inline(member.schema, member.pointer)
        self.hidden |= {name for name in (found.envelope, found.payload) if name is not None}

    def _note_inline(self, schema: Node | None, pointer: str) -> None:
        for name in self._reached(schema):
            self.inline.setdefault(name, pointer)

    def _note_uses(self, name: str, op: doc.Operation, found: Bodies) -> None:
        for member in arguments_of(self.document, op, found).values():
            for component in self._reached(member.schema):
                self.uses[component].takes.add(name)
        for component in self._reached(found.response):
            self.uses[component].returns.add(name)
        for schema in found.errors:
            for component in self._reached(schema):
                self.uses[component].errors.add(name)

    def _event(self, op: doc.Operation) -> tuple[str, Node]:
        schema: Node = next(
            (media["schema"] for media in doc.media(self.document, op.body.get("requestBody", {}))),
            {},
        )
        self.pointers["events", op.path] = f"/webhooks/{escaped(op.path)}/{op.verb}"
        for component, path in self._reached(schema).items():
            self.uses[component].events.setdefault(op.path, path)
        return op.path, {
            "class": python.type_of(self.document, schema),
            "deprecated": bool(op.body.get("deprecated")),
            "source": provenance_of(op.body).level,
            "words": schemas.words(op.body),
        }

    def _class(self, name: str) -> Node:
        found = schemas.class_(self.document, name, received=name not in self.only_sent)
        self.pointers["classes", name] = f"/components/schemas/{name}"
        for attribute, member in schemas.members(self.document, name).items():
            self.pointers["classes", name, "fields", attribute] = member.pointer
            self._note_inline(member.schema, member.pointer)
        return found

    def _enum(self, name: str) -> Node:
        schema = self.components[name]
        others = prepare.spellings(schema)
        self.pointers["enums", name] = f"/components/schemas/{name}"
        values = {python.enum_member(v): str(v) for v in schema["enum"] if str(v) not in others}
        return schemas.enum(schema, name, values, others)

    def _reached(self, schema: Node | None) -> dict[str, str]:
        """Return the classes and enums that a value can hold, with the path to the first place."""
        found: dict[str, str] = {}
        if schema is not None:
            self._walk(schema, "", found)
        return found

    def _walk(self, schema: Node, path: str, found: dict[str, str]) -> None:
        target, name = python.followed(self.document, schema)
        if name is not None:
            if name in found:
                return
            found[name] = path
        for piece in target.get("allOf", ()):
            self._walk(piece, path, found)
        for wire, child in target.get("properties", {}).items():
            attribute = python.argument(wire)
            self._walk(child, f"{path}.{attribute}" if path else attribute, found)
        for child in doc.children({key: target[key] for key in _INNER if key in target}):
            self._walk(child, path, found)


def _rejected(document: Node) -> str:
    """Return why the generator rejects a document, in a line, as far as it decides itself."""
    try:
        extensions.check(document)
        prepared = prepare.named(document)
        prepare.simplified(prepared)
        facts.template(prepared)
    except GenerationError as error:
        return _brief(str(error))
    except UNFORESEEN as error:
        return str(GenerationError.unforeseen(error, "openapi.yaml"))
    return ""


def _brief(message: str) -> str:
    """Return the first problem of a message, without its headline, and how many there are."""
    lines = [line.strip() for line in message.splitlines()]
    first, *more = lines[1:] if lines[0].endswith(":") and lines[1:] else lines
    return f"{first} (and {len(more)} more)" if more else first


_INNER = ("items", "additionalProperties", "anyOf", "oneOf", "prefixItems")
_KNOWN = frozenset(("openapi", "info", "servers", "paths", "webhooks", "components", "tags"))


def _document(document: Mapping[str, Any]) -> Node:
    info, tags = document.get("info", {}), document.get("tags", ())
    # The title introduces the package.
    return {
        "version": info.get("version"),
        "words": schemas.words(info, {"summary": info.get("title")}),
        "resources": {python.resource(str(tag.get("name"))): schemas.words(tag) for tag in tags},
        "keys": _without_words(document.get("components", {}).get("securitySchemes", {})),
        **{key: each for key, each in document.items() if key not in _KNOWN},
    }


def _without_words(node: Any) -> Any:  # noqa: ANN401 - any value of the document
    if isinstance(node, dict):
        return {key: _without_words(each) for key, each in node.items() if key != "description"}
    return node
