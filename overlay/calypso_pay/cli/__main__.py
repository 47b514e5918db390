"""Let `python -m calypso_pay.cli` do what `calypso` does."""

from calypso_pay.cli import main

main()
