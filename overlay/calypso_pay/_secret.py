"""A secret that can be handed around without being shown."""

from __future__ import annotations

from typing import NoReturn, final


class Uncopied:
    """Refuses to be pickled and copied, because it holds a secret or stands for one."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled or copied: make a new one")


@final
class Secret(Uncopied):
    """Hold a value so that no repr, log line, traceback or pickle shows it.

    Making one never fails, whatever the value is: a constructor can wrap its argument first and
    forget it, and whatever is raised afterwards finds only the wrapper among the local variables.
    """

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        # The text itself: that of an enum's member would be its name.
        self._value = str.__str__(value) if isinstance(value, str) else value

    @classmethod
    def of(cls, value: object) -> Secret:
        """Return the value in a wrapper; one that has it already comes back as it is."""
        return value if isinstance(value, Secret) else cls(value)

    def reveal(self) -> object:
        """Return the value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"
