"""Run the client as merchants do, and compare the results of its calls with the mock's state.

``python -m tests.deployments [--calls N] [NAME …]``: for each deployment a few hundred calls by
many processes and threads. A deployment fails if a call gets the response to another call, if a
call does not end, or if a customer is created more than once.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from calypso_mock import Mock, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
WORKERS, THREADS = 3, 8
# A deployment that takes longer counts as hung.
PATIENCE = 180.0

# The email of a customer, its id, and its deposit address.
Row = tuple[str, str, str]


class Context(NamedTuple):
    """What a deployment runs with.

    Attributes:
        mock: The mock to call.
        folder: For files that the deployment writes.
        environment: The environment variables of its processes, the client's settings included.
        calls: How many calls to make.
    """

    mock: Mock
    folder: Path
    environment: dict[str, str]
    calls: int

    def emails(self, prefix: str = "") -> list[str]:
        """Return an email address of a customer for each call."""
        return [f"{prefix}customer-{number}@shop.example" for number in range(self.calls)]


class Result(NamedTuple):
    """The results of all calls of a deployment, and findings other than wrong results."""

    rows: list[Row]
    findings: list[str] = []  # noqa: RUF012 - never changed


def main() -> int:
    """Run the named deployments, or all."""
    parser = argparse.ArgumentParser("python -m tests.deployments", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(DEPLOYMENTS))
    parser.add_argument("--calls", type=int, default=300, help="for each (default: 300)")
    options = parser.parse_args()
    unknown = set(options.names) - DEPLOYMENTS.keys()
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    failed = 0
    for name in options.names or DEPLOYMENTS:
        if name == "rq" and shutil.which("redis-server") is None:
            _print(
                f"{name:22} skipped: redis-server is not installed (apt-get install redis-server)"
            )
            continue
        findings, seconds = _run(name, options.calls)
        failed += bool(findings)
        _print(f"{name:22} {'ok' if not findings else 'WRONG':6} {seconds:5.1f} s")
        for finding in findings[:10]:
            _print(f"    {finding}")
    _print(f"{failed or 'None'} of them failed.")
    return 1 if failed else 0


def _run(name: str, calls: int) -> tuple[list[str], float]:
    start = time.monotonic()
    mock = Mock()
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(mock) as server,
        _unresponsive_server() as unresponsive,
    ):
        settings = mock.settings(base_url=server.url)
        environment = {
            **os.environ,
            **{f"CALYPSO_{key.upper()}": str(value) for key, value in settings.items()},
            "DEPLOYMENT_FOLDER": folder,
            "DEPLOYMENT_SILENT": unresponsive,
        }
        for part in ("queue", "done"):
            (Path(folder) / part).mkdir()
        context = Context(mock, Path(folder), environment, calls)
        try:
            result = DEPLOYMENTS[name](context)
        except (TimeoutError, OSError, subprocess.SubprocessError) as error:
            result = Result([], [f"hung or not started: {type(error).__name__}: {error}"])
    exact = name != "threads-and-signals"
    findings = [*result.findings, *_compare(mock, result.rows, exact=exact)]
    return findings, time.monotonic() - start


def _compare(mock: Mock, rows: list[Row], *, exact: bool) -> list[str]:
    """Return findings: rows with another customer's address, and customers created twice."""
    account = mock.state()["accounts"][0]
    emails = {customer["id"]: customer["email"] for customer in account["customers"]}
    owners = {
        purse["address"]: customer["id"]
        for customer in account["customers"]
        for purse in customer["purses"]
    }
    findings = [
        f"{email} got {address} of {emails.get(owners.get(address, ''))}"
        for email, customer, address in rows
        if emails.get(customer) != email or owners.get(address) != customer
    ]
    created = sorted(emails.values())
    if len(created) != len(set(created)):
        findings.append("customers were created twice")
    if exact and created != sorted(email for email, _, _ in rows):
        findings.append(f"{len(rows)} calls succeeded, but {len(created)} customers were created")
    return findings


# Web servers.


def _gunicorn(*options: str) -> Callable[[Context], Result]:
    return lambda context: _web(
        context, "gunicorn", *options, "--workers", str(WORKERS), "tests.deployments.web:wsgi"
    )


def _uvicorn(context: Context) -> Result:
    return _web(context, "uvicorn", "--workers", str(WORKERS), "tests.deployments.web:asgi")


def _web(context: Context, server: str, *options: str) -> Result:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.fileno()
        bound = ("--bind", f"fd://{number}") if server == "gunicorn" else ("--fd", str(number))
        port = listener.getsockname()[1]
        with (
            _program(context, (server, *bound, *options), pass_fds=(number,)),
            ThreadPoolExecutor(THREADS) as pool,
        ):
            rows = pool.map(lambda email: _get(port, email), context.emails(), timeout=PATIENCE)
            return Result(list(rows))


def _get(port: int, email: str) -> Row:
    url = f"http://127.0.0.1:{port}/?email={quote(email)}"
    with urllib.request.urlopen(url, timeout=PATIENCE) as response:
        email, customer, address = json.load(response)
    return email, customer, address


# Job runners.


def _celery(context: Context) -> Result:
    environment = {**context.environment, "DEPLOYMENT_BROKER": "filesystem://"}
    context = context._replace(environment=environment)
    worker = ("celery", "-A", "tests.deployments.jobs", "worker", "--pool", "prefork")
    options = ("--concurrency", str(WORKERS), "--loglevel", "ERROR", "--without-mingle")
    with _program(context, (*worker, *options)):
        half = context.calls // 2
        emails = [*context.emails()[:half], *context.emails("async-")[half:]]
        _enqueue(context, "celery", emails)
        return _collect(context, emails)


