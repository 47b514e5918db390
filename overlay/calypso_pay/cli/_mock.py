"""`calypso mock`: serve the mock, print how to call it, and log its requests."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from calypso_mock import Mock, MockError, run

if TYPE_CHECKING:
    from calypso_mock import Exchange


def serve(host: str, port: int, *, allow_remote: bool, **options: Any) -> None:  # noqa: ANN401 - the mock's own
    """Serve a mock until Ctrl-C or SIGTERM."""
    mock = Mock(**options)
    try:
        run(
            mock,
            host,
            port,
            allow_remote=allow_remote,
            on_ready=lambda url: _print_settings(mock, url),
            on_request=_log_request,
        )
    except MockError as error:
        message = str(error).replace("pass allow_remote=True", "add --allow-remote")
        raise click.ClickException(f"{message} (see --host and --port)") from None
    _echo("\nStopped.")


def _print_settings(mock: Mock, url: str) -> None:
    settings = mock.settings(base_url=url)
    _echo(f"Mock of the Calypso Pay API on {url}", bold=True)
    _echo("\nPaste this where your program runs; it is all that Calypso() needs:\n")
    for name in ("base_url", "key", "secret", "account"):
        _echo(f"  export CALYPSO_{name.upper()}={settings[name]}")
    _echo("\nRequests are shown below. Press Ctrl-C to stop.\n")


def _log_request(exchange: Exchange) -> None:
    _echo(str(exchange), fg="red" if exchange.error_code else None)


def _echo(text: str, **style: Any) -> None:  # noqa: ANN401 - click's own
    try:
        click.secho(text, **style)
    except BrokenPipeError:
        # The reader of the output has ended, as `head` does. The mock goes on without output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
