"""Models, operations and resource classes of the Calypso Pay API, version 2026.11.0 of its document.

Accounts, customers, deposit addresses, transactions and webhook subscriptions of Calypso Pay.

The resource classes in `resources` are called through an engine, which signs, sends and retries.
The functions in `api` need a `Client` only. Give it an `httpx.Auth` that signs, and a timeout,
because it has no default: `Client(base_url, timeout=httpx.Timeout(30), httpx_args={"auth": ...})`.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ._engine import Operation, RawResponse
    from ._read import DecodeError, RowsError
    from .client import Client
    from .types import UNSET, Unset
else:
    from ._lazy import attach as _attach

    __getattr__, __dir__ = _attach(
        __name__,
        {
            "Client": ".client",
            "DecodeError": "._read",
            "Operation": "._engine",
            "RawResponse": "._engine",
            "RowsError": "._read",
            "UNSET": ".types",
            "Unset": ".types",
        },
    )

SERVERS: Final[tuple[str, ...]] = ("https://api.calypso.finance", "https://api.calypso.money")
"""The servers in the document; the first is the default."""

__all__ = (
    "SERVERS",
    "UNSET",
    "Client",
    "DecodeError",
    "Operation",
    "RawResponse",
    "RowsError",
    "Unset",
)
