"""The secret keys of several subscriptions, which no repr or pickle shows by accident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn, Self, final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calypso_api.models import Subscription


@final
class SecretKeys(Mapping[str, str]):
    """Secret keys by public key, as `calypso_pay.webhooks.verify` takes them.

    It is immutable. Its repr shows no key, and it cannot be pickled.

    Args:
        subscriptions: The subscriptions that have the keys.
    """

    __slots__ = ("_keys",)

    def __init__(self, subscriptions: list[Subscription]) -> None:
        self._keys = {each.public_key: each.secret_key for each in subscriptions}

    def __getitem__(self, public_key: str) -> str:
        return self._keys[public_key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} subscriptions>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled: list the subscriptions instead")
