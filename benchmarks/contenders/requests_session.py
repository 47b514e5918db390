"""requests, with a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from benchmarks.contenders.by_hand import calls, decoded, signed

if TYPE_CHECKING:
    from benchmarks.canned import Target


def sync(target: Target) -> tuple[Any, Any]:
    """Return the two calls."""
    session, url, secret = requests.Session(), target.url, target.secret.encode()

    def post(path: str, payload: dict[str, Any] | None) -> Any:
        body, headers = signed(secret, payload)
        response = session.post(url + path, data=body, headers=headers, timeout=5)
        return decoded(response.status_code, response.content)

    return calls(post)
