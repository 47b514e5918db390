"""What a check raises when the target breaks the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.contract.session import Exchange


class Violation(AssertionError):  # noqa: N818 - what it says is no error of ours
    """The target did what the contract does not allow.

    Args:
        field: What is wrong: a path into the answer's body such as ``result[2].amount``, or
            ``status``, ``errorCode``, ``content-type``.
        text: What was expected and what came, without secrets.
        exchange: The request to repeat, and the answer that is wrong.

    Attributes:
        steps: All that was said since the target's start, where the request alone shows nothing.
    """

    steps: Sequence[Exchange] = ()

    def __init__(self, field: str, text: str, exchange: Exchange) -> None:
        super().__init__(f"{exchange.label}: {field}: {text}")
        self.field = field
        self.text = text
        self.exchange = exchange
