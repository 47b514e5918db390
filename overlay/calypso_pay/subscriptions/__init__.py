"""Helpers for webhook subscriptions: create one, renew its keys, list those that are blocked.

Call them on a client: ``calypso.subscriptions.create(…)``, ``.rotate(…)``, ``.blocked()``,
``.secrets()``. The names here are for annotations.
"""

from __future__ import annotations

from calypso_pay.subscriptions._async import AsyncRotation, AsyncSubscriptions
from calypso_pay.subscriptions._keys import SecretKeys
from calypso_pay.subscriptions._sync import Rotation, Subscriptions

__all__ = ["AsyncRotation", "AsyncSubscriptions", "Rotation", "SecretKeys", "Subscriptions"]
