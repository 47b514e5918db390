"""An inbox that was used before a fork is used by parent and children at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.inbox.shop import close, open_shop

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


def test_a_fork_shares_no_connection(postgres_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, postgres_url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    shop = open_shop(postgres_url)
    parts = ("0", "1", "2", "parent")
    booked = ["before the fork", *(f"{part} {n}" for part in parts for n in range(1, 31))]
    assert sorted(map(str, shop.booked())) == sorted(booked)
    close(shop)
