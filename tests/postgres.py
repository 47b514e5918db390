"""A PostgreSQL server of one's own, from the system's packages, for as long as a block lasts.

It listens on a free port of this machine only, trusts every user, and keeps its data in a temporary
folder. When the process that started it ends in any way, a watcher stops it and removes the folder.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, LiteralString, Self, TypeAlias

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Mode: TypeAlias = Literal["smart", "fast", "immediate"]

MISSING = "PostgreSQL is not installed (apt-get install postgresql)."
# A start or a stop that takes longer counts as hung.
PATIENCE = 60.0
_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_TICK = 0.01
# The server refuses to run as root.
_USERS = ("postgres", "nobody")
_CUT: LiteralString = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_RENAMING: tuple[LiteralString, ...] = (
    "ALTER DATABASE {old} ALLOW_CONNECTIONS false",
    "ALTER DATABASE {old} RENAME TO {new}",
    "ALTER DATABASE {new} ALLOW_CONNECTIONS true",
)
_SCHEMAS: LiteralString = (
    "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
)
# As in a fresh database since PostgreSQL 15.
_PUBLIC: LiteralString = """
    CREATE SCHEMA public AUTHORIZATION pg_database_owner;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
    COMMENT ON SCHEMA public IS 'standard public schema'
"""
# A row for each change of a database that is in no schema; initdb gives smaller numbers.
_OTHER_CHANGES: LiteralString = """
    WITH own AS (SELECT * FROM pg_database WHERE datname = current_database())
    SELECT FROM own WHERE datdba <> 10 OR datconnlimit <> -1 OR datacl IS NOT NULL
    UNION ALL SELECT FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM own)
    UNION ALL SELECT FROM pg_subscription WHERE subdbid = (SELECT oid FROM own)
    UNION ALL SELECT FROM pg_cast WHERE oid >= 16384
    UNION ALL SELECT FROM pg_default_acl WHERE defaclnamespace = 0
    UNION ALL SELECT FROM pg_event_trigger WHERE oid >= 16384
    UNION ALL SELECT FROM pg_extension WHERE oid >= 16384
    UNION ALL SELECT FROM pg_foreign_data_wrapper WHERE oid >= 16384
    UNION ALL SELECT FROM pg_language WHERE oid >= 16384
    UNION ALL SELECT FROM pg_largeobject_metadata WHERE oid >= 16384
    UNION ALL SELECT FROM pg_publication WHERE oid >= 16384
"""
# Its input ends when the process that started the server ends, even by kill -9.
_WATCHER = """
read -r _
kill -QUIT "$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)" 2>/dev/null
rm -rf "$1" || { sleep 2; rm -rf "$1"; }
"""


def find() -> Path | None:
    """Return the folder of the server's programs, or None where it is not installed."""
    folders = [Path(found).parent for found in [shutil.which("initdb")] if found]
    # Debian keeps them out of PATH, in a folder for each version.
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda folder: _version(folder.parent.name), reverse=True)
    if program := shutil.which("pg_config"):
        shown = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(shown.stdout.strip()))
    programs = ("initdb", "postgres")
    return next(
        (each for each in folders if all((each / name).is_file() for name in programs)), None
    )


