"""What the facts of a page mean for the document, fact by fact."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from tests.rows import rows
from tools.drift.compare import compare, remembered
from tools.drift.differences import Difference, Kind, Known, Severity
from tools.drift.facts import (
    AnswerFact,
    CodeFact,
    EventFact,
    ExampleFact,
    Fact,
    FieldFact,
    OperationFact,
    Page,
    Paragraph,
    PeriodFact,
    Reading,
    ServerFact,
    ValueFact,
)
from tools.drift.memory import Seen
from tools.spec import FieldPath, Shape, SpecIndex, read_text
from tools.spec.read import DOCUMENT

ADDRESS = "POST /api/v1/customer-purse/address/get"
CREATE = "POST /api/v1/customer-purse/customer/create"
TRANSACTION = "POST /api/v1/customer-purse/transaction/get"
SUBSCRIBE = "POST /api/v1/subscription/webhook/create"


@cache
def spec() -> SpecIndex:
    return read_text(DOCUMENT.read_text("utf-8"))


def reading(*facts: Fact, prose: tuple[str, ...] = (), cut: int | None = None) -> Reading:
    address = "https://docs.calypso.finance/guide.md"
    page = Page("guide", "guide.md", "", "markdown", address)
    paragraphs = tuple(Paragraph(line, text) for line, text in enumerate(prose, 1))
    return Reading(page, facts, paragraphs, cut)


def seen(*facts: Fact, prose: tuple[str, ...] = ()) -> Seen:
    return remembered(reading(*facts, prose=prose), spec())


def differences(*facts: Fact, before: Seen | None = None) -> list[Difference]:
    return compare(reading(*facts), spec(), before)[0]


def known(*facts: Fact) -> list[Known]:
    return compare(reading(*facts), spec())[1]


def one(*facts: Fact, before: Seen | None = None) -> tuple[Kind, Severity]:
    (found,) = differences(*facts, before=before)
    return found.kind, found.severity


def shown(path: str, part: Any = "response", owner: str = TRANSACTION, **shape: Any) -> FieldFact:
    return FieldFact(7, FieldPath(owner, part, path), Shape(**shape))


BREAKING, ADDITIVE, EDITORIAL = Severity


@rows(
    ("fact", "expected"),
    [
        (
            OperationFact(1, "POST /api/v1/customer-purse/customer/find"),
            (Kind.OPERATION_NEW, ADDITIVE),
        ),
        (
            OperationFact(1, "POST /api/v2/customer-purse/address/get"),
            (Kind.PATH_CHANGED, BREAKING),
        ),
        (
            OperationFact(1, "PUT /api/v1/customer-purse/x", operation_id="getAddress"),
            (Kind.PATH_CHANGED, BREAKING),
        ),
        (shown("payload.nickname", "request", CREATE, required=False), (Kind.FIELD_NEW, ADDITIVE)),
        (shown("payload.nickname", "request", CREATE, required=True), (Kind.FIELD_NEW, BREAKING)),
        (shown("fee", type="number", required=True), (Kind.FIELD_NEW, ADDITIVE)),
        (shown("amount", type="string"), (Kind.TYPE_CHANGED, BREAKING)),
        (shown("createdDate", type="string", format="date"), (Kind.FORMAT_CHANGED, BREAKING)),
        (shown("id", required=False), (Kind.REQUIRED_CHANGED, BREAKING)),
        (shown("transactionHash", required=True), (Kind.REQUIRED_CHANGED, ADDITIVE)),
        (
            shown("payload.email", "request", CREATE, required=True),
            (Kind.REQUIRED_CHANGED, BREAKING),
        ),
        (
            shown("payload.url", "request", SUBSCRIBE, required=False),
            (Kind.REQUIRED_CHANGED, ADDITIVE),
        ),
        (
            shown("payload.email", "request", CREATE, limits={"maxLength": 64}),
            (Kind.LIMIT_CHANGED, BREAKING),
        ),
        (
            shown("payload.email", "request", CREATE, pattern="^.+@.+$"),
            (Kind.PATTERN_CHANGED, BREAKING),
        ),
        (shown("transactionState", values=("CONFIRMED", "UNHEARD_OF")), (Kind.VALUE_NEW, ADDITIVE)),
        (AnswerFact(1, TRANSACTION, "429"), (Kind.RESPONSE_NEW, ADDITIVE)),
        (AnswerFact(1, TRANSACTION, "409"), (Kind.RESPONSE_NEW, ADDITIVE)),
        (CodeFact(1, "099", "Too late"), (Kind.CODE_NEW, ADDITIVE)),
        (EventFact(1, "CUSTOMER_PURSE_UNHEARD_OF"), (Kind.EVENT_NEW, ADDITIVE)),
        (ServerFact(1, "https://api.calypso.example"), (Kind.SERVER_NEW, ADDITIVE)),
        (
            ValueFact(1, "Status", "UNHEARD_OF", ("PENDING_PAYMENT", "DECLINED", "UNHEARD_OF")),
            (Kind.VALUE_NEW, ADDITIVE),
        ),
    ],
)
def test_what_differs_from_the_document_is_named_and_classed(
    fact: Fact, expected: tuple[Kind, Severity]
) -> None:
    assert one(fact) == expected


@rows(
    "fact",
    [
        OperationFact(1, "POST /api/v1/invoice/create"),
        FieldFact(1, FieldPath("POST /api/v1/invoice/create", "request", "payload.x"), Shape()),
        AnswerFact(1, TRANSACTION, "400"),
        shown("amount"),
        shown("amount", type="number", required=True),
        shown("payload.timestamp[]", "request", "POST /api/v1/invoice/create"),
        shown("blockedByErrorCount", owner=SUBSCRIBE, type="integer"),
        shown("secretKey", owner=SUBSCRIBE, type="string"),
        ValueFact(1, "Status", "EXPIRED", ("NEW", "PAID", "EXPIRED")),
        PeriodFact(1, 3, "minute"),
        PeriodFact(1, 30, "day"),
        ServerFact(1, "https://api.calypso.money/"),
    ],
)
def test_what_agrees_or_is_of_other_products_is_no_difference(fact: Fact) -> None:
    assert differences(fact) == []


def test_a_guide_to_a_call_that_speaks_of_a_time_unheard_of_is_to_be_read() -> None:
    (found,) = differences(OperationFact(1, ADDRESS), PeriodFact(2, 45, "day"))

    assert (found.kind, found.severity) == (Kind.FIGURE_CHANGED, EDITORIAL)
    assert differences(PeriodFact(2, 45, "day")) == []


def test_a_page_that_shows_less_than_is_known_is_no_difference() -> None:
    assert differences(OperationFact(1, TRANSACTION), shown("id", type="string")) == []


FULL = (
    OperationFact(1, TRANSACTION),
    OperationFact(1, ADDRESS),
    shown("id", type="string", format="uuid"),
    shown("amount", type="number"),
    shown("transactionState", values=("CONFIRMED", "DECLINED")),
    AnswerFact(1, TRANSACTION, "400"),
    AnswerFact(1, TRANSACTION, "500"),
    CodeFact(1, "003"),
    CodeFact(1, "004"),
    EventFact(1, "CUSTOMER_PURSE_EXPIRED"),
    EventFact(1, "CUSTOMER_PURSE_MEM_POOL_FOUND"),
    ServerFact(1, "https://api.calypso.finance"),
    ServerFact(1, "https://api.calypso.money"),
)


@rows(
    ("place", "instead", "expected"),
    [
        (1, None, (Kind.OPERATION_REMOVED, BREAKING)),
        (2, shown("id", type="string"), (Kind.FORMAT_CHANGED, BREAKING)),
        (3, None, (Kind.FIELD_REMOVED, BREAKING)),
        (4, shown("transactionState", values=("CONFIRMED",)), (Kind.VALUE_REMOVED, BREAKING)),
        (6, None, (Kind.RESPONSE_REMOVED, EDITORIAL)),
        (8, None, (Kind.CODE_REMOVED, BREAKING)),
        (10, None, (Kind.EVENT_REMOVED, BREAKING)),
        (12, None, (Kind.SERVER_REMOVED, BREAKING)),
    ],
)
def test_what_a_page_showed_and_no_longer_shows_is_gone(
    place: int, instead: Fact | None, expected: tuple[Kind, Severity]
) -> None:
    before = seen(*FULL)
    now = [*FULL[:place], *([instead] if instead else []), *FULL[place + 1 :]]

    assert one(*now, before=before) == expected
    assert differences(*FULL, before=before) == []


def test_only_the_outermost_of_what_is_gone_is_told() -> None:
    find = "POST /api/v1/customer-purse/transaction/find"
    paths = ("payload", "payload.currencyFilter", "payload.currencyFilter.equals")
    shown_then = [shown(path, "request", find) for path in paths]
    before = seen(OperationFact(1, find), *shown_then)
    (found,) = differences(OperationFact(1, find), shown_then[0], before=before)

    assert found.kind is Kind.FIELD_REMOVED
    assert found.subject == "transactions.find: payload.currencyFilter"


def test_a_page_that_breaks_off_and_the_other_form_of_a_page_let_nothing_be_gone() -> None:
    before = seen(*FULL)
    text = Seen("text", before.facts, before.prose)
    assert differences(OperationFact(1, TRANSACTION), before=text) == []
    assert compare(reading(cut=9), spec(), seen(*FULL))[0] == []
    broken_off = OperationFact(1, TRANSACTION, cut=True)
    assert differences(broken_off, *FULL[1:3], *FULL[5:], before=seen(*FULL)) == []


def test_only_the_outermost_of_what_is_new_is_told() -> None:
    inner = shown("fee.amount", type="number"), shown("fee.currency", type="string")

    assert one(shown("fee", type="object"), *inner) == (Kind.FIELD_NEW, ADDITIVE)


def test_a_list_and_a_sample_that_show_the_same_are_told_once() -> None:
    sample = ExampleFact(9, ADDRESS, "response", {"id": "x", "address": "y", "memo": "7"})
    field = shown("memo", owner=ADDRESS, type="string")

    assert [each.subject for each in differences(field, sample)] == [
        "addresses.get answer: memo",
        "addresses.get answer: id",
    ]


def test_a_sample_that_the_schemas_refuse_is_breaking() -> None:
    sample = {
        "account": "a",
        "name": "b",
        "ownerId": "text",
        "balances": [{"currency": "BTC", "amount": "1"}],
    }
    (found,) = differences(ExampleFact(3, "POST /api/v1/account", "response", sample))

    assert (found.kind, found.severity) == (Kind.EXAMPLE_REJECTED, BREAKING)
    assert "balances[].amount" in found.subject


def test_placeholders_and_exact_numbers_are_no_faults_of_a_sample() -> None:
    balance = {"currency": "text", "amount": Decimal("0.000000000000000001")}
    sample = {"account": "text", "ownerId": "string", "balances": [balance]}

    assert differences(ExampleFact(3, "POST /api/v1/account", "response", sample)) == []


@rows(
    ("facts", "words"),
    [
        ([ExampleFact(1, ADDRESS, "response", {"address": "text"})], "absent"),
        ([OperationFact(1, ADDRESS), PeriodFact(2, 30, "day")], "30 days"),
        ([shown("account", "request", pattern="^0x[0-9a-fA-F]{40}$")], "0x"),
        ([ValueFact(1, "Status", "ARCHIEVED", ("DECLINED", "ARCHIEVED"))], "ARCHIEVED"),
        ([OperationFact(1, "POST /api/v1/account/balances")], "account/balances"),
        ([EventFact(1, "PAYOUT_SPEEDED_UP")], "PAYOUT_SPEEDED_UP"),
        ([EventFact(1, "TOP_UP_COMPLIANCE_CHECK")], "TOP_UP_COMPLIANCE_CHECK"),
        ([CodeFact(1, "016")], "016"),
    ],
)
def test_a_recorded_contradiction_is_listed_as_known(facts: list[Fact], words: str) -> None:
    assert differences(*facts) == []
    assert any(words in each.what for each in known(*facts))


@rows("code", ["004", "009"])
def test_a_code_that_the_documents_own_reading_has_follows_no_other(code: str) -> None:
    """Of two meanings of one code the words decide; and what a page shows is not absent there."""
    assert (differences(CodeFact(1, code)), known(CodeFact(1, code))) == ([], [])


def test_a_page_that_gives_both_lengths_of_life_follows_the_documents_own_reading() -> None:
    both = PeriodFact(2, 30, "day"), PeriodFact(2, 12, "month")

    assert known(OperationFact(1, ADDRESS), *both) == []


def test_a_figure_that_changed_in_a_sentence_is_breaking_and_other_words_are_editorial() -> None:
    before = seen(prose=("It is resent after 30 seconds.", "Answers are in JSON."))
    now = reading(prose=("It is resent after 60 seconds.", "Answers may be in XML."))
    found, _ = compare(now, spec(), before)

    assert [(each.kind, each.severity) for each in found] == [
        (Kind.FIGURE_CHANGED, BREAKING),
        (Kind.PAGE_CHANGED, EDITORIAL),
    ]


def test_a_length_of_time_in_a_new_sentence_is_no_figure_that_changed() -> None:
    before = seen(PeriodFact(1, 3, "minute"))
    now = (PeriodFact(1, 3, "minute"), PeriodFact(2, 5, "minute"))

    assert differences(*now, before=before) == []
    assert one(now[1], before=before) == (Kind.FIGURE_CHANGED, BREAKING)


def test_a_paragraph_that_is_gone_is_editorial() -> None:
    before = seen(prose=("One thing.", "Another thing."))
    (found,) = compare(reading(prose=("One thing.",)), spec(), before)[0]

    assert (found.kind, found.severity) == (Kind.PAGE_CHANGED, EDITORIAL)


def test_a_new_member_is_suggested_as_the_last() -> None:
    (event,) = differences(EventFact(1, "CUSTOMER_PURSE_UNHEARD_OF"))
    (state,) = differences(shown("complianceState", values=("X_Y",)))
    enumerations = read_text(applied(event, state)).enumerations
    grown = {
        name: each.values[:-1]
        for name, each in enumerations.items()
        if each.values != spec().enumerations[name].values
    }
    assert len(grown) == 2
    assert grown == {name: spec().enumerations[name].values for name in grown}


def applied(*found: Difference) -> str:
    """Return the document with suggestions carried out, their placeholders worded."""
    lines = spec().text.splitlines()
    for edit in sorted((edit for each in found for edit in each.edits), reverse=True):
        end = edit.line if edit.action == "replace" else edit.line - 1
        text = edit.text.replace("<what it is, in your own words>", "A word.")
        text = text.replace("<an example>", "x")
        lines[edit.line - 1 : end] = text.splitlines()
    return "\n".join(lines) + "\n"


@rows(
    "facts",
    {
        "first": (
            shown("payload.nickname", "request", CREATE, type="string", required=False),
            shown("payload.nickname", "request", ADDRESS, type="string", required=True),
            shown("fee", type="number", required=True),
            shown("data.fee", "event", "CUSTOMER_PURSE_EXPIRED", type="number", required=False),
            shown("transactionState", values=("CONFIRMED", "UNHEARD_OF")),
            shown("amount", type="string"),
            shown("createdDate", type="string", format="date"),
            shown("payload.email", "request", CREATE, type="string", format="email"),
            shown("payload.url", "request", SUBSCRIBE, required=False),
        ),
        "second": (
            shown("fee", type="number", required=False, limits={"minimum": 0}),
            ValueFact(1, "Status", "UNHEARD_OF", ("PENDING_PAYMENT", "DECLINED", "UNHEARD_OF")),
            EventFact(1, "CUSTOMER_PURSE_UNHEARD_OF"),
            shown("payload.email", "request", CREATE, required=True),
            OperationFact(1, "POST /api/v2/customer-purse/address/get"),
        ),
        "third": (shown("payload.email", "request", CREATE, limits={"maxLength": 64}),),
    },
)
def test_suggested_edits_end_the_differences(facts: tuple[Fact, ...]) -> None:
    """Each fact makes one difference; those that are carried out together do not touch."""
    found = [each for fact in facts for each in differences(fact)]
    assert len(found) == len(facts)
    assert all(each.edits for each in found)

    mended = read_text(applied(*found))
    left = [(each.subject, each.what) for each in compare(reading(*facts), mended)[0]]
    assert left == []
    last = len(spec().text.splitlines())
    assert all(each.document_line in range(1, last) for each in found)
