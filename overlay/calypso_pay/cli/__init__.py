"""The `calypso` command."""

import sys

from calypso_pay._version import __version__

__all__ = ["main"]


def main() -> None:
    """Run the command, or exit with what to install when click is missing."""
    if sys.argv[1:] == ["--version"]:
        # This works without click, too.
        sys.stdout.write(f"calypso, version {__version__}\n")
        return
    try:
        from calypso_pay.cli._app import app
    except ImportError as error:
        sys.exit(
            f"The calypso command needs {error.name}, which the base install does not include.\n"
            "Install it from your clone of calypso-pay: pip install '.[mock]'"
        )
    app()
