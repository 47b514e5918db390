"""The reference as a browser saves it: run-together fields, statuses, request and answer."""

from __future__ import annotations

from decimal import Decimal
from textwrap import dedent
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.rows import rows
from tools.drift.facts import (
    AnswerFact,
    ExampleFact,
    Fact,
    FieldFact,
    OperationFact,
    Page,
    ServerFact,
)
from tools.drift.readers import rendered, text
from tools.drift.readers.elements import Heading, Prose
from tools.drift.readers.saved.fields import field_in
from tools.drift.readers.saved.lines import lines_of
from tools.spec.model import Shape

FIND = "POST /api/v1/parcel/find"
DATE_TIME = Shape(type="string", format="date-time", required=True)
ONE_TO_NINE = {"minimum": 1, "maximum": 9}

PAGE = """\
Look for parcels

post

Gives the parcels that match.

Permission annotations:

Header parameters
KeystringRequired
SignstringRequired
X-Request-IdstringOptional

A name for this very request.

Query parameters
dryRunbooleanOptional
Body

What to look for

accountstringRequired

Who asks.

Pattern: ^0x[0-9a-f]{40}$
timestampinteger ยท int64Required

Not older than 3 minutes.

payloadobjectRequired
Show child attributes
ownerIdstring · uuidOptional
emailstring · emailOptional
Max length: 64
stringFilterobjectOptional
equalsstringOptional
in string[]Optional
stateFilterobjectOptional
equalsstring · enumOptional
Possible values: OPEN CLOSED
instring[] · enumOptional
Possible values:
OPEN
CLOSED
pageSizeinteger · int32Optional
Min: 1Max: 100
Example: 20
noteOfColourstringOptional
Other properties

Responses
200
The parcels
*/*
resultobject[]Required
idstring · uuidRequired
weightnumberRequired
totalinteger · int64Required
400
Bad Request
*/*
errorCodestringRequired
500
Internal Server Error
*/*
post
POST /api/v1/parcel/find?dryRun=true HTTP/1.1
Host: parcels.example
Key: text
Content-Type: application/json
Content-Length: 300

{
  "account": "text",
  "timestamp": 1,
  "payload": {
    "ownerId": "123e4567-e89b-12d3-a456-426614174000",
    "email": "text",
    "stringFilter": {"equals": "text", "in": ["text"]},
    "stateFilter": {"equals": "OPEN", "in": ["OPEN"]},
    "pageSize": 1
  }
}
Copy
200
400
500
{
  "result": [
    {
      "id": "123e4567-e89b-12d3-a456-426614174000",
      "weight": 1.10
    }
  ],
  "total": 1
}

Drop a parcel

delete

Body
accountstringRequired
Responses
200
OK
No content
delete
DELETE /api/v1/parcel HTTP/1.1
Host: parcels.example
Content-Type: application/json

{
  "account": "text"
}
No content
"""


LINES = PAGE.split("\n")
REQUEST_AT = LINES.index("POST /api/v1/parcel/find?dryRun=true HTTP/1.1") + 1
SENT_AT = LINES.index("{") + 1
TOLD_AT = LINES.index("{", SENT_AT) + 1
SENT_TO, TOLD_TO = LINES.index("}") + 1, LINES.index("}", TOLD_AT) + 1


def facts_of(page: str) -> list[Fact]:
    lines = lines_of(page)
    return [fact for call in rendered.find(lines) for fact in rendered.read(lines, call).facts]


def fields_of(page: str) -> dict[tuple[str, str], Shape]:
    return {
        (fact.field_path.part, fact.field_path.path): fact.shape
        for fact in facts_of(page)
        if isinstance(fact, FieldFact) and fact.field_path.owner == FIND
    }


def a_call(*description: str, sample: str = '{"account": "text"}', answer: str = "") -> str:
    head = ("Look for parcels", "", "post", "", "Body", "")
    request = ("post", "POST /api/v1/parcel/find HTTP/1.1", "Content-Type: application/json", "")
    return "\n".join([*head, *description, *request, sample, answer])


