"""Checks of what the generator supports of OpenAPI; each message states the fault and the fix.

A document that passes becomes a client that does what the document describes. Without these checks
the client would be wrong without an error, or openapi-python-client would fail without a location.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from openapi_python_client.strings import PythonIdentifier

from generator import document as doc
from generator import fields, keywords, names, paths, shapes
from generator.lines import escaped
from generator.problems import Fault, GenerationError
from generator.shapes import properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node

SIGNED = {
    "Key": {"type": "apiKey", "in": "header", "name": "Key"},
    "Sign": {"type": "apiKey", "in": "header", "name": "Sign"},
}
_VERBS = frozenset(("delete", "get", "patch", "post", "put"))
_UNREADABLE = ("head", "options", "trace")
_HOST = re.compile(r"https://[a-z0-9.-]+(:[0-9]+)?")
_JSON = "application/json"
_ENVELOPE = frozenset(("account", "timestamp", "payload"))
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_DEFAULTS = {"path": ("simple", False), "query": ("form", True)}
_ARGUMENTS = ("body", "client", "url")
_SCALARS = frozenset(("boolean", "integer", "number", "string"))
# Attributes of clients besides their resources.
_CLIENT = frozenset(("aclose", "close", "raw", "request", "with_options"))


def problems(document: Node) -> Iterator[str]:
    """Yield a sentence for each fault, with its line where known."""
    for fault in _faults(document):
        yield doc.located(document, fault)


def _faults(document: Node) -> Iterator[Fault]:
    yield from (Fault("/servers", text) for text in _servers(document))
    yield from (Fault("/security", text) for text in _security(document))
    yield from (Fault("/tags", text) for text in _tags(document))
    for text in shapes.problems(document):
        yield Fault(_pointer_of(document, text), text)
    for module in (paths, names, keywords, fields):
        yield from module.faults(document)
    yield from (Fault("/paths", text) for text in _names(document))
    yield from _items(document)
    _, received = doc.reachable(document)
    for op in doc.operations(document):
        pointer = f"/paths/{escaped(op.path)}/{op.verb}"
        if op.verb in _VERBS:
            for text in _operation(document, op, received):
                yield Fault(pointer, f"{op.label}: {text}")


def _items(document: Node) -> Iterator[Fault]:
    for name, item in document.get("webhooks", {}).items():
        if "$ref" in item:
            text = f"{name}: is a reference; write the webhook out here"
            yield Fault(f"/webhooks/{escaped(name)}", text)
    for path, item in document["paths"].items():
        pointer = f"/paths/{escaped(path)}"
        if "$ref" in item:
            yield Fault(pointer, f"{path}: is a reference; write its operations out here")
        elif "parameters" in item:
            text = "has parameters for all its operations; write them at each operation"
            yield Fault(f"{pointer}/parameters", f"{path}: {text}")
        for verb in _UNREADABLE:
            if verb in item:
                text = f"{path}: {verb.upper()} is not supported; leave it out"
                yield Fault(f"{pointer}/{verb}", text)


def _pointer_of(document: Node, text: str) -> str:
    """Return the pointer of the schema that a sentence begins with, such as `Customer.id: …`."""
    name, *steps = text.partition(":")[0].split(".")
    if name not in doc.schemas(document):
        return "/components/schemas"
    below = "".join(f"/properties/{escaped(step)}" for step in steps)
    return f"/components/schemas/{escaped(name)}{below}"


def _names(document: Node) -> Iterator[str]:
    constants: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for op in doc.operations(document):
        tag = "".join(map(str, op.body.get("tags", ())))
        constants[tag, PythonIdentifier(op.label, "").upper()].append(op.label)
    for (tag, name), labels in constants.items():
        if len(set(labels)) > 1:
            yield f"{' and '.join(labels)}: both would be {name} of {tag}; rename one operationId"


def _servers(document: Node) -> Iterator[str]:
    if not document.get("servers"):
        yield "servers: name at least one; calls go to the first"
    for server in document.get("servers", ()):
        if not _HOST.fullmatch(str(server.get("url"))):
            yield f"servers: {server.get('url')} has to be https:// and a host, without a path"


def _security(document: Node) -> Iterator[str]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    plain = {
        name: {key: value for key, value in scheme.items() if key in ("type", "in", "name")}
        for name, scheme in schemes.items()
    }
    if plain != SIGNED:
        yield (
            "securitySchemes: the client sends the headers Key and Sign, and nothing else; change "
            "overlay/calypso_pay/_signing.py and the transport first, then generator/rules.py"
        )
    elif not _is_signed(document.get("security")):
        yield "security: has to be Key and Sign together; the client signs every request so"


def _is_signed(security: Any) -> bool:  # noqa: ANN401 - any value
    return bool(security == [{name: [] for name in SIGNED}])


def _tags(document: Node) -> Iterator[str]:
    tags = {tag for op in doc.operations(document) for tag in op.body.get("tags", ())[:1]}
    names: defaultdict[str, list[str]] = defaultdict(list)
    for tag in sorted(map(str, tags)):
        names[PythonIdentifier(tag, "tag")].append(tag)
    for name, same in names.items():
        if len(same) > 1:
            yield f"tags: {' and '.join(same)} would both be {name} in Python; rename one"
        if name in _CLIENT:
            yield f"tags: {same[0]} would hide the client's own {name}; choose another name"


def _operation(document: Node, op: doc.Operation, received: set[str]) -> Iterator[str]:
    if not isinstance(op.body.get("operationId"), str):
        yield "operationId is missing; choose one in the vendor's style, e.g. getAccount"
    if len(op.body.get("tags", ())) != 1:
        yield "needs exactly one tag: the resource that its method belongs to"
    if not _is_signed(op.body.get("security", document.get("security"))):
        yield "its security is not Key and Sign; the client would sign it all the same"
    successes = [status for status in op.body.get("responses", {}) if status.startswith("2")]
    if len(successes) != 1:
        yield (
            f"has {len(successes)} responses with a status of 2xx; a method returns one type, "
            "so describe one"
        )
    elif not successes[0].isdecimal():
        yield f"its response has the status {successes[0]}; give an exact one, such as 200"
    for status in successes:
        holder = op.body["responses"][status]
        yield from _media(document, holder, "response", f"{op.label} {status}")
    if "requestBody" in op.body:
        yield from _media(document, op.body["requestBody"], "request body", f"{op.label} request")
        yield from _envelope(document, op, received)
    yield from _parameters(document, op)


def _media(document: Node, holder: Node, what: str, label: str) -> Iterator[str]:
    content = doc.resolve(document, holder).get("content", {})
    for kind, media in content.items():
        if kind != _JSON:
            yield (
                f"its {what} is {kind}; only JSON is supported. Leave the operation out: users "
                "reach it with an HTTP client of their own and KeySign"
            )
        elif "schema" not in media:
            yield f"its {what} has no schema; write {{}} for any value"
        elif media["schema"] == {"type": "null"}:
            yield f"its {what} is null; leave content out where there is none"
        else:
            yield from shapes.faults(document, label, media["schema"])
    if len(content) > 1:
        yield f"its {what} comes as {' or '.join(content)}; describe one of them"


def _envelope(document: Node, op: doc.Operation, received: set[str]) -> Iterator[str]:
    for media in doc.media(document, op.body["requestBody"]):
        envelope = properties(document, media["schema"])
        more = sorted(envelope.keys() - _ENVELOPE)
        if "timestamp" not in envelope:
            yield (
                "its request body is not an envelope: {account, timestamp, payload}, of which "
                "account and payload may be absent. Leave requestBody out where nothing is sent"
            )
        elif more:
            yield f"engines don't send {', '.join(more)}; put it into the payload"
        yield from fields.envelope(document, envelope)
        if "timestamp" not in envelope or more:
            continue
        if "payload" in envelope and not _is_payload(document, envelope["payload"]):
            yield (
                "the payload has to be an object, and not null; its properties become the arguments"
            )
        elif doc.ref_name(envelope.get("payload", {})) in received:
            yield (
                "its payload is a schema that is received too; give the payload a schema of its "
                "own, for arguments that are absent are not null"
            )


def _is_payload(document: Node, payload: Node) -> bool:
    target = doc.resolve(document, payload)
    return (
        bool(properties(document, payload))
        and target.get("type", "object") == "object"
        and not (target.keys() & {"oneOf", "anyOf"} and not shapes.conditions(target))
    )


def _parameters(document: Node, op: doc.Operation) -> Iterator[str]:
    arguments = [str(PythonIdentifier(name, "field_")) for name in _payload_names(document, op)]
    declared = set()
    for parameter in doc.parameters(document, op):
        name, place = str(parameter.get("name", "")), str(parameter.get("in"))
        if place == "path":
            declared.add(name)
        arguments.append(str(PythonIdentifier(name, "field_")))
        yield from (f"parameter {name} {text}" for text in _parameter(document, parameter, place))
    for name in sorted({name for name in arguments if arguments.count(name) > 1}):
        yield f"has two arguments that would be {name} in Python; describe one of them"
    for name in sorted(declared ^ set(_VARIABLE.findall(op.path))):
        yield f"parameter {name} has to be in the path and among the parameters"


def _payload_names(document: Node, op: doc.Operation) -> Iterator[str]:
    for media in doc.media(document, op.body.get("requestBody", {})):
        yield from properties(document, properties(document, media["schema"]).get("payload", {}))


def _parameter(document: Node, parameter: Node, place: str) -> Iterator[str]:
    if not parameter.get("name"):
        yield "has no name"
        return
    if place not in _DEFAULTS:
        yield f"is in {place}; only path and query are supported, and Key and Sign are sent anyway"
        return
    if parameter["name"] in _ARGUMENTS:
        yield "has the name of an argument that generated functions have themselves"
    if not isinstance(parameter.get("schema"), dict):
        yield "has no schema"
        return
    yield from _written(parameter, place)
    try:
        schema = doc.resolve(document, parameter["schema"])
    except GenerationError as error:
        yield str(error)
        return
    if place == "query" and schema.get("type") == "array":
        schema = doc.resolve(document, schema.get("items", {}))
    if not isinstance(schema.get("type"), str) or schema["type"] not in _SCALARS:
        kinds = "text, number, boolean" + (", or list of these" if place == "query" else "")
        yield f"has to be a {kinds}; leave out what would be null"


def _written(parameter: Node, place: str) -> Iterator[str]:
    style, explode = _DEFAULTS[place]
    if (parameter.get("style", style), parameter.get("explode", explode)) != (style, explode):
        yield "has a style of its own; leave out style and explode"
    if parameter.get("allowReserved") or parameter.get("allowEmptyValue"):
        yield "allows what is not supported; leave out allowReserved and allowEmptyValue"
    if place == "path" and parameter.get("required") is not True:
        yield "is in the path, so it needs required: true"
