"""What an event costs, against the least that a database can do for it.

The least is one ``INSERT … ON CONFLICT DO NOTHING`` and its commit, through psycopg. What a
merchant pays in any case is the handler alone: one row and its commit, through SQLAlchemy. All are
measured in turns, by the same processes on the same server, which waits for the disk.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import re
import time
import uuid
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import sqlalchemy as sa

from calypso_pay.inbox import Inbox
from calypso_pay.receiver import Receiver, Result
from calypso_pay.webhooks import PurseFundsReceivedEvent, unwrap
from tests import postgres
from tests.receiver.deposits import SECRET, Delivery, delivery
from tests.storm import books

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

WORKERS = (1, 2, 4)
# Goals.
STATEMENTS, COMMITS, SHARE = 4, 2, 0.6
_PATIENCE = 120
KINDS = ("bare", "handler", "event")
_STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): (.*)")


class Cost(NamedTuple):
    """What was measured.

    Attributes:
        statements: What one event sends to the server, besides BEGIN and COMMIT.
        commits: How many of them are commits.
        rates: How many a second, by the number of processes and by kind: medians.
        shares: The rate of events as a share of that of another kind, likewise.
    """

    statements: list[str]
    commits: int
    rates: dict[int, dict[str, float]]
    shares: dict[int, dict[str, float]]

    @property
    def findings(self) -> list[str]:
        """The goals that were missed, of those that do not depend on the machine."""
        found = []
        if len(self.statements) > STATEMENTS:
            found.append(f"an event takes {len(self.statements)} statements: {self.statements}")
        if self.commits > COMMITS:
            found.append(f"an event takes {self.commits} commits")
        return found


def measure(rounds: int, events: int) -> Cost:
    """Measure with a server of its own.

    Args:
        rounds: How often.
        events: How many in each round, by all processes together.
    """
    with postgres.Server(fsync=True) as server:
        statements, commits = count(server)
        measured = _rates(server, rounds, events)
    rates = {n: {kind: median(by_kind[kind]) for kind in KINDS} for n, by_kind in measured.items()}
    shares = {
        n: {kind: _share(by_kind["event"], by_kind[kind]) for kind in KINDS}
        for n, by_kind in measured.items()
    }
    return Cost(statements, commits, rates, shares)


def count(server: postgres.Server) -> tuple[list[str], int]:
    """Return the statements that one event sends to the server, and the number of commits."""
    name = _database(server)
    with server.connect() as connection:
        # It takes effect for the connections after this one.
        connection.execute(f"ALTER DATABASE {name} SET log_statement = 'all'")
    log = server.folder / "log"
    with contextlib.closing(Inbox(server.url("psycopg", name))) as inbox:
        handle = _receiver(inbox)
        # The first events of a process also fill caches.
        *first, last = _deliveries(4)
        for each in first:
            handle(each)
        before = log.stat().st_size
        handle(last)
    logged = _STATEMENT.findall(log.read_bytes()[before:].decode())
    commits = sum(statement.startswith("COMMIT") for statement in logged)
    return [each for each in logged if not re.match("BEGIN|COMMIT|ROLLBACK", each)], commits


def _share(ones: list[float], others: list[float]) -> float:
    return median(one / other for one, other in zip(ones, others, strict=True))


def _rates(server: postgres.Server, rounds: int, events: int) -> dict[int, dict[str, list[float]]]:
    rates: dict[int, dict[str, list[float]]] = {n: {k: [] for k in KINDS} for n in WORKERS}
    url = server.url("psycopg", _database(server))
    with _processes(max(WORKERS), url) as pipes:
        for kind in KINDS:
            _run(pipes, kind, 50)
        for number in range(rounds):
            for workers in WORKERS:
                # In turns, so that none always profits from what another has warmed up.
                for kind in KINDS if number % 2 else reversed(KINDS):
                    rates[workers][kind].append(_run(pipes[:workers], kind, events // workers))
    return rates


@contextlib.contextmanager
def _processes(number: int, url: str) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("spawn")
    with contextlib.ExitStack() as stack:
        pipes = []
        for _ in range(number):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, url), daemon=True)
            process.start()
            theirs.close()
            stack.callback(process.join)
            # It ends when its pipe does.
            pipes.append(stack.enter_context(ours))
        yield pipes


def _run(pipes: list[Connection], kind: str, events: int) -> float:
    """Have processes do something at the same time, and return how often they did it a second."""
    for pipe in pipes:
        pipe.send((kind, events))
    for pipe in pipes:
        _receive(pipe)
    for pipe in pipes:
        pipe.send("go")
    times = [_receive(pipe) for pipe in pipes]
    return len(pipes) * events / (max(end for _, end in times) - min(start for start, _ in times))


def _receive(pipe: Connection) -> Any:
    if not pipe.poll(_PATIENCE):
        raise TimeoutError("a process that measures hangs")
    return pipe.recv()


def _work(pipe: Connection, url: str) -> None:
    doing = {"bare": _bare(url), "handler": _handler_alone(url), "event": _receiver(Inbox(url))}
    with contextlib.suppress(EOFError):
        while True:
            kind, events = pipe.recv()
            prepared = _deliveries(events)
            pipe.send("ready")
            pipe.recv()
            start = time.monotonic()
            for each in prepared:
                doing[kind](each)
            pipe.send((start, time.monotonic()))


def _bare(url: str) -> Callable[[Delivery], None]:
    connection = psycopg.connect(url.replace("+psycopg", ""))

    def insert(_: Delivery) -> None:
        connection.execute(
            "INSERT INTO bare (key, at) VALUES (%s, now()) ON CONFLICT DO NOTHING", [uuid.uuid4()]
        )
        connection.commit()

    return insert


def _handler_alone(url: str) -> Callable[[Delivery], None]:
    engine = sa.create_engine(url)
    event = unwrap(*_deliveries(1)[0], SECRET)

    def handle(_: Delivery) -> None:
        with engine.begin() as connection:
            _book(event, connection)

    return handle


def _receiver(inbox: Inbox) -> Callable[[Delivery], None]:
    receiver = Receiver(SECRET, store=inbox)
    receiver.on(PurseFundsReceivedEvent)(_book)

    def handle(each: Delivery) -> None:
        response = receiver.handle(*each)
        if response.result != Result.HANDLED:
            raise RuntimeError(f"an event was not handled: {response}")

    return handle


_INSERT = sa.insert(books.ledger)


def _book(event: Any, connection: sa.Connection) -> None:
    connection.execute(_INSERT, next(books.rows(event.data)))


def _deliveries(events: int) -> list[Delivery]:
    return [
        delivery(PurseFundsReceivedEvent, uuid.uuid4().int >> 80, transactionId=str(uuid.uuid4()))
        for _ in range(events)
    ]


def _database(server: postgres.Server) -> str:
    name = server.create_database()
    url = server.url("psycopg", name)
    inbox = Inbox(url)
    inbox.create_tables()
    inbox.close()
    books.Books(url).create_tables()
    with server.connect(name) as connection:
        connection.execute("CREATE TABLE bare (key uuid PRIMARY KEY, at timestamptz)")
    return name
