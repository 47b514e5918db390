from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define, field

from .._read import as_list, as_object, as_text, missing
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.balance import Balance

_KNOWN: Final[frozenset[str]] = frozenset(("account", "ownerId", "balances", "name"))


@define
class Account:
    """A merchant account.

    Source: docs.calypso.finance/api-reference/account-api,
    docs.calypso.money/api-reference/account-api (documented, 2025-11).

    Attributes:
        account: Id of the account.
        owner_id: Id of the company that owns the account. Pages disagree. In use here: the
            company's id. Elsewhere: the owning user's id.
        balances: What the account holds, one entry a currency.
        name: Name of the account.
        additional_properties: Fields that the document does not know, kept and sent again.
    """

    account: str
    owner_id: str
    balances: list[Balance]
    name: str | Unset = UNSET
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read it from a decoded JSON object.

        Args:
            src_dict: The decoded object; fields that the document does not know are kept.

        Raises:
            DecodeError: When a required field is absent, or one has another type than documented.
        """
        from ..models.balance import Balance

        d = src_dict if type(src_dict) is dict else as_object(src_dict, "Account")
        get = d.get
        try:
            found = cls(
                v if type(v := d["account"]) is str else as_text(v, "Account.account"),
                v if type(v := d["ownerId"]) is str else as_text(v, "Account.ownerId"),
                [
                    Balance.from_dict(
                        item if type(item) is dict else as_object(item, "Account.balances")
                    )
                    for item in as_list(d["balances"], "Account.balances")
                ],
                UNSET
                if (v := get("name")) is None
                else (v if type(v) is str else as_text(v, "Account.name")),
            )
        except KeyError as error:
            raise missing("Account", error) from None
        if not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name not in _KNOWN
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object to send."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "account": self.account,
            "ownerId": self.owner_id,
            "balances": [item.to_dict() for item in self.balances],
        }
        if self.name is not UNSET:
            field_dict["name"] = self.name
        return field_dict
