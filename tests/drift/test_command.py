"""`python -m tools.drift` from end to end: what it prints, remembers, and ends with."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.docs.vendor.corpus import PAGES
from tests.rows import rows
from tools.drift import memory, pages
from tools.drift.__main__ import DRIFT, NO_DOCUMENT, NO_DRIFT, UNREAD, main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT = (PAGES / "account-api.md").read_text("utf-8")
NAME = '"name":{"type":"string"'
FROZEN = ACCOUNT.replace(NAME, f'"frozen":{{"type":"boolean"}},{NAME}')
NAMELESS = ACCOUNT.replace(NAME, '"nom":{"type":"string"')


class Site(BaseHTTPRequestHandler):
    """The vendor's site: a page, one that moved, one that is gone, and one that fails."""

    def do_GET(self) -> None:
        status, body, location = self.server.pages.get(self.path, (404, "", None))  # type: ignore[attr-defined]
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        server.pages = {}  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def listing(site: ThreadingHTTPServer, tmp_path: Path) -> Path:
    address = f"http://127.0.0.1:{site.server_port}"
    file = tmp_path / "pages.yaml"
    file.write_text(
        f"# Kept by hand.\n- name: account-api\n  title: Account API\n  url: {address}/account.md\n"
        "  read: null\n  fingerprint: null\n"
    )
    return file


def drift(listing: Path, *arguments: str) -> int:
    kept = ["--list", str(listing), "--seen", str(listing.with_name("seen.json"))]
    return main([*arguments, *kept])


def serve(site: ThreadingHTTPServer, body: str, status: int = 200, location: str = "") -> None:
    site.pages["/account.md"] = (status, body, location)  # type: ignore[attr-defined]


def test_pages_of_the_list_are_read_from_their_addresses(
    site: ThreadingHTTPServer, listing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(site, ACCOUNT)
    assert drift(listing) == NO_DRIFT
    assert "1 page read: nothing new" in capsys.readouterr().out

    serve(site, FROZEN)
    assert drift(listing) == DRIFT
    assert "accounts.get answer: frozen" in capsys.readouterr().out


def test_what_was_accepted_can_be_missed(
    site: ThreadingHTTPServer, listing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page that never showed a field does not lack it; one that did does."""
    serve(site, NAMELESS)
    drift(listing)
    assert "field removed" not in capsys.readouterr().out
    serve(site, ACCOUNT)
    assert drift(listing, "--accept") == NO_DRIFT

    serve(site, NAMELESS)
    assert drift(listing) == DRIFT
    assert "field removed: accounts.get answer: name" in capsys.readouterr().out
    drift(listing, "--accept")
    capsys.readouterr()
    drift(listing)
    assert "field removed" not in capsys.readouterr().out


def test_accepting_writes_date_and_fingerprint_and_nothing_of_the_pages_words(
    site: ThreadingHTTPServer, listing: Path
) -> None:
    serve(site, ACCOUNT)
    drift(listing, "--accept")

    (entry,) = pages.load(listing)
    seen = memory.load(listing.with_name("seen.json"))
    assert entry.fingerprint == memory.fingerprint(seen["account-api"])
    assert entry.read is not None
    assert listing.read_text().startswith("# Kept by hand.\n")
    kept = listing.with_name("seen.json").read_text()
    assert "field | POST /api/v1/account | response | balances[].amount" in kept
    assert "Merchant" not in kept


def test_a_page_that_moved_is_read_and_told(
    site: ThreadingHTTPServer, listing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(site, "", 301, "/reference/account.md")
    site.pages["/reference/account.md"] = (200, ACCOUNT, "")  # type: ignore[attr-defined]

    assert drift(listing) == DRIFT
    told = capsys.readouterr().out
    assert "page moved" in told
    assert "/reference/account.md" in told


def test_a_page_that_is_gone_is_drift_and_one_that_fails_is_unread(
    site: ThreadingHTTPServer, listing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drift(listing) == DRIFT
    assert "page removed" in capsys.readouterr().out

    serve(site, "", 503)
    assert drift(listing) == UNREAD
    assert "503" in capsys.readouterr().out


def test_a_soft_error_page_in_the_place_of_a_page_is_unread(
    site: ThreadingHTTPServer, listing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(site, ACCOUNT)
    drift(listing, "--accept")
    serve(site, "# Sorry\n\nSomething went wrong. Come back in 5 minutes.\n")

    assert drift(listing) == UNREAD
    told = " ".join(capsys.readouterr().out.split())
    assert "See that it is the page you mean" in told
    assert "gone" not in told


@rows("form", ["json", "markdown"])
def test_a_report_is_written_in_the_form_that_is_asked_for(
    form: str, listing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "saved" / "account-api.md"
    saved.parent.mkdir(exist_ok=True)
    saved.write_text(FROZEN)

    assert drift(listing, str(saved.parent), "--format", form) == DRIFT
    told = capsys.readouterr().out
    if form == "json":
        (difference,) = json.loads(told)["differences"]
        assert difference["severity"] == "additive"
        assert difference["edits"]
    assert "frozen" in told


def test_a_page_that_is_not_in_the_list_is_compared_and_not_remembered(
    listing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "errors.md"
    saved.write_text((PAGES / "errors.md").read_text("utf-8"))

    assert drift(listing, str(saved), "--accept") == NO_DRIFT
    assert "Not in the list of pages" in capsys.readouterr().err
    assert memory.load(listing.with_name("seen.json")) == {}


def test_files_of_a_folder_that_are_left_out_are_counted(
    listing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "errors.md").write_text((PAGES / "errors.md").read_text("utf-8"))
    (folder / "errors.html").write_text("<p>")

    assert drift(listing, str(folder)) == NO_DRIFT
    assert "other files: 1" in capsys.readouterr().err


@rows(
    ("arguments", "told", "code"),
    [
        (["--only", "nothing"], "nothing: no page of the list", UNREAD),
        (["--document", "/nowhere/openapi.yaml"], "/nowhere/openapi.yaml", NO_DOCUMENT),
        (["/nowhere/page.md"], "Check the name", UNREAD),
    ],
)
def test_what_can_not_be_used_is_told_and_ends_with_a_code_of_its_own(
    arguments: list[str], told: str, code: int, listing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drift(listing, *arguments) == code
    said = capsys.readouterr()
    assert told in said.out + said.err


def test_the_projects_own_list_and_memory_can_be_read() -> None:
    names = {entry.name for entry in pages.load()}

    assert memory.load().keys() <= names
    assert {"account-api", "customer-purse-api", "webhook-api"} <= names
    for entry in pages.load():
        seen = memory.load().get(entry.name)
        assert (entry.fingerprint is None) == (seen is None)
        assert seen is None or entry.fingerprint == memory.fingerprint(seen)