def test_each_call_of_a_page_is_told_apart_with_its_title_and_path() -> None:
    operations = [fact for fact in facts_of(PAGE) if isinstance(fact, OperationFact)]
    assert operations == [
        OperationFact(1, FIND, "Look for parcels"),
        OperationFact(LINES.index("Drop a parcel") + 1, "DELETE /api/v1/parcel", "Drop a parcel"),
    ]
    lines = [fact.line for fact in facts_of(PAGE)]
    assert lines == sorted(lines)


def test_each_status_is_an_answer_and_the_line_tells_the_host() -> None:
    facts = facts_of(PAGE)
    answers = [(fact.owner, fact.status) for fact in facts if isinstance(fact, AnswerFact)]
    assert answers == [
        *((FIND, status) for status in ("200", "400", "500")),
        ("DELETE /api/v1/parcel", "200"),
    ]
    hosts = {fact.url for fact in facts if isinstance(fact, ServerFact)}
    assert hosts == {"https://parcels.example"}


def test_headers_of_every_call_go_unsaid_and_other_parameters_do_not() -> None:
    paths = {path for _, path in fields_of(PAGE) if " " in path}
    assert paths == {"header X-Request-Id", "query dryRun"}


@rows(
    ("path", "shape"),
    [
        ("account", Shape(type="string", required=True, pattern="^0x[0-9a-f]{40}$")),
        ("timestamp", Shape(type="integer", format="int64", required=True)),
        ("payload", Shape(type="object", required=True)),
        ("payload.ownerId", Shape(type="string", format="uuid", required=False)),
        (
            "payload.email",
            Shape(type="string", format="email", required=False, limits={"maxLength": 64}),
        ),
        ("payload.stringFilter", Shape(type="object", required=False)),
        ("payload.stringFilter.equals", Shape(type="string", required=False)),
        ("payload.stringFilter.in", Shape(type="array", required=False)),
        ("payload.stringFilter.in[]", Shape(type="string")),
        (
            "payload.stateFilter.equals",
            Shape(type="string", required=False, values=("OPEN", "CLOSED")),
        ),
        ("payload.stateFilter.in[]", Shape(type="string", values=("OPEN", "CLOSED"))),
        (
            "payload.pageSize",
            Shape(
                type="integer",
                format="int32",
                required=False,
                limits={"minimum": 1, "maximum": 100},
            ),
        ),
    ],
)
def test_a_field_of_the_request_is_placed_and_described(path: str, shape: Shape) -> None:
    assert fields_of(PAGE)["request", path] == shape


def test_a_field_that_the_sample_lacks_stands_in_what_could_hold_it_before_it() -> None:
    """That is the last object, the items of a list, or else the top."""
    assert ("request", "payload.stateFilter.noteOfColour") in fields_of(PAGE)
    assert ("request", "colour") in fields_of(a_call("colourstringOptional"))
    in_items = fields_of(a_call("rowsarrayRequired", "colourstringRequired"))
    assert ("request", "rows[].colour") in in_items


def test_a_name_that_the_sample_has_twice_is_at_the_top_first() -> None:
    lines = ("payloadobjectRequired", "idstringRequired", "idstringOptional")
    fields = fields_of(a_call(*lines, sample='{"id": "text", "payload": {"id": "text"}}'))
    required = {path: shape.required for (_, path), shape in fields.items()}
    assert required == {"payload": True, "id": True, "payload.id": False}


def test_fields_of_success_only_are_fields_of_the_answer() -> None:
    answer = {path: shape for (part, path), shape in fields_of(PAGE).items() if part == "response"}
    assert answer == {
        "result": Shape(type="array", required=True),
        "result[]": Shape(type="object"),
        "result[].id": Shape(type="string", format="uuid", required=True),
        "result[].weight": Shape(type="number", required=True),
        "total": Shape(type="integer", format="int64", required=True),
    }


def test_fields_of_an_answer_that_is_a_list_stand_in_its_items() -> None:
    page = a_call("Responses", "200", "idstringRequired", "agestringRequired", answer='[{"id": 1}]')
    assert {path for part, path in fields_of(page) if part == "response"} == {"[].id", "[].age"}


