"""The PostgreSQL of the tests listens on this machine only, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests import postgres as module
from tests.postgres import Server

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def refuses(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) != 0


def test_each_test_gets_an_empty_database_of_its_own(postgres: Server, postgres_url: str) -> None:
    name = postgres_url.rpartition("/")[2]
    with postgres.connect(name) as connection:
        tables = connection.execute(
            "SELECT * FROM information_schema.tables WHERE table_schema = 'public'"
        )
        assert tables.fetchall() == []


def test_what_a_test_left_in_its_database_is_gone_for_the_next(postgres: Server) -> None:
    name = postgres.take_database()
    with postgres.connect(name) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("CREATE TYPE mood AS ENUM ('glad')")
        connection.execute("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        # Still connected, and in a transaction that locks the table.
        connection.execute("BEGIN")
        connection.execute("INSERT INTO kept VALUES (1)")
        postgres.give_back(name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert postgres.take_database() == name
    with postgres.connect(name) as connection:
        left = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " UNION SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace"
            " UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        )
        assert left.fetchall() == []
    postgres.give_back(name)


def test_it_listens_on_this_machine_only(postgres: Server) -> None:
    assert not refuses("127.0.0.1", postgres.port)
    assert refuses("127.0.0.2", postgres.port)


def test_what_was_committed_is_there_after_an_immediate_restart(
    postgres: Server, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    with postgres.connect(name) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    postgres.restart("immediate")
    with postgres.connect(name) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(1,)]


def test_connections_of_others_are_cut(postgres: Server, postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        assert postgres.cut_connections() >= 1
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_a_killed_process_leaves_no_server_and_no_folder(postgres: Server) -> None:
    code = (
        "import time; from tests.postgres import Server\n"
        "with Server() as server:\n"
        "    print(server.port, server.folder, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port, folder = process.stdout.readline().split()
        assert not refuses("127.0.0.1", int(port))
        os.kill(process.pid, signal.SIGKILL)
    wait_for(lambda: not Path(folder).exists())
    wait_for(lambda: refuses("127.0.0.1", int(port)))


def test_where_it_is_not_installed_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "find", lambda: None)
    with pytest.raises(FileNotFoundError, match="apt-get install postgresql"):
        Server()
