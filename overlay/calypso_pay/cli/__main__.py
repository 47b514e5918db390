"""Let `python -m calypso_pay.cli` do what `calypso` does."""

from calypso_pay.cli import main

if __name__ == "__main__":
    main()
