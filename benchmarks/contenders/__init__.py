"""The clients that are compared, one module each; it imports nothing, for cold starts measure it.

Each has `sync(target)`, `asynchronous(target)` or both, which make a client and return two
functions: `account()` and `find(rows)`. Both make a call, read every field, and return what they
read. `by_hand` has what one writes oneself around an HTTP library.
"""
