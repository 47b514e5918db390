from __future__ import annotations

from .._open_enum import OpenEnum


class ComplianceState(OpenEnum):
    """UNCHECKED: not looked at yet. IN_PROGRESS: being checked. DECLINE: failed. CHECKED: passed.

    These are the four that the guides name. The vendor's own list was not visible, so more may
    exist.

    Source: docs.calypso.finance/acquiring/customer-wallets/transaction-processing,
    docs.calypso.money/acquiring/customers/how-to-process-customer-transactions (documented, 2026).
    """

    UNCHECKED = "UNCHECKED"
    IN_PROGRESS = "IN_PROGRESS"
    DECLINE = "DECLINE"
    CHECKED = "CHECKED"
