"""A text is recognised as the page that it is, and what is no page of the vendor's is not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.drift import layouts
from tests.rows import rows
from tools.drift.run import CUT, READ, UNREAD, WRONG, Source, examine

if TYPE_CHECKING:
    from tools.drift.document import Document
    from tools.drift.run import Outcome

F, M = "docs.calypso.finance", "docs.calypso.money"

ADDRESSES = {
    "reference.md": f"{F}/api-reference/customer-purse-api",
    "compact.txt": f"{F}/api-reference/customer-purse-api",
    "errors.md": f"{F}/get-started-with-calypso-api/errors",
    "overview.txt": f"{F}/webhooks/overview",
    "types.txt": f"{F}/webhooks/types-of-events",
    "states.md": f"{M}/acquiring/customers/how-to-process-customer-transactions",
}

OTHERS = [
    "# Page not found\n\nSee https://docs.calypso.finance for all pages.\n",
    "# Sign in\n\nSign in to read the docs of Calypso Pay.\n",
    "Just a moment...\n\nWe check your browser.\n",
    "# Errors\n\n| Code | Message |\n| --- | --- |\n| 400 | Bad request |\n| 404 | Not found |\n",
    "# Errors\n\n| errorCode | Message |\n| - | - |\n| 001 | Bad request |\n| 002 | No money |\n",
    "# Errors\n\nComing soon.\n",
    "# Account API\n\nAccounts of another vendor\n\nPOST /v2/accounts HTTP/1.1\n",
    "# Errors\n\nThis page has moved to [Codes](https://docs.calypso.money/codes).\n",
    "API Authentication\n\nThe page is no longer available.\n\nLast updated 1 day ago\n",
    "Types of events\n\nComing soon\n",
    f"> At [llms.txt](x); available as [Markdown](https://{F}/webhooks/overview.md).\n\n"
    "# Errors\n\nInvalid api key, Wrong sign\n",
    "<!doctype html>\n<html><head><title>Log in</title></head></html>",
    '{"error": "no such page"}',
]
UNREADABLE = [b"", b" \n", b"\x89PNG\r\n\x00", "é".encode("latin-1")]

BROKEN_OFF = {
    "within JSON": layouts.PAGES["payload.md"][:170],
    "within a table": "# Errors\n\nInvalid api key, Wrong sign\n\n| a | b |\n| - | - |\n| c | d",
    "within a block of code": layouts.REFERENCE[:900],
    "exactly 2000 characters": layouts.ERRORS + "x" * (2000 - len(layouts.ERRORS)),
}


def read(text: str | bytes, name: str, ours: Document) -> Outcome:
    content = text if isinstance(text, bytes) else text.encode()
    return examine([Source(name, content)], ours, None)


@rows("name, address", list(ADDRESSES.items()))
def test_a_page_is_recognised_by_its_content(name: str, address: str, ours: Document) -> None:
    """The name of the file says nothing here; M pages would begin with their own addresses."""
    text = layouts.PAGES[name]
    if M in address:
        text = f"> See [llms.txt](x); available as [Markdown](https://{address}.md).\n\n{text}"
    (status,) = read(text, f"saved{name[-4:].lstrip('x')}", ours).statuses
    assert (status.address, status.status) == (address, READ)


@rows("text", OTHERS)
def test_what_a_site_serves_instead_of_a_page_is_a_wrong_page(text: str, ours: Document) -> None:
    outcome = read(text, "errors.md", ours)
    assert [each.status for each in outcome.statuses] == [WRONG]
    assert outcome.read == []
    assert {each.kind for each in outcome.differences} <= {"page"}


@rows("content", UNREADABLE)
def test_what_is_no_text_is_unread_with_a_reason(content: bytes, ours: Document) -> None:
    (status,) = read(content, "errors.md", ours).statuses
    assert status.status == UNREAD
    assert status.reason


@rows("reason, text", list(BROKEN_OFF.items()))
def test_a_page_that_breaks_off_is_read_as_far_as_it_goes(
    reason: str, text: str, ours: Document
) -> None:
    outcome = read(text, "page.md", ours)
    (status,) = outcome.statuses
    assert status.status == CUT
    assert reason in status.reason
    assert outcome.differences == []


@rows("name, text", list(layouts.PAGES.items()))
def test_no_beginning_of_a_page_raises_a_difference_or_an_error(
    name: str, text: str, ours: Document
) -> None:
    for size in range(40, len(text), 61):
        outcome = read(text[:size], name, ours)
        # Half a path or half a name is on the last line.
        others = [each for each in outcome.differences if each.kind != "page"]
        assert [each for each in others if not text[:size].endswith(str(each.new))] == []
