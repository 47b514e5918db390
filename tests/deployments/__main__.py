"""Run the client as merchants do, and compare what it was told with what the mock did.

``python -m tests.deployments [--calls N] [NAME …]``: for each deployment a few hundred calls by
many processes and threads. Wrong is an answer that belongs to another call, hung is a call that
does not end, and twice is a customer that was made more than once.
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
# What takes longer hangs.
PATIENCE = 180.0

Given = tuple[str, str, str]


class Place(NamedTuple):
    """Where a deployment runs.

    Attributes:
        mock: The mock that is called.
        folder: For what the deployment writes.
        environment: What its processes get, the client's settings among it.
        calls: How many calls are made.
    """

    mock: Mock
    folder: Path
    environment: dict[str, str]
    calls: int

    def emails(self, prefix: str = "") -> list[str]:
        """Return as many addresses as calls are made, each for one customer."""
        return [f"{prefix}customer-{turn}@shop.example" for turn in range(self.calls)]


class Result(NamedTuple):
    """What a deployment came to: what each call said, and complaints beside that."""

    given: list[Given]
    complaints: list[str] = []  # noqa: RUF012 - never changed


def main() -> int:
    """Run the deployments that were asked for."""
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
            _say(
                f"{name:22} not tried: redis-server is not installed (apt-get install redis-server)"
            )
            continue
        complaints, seconds = _hold(name, options.calls)
        failed += bool(complaints)
        _say(f"{name:22} {'ok' if not complaints else 'WRONG':6} {seconds:5.1f} s")
        for complaint in complaints[:10]:
            _say(f"    {complaint}")
    _say(f"{failed or 'None'} of them failed.")
    return 1 if failed else 0


def _hold(name: str, calls: int) -> tuple[list[str], float]:
    began = time.monotonic()
    mock = Mock()
    with tempfile.TemporaryDirectory() as folder, Server(mock) as server, _silent() as silent:
        settings = mock.settings(base_url=server.url)
        environment = {
            **os.environ,
            **{f"CALYPSO_{key.upper()}": str(value) for key, value in settings.items()},
            "DEPLOYMENT_FOLDER": folder,
            "DEPLOYMENT_SILENT": silent,
        }
        for part in ("queue", "done"):
            (Path(folder) / part).mkdir()
        place = Place(mock, Path(folder), environment, calls)
        try:
            result = DEPLOYMENTS[name](place)
        except (TimeoutError, OSError, subprocess.SubprocessError) as error:
            result = Result([], [f"hung or not started: {type(error).__name__}: {error}"])
    exact = name != "threads-and-signals"
    return [
        *result.complaints,
        *_compare(mock, result.given, exact=exact),
    ], time.monotonic() - began


def _compare(mock: Mock, given: list[Given], *, exact: bool) -> list[str]:
    """Return what is wrong: answers that are another's, and customers that were made twice."""
    account = mock.state()["accounts"][0]
    emails = {customer["id"]: customer["email"] for customer in account["customers"]}
    owners = {
        purse["address"]: customer["id"]
        for customer in account["customers"]
        for purse in customer["purses"]
    }
    wrong = [
        f"{email} was given {address} of {emails.get(owners.get(address, ''))}"
        for email, customer, address in given
        if emails.get(customer) != email or owners.get(address) != customer
    ]
    made = sorted(emails.values())
    if len(made) != len(set(made)):
        wrong.append("customers were made twice")
    if exact and made != sorted(email for email, _, _ in given):
        wrong.append(f"{len(given)} calls succeeded, and {len(made)} customers were made")
    return wrong


# Servers for web applications.


def _gunicorn(*options: str) -> Callable[[Place], Result]:
    return lambda place: _web(
        place, "gunicorn", *options, "--workers", str(WORKERS), "tests.deployments.web:wsgi"
    )


def _uvicorn(place: Place) -> Result:
    return _web(place, "uvicorn", "--workers", str(WORKERS), "tests.deployments.web:asgi")


def _web(place: Place, server: str, *options: str) -> Result:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.fileno()
        bound = ("--bind", f"fd://{number}") if server == "gunicorn" else ("--fd", str(number))
        port = listener.getsockname()[1]
        with (
            _program(place, (server, *bound, *options), pass_fds=(number,)),
            ThreadPoolExecutor(THREADS) as pool,
        ):
            asked = pool.map(lambda email: _ask(port, email), place.emails(), timeout=PATIENCE)
            return Result(list(asked))


def _ask(port: int, email: str) -> Given:
    url = f"http://127.0.0.1:{port}/?email={quote(email)}"
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        first, second, third = json.load(answer)
    return first, second, third


# Job runners.


def _celery(place: Place) -> Result:
    environment = {**place.environment, "DEPLOYMENT_BROKER": "filesystem://"}
    place = place._replace(environment=environment)
    worker = ("celery", "-A", "tests.deployments.jobs", "worker", "--pool", "prefork")
    options = ("--concurrency", str(WORKERS), "--loglevel", "ERROR", "--without-mingle")
    with _program(place, (*worker, *options)):
        half = place.calls // 2
        emails = [*place.emails()[:half], *place.emails("async-")[half:]]
        _enqueue(place, "celery", emails)
        return _collected(place, emails)


