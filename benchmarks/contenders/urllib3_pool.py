"""urllib3, with a pool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import urllib3

from benchmarks.contenders.by_hand import calls, decoded, signed

if TYPE_CHECKING:
    from benchmarks.canned import Target


def sync(target: Target) -> tuple[Any, Any]:
    """Return the two calls."""
    url, secret = target.url, target.secret.encode()
    pool = urllib3.PoolManager(timeout=5, retries=False, ca_certs=target.bundle or None)

    def post(path: str, payload: dict[str, Any] | None) -> Any:
        body, headers = signed(secret, payload)
        response = pool.urlopen("POST", url + path, body=body, headers=headers)
        return decoded(response.status, response.data)

    return calls(post)
