"""What the package promises: names, defaults, and that no secret shows by accident."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import calypso_mock
from calypso_mock import Exchange, Mock
from tests.mock.rows import NO_ERROR, mock_error

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
        and name != "annotations"
        and not inspect.ismodule(value)
    ]

    assert sorted(public) == calypso_mock.__all__ == sorted(calypso_mock.__all__)
    assert dir(calypso_mock) == calypso_mock.__all__
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


def test_bad_arguments_are_rejected() -> None:
    """By the mock's own error, which is a ValueError."""
    mock = Mock()
    wrong = {
        "a status that no page documents": lambda: Mock(auth_status=403),
        "a base of pages": lambda: Mock(page_base=2),
        "an unknown account": lambda: mock.settings("0x0"),
        "an unknown key": lambda: mock.add_account(key="unknown"),
        "an account that is there": lambda: mock.add_account(mock.settings()["account"]),
    }

    assert [name for name, call in wrong.items() if mock_error(call) == NO_ERROR] == []


def test_no_secret_shows(connect: type[Api]) -> None:
    """Not in a repr, a state, a response of a control endpoint, or what observers get."""
    mock = Mock(seeded=True)
    exchanges: list[Exchange] = []
    mock.observe(exchanges.append)
    api = connect(mock)
    held = api.ok("getSubscriptions")["subscriptions"][0]
    response = mock.handle(
        "POST", "/api/v1/account", {"Key": api.settings["key"], "Sign": "of-our-own"}, b"{}"
    )
    deposit = mock.simulate_deposit(address=api.address("BTC"), currency="BTC", amount=1)
    context = mock._context
    shown = [
        repr(mock),
        repr(mock.clock),
        repr(deposit),
        repr(response),
        repr(context),
        repr(list(context.state.keys.values())),
        repr(context.state.accounts),
        json.dumps(mock.state()),
        str(api.control("GET", "state").content),
        str(api.control("POST", "reset").content),
        "".join(map(repr, exchanges)),
        "".join(map(str, exchanges)),
    ]
    secrets = [api.settings["key"], api.settings["secret"], held["secretKey"], "of-our-own"]

    assert [(i, s) for i, text in enumerate(shown) for s in secrets if s in text] == []
    assert len(exchanges) > 3


def test_observers_get_every_exchange(api: Api) -> None:
    """Success, error, control endpoint, unknown path: one line each."""
    exchanges: list[Exchange] = []
    api.mock.observe(exchanges.append)
    api.call("getAccount")
    api.call(
        "getAddress", {"customerId": "00000000-0000-4000-8000-000000000000", "currency": "BTC"}
    )
    api.control("POST", "clock", {"advance": -1})
    api.raw("GET", "/a\x1b[2J\nb\udcff")

    lines = [str(exchange).rpartition(" · ") for exchange in exchanges]
    assert [line for line, _, _ in lines] == [
        "POST /api/v1/account 200",
        "POST /api/v1/customer-purse/address/get 400 004 Requested object is not found",
        "POST /_mock/clock 400 business time only moves forward; use reset() to start again",
        "GET /a\\x1b[2J\\nb\\udcff 404 GET '/a\\x1b[2J\\nb\\udcff' is not part of this mock",
    ]
    assert all(took.endswith(" ms") for _, _, took in lines)
    assert exchanges[1].error_code == "004"
    assert exchanges[0].seconds > 0


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
        assert ("httpx" in _imports(module)) == (module.name == "_transports.py"), module
        assert ("uvicorn" in _imports(module)) == (module.name == "_uvicorn.py"), module


EXTRAS = """
import sys
for name in ("jsonschema_rs", "uvicorn", "click", "httpx", "attrs", "attr"):
    sys.modules[name] = None

import calypso_mock.pytest_plugin
from calypso_mock import Mock, Server


def missing(use):
    try:
        use()
    except ModuleNotFoundError as error:
        return str(error)


print(missing(Mock))
for name in ("jsonschema_rs", "httpx"):
    del sys.modules[name]
mock = Mock()
print(missing(Server(mock).__enter__))
print("httpx" in sys.modules)
mock.transport()
"""


def test_without_its_extra_the_mock_can_be_imported_and_names_what_to_install() -> None:
    """The plugin is loaded into the test runs of people who have the base package only.

    And neither server nor HTTP client is loaded before it is asked for.
    """
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path}\n{EXTRAS}"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "the mock needs jsonschema_rs; in your clone of calypso-pay: pip install '.[mock]'",
        "the mock needs uvicorn; in your clone of calypso-pay: pip install '.[mock]'",
        "False",
    ]
    assert _imports(PACKAGE / "pytest_plugin.py") == {
        "__future__",
        "calypso_mock",
        "pytest",
        "typing",
    }


RUN = ["-q", "-p", "no:cacheprovider", "-p", "calypso_mock.pytest_plugin", "-c", "/dev/null"]


# The first test runs as if the extra were not installed.
USER = """
import sys

seen = []
sys.modules["jsonschema_rs"] = None

def test_without_the_extra(calypso_mock):
    pass

def test_of_something_else():
    del sys.modules["jsonschema_rs"]

def test_a(calypso_mock):
    assert calypso_mock.settings()
    seen.append(calypso_mock)

def test_b(calypso_mock):
    assert calypso_mock is not seen[0]
"""


def test_the_fixture_is_a_fresh_mock_and_names_what_to_install(tmp_path: Path) -> None:
    """Two tests do not see each other's customers; who does not ask for it needs no extra."""
    (tmp_path / "test_user.py").write_text(USER)
    code = f"import sys; sys.path[:] = {sys.path}\nimport pytest\n"
    code += f"sys.exit(pytest.main({[*RUN, str(tmp_path)]}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )

    assert "3 passed, 1 error" in done.stdout, done.stdout
    assert "pip install '.[mock]'" in done.stdout
    assert "ERROR test_user.py::test_without_the_extra" in done.stdout
