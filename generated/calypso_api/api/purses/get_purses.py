from typing import Any

import httpx

from ... import errors
from ..._json import dump_json, load_json
from ..._read import as_objects
from ...client import Client
from ...models.by_customer_id_request import ByCustomerIdRequest
from ...models.error_response import ErrorResponse
from ...models.purse import Purse
from ...types import Response


def _get_kwargs(*, body: ByCustomerIdRequest) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {"method": "post", "url": "/api/v1/customer-purse/purse/get-all"}

    _kwargs["content"] = dump_json(body.to_dict())

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: Client, response: httpx.Response
) -> ErrorResponse | list[Purse] | None:
    if response.status_code == 200:
        response_200 = as_objects(load_json(response.content), "list[Purse]", Purse.from_dict)

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
) -> Response[ErrorResponse | list[Purse]]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *, client: Client, body: ByCustomerIdRequest
) -> Response[ErrorResponse | list[Purse]]:
    """Get a customer's purses

     Returns every deposit address the customer has had, the expired and the declined ones too.

    Inferred, not documented. Path and summary are documented. That the request names a customer, that
    the answer is an array, and every field of its items are inferred. A copy of the page that shows
    nothing but descriptions names no object in this answer, and one in each answer beside it, which
    fits a bare array.

    Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

    Args:
        body (ByCustomerIdRequest): The envelope around the id of a customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | list[Purse]]
    """

    kwargs = _get_kwargs(body=body)

    response = client.get_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


def sync(*, client: Client, body: ByCustomerIdRequest) -> ErrorResponse | list[Purse] | None:
    """Get a customer's purses

     Returns every deposit address the customer has had, the expired and the declined ones too.

    Inferred, not documented. Path and summary are documented. That the request names a customer, that
    the answer is an array, and every field of its items are inferred. A copy of the page that shows
    nothing but descriptions names no object in this answer, and one in each answer beside it, which
    fits a bare array.

    Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

    Args:
        body (ByCustomerIdRequest): The envelope around the id of a customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | list[Purse]
    """

    return sync_detailed(client=client, body=body).parsed


async def asyncio_detailed(
    *, client: Client, body: ByCustomerIdRequest
) -> Response[ErrorResponse | list[Purse]]:
    """Get a customer's purses

     Returns every deposit address the customer has had, the expired and the declined ones too.

    Inferred, not documented. Path and summary are documented. That the request names a customer, that
    the answer is an array, and every field of its items are inferred. A copy of the page that shows
    nothing but descriptions names no object in this answer, and one in each answer beside it, which
    fits a bare array.

    Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

    Args:
        body (ByCustomerIdRequest): The envelope around the id of a customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | list[Purse]]
    """

    kwargs = _get_kwargs(body=body)

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *, client: Client, body: ByCustomerIdRequest
) -> ErrorResponse | list[Purse] | None:
    """Get a customer's purses

     Returns every deposit address the customer has had, the expired and the declined ones too.

    Inferred, not documented. Path and summary are documented. That the request names a customer, that
    the answer is an array, and every field of its items are inferred. A copy of the page that shows
    nothing but descriptions names no object in this answer, and one in each answer beside it, which
    fits a bare array.

    Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

    Args:
        body (ByCustomerIdRequest): The envelope around the id of a customer.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | list[Purse]
    """

    return (await asyncio_detailed(client=client, body=body)).parsed
