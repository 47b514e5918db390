"""What may hold a secret is copied within the process, and never pickled."""

from __future__ import annotations

import copy
from typing import Any, NoReturn, Self, TypeVar, cast


class NotPickled:
    """Refuses to be pickled, because what it holds may be a secret.

    Leaving the secret out instead would be worse: whoever verifies signatures with an empty one
    accepts what anybody can sign.
    """

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} may hold a secret and is not pickled: take out the fields that "
            "you need, and keep secrets where you keep your own"
        )

    def __copy__(self) -> Self:
        return _twin(self, _state(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return _twin(self, copy.deepcopy(_state(self), memo))


N = TypeVar("N", bound=NotPickled)


def _state(thing: NotPickled) -> dict[str, Any]:
    # Not the class's own: this one has the same form for every class with slots.
    return cast("tuple[None, dict[str, Any]]", object.__getstate__(thing))[1]


def _twin(thing: N, state: dict[str, Any]) -> N:
    twin = object.__new__(type(thing))
    for name, value in state.items():
        setattr(twin, name, value)
    return twin