def test_both_samples_are_examples_and_keep_their_digits() -> None:
    examples = [fact for fact in facts_of(PAGE) if isinstance(fact, ExampleFact)]
    assert [(each.owner, each.part, each.line) for each in examples] == [
        (FIND, "request", SENT_AT),
        (FIND, "response", TOLD_AT),
        ("DELETE /api/v1/parcel", "request", LINES.index("{", TOLD_AT) + 1),
    ]
    weight = examples[1].value["result"][0]["weight"]
    assert (str(weight), type(weight)) == ("1.10", Decimal)


def test_the_answer_to_a_refused_call_is_no_example_of_the_answer() -> None:
    page = a_call(answer='400\n{"errorCode": "001"}\n200\n{"id": "text"}')
    values = [fact.value for fact in facts_of(page) if isinstance(fact, ExampleFact)]
    assert values == [{"account": "text"}, {"id": "text"}]


def test_a_call_without_a_body_shows_its_answer_only() -> None:
    page = (
        'Read\n\nget\n\nResponses\n200\nOK\nGET /api/v1/x HTTP/1.1\nHost: h.example\n\n{"a": 1}\n'
    )
    examples = [fact for fact in facts_of(page) if isinstance(fact, ExampleFact)]
    assert [(each.part, each.value) for each in examples] == [("response", {"a": 1})]


def test_words_about_calls_and_figures_stay_prose_and_words_of_the_layout_do_not() -> None:
    lines = lines_of(PAGE)
    call = next(rendered.find(lines))
    heading, *prose = rendered.read(lines, call).elements
    assert heading == Heading(1, 2, "Look for parcels")
    assert [each.text for each in prose if isinstance(each, Prose)] == [
        "Gives the parcels that match.",
        "What to look for",
        "Not older than 3 minutes.",
        "Example: 20",
        "The parcels",
    ]


@rows(
    ("line", "name", "shape"),
    [
        ("accountstringRequired", "account", Shape(type="string", required=True)),
        ("account string Required", "account", Shape(type="string", required=True)),
        ("integerValuestringOptional", "integerValue", Shape(type="string", required=False)),
        ("filterstringobjectOptional", "filterstring", Shape(type="object", required=False)),
        ("isRequiredbooleanRequired", "isRequired", Shape(type="boolean", required=True)),
        ("currenciesstring[]Optional", "currencies", Shape(type="array", required=False)),
        ("statesstring · enum[]Optional", "states", Shape(type="array", required=False)),
        ("emailstring", "email", Shape(type="string")),
        ("rowsobject[]", "rows", Shape(type="array")),
        ("stateenumRequired", "state", Shape(required=True)),
        ("notestring | nullOptional", "note", Shape(type="null|string", required=False)),
        ("notestring · nullableOptional", "note", Shape(type="null|string", required=False)),
        ("notestring · min: 1 · max: 9", "note", Shape(type="string", limits=ONE_TO_NINE)),
        ("whenstring · date-timeRequired", "when", DATE_TIME),
        ("whenstringdate-timeRequired", "when", DATE_TIME),
    ],
)  # fmt: skip
def test_a_line_is_cut_into_name_type_and_duty(line: str, name: str, shape: Shape) -> None:
    draft = field_in(1, line)
    assert draft
    assert (draft.name, draft.shape()) == (name, shape)


@rows(
    "line",
    [
        *("Required", "stringRequired", "A short string", "The string · of pearls Required", ""),
        *("string", "object", "A string", "Emailstring.", "objects"),
    ],
)
def test_a_line_of_words_is_no_field(line: str) -> None:
    assert field_in(1, line) is None


@rows("said", ["string · enum[]", "string[] · enum", "enum[]", "string · uuid[]"])
def test_brackets_behind_type_or_format_make_a_list(said: str) -> None:
    draft = field_in(1, f"states{said}Optional")
    assert draft
    assert draft.is_array
    assert draft.shape() == Shape(type="array", required=False)
    assert draft.shape_of_items().format == ("uuid" if "uuid" in said else None)


@rows("name", ["place", "placestring"])
def test_the_sample_decides_where_a_line_can_be_cut_in_two_ways(name: str) -> None:
    draft = field_in(1, "placestringenumRequired", {name})
    assert draft
    assert draft.name == name


NAMES = st.from_regex(r"[a-z][a-zA-Z]{0,12}", fullmatch=True)
ENDS = st.sampled_from(["", "string", "Filter", "integerValue", "object", "Required", "number"])
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "object"])


