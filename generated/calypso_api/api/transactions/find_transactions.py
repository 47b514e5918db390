from typing import Any

import httpx

from ... import errors
from ..._json import dump_json, load_json
from ...client import Client
from ...models.error_response import ErrorResponse
from ...models.find_transactions_request import FindTransactionsRequest
from ...models.transaction_page import TransactionPage
from ...types import Response


def _get_kwargs(*, body: FindTransactionsRequest) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {"method": "post", "url": "/api/v1/customer-purse/transaction/find"}

    _kwargs["content"] = dump_json(body.to_dict())

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: Client, response: httpx.Response
) -> ErrorResponse | TransactionPage | None:
    if response.status_code == 200:
        response_200 = TransactionPage.from_dict(load_json(response.content))

        return response_200

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(load_json(response.content))

        return response_400

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(load_json(response.content))

        return response_401

    if response.status_code == 403:
        response_403 = ErrorResponse.from_dict(load_json(response.content))

        return response_403

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(load_json(response.content))

        return response_404

    if response.status_code == 429:
        response_429 = ErrorResponse.from_dict(load_json(response.content))

        return response_429

    if response.status_code == 500:
        response_500 = ErrorResponse.from_dict(load_json(response.content))

        return response_500

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: Client, response: httpx.Response
) -> Response[ErrorResponse | TransactionPage]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *, client: Client, body: FindTransactionsRequest
) -> Response[ErrorResponse | TransactionPage]:
    """Find transactions

     Returns one page of the deposits that match every filter given. `total` in the answer counts pages,
    not rows. Whether pages are numbered from 0 or from 1 is not known.

    The fields are documented by example. Which of them are required, the defaults, the largest page and
    the page base are not; here all are optional.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Args:
        body (FindTransactionsRequest): The envelope around filters, order and page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | TransactionPage]
    """

    kwargs = _get_kwargs(body=body)

    response = client.get_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


def sync(
    *, client: Client, body: FindTransactionsRequest
) -> ErrorResponse | TransactionPage | None:
    """Find transactions

     Returns one page of the deposits that match every filter given. `total` in the answer counts pages,
    not rows. Whether pages are numbered from 0 or from 1 is not known.

    The fields are documented by example. Which of them are required, the defaults, the largest page and
    the page base are not; here all are optional.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Args:
        body (FindTransactionsRequest): The envelope around filters, order and page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | TransactionPage
    """

    return sync_detailed(client=client, body=body).parsed


async def asyncio_detailed(
    *, client: Client, body: FindTransactionsRequest
) -> Response[ErrorResponse | TransactionPage]:
    """Find transactions

     Returns one page of the deposits that match every filter given. `total` in the answer counts pages,
    not rows. Whether pages are numbered from 0 or from 1 is not known.

    The fields are documented by example. Which of them are required, the defaults, the largest page and
    the page base are not; here all are optional.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Args:
        body (FindTransactionsRequest): The envelope around filters, order and page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | TransactionPage]
    """

    kwargs = _get_kwargs(body=body)

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *, client: Client, body: FindTransactionsRequest
) -> ErrorResponse | TransactionPage | None:
    """Find transactions

     Returns one page of the deposits that match every filter given. `total` in the answer counts pages,
    not rows. Whether pages are numbered from 0 or from 1 is not known.

    The fields are documented by example. Which of them are required, the defaults, the largest page and
    the page base are not; here all are optional.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Args:
        body (FindTransactionsRequest): The envelope around filters, order and page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | TransactionPage
    """

    return (await asyncio_detailed(client=client, body=body)).parsed
