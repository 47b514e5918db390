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
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {"method": "post", "url": "/api/v1/subscription/webhook/change"}

    _kwargs["content"] = dump_json(body.to_dict())

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: Client, response: httpx.Response
) -> ErrorResponse | Subscription | None:
    if response.status_code == 200:
        response_200 = Subscription.from_dict(load_json(response.content))

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
    """Change a webhook subscription

     Replaces the URL and the types of the subscription that the request id names. Its keys stay.

    Inferred, not documented. The operation is documented; its path was last seen in the documentation
    of 2021 to 2023. That the keys stay is inferred.

    Source: github.com/aidma/calypso-docs.github.io, docs.calypso.finance/api-reference/webhook-api
    (inferred, 2025-07).

    Args:
        body (SubscriptionRequest): The envelope around a subscription to create or to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Subscription]
    """

    kwargs = _get_kwargs(body=body)

    response = client.get_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


def sync(*, client: Client, body: SubscriptionRequest) -> ErrorResponse | Subscription | None:
    """Change a webhook subscription

     Replaces the URL and the types of the subscription that the request id names. Its keys stay.

    Inferred, not documented. The operation is documented; its path was last seen in the documentation
    of 2021 to 2023. That the keys stay is inferred.

    Source: github.com/aidma/calypso-docs.github.io, docs.calypso.finance/api-reference/webhook-api
    (inferred, 2025-07).

    Args:
        body (SubscriptionRequest): The envelope around a subscription to create or to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Subscription
    """

    return sync_detailed(client=client, body=body).parsed


async def asyncio_detailed(
    *, client: Client, body: SubscriptionRequest
) -> Response[ErrorResponse | Subscription]:
    """Change a webhook subscription

     Replaces the URL and the types of the subscription that the request id names. Its keys stay.

    Inferred, not documented. The operation is documented; its path was last seen in the documentation
    of 2021 to 2023. That the keys stay is inferred.

    Source: github.com/aidma/calypso-docs.github.io, docs.calypso.finance/api-reference/webhook-api
    (inferred, 2025-07).

    Args:
        body (SubscriptionRequest): The envelope around a subscription to create or to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Subscription]
    """

    kwargs = _get_kwargs(body=body)

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *, client: Client, body: SubscriptionRequest
) -> ErrorResponse | Subscription | None:
    """Change a webhook subscription

     Replaces the URL and the types of the subscription that the request id names. Its keys stay.

    Inferred, not documented. The operation is documented; its path was last seen in the documentation
    of 2021 to 2023. That the keys stay is inferred.

    Source: github.com/aidma/calypso-docs.github.io, docs.calypso.finance/api-reference/webhook-api
    (inferred, 2025-07).

    Args:
        body (SubscriptionRequest): The envelope around a subscription to create or to change.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Subscription
    """

    return (await asyncio_detailed(client=client, body=body)).parsed
