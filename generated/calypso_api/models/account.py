from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model
from .._read import DecodeError, as_object, as_rows, as_text, complete, leniently, missing

if TYPE_CHECKING:
    from ..models.balance import Balance

_NAMES: Final = ("balances", "account", "ownerId", "name")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(("balances",))
_PROMISED: Final[frozenset[str]] = frozenset(("account", "balances", "ownerId"))


@define
class Account(Model):
    """A merchant account.

    Source: docs.calypso.finance/api-reference/account-api,
    docs.calypso.money/api-reference/account-api (documented, 2025-11).

    Attributes:
        balances: What the account holds, one entry a currency.
        account: Id of the account.
        owner_id: Id of the company that owns the account. Pages disagree. In use here: the
            company's id. Elsewhere: the owning user's id.
        name: Name of the account.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    balances: list[Balance]
    account: str | None = None
    owner_id: str | None = None
    name: str | None = None
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
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "Account")
        odd: frozenset[str] = frozenset()
        try:
            found = cls._read(d)
        except DecodeError:
            found, odd = leniently(cls._read, d, _KNOWN, _ESSENTIAL)
        if odd or not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name in odd or name not in _KNOWN
            }
        return complete(found, found.balances)

    @classmethod
    def _read(cls, d: dict[str, Any]) -> Self:
        from ..models.balance import Balance

        get = d.get
        try:
            return cls(
                as_rows(d["balances"], "Account.balances", Balance.from_dict),
                None
                if (v := get("account")) is None
                else (v if type(v) is str else as_text(v, "Account.account")),
                None
                if (v := get("ownerId")) is None
                else (v if type(v) is str else as_text(v, "Account.ownerId")),
                None
                if (v := get("name")) is None
                else (v if type(v) is str else as_text(v, "Account.name")),
            )
        except KeyError as error:
            raise missing("Account", error) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "balances": [item.to_dict() for item in self.balances],
        }
        if self.account is not None:
            field_dict["account"] = self.account
        if self.owner_id is not None:
            field_dict["ownerId"] = self.owner_id
        if self.name is not None:
            field_dict["name"] = self.name
        return field_dict
