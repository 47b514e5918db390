"""Objects that may hold secrets: they can be copied, but not pickled."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NoReturn, Self, TypeVar, cast


class Unpicklable:
    """An object that cannot be pickled, because it may hold a secret.

    To leave the secret out instead would be worse: a verifier with an empty secret would accept
    signatures that anyone can make.
    """

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} may hold a secret and cannot be pickled: pickle the fields "
            "that you need, and keep secrets in your own secret store"
        )

    def __copy__(self) -> Self:
        return _copy_with(self, _state(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return _copy_with(self, copy.deepcopy(_state(self), memo))


class RawRows(Unpicklable, Sequence[Any]):
    """Rows as they were decoded from JSON; its repr shows none of them.

    Args:
        rows: The rows.
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Any] = ()) -> None:
        self._rows = tuple(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        return self._rows[index]

    def __repr__(self) -> str:
        return f"<RawRows, {len(self._rows)} of them>"


N = TypeVar("N", bound=Unpicklable)


def _state(original: Unpicklable) -> dict[str, Any]:
    # `object`'s, which has the same form for every class with slots.
    return cast("tuple[None, dict[str, Any]]", object.__getstate__(original))[1]


def _copy_with(original: N, state: dict[str, Any]) -> N:
    copied = object.__new__(type(original))
    for name, value in state.items():
        setattr(copied, name, value)
    return copied