class Server:
    """A fresh server that runs for as long as a ``with`` block lasts.

    Args:
        fsync: Wait for the disk at each commit, as in production. Without it a crash of the server
            still loses nothing, only a crash of the machine does.
        settings: Other settings of the server, by name.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
        RuntimeError: On entering: it could not be started; the message has its log.
    """

    def __init__(
        self, *, fsync: bool = False, settings: Mapping[str, str | int] | None = None
    ) -> None:
        programs = find()
        if programs is None:
            raise FileNotFoundError(MISSING)
        self._programs = programs
        self._settings = {
            # No other address, no socket in the file system.
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on" if fsync else "off",
            "full_page_writes": "on" if fsync else "off",
            "max_connections": 200,
            **(settings or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._spare: list[str] = []

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            # Bound but not listening, it keeps the port from others, also while the server is
            # stopped; the server may listen there, since both set SO_REUSEADDR.
            reserved = stack.enter_context(socket.socket())
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reserved.bind(("127.0.0.1", 0))
            self.port: int = reserved.getsockname()[1]
            self._identity = identity()
            self.folder = make_folder(self._identity)
            stack.enter_context(_watched(self.folder))
            stack.callback(self.stop, "immediate")
            self._initialize()
            self.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __repr__(self) -> str:
        return f"<PostgreSQL {self.url(None)}>"

    def url(self, driver: str | None = "psycopg", database: str = "postgres") -> str:
        """Return a URL of a database, for SQLAlchemy; without a driver, for libpq."""
        scheme = "postgresql" if driver is None else f"postgresql+{driver}"
        return f"{scheme}://postgres@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection on which each statement is a transaction of its own."""
        return psycopg.connect(self.url(None, database), autocommit=True, connect_timeout=10)

    def create_database(self, name: str | None = None) -> str:
        """Make an empty database, and return its name."""
        name = name or _new_name()
        with self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, connected clients or not."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def take_database(self) -> str:
        """Return the name of an empty database, the caller's own until it is given back."""
        return self._spare.pop() if self._spare else self.create_database()

    def give_back(self, name: str) -> None:
        """Make a database like a fresh one for the next test; it gets another name.

        Connected clients are cut off, and can't connect again. To drop a database and make another
        takes twice as long; that is done only where more than schemas was changed.

        Raises:
            TimeoutError: Clients are still connected after some time.
        """
        new = self._rename(name)
        with self.connect(new) as connection:
            if like_fresh := connection.execute(_OTHER_CHANGES).fetchone() is None:
                for (schema,) in connection.execute(_SCHEMAS).fetchall():
                    drop = sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema))
                    connection.execute(drop)
                connection.execute(_PUBLIC)
        if like_fresh:
            self._spare.append(new)
        else:
            self.drop_database(new)

    def _rename(self, name: str) -> str:
        """Cut off the clients of a database, and return its new name, which they do not know."""
        new = _new_name()
        names = {"old": sql.Identifier(name), "new": sql.Identifier(new)}
        close, rename, reopen = (sql.SQL(each).format(**names) for each in _RENAMING)
        end = time.monotonic() + PATIENCE
        with self.connect() as connection:
            connection.execute(close)
            cut = f"{_CUT} AND datname = %s"
            while connection.execute(cut, [name]).fetchall() or not _renamed(connection, rename):
                if time.monotonic() > end:
                    raise TimeoutError(f"clients of {name} are still connected")
                time.sleep(_TICK)
            connection.execute(reopen)
        return new

    def cut_connections(self) -> int:
        """End all connections of others, and return how many there were."""
        with self.connect() as connection:
            return len(connection.execute(_CUT).fetchall())

    def start(self) -> None:
        """Start the server, and wait until it accepts connections.

        Raises:
            RuntimeError: It ended, or accepts none in time.
        """
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self._programs / "postgres", "-D", self.folder / "data"),
                    *("-p", str(self.port), *options),
                ],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the process that started it.
                start_new_session=True,
                **self._identity,
            )
        end = time.monotonic() + PATIENCE
        while not self._accepts():
            if self._process.poll() is not None or time.monotonic() > end:
                log_tail = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL did not start:\n{log_tail}")
            time.sleep(_TICK)

    def stop(self, mode: Mode = "fast") -> None:
        """Stop the server and wait for its end; ``immediate`` is a crash, with recovery after."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(_SIGNALS[mode])
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._process = None

    def restart(self, mode: Mode = "immediate") -> None:
        """Stop and start the server, on the same port and with the same data."""
        self.stop(mode)
        self.start()

    def _accepts(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialize(self) -> None:
        command = [self._programs / "initdb", "-D", self.folder / "data", "-U", "postgres"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            **self._identity,
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stderr[-2000:]}")


def _renamed(connection: psycopg.Connection[Any], rename: sql.Composed) -> bool:
    """Rename a database, unless a client was connecting before it was closed to them."""
    try:
        connection.execute(rename)
    except psycopg.errors.ObjectInUse:
        return False
    return True


def _new_name() -> str:
    return f"test_{uuid.uuid4().hex[:12]}"


def _version(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split(".") if part.isdigit())


def identity() -> dict[str, Any]:
    """Return the user to run a server as, for `subprocess`: another one than root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = next((known[name] for name in _USERS if name in known), None)
    if user is None:
        raise RuntimeError(f"root can't run PostgreSQL, and there is no user {_USERS}")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def make_folder(identity: dict[str, Any]) -> Path:
    """Make a temporary folder that a server's user owns and can reach."""
    # The usual one may be closed to other users.
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108 - mkdtemp is safe there
        folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=parent)).resolve()
        if not identity:
            return folder
        os.chown(folder, identity["user"], identity["group"])
        reached = subprocess.run(["test", "-w", folder], cwd="/", check=False, **identity)
        if reached.returncode == 0:
            return folder
        folder.rmdir()
    raise RuntimeError("there is no temporary folder that PostgreSQL's user can reach")


@contextlib.contextmanager
def _watched(folder: Path) -> Iterator[None]:
    """Have a process remove the folder, and stop the server in it, when this process ends."""
    watcher = subprocess.Popen(
        ["/bin/sh", "-c", _WATCHER, "sh", folder],
        cwd="/",
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield
    finally:
        watcher.communicate()
