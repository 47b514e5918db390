"""The `calypso` command."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line, or say what to install when its library is missing."""
    try:
        from calypso_pay.cli._app import app
    except ImportError as error:
        sys.exit(
            f"The calypso command needs {error.name}, which the base package leaves out.\n"
            "Install it with: pip install 'calypso-pay[mock]'"
        )
    app()
