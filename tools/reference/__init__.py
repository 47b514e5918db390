"""The two generated pages of `docs/`: the calls as a user makes them, and where facts are from."""
