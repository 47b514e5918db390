"""`calypso mock`: serve the mock, and say how to call it and what it was asked."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from calypso_mock import Mock, MockError, run

if TYPE_CHECKING:
    from calypso_mock import Exchange


def serve(host: str, port: int, *, allow_remote: bool, **switches: Any) -> None:  # noqa: ANN401 - the mock's own
    """Serve a mock until it is interrupted."""
    mock = Mock(**switches)
    try:
        run(
            mock,
            host,
            port,
            allow_remote=allow_remote,
            on_ready=lambda url: _introduce(mock, url),
            on_request=_log,
        )
    except MockError as error:
        told = str(error).replace("pass allow_remote=True", "add --allow-remote")
        raise click.ClickException(f"{told} (see --host and --port)") from None
    _say("\nStopped.")


def _introduce(mock: Mock, url: str) -> None:
    settings = mock.settings(base_url=url)
    _say(f"Mock of the Calypso Pay API on {url}", bold=True)
    _say("\nPaste this where your program runs; it is all that Calypso() needs:\n")
    for name in ("base_url", "key", "secret", "account"):
        _say(f"  export CALYPSO_{name.upper()}={settings[name]}")
    _say("\nRequests are shown as they come. Ctrl-C stops.\n")


def _log(exchange: Exchange) -> None:
    _say(str(exchange), fg="red" if exchange.error_code else None)


def _say(text: str, **style: Any) -> None:  # noqa: ANN401 - click's own
    try:
        click.secho(text, **style)
    except BrokenPipeError:
        # Its reader has gone, as `head` does. The mock goes on, and says nothing from now on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
