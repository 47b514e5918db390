"""A secret that can be handed around without being shown."""

from __future__ import annotations

from typing import NoReturn, final


@final
class Secret:
    """Hold a value so that no repr, log line, traceback or pickle shows it.

    Making one never fails, whatever the value is: a constructor can wrap its argument first and
    forget it, and whatever is raised afterwards finds only the wrapper among the local variables.
    """

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def reveal(self) -> object:
        """Return the value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")
