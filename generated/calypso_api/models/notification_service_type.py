from __future__ import annotations

from .._open_enum import OpenEnum


class NotificationServiceType(OpenEnum):
    """A group of events.

    Inferred, not documented. The first three stand in the vendor's prose; CUSTOMER_PURSE was seen
    as the service of a notification. The list in the vendor's own document was not visible and is
    surely longer.

    Source: docs.calypso.finance/api-reference/webhook-api (inferred, 2025-07).
    """

    INVOICE = "INVOICE"
    PAYOUT = "PAYOUT"
    RECURRENT = "RECURRENT"
    CUSTOMER_PURSE = "CUSTOMER_PURSE"
