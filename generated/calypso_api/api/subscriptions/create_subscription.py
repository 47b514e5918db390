"""The operation createSubscription as functions that need a `Client` only."""

from typing import Any

import httpx

from ... import errors
from ..._json import dump_json, load_json
from ...client import Client
from ...models.error_response import ErrorResponse
from ...models.subscription import Subscription
from ...models.subscription_request import SubscriptionRequest
from ...types import Response


def _get_kwargs(*, body: SubscriptionRequest) -> dict[str, Any]:
    return {
        "method": "post",
        "url": "/api/v1/subscription/webhook/create",
        "headers": {"Content-Type": "application/json"},
        "content": dump_json(body.to_dict()),
    }


def _parse_response(
    *, client: Client, response: httpx.Response
) -> ErrorResponse | Subscription | None:
    if response.status_code == 200:
        return Subscription.from_dict(load_json(response.content))
    if response.status_code in (400, 401, 403, 404, 429, 500):
        return ErrorResponse.from_dict(load_json(response.content))
    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def _build_response(
    *, client: Client, response: httpx.Response
) -> Response[ErrorResponse | Subscription]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *, client: Client, body: SubscriptionRequest
) -> Response[ErrorResponse | Subscription]:
    """Like `sync`, with the whole response: status, headers and bytes."""
    kwargs = _get_kwargs(body=body)
    response = client.get_httpx_client().request(**kwargs)
    return _build_response(client=client, response=response)


def sync(*, client: Client, body: SubscriptionRequest) -> ErrorResponse | Subscription | None:
    """Create a webhook subscription.

    Subscribes a URL to events. The request id is chosen by the caller and names the
    subscription from then on. At least one of the two lists of types has to name something.
    Not safe to retry: A second call can make a second subscription.
    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

    Args:
        client: Sends the request. Its `httpx.Auth` signs it.
        body: The envelope around a subscription to create or to change.

    Returns:
        The subscription, with the keys that sign its webhook deliveries. A documented error is
        returned as its object, any other status as None.

    Raises:
        DecodeError: The content is not what the API document describes.
        UnexpectedStatus: The status is not documented, and the client has
            `raise_on_unexpected_status`.
        httpx.HTTPError: No response was received; `httpx.TimeoutException` after a timeout.
    """
    return sync_detailed(client=client, body=body).parsed


async def asyncio_detailed(
    *, client: Client, body: SubscriptionRequest
) -> Response[ErrorResponse | Subscription]:
    """Like `asyncio`, with the whole response: status, headers and bytes."""
    kwargs = _get_kwargs(body=body)
    response = await client.get_async_httpx_client().request(**kwargs)
    return _build_response(client=client, response=response)


async def asyncio(
    *, client: Client, body: SubscriptionRequest
) -> ErrorResponse | Subscription | None:
    """Create a webhook subscription.

    Subscribes a URL to events. The request id is chosen by the caller and names the
    subscription from then on. At least one of the two lists of types has to name something.
    Not safe to retry: A second call can make a second subscription.
    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

    Args:
        client: Sends the request. Its `httpx.Auth` signs it.
        body: The envelope around a subscription to create or to change.

    Returns:
        The subscription, with the keys that sign its webhook deliveries. A documented error is
        returned as its object, any other status as None.

    Raises:
        DecodeError: The content is not what the API document describes.
        UnexpectedStatus: The status is not documented, and the client has
            `raise_on_unexpected_status`.
        httpx.HTTPError: No response was received; `httpx.TimeoutException` after a timeout.
    """
    return (await asyncio_detailed(client=client, body=body)).parsed
