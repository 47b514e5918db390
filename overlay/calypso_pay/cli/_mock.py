"""`calypso mock`: serve the mock, and say how to call it and what it was asked."""

from __future__ import annotations

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
        raise click.ClickException(f"{error} (see --host, --port and --allow-remote)") from None
    click.echo("\nStopped.")


def _introduce(mock: Mock, url: str) -> None:
    settings = mock.settings(base_url=url)
    click.secho(f"Mock of the Calypso Pay API on {url}", bold=True)
    click.echo("\nPaste this where your program runs; it is all that Calypso() needs:\n")
    for name in ("base_url", "key", "secret", "account"):
        click.echo(f"  export CALYPSO_{name.upper()}={settings[name]}")
    click.echo("\nRequests are shown as they come. Ctrl-C stops.\n")


def _log(exchange: Exchange) -> None:
    click.secho(str(exchange), fg="red" if exchange.error_code else None)
