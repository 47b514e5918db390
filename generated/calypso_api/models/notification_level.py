from __future__ import annotations

from .._open_enum import OpenEnum


class NotificationLevel(OpenEnum):
    """The severity of a webhook event.

    Source: docs.calypso.money/get-started-with-calypso-api/webhook-subscriptions/webhook-payload
    (documented, 2026).
    """

    SUCCESS = "SUCCESS"
    INFO = "INFO"
    WARNING = "WARNING"