@given(st.builds(str.__add__, NAMES, ENDS), TYPES, st.sampled_from(["", "·", "ยท"]))
def test_a_name_survives_being_run_together_with_its_type(name: str, kind: str, dot: str) -> None:
    """Names that end in a type word, or hold one, come back whole."""
    draft = field_in(1, f"{name}{kind}{f' {dot} uuid' if dot else ''}Required", {name})
    assert draft
    assert (draft.name, draft.types) == (name, (kind,))


@rows("kept", range(REQUEST_AT, TOLD_TO + 1))
def test_a_page_that_breaks_off_in_its_samples_says_where(kept: int) -> None:
    """The cut is where the sample starts that has no end, or the request that has no sample."""
    page = "\n".join(LINES[:kept])
    cut = text.cut_up(Page("page", "page", page, "text"))
    if kept < SENT_AT:
        expected = REQUEST_AT
    elif kept < SENT_TO:
        expected = SENT_AT
    else:
        expected = TOLD_AT if TOLD_AT <= kept < TOLD_TO else None
    assert cut.cut == expected
    operation = next(fact for fact in cut.facts if isinstance(fact, OperationFact))
    assert (operation.owner, operation.cut) == (FIND, expected is not None)


@rows("kept", range(LINES.index("Body") + 1, REQUEST_AT))
def test_a_page_that_breaks_off_before_the_path_is_shown_asserts_nothing(kept: int) -> None:
    page = "\n".join(LINES[:kept])
    cut = text.cut_up(Page("page", "page", page, "text"))
    assert (cut.facts, cut.cut) == ([], 1)


def test_a_call_whose_path_is_not_shown_is_prose_and_cut_off() -> None:
    page = dedent("""\
        Look for parcels

        post

        Body
        accountstringRequired
        """)
    lines = lines_of(page)
    cuttings = rendered.read(lines, next(rendered.find(lines)))
    assert (cuttings.facts, cuttings.cut) == ([], 1)


def test_the_path_may_stand_below_the_verb() -> None:
    page = "Look\n\npost\n/api/v1/look\n\nBody\naccountstringRequired\nResponses\n200\nOK\n"
    assert [fact for fact in facts_of(page) if isinstance(fact, OperationFact)] == [
        OperationFact(1, "POST /api/v1/look", "Look")
    ]


@rows("sample", ["[" * 100_000, '{"a": ' * 50_000, '{"a": NaN}', "{]", '{"a": 1e}'])
def test_a_sample_that_is_no_json_gives_no_example(sample: str) -> None:
    examples: list[Any] = [
        fact for fact in facts_of(a_call(sample=sample)) if isinstance(fact, ExampleFact)
    ]
    assert examples == []


FLAT = """\
Look for parcels

post
https://parcels.example
/api/v1/parcel/find

Body

accountstringRequired

Who asks

payloadobjectRequired

What to look for

ownerIdstring · uuid

Whose parcels

nameFilterobject

equalsstring

instring[]

stateFilterobject

equalsstring · enum

Possible values: OPEN, CLOSED

instring · enum[]

Possible values: OPEN, CLOSED

Responses
200
OK
*/*

idstringRequired

notestring

HTTP
cURL
Python
curl -L \\
  --request POST \\
  --url 'https://parcels.example/api/v1/parcel/find' \\
  --header 'Content-Type: application/json' \\
  --data '{
    "account": "text",
    "payload": {
      "ownerId": "123e4567-e89b-12d3-a456-426614174000",
      "nameFilter": {"equals": "text", "in": ["text"]},
      "stateFilter": {"equals": "OPEN", "in": ["OPEN"]}
    }
  }'
200
OK

{
  "id": "text",
  "note": "text"
}

Drop a parcel

delete
/api/v1/parcel
"""
FLAT_LINES = FLAT.split("\n")
COMMAND_FROM = FLAT_LINES.index("curl -L \\") + 1
COMMAND_TO = FLAT_LINES.index("  }'") + 1
DROP_AT = FLAT_LINES.index("Drop a parcel") + 1


