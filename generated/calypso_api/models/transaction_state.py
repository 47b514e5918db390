from __future__ import annotations

from .._open_enum import OpenEnum


class TransactionState(OpenEnum):
    """MEM_POOL_FOUND: seen, not yet in a block; not every deposit passes through it.
    PENDING_COMPLIANCE_CHECK: being checked. DECLINED and CONFIRMED are final.

    These are the four that the guides name. The vendor's own list was not visible, so more may
    exist.

    Source: docs.calypso.finance/acquiring/customer-wallets/transaction-processing,
    docs.calypso.money/acquiring/customers/how-to-process-customer-transactions (documented, 2026).
    """

    MEM_POOL_FOUND = "MEM_POOL_FOUND"
    PENDING_COMPLIANCE_CHECK = "PENDING_COMPLIANCE_CHECK"
    DECLINED = "DECLINED"
    CONFIRMED = "CONFIRMED"
