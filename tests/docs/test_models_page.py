"""docs/models.md is right: its code blocks run, and FastAPI does as described."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import fastapi
import httpx
import pydantic
import pytest

from calypso_mock import Mock
from calypso_pay import Calypso
from calypso_pay.models import Customer, Subscription, Transaction
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "models.md"
TEXT = PAGE.read_text("utf-8")
JSON, DUMPS, PEOPLE, PYDANTIC, FASTAPI, PANDAS = re.findall(
    r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL
)
AMOUNT = "0.00000001"


class Page:
    """The code of the page, run block after block in one module."""

    def __init__(self, calypso: Calypso, customer: Customer, deposit: Transaction) -> None:
        self.names: dict[str, Any] = {"__name__": "page", "calypso": calypso}
        self.names |= {"customer": customer, "deposit": deposit}
        self.run(JSON)

    def run(self, code: str) -> dict[str, Any]:
        exec(compile(code, PAGE.name, "exec"), self.names)  # noqa: S102 - the page's own code
        return self.names


@pytest.fixture
def page() -> Iterator[Page]:
    """A page whose shop has one deposit, and of which the first block has run."""
    mock = Mock()
    with Calypso(transport=mock.transport(), **mock.settings()) as calypso:
        customer = calypso.customers.create()
        address = calypso.addresses.get(customer_id=customer.id, currency="BTC").address
        mock.simulate_deposit(address=address, currency="BTC", amount=AMOUNT, to="credited")
        [deposit] = calypso.transactions.iter(customer_id=customer.id)
        yield Page(calypso, customer, deposit)


def ask(app: Any, method: str, path: str, body: str | None = None) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            headers = {"Content-Type": "application/json"}
            return await client.request(method, path, content=body, headers=headers)

    return asyncio.run(ask())


def test_the_standard_library_writes_a_deposit_with_its_amount_as_text(page: Page) -> None:
    line = page.run(DUMPS)["line"]

    assert json.loads(line)["seen"]["amount"] == AMOUNT


def test_an_amount_for_people_has_no_exponent(page: Page) -> None:
    assert page.run(PEOPLE)["label"] == f"{AMOUNT} BTC"
    assert f"# {AMOUNT} BTC" in PEOPLE
    assert str(page.names["deposit"].amount) == "1E-8"


def test_the_pydantic_model_of_the_page_comes_back_from_its_json(page: Page) -> None:
    credit = page.run(PYDANTIC)["credit"]

    assert json.loads(credit.model_dump_json())["deposit"]["amount"] == AMOUNT
    assert credit.model_dump(mode="json", include={"deposit": {"id"}}) == credit.model_dump(
        mode="json", include={"deposit"}
    )


def test_a_mapping_in_a_union_becomes_the_first_that_can_read_it(page: Page) -> None:
    document = page.names["deposit"].to_dict()
    kinds: Any = (Transaction | Customer, Customer | Transaction)

    assert [type(pydantic.TypeAdapter(kind).validate_python(document)) for kind in kinds] == [
        Transaction,
        Customer,
    ]


def test_the_routes_of_the_page_respond_exactly_and_accept_their_own_responses(page: Page) -> None:
    page.run(PYDANTIC)
    app = page.run(FASTAPI)["app"]
    deposit = page.names["deposit"]
    shown = ask(app, "GET", f"/deposits/{deposit.id}")
    kept = ask(app, "POST", "/deposits", shown.text)
    rounded = ask(app, "POST", "/deposits", deposit.to_json())

    assert shown.json()["amount"] == AMOUNT
    assert (kept.status_code, kept.json()) == (200, deposit.id)
    assert rounded.status_code == 422
    assert "Transaction.amount" in rounded.text
    assert deposit.id not in rounded.text
    schema = ask(app, "GET", "/openapi.json").json()["components"]["schemas"]["Transaction"]
    assert schema["properties"]["amount"]["type"] == "string"


@pytest.fixture
def bare(page: Page) -> fastapi.FastAPI:
    """Routes without a return type, as in the table of the page."""
    app = fastapi.FastAPI()
    deposit = page.names["deposit"]
    text = deposit.to_json()
    responses = {
        "model": lambda: deposit,
        "list": lambda: [deposit],
        "dictionary": lambda: {"deposit": deposit},
        "to_dict": lambda: deposit.to_dict(),  # noqa: PLW0108 - FastAPI takes no bound method
        "decimal": lambda: {"amount": deposit.amount},
        "response": lambda: fastapi.Response(text, media_type="application/json"),
    }
    for name, response in responses.items():
        app.get(f"/{name}")(response)
    return app


@rows("path", ["/model", "/list", "/dictionary"])
def test_a_route_without_a_type_fails_where_it_returns_a_model(
    bare: fastapi.FastAPI, path: str
) -> None:
    with pytest.raises(ValueError, match="Transaction"):
        ask(bare, "GET", path)


@rows(
    "path, amount",
    [("/to_dict", '"amount":1e-08'), ("/decimal", '"amount":1e-08'), ("/response", AMOUNT)],
)
def test_a_route_without_a_type_makes_a_float_of_a_bare_decimal(
    bare: fastapi.FastAPI, path: str, amount: str
) -> None:
    response = ask(bare, "GET", path)

    assert response.status_code == 200
    assert amount in response.text


def test_a_parameter_without_body_is_looked_for_in_the_query() -> None:
    app = fastapi.FastAPI()

    @app.post("/deposits")
    def keep(seen: Transaction) -> str:
        return seen.id

    response = ask(app, "POST", "/deposits", "{}")
    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", "seen"])


def test_the_page_names_the_tested_fastapi() -> None:
    assert f"FastAPI {'.'.join(fastapi.__version__.split('.')[:2])} responds with" in TEXT


class Frame(list[dict[str, Any]]):
    """What pandas makes a table of: rows and the columns that are wanted."""

    def __init__(self, rows: Iterable[dict[str, Any]], columns: list[str]) -> None:
        super().__init__({name: row.get(name) for name in columns} for row in rows)


def test_pandas_gets_exact_decimals(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for pandas, which takes 130 MB: its input is what matters."""
    pandas = ModuleType("pandas")
    pandas.DataFrame = Frame  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    [row] = page.run(PANDAS)["frame"]

    assert type(row["amount"]) is Decimal
    assert f"{row['amount']:f}" == AMOUNT
    assert None not in row.values()


def test_a_field_in_error_shows_the_whole_input_unless_it_is_hidden() -> None:
    """Pydantic's own doing, where a model of the user's has a subscription."""

    class Open(pydantic.BaseModel):
        hook: Subscription
        user: str

    class Hidden(Open, hide_input_in_errors=True):
        pass

    shown = []
    for kind in (Open, Hidden):
        with pytest.raises(pydantic.ValidationError) as caught:
            kind.model_validate({"hook": {"secretKey": "a-secret"}})
        shown.append("a-secret" in str(caught.value))
    assert shown == [True, False]


def test_the_types_of_the_page_hold(tmp_path: Path) -> None:
    given = (
        "from calypso_pay import Calypso\nfrom calypso_pay.models import Customer, Transaction\n"
    )
    given += "calypso: Calypso\ncustomer: Customer\ndeposit: Transaction\n"
    program = tmp_path / "page.py"
    program.write_text(f"{given}{JSON}{DUMPS}{PEOPLE}{PYDANTIC}{FASTAPI}")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(program)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert done.stdout.startswith("Success"), done.stdout
