"""A run does no harm to a server that is not our mock: existing objects are not changed.

The server is a mock whose control endpoints are blocked, as if it were a production server; the
account has subscriptions and customers of a merchant.
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
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.contract import __main__ as command
from tests.contract import document, targets
from tests.contract.session import Session
from tests.contract.tampering import tampered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.contract.tampering import MockResponse
    from tests.contract.wire import Target

COMMAND = (sys.executable, "-m", "tests.contract", "--profile", "short")
TIMEOUT = 600
# A part that creates, changes and deletes objects, and the one that follows links from lists.
WRITING = ("--only", "each example of a request")
LINKS = ("--only", "chain of links")
SHARED = {"ALLOW_WRITES": "1", "ALLOW_SHARED": "1"}
SECOND = {
    "CALYPSO_OTHER_KEY": "another-key",
    "CALYPSO_OTHER_SECRET": "another-secret",
    "CALYPSO_OTHER_ACCOUNT": "0x3",
}


class Shop:
    """A merchant's account, read independently of the run.

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
        # During a long run the mock may close an idle connection.
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
        """Return how many requests the mock has received."""
        journal = self._control("journal")
        return sum(sum(journal[name].values()) for name in ("carriedOut", "refused"))

    def made(self) -> int:
        """Return how many new subscriptions there are."""
        return len(self.state()["subscriptions"]) - len(self.before["subscriptions"])

    def assert_unharmed(self) -> None:
        """All objects are unchanged, and there are no new subscriptions."""
        after = self.state()
        kept = {
            name: each
            for name, each in after["customers"].items()
            if name in self.before["customers"]
        }

        assert after["subscriptions"] == self.before["subscriptions"]
        assert kept == self.before["customers"]


@pytest.fixture
def merchant(mock: Target) -> Iterator[Shop]:
    """A merchant's account, served."""
    with (
        closing(Session(mock)) as session,
        tampered(mock, unchanged, controls=False) as target,
    ):
        yield Shop(session, target)


def unchanged(response: MockResponse) -> MockResponse:
    return response


class Run(Protocol):
    """Tests a target with the command, in this process."""

    def __call__(self, target: Target, settings: Mapping[str, str], *options: str) -> Done: ...


class Done(NamedTuple):
    """The result of a run."""

    code: int
    stdout: str
    stderr: str


@pytest.fixture
def run(
    in_tmp_path: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    def run(target: Target, settings: Mapping[str, str], *options: str) -> Done:
        for name, value in {"RATE": "0", **target.write(), **settings}.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = command.main(["--profile", "short", "--target", target.base_url, *options])
        return Done(code, *capsys.readouterr())

    return run


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


def test_a_server_on_this_machine_is_only_read_unless_it_proves_to_be_our_mock(
    merchant: Shop, run: Run
) -> None:
    """In all parts of a run, without ALLOW_WRITES."""
    done = run(merchant.target, {})

    assert done.code == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"Testing a server at {merchant.target.base_url} ")
    assert f"read only, at most {targets.READING} requests, as fast as" in done.stdout
    assert merchant.state() == merchant.before
    assert merchant.sent() <= targets.READING


def test_writing_to_an_account_with_subscriptions_needs_allow_shared(
    merchant: Shop, run: Run
) -> None:
    """It prints what would be created, and how many, and does nothing."""
    done = run(merchant.target, {"ALLOW_WRITES": "1"})

    assert done.code == 2
    assert "ALLOW_SHARED=1" in done.stderr
    assert f"at most {targets.WRITING['short'][1]['customers']} customers" in done.stderr
    assert merchant.state() == merchant.before


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(WRITING, id="checks"),
        pytest.param(LINKS, id="links", marks=pytest.mark.slow),
        pytest.param((), id="all", marks=pytest.mark.slow),
    ],
)
def test_existing_objects_are_neither_changed_nor_deleted(
    merchant: Shop, run: Run, part: tuple[str, ...]
) -> None:
    """And no new subscription remains."""
    before = merchant.sent()
    done = run(merchant.target, SHARED, *part)

    assert done.code == 0, done.stdout + done.stderr
    assert "WRITING" in done.stdout.splitlines()[0]
    assert merchant.sent() > before
    assert len(merchant.state()["customers"]) > len(merchant.before["customers"])
    merchant.assert_unharmed()


