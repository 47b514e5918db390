"""Suggesting the currency that a rejected call may have meant.

A guess must not lead to another asset or another chain, for coins sent over the wrong one are lost.
So only spellings of the same currency are suggested: other case or separators, two swapped
letters, and other names of the same chain.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from calypso_api.models import Currency

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from calypso_api._engine import Payload

_LONGEST = 20
# Common names of the chains by the vendor's suffixes; Ethereum has no suffix.
_CHAINS = {
    "TRX": ("TRX", "TRC", "TRC20", "TRON"),
    "BSC": ("BSC", "BEP20"),
    "MATIC": ("MATIC", "POL", "POLYGON"),
    "": ("ERC20", "ETHEREUM"),
}


def suggestion(payload: Payload | None) -> str:
    """Return a hint on the first currency that is not known; empty where all are known.

    Args:
        payload: What was sent.
    """
    for code in _codes(payload.to_dict() if payload else {}):
        if not Currency(code).is_known:
            found = list(_same(code))
            hint = f"did you mean {found[0]}?" if len(found) == 1 else "see models.Currency."
            return f"{code[:_LONGEST]!a} is not a known currency: {hint}"
    return ""


def _codes(members: Mapping[str, Any]) -> Iterator[str]:
    for name, value in members.items():
        if isinstance(value, str) and "currency" in name.lower():
            yield str.__str__(value)


def _same(code: str) -> Iterator[str]:
    """Go through the known codes that are spellings of this one."""
    parts = [part for part in re.split("[^A-Z0-9]+", code[:_LONGEST].upper()) if part]
    for known in Currency:
        coin, _, chain = known.value.partition("_")
        chains = _CHAINS.get(chain, (chain,))
        ways = [[coin, each] for each in chains] if chain else [[coin]]
        if not chain and known.kind == "token":
            ways += [[coin, each] for each in _CHAINS[""]]
        if any(_is_written_so(parts, way) for way in ways):
            yield known.value


def _is_written_so(parts: list[str], way: list[str]) -> bool:
    # Without a separator, too.
    return "".join(parts) == "".join(way) or (
        len(parts) == len(way) and all(_is_swapped(*pair) for pair in zip(parts, way, strict=True))
    )


def _is_swapped(one: str, other: str) -> bool:
    swaps = (one[:i] + one[i + 1] + one[i] + one[i + 2 :] for i in range(len(one) - 1))
    return other in (one, *swaps)
