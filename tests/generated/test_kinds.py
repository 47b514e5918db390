"""Kinds of fields that the API does not have today: they are generated right all the same."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
import httpx
import pydantic
import pytest

from tests.rows import rows

if TYPE_CHECKING:
    from types import ModuleType

WIRE: dict[str, Any] = {
    "id": "t",
    "count": 3,
    "nullable": Decimal("0.10"),
    "kind": "thing",
    "day": "2026-02-28",
    "grid": [[Decimal("1.5"), Decimal(2)], []],
    "either": {"name": "screw", "weight": Decimal("0.001")},
    "size": 2,
    "maybeSize": 1,
    "maybeColour": "red",
    "maybePart": {"name": "nut", "weight": Decimal(1)},
    "maybeInline": {"moment": "2026-01-01T00:00:00Z"},
    "moments": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00+02:00"],
    "momentOrDay": "2026-01-01T00:00:00Z",
    "parts": [{"name": "nut", "weight": Decimal(1), "secret": "hush"}],
    "box": {"parts": [{"name": "nut", "weight": Decimal(1)}], "label": "nuts"},
    "words": ["a", None],
    "tally": {"sum": 2, "half": Decimal("0.5")},
    "rates": {"BTC": Decimal("0.1")},
    "stock": {"m3": {"name": "screw", "weight": Decimal("0.001")}},
    "shelves": {"top": [{"name": "screw", "weight": Decimal("0.001")}]},
    "joined": {"a": "x"},
    "deadlines": {"soon": "2026-01-01T00:00:00Z"},
    "anything": [{"at": "all"}],
    "nothing": None,
    "optionalKind": 7,
    "pin": "hush",
    'odd "name" \\': True,
    "in": "text",
    "self": {
        "id": 7,
        "count": 5,
        "nullable": None,
        "kind": "thing",
        "day": "2026-02-28",
        "grid": [],
        "either": "text",
    },
}
BARE: dict[str, Any] = WIRE["self"] | {"id": "b"}


@pytest.fixture
def thing(kinds: ModuleType) -> Any:
    return importlib.import_module(f"{kinds.__name__}.models").Thing


@pytest.fixture
def decode_error(kinds: ModuleType) -> type[ValueError]:
    error: type[ValueError] = kinds.DecodeError
    return error


def test_every_kind_survives_the_way_there_and_back(thing: Any) -> None:
    """Unions, null, constants, dates, nested lists, maps, models that hold themselves."""
    whole, bare = thing.from_dict(WIRE), thing.from_dict(BARE)
    written = {name: value for name, value in WIRE.items() if name != "nothing"}

    assert written | {"self": WIRE["self"] | {"id": "7"}} == whole.to_dict()
    assert BARE == bare.to_dict()
    assert whole == thing.from_dict(whole.to_dict())


def test_values_have_their_types(thing: Any) -> None:
    """What Python gets of each kind."""
    found = thing.from_dict(WIRE)

    assert date(2026, 2, 28) == found.day
    assert [[Decimal("1.5"), Decimal(2)], []] == found.grid
    assert type(found.either).__name__ == "Part"
    assert found.size.name == "VALUE_2"
    assert found.maybe_colour.is_known
    assert datetime(2026, 1, 1, tzinfo=UTC) == found.moment_or_day
    assert {"BTC": Decimal("0.1")} == found.rates.additional_properties
    assert datetime(2026, 1, 1, tzinfo=UTC) == (found.deadlines.additional_properties["soon"])
    assert found.self_.nullable is None
    assert found.self_.rates is None


@rows(
    "value, read",
    [("5", "5"), (5, 5), (Decimal("5.5"), Decimal("5.5")), (True, None), ([], None), (None, None)],
)
def test_a_union_reads_each_value_as_its_own_type(thing: Any, value: object, read: object) -> None:
    """Text stays text though text may hold a number, and a number stays one though ids are text."""
    found = thing.from_dict(BARE | {"either": value}).either

    assert (read, type(read)) == (found, type(found))


@rows("name", ["maybeSize", "maybeColour", "maybePart", "nothing", "kind"])
def test_null_is_kept_only_in_an_essential_field(thing: Any, name: str) -> None:
    """In any other one it is as if the field were absent."""
    found = thing.from_dict(BARE | {"nullable": None, name: None})

    assert {key: value for key, value in BARE.items() if key != name} == found.to_dict()
    assert found.to_dict()["nullable"] is None
    assert found.additional_properties == {}


@rows(
    "name, value",
    [
        ("kind", "other"),
        ("kind", 1),
        ("optionalKind", "7"),
        ("optionalKind", 8),
        ("day", "2026-02-30"),
        ("day", 20260228),
        ("grid", [1]),
        ("grid", [["x"]]),
        ("size", 3),
        ("maybeSize", "1"),
        ("maybeColour", 1),
        ("maybePart", []),
        ("maybePart", {"name": "nut"}),
        ("moments", ["now"]),
        ("momentOrDay", 5),
        ("rates", []),
        ("words", [[]]),
        ("parts", [WIRE["maybePart"], {}]),
        ("box", {"parts": [WIRE["maybePart"], {}]}),
    ],
)
def test_what_has_another_shape_is_none_and_written_again_as_it_came(
    thing: Any, name: str, value: object
) -> None:
    """In every kind of field; what is beside it is read all the same."""
    found = thing.from_dict(BARE | {name: value})

    assert found.additional_properties == {name: value}
    assert BARE | {name: value} == found.to_dict()
    found.additional_properties = {}
    assert found == thing.from_dict({key: BARE[key] for key in BARE if key != name})


@rows(
    "name, value",
    [("id", []), ("id", None), ("count", True), ("count", None), ("count", ""), ("nullable", [])],
)
def test_an_essential_field_of_another_shape_is_named(
    thing: Any, decode_error: type[ValueError], name: str, value: object
) -> None:
    """Null as well, unless the document allows it."""
    with pytest.raises(decode_error, match=rf"^Thing\.{name}: expected"):
        thing.from_dict(BARE | {name: value})


def test_typed_maps_read_what_they_can(thing: Any) -> None:
    """The other values stay as they came, and are written so."""
    odd = {
        "rates": {"BTC": [], "ETH": Decimal("0.1")},
        "deadlines": {"late": "never", "soon": "2026-01-01T00:00:00Z"},
    }
    found = thing.from_dict(BARE | odd)

    assert found.rates.additional_properties == odd["rates"]
    assert found.deadlines.additional_properties == {
        "late": "never",
        "soon": datetime(2026, 1, 1, tzinfo=UTC),
    }
    assert BARE | odd == found.to_dict()


def test_a_field_of_another_shape_is_not_taken_for_a_value_of_the_map_around_it(thing: Any) -> None:
    """The map has numbers, and the field's text holds one; it stays text."""
    found = thing.from_dict(BARE | {"tally": {"sum": "0.5", "half": "0.5"}}).tally

    assert found.sum_ is None
    assert found.additional_properties == {"sum": "0.5", "half": Decimal("0.5")}


