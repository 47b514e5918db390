"""The live run reads the pages of the list, and the index of each site."""

from __future__ import annotations

import httpx

from tests.drift import layouts
from tests.rows import rows
from tools.drift import site
from tools.drift.pages import entries, listed_addresses

HOST = "docs.calypso.money"
ERRORS = f"{HOST}/get-started-with-calypso-api/errors"


def client(pages: dict[str, tuple[int, str]]) -> httpx.Client:
    """Return a client of a site; an address is that of the request without scheme."""

    def respond(request: httpx.Request) -> httpx.Response:
        address = f"{request.url.host}{request.url.path}"
        status, text = pages.get(address, (404, "# Page not found"))
        if status == 301:
            return httpx.Response(301, headers={"Location": text})
        return httpx.Response(status, text=text)

    return httpx.Client(transport=httpx.MockTransport(respond), follow_redirects=True)


def test_a_page_is_read_as_markdown() -> None:
    http = client({f"{ERRORS}.md": (200, layouts.ERRORS)})
    (source,), moved = site.read_pages([ERRORS], http)
    assert (source.address, source.content, moved) == (ERRORS, layouts.ERRORS.encode(), [])


def test_a_page_that_is_not_served_is_a_problem_with_its_status() -> None:
    (source,), _ = site.read_pages([ERRORS], client({f"{ERRORS}.md": (503, "later")}))
    assert source.problem == "the site responds with 503"


def test_a_page_that_leads_to_another_address_has_moved() -> None:
    to = f"{HOST}/api/errors"
    pages = {f"{ERRORS}.md": (301, f"https://{to}.md"), f"{to}.md": (200, layouts.ERRORS)}
    (source,), (difference,) = site.read_pages([ERRORS], client(pages))
    assert source.content
    assert (difference.kind, difference.old, difference.new) == ("page", ERRORS, to)


def test_a_site_that_does_not_respond_is_a_problem_in_words() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    http = httpx.Client(transport=httpx.MockTransport(fail))
    (source,), _ = site.read_pages([ERRORS], http)
    assert "no route" in source.problem
    assert site.read_index(HOST, http).addresses is None


INDEXES = {
    "llms.txt": f"# Docs\n\n- [A](https://{HOST}/a.md): a\n- [B](/b.md)\n- [C](https://x.com/c.md)\n",
    "sitemap.xml": f"<urlset><url><loc>https://{HOST}/a</loc></url><url><loc>https://{HOST}/b/</loc>"
    "</url></urlset>",
}


@rows("name, text", list(INDEXES.items()))
def test_the_index_is_llms_txt_or_else_the_sitemap(name: str, text: str) -> None:
    index = site.read_index(HOST, client({f"{HOST}/{name}": (200, text)}))
    assert index.addresses == {f"{HOST}/a", f"{HOST}/b"}


def changes(
    now: set[str], before: set[str] | None, listed: set[str]
) -> list[tuple[object, object]]:
    index = site.Index(HOST, frozenset(f"{HOST}/{each}" for each in now))
    old = None if before is None else frozenset(f"{HOST}/{each}" for each in before)
    found = site.changes(index, [f"{HOST}/{each}" for each in listed], old)
    return [
        (
            each.old and each.old.rpartition(f"{HOST}/")[2],
            each.new and each.new.rpartition(f"{HOST}/")[2],
        )
        for each in found
    ]


def test_pages_that_appear_move_or_vanish_are_reported() -> None:
    found = changes({"a", "y/b", "new"}, {"a", "x/b", "gone"}, {"a"})
    assert sorted(found, key=str) == [("gone", None), ("x/b", "y/b"), (None, "new")]


def test_at_first_sight_only_pages_that_matter_can_be_missing() -> None:
    assert changes({"a", "y/b", "new"}, None, {"a", "x/b", "gone"}) == [
        ("gone", None),
        ("x/b", "y/b"),
    ]
    assert changes({"a", "new"}, None, {"a"}) == []


def test_an_index_that_was_not_read_says_nothing() -> None:
    assert list(site.changes(site.Index(HOST, None), [ERRORS], None)) == []


def test_the_list_has_the_pages_that_matter_once_and_none_of_the_former_site() -> None:
    addresses = listed_addresses(entries())
    assert ERRORS in addresses
    assert f"{HOST}/accounts/account-webhooks" in addresses
    assert f"{HOST}/acquiring/invoices/invoice-webhooks" in addresses
    assert len(addresses) == len(set(addresses))
    assert not [each for each in addresses if "/reference/" in each or "/docs/" in each]
