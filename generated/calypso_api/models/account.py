from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .. import models as _models
from .._model import Model, additional
from .._read import as_text
from .._records import Reader, as_rows, complete, read_object

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
        return complete(found, found.balances)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {
            **additional(self),
            "balances": [item.to_dict() for item in self.balances],
        }
        if self.account is not None:
            field_dict["account"] = self.account
        if self.owner_id is not None:
            field_dict["ownerId"] = self.owner_id
        if self.name is not None:
            field_dict["name"] = self.name
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[Account], /) -> None:
    Balance = _models.Balance
    for raw_balances, raw_account, raw_owner_id, raw_name in rows:
        found.append(
            Account(
                as_rows(raw_balances, "Account.balances", Balance),
                raw_account
                if type(raw_account) is str or raw_account is None
                else as_text(raw_account, "Account.account"),
                raw_owner_id
                if type(raw_owner_id) is str or raw_owner_id is None
                else as_text(raw_owner_id, "Account.ownerId"),
                raw_name
                if type(raw_name) is str or raw_name is None
                else as_text(raw_name, "Account.name"),
            )
        )


Account._reader = Reader(
    Account, _make, _NAMES, _ESSENTIAL, alone=True, rows=lambda: {"balances": _models.Balance}
)