def test_secrets_are_in_no_repr(thing: Any) -> None:
    """Optional ones, and those taken over from another model, too."""
    assert "hush" not in repr(thing.from_dict(WIRE))


def test_requests_of_every_kind(kinds: ModuleType) -> None:
    """Inline objects and enums got names, a default is not sent, text is taken for an enum."""
    models = importlib.import_module(f"{kinds.__name__}.models")
    since = datetime(2026, 1, 1, tzinfo=UTC)

    payload = models.ListThingsRequestPayload(
        since=since,
        list_=[[models.Colour.RED], ["grey"]],
        colours=["red", models.Colour.GREY],
        limit=Decimal("1.10"),
        from_=None,
        side="left",
        nested=models.ListThingsRequestPayloadNested(side="new"),
    )

    assert {
        "since": "2026-01-01T00:00:00Z",
        "list": [["red"], ["grey"]],
        "colours": ["red", "grey"],
        "limit": Decimal("1.10"),
        "from": None,
        "side": "left",
        "nested": {"side": "new"},
    } == payload.to_dict()
    bare = models.ListThingsRequestPayload(since=since)
    assert {"since": "2026-01-01T00:00:00Z"} == bare.to_dict()


def test_answers_of_every_kind(kinds: ModuleType) -> None:
    """A number and a map at the top, beside a list of objects."""
    found = importlib.import_module(f"{kinds.__name__}.operations.odd_things")

    assert found.COUNT_THINGS.decode(Decimal("3.0")) == 3
    assert found.SUM_THINGS.decode({"a": 1}).additional_properties == {"a": Decimal(1)}
    assert [BARE] == [thing.to_dict() for thing in found.LIST_THINGS.decode([BARE])]
    with pytest.raises(kinds.DecodeError):
        found.COUNT_THINGS.decode("many")
    with pytest.raises(kinds.RowsError, match=r"^list\[Thing\]\[1\]: Thing\.id: ") as caught:
        found.LIST_THINGS.decode([BARE, {}])
    assert [BARE] == [thing.to_dict() for thing in caught.value.partial]


