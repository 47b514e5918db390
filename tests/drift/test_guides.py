"""What the reader of guides makes of calls, samples, lists of parameters and events."""

from decimal import Decimal

from tests.drift.effort import TOO_MUCH, growth
from tests.drift.odd_elements import of
from tests.rows import rows
from tools.drift.facts import (
    CodeFact,
    EventFact,
    ExampleFact,
    Fact,
    FieldFact,
    OperationFact,
    ServerFact,
)
from tools.drift.readers import guides
from tools.drift.readers.elements import Code, Element, Heading, Item, Prose
from tools.spec.model import FieldPath, Shape

BLOCK = "POST /api/v1/customer-purse/customer/block"
CREATE = "POST /api/v1/customer-purse/customer/create"
CALL = Prose(2, f"Lock somebody out with the call ({BLOCK.replace(' ', ' https://api.test')}).")


def paths(facts: list[Fact]) -> dict[str, bool | None]:
    return {fact.field_path.path: fact.shape.required for fact in of(FieldFact, facts)}


@rows("piece", ["'", '"', "\\\n", "curl -d '{", "[", '{"a":', "POST /api/v1/x "])
def test_the_same_over_and_over_does_not_slow_the_reader_down(piece: str) -> None:
    def page(size: int) -> str:
        return piece * (size // len(piece))

    def read(giant: str) -> None:
        guides.read([Code(1, "", f"curl https://a.test/api/v1/x -d '{giant}"), Prose(2, giant)])

    assert growth(read, page, 2_500) < TOO_MUCH


@rows(
    "command",
    [
        'curl --request POST \\\n --url https://api.test/api/v1/account -d \'{"account": "a"}\'',
        'curl --url \\\n  https://api.test/api/v1/account -d \\\n  \'{"account": "a"}\'',
        '$ curl -XPOST \'https://api.test/api/v1/account\' --data-raw "{\\"account\\": \\"a\\"}"',
        'curl --url=https://api.test/api/v1/account/ --data=\'{"account": "a"}\'',
        'curl https://api.test/api/v1/account \\ \n --data \'\n{\n"account": "a"\n}\n',
    ],
)
def test_a_command_is_a_call_a_host_and_a_body_however_it_is_written(command: str) -> None:
    assert guides.read([Heading(1, 1, "Money"), Code(3, "bash", command)]) == [
        OperationFact(3, "POST /api/v1/account", "Money"),
        ServerFact(3, "https://api.test"),
        ExampleFact(3, "POST /api/v1/account", "request", {"account": "a"}),
    ]


def test_an_apostrophe_in_the_body_of_a_command_does_not_hide_the_body() -> None:
    command = 'curl https://api.test/api/v1/account -d \'{"name": "Ann\'s"}\''
    assert of(ExampleFact, guides.read([Code(1, "", command)]))[0].value == {"name": "Ann's"}


@rows(
    ("page", "facts"),
    {
        "a command tells its verb": (
            [
                Code(
                    1,
                    "",
                    "curl -X \\\n DELETE https://api.test/api/v1/subscription/webhook?force=1"
                    " -H 'X-Why: so'",
                )
            ],
            [
                OperationFact(1, "DELETE /api/v1/subscription/webhook"),
                ServerFact(1, "https://api.test"),
                FieldFact(
                    1,
                    FieldPath("DELETE /api/v1/subscription/webhook", "request", "query force"),
                    Shape(),
                ),
                FieldFact(
                    1,
                    FieldPath("DELETE /api/v1/subscription/webhook", "request", "header X-Why"),
                    Shape(),
                ),
            ],
        ),
        "a request as it is sent is a call and what follows its body the answer": (
            [
                Code(
                    1,
                    "",
                    (
                        "POST /api/v1/account HTTP/1.1\nHost: api.test\nKey: k\n\n"
                        '{"timestamp": 1}\n{"total": 1.50}'
                    ),
                )
            ],
            [
                OperationFact(1, "POST /api/v1/account"),
                ServerFact(1, "https://api.test"),
                ExampleFact(1, "POST /api/v1/account", "request", {"timestamp": 1}),
                ExampleFact(1, "POST /api/v1/account", "response", {"total": Decimal("1.50")}),
            ],
        ),
        "a program with two verbs is no call": (
            [Code(1, "", 'url = settings.get("/api/v1/account"); requests.post(url)')],
            [],
        ),
        "a sentence names a call once": (
            [CALL, Prose(5, f"Again, {BLOCK} it is."), Prose(6, "GET what you want")],
            [OperationFact(2, BLOCK), ServerFact(2, "https://api.test")],
        ),
        "a host of the readers own is no host of the api": (
            [Code(1, "", "curl -X POST http://localhost:80/api/v1/account")],
            [OperationFact(1, "POST /api/v1/account")],
        ),
        "events are told from statuses": (
            [
                Prose(
                    1,
                    (
                        "MEM_POOL_FOUND, then CUSTOMER_PURSE_EXPIRED or TOP_UP_PENDING_COMPLIANCE;"
                        " PENDING_PAYMENT"
                    ),
                ),
                Item(2, 0, "CUSTOMER_PURSE_EXPIRED"),
                Prose(3, "PAYOUT_*"),
            ],
            [
                EventFact(1, "CUSTOMER_PURSE_EXPIRED"),
                EventFact(1, "TOP_UP_PENDING_COMPLIANCE"),
            ],
        ),
    },
)
def test_calls_hosts_and_events_are_named(page: list[Element], facts: list[Fact]) -> None:
    assert guides.read(page) == facts


@rows(
    "code",
    [
        'requests.post("https://api.test/api/v1/account", data=body)',
        "await fetch('https://api.test/api/v1/account', {method: 'POST', body})",
        'client.request("POST", "https://api.test/api/v1/account")',
    ],
)
def test_a_program_is_a_call_where_its_verb_is_clear(code: str) -> None:
    assert OperationFact(1, "POST /api/v1/account") in guides.read([Code(1, "", code)])


@rows(
    ("page", "facts"),
    {
        "a sample after a call is its answer until the next call": (
            [
                CALL,
                Heading(3, 2, "Response example"),
                Code(4, "json", '{"id": "1", "blocked": true}'),
                Prose(5, f"Or begin anew: {CREATE}"),
                Code(6, "json", "[]"),
                Heading(7, 2, "Something else"),
                Code(8, "json", '{"id": "2"}'),
            ],
            [
                ExampleFact(4, BLOCK, "response", {"id": "1", "blocked": True}),
                ExampleFact(6, CREATE, "response", []),
            ],
        ),
        "a heading inside of a description does not end it": (
            [
                Heading(1, 2, "Block"),
                CALL,
                Heading(3, 3, "What you get"),
                Code(4, "", '{"id": "1"}'),
            ],
            [ExampleFact(4, BLOCK, "response", {"id": "1"})],
        ),
        "a sample with the envelope is what is sent": (
            [CALL, Code(3, "", '{"account": "a", "timestamp": 1, "payload": {}}')],
            [ExampleFact(3, BLOCK, "request", {"account": "a", "timestamp": 1, "payload": {}})],
        ),
        "a part of a request is not taken for an answer": (
            [CALL, Prose(3, "Request payload:"), Code(4, "", '{"customerId": "1"}')],
            [],
        ),
    },
)
def test_samples_belong_to_the_call_that_they_are_near(
    page: list[Element], facts: list[Fact]
) -> None:
    assert of(ExampleFact, guides.read(page)) == facts


@rows(
    "text",
    [
        '{"a": 1, // why\n}',
        '{"a": 1,}',
        '{"a": …}',
        "{",
        "NaN",
        "7",
        '{"a": 1e99999999999999999999}',
        '{"a":' * 100_000,
    ],
)
def test_a_sample_that_is_no_json_states_nothing(text: str) -> None:
    assert of(ExampleFact, guides.read([CALL, Code(3, "json", text)])) == []


def test_the_body_of_an_event_belongs_to_the_event() -> None:
    body = '{"eventType": "INVOICE_PAID", "data": {"amount": 1.10}}'
    assert guides.read([Code(1, "", body)]) == [
        EventFact(1, "INVOICE_PAID"),
        ExampleFact(
            1,
            "INVOICE_PAID",
            "event",
            {"eventType": "INVOICE_PAID", "data": {"amount": Decimal("1.10")}},
        ),
    ]


def test_an_error_is_a_code_with_its_message_and_no_answer() -> None:
    facts = guides.read([CALL, Code(3, "", '{"errorCode": "003", "message": "Signature is off"}')])
    assert facts[2:] == [CodeFact(3, "003", "Signature is off")]
    assert of(CodeFact, guides.read([Code(1, "", '{"errorCode": "string"}')])) == []


def test_a_list_of_parameters_gives_fields_by_their_depth() -> None:
    page: list[Element] = [
        CALL,
        Item(3, 0, "account (required) - whose money it is"),
        Item(4, 0, "payload (object, required): the rest"),
        Item(5, 1, "customerId (required)"),
        Item(6, 1, "**reason** *string* optional"),
        Item(7, 1, "tags - array of strings, optional. Words to find it by"),
        Item(8, 0, "nonce (int64, required)"),
    ]
    field_paths = {fact.field_path.path: fact.shape for fact in of(FieldFact, guides.read(page))}
    assert field_paths == {
        "account": Shape(required=True),
        "payload": Shape(type="object", required=True),
        "payload.customerId": Shape(required=True),
        "payload.reason": Shape(type="string", required=False),
        "payload.tags": Shape(type="array", required=False),
        "payload.tags[]": Shape(type="string"),
        "nonce": Shape(type="integer", format="int64", required=True),
    }


@rows("names", [("account", "customerId"), ("account", "payload", "customerId")])
def test_in_a_list_without_depth_what_the_envelope_lacks_is_payload(names: tuple[str, ...]) -> None:
    page: list[Element] = [CALL, *(Item(3, 0, f"{name} (required)") for name in names)]
    assert list(paths(guides.read(page)))[-1] == "payload.customerId"


@rows(
    ("page", "facts"),
    {
        "a list before the call belongs to the call that follows": (
            [
                Heading(1, 2, "Create"),
                Item(2, 0, "email (optional)"),
                Prose(3, CREATE),
                CALL,
            ],
            [FieldFact(2, FieldPath(CREATE, "request", "payload.email"), Shape(required=False))],
        ),
        "a list of what comes back holds fields of the answer": (
            [CALL, Prose(3, "The response has:"), Item(4, 0, "externalId - your own number")],
            [FieldFact(4, FieldPath(BLOCK, "response", "externalId"), Shape())],
        ),
        "a list that tells of an event holds fields of its data": (
            [Prose(1, "INVOICE_PAID comes with:"), Item(2, 0, "invoiceId - which one")],
            [FieldFact(2, FieldPath("INVOICE_PAID", "event", "data.invoiceId"), Shape())],
        ),
    },
)
def test_fields_of_a_list_belong_to_what_it_stands_near(
    page: list[Element], facts: list[Fact]
) -> None:
    assert of(FieldFact, guides.read(page)) == facts


@rows(
    "text",
    [
        "Send the account and wait",
        "account must be yours",
        "PENDING_PAYMENT - may be paid",
        "transactionState - CONFIRMED",
        "https://docs.test/required",
        "required fields first",
        "email required in all of them",
        "step - do it",
        "",
    ],
)
def test_sentences_statuses_and_links_in_lists_are_no_fields(text: str) -> None:
    assert of(FieldFact, guides.read([CALL, Item(3, 0, text)])) == []
