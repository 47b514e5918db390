"""The operation getSubscriptions as functions that need a `Client` only."""

from typing import Any

import httpx

from ... import errors
from ..._json import dump_json, load_json
from ...client import Client
from ...models.empty_request import EmptyRequest
from ...models.error_response import ErrorResponse
from ...models.subscription_list import SubscriptionList
from ...types import Response


def _get_kwargs(*, body: EmptyRequest) -> dict[str, Any]:
    return {
        "method": "post",
        "url": "/api/v1/subscription/webhook",
        "headers": {"Content-Type": "application/json"},
        "content": dump_json(body.to_dict()),
    }


def _parse_response(
    *, client: Client, response: httpx.Response
) -> ErrorResponse | SubscriptionList | None:
    if response.status_code == 200:
        return SubscriptionList.from_dict(load_json(response.content))
    if response.status_code in (400, 401, 403, 404, 429, 500):
        return ErrorResponse.from_dict(load_json(response.content))
    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def _build_response(
    *, client: Client, response: httpx.Response
) -> Response[ErrorResponse | SubscriptionList]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *, client: Client, body: EmptyRequest
) -> Response[ErrorResponse | SubscriptionList]:
    """Like `sync`, with the whole response: status, headers and bytes."""
    kwargs = _get_kwargs(body=body)
    response = client.get_httpx_client().request(**kwargs)
    return _build_response(client=client, response=response)


def sync(*, client: Client, body: EmptyRequest) -> ErrorResponse | SubscriptionList | None:
    """List webhook subscriptions.

    Returns every webhook subscription of the account, each with its key pair.
    Safe to retry: It only reads.
    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-11).

    Args:
        client: Sends the request. Its `httpx.Auth` signs it.
        body: The envelope of a request that has no payload.

    Returns:
        The subscriptions. A documented error is returned as its object, any other status as None.

    Raises:
        DecodeError: The content is not what the API document describes.
        UnexpectedStatus: The status is not documented, and the client has
            `raise_on_unexpected_status`.
        httpx.HTTPError: No response was received; `httpx.TimeoutException` after a timeout.
    """
    return sync_detailed(client=client, body=body).parsed


async def asyncio_detailed(
    *, client: Client, body: EmptyRequest
) -> Response[ErrorResponse | SubscriptionList]:
    """Like `asyncio`, with the whole response: status, headers and bytes."""
    kwargs = _get_kwargs(body=body)
    response = await client.get_async_httpx_client().request(**kwargs)
    return _build_response(client=client, response=response)


async def asyncio(*, client: Client, body: EmptyRequest) -> ErrorResponse | SubscriptionList | None:
    """List webhook subscriptions.

    Returns every webhook subscription of the account, each with its key pair.
    Safe to retry: It only reads.
    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-11).

    Args:
        client: Sends the request. Its `httpx.Auth` signs it.
        body: The envelope of a request that has no payload.

    Returns:
        The subscriptions. A documented error is returned as its object, any other status as None.

    Raises:
        DecodeError: The content is not what the API document describes.
        UnexpectedStatus: The status is not documented, and the client has
            `raise_on_unexpected_status`.
        httpx.HTTPError: No response was received; `httpx.TimeoutException` after a timeout.
    """
    return (await asyncio_detailed(client=client, body=body)).parsed
