"""Runs the snippets of an edit in its clone: `python -m tests.edits.driver`, JSON on its input.

A snippet may use `calypso`, a client of the seeded `mock`; `models` and `webhooks`; `send`, which
signs and sends a request without the client; and what is imported below.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest

import calypso_pay
from calypso_mock import Mock, Server
from calypso_pay import Calypso, KeySign, models, webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAMES = {
    "UTC": UTC,
    "Decimal": Decimal,
    "UUID": UUID,
    "calypso_pay": calypso_pay,
    "date": date,
    "datetime": datetime,
    "json": json,
    "models": models,
    "pytest": pytest,
    "webhooks": webhooks,
}
ACCOUNT = "0x0ab6a64fadc029a75c395681f3cb39cfa46d486c"
"""The account that the document's examples use."""
ADA = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
"""A customer of it."""

Response = tuple[int, Any]


def sender(http: httpx.Client, account: str) -> Callable[..., Response]:
    """Return a function that signs and sends a request, and returns the status and the JSON."""

    def send(method: str, path: str, payload: Any = None, **options: Any) -> Response:
        """Send an envelope with a payload, another `json=`, or `content=`; `params=` is a query."""
        if not {"json", "content"} & options.keys():
            stamp = {"account": account, "timestamp": int(time.time() * 1000)}
            options["json"] = stamp | ({} if payload is None else {"payload": payload})
        response = http.request(method, path, **options)
        return response.status_code, response.json() if response.content else None

    return send


def play(snippets: Mapping[str, str], *, over_http: bool) -> None:
    """Run snippets by name against a mock of their own, in process or over HTTP."""
    with ExitStack() as stack:
        mock = Mock(seeded=True)
        if over_http:
            settings = mock.settings(base_url=stack.enter_context(Server(mock)).url)
            transport = None
        else:
            settings, transport = mock.settings(), mock.transport()
        calypso = stack.enter_context(Calypso(transport=transport, **settings))
        auth = KeySign(settings["key"], settings["secret"])
        http = stack.enter_context(
            httpx.Client(base_url=settings["base_url"], transport=transport, auth=auth)
        )
        given = {
            **NAMES,
            "ACCOUNT": ACCOUNT,
            "ADA": ADA,
            "mock": mock,
            "calypso": calypso,
            "send": sender(http, settings["account"]),
        }
        for name, text in snippets.items():
            exec(compile(text, name, "exec"), {**given, "__file__": name})  # noqa: S102 - our own table


def main() -> None:
    """Run the snippets of the input."""
    asked = json.load(sys.stdin)
    warnings.simplefilter("error")
    for over_http in (False, True) if asked["http"] else (False,):
        play(asked["snippets"], over_http=over_http)


if __name__ == "__main__":
    main()