def test_writing_to_an_account_without_subscriptions_needs_only_allow_writes(
    run: Run, mock: Target
) -> None:
    """Also with a second account: new subscriptions are deleted in both."""
    with (
        closing(Session(mock)) as session,
        tampered(mock, unchanged, controls=False) as reached,
    ):
        one, other = (session.control("account", {}) for _ in range(2))
        second = {f"CALYPSO_OTHER_{name.upper()}": other[name] for name in other}
        settings = {"ALLOW_WRITES": "1", **second}
        done = run(replace(reached, **one), settings, "--only", "another account")
        accounts = session.control("state")["accounts"]
        made = {each["account"]: each for each in accounts}

        assert done.code == 0, done.stdout + done.stderr
        assert "needs: second account" not in done.stdout
        for each in (one, other):
            assert made[each["account"]]["customers"]
            assert not made[each["account"]]["subscriptions"]


@pytest.mark.parametrize(
    "option",
    ["-uhttp://x", "-u", "--origin", "--proxy", "--report=har", "--report-dir", "--wait-for-schema",
     "--report-har-path=x", "--config-file", "--output-sanitize=false", "--baseline", "--"],
)  # fmt: skip
def test_schemathesis_alone_gets_no_option_that_bypasses_the_gateway(option: str) -> None:
    with pytest.raises(targets.SettingsError, match="is an option of schemathesis for our mocks"):
        command._check_passed(["--phases", "examples", option, "x"])


def test_an_option_that_bypasses_the_gateway_is_reported_in_one_sentence(
    merchant: Shop, run: Run
) -> None:
    done = run(merchant.target, SHARED, "--", "--url=http://127.0.0.1:9")

    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("Nothing was tested. --url is an option of schemathesis")
    assert done.stderr.count("\n") == 1
    assert merchant.state() == merchant.before


def test_schemathesis_alone_first_prints_the_limits(merchant: Shop, run: Run) -> None:
    asked = ("--", "--phases", "examples", "--include-name", "POST /api/v1/account")
    done = run(merchant.target, SHARED, *asked)

    first = done.stdout.splitlines()[0]
    assert first.startswith(f"Testing a server at {merchant.target.base_url} ")
    assert "reading and WRITING, at most" in first
    assert "as fast as it responds" in first
    merchant.assert_unharmed()


@pytest.mark.parametrize("whole_group", [True, False], ids=["terminal", "parent"])
@pytest.mark.parametrize(
    "part",
    [
        pytest.param(("--only", "subscription"), id="checks"),
        pytest.param(LINKS, id="links", marks=pytest.mark.slow),
    ],
)
def test_ctrl_c_leaves_no_subscription_behind(
    merchant: Shop, part: tuple[str, ...], *, whole_group: bool
) -> None:
    """Whether it goes only to the process, or also to its children, as at a terminal."""
    with started(merchant.target, SHARED, *part) as process:
        while process.poll() is None and merchant.made() == 0:
            time.sleep(0.05)  # each look takes the mock's time from the run
        send = os.killpg if whole_group else os.kill
        send(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=TIMEOUT)

        assert "Removed: all" in output, output + errors
        assert "Traceback" not in errors
        merchant.assert_unharmed()


@pytest.mark.parametrize("most", [30, 60])
def test_a_run_that_reaches_its_limit_ends_cleanly(
    merchant: Shop,
    most: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also within schemathesis: no findings, no success, and no subscription remains."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(targets.WRITING, "short", (most, targets.WRITING["short"][1]))
    for name, value in {**merchant.target.write(), **SHARED, "RATE": "0"}.items():
        monkeypatch.setenv(name, value)
    asked = ["--target", merchant.target.base_url, "--profile", "short", *LINKS]
    before = merchant.sent()
    code = command.main(asked)
    output = capsys.readouterr()

    assert code == command.CANNOT_RUN, output.out
    assert f"at most {most} requests" in output.out
    assert f"It has sent the {most} requests" in output.err
    assert "FOUND" not in output.out
    assert merchant.sent() - before <= most
    merchant.assert_unharmed()


def test_a_wrong_secret_is_reported_in_one_sentence_for_our_mock_too(
    run: Run, served: Target
) -> None:
    done = run(served, {"CALYPSO_SECRET": "wrong"})

    assert done.code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "has no account" in done.stderr


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"CALYPSO_KEY": "wrong"}, "rejected the account's settings: 401"),
        ({"CALYPSO_ACCOUNT": "0x2"}, "rejected the account's settings: 400"),
        (SECOND, "rejected the second account's settings: 401"),
        (
            {"CALYPSO_CUSTOMER": "00000000-0000-4000-8000-00000000000a"},
            "CALYPSO_CUSTOMER is not a customer of this account",
        ),
        ({"CALYPSO_CUSTOMER": "ada"}, "CALYPSO_CUSTOMER is not a customer of this account"),
    ],
)
def test_wrong_settings_are_reported_in_one_sentence_for_other_servers(
    run: Run, settings: dict[str, str], message: str, served: Target
) -> None:
    with tampered(served, unchanged, controls=False) as target:
        done = run(target, settings)

    assert done.code == 2
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert "ok  " not in done.stdout


