from __future__ import annotations

from .._open_enum import OpenEnum


class NotificationServiceType(OpenEnum):
    """A group of events.

    Inferred, not documented. The first three are in the vendor's prose; CUSTOMER_PURSE was seen as
    the service of a webhook event. The list in the vendor's own document was not visible and is
    surely longer: events are also grouped under FIAT_DEPOSIT on one page and under TOP-UP on
    another. How these groups are spelled here is not known, so they are no members.

    Source: docs.calypso.finance/webhooks/types-of-events,
    docs.calypso.finance/reference/types-of-events,
    docs.calypso.finance/acquiring/customer-wallets/transaction-processing (inferred, 2025-10).
    """

    INVOICE = "INVOICE"
    PAYOUT = "PAYOUT"
    RECURRENT = "RECURRENT"
    CUSTOMER_PURSE = "CUSTOMER_PURSE"
