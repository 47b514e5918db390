"""Docstrings mark what is not documented, and where pages disagree."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import calypso_api.models
from calypso_api.resources.customers import Customers
from calypso_api.resources.purses import Purses
from tests.methods import method
from tests.rows import rows
from tools.reference import python
from tools.spec import read

if TYPE_CHECKING:
    from tools.spec import Field, Operation

SPEC = read()
REFERENCE = " ".join(Path("docs/reference.md").read_text().replace("\\|", "|").split())
OPERATIONS = [*SPEC.operations.values(), *SPEC.events.values()]
FIELDS = {
    field.pointer: field
    for operation in OPERATIONS
    for fields in operation.fields.values()
    for field in fields.values()
    if field.field_path.path
    if not field.pointer.endswith("/items")
    # A nested schema has a class without a name in the document.
    if field.pointer.startswith("/components/schemas/") and field.pointer.count("/properties/") == 1
}
INFERRED = [field for field in FIELDS.values() if field.provenance.level == "inferred"]
DISPUTED = [field for field in FIELDS.values() if field.provenance.readings]


def name_of(field: Field) -> str:
    return field.pointer.removeprefix("/components/schemas/").replace("/", ".")


def entry(docstring: str | None, heading: str, name: str) -> str:
    """Return on one line the entry of a docstring for an attribute or an argument."""
    section = inspect.cleandoc(docstring or "").partition(f"\n{heading}:\n")[2]
    found: list[str] = []
    for line in section.splitlines():
        if line.startswith(f"    {name}: "):
            found = [line]
        elif found and line.startswith("        "):
            found.append(line)
        elif found:
            break
    assert found, f"{name} is not among the {heading}"
    return " ".join(" ".join(found).split())


def attribute(field: Field) -> str:
    """Return the entry of the generated class's docstring for a field."""
    _, _, _, schema, *_, name = field.pointer.split("/")
    return entry(getattr(calypso_api.models, schema).__doc__, "Attributes", python.name(name))


@rows("field", {name_of(field): field for field in INFERRED})
def test_an_inferred_field_says_so(field: Field) -> None:
    """A user need not know the document to see what is guessed."""
    assert "Inferred, not documented." in attribute(field)


@rows("field", {name_of(field): field for field in DISPUTED})
def test_a_disputed_field_names_all_readings_the_one_in_use_first(field: Field) -> None:
    """A reader of another page recognises it, and learns which one the client follows."""
    used, *others = (reading.value for reading in field.provenance.readings)
    text = attribute(field)

    assert f"Pages disagree. In use here: {used}." in text
    assert f"Elsewhere: {'; '.join(others)}." in text


@rows("call", {call.id: call for call in SPEC.operations.values()})
def test_an_argument_says_how_sure_it_is(call: Operation) -> None:
    """The uncertainty of a field is also marked where it is an argument."""
    for path, field in call.fields.get("request", {}).items():
        is_parameter = " " in path
        name = path.rpartition(" ")[2].removeprefix("payload.")
        if (not is_parameter and name == path) or "." in name or name.endswith("[]"):
            continue
        text = entry(method(call.tag, call.method).__doc__, "Args", python.name(name))
        if field.pointer in FIELDS:
            assert text == attribute(field)
        else:
            inferred = field.provenance.level == "inferred"
            assert ("Inferred, not documented." in text) == inferred


@rows("call", {call.id: call for call in SPEC.operations.values()})
def test_an_operation_says_how_sure_it_is(call: Operation) -> None:
    """Its docstring states whether it is inferred, and one page; the reference has the rest."""
    text = " ".join((method(call.tag, call.method).__doc__ or "").split())
    page, level, date = call.provenance.pages[0], call.provenance.level, call.provenance.date

    assert f"Source: {page} ({level}, {date})." in text
    assert call.provenance.note in REFERENCE
    assert all(reading.value in REFERENCE for reading in call.provenance.readings)


def test_an_answer_whose_type_is_inferred_says_so() -> None:
    """What comes back is uncertain too, not only the call."""
    text = inspect.cleandoc(Purses.list.__doc__ or "")

    assert "oldest first. Inferred, not documented." in text.partition("Returns:")[2]
    assert "Inferred" not in (Customers.create.__doc__ or "").partition("Returns:")[2]


@rows("known", SPEC.enumerations)
def test_an_enumeration_says_how_sure_it_is(known: Any) -> None:
    """The docstring of the class states the source of its values, and what is missing."""
    text = " ".join((getattr(calypso_api.models, known.name).__doc__ or "").split())

    assert ("Inferred, not documented." in text) == (known.provenance.level == "inferred")
    assert known.provenance.note in text
    assert all(reading.value in text for reading in known.provenance.readings)


def test_there_is_something_to_tell() -> None:
    """The document holds what these tests walk over."""
    assert len(INFERRED) > 10
    assert len(DISPUTED) > 10