@pytest.mark.parametrize("output", ["> /dev/full", ">&-", "| head -c 1 > /dev/null"])
def test_reports_are_written_even_if_the_output_is_lost(
    output: str, served: Target, tmp_path: Path
) -> None:
    """A full disk is not a success; for a closed pipe the exit code is the shell's."""
    asked = [*COMMAND, "--target", served.base_url, *WRITING, "--har", str(tmp_path / "all.har")]
    done = subprocess.run(
        ["sh", "-c", f'"$@" {output}', "sh", *asked],
        cwd=document.ROOT,
        env={**os.environ, **served.write()},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )

    assert done.returncode == (0 if "head" in output else 2), done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads((tmp_path / "all.har").read_text())["log"]["entries"]


@pytest.mark.parametrize(
    ("url", "settings", "message"),
    [
        ("http://api.shop.example", {}, "plain http to another machine"),
        ("http://192.0.2.1:8600", {}, "plain http to another machine"),
        ("https://api.shop.example", {"RATE": "0"}, "RATE=0, which means no limit"),
        ("https://api.shop.example", {"RATE": "fast"}, "RATE=fast is not a number"),
        ("https://api.shop.example", {"RATE": "-1"}, "RATE=-1 is not a number"),
        ("https://api.shop.example", {"RATE": "nan"}, "RATE=nan is not a number"),
        ("https://api.shop.example", {"RATE": "inf"}, "RATE=inf is not a number"),
        ("https://api.shop.example", {"RATE": "1e-300"}, "RATE=1e-300 is not a number"),
        ("https://api.shop.example", {"RATE": "0.009"}, "the minimum is 0.01"),
        ("http://[::1", {}, "is not an address"),
        ("http://127.0.0.1:99999", {}, "is not an address"),
        ("http://127.0.0.1:odd", {}, "is not an address"),
        ("https://user:pass@api.shop.example", {}, "^TARGET contains an @: leave out any user and"),
        ("http:/user:pass@127.0.0.1", {}, "^TARGET contains an @: leave out any user and"),
        ("https://api.shop.example/?a=1", {}, r"contains a \? or a #"),
        (f"https://{'a' * 300}.example", {}, "is not an address"),
        ("http://127.0.0.1:9", {"CALYPSO_KEY": ""}, "CALYPSO_KEY is not set"),
        (
            "http://127.0.0.1:9",
            {"CALYPSO_KEY": "…"},
            "CALYPSO_KEY contains a character that is not allowed in a key",
        ),
        ("https://api.shop.example", {"CALYPSO_OTHER_KEY": "o"}, "OTHER_SECRET is not set"),
        (
            "https://api.shop.example",
            SECOND | {"CALYPSO_OTHER_ACCOUNT": "0X1"},
            "that of the first",
        ),
    ],
)
def test_harmful_settings_are_rejected_before_anything_is_sent(
    url: str, settings: dict[str, str], message: str
) -> None:
    environment = {"CALYPSO_KEY": "k", "CALYPSO_SECRET": "s", "CALYPSO_ACCOUNT": "0x1", **settings}

    with pytest.raises(targets.SettingsError, match=message), targets.open_target(url, environment):
        pass


def echo(path: str) -> Any:
    return dict(parse_qsl(urlsplit(path).query))


def recorded(_: str) -> Any:
    return {"name": "calypso-mock", "nonce": "0" * 32, "accounts": []}


def another_name(path: str) -> Any:
    return {"name": "prism", "accounts": [], **echo(path)}


def everything(_: str) -> Any:
    return ["calypso-mock"]


@pytest.mark.parametrize("respond", [echo, recorded, another_name, everything])
def test_only_our_mock_can_prove_that_it_is_one(
    respond: Callable[[str], Any], mock: Target
) -> None:
    """A server that echoes requests, or replays an old response of a mock, cannot."""
    with serving_json(respond) as url:
        assert not targets.is_our_mock(replace(mock, base_url=url))
    assert targets.is_our_mock(mock)


@contextmanager
def serving_json(respond: Callable[[str], Any]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(respond(self.path)).encode())

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
