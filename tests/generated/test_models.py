"""Every model, by what all of them have to do."""

from __future__ import annotations

import contextlib
import copy
import itertools
import pickle
import re
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_python_client.strings import ClassName, PythonIdentifier

from calypso_api import UNSET, DecodeError, models
from calypso_api._json import dump_json, load_json
from generator.prepare import named
from tests.properties import examples
from tests.rows import rows
from tools.spec.received import only_sent

if TYPE_CHECKING:
    from collections.abc import Iterator

MODELS = [getattr(models, name) for name in models.__all__ if attrs.has(getattr(models, name))]

PLAIN = {
    "Any": "text",
    "Decimal": Decimal("1.5"),
    "bool": True,
    "datetime.date": "2026-11-02",
    "datetime.datetime": "2026-11-02T10:53:50.356789Z",
    "int": 3,
    "str": "text",
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
SENT = [model for model in MODELS if not hasattr(sys.modules[model.__module__], "_ESSENTIAL")]
RECEIVED = [model for model in MODELS if model not in SENT]
every_model = rows("model", {model.__name__: model for model in MODELS})


def wire_fields(model: Any) -> dict[str, Any]:
    """Return the fields of a model by their names on the wire."""
    by_name = {field.name: field for field in attrs.fields(model)}
    known = sys.modules[model.__module__]._KNOWN
    return {name: by_name[python_name(name)] for name in sorted(known)}


def python_name(name: str) -> str:
    return str(PythonIdentifier(name, "field_"))


def required(model: Any) -> list[str]:
    """Return the fields that it can't be read without."""
    fields = wire_fields(model).items()
    return [name for name, field in fields if field.default is attrs.NOTHING]


def sample(model: Any) -> dict[str, Any]:
    """Return a JSON object that has every field of a model."""
    return {name: sample_value(str(field.type)) for name, field in wire_fields(model).items()}


def sample_value(annotation: str) -> Any:
    if items := re.match(r"list\[(.*?)\](?= \||$)", annotation):
        return [sample_value(items[1])]
    kind = next(each for each in annotation.split(" | ") if each not in ("None", "Unset"))
    if kind in PLAIN:
        return PLAIN[kind]
    known = getattr(models, kind)
    return sample(known) if attrs.has(known) else next(iter(known)).value


def empty(value: object) -> object:
    """Return the value of the same kind that is false."""
    if isinstance(value, dict):
        return value
    return value if str(value).startswith("2026") else type(value)()


def bare(model: Any) -> dict[str, Any]:
    return {name: value for name, value in sample(model).items() if name in required(model)}


SAMPLES = {model: sample(model) for model in MODELS}
BARE = {model: bare(model) for model in MODELS}


@every_model
def test_null_means_absent_in_every_optional_field(model: Any) -> None:
    """Whatever its kind: None in what is received, UNSET in what is only sent."""
    # What may be null is sent so, and is another thing than what is left out.
    fields = wire_fields(model).items()
    sent_as_null = {n for n, field in fields if model in SENT and "None" in str(field.type)}
    nulls = dict.fromkeys(set(wire_fields(model)) - set(required(model)) - sent_as_null)
    absent = UNSET if model in SENT else None

    assert model.from_dict(bare(model)) == model.from_dict(bare(model) | nulls)
    assert model.from_dict(bare(model) | nulls).additional_properties == {}
    for name in nulls:
        assert getattr(model.from_dict(bare(model)), python_name(name)) is absent
        assert ("Unset" in str(wire_fields(model)[name].type)) == (model in SENT)
        assert ("None" in str(wire_fields(model)[name].type)) == (model in RECEIVED)


def by_class(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas by the names of their classes, including nested ones."""
    schemas = named(document)["components"]["schemas"]
    return {ClassName(name, ""): schema for name, schema in schemas.items()}


def test_what_is_received_needs_only_what_the_document_calls_essential(
    document: dict[str, Any],
) -> None:
    """Those fields are typed without None, and no others."""
    schemas = by_class(document)
    for model in RECEIVED:
        schema = schemas.get(model.__name__, {})
        refs = [part.get("$ref", "").rpartition("/")[2] for part in schema.get("allOf", ())]
        parts = [schema, *schema.get("allOf", ()), *(schemas[ref] for ref in refs if ref)]
        fields = {name: node for part in parts for name, node in part.get("properties", {}).items()}
        assert sorted(fields) == list(wire_fields(model))
        essential = sorted(name for name, node in fields.items() if "x-essential" in node)
        assert essential == required(model), model
        typed = [name for name, f in wire_fields(model).items() if "None" not in str(f.type)]
        assert essential == typed, model


def test_what_is_sent_needs_all_that_the_document_requires(document: dict[str, Any]) -> None:
    """An essential field is a matter of what is received."""
    schemas = by_class(document)

    names = {ClassName(name, "") for name in only_sent(named(document))}
    assert {model for model in MODELS if model.__name__ in names} == set(SENT)
    for model in SENT:
        assert sorted(schemas[model.__name__].get("required", ())) == required(model), model


@every_model
def test_a_field_that_is_needed_and_is_absent_or_null_is_named(model: Any) -> None:
    """Not a bare KeyError: the message names the model and the field."""
    for name in required(model):
        without = {key: value for key, value in sample(model).items() if key != name}

        with pytest.raises(DecodeError) as caught:
            model.from_dict(without)
        assert f"{model.__name__}.{name}: required, but absent" == str(caught.value)

        with pytest.raises(DecodeError, match=rf"^{model.__name__}\.{name}: .* got null$"):
            model.from_dict(without | {name: None})


@every_model
def test_a_field_of_another_shape_is_named_where_it_is_needed_or_only_sent(model: Any) -> None:
    """A list or an object where neither belongs."""
    for name, right in sample(model).items():
        if model in RECEIVED and name not in required(model):
            continue
        wrong: object = [] if isinstance(right, dict) else {"an": "object"}

        with pytest.raises(DecodeError, match=rf"^{model.__name__}\.{name}: expected .* a JSON"):
            model.from_dict(sample(model) | {name: wrong})


@given(st.lists(json_values, min_size=1, max_size=6))
def test_each_field_that_is_not_essential_is_read_whatever_the_others_are(
    values: list[Any],
) -> None:
    """As a field by itself: its value, or None, and then the raw value is kept and written again.

    The fields of each model hold in turn what they should, and any JSON.
    """
    cases: Iterator[tuple[Any, list[Any]]] = (
        (model, values[turn:] + values[:turn]) for model in RECEIVED for turn in range(2)
    )
    for model, drawn in cases:
        whole, needed = SAMPLES[model], BARE[model]
        others = [name for name in whole if name not in needed]
        mixed = dict(zip(others, itertools.cycle([*drawn, ...]), strict=False))
        came = {name: whole[name] if value is ... else value for name, value in mixed.items()}

        found = model.from_dict(needed | came)

        for name, value in came.items():
            alone = model.from_dict(needed | {name: value})
            read = getattr(found, python_name(name))
            assert read == getattr(alone, python_name(name))
            assert read is not None or found.to_dict().get(name) is value
            assert (name in found.additional_properties) == (read is None and value is not None)
            assert read is not None or mixed[name] is not ...
        assert found == model.from_dict(found.to_dict())


@every_model
@rows("value", [[], "text", None, 3, True, Decimal(1)])
def test_what_is_not_an_object_is_rejected(model: Any, value: object) -> None:
    """If the whole response is something else, the model is named."""
    with pytest.raises(DecodeError, match=rf"^{model.__name__}: expected an object"):
        model.from_dict(value)


@given(st.lists(json_values, min_size=1, max_size=5))
def test_no_json_raises_anything_but_a_decode_error(values: list[Any]) -> None:
    """Total: any JSON gives a model or a DecodeError, and what was read can be sent.

    But for an empty text where one is needed, which is never sent. In place of a whole object, of
    each field of a whole object, and of all fields at once.
    """
    failed: dict[str, Exception] = {}
    for model, whole in SAMPLES.items():
        fields = dict(zip(whole, itertools.cycle(values), strict=False))
        wholes = [whole | {name: value} for name, value in fields.items()]
        for value in (*values, *wholes, fields):
            try:
                with contextlib.suppress(DecodeError):
                    model.from_dict(value).to_dict()
            except Exception as error:  # noqa: BLE001 - each model is named
                if "is empty" not in str(error):
                    failed[model.__name__] = error
    assert failed == {}


@every_model
def test_every_model_survives_the_way_to_the_wire_and_back(model: Any) -> None:
    """Written and read, pickled unless it has a secret, copied: always equal, whole or bare."""
    for found in (model.from_dict(sample(model)), model.from_dict(bare(model))):
        assert found == model.from_dict(load_json(dump_json(found.to_dict())))
        if "secretKey" not in str(found.to_dict()):
            assert found == pickle.loads(pickle.dumps(found))
        assert found.to_dict() == copy.deepcopy(found).to_dict()


@every_model
def test_whole_objects_are_sent_as_they_came(model: Any) -> None:
    """Every field comes back under its own name, and none is added."""
    assert sample(model) == model.from_dict(sample(model)).to_dict()


@every_model
def test_what_is_empty_is_sent_all_the_same(model: Any) -> None:
    """Only what is absent is left out: not zero, not false, not an empty text or list.

    An id, a filter, or a required field of a payload is rejected when it is empty: it would name
    nothing, or everything.
    """
    whole = sample(model)
    kept = {name for name, value in whole.items() if str(value).isupper() or name.endswith("d")}
    kept |= set(required(model)) if model in SENT else set()
    empties = {name: value if name in kept else empty(value) for name, value in whole.items()}

    assert empties == model.from_dict(empties).to_dict()


@given(st.dictionaries(st.text().map(lambda name: f"x-{name}"), json_values, max_size=3))
@examples(15)
def test_unknown_fields_are_kept_and_sent_again(unknown: dict[str, Any]) -> None:
    """The vendor adds fields; none is lost on the way through, whatever its value."""
    found = {model: model.from_dict(whole | unknown) for model, whole in SAMPLES.items()}

    assert dict.fromkeys(MODELS, unknown) == {
        model: each.additional_properties for model, each in found.items()
    }
    assert {model: whole | unknown for model, whole in SAMPLES.items()} == {
        model: each.to_dict() for model, each in found.items()
    }
