"""The command and its subcommands; each is implemented in a module of its own."""

from __future__ import annotations

import os

import click

from calypso_pay import __version__

# Any value counts but an empty one: see https://no-color.org.
_COLOR = False if os.environ.get("NO_COLOR") else None


@click.group(context_settings={"help_option_names": ["-h", "--help"], "color": _COLOR})
@click.version_option(__version__, prog_name="calypso")
def app() -> None:
    """Tools for the Calypso Pay API. Unofficial; not affiliated with Calypso Pay."""


@app.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8600,
    show_default=True,
    help="Port to listen on; 0 picks a free one.",
)
@click.option("--allow-remote", is_flag=True, help="Allow a --host that other machines can reach.")
@click.option("--empty", is_flag=True, help="Start without the OpenAPI document's example objects.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed for ids and keys.")
@click.option(
    "--auth-status",
    type=click.Choice(["400", "401"]),
    default="401",
    show_default=True,
    help="HTTP status for a wrong key or signature; the vendor's pages disagree.",
)
@click.option(
    "--page-base",
    type=click.Choice(["0", "1"]),
    default="0",
    show_default=True,
    help="Number of the first page; the vendor does not document it.",
)
def mock(  # noqa: PLR0913 - one argument for each option
    host: str,
    port: int,
    *,
    allow_remote: bool,
    empty: bool,
    seed: int,
    auth_status: str,
    page_base: str,
) -> None:
    """Serve a stateful mock of the API until Ctrl-C."""
    from calypso_pay.cli._mock import serve

    serve(
        host,
        port,
        allow_remote=allow_remote,
        seeded=not empty,
        seed=seed,
        auth_status=int(auth_status),
        page_base=int(page_base),
    )


@app.command()
def demo() -> None:
    """Follow a deposit from address to balance, using a mock."""
    from calypso_pay.cli._demo import run

    run()
