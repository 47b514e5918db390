"""What the README and its pages show is true: their Python runs, and all links lead somewhere."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import calypso_pay
from calypso_api.resources import Resources
from calypso_mock import Mock
from tests.rows import rows

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
USAGE = (ROOT / "docs" / "usage.md").read_text()
_CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIRST, ERRORS, WEBHOOKS, TEST = _CODE.findall(README)
FILTERS, REQUEST, CUSTOMERS = _CODE.findall(USAGE)
(FIXTURE,) = _CODE.findall((ROOT / "docs" / "mock.md").read_text())
PAGES = [str(page.relative_to(ROOT)) for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))]


def run(code: str, **names: object) -> dict[str, object]:
    exec(compile(code, "page", "exec"), names)  # noqa: S102 - code of our own pages
    return names


def test_the_first_example_runs(mock: Mock, capsys: pytest.CaptureFixture[str]) -> None:
    names = run(FIRST)

    assert "Deposit to T" in capsys.readouterr().out
    assert "address" in names


def test_the_first_example_prints_a_deposit_that_was_credited(
    mock: Mock, capsys: pytest.CaptureFixture[str]
) -> None:
    """The deposit arrives between giving the address and looking for it."""
    before, after = FIRST.split('    print("Deposit to"', 1)
    amount = Decimal("12.000000000000000001")
    pay = "    mock.simulate_deposit(address=address.address, currency='USDT_TRX', amount=amount)\n"
    run(f'{before}{pay}    print("Deposit to"{after}', mock=mock, amount=amount)

    assert "12.000000000000000001 USDT_TRX" in capsys.readouterr().out


def test_the_example_of_filters_shows_the_deposit_that_passes(
    mock: Mock, capsys: pytest.CaptureFixture[str]
) -> None:
    with calypso_pay.Calypso() as calypso:
        customer = calypso.customers.create()
        address = calypso.addresses.get(customer.id, currency="USDT_TRX").address
        mock.simulate_deposit(address=address, currency="USDT_TRX", amount="0.00000001")
        run(FILTERS, calypso=calypso)

    assert "\n  amount: 0.00000001\n  currency: USDT_TRX\n" in capsys.readouterr().out


def test_the_example_of_another_operation_is_sent_and_not_part_of_the_mock(mock: Mock) -> None:
    with (
        calypso_pay.Calypso() as calypso,
        pytest.raises(calypso_pay.UnexpectedResponseError, match="not part of this mock"),
    ):
        run(REQUEST, calypso=calypso)


def test_the_example_of_customers_creates_one_however_often_it_runs(
    mock: Mock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = set()
    with calypso_pay.Calypso() as calypso:
        for _ in range(2):
            names: dict[str, Any] = run(CUSTOMERS, calypso=calypso)
            names["inbox"].close()
            found.add((names["customer"].id, names["address"].address))

    assert len(found) == 1
    assert mock.journal.carried_out("createCustomer") == 1


def test_the_example_of_errors_runs(mock: Mock) -> None:
    with calypso_pay.Calypso() as calypso:
        names = run(ERRORS, calypso=calypso)

    assert "customer" in names


def test_the_example_of_webhooks_makes_an_app() -> None:
    assert callable(run(WEBHOOKS)["app"])


def test_the_example_of_a_test_passes() -> None:
    test = run(TEST)["test_a_deposit_is_credited"]

    assert callable(test)
    test()


def test_the_example_of_a_test_with_the_fixture_passes(calypso_mock: Mock) -> None:
    test = run(FIXTURE)["test_a_deposit_is_credited_after_confirmation"]

    assert callable(test)
    test(calypso_mock)


def test_the_readme_is_short() -> None:
    assert README.count("\n") <= 120


def test_every_error_of_the_usage_page_exists_and_none_is_left_out() -> None:
    public = {name: getattr(calypso_pay, name) for name in calypso_pay.__all__}
    errors = {
        name
        for name, value in public.items()
        if isinstance(value, type) and issubclass(value, calypso_pay.CalypsoError)
    }

    assert errors == set(re.findall(r"`(\w+Error)`", USAGE))


def test_every_method_of_the_usage_page_is_in_the_reference_and_so_is_what_it_leaves_out() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text()
    with calypso_pay.Calypso(transport=Mock().transport(), **Mock().settings()) as calypso:
        methods = {
            f"{tag}.{name}"
            for tag in vars(Resources)
            if not tag.startswith("_")
            for name in dir(getattr(calypso, tag))
            if not name.startswith("_")
        }
    tags = {method.partition(".")[0] for method in methods}
    shown = {f"{tag}.{name}" for tag, name in re.findall(r"`(\w+)\.(\w+)\(", USAGE) if tag in tags}

    assert len(shown) > len(tags) // 2
    assert shown <= methods
    assert "(reference.md)" in USAGE
    assert {tag for tag in tags if f"`{tag}." not in reference} == set()


@rows("page", PAGES)
def test_every_link_of_a_page_to_another_file_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text())

    folder = (ROOT / page).parent
    assert [link for link in links if not (folder / link).exists()] == []
