"""The programs in `examples`, in a tiny storm."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.storm.driver import ROOT, Program
from tests.storm.events import STEPS, Booking

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.postgres import Server

_PYTHON = (sys.executable, "-m")
_GUNICORN = ("gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "2", "--threads", "4")
_UVICORN = ("uvicorn", "--host", "127.0.0.1", "--port", "{port}", "--log-level", "warning")


def django(server: Server) -> Program:
    """Return the example with Django."""
    return _program(
        server,
        "django_shop",
        (*_GUNICORN, "--preload", "--no-control-socket", "shop.wsgi"),
        ledger="shop_credit",
        events="shop_event",
        prepare=(sys.executable, "manage.py", "migrate", "--verbosity", "0"),
    )


def procrastinate(server: Server) -> Program:
    """Return the example with Procrastinate."""
    program = _program(
        server,
        "procrastinate_worker",
        (*_UVICORN, "payments:web"),
        ledger="credits",
        events="calypso_inbox_events",
        prepare=(sys.executable, "payments.py"),
    )
    worker = ("procrastinate", "--app", "payments.queue", "--log-level", "warning", "worker")
    timing = {"RETRY_AFTER": "1", "STALLED_AFTER": "1.5"}
    return program._replace(
        workers=[(*_PYTHON, *worker)] * 2, environment={**program.environment, **timing}
    )


def celery(server: Server) -> Program:
    """Return the example with Celery; Redis may be killed as well."""
    program = _program(
        server,
        "celery_worker",
        (*_GUNICORN, "--no-control-socket", "tasks:web"),
        ledger="credits",
        events="calypso_inbox_events",
        prepare=(sys.executable, "tasks.py"),
    )
    # The server's folder, since it is removed in any case.
    redis = str(server.folder / "redis.sock")
    schedule = str(server.folder / "schedule")
    app = (*_PYTHON, "celery", "-A", "tasks")
    return program._replace(
        workers=[
            ("redis-server", "--port", "0", "--unixsocket", redis, "--save", ""),
            (*app, "worker", "--loglevel", "WARNING", "--concurrency", "2", "--without-mingle"),
            (*app, "beat", "--loglevel", "WARNING", "--schedule", schedule, "--pidfile="),
        ],
        environment={
            "DATABASE_URL": program.environment["DATABASE_URL"].replace(":", "+psycopg:", 1),
            "BROKER_URL": f"redis+socket://{redis}",
            "RETRY_AFTER": "1",
            "SWEEP_EVERY": "0.5",
            "SWEEP_AFTER": "3",
        },
    )


EXAMPLES: tuple[Callable[[Server], Program], ...] = (django, procrastinate, celery)


def _program(  # noqa: PLR0913 - all named
    server: Server,
    name: str,
    command: tuple[str, ...],
    *,
    ledger: str,
    events: str,
    prepare: tuple[str, ...],
) -> Program:
    database = server.create_database()

    def bookings() -> list[Booking]:
        with server.connect(database) as connection:
            rows = connection.execute(f"SELECT transaction_id, currency, amount FROM {ledger}")  # noqa: S608
            return [Booking(row[0], row[1], Decimal(row[2])) for row in rows]

    def unfinished() -> dict[str, int]:
        with server.connect(database) as connection:
            rows = connection.execute(f"SELECT status, count(*) FROM {events} GROUP BY status")  # noqa: S608
            return {status: number for status, number in rows if status != "done"}

    return Program(
        f"examples/{name}",
        (*_PYTHON, *command),
        ledger=bookings,
        unfinished=unfinished,
        prepare=[prepare],
        environment={"DATABASE_URL": server.url(None, database)},
        folder=ROOT / "examples" / name,
        path="/webhooks/calypso",
        booked=STEPS[3],
        # They call the API, with the settings of one account.
        accounts=1,
    )
