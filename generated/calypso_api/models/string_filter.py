from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import as_bool, as_list, as_object, as_text
from .._sent import boolean, rows, text
from ..types import UNSET, Unset

_NAMES: Final = ("equals", "notEquals", "specified", "in", "notIn", "contains", "doesNotContain")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)


@define
class StringFilter(Model):
    """Conditions on a text; what is given has to hold together.

    The members are documented by example; what each does is inferred from their names, which are
    those of a well-known filter library.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Attributes:
        equals: Is this text.
        not_equals: Is another text.
        specified: True for rows that have the field, false for those that lack it.
        in_: Is one of these texts.
        not_in: Is not one of these texts.
        contains: Has this text within it, in either case.
        does_not_contain: Does not have this text within it, in either case.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too.
    """

    equals: str | Unset = UNSET
    not_equals: str | Unset = UNSET
    specified: bool | Unset = UNSET
    in_: list[str] | Unset = UNSET
    not_in: list[str] | Unset = UNSET
    contains: str | Unset = UNSET
    does_not_contain: str | Unset = UNSET
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: A required field is absent, or a field has the wrong type.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "StringFilter")
        get = d.get
        found = cls(
            UNSET
            if (v := get("equals")) is None
            else (v if type(v) is str else as_text(v, "StringFilter.equals")),
            UNSET
            if (v := get("notEquals")) is None
            else (v if type(v) is str else as_text(v, "StringFilter.notEquals")),
            UNSET
            if (v := get("specified")) is None
            else (v if type(v) is bool else as_bool(v, "StringFilter.specified")),
            UNSET
            if (v := get("in")) is None
            else [
                item if type(item) is str else as_text(item, "StringFilter.in")
                for item in as_list(v, "StringFilter.in")
            ],
            UNSET
            if (v := get("notIn")) is None
            else [
                item if type(item) is str else as_text(item, "StringFilter.notIn")
                for item in as_list(v, "StringFilter.notIn")
            ],
            UNSET
            if (v := get("contains")) is None
            else (v if type(v) is str else as_text(v, "StringFilter.contains")),
            UNSET
            if (v := get("doesNotContain")) is None
            else (v if type(v) is str else as_text(v, "StringFilter.doesNotContain")),
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
        if self.contains is not UNSET:
            field_dict["contains"] = text(self.contains, "contains")
        if self.does_not_contain is not UNSET:
            field_dict["doesNotContain"] = text(self.does_not_contain, "does_not_contain")
        return field_dict
