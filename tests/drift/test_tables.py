"""What the reader of tables makes of codes, events, enumerations and fields."""

from tests.drift.odd_elements import of
from tests.rows import rows
from tools.drift.facts import CodeFact, EventFact, Fact, FieldFact, ValueFact
from tools.drift.readers import tables
from tools.drift.readers.elements import Element, Heading, Item, Prose, Row, Table
from tools.spec.model import Shape

CALL = Prose(2, "Ask with POST /api/v1/account for it.")


def table(header: str, *rows: str, line: int = 10) -> Table:
    cut = [tuple(cell.strip() for cell in row.split("|")) for row in rows]
    cells = tuple(Row(line + number, row) for number, row in enumerate(cut, 1))
    return Table(line, tuple(cell.strip() for cell in header.split("|")), cells)


def fields(*elements: Element) -> dict[tuple[str, ...], Shape]:
    return {tuple(fact.field_path): fact.shape for fact in of(FieldFact, tables.read(elements))}


CODES = {
    "Code | Message | Comment": "`003` | Off | Sign it again",
    "Error code | Comment | Message": "003 | Sign it again | Off",
    "": "003 | Off",
    "Status | Error | Message": "401 | 003 | Off",
}


def test_a_table_of_events_gives_those_of_unheard_groups_as_well() -> None:
    page: list[Element] = [
        table("Event | When", "INVOICE_PAID | paid", "LOAN_PAID | paid", "PAYOUT_MADE | made")
    ]
    names = [fact.name for fact in of(EventFact, tables.read(page))]
    assert names == ["INVOICE_PAID", "LOAN_PAID", "PAYOUT_MADE"]
    assert of(ValueFact, tables.read(page)) == []


@rows(
    ("page", "facts"),
    {
        "an event in a describing cell is one too and counts once": (
            [table("What | Then", "paid | INVOICE_PAID comes", "again | INVOICE_PAID comes")],
            [EventFact(11, "INVOICE_PAID")],
        ),
        "columns of words in capitals are an enumeration each": (
            [table("stateA | stateB | Words", "MEM_POOL_FOUND | NEW | seen", "DONE | NEW2 | paid")],
            [
                ValueFact(11, "stateA", "MEM_POOL_FOUND", ("MEM_POOL_FOUND", "DONE")),
                ValueFact(11, "stateB", "NEW", ("NEW", "NEW2")),
                ValueFact(12, "stateA", "DONE", ("MEM_POOL_FOUND", "DONE")),
                ValueFact(12, "stateB", "NEW2", ("NEW", "NEW2")),
            ],
        ),
        **{
            header or "no header": ([table(header, row)], [CodeFact(11, "003", "Off")])
            for header, row in CODES.items()
        },
        "statuses of http are no error codes": (
            [table("Status | Meaning", "400 | Bad", "500 | Worse")],
            [],
        ),
        "nor where they are called codes": (
            [table("Code | Meaning", "400 | Bad", "500 | Worse")],
            [],
        ),
    },
)
def test_tables_of_codes_events_and_values_give_each(
    page: list[Element], facts: list[Fact]
) -> None:
    assert tables.read(page) == facts


def test_an_enumeration_is_called_what_its_header_or_its_heading_is() -> None:
    """Services are one even where they look like events."""
    heading = Heading(1, 2, "Purse status")
    page: list[Element] = [heading, table("", "ARCHIVED | gone", "DECLINED | bad")]
    assert {fact.subject for fact in of(ValueFact, tables.read(page))} == {"Purse status"}
    services = of(ValueFact, tables.read([table("service", "INVOICE_LATE", "PAYOUT_LATE")]))
    assert [fact.value for fact in services] == ["INVOICE_LATE", "PAYOUT_LATE"]


@rows("cells", [("YES", "NO"), ("POST", "GET"), ("ONE", "Two"), ("ONE", "ONE")])
def test_answers_verbs_and_mixed_words_are_no_enumeration(cells: tuple[str, ...]) -> None:
    assert of(ValueFact, tables.read([table("What", *cells)])) == []


@rows(
    ("before", "subject"),
    [
        (Heading(1, 2, "States"), "States"),
        (Prose(1, "The field transactionState is one of these:"), "transactionState"),
        (Item(1, 0, "sort (optional) - how it is ordered"), "sort"),
    ],
)
def test_a_list_of_words_in_capitals_is_an_enumeration(before: Element, subject: str) -> None:
    page: list[Element] = [
        before,
        Item(2, 1, "ASC - the smallest first"),
        Item(3, 1, "DESC: the other way"),
    ]
    assert tables.read(page) == [
        ValueFact(2, subject, "ASC", ("ASC", "DESC")),
        ValueFact(3, subject, "DESC", ("ASC", "DESC")),
    ]


