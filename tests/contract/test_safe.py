"""A run does no harm to a server that is not our mock: what was there before stays as it is.

The server is a mock whose control endpoints are out of reach, as behind a tunnel to production; the
account has subscriptions and customers of a merchant's.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.contract import __main__ as command
from tests.contract import document, serving, targets
from tests.contract.session import Session
from tests.contract.tampering import tampered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.contract.tampering import Answer
    from tests.contract.wire import Target

COMMAND = (sys.executable, "-m", "tests.contract", "--profile", "short")
PATIENCE = 600
# A part that makes, changes and deletes, and the one that follows links from lists.
WRITING = ("--only", "each example of a request")
LINKS = ("--only", "chain of links")
SHARED = {"ALLOW_WRITES": "1", "ALLOW_SHARED": "1"}
SECOND = {
    "CALYPSO_OTHER_KEY": "another-key",
    "CALYPSO_OTHER_SECRET": "another-secret",
    "CALYPSO_OTHER_ACCOUNT": "0x3",
}


class Shop:
    """A merchant's account, looked at past the run.

    Args:
        session: Reaches the mock's control endpoints.
        target: The same account, as the run reaches it.
    """

    def __init__(self, session: Session, target: Target) -> None:
        self.target = target
        self._session = session
        for number in range(3):
            self._call(
                "createSubscription",
                {
                    "requestId": str(uuid.uuid4()),
                    "url": f"https://merchant.example/{number}",
                    "notificationServiceTypes": ["CUSTOMER_PURSE"],
                },
            )
        customer = self._call("createCustomer", {"email": "real@merchant.example"})["id"]
        self._call("getAddress", {"customerId": customer, "currency": "BTC"})
        self.before = self.state()

    def _call(self, operation: str, payload: object) -> Any:
        return self._session.call(operation, payload).json()

    def _control(self, name: str) -> Any:
        # A run may take so long that the mock closes a connection that is idle.
        self._session.close()
        return self._session.control(name)

    def state(self) -> dict[str, dict[str, Any]]:
        """Return subscriptions and customers by id."""
        accounts = self._control("state")["accounts"]
        account = next(each for each in accounts if each["account"] == self.target.account)
        return {
            "subscriptions": {each["requestId"]: each for each in account["subscriptions"]},
            "customers": {each["id"]: each for each in account["customers"]},
        }

    def sent(self) -> int:
        """Return how many requests the mock has had."""
        journal = self._control("journal")
        return sum(sum(journal[name].values()) for name in ("carriedOut", "refused"))

    def made(self) -> int:
        """Return how many subscriptions there are more than before."""
        return len(self.state()["subscriptions"]) - len(self.before["subscriptions"])

    def assert_unharmed(self) -> None:
        """All that was there is there as it was, and no subscription besides."""
        after = self.state()
        kept = {
            name: each
            for name, each in after["customers"].items()
            if name in self.before["customers"]
        }

        assert after["subscriptions"] == self.before["subscriptions"]
        assert kept == self.before["customers"]


@contextmanager
def shop() -> Iterator[Shop]:
    """Serve a merchant's account."""
    with (
        serving.mock() as served,
        closing(Session(served)) as session,
        tampered(served, unchanged, controls=False) as target,
    ):
        yield Shop(session, target)


def unchanged(answer: Answer) -> Answer:
    return answer


def run(
    target: Target, settings: Mapping[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    with started(target, settings, *options) as process:
        output, errors = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@contextmanager
def started(
    target: Target, settings: Mapping[str, str], *options: str
) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*COMMAND, "--target", target.base_url, *options],
        cwd=document.ROOT,
        env={**os.environ, "RATE": "0", **target.write(), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_server_on_this_machine_is_only_read_unless_it_proves_to_be_our_mock() -> None:
    """All parts of a run, with nothing said about writing."""
    with shop() as merchant:
        done = run(merchant.target, {})

        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.startswith(f"Testing a server at {merchant.target.base_url} ")
        assert f"read only, at most {targets.READING} requests, as fast as" in done.stdout
        assert merchant.state() == merchant.before
        assert merchant.sent() <= targets.READING


def test_to_write_where_others_have_subscriptions_takes_one_more_word() -> None:
    """It says what will be made, and how many, and does nothing."""
    with shop() as merchant:
        done = run(merchant.target, {"ALLOW_WRITES": "1"})

        assert done.returncode == 2
        assert "ALLOW_SHARED=1" in done.stderr
        assert f"at most {targets.WRITING['short'][1]['customers']} customers" in done.stderr
        assert merchant.state() == merchant.before


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(WRITING, id="checks"),
        pytest.param(LINKS, id="links"),
        pytest.param((), id="all", marks=pytest.mark.slow),
    ],
)
def test_what_was_there_before_is_neither_changed_nor_deleted(part: tuple[str, ...]) -> None:
    """And of what was made no subscription stays."""
    with shop() as merchant:
        before = merchant.sent()
        done = run(merchant.target, SHARED, *part)

        assert done.returncode == 0, done.stdout + done.stderr
        assert "WRITING" in done.stdout.splitlines()[0]
        assert merchant.sent() > before
        assert len(merchant.state()["customers"]) > len(merchant.before["customers"])
        merchant.assert_unharmed()


