"""The wheel works on its own, without and with its extras."""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calypso_mock import Mock, Server
from tools import pythons

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
# The Python that runs the tests, and all others that the package supports.
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
VERSIONS = [
    RUNNING,
    *(pytest.param(each, marks=pytest.mark.slow) for each in pythons.VERSIONS if each != RUNNING),
]

USE_THE_CLIENT = """
from decimal import Decimal
from calypso_pay import Calypso, NotFoundError

with Calypso() as calypso:
    customer = calypso.customers.create(email="ada@shop.example")
    address = calypso.addresses.get(customer_id=customer.id, currency="BTC").address
    purses = [purse.address for purse in calypso.purses.list(customer.id)]
    assert purses == [address]
    try:
        calypso.transactions.get("00000000-0000-4000-8000-000000000000")
    except NotFoundError as error:
        print(error.error_code)
"""
# The client does not need it, and it is large, so it is not a development dependency.
PANDAS = "pandas==2.3.3"
A_DATA_FRAME = """
from calypso_mock import Mock
from calypso_pay import Calypso

mock = Mock()
with Calypso(transport=mock.transport(), **mock.settings()) as calypso:
    customer = calypso.customers.create()
    address = calypso.addresses.get(customer.id, currency="BTC").address
    mock.simulate_deposit(address=address, currency="BTC", amount="0.12345678901234567890")
{page}
print(frame["amount"].dtype, f"{{frame['amount'].sum():f}}", len(frame))
"""
A_TEST = "def test_nothing(): pass\n"
A_TEST_WITH_THE_FIXTURE = "def test_mock(calypso_mock): assert calypso_mock.settings()['key']\n"


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> str:
    """Run a program outside the checkout, so that only installed packages are found."""
    done = attempt(*command, cwd=cwd, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def attempt(
    *command: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program outside the checkout; it may fail."""
    # Bytecode is written to the environment, so that the next program starts quickly.
    inherited = {key: each for key, each in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


BUILD = (sys.executable, "-m", "hatchling", "build", "--directory")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("dist")
    run(*BUILD, folder, "--target", "sdist", cwd=ROOT)
    (sdist,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(sdist, folder, filter="data")
    return folder / sdist.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(sources: Path) -> Path:
    """The wheel, built from the source distribution."""
    run(*BUILD, sources.parent, "--target", "wheel", cwd=sources)
    (wheel,) = sources.parent.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> email.message.Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


class Environment:
    """A virtual environment with a wheel and its dependencies, and nothing else."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self.python = folder / "env" / "bin" / "python"
        run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", python, folder / "env")

    def install(self, *requirements: str) -> None:
        uv = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", self.python)
        # The locked versions, so that the test does not change from one day to the next.
        run(*uv, *requirements, "--constraint", ROOT / "requirements-dev.txt")

    def run(self, *arguments: str | Path, **environment: str) -> str:
        return run(self.python, *arguments, cwd=self.folder, **environment)


def installed(version: str, folder: Path, *requirements: str) -> Environment:
    python = pythons.find(version)
    if python is None:
        pytest.skip(f"this machine has no Python {version}")
    environment = Environment(folder, python)
    environment.install(*requirements)
    return environment


@pytest.fixture(scope="module", params=VERSIONS)
def base(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, wheel: Path
) -> Environment:
    """The wheel without extras, beside pytest."""
    return installed(request.param, tmp_path_factory.mktemp("base"), str(wheel), "pytest")


@pytest.fixture(scope="module", params=VERSIONS)
def full(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, wheel: Path
) -> Environment:
    """The wheel with the mock, beside pytest."""
    return installed(request.param, tmp_path_factory.mktemp("full"), f"{wheel}[mock]", "pytest")


@pytest.fixture
def settings() -> Iterator[dict[str, str]]:
    mock = Mock()
    with Server(mock) as server:
        given = mock.settings(base_url=server.url)
        yield {f"CALYPSO_{name.upper()}": str(value) for name, value in given.items()}


@pytest.mark.slow
def test_the_two_lines_in_the_docs_make_a_data_frame_that_keeps_every_digit(
    tmp_path: Path, wheel: Path
) -> None:
    page = (ROOT / "docs" / "models.md").read_text()
    (lines,) = re.findall(r"^```python\n(import pandas\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    code = A_DATA_FRAME.format(page=textwrap.indent(lines, "    "))

    environment = installed(RUNNING, tmp_path, f"{wheel}[mock]", PANDAS)

    assert environment.run("-c", code) == "object 0.12345678901234567890 1\n"


def test_the_wheel_has_three_typed_packages_and_the_openapi_document(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    packages = {name.partition("/")[0] for name in names if ".dist-info/" not in name}

    assert packages == {"calypso_api", "calypso_pay", "calypso_mock"}
    assert {f"{package}/py.typed" for package in packages} <= names
    assert "calypso_mock/openapi.json" in names


def test_the_metadata_has_a_project_address(metadata: email.message.Message) -> None:
    addresses = metadata.get_all("Project-URL", [])

    assert "Calypso Pay API documentation, https://docs.calypso.money" in addresses


def test_every_link_of_the_description_is_absolute(metadata: email.message.Message) -> None:
    """A package index resolves no relative link."""
    text = metadata.get_payload(decode=True).decode()
    targets = re.findall(r"\]\(([^)]+)\)", text)

    assert targets
    assert [target for target in targets if not target.startswith("https://")] == []


def test_every_file_that_the_description_names_is_in_the_source_distribution(
    metadata: email.message.Message, sources: Path
) -> None:
    text = metadata.get_payload(decode=True).decode()
    files = set(re.findall(r"`([\w./-]+\.(?:md|yaml))`", text))

    assert "docs/usage.md" in files
    assert [file for file in sorted(files) if not (sources / file).is_file()] == []


def test_the_base_install_has_httpx_and_attrs_and_their_dependencies(base: Environment) -> None:
    listed = "import importlib.metadata as m; print(*{d.name for d in m.distributions()})"
    of_pytest = {"pytest", "iniconfig", "packaging", "pluggy", "Pygments", "pygments"}
    of_httpx = {"httpx", "httpcore", "h11", "anyio", "certifi", "idna", "typing_extensions"}

    assert set(base.run("-c", listed).split()) - of_pytest - of_httpx == {"calypso-pay", "attrs"}


def test_the_base_client_works_without_extras(base: Environment, settings: dict[str, str]) -> None:
    assert base.run("-W", "error", "-c", USE_THE_CLIENT, **settings) == "004\n"


def test_without_the_extra_the_fixture_names_what_to_install_and_other_tests_run(
    base: Environment,
) -> None:
    """Pytest loads the plugin for every user, with or without the mock's dependencies."""
    (base.folder / "test_nothing.py").write_text(A_TEST)
    (base.folder / "test_mock.py").write_text(A_TEST_WITH_THE_FIXTURE)

    done = attempt(base.python, "-m", "pytest", "-W", "error", base.folder, cwd=base.folder)

    assert "1 passed, 1 error" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1
    assert "pip install '.[mock]'" in done.stdout


def test_the_command_names_what_to_install(base: Environment) -> None:
    done = attempt(base.python.with_name("calypso"), "demo")

    assert done.returncode == 1
    assert "pip install '.[mock]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_runs_from_the_wheel_alone(full: Environment) -> None:
    output = run(full.python.with_name("calypso"), "demo", cwd=full.folder)

    assert "balance 0 -> 125.500000000000000001 USDT_TRX" in output
    assert "ARCHIVED" in output


def test_the_fixture_is_a_mock(full: Environment) -> None:
    test = full.folder / "test_mock.py"
    test.write_text(A_TEST_WITH_THE_FIXTURE)

    assert "1 passed" in full.run("-m", "pytest", "-W", "error", test)
