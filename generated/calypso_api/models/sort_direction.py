from __future__ import annotations

from .._open_enum import OpenEnum


class SortDirection(OpenEnum):
    """ASC: smallest or oldest first. DESC: the other way round.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).
    """

    ASC = "ASC"
    DESC = "DESC"
