"""Programs of a storm are killed and start again, and none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.storm.chance import chance
from tests.storm.driver import ROOT
from tests.storm.processes import Programs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SERVE = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "{port}")


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_killed_program_starts_again_on_the_same_port(tmp_path: Path) -> None:
    with Programs([SERVE], folder=tmp_path, log=tmp_path / "log") as programs:
        programs.start(os.environ)
        assert programs.kill_one(chance("which"))
        wait_for(lambda: not programs.responds())

        def is_back() -> bool:
            # More than once: a process that is being killed does not listen any more, and is there.
            programs.revive()
            return programs.responds()

        wait_for(is_back)
    assert not programs.responds()


def test_a_killed_storm_leaves_no_program(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from tests.storm.processes import Programs\n"
        "folder = Path(sys.argv[1])\n"
        "with Programs([sys.argv[2:]], folder=folder, log=folder / 'log') as programs:\n"
        "    programs.start(os.environ); print(programs.port, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path, *SERVE], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        other = Programs([], folder=tmp_path, log=tmp_path / "other")
        other.port = int(process.stdout.readline())
        assert other.responds()
        os.kill(process.pid, signal.SIGKILL)
    wait_for(lambda: not other.responds())
