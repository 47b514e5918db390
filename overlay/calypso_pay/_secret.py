"""A secret that can be passed around without being shown."""

from __future__ import annotations

from typing import NoReturn, final


class Uncopyable:
    """Cannot be pickled, and not even copied within the process; a subclass may allow both."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled or copied: make a new one")


@final
class Secret(Uncopyable):
    """Hold a value so that no repr, log line, traceback or pickle shows it.

    Making one never fails, whatever the value is: a constructor can wrap its argument first and
    forget it. Whatever is raised after that finds only the wrapper among the local variables.
    """

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        # The text itself: that of an enum's member would be its name.
        self._value = str.__str__(value) if isinstance(value, str) else value

    @classmethod
    def of(cls, value: object) -> Secret:
        """Return the value in a wrapper; a `Secret` is returned unchanged."""
        return value if isinstance(value, Secret) else cls(value)

    def reveal(self) -> object:
        """Return the value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"