def test_a_required_field_may_be_absent_without_a_report_only_where_it_may_be_null(
    kinds: ModuleType,
) -> None:
    """In every form that the document allows, also for schemas of `allOf`."""
    drift = importlib.import_module(f"{kinds.__name__}._drift").drift
    found = importlib.import_module(f"{kinds.__name__}.operations.odd_things").LIST_THINGS
    whole = BARE | {"nullable": None, "maybePart": None}
    part = {"name": "nut", "weight": Decimal(1)}
    odd = {key: value for key, value in whole.items() if key != "day"} | {"maybePart": part}

    def reported(row: dict[str, Any]) -> set[tuple[str, str]]:
        response = kinds.RawResponse(200, {}, b"", found.decode([row]))
        return {(each.kind, each.where) for each in drift(found, response)}

    assert reported(whole) == set()
    assert reported(odd) == {("shape", "[].day"), ("shape", "[].maybePart.maker")}


def test_pydantic_knows_every_kind_of_field(kinds: ModuleType) -> None:
    """Also of a model that holds others of its kind."""
    models = importlib.import_module(f"{kinds.__name__}.models")
    found = [getattr(models, name) for name in models.__all__]
    whole = [kind for kind in found if attrs.has(kind)]

    assert len(whole) > 5
    for kind in whole:
        schema = pydantic.TypeAdapter(kind).json_schema()
        assert "properties" in schema or kind.__name__ in schema["$defs"]


def test_types_with_texts_of_the_document_stay_texts_in_messages(kinds: ModuleType) -> None:
    """The type of a response names it in errors; a constant in it does not become code there."""
    found = importlib.import_module(f"{kinds.__name__}.operations.odd_things")
    function = importlib.import_module(f"{kinds.__name__}.api.odd_things.list_words")
    word = " + stolen('it') + "

    assert found.LIST_WORDS.decode([word]) == [word]
    with pytest.raises(kinds.DecodeError) as caught:
        found.LIST_WORDS.decode(["other"])
    assert f'list[Literal["{word}"]]' in str(caught.value)
    client = kinds.Client("http://x.test")
    response = httpx.Response(200, json=[word])
    assert function._parse_response(client=client, response=response) == [word]


def test_texts_of_the_document_stay_texts(kinds: ModuleType) -> None:
    """Quotes, backslashes and template syntax reach the docstrings as they were written."""
    resources = importlib.import_module(f"{kinds.__name__}.resources.odd_things")
    things = resources.OddThings

    about, _, _ = (inspect.getdoc(things) or "").partition("\n")
    assert about == 'Back\\slashes, """quotes""" and {{ 7 * 7 }} {% raw %} stay text.'
    text = inspect.getdoc(things.list) or ""
    assert text.startswith('"""quoted""" \\N{nothing}')
    assert "# >>> ../../../stolen.py" in text
    assert "Ends in a backslash \\\n" in text
    assert 'At most; \\d. Says "so".' in text


@pytest.fixture
def things(kinds: ModuleType) -> Any:
    """Return the resource over an engine that returns what it is called with."""

    class Engine:
        def call(self, operation: Any, payload: Any) -> Any:
            return operation, payload

    return importlib.import_module(f"{kinds.__name__}.resources").Resources(Engine())


def test_parameters_of_path_and_query_are_arguments(kinds: ModuleType, things: Any) -> None:
    """Each is written as its kind is; what could end a path is escaped, what is absent not sent."""
    colour = importlib.import_module(f"{kinds.__name__}.models").Colour
    operation, payload = things.odd_things.search(
        colour=colour.RED,
        lot_number=-3,
        text="a&b=c d/é?",
        rows=["a", "b"],
        filled=False,
        at_least=Decimal("1E+3"),
        since=datetime(2026, 1, 1, tzinfo=UTC),
        day=date(2026, 2, 28),
        owner=UUID(int=7),
    )

    assert operation.path == (
        "/things/red/-3?text=a%26b%3Dc+d%2F%C3%A9%3F&rows=a&rows=b&filled=false&at-least=1000"
        "&since=2026-01-01T00%3A00%3A00Z&day=2026-02-28"
        "&owner=00000000-0000-0000-0000-000000000007"
    )
    assert (operation.method, operation.body, payload) == ("GET", False, None)
    least, _ = things.odd_things.search(colour="a/b", lot_number=0, text="x")
    assert least.path == "/things/a%2Fb/0?text=x"


