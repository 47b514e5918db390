from typing import Any, cast

import httpx

from ... import errors
from ..._json import dump_json, load_json
from ...client import Client
from ...models.by_request_id_request import ByRequestIdRequest
from ...models.error_response import ErrorResponse
from ...types import Response


def _get_kwargs(*, body: ByRequestIdRequest) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {"method": "delete", "url": "/api/v1/subscription/webhook"}

    _kwargs["content"] = dump_json(body.to_dict())

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: Client, response: httpx.Response) -> Any | ErrorResponse | None:
    if response.status_code == 200:
        response_200 = cast(Any, None)
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


def _build_response(*, client: Client, response: httpx.Response) -> Response[Any | ErrorResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(*, client: Client, body: ByRequestIdRequest) -> Response[Any | ErrorResponse]:
    """Delete a webhook subscription

     Removes the subscription. The answer has no content. The request carries a JSON body although its
    method is DELETE.

    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

    Args:
        body (ByRequestIdRequest): The envelope around the request id of a subscription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ErrorResponse]
    """

    kwargs = _get_kwargs(body=body)

    response = client.get_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


def sync(*, client: Client, body: ByRequestIdRequest) -> Any | ErrorResponse | None:
    """Delete a webhook subscription

     Removes the subscription. The answer has no content. The request carries a JSON body although its
    method is DELETE.

    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

    Args:
        body (ByRequestIdRequest): The envelope around the request id of a subscription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ErrorResponse
    """

    return sync_detailed(client=client, body=body).parsed


async def asyncio_detailed(
    *, client: Client, body: ByRequestIdRequest
) -> Response[Any | ErrorResponse]:
    """Delete a webhook subscription

     Removes the subscription. The answer has no content. The request carries a JSON body although its
    method is DELETE.

    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

    Args:
        body (ByRequestIdRequest): The envelope around the request id of a subscription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ErrorResponse]
    """

    kwargs = _get_kwargs(body=body)

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(*, client: Client, body: ByRequestIdRequest) -> Any | ErrorResponse | None:
    """Delete a webhook subscription

     Removes the subscription. The answer has no content. The request carries a JSON body although its
    method is DELETE.

    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

    Args:
        body (ByRequestIdRequest): The envelope around the request id of a subscription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ErrorResponse
    """

    return (await asyncio_detailed(client=client, body=body)).parsed
