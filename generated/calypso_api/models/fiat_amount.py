from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model
from .._read import DecodeError, as_object, leniently

_NAMES: Final = ()
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(())
_PROMISED: Final[frozenset[str]] = frozenset(())


@define
class FiatAmount(Model):
    """What an amount is worth in a fiat currency. Its fields are not documented.

    Source: docs.calypso.finance/accounts/account-webhooks,
    docs.calypso.money/accounts/account-webhooks (documented, 2026).

    Attributes:
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    additional_properties: dict[str, Any] = _field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "FiatAmount")
        odd: frozenset[str] = frozenset()
        try:
            found = cls._read(d)
        except DecodeError:
            found, odd = leniently(cls._read, d, _KNOWN, _ESSENTIAL)
        if odd or not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name in odd or name not in _KNOWN
            }
        return found

    @classmethod
    def _read(cls, d: dict[str, Any]) -> Self:
        return cls()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {**self.additional_properties}
        return field_dict
