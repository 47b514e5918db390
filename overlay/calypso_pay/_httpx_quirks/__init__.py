"""Workarounds for defects and costs of httpx and httpcore, from outside.

Each module here works around one of them through private parts of them, as found in httpx 0.28.1,
httpcore 1.0.9 and h11 0.16.0. Where a private part is not found, nothing is done: everything works
without this package, but less well, as each module explains. When a defect is fixed upstream its
module goes, together with the line in `calypso_pay._transport` that calls it.

Only the transport imports this package, and it imports nothing else of ours: the core can be read
without it.
"""