def test_an_account_that_nobody_else_uses_is_written_to_with_one_word() -> None:
    """And a second one: what was made in either is taken away again."""
    with (
        serving.mock() as served,
        closing(Session(served)) as session,
        tampered(served, unchanged, controls=False) as reached,
    ):
        one, other = (session.control("account", {}) for _ in range(2))
        second = {f"CALYPSO_OTHER_{name.upper()}": other[name] for name in other}
        settings = {"ALLOW_WRITES": "1", **second}
        done = run(replace(reached, **one), settings, "--only", "another account")
        accounts = session.control("state")["accounts"]
        made = {each["account"]: each for each in accounts}

        assert done.returncode == 0, done.stdout + done.stderr
        assert "needs: second account" not in done.stdout
        for each in (one, other):
            assert made[each["account"]]["customers"]
            assert not made[each["account"]]["subscriptions"]


@pytest.mark.parametrize(
    "option",
    ["-uhttp://x", "-u", "--origin", "--proxy", "--report=har", "--report-dir", "--wait-for-schema",
     "--report-har-path=x", "--config-file", "--output-sanitize=false", "--baseline", "--"],
)  # fmt: skip
def test_schemathesis_alone_gets_no_option_that_leads_past_the_gateway(option: str) -> None:
    with pytest.raises(targets.SettingsError, match="is an option of schemathesis for mocks"):
        command._check_passed(["--phases", "examples", option, "x"])


def test_an_option_that_leads_past_the_gateway_is_one_sentence() -> None:
    with shop() as merchant:
        done = run(merchant.target, SHARED, "--", "--url=http://127.0.0.1:9")

        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("Nothing was tested. --url is an option of schemathesis")
        assert done.stderr.count("\n") == 1
        assert merchant.state() == merchant.before


def test_schemathesis_alone_says_first_what_it_may_do() -> None:
    asked = ("--", "--phases", "examples", "--include-name", "POST /api/v1/account")
    with shop() as merchant:
        done = run(merchant.target, SHARED, *asked)

        first = done.stdout.splitlines()[0]
        assert first.startswith(f"Testing a server at {merchant.target.base_url} ")
        assert "reading and WRITING, at most" in first
        assert "as fast as it responds" in first
        merchant.assert_unharmed()


@pytest.mark.parametrize("whole_group", [True, False], ids=["terminal", "parent"])
@pytest.mark.parametrize("part", [("--only", "subscription"), LINKS], ids=["checks", "links"])
def test_ctrl_c_leaves_no_subscription_behind(part: tuple[str, ...], *, whole_group: bool) -> None:
    """Whether it goes to the process alone, or to all that it started, as at a terminal."""
    with shop() as merchant, started(merchant.target, SHARED, *part) as process:
        while process.poll() is None and merchant.made() == 0:
            time.sleep(0.05)  # each look takes from the mock what the run needs of it
        send = os.killpg if whole_group else os.kill
        send(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=PATIENCE)

        assert "Removed: all" in output, output + errors
        assert "Traceback" not in errors
        merchant.assert_unharmed()


@pytest.mark.parametrize("most", [30, 60])
def test_a_run_that_comes_to_its_limit_ends_in_order(
    most: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Within schemathesis, too: it is no finding and no success, and no subscription stays."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(targets.WRITING, "short", (most, targets.WRITING["short"][1]))
    with shop() as merchant:
        for name, value in {**merchant.target.write(), **SHARED, "RATE": "0"}.items():
            monkeypatch.setenv(name, value)
        asked = ["--target", merchant.target.base_url, "--profile", "short", *LINKS]
        before = merchant.sent()
        code = command.main(asked)
        told = capsys.readouterr()

        assert code == command.CANNOT_RUN, told.out
        assert f"at most {most} requests" in told.out
        assert f"It has sent the {most} requests" in told.err
        assert "FOUND" not in told.out
        assert merchant.sent() - before <= most
        merchant.assert_unharmed()


def test_a_secret_that_is_wrong_is_one_sentence_at_a_mock_of_ours_too(served: Target) -> None:
    done = run(served, {"CALYPSO_SECRET": "wrong"})

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "has no account" in done.stderr


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"CALYPSO_KEY": "wrong"}, "refused the account's settings: 401"),
        ({"CALYPSO_ACCOUNT": "0x2"}, "refused the account's settings: 400"),
        (SECOND, "refused the second account's settings: 401"),
        (
            {"CALYPSO_CUSTOMER": "00000000-0000-4000-8000-00000000000a"},
            "names no customer of the account",
        ),
        ({"CALYPSO_CUSTOMER": "ada"}, "names no customer of the account"),
    ],
)
def test_settings_that_are_wrong_are_one_sentence_at_any_other_server(
    settings: dict[str, str], told: str, served: Target
) -> None:
    with tampered(served, unchanged, controls=False) as target:
        done = run(target, settings)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
    assert "ok  " not in done.stdout