def _rq(context: Context) -> Result:
    path = context.folder / "redis.sock"
    environment = {**context.environment, "DEPLOYMENT_REDIS": f"unix://{path}"}
    context = context._replace(environment=environment)
    server = [
        "redis-server",
        "--port",
        "0",
        "--unixsocket",
        str(path),
        "--save",
        "",
        "--dir",
        context.folder,
    ]
    with _running(context, server), contextlib.ExitStack() as workers:
        _wait_for(path.exists, "redis-server")
        _enqueue(context, "rq", context.emails())
        for _ in range(WORKERS):
            command = (
                "rq.cli",
                "worker",
                "--url",
                f"unix://{path}",
                "--quiet",
                "--path",
                str(ROOT),
            )
            workers.enter_context(_program(context, command))
        return _collect(context, context.emails())


def _enqueue(context: Context, runner: str, emails: list[str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.deployments.enqueue", runner, *emails],
        cwd=ROOT,
        env=context.environment,
        check=True,
        timeout=PATIENCE,
    )


def _collect(context: Context, emails: list[str]) -> Result:
    """Wait for the records of all jobs, those that run into their time limit included."""
    names = [*emails, *HANGING]
    done = context.folder / "done"
    _wait_for(lambda: len(list(done.iterdir())) >= len(names), "the jobs")
    words = {name: (done / name).read_text().split(" ") for name in names}
    findings = [
        f"{name}: the time limit ended as {words[name]}"
        for name in HANGING
        if words[name][:2] != ["limit", "calypso_pay:"]
    ]
    return Result(
        [(w[0], w[1], w[2]) for name, w in words.items() if name not in HANGING], findings
    )


HANGING = ("hanging-1", "hanging-2")

# Processes and threads that the program itself starts.


def _multiprocessing(method: str) -> Callable[[Context], Result]:
    def run(context: Context) -> Result:
        with _as_environment(context):
            from tests.deployments import jobs

            # Used before the fork, so that the children would share its connection.
            calypso = jobs.Calypso(max_retries=0)
            jobs.calypso = calypso
            first = jobs.create_customer("parent@shop.example")
            with multiprocessing.get_context(method).Pool(WORKERS) as pool:
                children = pool.map_async(jobs.create_customer, context.emails())
                own = [jobs.create_customer(email) for email in context.emails("parent-")[:30]]
                return Result([first, *own, *children.get(PATIENCE)])

    return run


def _threads_and_signals(context: Context) -> Result:
    """Call in several threads while alarms keep interrupting the main thread.

    No alarm goes off during imports: Python's import locks can't handle that.
    """
    code = (
        "import json; from concurrent.futures import ThreadPoolExecutor; "
        "from tests.deployments import jobs; first = jobs.create_customer('first@shop.example'); "
        f"emails = {context.emails()!r}; pool = ThreadPoolExecutor({THREADS}); "
        "others = pool.map(jobs.create_customer, emails); "
        f"interrupted = jobs.interrupted_by_alarms('main', {context.calls}); "
        "print(json.dumps([first, *interrupted, *others]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=context.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    if done.returncode:
        return Result([], [done.stderr[-500:]])
    rows = [(email, customer, address) for email, customer, address in json.loads(done.stdout)]
    missing = context.calls - sum(email.startswith("customer") for email, _, _ in rows)
    return Result(rows, [f"{missing} calls of other threads failed"] if missing else [])


def _over_aiohttp(deployment: Callable[[Context], Result]) -> Callable[[Context], Result]:
    def run(context: Context) -> Result:
        environment = {**context.environment, "DEPLOYMENT_TRANSPORT": "aiohttp"}
        return deployment(context._replace(environment=environment))

    return run


# Helpers.


@contextlib.contextmanager
def _unresponsive_server() -> Iterator[str]:
    """Run a server that accepts connections and never responds; yield its URL."""
    accepted: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    accepted.append(listener.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in accepted:
        connection.close()


@contextlib.contextmanager
def _as_environment(context: Context) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(context.environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _program(
    context: Context, command: tuple[str, ...], *, pass_fds: tuple[int, ...] = ()
) -> contextlib.AbstractContextManager[None]:
    return _running(context, [sys.executable, "-m", *command], pass_fds=pass_fds)


@contextlib.contextmanager
def _running(
    context: Context, command: list[str | Path], *, pass_fds: tuple[int, ...] = ()
) -> Iterator[None]:
    """Run a program, and end it with all its child processes."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=context.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


DEPLOYMENTS: dict[str, Callable[[Context], Result]] = {
    "gunicorn-sync": _gunicorn("--worker-class", "sync"),
    "gunicorn-gthread": _gunicorn("--worker-class", "gthread", "--threads", "4"),
    "gunicorn-preload": _gunicorn("--preload"),
    "gunicorn-preload-threads": _gunicorn(
        "--preload", "--worker-class", "gthread", "--threads", "4"
    ),
    "uvicorn-workers": _uvicorn,
    "uvicorn-aiohttp": _over_aiohttp(_uvicorn),
    "multiprocessing-fork": _multiprocessing("fork"),
    "multiprocessing-spawn": _multiprocessing("spawn"),
    "celery-prefork": _celery,
    "celery-aiohttp": _over_aiohttp(_celery),
    "rq": _rq,
    "threads-and-signals": _threads_and_signals,
}


if __name__ == "__main__":
    sys.exit(main())
