"""The `calypso` command."""

import sys

from calypso_pay._version import __version__

__all__ = ["main"]


def main() -> None:
    """Run the command line, or say what to install when its library is missing."""
    if sys.argv[1:] == ["--version"]:
        # Known without the library, too.
        sys.stdout.write(f"calypso, version {__version__}\n")
        return
    try:
        from calypso_pay.cli._app import app
    except ImportError as error:
        sys.exit(
            f"The calypso command needs {error.name}, which the base package leaves out.\n"
            "Install it from your clone of calypso-pay: pip install '.[mock]'"
        )
    app()
