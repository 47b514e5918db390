"""What is sent and received: credentials, paths, and the bytes of the responses."""

from __future__ import annotations

TYPE_CHECKING = False  # without importing typing
if TYPE_CHECKING:
    from typing import Any

ACCOUNT = "0xf54aa3ec1f12a4eb3c8bf565078b371f3736f434"
KEY = "c529e14832b34b74972365cf7bf02430"
SECRET = "b823a6b9ea72408583cef9ec8d67fa52"  # noqa: S105 - the one of the vendor's documentation
CUSTOMER = "3fa85f64-5717-4562-b3fc-2c963f66afa6"

ACCOUNT_PATH = "/api/v1/account"
FIND_PATH = "/api/v1/customer-purse/transaction/find"

# It has more digits than a float.
EXACT = "0.123456789012345678"

# The fields of a record that the vendor documents, by their names in JSON and in Python.
FIELDS = {
    "id": "id",
    "amount": "amount",
    "addressFrom": "address_from",
    "currency": "currency",
    "transactionHash": "transaction_hash",
    "transactionState": "transaction_state",
    "complianceState": "compliance_state",
    "translationToAccountCompleted": "translation_to_account_completed",
    "createdDate": "created_date",
}

_RECORD = (
    '{"id":"%08x-8c89-4dd5-acac-777cefc249be","amount":%s,'
    '"addressFrom":"TXVB2pNgQSvQucWGFpnkWUUEjo4Bz16Src","currency":"USDT_TRX",'
    '"transactionHash":"f839fa7574674d4d9a333a972beada1e99f265fbc1d100030309b332%08x",'
    '"transactionState":"CONFIRMED","complianceState":"CHECKED",'
    '"translationToAccountCompleted":true,"createdDate":"2026-11-02T10:53:50.%03dZ"}'
)
_PAGE = '{"result":[%s],"page":%d,"size":%d,"total":%d,"totalElements":%d}'


class Target:
    """Where a contender sends its calls.

    Attributes:
        url: Base URL of the server.
        secret: The key with which requests are signed.
        bundle: File of the certificates to trust; empty over http.
        transport: For contenders on httpx: what takes the place of the network; or None.
    """

    def __init__(
        self, url: str, secret: str = SECRET, bundle: str = "", transport: object = None
    ) -> None:
        self.url = url
        self.secret = secret
        self.bundle = bundle
        self.transport: Any = transport


def account() -> bytes:
    """Return the response to the account call."""
    return (
        f'{{"account":"{ACCOUNT}","name":"Shop","ownerId":"{CUSTOMER}","balances":['
        f'{{"currency":"USDT_TRX","amount":{EXACT}}},{{"currency":"BTC","amount":0.025}},'
        '{"currency":"ETH","amount":1.5}]}'
    ).encode()


def page(number: int, size: int, total: int) -> bytes:
    """Return a page of the records that a search found.

    Args:
        number: Of the page, from 0.
        size: Records a page.
        total: Records in all.
    """
    rows = range(number * size, min((number + 1) * size, total))
    records = ",".join([_RECORD % (row, _amount(row), row, row % 1000) for row in rows])
    return (_PAGE % (records, number, len(rows), -(-total // max(size, 1)), total)).encode()


def _amount(row: int) -> str:
    return EXACT if row == 0 else f"{row}.{row * 7919 % 10**8:08d}"