@pytest.mark.parametrize("output", ["> /dev/full", ">&-", "| head -c 1 > /dev/null"])
def test_reports_are_written_though_nobody_can_read_the_output(
    output: str, served: Target, tmp_path: Path
) -> None:
    """A full disk is no success; of a pipe that is closed the shell says what came."""
    asked = [*COMMAND, "--target", served.base_url, *WRITING, "--har", str(tmp_path / "all.har")]
    done = subprocess.run(
        ["sh", "-c", f'"$@" {output}', "sh", *asked],
        cwd=document.ROOT,
        env={**os.environ, **served.write()},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )

    assert done.returncode == (0 if "head" in output else 2), done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads((tmp_path / "all.har").read_text())["log"]["entries"]


@pytest.mark.parametrize(
    ("url", "settings", "told"),
    [
        ("http://api.shop.example", {}, "plain http to another machine"),
        ("http://192.0.2.1:8600", {}, "plain http to another machine"),
        ("https://api.shop.example", {"RATE": "0"}, "RATE=0, which is no limit"),
        ("https://api.shop.example", {"RATE": "fast"}, "RATE=fast is no number"),
        ("https://api.shop.example", {"RATE": "-1"}, "RATE=-1 is no number"),
        ("https://api.shop.example", {"RATE": "nan"}, "RATE=nan is no number"),
        ("https://api.shop.example", {"RATE": "inf"}, "RATE=inf is no number"),
        ("https://api.shop.example", {"RATE": "1e-300"}, "RATE=1e-300 is no number"),
        ("https://api.shop.example", {"RATE": "0.009"}, "the least is 0.01"),
        ("http://[::1", {}, "is no address"),
        ("http://127.0.0.1:99999", {}, "is no address"),
        ("http://127.0.0.1:odd", {}, "is no address"),
        ("https://user:pass@api.shop.example", {}, "^TARGET holds an @: leave out the user and"),
        ("http:/user:pass@127.0.0.1", {}, "^TARGET holds an @: leave out the user and"),
        ("https://api.shop.example/?a=1", {}, r"holds a \? or a #"),
        (f"https://{'a' * 300}.example", {}, "is no address"),
        ("http://127.0.0.1:9", {"CALYPSO_KEY": ""}, "CALYPSO_KEY is not set"),
        ("http://127.0.0.1:9", {"CALYPSO_KEY": "…"}, "CALYPSO_KEY holds a character that no key"),
        ("https://api.shop.example", {"CALYPSO_OTHER_KEY": "o"}, "OTHER_SECRET is not set"),
        ("https://api.shop.example", SECOND | {"CALYPSO_OTHER_ACCOUNT": "0X1"}, "name the first"),
    ],
)
def test_settings_that_do_harm_are_refused_before_anything_is_sent(
    url: str, settings: dict[str, str], told: str
) -> None:
    environment = {"CALYPSO_KEY": "k", "CALYPSO_SECRET": "s", "CALYPSO_ACCOUNT": "0x1", **settings}

    with pytest.raises(targets.SettingsError, match=told), targets.access(url, environment):
        pass


def echo(path: str) -> Any:
    return dict(parse_qsl(urlsplit(path).query))


def recorded(_: str) -> Any:
    return {"name": "calypso-mock", "nonce": "0" * 32, "accounts": []}


def another_name(path: str) -> Any:
    return {"name": "prism", "accounts": [], **echo(path)}


def everything(_: str) -> Any:
    return ["calypso-mock"]


@pytest.mark.parametrize("said", [echo, recorded, another_name, everything])
def test_only_our_mock_proves_to_be_one(said: Callable[[str], Any], mock: Target) -> None:
    """A server that echoes what it is sent, or says what a mock said once, does not."""
    with answering(said) as url:
        assert not targets.is_our_mock(replace(mock, base_url=url))
    assert targets.is_our_mock(mock)


@contextmanager
def answering(said: Callable[[str], Any]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(said(self.path)).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
