"""What httpx and httpcore leave undone, made good from outside.

Each module here mends one thing by reaching into what is private to them, as seen in httpx 0.28.1,
httpcore 1.0.9 and h11 0.16.0. Where a private part is not found, nothing is done: everything works
without this package, but less well, as each module says. When a part is mended upstream its module
goes, together with the line in `calypso_pay._transport` that calls it.

Nothing else imports this package, and it imports nothing of ours: the core can be read without it.
"""
