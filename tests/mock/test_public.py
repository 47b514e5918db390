"""What the package promises: names, defaults, and that no secret shows by accident."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import calypso_mock
from calypso_mock import Exchange, Mock, MockError

if TYPE_CHECKING:
    from conftest import Api

PACKAGE = Path(calypso_mock.__file__).parent


def test_all_names_are_exported_sorted_and_documented() -> None:
    """What does not start with an underscore is public, and nothing else is."""
    public = [
        name
        for name, value in vars(calypso_mock).items()
        if name.isidentifier()
        and not name.startswith("_")
        and name not in {"annotations", "pytest_plugin"}
    ]

    assert sorted(public) == calypso_mock.__all__ == sorted(calypso_mock.__all__)
    assert all(getattr(calypso_mock, name).__doc__ for name in public)


def test_settings_are_those_of_a_client(connect: type[Api]) -> None:
    """Four keyword arguments; the first account unless another is named."""
    mock = Mock()
    other = mock.add_account("0x" + "0" * 40, name="Shop")

    settings = mock.settings(other, base_url="http://127.0.0.1:1")

    assert settings.keys() == {"key", "secret", "account", "base_url"}
    assert (settings["account"], settings["base_url"]) == (other, "http://127.0.0.1:1")
    assert mock.settings()["base_url"] == "http://mock.invalid"
    assert [len(bytes.fromhex(settings[name])) for name in ("key", "secret")] == [16, 16]
    assert connect(mock, other).ok("getAccount")["name"] == "Shop"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Mock(auth_status=403),
        lambda: Mock(page_base=2),
        lambda: Mock().settings("0x0"),
        lambda: Mock().add_account(key="nobody's"),
        lambda: (mock := Mock()).add_account(mock.settings()["account"]),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: Any) -> None:
    """By the mock's own error, which is a ValueError."""
    with pytest.raises(MockError):
        wrong()


def test_no_secret_shows(connect: type[Api]) -> None:
    """Not in a repr, a state, an answer of a control endpoint, or what observers are told."""
    mock = Mock(seeded=True)
    told: list[Exchange] = []
    mock.observe(told.append)
    api = connect(mock)
    held = api.ok("getSubscriptions")["subscriptions"][0]
    answer = mock.handle(
        "POST", "/api/v1/account", {"Key": api.settings["key"], "Sign": "f00"}, b"{}"
    )
    deposit = mock.simulate_deposit(address=api.address("BTC"), currency="BTC", amount=1)
    world = mock._world
    shown = [
        repr(mock),
        repr(mock.clock),
        repr(deposit),
        repr(answer),
        repr(world),
        repr(list(world.state.keys.values())),
        repr(world.state.accounts),
        json.dumps(mock.state()),
        str(api.control("GET", "state").content),
        str(api.control("POST", "reset").content),
        "".join(map(repr, told)),
        "".join(map(str, told)),
    ]
    secrets = [api.settings["key"], api.settings["secret"], held["secretKey"], "f00"]

    assert [(i, s) for i, text in enumerate(shown) for s in secrets if s in text] == []
    assert len(told) > 3


def test_observers_are_told_of_every_exchange(api: Api) -> None:
    """Success, refusal, control endpoint, unknown path: one line each."""
    told: list[Exchange] = []
    api.mock.observe(told.append)
    api.call("getAccount")
    api.call(
        "getAddress", {"customerId": "00000000-0000-4000-8000-000000000000", "currency": "BTC"}
    )
    api.control("POST", "clock", {"advance": -1})
    api.raw("GET", "/a\x1b[2J\nb\udcff")

    lines = [str(exchange).rpartition(" · ") for exchange in told]
    assert [line for line, _, _ in lines] == [
        "POST /api/v1/account 200",
        "POST /api/v1/customer-purse/address/get 400 004 Requested object is not found",
        "POST /_mock/clock 400 business time only moves forward; use reset() to start again",
        "GET /a\\x1b[2J\\nb\\udcff 404 004 Requested object is not found",
    ]
    assert all(took.endswith(" ms") for _, _, took in lines)
    assert told[1].error_code == "004"
    assert told[0].seconds > 0


