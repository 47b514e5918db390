from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define, field

from .._read import as_int, as_list, as_object, missing

if TYPE_CHECKING:
    from ..models.transaction import Transaction

_KNOWN: Final[frozenset[str]] = frozenset(("result", "page", "size", "total", "totalElements"))


@define
class TransactionPage:
    """One page of transactions.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Attributes:
        result: The rows of this page. Every example has it; that it is always there is
            inferred.
        page: Number of this page.
        size: Rows a page.
        total: How many pages match, not how many rows.
        total_elements: How many rows match.
        additional_properties: Fields that the document does not know, kept and sent again.
    """

    result: list[Transaction]
    page: int
    size: int
    total: int
    total_elements: int
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read it from a decoded JSON object.

        Args:
            src_dict: The decoded object; fields that the document does not know are kept.

        Raises:
            DecodeError: When a required field is absent, or one has another type than documented.
        """
        from ..models.transaction import Transaction

        d = src_dict if type(src_dict) is dict else as_object(src_dict, "TransactionPage")
        get = d.get
        try:
            found = cls(
                [
                    Transaction.from_dict(
                        item if type(item) is dict else as_object(item, "TransactionPage.result")
                    )
                    for item in as_list(d["result"], "TransactionPage.result")
                ],
                v if type(v := d["page"]) is int else as_int(v, "TransactionPage.page"),
                v if type(v := d["size"]) is int else as_int(v, "TransactionPage.size"),
                v if type(v := d["total"]) is int else as_int(v, "TransactionPage.total"),
                v
                if type(v := d["totalElements"]) is int
                else as_int(v, "TransactionPage.totalElements"),
            )
        except KeyError as error:
            raise missing("TransactionPage", error) from None
        if not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name not in _KNOWN
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object to send."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "result": [item.to_dict() for item in self.result],
            "page": self.page,
            "size": self.size,
            "total": self.total,
            "totalElements": self.total_elements,
        }
        return field_dict
