"""What the reader of guides makes of calls, samples, lists of parameters and events."""

from decimal import Decimal

import pytest
from hypothesis import given, settings

from tests.drift.odd_elements import ELEMENTS, of
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
from tools.surface.model import Shape, Spot

BLOCK = "POST /api/v1/customer-purse/customer/block"
CREATE = "POST /api/v1/customer-purse/customer/create"
CALL = Prose(2, f"Lock somebody out with the call ({BLOCK.replace(' ', ' https://api.test')}).")


def paths(facts: list[Fact]) -> dict[str, bool | None]:
    return {fact.spot.path: fact.shape.required for fact in of(FieldFact, facts)}


@given(ELEMENTS)
@settings(max_examples=200, deadline=None)
def test_whatever_a_page_holds_it_is_read_alike_each_time_and_never_fails(
    elements: list[Element],
) -> None:
    assert guides.read(elements) == guides.read(list(elements))


@pytest.mark.parametrize("piece", ["'", '"', "\\\n", "curl -d '{", "[", '{"a":', "POST /api/v1/x "])
def test_a_giant_text_of_one_odd_piece_is_read(piece: str) -> None:
    giant = piece * (100_000 // len(piece))
    guides.read([Code(1, "", f"curl https://a.test/api/v1/x -d '{giant}"), Prose(2, giant)])


@pytest.mark.parametrize(
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


def test_a_command_tells_its_verb() -> None:
    text = "curl -X \\\n DELETE https://api.test/api/v1/subscription/webhook?force=1 -H 'X-Why: so'"
    assert guides.read([Code(1, "", text)]) == [
        OperationFact(1, "DELETE /api/v1/subscription/webhook"),
        ServerFact(1, "https://api.test"),
        FieldFact(
            1, Spot("DELETE /api/v1/subscription/webhook", "request", "query force"), Shape()
        ),
        FieldFact(
            1, Spot("DELETE /api/v1/subscription/webhook", "request", "header X-Why"), Shape()
        ),
    ]


def test_a_request_as_it_is_sent_is_a_call_and_what_follows_its_body_the_answer() -> None:
    text = (
        'POST /api/v1/account HTTP/1.1\nHost: api.test\nKey: k\n\n{"timestamp": 1}\n{"total": 1.50}'
    )
    assert guides.read([Code(1, "", text)]) == [
        OperationFact(1, "POST /api/v1/account"),
        ServerFact(1, "https://api.test"),
        ExampleFact(1, "POST /api/v1/account", "request", {"timestamp": 1}),
        ExampleFact(1, "POST /api/v1/account", "answer", {"total": Decimal("1.50")}),
    ]


@pytest.mark.parametrize(
    "code",
    [
        'requests.post("https://api.test/api/v1/account", data=body)',
        "await fetch('https://api.test/api/v1/account', {method: 'POST', body})",
        'client.request("POST", "https://api.test/api/v1/account")',
    ],
)
def test_a_program_is_a_call_where_its_verb_is_clear(code: str) -> None:
    assert OperationFact(1, "POST /api/v1/account") in guides.read([Code(1, "", code)])


def test_a_program_with_two_verbs_is_no_call() -> None:
    code = 'url = settings.get("/api/v1/account"); requests.post(url)'
    assert guides.read([Code(1, "", code)]) == []


def test_a_sentence_names_a_call_once() -> None:
    facts = guides.read([CALL, Prose(5, f"Again, {BLOCK} it is."), Prose(6, "GET what you want")])
    assert facts == [OperationFact(2, BLOCK), ServerFact(2, "https://api.test")]


def test_a_host_of_the_readers_own_is_no_host_of_the_api() -> None:
    facts = guides.read([Code(1, "", "curl -X POST http://localhost:80/api/v1/account")])
    assert facts == [OperationFact(1, "POST /api/v1/account")]


def test_a_sample_after_a_call_is_its_answer_until_the_next_call() -> None:
    page: list[Element] = [
        CALL,
        Heading(3, 2, "Response example"),
        Code(4, "json", '{"id": "1", "blocked": true}'),
        Prose(5, f"Or begin anew: {CREATE}"),
        Code(6, "json", "[]"),
        Heading(7, 2, "Something else"),
        Code(8, "json", '{"id": "2"}'),
    ]
    assert of(ExampleFact, guides.read(page)) == [
        ExampleFact(4, BLOCK, "answer", {"id": "1", "blocked": True}),
        ExampleFact(6, CREATE, "answer", []),
    ]


def test_a_heading_inside_of_a_description_does_not_end_it() -> None:
    page: list[Element] = [
        Heading(1, 2, "Block"),
        CALL,
        Heading(3, 3, "What you get"),
        Code(4, "", '{"id": "1"}'),
    ]
    assert of(ExampleFact, guides.read(page)) == [ExampleFact(4, BLOCK, "answer", {"id": "1"})]


def test_a_sample_with_the_envelope_is_what_is_sent() -> None:
    sample = {"account": "a", "timestamp": 1, "payload": {}}
    page: list[Element] = [CALL, Code(3, "", '{"account": "a", "timestamp": 1, "payload": {}}')]
    assert of(ExampleFact, guides.read(page)) == [ExampleFact(3, BLOCK, "request", sample)]


def test_a_part_of_a_request_is_not_taken_for_an_answer() -> None:
    page: list[Element] = [CALL, Prose(3, "Request payload:"), Code(4, "", '{"customerId": "1"}')]
    assert of(ExampleFact, guides.read(page)) == []


@pytest.mark.parametrize(
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
    ids=range(8),
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
    spots = {fact.spot.path: fact.shape for fact in of(FieldFact, guides.read(page))}
    assert spots == {
        "account": Shape(required=True),
        "payload": Shape(type="object", required=True),
        "payload.customerId": Shape(required=True),
        "payload.reason": Shape(type="string", required=False),
        "payload.tags": Shape(type="array", required=False),
        "payload.tags[]": Shape(type="string"),
        "nonce": Shape(type="integer", format="int64", required=True),
    }


@pytest.mark.parametrize("names", [("account", "customerId"), ("account", "payload", "customerId")])
def test_in_a_list_without_depth_what_the_envelope_lacks_is_payload(names: tuple[str, ...]) -> None:
    page: list[Element] = [CALL, *(Item(3, 0, f"{name} (required)") for name in names)]
    assert list(paths(guides.read(page)))[-1] == "payload.customerId"


def test_a_list_before_the_call_belongs_to_the_call_that_follows() -> None:
    page: list[Element] = [
        Heading(1, 2, "Create"),
        Item(2, 0, "email (optional)"),
        Prose(3, CREATE),
        CALL,
    ]
    assert of(FieldFact, guides.read(page)) == [
        FieldFact(2, Spot(CREATE, "request", "payload.email"), Shape(required=False))
    ]


def test_a_list_of_what_comes_back_holds_fields_of_the_answer() -> None:
    page: list[Element] = [
        CALL,
        Prose(3, "The response has:"),
        Item(4, 0, "externalId - your own number"),
    ]
    assert of(FieldFact, guides.read(page))[0].spot == Spot(BLOCK, "answer", "externalId")


def test_a_list_that_tells_of_an_event_holds_fields_of_its_data() -> None:
    page: list[Element] = [
        Prose(1, "INVOICE_PAID comes with:"),
        Item(2, 0, "invoiceId - which one"),
    ]
    assert of(FieldFact, guides.read(page))[0].spot == Spot(
        "INVOICE_PAID", "event", "data.invoiceId"
    )


@pytest.mark.parametrize(
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


def test_events_are_told_from_statuses() -> None:
    text = (
        "MEM_POOL_FOUND, then CUSTOMER_PURSE_EXPIRED or TOP_UP_PENDING_COMPLIANCE; PENDING_PAYMENT"
    )
    assert guides.read(
        [Prose(1, text), Item(2, 0, "CUSTOMER_PURSE_EXPIRED"), Prose(3, "PAYOUT_*")]
    ) == [
        EventFact(1, "CUSTOMER_PURSE_EXPIRED"),
        EventFact(1, "TOP_UP_PENDING_COMPLIANCE"),
    ]
