from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._records import Reader, read_object

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

    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object.
        """
        return read_object(cls, src_dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {**additional(self)}
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[FiatAmount], /) -> None:
    for _ in rows:
        found.append(FiatAmount())


FiatAmount._reader = Reader(FiatAmount, _make, _NAMES, _ESSENTIAL)