def test_a_command_is_the_request_of_a_description() -> None:
    """The host counts where it stands over the path and where the command calls it."""
    facts = facts_of(FLAT)
    assert [fact for fact in facts if isinstance(fact, OperationFact)] == [
        OperationFact(1, FIND, "Look for parcels"),
        OperationFact(DROP_AT, "DELETE /api/v1/parcel", "Drop a parcel", cut=True),
    ]
    assert [fact for fact in facts if isinstance(fact, ServerFact)] == [
        ServerFact(4, "https://parcels.example"),
        ServerFact(COMMAND_FROM, "https://parcels.example"),
    ]
    examples = [fact for fact in facts if isinstance(fact, ExampleFact)]
    assert [(each.line, each.part) for each in examples] == [
        (COMMAND_FROM, "request"),
        (FLAT_LINES.index("{") + 1, "response"),
    ]
    assert examples[0].value["account"] == "text"


def test_fields_are_placed_by_the_sample_in_a_command() -> None:
    fields = fields_of(FLAT)
    assert list(fields) == [
        ("request", "account"),
        ("request", "payload"),
        ("request", "payload.ownerId"),
        *(("request", f"payload.nameFilter{path}") for path in ("", ".equals", ".in", ".in[]")),
        *(("request", f"payload.stateFilter{path}") for path in ("", ".equals", ".in", ".in[]")),
        ("response", "id"),
        ("response", "note"),
    ]
    listed = Shape(type="string", values=("OPEN", "CLOSED"))
    assert fields["request", "payload.stateFilter.in[]"] == listed


def test_where_only_required_fields_are_marked_the_others_are_optional() -> None:
    fields = fields_of(FLAT)
    required = {path for (_, path), shape in fields.items() if shape.required}
    optional = {path for (_, path), shape in fields.items() if shape.required is False}
    assert required == {"account", "payload", "id"}
    assert {"payload.ownerId", "payload.nameFilter", "note"} <= optional


def test_the_duty_of_a_field_may_stand_below_it_and_silence_beside_others_says_nothing() -> None:
    fields = fields_of(a_call("accountstring", "Required", "notestring", "Optional"))
    assert [shape.required for shape in fields.values()] == [True, False]
    lines = ("accountstringRequired", "emailstringOptional", "notestring · uuid")
    assert fields_of(a_call(*lines))["request", "note"].required is None


@rows("kept", range(COMMAND_FROM, COMMAND_TO + 1))
def test_a_page_that_breaks_off_in_a_command_says_where(kept: int) -> None:
    cut = text.cut_up(Page("page", "page", "\n".join(FLAT_LINES[:kept]), "text"))
    expected = COMMAND_FROM if kept < COMMAND_TO else None
    operation = next(fact for fact in cut.facts if isinstance(fact, OperationFact))
    assert (cut.cut, operation.cut) == (expected, expected is not None)


def test_a_command_below_a_verb_in_a_guide_is_no_reference() -> None:
    guide = "Now say\n\nPOST\n\nas in\n\ncurl --request POST --url https://h.example/api/v1/x\n"
    assert list(rendered.find(lines_of(guide))) == []


def test_a_command_that_nobody_can_read_is_left_to_the_readers_of_guides() -> None:
    page = FLAT.replace("--url 'https://parcels.example/api/v1/parcel/find'", "--verbose")
    lines = lines_of(page)
    call = next(rendered.find(lines))
    assert (call.owner, call.exchange) == (FIND, None)
    assert lines[call.stop].text.startswith("curl")


@rows(
    ("words", "kept"),
    [
        ("Whose parcels are meant.", False),
        ("ID of the owner, as you gave it", False),
        ("Whose parcels. Held for three days", True),
        ("Held for three days", True),
        ("At most 25 letters", True),
        ("Default: nobody", True),
        ("colour oneOf Colours", True),
        ("Deprecated", True),
    ],
)
def test_only_plain_words_about_a_field_may_change_as_they_like(words: str, *, kept: bool) -> None:
    lines = lines_of(a_call("ownerstringRequired", "", words))
    prose = rendered.read(lines, next(rendered.find(lines))).elements
    assert [each.text for each in prose if isinstance(each, Prose)] == [words] * kept
    second = lines_of(a_call("ownerstringRequired", "", "Whose parcels", "", words))
    prose = rendered.read(second, next(rendered.find(second))).elements
    assert [each.text for each in prose if isinstance(each, Prose)] == [words]