@rows(
    "arguments, error, message",
    [
        ({"colour": ".."}, ValueError, "colour is a part of the path and cannot be '..'"),
        ({"colour": ""}, ValueError, "colour is a part of the path and cannot be ''"),
        ({"colour": None}, TypeError, "colour is None and has to be a text"),
        ({"lot_number": "7"}, TypeError, "lot_number has to be an int, not str"),
        ({"text": ""}, ValueError, "text is empty"),
        ({"rows": "a"}, TypeError, "rows has to be a list, not str"),
        ({"filled": 1}, TypeError, "filled has to be a bool, not int"),
        ({"at_least": 0.5}, TypeError, "at_least is a float"),
        ({"day": "2026-02-28"}, TypeError, "day has to be a datetime.date, not str"),
        ({"since": datetime(2026, 1, 1)}, ValueError, "since: this datetime has no zone"),  # noqa: DTZ001
    ],
)
def test_a_wrong_parameter_is_rejected_by_its_name(
    things: Any, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        things.odd_things.search(**{"colour": "red", "lot_number": 1, "text": "x"} | arguments)

    assert message in str(caught.value)


@rows(
    "arguments, sent",
    [
        ({"from_": None, "mark": None}, {"from": None, "mark": None}),
        ({"mark": 7}, {"mark": 7}),
        ({"mark": "seven"}, {"mark": "seven"}),
        ({"mark": 1.5}, "mark has to be of one of its documented types, not float"),
        ({"from_": 7}, "from_ has to be a text, not int"),
    ],
)
def test_what_may_be_null_or_of_several_types_is_checked_too(
    things: Any, arguments: dict[str, Any], sent: Any
) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    _, payload = things.odd_things.list(since=since, **arguments)
    try:
        found = payload.to_dict()
        del found["since"]
    except TypeError as error:
        found = str(error)

    assert found == sent


def test_a_resource_never_has_the_name_of_a_model(things: Any) -> None:
    assert type(things.thing).__name__ == "ThingResource"


def test_an_envelope_names_the_account_only_where_the_document_says_so(things: Any) -> None:
    with pytest.warns(DeprecationWarning, match=r"thing\.get is deprecated"):
        operation, _ = things.thing.get()

    assert (operation.account, operation.body) == (False, True)


def test_what_is_deprecated_warns_at_the_line_of_the_caller(things: Any) -> None:
    """The method when it is called, an argument when it is given, a field in its docstring."""
    with pytest.warns(DeprecationWarning, match="is deprecated") as warned:
        things.thing.get(worn="well", fresh="yes")

    assert [str(each.message) for each in warned] == [
        "thing.get is deprecated",
        "the argument worn of thing.get is deprecated",
    ]
    assert {each.filename for each in warned} == {__file__}
    assert "worn: Deprecated. How worn." in " ".join(type(things.thing).get.__doc__.split())
    assert "Deprecated: " in type(things.thing).get.__doc__


def test_a_deprecated_method_that_is_asynchronous_is_still_one(kinds: ModuleType) -> None:
    """It warns when it is awaited, at the line that awaits it."""

    class Engine:
        async def call(self, *_: Any) -> str:
            return "called"

    resources = importlib.import_module(f"{kinds.__name__}.resources").AsyncResources(Engine())

    async def use() -> Any:
        return await resources.thing.get()

    assert inspect.iscoroutinefunction(resources.thing.get)
    with pytest.warns(DeprecationWarning, match=r"thing\.get is deprecated") as warned:
        assert asyncio.run(use()) == "called"
    assert [each.filename for each in warned] == [__file__]


@rows(
    "value, name",
    [
        ({"kind": "cat", "lives": 9}, "Cat"),
        ({"kind": "hound"}, "Dog"),
        ({"kind": "fish"}, "NoneType"),
        ({}, "NoneType"),
    ],
)
def test_a_choice_of_objects_follows_its_discriminator(
    thing: Any, value: dict[str, Any], name: str
) -> None:
    """What it does not name is not read as the first one, and kept as it came."""
    found = thing.from_dict(BARE | {"pet": value})

    assert type(found.pet).__name__ == name
    assert found.to_dict()["pet"] == value


@rows(
    "value, name",
    [
        ({"name": "nut", "maker": "x", "weight": Decimal(1)}, "Part"),
        ({"parts": []}, "Box"),
        ({"label": "nuts"}, "DecodeError"),
        (["nuts"], "DecodeError"),
    ],
)
def test_a_choice_of_objects_follows_what_they_require(
    kinds: ModuleType, value: Any, name: str
) -> None:
    operations = importlib.import_module(f"{kinds.__name__}.operations.odd_things")
    try:
        found = operations.SEARCH_THINGS.decode(value)
    except kinds.DecodeError as error:
        found = error

    assert type(found).__name__ == name
