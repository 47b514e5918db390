from typing import Any

import httpx

from ... import errors
from ..._json import dump_json, load_json
from ...client import Client
from ...models.by_transaction_id_request import ByTransactionIdRequest
from ...models.error_response import ErrorResponse
from ...models.transaction import Transaction
from ...types import Response


def _get_kwargs(*, body: ByTransactionIdRequest) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {"method": "post", "url": "/api/v1/customer-purse/transaction/get"}

    _kwargs["content"] = dump_json(body.to_dict())

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: Client, response: httpx.Response
) -> ErrorResponse | Transaction | None:
    if response.status_code == 200:
        response_200 = Transaction.from_dict(load_json(response.content))

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
) -> Response[ErrorResponse | Transaction]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *, client: Client, body: ByTransactionIdRequest
) -> Response[ErrorResponse | Transaction]:
    """Get a transaction

     Returns one deposit. The vendor advises to read it again here when a notification tells of a final
    state.

    Pages disagree. In use here: POST /api/v1/customer-purse/transaction/get. Elsewhere: GET purse-
    transaction.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Args:
        body (ByTransactionIdRequest): The envelope around the id of a transaction.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Transaction]
    """

    kwargs = _get_kwargs(body=body)

    response = client.get_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


def sync(*, client: Client, body: ByTransactionIdRequest) -> ErrorResponse | Transaction | None:
    """Get a transaction

     Returns one deposit. The vendor advises to read it again here when a notification tells of a final
    state.

    Pages disagree. In use here: POST /api/v1/customer-purse/transaction/get. Elsewhere: GET purse-
    transaction.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Args:
        body (ByTransactionIdRequest): The envelope around the id of a transaction.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Transaction
    """

    return sync_detailed(client=client, body=body).parsed


async def asyncio_detailed(
    *, client: Client, body: ByTransactionIdRequest
) -> Response[ErrorResponse | Transaction]:
    """Get a transaction

     Returns one deposit. The vendor advises to read it again here when a notification tells of a final
    state.

    Pages disagree. In use here: POST /api/v1/customer-purse/transaction/get. Elsewhere: GET purse-
    transaction.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Args:
        body (ByTransactionIdRequest): The envelope around the id of a transaction.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Transaction]
    """

    kwargs = _get_kwargs(body=body)

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *, client: Client, body: ByTransactionIdRequest
) -> ErrorResponse | Transaction | None:
    """Get a transaction

     Returns one deposit. The vendor advises to read it again here when a notification tells of a final
    state.

    Pages disagree. In use here: POST /api/v1/customer-purse/transaction/get. Elsewhere: GET purse-
    transaction.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Args:
        body (ByTransactionIdRequest): The envelope around the id of a transaction.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Transaction
    """

    return (await asyncio_detailed(client=client, body=body)).parsed
