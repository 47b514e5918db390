"""What a check raises when the target breaks the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.contract.session import Exchange


class Violation(AssertionError):  # noqa: N818 - it is not an error of ours
    """The target did what the contract does not allow.

    Args:
        field: What is wrong: a path in the response's body such as ``result[2].amount``, or
            ``status``, ``errorCode``, ``content-type``.
        text: What was expected and what was received, without secrets.
        exchange: The request to send again, and the response that is wrong.

    Attributes:
        steps: All exchanges since the target's start, if the request alone shows nothing.
    """

    steps: Sequence[Exchange] = ()

    def __init__(self, field: str, text: str, exchange: Exchange) -> None:
        super().__init__(f"{exchange.label}: {field}: {text}")
        self.field = field
        self.text = text
        self.exchange = exchange
