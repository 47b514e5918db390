from __future__ import annotations

from collections.abc import Mapping

from .._open_enum import OpenEnum


class PurseStatus(OpenEnum):
    """PENDING_PAYMENT takes deposits. ARCHIVED does so no longer for this customer. DECLINED is
    blocked because illegal funds came in.

    Pages disagree. In use here: ARCHIVED. Elsewhere: ARCHIEVED.

    Source: docs.calypso.money/acquiring/customers/how-to-get-a-deposit-address-for-a-sustomer,
    docs.calypso.finance/acquiring/customers/how-to-get-a-deposit-address-for-a-sustomer
    (documented, 2026).
    """

    PENDING_PAYMENT = "PENDING_PAYMENT"
    ARCHIVED = "ARCHIVED"
    DECLINED = "DECLINED"

    @classmethod
    def spellings(cls) -> Mapping[str, str]:
        """Return the other spellings that are accepted, each with its documented value."""
        return {"ARCHIEVED": "ARCHIVED"}
