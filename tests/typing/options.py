"""Creating a client, as a user's editor sees it."""

from __future__ import annotations

from typing import assert_type

import httpx

from calypso_api import Client
from calypso_api.api.customers import create_customer
from calypso_api.models import (
    CreateCustomerPayload,
    CreateCustomerRequest,
    Customer,
    ErrorResponse,
)
from calypso_mock import Deposit, Mock, Server
from calypso_pay import AsyncCalypso, Attempt, Calypso, CalypsoError, KeySign, Outcome


def listen(attempt: Attempt) -> None:
    assert_type(attempt.operation, str)
    assert_type(attempt.outcome, Outcome)
    assert_type(attempt.error, CalypsoError | None)
    assert_type(attempt.retry_in, float | None)


def every_option() -> None:
    client = Calypso(
        key="key",
        secret="secret",
        account="0xabc",
        base_url="https://api.calypso.money",
        timeout=5,
        deadline=20.5,
        max_retries=0,
        http_client=httpx.Client(proxy="http://proxy.example"),
        transport=None,
        clock=lambda: 1.5,
        on_attempt=listen,
    )
    with client as calypso:
        assert_type(calypso, Calypso)
    assert_type(client.with_options(timeout=1, deadline=2, max_retries=3, account="0xdef"), Calypso)


class Shop(Calypso):
    """A subclass of the client."""


def with_options_of_a_subclass_returns_the_subclass(shop: Shop) -> Shop:
    return shop.with_options(timeout=1)


def with_the_mock() -> None:
    mock = Mock(seeded=True, page_base=1)
    deposit = mock.simulate_deposit(address="T", currency="TRX", amount="1.5", to="pending")
    assert_type(deposit, Deposit)
    with Calypso(transport=mock.transport(), **mock.settings()) as calypso:
        assert_type(calypso, Calypso)
    AsyncCalypso(transport=mock.async_transport(), **mock.settings())
    AsyncCalypso(transport="aiohttp", **mock.settings())
    with Server(mock) as server:
        Calypso(**mock.settings(base_url=server.url))


def with_the_bare_generated_client() -> None:
    client = Client("https://api.calypso.finance", httpx_args={"auth": KeySign("key", "secret")})
    body = CreateCustomerRequest(account="0xabc", timestamp=1, payload=CreateCustomerPayload())
    assert_type(create_customer.sync(client=client, body=body), Customer | ErrorResponse | None)


def mistakes(mock: Mock) -> None:
    Calypso(base_uri="https://api.calypso.money")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Calypso("key", "secret", "0xabc")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Calypso(key=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Calypso(secret=b"secret")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Calypso(timeout="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Calypso(timeout=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Calypso(max_retries=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Calypso(http_client=httpx.AsyncClient())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncCalypso(transport=mock.transport())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncCalypso(transport="requests")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Calypso(transport="aiohttp")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Calypso(on_attempt=lambda: None)  # type: ignore[arg-type, misc]  # pyright: ignore[reportArgumentType]
    Calypso().with_options(5)  # type: ignore[call-arg, arg-type]  # pyright: ignore[reportCallIssue]
    Calypso().with_options(timout=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Calypso().with_options(http_client=httpx.Client())  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    KeySign("key")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Mock(auth_statuss=401)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    mock.simulate_deposit(address="T", currency="TRX", amount=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    mock.simulate_deposit(address="T", currency="TRX", amount=1, to="paid")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
