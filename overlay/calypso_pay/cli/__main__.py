"""`python -m calypso_pay.cli` is the same as `calypso`."""

from calypso_pay.cli import main

if __name__ == "__main__":
    main()
