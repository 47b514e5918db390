from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .. import models as _models
from .._model import Model, additional
from .._read import as_enum, as_int, as_object, as_text
from .._sent import condition, identifier, integer, text
from ..models.sort_direction import SortDirection
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from uuid import UUID

    from ..models.string_filter import StringFilter
    from ..models.transaction_state_filter import TransactionStateFilter

_NAMES: Final = (
    "customerId",
    "currencyFilter",
    "transactionStateFilter",
    "pageNumber",
    "pageSize",
    "sort",
    "properties",
)
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)


@define
class FindTransactionsPayload(Model):
    """Filters, order and page. A filter left out lets everything through.

    Bounds of the page numbers and the comma between field names are inferred.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Attributes:
        customer_id: Only deposits of this customer.
        currency_filter: Only deposits whose currency passes this filter.
        transaction_state_filter: Only deposits whose state passes this filter.
        page_number: Number of the page. Whether the first is 0 or 1 is not known.
        page_size: Rows a page.
        sort: Direction of the order.
        properties: Name of the field to order by; several are separated by commas.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too.
    """

    customer_id: str | UUID | Unset = UNSET
    currency_filter: StringFilter | str | Sequence[str] | Unset = UNSET
    transaction_state_filter: TransactionStateFilter | str | Sequence[str] | Unset = UNSET
    page_number: int | Unset = UNSET
    page_size: int | Unset = UNSET
    sort: SortDirection | str | Unset = UNSET
    properties: str | Unset = UNSET
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: A required field is absent, or a field has the wrong type.
        """
        StringFilter = _models.StringFilter
        TransactionStateFilter = _models.TransactionStateFilter
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "FindTransactionsPayload")
        get = d.get
        found = cls(
            UNSET
            if (v := get("customerId")) is None
            else (v if type(v) is str else as_text(v, "FindTransactionsPayload.customerId")),
            UNSET
            if (v := get("currencyFilter")) is None
            else StringFilter.from_dict(
                v if type(v) is dict else as_object(v, "FindTransactionsPayload.currencyFilter")
            ),
            UNSET
            if (v := get("transactionStateFilter")) is None
            else TransactionStateFilter.from_dict(
                v
                if type(v) is dict
                else as_object(v, "FindTransactionsPayload.transactionStateFilter")
            ),
            UNSET
            if (v := get("pageNumber")) is None
            else (v if type(v) is int else as_int(v, "FindTransactionsPayload.pageNumber")),
            UNSET
            if (v := get("pageSize")) is None
            else (v if type(v) is int else as_int(v, "FindTransactionsPayload.pageSize")),
            UNSET
            if (v := get("sort")) is None
            else (
                SortDirection.lookup[v]
                if type(v) is str
                else as_enum(v, SortDirection, "FindTransactionsPayload.sort")
            ),
            UNSET
            if (v := get("properties")) is None
            else (v if type(v) is str else as_text(v, "FindTransactionsPayload.properties")),
        )
        if not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name not in _KNOWN
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text.

        Raises:
            TypeError: A field has the wrong type.
            ValueError: A required field, an id or a filter is empty.
        """
        StringFilter = _models.StringFilter
        TransactionStateFilter = _models.TransactionStateFilter
        field_dict: dict[str, Any] = {**additional(self)}
        if self.customer_id is not UNSET:
            field_dict["customerId"] = identifier(self.customer_id, "customer_id")
        if self.currency_filter is not UNSET:
            field_dict["currencyFilter"] = condition(
                self.currency_filter, StringFilter, "currency_filter"
            )
        if self.transaction_state_filter is not UNSET:
            field_dict["transactionStateFilter"] = condition(
                self.transaction_state_filter, TransactionStateFilter, "transaction_state_filter"
            )
        if self.page_number is not UNSET:
            field_dict["pageNumber"] = integer(self.page_number, "page_number")
        if self.page_size is not UNSET:
            field_dict["pageSize"] = integer(self.page_size, "page_size")
        if self.sort is not UNSET:
            field_dict["sort"] = text(self.sort, "sort")
        if self.properties is not UNSET:
            field_dict["properties"] = text(self.properties, "properties")
        return field_dict
