from typing import Any

import httpx

from ... import errors
from ..._json import dump_json, load_json
from ...client import Client
from ...models.deposit_address import DepositAddress
from ...models.error_response import ErrorResponse
from ...models.get_address_request import GetAddressRequest
from ...types import Response


def _get_kwargs(*, body: GetAddressRequest) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {"method": "post", "url": "/api/v1/customer-purse/address/get"}

    _kwargs["content"] = dump_json(body.to_dict())

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: Client, response: httpx.Response
) -> DepositAddress | ErrorResponse | None:
    if response.status_code == 200:
        response_200 = DepositAddress.from_dict(load_json(response.content))

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
) -> Response[DepositAddress | ErrorResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *, client: Client, body: GetAddressRequest
) -> Response[DepositAddress | ErrorResponse]:
    """Get a deposit address

     Returns the address to which this customer deposits this currency. Currencies that share an address
    format share one address: the same one receives ETH, USDT_BSC and POL. An address that receives
    nothing for 30 days expires; one with deposits lives 12 months from the last of them.

    That a repeated call returns the same live address is inferred. An early guide named the verb GET.
    Pages disagree. In use here: 30 days without a deposit, or 12 months from the last one. Elsewhere:
    30 days without a deposit, nothing said of later.

    Source: docs.calypso.finance/docs/how-to-get-purse, docs.calypso.finance/guides/integration-guides-
    and-questions/use-customer-purse-via-api/how-to-get-a-purse,
    docs.calypso.money/acquiring/customers/how-to-get-a-deposit-address-for-a-sustomer (documented,
    2026).

    Args:
        body (GetAddressRequest): The envelope around a customer and a currency.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DepositAddress | ErrorResponse]
    """

    kwargs = _get_kwargs(body=body)

    response = client.get_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


def sync(*, client: Client, body: GetAddressRequest) -> DepositAddress | ErrorResponse | None:
    """Get a deposit address

     Returns the address to which this customer deposits this currency. Currencies that share an address
    format share one address: the same one receives ETH, USDT_BSC and POL. An address that receives
    nothing for 30 days expires; one with deposits lives 12 months from the last of them.

    That a repeated call returns the same live address is inferred. An early guide named the verb GET.
    Pages disagree. In use here: 30 days without a deposit, or 12 months from the last one. Elsewhere:
    30 days without a deposit, nothing said of later.

    Source: docs.calypso.finance/docs/how-to-get-purse, docs.calypso.finance/guides/integration-guides-
    and-questions/use-customer-purse-via-api/how-to-get-a-purse,
    docs.calypso.money/acquiring/customers/how-to-get-a-deposit-address-for-a-sustomer (documented,
    2026).

    Args:
        body (GetAddressRequest): The envelope around a customer and a currency.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DepositAddress | ErrorResponse
    """

    return sync_detailed(client=client, body=body).parsed


async def asyncio_detailed(
    *, client: Client, body: GetAddressRequest
) -> Response[DepositAddress | ErrorResponse]:
    """Get a deposit address

     Returns the address to which this customer deposits this currency. Currencies that share an address
    format share one address: the same one receives ETH, USDT_BSC and POL. An address that receives
    nothing for 30 days expires; one with deposits lives 12 months from the last of them.

    That a repeated call returns the same live address is inferred. An early guide named the verb GET.
    Pages disagree. In use here: 30 days without a deposit, or 12 months from the last one. Elsewhere:
    30 days without a deposit, nothing said of later.

    Source: docs.calypso.finance/docs/how-to-get-purse, docs.calypso.finance/guides/integration-guides-
    and-questions/use-customer-purse-via-api/how-to-get-a-purse,
    docs.calypso.money/acquiring/customers/how-to-get-a-deposit-address-for-a-sustomer (documented,
    2026).

    Args:
        body (GetAddressRequest): The envelope around a customer and a currency.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DepositAddress | ErrorResponse]
    """

    kwargs = _get_kwargs(body=body)

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *, client: Client, body: GetAddressRequest
) -> DepositAddress | ErrorResponse | None:
    """Get a deposit address

     Returns the address to which this customer deposits this currency. Currencies that share an address
    format share one address: the same one receives ETH, USDT_BSC and POL. An address that receives
    nothing for 30 days expires; one with deposits lives 12 months from the last of them.

    That a repeated call returns the same live address is inferred. An early guide named the verb GET.
    Pages disagree. In use here: 30 days without a deposit, or 12 months from the last one. Elsewhere:
    30 days without a deposit, nothing said of later.

    Source: docs.calypso.finance/docs/how-to-get-purse, docs.calypso.finance/guides/integration-guides-
    and-questions/use-customer-purse-via-api/how-to-get-a-purse,
    docs.calypso.money/acquiring/customers/how-to-get-a-deposit-address-for-a-sustomer (documented,
    2026).

    Args:
        body (GetAddressRequest): The envelope around a customer and a currency.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DepositAddress | ErrorResponse
    """

    return (await asyncio_detailed(client=client, body=body)).parsed
