"""Enums that accept values which the document does not list."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Self


class OpenEnum(StrEnum):
    """A text with documented values, to which the server may add more.

    An unknown value becomes a new member whose `is_known` is false. It is not stored, so that
    hostile input can't fill the memory: compare with `==`, not with `is`.
    """

    lookup: ClassVar[Mapping[str, Any]]
    """Members by value, unknown ones made on demand: faster than calling the enum."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.lookup = _Lookup(cls)

    @property
    def is_known(self) -> bool:
        """Whether the document lists this value."""
        return self._value_ in type(self)._value2member_map_

    @classmethod
    def spellings(cls) -> Mapping[str, str]:
        """Return the other spellings that are accepted, each with its documented value."""
        return {}

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        meant = cls.spellings().get(value)
        if meant is not None:
            return cls(meant)
        member = str.__new__(cls, value)
        member._name_ = member._value_ = str(value)
        return member

    def __repr__(self) -> str:
        if self.is_known:
            return f"<{type(self).__name__}.{self._name_}: {self._value_!r}>"
        return f"<{type(self).__name__}: {self._value_!r}, unknown>"


class _Lookup(dict[str, Any]):
    def __init__(self, enum: type[OpenEnum]) -> None:
        super().__init__()
        self._enum = enum

    def __missing__(self, value: str) -> OpenEnum:
        member = self._enum(value)
        if member.is_known:
            self[value] = member
        return member