@rows(
    "texts",
    [("ASC - alone",), ("API keys", "URL of it"), ("ONE - is", "but this"), ("INVOICE_PAID",) * 2],
)
def test_lists_of_other_things_are_no_enumeration(texts: tuple[str, ...]) -> None:
    assert tables.read([Item(1, 0, text) for text in texts]) == []


@rows(
    "leading",
    [
        [Heading(1, 2, "INVOICE_PAID")],
        [Heading(1, 2, "INVOICE_PAID"), Heading(2, 3, "Its data")],
        [Heading(1, 2, "Data"), Prose(2, "With INVOICE_PAID come:")],
    ],
)
def test_fields_under_an_event_are_those_of_its_data(leading: list[Element]) -> None:
    fact_table = table("Field | Type | Mandatory", "customerId | string | yes", "data.at | x | -")
    assert fields(*leading, fact_table) == {
        ("INVOICE_PAID", "event", "data.customerId"): Shape(type="string", required=True),
        ("INVOICE_PAID", "event", "data.at"): Shape(required=False),
    }


def test_a_part_of_a_description_stands_under_its_heading_on_the_same_level() -> None:
    """Pages saved as text have one level of headings."""
    rows = table("Field | Type", "customerId | string")
    page: list[Element] = [
        Heading(1, 2, "PAYOUT_MADE"),
        *(Heading(line, 2, "Fields of data") for line in range(2, 9)),
        rows,
        Heading(30, 2, "INVOICE_PAID"),
        Heading(31, 2, "Fields"),
        rows,
    ]
    owners = [fact.field_path.owner for fact in of(FieldFact, tables.read(page))]
    assert owners == ["PAYOUT_MADE", "INVOICE_PAID"]


def test_the_envelope_of_notifications_belongs_to_all_events() -> None:
    page = table("Parameter | Type", "requestId | string", "id | number", "level | string")
    assert fields(Heading(1, 2, "INVOICE_PAID"), page) == {
        ("*", "event", "requestId"): Shape(type="string"),
        ("*", "event", "id"): Shape(type="number"),
        ("*", "event", "level"): Shape(type="string"),
    }


@rows(
    ("heading", "part"),
    [
        ("Request parameters", "request"),
        ("Body", "request"),
        ("Response", "response"),
        ("Response body", "response"),
    ],
)
def test_near_a_call_the_heading_tells_whose_fields_they_are(heading: str, part: str) -> None:
    page = table("Name | Type", "ownerId | uuid")
    assert fields(CALL, Heading(3, 2, heading), page) == {
        ("POST /api/v1/account", part, "ownerId"): Shape(type="string", format="uuid")
    }


def test_fields_that_nobody_can_place_state_nothing() -> None:
    page = table("Name | Type", "ownerId | uuid")
    assert fields(Heading(1, 2, "Response"), page) == {}
    assert fields(CALL, Heading(3, 2, "About owners"), page) == {}


@rows(
    ("word", "shape", "items"),
    [
        ("string", Shape(type="string"), None),
        ("String (UUID)", Shape(type="string", format="uuid"), None),
        ("date-time", Shape(type="string", format="date-time"), None),
        ("integer · int64", Shape(type="integer", format="int64"), None),
        ("boolean or integer", Shape(type="boolean|integer"), None),
        ("enum", Shape(type="string"), None),
        ("object", Shape(type="object"), None),
        ("array", Shape(type="array"), None),
        ("string[]", Shape(type="array"), Shape(type="string")),
        ("array of uuid", Shape(type="array"), Shape(type="string", format="uuid")),
        ("List of objects", Shape(type="array"), Shape(type="object")),
        ("whatever", Shape(), None),
    ],
)
def test_types_are_read_as_pages_word_them(word: str, shape: Shape, items: Shape | None) -> None:
    found = fields(CALL, Prose(3, "The answer:"), table("Field | Type", f"it | {word}"))
    expected = {"it": shape} if items is None else {"it": shape, "it[]": items}
    assert {path: shape for (_, _, path), shape in found.items()} == expected


@rows(
    ("header", "cell", "required"),
    [
        ("Mandatory", "yes", True),
        ("Mandatory", "-", False),
        ("Required", "✔️", True),
        ("Required?", "false", False),
        ("Required/Optional", "Optional", False),
        ("Optional", "yes", False),
        ("Mandatory", "sometimes", None),
        ("Mandatory", "", None),
    ],
)
def test_what_is_mandatory_is_read_as_pages_word_it(
    header: str, cell: str, required: object
) -> None:
    found = fields(CALL, table(f"Field | {header}", f"it | {cell}"))
    assert [shape.required for shape in found.values()] == [required]


def test_a_first_row_of_headers_is_one() -> None:
    page = table("| | ", "Field | Type", "email (optional) | string")
    assert fields(CALL, Prose(3, "Send:"), page) == {
        ("POST /api/v1/account", "request", "email"): Shape(type="string", required=False)
    }