def test_a_snapshot_is_plain_and_ones_own(api: Api) -> None:
    """JSON can hold it, amounts are exact text, and changing it changes nothing."""
    deposit = api.mock.simulate_deposit(address=api.address("ETH"), currency="ETH", amount="1e-30")

    state = api.mock.state()
    account = state["accounts"][0]

    assert json.loads(json.dumps(state)) == state
    assert account["balances"][0]["amount"] == "0.000000000000000000000000000001"
    assert account["transactions"][0]["id"] == deposit.transaction_id
    assert account["transactions"][0]["step"] == "credited"
    account["customers"].clear()
    assert api.mock.state()["accounts"][0]["customers"]


def _imports(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_the_mock_shares_no_code_with_the_client() -> None:
    """A mistake in the client must not be able to hide in the mock."""
    for module in PACKAGE.rglob("*.py"):
        assert not _imports(module) & {"calypso_api", "calypso_pay"}, module
        assert ("httpx" in _imports(module)) == (module.name == "_transport.py"), module
        assert ("uvicorn" in _imports(module)) == (module.name == "_server.py"), module


def test_importing_loads_neither_server_nor_http_client() -> None:
    """In-process use works without uvicorn; both are loaded where they are asked for."""
    code = (
        "import sys\n"
        "sys.modules['uvicorn'] = None\n"
        "import calypso_mock\n"
        "assert 'httpx' not in sys.modules\n"
        "calypso_mock.Mock().transport()\n"
    )

    _run(code)


def _run(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path}\n{code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_plugin_can_be_imported_without_any_extra() -> None:
    """It is loaded into the test runs of people who have the base package only."""
    _run(
        "for name in ('jsonschema_rs', 'uvicorn', 'click', 'httpx', 'attrs', 'attr'):\n"
        "    sys.modules[name] = None\n"
        "import calypso_mock.pytest_plugin\n"
    )
    assert _imports(PACKAGE / "pytest_plugin.py") == {
        "__future__",
        "calypso_mock",
        "pytest",
        "typing",
    }


@pytest.mark.parametrize(
    ("module", "use"), [("jsonschema_rs", "Mock()"), ("uvicorn", "Server(Mock()).__enter__()")]
)
def test_without_its_extra_the_mock_says_what_to_install(module: str, use: str) -> None:
    """With the line to type."""
    _run(
        f"sys.modules[{module!r}] = None\n"
        "from calypso_mock import Mock, Server\n"
        "try:\n"
        f"    {use}\n"
        "except ModuleNotFoundError as missing:\n"
        f"    assert str(missing) == \"the mock needs {module}: pip install 'calypso-pay[mock]'\"\n"
        "else:\n"
        "    raise AssertionError\n"
    )


RUN = ["-q", "-p", "no:cacheprovider", "-p", "calypso_mock.pytest_plugin", "-c", "/dev/null"]


def _pytest(folder: Path, prelude: str, test: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_user.py").write_text(test)
    code = f"import sys; sys.path[:] = {sys.path}\n{prelude}\nimport pytest\n"
    code += f"sys.exit(pytest.main({[*RUN, str(folder)]}))"
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )


USER = "def test_a(calypso_mock): assert calypso_mock.settings()\n"


def test_the_fixture_is_a_fresh_mock(tmp_path: Path) -> None:
    """Two tests do not see each other's customers."""
    done = _pytest(
        tmp_path,
        "",
        "seen = []\n"
        "def test_a(calypso_mock): seen.append(calypso_mock)\n"
        "def test_b(calypso_mock): assert calypso_mock is not seen[0]\n",
    )

    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_the_fixture_without_the_extra_says_what_to_install(tmp_path: Path) -> None:
    """And only a test that asks for it hears of it."""
    done = _pytest(tmp_path, "sys.modules['jsonschema_rs'] = None", USER + "def test_b(): pass\n")

    assert "pip install 'calypso-pay[mock]'" in done.stdout
    assert "1 passed, 1 error" in done.stdout
