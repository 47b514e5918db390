"""The operation getPurses as functions that need a `Client` only."""

from typing import Any

import httpx

from ... import errors
from ..._json import dump_json, load_json
from ..._records import as_objects
from ...client import Client
from ...models.by_customer_id_request import ByCustomerIdRequest
from ...models.error_response import ErrorResponse
from ...models.purse import Purse
from ...types import Response


def _get_kwargs(*, body: ByCustomerIdRequest) -> dict[str, Any]:
    return {
        "method": "post",
        "url": "/api/v1/customer-purse/purse/get-all",
        "headers": {"Content-Type": "application/json"},
        "content": dump_json(body.to_dict()),
    }


def _parse_response(
    *, client: Client, response: httpx.Response
) -> ErrorResponse | list[Purse] | None:
    if response.status_code == 200:
        found_200: list[Purse] = as_objects(load_json(response.content), "list[Purse]", Purse)
        return found_200
    if response.status_code in (400, 401, 403, 404, 429, 500):
        return ErrorResponse.from_dict(load_json(response.content))
    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
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
    """Like `sync`, with the whole response: status, headers and bytes."""
    kwargs = _get_kwargs(body=body)
    response = client.get_httpx_client().request(**kwargs)
    return _build_response(client=client, response=response)


def sync(*, client: Client, body: ByCustomerIdRequest) -> ErrorResponse | list[Purse] | None:
    """Get a customer's purses.

    Returns every deposit address the customer has had, the expired and the declined ones too.
    Safe to retry: It only reads.
    Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

    Args:
        client: Sends the request. Its `httpx.Auth` signs it.
        body: The envelope around the id of a customer.

    Returns:
        The purses, oldest first. Inferred, not documented. A documented error is returned as its
        object, any other status as None.

    Raises:
        DecodeError: The content is not what the API document describes.
        UnexpectedStatus: The status is not documented, and the client has
            `raise_on_unexpected_status`.
        httpx.HTTPError: No response was received; `httpx.TimeoutException` after a timeout.
    """
    return sync_detailed(client=client, body=body).parsed


async def asyncio_detailed(
    *, client: Client, body: ByCustomerIdRequest
) -> Response[ErrorResponse | list[Purse]]:
    """Like `asyncio`, with the whole response: status, headers and bytes."""
    kwargs = _get_kwargs(body=body)
    response = await client.get_async_httpx_client().request(**kwargs)
    return _build_response(client=client, response=response)


async def asyncio(
    *, client: Client, body: ByCustomerIdRequest
) -> ErrorResponse | list[Purse] | None:
    """Get a customer's purses.

    Returns every deposit address the customer has had, the expired and the declined ones too.
    Safe to retry: It only reads.
    Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

    Args:
        client: Sends the request. Its `httpx.Auth` signs it.
        body: The envelope around the id of a customer.

    Returns:
        The purses, oldest first. Inferred, not documented. A documented error is returned as its
        object, any other status as None.

    Raises:
        DecodeError: The content is not what the API document describes.
        UnexpectedStatus: The status is not documented, and the client has
            `raise_on_unexpected_status`.
        httpx.HTTPError: No response was received; `httpx.TimeoutException` after a timeout.
    """
    return (await asyncio_detailed(client=client, body=body)).parsed
