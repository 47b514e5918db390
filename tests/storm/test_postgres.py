"""The PostgreSQL of the tests listens on this machine only, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

import psycopg
import pytest
from psycopg import sql

from tests import postgres as module
from tests.postgres import Server
from tests.rows import rows

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


def test_clients_of_a_database_that_is_given_back_are_cut_off_and_can_not_reconnect(
    postgres: Server,
) -> None:
    name = postgres.take_database()
    with postgres.connect(name) as connection:
        # In a transaction that locks a table.
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO kept VALUES (1)")
        postgres.give_back(name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        postgres.connect(name)


def test_to_give_back_a_database_fails_where_its_clients_do_not_end_in_time(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = postgres.take_database()
    with postgres.connect(name):
        monkeypatch.setattr(module, "PATIENCE", -1)
        with pytest.raises(TimeoutError, match=name):
            postgres.give_back(name)
    postgres.drop_database(name)


# What makes a database differ from a fresh one, and whether it is made like one again; else it is
# dropped.
CHANGES: list[tuple[bool, LiteralString]] = [
    (True, "CREATE TABLE kept (number int)"),
    (True, "CREATE TYPE mood AS ENUM ('glad')"),
    (True, "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    (True, "CREATE SCHEMA other; CREATE TABLE other.kept (number int)"),
    (True, "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC"),
    (True, "REVOKE USAGE ON SCHEMA public FROM PUBLIC; ALTER SCHEMA public OWNER TO postgres"),
    (True, "GRANT CREATE ON SCHEMA public TO PUBLIC; COMMENT ON SCHEMA public IS 'mine'"),
    (True, "DROP SCHEMA public"),
    (False, "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC"),
    (False, "ALTER DATABASE {} SET statement_timeout = '5s'"),
    (False, "ALTER ROLE postgres IN DATABASE {} SET statement_timeout = '5s'"),
    (False, "REVOKE CONNECT ON DATABASE {} FROM PUBLIC"),
    (False, "SELECT lo_create(0)"),
    (False, "CREATE PUBLICATION everything FOR ALL TABLES"),
]
FACTS: list[LiteralString] = [
    "SELECT name, setting FROM pg_settings ORDER BY name",
    "SELECT nspname, nspowner, nspacl::text, obj_description(oid) FROM pg_namespace"
    " WHERE nspname !~ 'temp' ORDER BY nspname",
    "SELECT relname FROM pg_class WHERE oid >= 16384",
    "SELECT typname FROM pg_type WHERE oid >= 16384",
    "SELECT proname FROM pg_proc WHERE oid >= 16384",
    "SELECT defaclacl::text FROM pg_default_acl",
    "SELECT extname FROM pg_extension",
    "SELECT pubname FROM pg_publication",
    "SELECT oid FROM pg_largeobject_metadata",
    "SELECT datdba, datacl::text, datconnlimit, datallowconn FROM pg_database"
    " WHERE datname = current_database()",
]


@rows("is_kept, change", CHANGES)
def test_a_database_that_was_given_back_is_like_a_fresh_one(
    postgres: Server, is_kept: bool, change: LiteralString
) -> None:
    def facts(name: str) -> list[object]:
        with postgres.connect(name) as connection:
            return [connection.execute(each).fetchall() for each in FACTS]

    def number(name: str) -> object:
        with postgres.connect(name) as connection:
            found = connection.execute("SELECT oid FROM pg_database WHERE datname = %s", [name])
            return found.fetchone()

    changed = postgres.take_database()
    before = number(changed)
    with postgres.connect(changed) as connection:
        connection.execute(sql.SQL(change).format(sql.Identifier(changed)))
    fresh = postgres.create_database()
    assert facts(changed) != facts(fresh)

    postgres.give_back(changed)
    taken = postgres.take_database()
    assert facts(taken) == facts(fresh)
    assert (number(taken) == before) == is_kept
    for each in (fresh, taken):
        postgres.give_back(each)


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
