from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model
from .._read import DecodeError, as_int, as_object, as_rows, complete, leniently, missing

if TYPE_CHECKING:
    from ..models.transaction import Transaction

_NAMES: Final = ("result", "page", "size", "total", "totalElements")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(("result",))
_PROMISED: Final[frozenset[str]] = frozenset(("result", "page", "size", "total", "totalElements"))


@define
class TransactionPage(Model):
    """One page of transactions.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Attributes:
        result: The rows of this page. Every example has it; that it is always there is
            inferred.
        page: Number of this page.
        size: Rows a page.
        total: How many pages match, not how many rows.
        total_elements: How many rows match.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    result: list[Transaction]
    page: int | None = None
    size: int | None = None
    total: int | None = None
    total_elements: int | None = None
    additional_properties: dict[str, Any] = _field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            RowsError: Some rows of its lists are unreadable; its ``partial`` has all the others.
            DecodeError: It is not an object, or an essential field is absent or unreadable.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "TransactionPage")
        odd: frozenset[str] = frozenset()
        try:
            found = cls._read(d)
        except DecodeError:
            found, odd = leniently(cls._read, d, _KNOWN, _ESSENTIAL)
        if odd or not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name in odd or name not in _KNOWN
            }
        return complete(found, found.result)

    @classmethod
    def _read(cls, d: dict[str, Any]) -> Self:
        from ..models.transaction import Transaction

        get = d.get
        try:
            return cls(
                as_rows(d["result"], "TransactionPage.result", Transaction.from_dict),
                None
                if (v := get("page")) is None
                else (v if type(v) is int else as_int(v, "TransactionPage.page")),
                None
                if (v := get("size")) is None
                else (v if type(v) is int else as_int(v, "TransactionPage.size")),
                None
                if (v := get("total")) is None
                else (v if type(v) is int else as_int(v, "TransactionPage.total")),
                None
                if (v := get("totalElements")) is None
                else (v if type(v) is int else as_int(v, "TransactionPage.totalElements")),
            )
        except KeyError as error:
            raise missing("TransactionPage", error) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "result": [item.to_dict() for item in self.result],
        }
        if self.page is not None:
            field_dict["page"] = self.page
        if self.size is not None:
            field_dict["size"] = self.size
        if self.total is not None:
            field_dict["total"] = self.total
        if self.total_elements is not None:
            field_dict["totalElements"] = self.total_elements
        return field_dict
