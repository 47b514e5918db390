"""An inbox that was used before a fork is used by parent and children at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from calypso_pay.receiver import Result
from tests.inbox.shop import close, open_shop
from tests.receiver.deposits import TRANSACTION

ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = """
import os, sys
from tests.inbox.shop import open_shop

shop = open_shop(sys.argv[1])
shop.deliver(0, transactionId="before the fork")
children = []
for child in range(3):
    pid = os.fork()
    if pid == 0:
        results = {shop.deliver(n, transactionId=f"{child} {n}").status for n in range(1, 31)}
        os._exit(results != {200})
    children.append(pid)
results = {shop.deliver(n, transactionId=f"parent {n}").status for n in range(1, 31)}
codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
sys.exit(results != {200} or any(codes))
"""


_FORKING_HANDLER = """
import os, sys
from tests.inbox.shop import book, open_shop

def handler(event, connection):
    book(event, connection)
    pid = os.fork()
    if pid == 0:
        raise ValueError("in the child, which goes on as if it were the parent")
    os.waitpid(pid, 0)
    book(event, connection)

shop = open_shop(sys.argv[1], handler)
parent = os.getpid()
status = shop.deliver(1).status
sys.exit(os.getpid() == parent and status != 200)
"""


def run(program: str, url: str) -> None:
    """Run a program, which has to end with 0."""
    done = subprocess.run(
        [sys.executable, "-c", program, url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_handler_that_forks_keeps_its_transaction(postgres_url: str) -> None:
    run(_FORKING_HANDLER, postgres_url)
    shop = open_shop(postgres_url)
    assert shop.booked() == [TRANSACTION] * 2
    assert shop.deliver(1).result is Result.DUPLICATE
    close(shop)


def test_a_fork_shares_no_connection(postgres_url: str) -> None:
    run(_PROGRAM, postgres_url)
    shop = open_shop(postgres_url)
    parts = ("0", "1", "2", "parent")
    booked = ["before the fork", *(f"{part} {n}" for part in parts for n in range(1, 31))]
    assert sorted(map(str, shop.booked())) == sorted(booked)
    close(shop)
