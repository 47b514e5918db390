from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .. import models as _models
from .._model import Model, additional
from .._read import as_int
from .._records import Reader, as_rows, complete, read_object

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
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            RowsError: Some rows of its lists are unreadable; its ``partial`` has all the others.
            DecodeError: It is not an object, or an essential field is absent or unreadable.
        """
        found = read_object(cls, src_dict)
        return complete(found, found.result)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {
            **additional(self),
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


def _make(rows: Iterable[tuple[Any, ...]], found: list[TransactionPage], /) -> None:
    Transaction = _models.Transaction
    for raw_result, raw_page, raw_size, raw_total, raw_total_elements in rows:
        found.append(
            TransactionPage(
                as_rows(raw_result, "TransactionPage.result", Transaction),
                raw_page
                if type(raw_page) is int or raw_page is None
                else as_int(raw_page, "TransactionPage.page"),
                raw_size
                if type(raw_size) is int or raw_size is None
                else as_int(raw_size, "TransactionPage.size"),
                raw_total
                if type(raw_total) is int or raw_total is None
                else as_int(raw_total, "TransactionPage.total"),
                raw_total_elements
                if type(raw_total_elements) is int or raw_total_elements is None
                else as_int(raw_total_elements, "TransactionPage.totalElements"),
            )
        )


TransactionPage._reader = Reader(
    TransactionPage,
    _make,
    _NAMES,
    _ESSENTIAL,
    alone=True,
    rows=lambda: {"result": _models.Transaction},
)
