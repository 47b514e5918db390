"""What becomes of a page that is read over the network, against a server on this machine."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import socket
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.rows import rows
from tools.drift.differences import Unread
from tools.drift.fetch import Fetched, Gone, fetch_all, make_client
from tools.drift.pages import Entry
from tools.drift.serving import HEADERS, Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = b"# Errors\n\nThe server answers with a code.\n"
# Long enough for a busy machine where an answer is expected, short where none comes.
CALM = Patience(connect=60, read=60, total=60, pause=0)
SILENT = CALM._replace(read=0.1)
DRIPPING = CALM._replace(total=0.3)


class Site(http.server.ThreadingHTTPServer):
    """Answers each path as a function of this class says, and remembers what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.gone_was_asked_for = threading.Event()
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def entry(self, path: str) -> Entry:
        return Entry(path.removesuffix(".md"), "Errors", f"{self.url}/{path}")


class Visit(http.server.BaseHTTPRequestHandler):
    server: Site

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        if self.path == "/410":
            self.server.gone_was_asked_for.set()
        name = self.path.strip("/").removesuffix(".md").replace("-", "_")
        behave: Callable[[], None] = getattr(self, name.rstrip("0123456789"), self.status)
        # Whoever asked may be gone before all was said.
        with contextlib.suppress(ConnectionError):
            behave()

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def errors(self) -> None:
        self.answer(200, PAGE, Content_Type="text/markdown", Set_Cookie="who=you")

    def picture(self) -> None:
        self.answer(200, PAGE, Content_Type="image/png")

    def html(self) -> None:
        self.answer(200, b"<!doctype html><title>Log in</title>", Content_Type="text/markdown")

    def status(self) -> None:
        self.answer(int(self.path[1:4]))

    def once(self) -> None:
        times = [path for path, _ in self.server.asked].count(self.path)
        self.answer(500 if times == 1 else 200, PAGE)

    def moved(self) -> None:
        self.answer(301, Location="/errors.md")

    def rendered(self) -> None:
        self.answer(301, Location="/html")

    def front(self) -> None:
        self.answer(302, Location="/")

    def loop(self) -> None:
        self.answer(302, Location=self.path)

    def chain(self) -> None:
        left = int(self.path.removeprefix("/chain").removesuffix(".md"))
        self.answer(307, Location=f"/chain{left - 1}.md" if left else "/errors.md")

    def abroad(self) -> None:
        self.answer(308, Location="http://localhost:1/errors.md")

    def keys(self) -> None:
        self.answer(302, Location=self.server.url.replace("//", "//me:password@") + "/errors.md")

    def nowhere(self) -> None:
        self.answer(302, Location="http://[::1")

    def unnamed(self) -> None:
        self.answer(302)

    def compressed(self) -> None:
        self.answer(200, gzip.compress(PAGE), Content_Encoding="gzip")

    def slow(self) -> None:
        self.server.gone_was_asked_for.wait(30)
        self.errors()

    def silent(self) -> None:
        self.server.over.wait(30)

    def dripping_header(self) -> None:
        self.drip(b"HTTP/1.1 200 OK\r\nX-Drip: ")

    def dripping_body(self) -> None:
        self.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")

    def drip(self, head: bytes) -> None:
        self.wfile.write(head)
        for _ in range(600):
            if self.server.over.wait(0.05):
                return
            self.wfile.write(b"#")

    def announced(self) -> None:
        self.answer(200, PAGE, Content_Length=str(50 * 1024 * 1024))

    def flood(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.over.is_set():
            self.wfile.write(b"x" * 1024 * 1024)

    def broken(self) -> None:
        self.answer(200, PAGE, Content_Length="9999")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with make_client() as client:
        yield client


def told(
    *entries: Entry, patience: Patience = CALM, client: httpx.Client | None = None
) -> list[str]:
    results = list(fetch_all(entries, patience=patience, client=client))
    assert all(isinstance(each, Unread) for each in results)
    assert [each.source for each in results] == [entry.url for entry in entries]
    return [each.why for each in results]


def test_a_page_is_fetched_with_its_name_and_address(site: Site) -> None:
    (result,) = fetch_all([site.entry("errors.md")], patience=CALM)
    assert isinstance(result, Fetched)
    assert result.page.name == "errors"
    assert result.page.source == f"{site.url}/errors.md"
    assert result.page.text.encode() == PAGE
    assert result.moved_to is None


def test_markdown_is_asked_for_and_nothing_tells_who_asks(site: Site) -> None:
    """Among other things a cookie that was set is not sent back."""
    with make_client() as client:
        list(fetch_all([site.entry("errors.md")], client=client, patience=CALM))
        list(fetch_all([site.entry("moved.md")], client=client, patience=CALM))
    for _, headers in site.asked:
        assert HEADERS.items() <= headers.items()
        assert headers.keys() <= {*HEADERS, "Host", "Connection"}
    assert len(site.asked) == 3


def test_results_come_in_the_order_of_the_list(site: Site) -> None:
    paths = ["once1.md", "404", "errors.md", "slow.md", "html.md", "moved.md", "410"]
    results = list(fetch_all([site.entry(path) for path in paths], patience=CALM))
    assert [type(each) for each in results] == [
        Fetched, Gone, Fetched, Fetched, Unread, Fetched, Gone
    ]  # fmt: skip


@rows("path", ["moved.md", "chain3.md", "chain4.md"])
def test_a_redirect_to_another_path_is_followed_and_named(
    site: Site, client: httpx.Client, path: str
) -> None:
    (result,) = fetch_all([site.entry(path)], patience=CALM, client=client)
    assert isinstance(result, Fetched)
    assert result.moved_to == result.page.source == f"{site.url}/errors.md"


def test_a_redirect_that_keeps_the_path_is_no_move() -> None:
    asked: list[httpx.URL] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        first = len(asked) == 1
        return httpx.Response(302 if first else 200, headers={"Location": "/a/?x=1"}, content=PAGE)

    with httpx.Client(transport=httpx.MockTransport(serve)) as client:
        (result,) = fetch_all([Entry("a", "A", "https://docs.test/a.md")], client=client)
    assert isinstance(result, Fetched)
    assert result.moved_to is None


@rows(
    ("path", "why"),
    [
        ("404", "the site answers 404"),
        ("410", "the site answers 410"),
        ("front.md", "its address leads to the front page of the site"),
    ],
)
def test_a_page_that_is_no_longer_served_is_gone(
    site: Site, client: httpx.Client, path: str, why: str
) -> None:
    (result,) = fetch_all([site.entry(path)], patience=CALM, client=client)
    assert result == Gone(path.removesuffix(".md"), f"{site.url}/{path}", why)


@rows(
    ("path", "word"),
    [
        ("html.md", "this is HTML, titled “Log in”"),
        ("rendered.md", "/html: this is HTML, titled “Log in”"),
        ("loop.md", "more than 5 redirects"),
        ("chain9.md", "more than 5 redirects"),
        ("abroad.md", "another site, localhost. Correct the address in pages.yaml"),
        ("keys.md", "another site"),
        ("nowhere.md", "no such address"),
        ("unnamed.md", "answers 302: this is no page"),
        ("compressed.md", "compressed, which was not asked for"),
        ("announced.md", "it is too large, 50.0 MiB"),
        ("flood.md", "it is too large"),
        ("broken.md", "the connection broke"),
        ("204", "the site answers 204"),
        ("401", "the site asks for credentials"),
        ("403", "the site refuses to serve it"),
        ("429", "the site was asked too often. Try again later"),
        ("500", "the site answers 500"),
    ],
)
def test_whatever_else_happens_is_told_with_what_to_do(
    site: Site, client: httpx.Client, path: str, word: str
) -> None:
    (why,) = told(site.entry(path), client=client)
    assert word in why
    assert why.endswith(".")


@rows(
    ("path", "patience", "word"),
    [
        ("silent.md", SILENT, "no answer in time"),
        ("dripping-header.md", DRIPPING, "not all of it was there after 0.3 seconds"),
        ("dripping-body.md", DRIPPING, "not all of it was there after 0.3 seconds"),
    ],
)
def test_a_server_that_is_slow_in_whatever_way_holds_nobody(
    site: Site, client: httpx.Client, path: str, patience: Patience, word: str
) -> None:
    """The server goes on for half a minute, and then would end otherwise."""
    (why,) = told(site.entry(path), patience=patience, client=client)
    assert word in why


def test_the_bytes_decide_what_a_page_is_not_the_content_type(site: Site) -> None:
    (result,) = fetch_all([site.entry("picture.md")], patience=CALM)
    assert isinstance(result, Fetched)


@rows(
    ("outcome", "times"),
    [
        ([500, 200], 2),
        ([503, 503], 2),
        ([httpx.ReadTimeout, 200], 2),
        ([httpx.ConnectTimeout, httpx.ConnectTimeout], 2),
        ([404], 1),
        ([403], 1),
        ([httpx.ConnectError], 1),
    ],
)
def test_time_outs_and_errors_of_the_server_are_tried_once_more_and_nothing_else(
    outcome: list[Any], times: int
) -> None:
    asked: list[httpx.URL] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        now = (outcome * 5)[len(asked) - 1]
        if not isinstance(now, int):
            raise now("no answer")
        return httpx.Response(now, content=PAGE)

    with httpx.Client(transport=httpx.MockTransport(serve)) as client:
        entry = Entry("a", "A", "https://docs.test/a.md")
        (result,) = fetch_all([entry], patience=CALM, client=client)
    assert len(asked) == times
    assert isinstance(result, Fetched) == (outcome[-1] == 200)


def test_a_refused_connection_and_an_unknown_host_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as taken:  # and never listening
        taken.bind(("127.0.0.1", 0))
        refused = f"http://127.0.0.1:{taken.getsockname()[1]}/errors.md"
        (why,) = told(Entry("errors", "Errors", refused))
    assert why.startswith("no connection (")
    assert "Check the network and the proxy settings, or save the page by hand" in why

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    (why,) = told(Entry("errors", "Errors", "https://docs.test/errors.md"))
    assert why.startswith("the name of the host can't be looked up (")


def test_a_server_without_tls_is_not_trusted(site: Site) -> None:
    (why,) = told(site.entry("errors.md")._replace(url=f"https{site.url[4:]}/errors.md"))
    assert why.startswith("no trustworthy connection (")


def test_a_redirect_away_from_tls_is_refused() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        assert request.url.scheme == "https"
        return httpx.Response(301, headers={"Location": "http://docs.test/errors.md"})

    entry = Entry("errors", "Errors", "https://docs.test/errors.md")
    with httpx.Client(transport=httpx.MockTransport(serve), follow_redirects=True) as client:
        (result,) = fetch_all([entry], client=client)
    assert isinstance(result, Unread)
    assert "without encryption" in result.why


@rows(("name", "value"), [("ALL_PROXY", "gopher://127.0.0.1"), ("SSL_CERT_FILE", "/nowhere.pem")])
def test_settings_of_the_environment_that_cant_be_used_are_told_of(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with monkeypatch.context() as patch:
        patch.delenv("NO_PROXY")
        patch.setenv(name, value)
        whys = told(*[Entry("a", "A", "https://docs.test/a.md")] * 2)
    assert all("settings for proxies or certificates" in why for why in whys)


def test_a_proxy_that_refuses_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server answers CONNECT with 501."""
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTPS_PROXY", site.url)
    (why,) = told(Entry("errors", "Errors", "https://docs.test/errors.md"))
    assert why.startswith("the proxy refuses (")
