from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import as_bool, as_enum, as_list, as_object
from .._sent import boolean, rows, text
from ..models.transaction_state import TransactionState
from ..types import UNSET, Unset

_NAMES: Final = ("equals", "notEquals", "specified", "in", "notIn")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)


@define
class TransactionStateFilter(Model):
    """Conditions on a transaction's state; what is given has to hold together.

    The members are documented by example; what each does is inferred from their names.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Attributes:
        equals: Is this state.
        not_equals: Is another state.
        specified: True for rows that have a state, false for those that lack it.
        in_: Is one of these states.
        not_in: Is not one of these states.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too.
    """

    equals: TransactionState | str | Unset = UNSET
    not_equals: TransactionState | str | Unset = UNSET
    specified: bool | Unset = UNSET
    in_: list[TransactionState] | list[str] | Unset = UNSET
    not_in: list[TransactionState] | list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: A required field is absent, or a field has the wrong type.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "TransactionStateFilter")
        get = d.get
        found = cls(
            UNSET
            if (v := get("equals")) is None
            else (
                TransactionState.lookup[v]
                if type(v) is str
                else as_enum(v, TransactionState, "TransactionStateFilter.equals")
            ),
            UNSET
            if (v := get("notEquals")) is None
            else (
                TransactionState.lookup[v]
                if type(v) is str
                else as_enum(v, TransactionState, "TransactionStateFilter.notEquals")
            ),
            UNSET
            if (v := get("specified")) is None
            else (v if type(v) is bool else as_bool(v, "TransactionStateFilter.specified")),
            UNSET
            if (v := get("in")) is None
            else [
                TransactionState.lookup[item]
                if type(item) is str
                else as_enum(item, TransactionState, "TransactionStateFilter.in")
                for item in as_list(v, "TransactionStateFilter.in")
            ],
            UNSET
            if (v := get("notIn")) is None
            else [
                TransactionState.lookup[item]
                if type(item) is str
                else as_enum(item, TransactionState, "TransactionStateFilter.notIn")
                for item in as_list(v, "TransactionStateFilter.notIn")
            ],
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
        field_dict: dict[str, Any] = {**additional(self)}
        if self.equals is not UNSET:
            field_dict["equals"] = text(self.equals, "equals")
        if self.not_equals is not UNSET:
            field_dict["notEquals"] = text(self.not_equals, "not_equals")
        if self.specified is not UNSET:
            field_dict["specified"] = boolean(self.specified, "specified")
        if self.in_ is not UNSET:
            field_dict["in"] = [text(item, "in_[]") for item in rows(self.in_, "in_")]
        if self.not_in is not UNSET:
            field_dict["notIn"] = [text(item, "not_in[]") for item in rows(self.not_in, "not_in")]
        return field_dict