def _rq(place: Place) -> Result:
    path = place.folder / "redis.sock"
    environment = {**place.environment, "DEPLOYMENT_REDIS": f"unix://{path}"}
    place = place._replace(environment=environment)
    server = [
        "redis-server",
        "--port",
        "0",
        "--unixsocket",
        str(path),
        "--save",
        "",
        "--dir",
        place.folder,
    ]
    with _running(place, server), contextlib.ExitStack() as workers:
        _wait_for(path.exists, "redis-server")
        _enqueue(place, "rq", place.emails())
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
            workers.enter_context(_program(place, command))
        return _collected(place, place.emails())


def _enqueue(place: Place, runner: str, emails: list[str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.deployments.enqueue", runner, *emails],
        cwd=ROOT,
        env=place.environment,
        check=True,
        timeout=PATIENCE,
    )


def _collected(place: Place, emails: list[str]) -> Result:
    """Wait for what the jobs wrote down, those that had to meet their time limit among them."""
    names = [*emails, *HANGING]
    done = place.folder / "done"
    _wait_for(lambda: len(list(done.iterdir())) >= len(names), "the jobs")
    words = {name: (done / name).read_text().split(" ") for name in names}
    complaints = [
        f"{name}: the time limit came to {words[name]}"
        for name in HANGING
        if words[name][:2] != ["limit", "calypso_pay:"]
    ]
    return Result(
        [(w[0], w[1], w[2]) for name, w in words.items() if name not in HANGING], complaints
    )


HANGING = ("hanging-1", "hanging-2")

# Processes and threads of one's own.


def _multiprocessing(method: str) -> Callable[[Place], Result]:
    def run(place: Place) -> Result:
        with _as_environment(place):
            from tests.deployments import jobs

            # The parent has used it: its connection is what a fork would share.
            calypso = jobs.Calypso(max_retries=0)
            jobs.calypso = calypso
            first = jobs.give("parent@shop.example")
            context = multiprocessing.get_context(method)
            with context.Pool(WORKERS) as pool:
                children = pool.map_async(jobs.give, place.emails())
                own = [jobs.give(email) for email in place.emails("parent-")[:30]]
                return Result([first, *own, *children.get(PATIENCE)])

    return run


def _threads_and_signals(place: Place) -> Result:
    """The main thread is interrupted by alarms all the time, while others call.

    Not while it imports: Python's own locks of modules do not stand that.
    """
    code = (
        "import json; from concurrent.futures import ThreadPoolExecutor; "
        "from tests.deployments import jobs; first = jobs.give('first@shop.example'); "
        f"emails = {place.emails()!r}; pool = ThreadPoolExecutor({THREADS}); "
        "others = pool.map(jobs.give, emails); "
        f"mine = jobs.interrupted_by_alarms('main', {place.calls}); "
        "print(json.dumps([first, *mine, *others]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=place.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    if done.returncode:
        return Result([], [done.stderr[-500:]])
    given = [(email, customer, address) for email, customer, address in json.loads(done.stdout)]
    missing = place.calls - sum(email.startswith("customer") for email, _, _ in given)
    return Result(given, [f"{missing} calls of other threads failed"] if missing else [])


# What they share.


@contextlib.contextmanager
def _silent() -> Iterator[str]:
    """Serve a peer that takes requests and never answers."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(listener.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in held:
        connection.close()


@contextlib.contextmanager
def _as_environment(place: Place) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(place.environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _program(
    place: Place, command: tuple[str, ...], *, pass_fds: tuple[int, ...] = ()
) -> contextlib.AbstractContextManager[None]:
    return _running(place, [sys.executable, "-m", *command], pass_fds=pass_fds)


@contextlib.contextmanager
def _running(
    place: Place, command: list[str | Path], *, pass_fds: tuple[int, ...] = ()
) -> Iterator[None]:
    """Run a program with all that it starts, and end it."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=place.environment,
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


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


DEPLOYMENTS: dict[str, Callable[[Place], Result]] = {
    "gunicorn-sync": _gunicorn("--worker-class", "sync"),
    "gunicorn-gthread": _gunicorn("--worker-class", "gthread", "--threads", "4"),
    "gunicorn-preload": _gunicorn("--preload"),
    "gunicorn-preload-threads": _gunicorn(
        "--preload", "--worker-class", "gthread", "--threads", "4"
    ),
    "uvicorn-workers": _uvicorn,
    "multiprocessing-fork": _multiprocessing("fork"),
    "multiprocessing-spawn": _multiprocessing("spawn"),
    "celery-prefork": _celery,
    "rq": _rq,
    "threads-and-signals": _threads_and_signals,
}


if __name__ == "__main__":
    sys.exit(main())
