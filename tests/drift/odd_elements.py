"""Pages that nobody would write, for readers that have to survive them."""

from collections.abc import Iterable
from typing import TypeVar

from hypothesis import strategies as st

from tools.drift.facts import Fact
from tools.drift.readers.elements import Code, Heading, Item, Prose, Row, Table

FRAGMENTS = st.sampled_from(
    [
        "curl ",
        "--data '",
        '-d "',
        "-X POST ",
        "https://api.test/api/v1/x ",
        "\\\n",
        "\n\n",
        '{"a": ',
        "}",
        "]",
        "1e999999999999999999999",
        "NaN",
        '{"errorCode": "003"}',
        '{"eventType": "INVOICE_PAID", "data": 1}',
        "POST /api/v1/x HTTP/1.1\n",
        "customerId (required) - ",
        "PENDING_PAYMENT - ",
        "- string[], optional",
        "\ud800",
        "\u202e",
        "٣ days",
    ]
)
TEXTS = st.text(max_size=30) | st.lists(FRAGMENTS, max_size=8).map("".join)
LINES = st.integers(1, 99)
CELLS = st.lists(TEXTS, max_size=4).map(tuple)
ELEMENTS = st.lists(
    st.builds(Heading, LINES, st.integers(-1, 7), TEXTS)
    | st.builds(Prose, LINES, TEXTS)
    | st.builds(Item, LINES, st.integers(-1, 60), TEXTS)
    | st.builds(Code, LINES, TEXTS, TEXTS)
    | st.builds(Table, LINES, CELLS, st.lists(st.builds(Row, LINES, CELLS), max_size=4).map(tuple)),
    max_size=12,
)

T = TypeVar("T")


def of(kind: type[T], facts: Iterable[Fact]) -> list[T]:
    """Return the facts of one kind."""
    return [fact for fact in facts if isinstance(fact, kind)]
