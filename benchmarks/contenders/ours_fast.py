"""calypso-pay with the extra `fast`: msgspec can be imported."""

from benchmarks.contenders.ours import asynchronous, sync

__all__ = ["asynchronous", "sync"]
