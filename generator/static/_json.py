"""JSON with exact decimals: writing and reading."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any, Final, NoReturn

from ._read import MAX_EXPONENT, DecodeError, is_bounded

# The C encoder of the standard library: no spaces, text not escaped to ASCII.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
LARGE: Final = 4096
"""Smaller bodies are not worth msgspec, which takes time to import."""

_PLAIN: Final = frozenset((str, int, bool, type(None)))


def dump_json(value: Any) -> bytes:
    """Encode a value as compact UTF-8.

    Args:
        value: Dictionaries with text keys, lists, tuples, text, integers, booleans, None and
            `decimal.Decimal`. Decimals keep every digit, trailing zeros included, and never get an
            exponent.

    Raises:
        TypeError: For a float (it has lost digits already: use `Decimal`), for a key that is not
            text, and for a value that JSON can't express.
        ValueError: For a Decimal that is not finite or whose magnitude lies beyond `MAX_EXPONENT`,
            and for text that UTF-8 can't express.
    """
    try:
        text = _write(value) if _has_decimal(value) else _encode(value)
        return text.encode()
    except TypeError as error:
        place = _misfit(value)
        flaw: Exception = TypeError(f"{place}: {error}" if place else str(error))
    except UnicodeEncodeError:
        flaw = ValueError("text with a lone surrogate can't be sent as UTF-8")
    # Raised here, because the original error carries the whole text, which may hold secrets.
    raise flaw


def load_json(
    content: bytes | str, object_pairs_hook: Callable[[list[tuple[str, Any]]], Any] | None = None
) -> Any:
    """Decode JSON; numbers with a fraction or an exponent become `decimal.Decimal`.

    Large bodies are read by msgspec if it is installed. What it rejects, the standard library
    reads or rejects, so that the result is the same without it.

    Args:
        content: The JSON.
        object_pairs_hook: Makes an object of its members; `only_once` rejects duplicates.

    Raises:
        DecodeError: The content is not JSON, which has neither NaN nor Infinity, or is nested too
            deeply. The message shows none of the content.
    """
    try:
        if type(content) is bytes and object_pairs_hook is None:
            if len(content) >= LARGE and (fast := fast_reader()) is not None:
                with suppress(*fast.REJECTED):
                    return fast.load(content)
            # As `json.loads` does, which would make a decoder for each call.
            return _decode(content.decode(json.detect_encoding(content), "surrogatepass"))
        return json.loads(
            content,
            parse_float=Decimal,
            parse_constant=_reject,
            object_pairs_hook=object_pairs_hook,
        )
    except json.JSONDecodeError as error:
        flaw = f"not JSON: {error.msg} at character {error.pos}"
    except DecodeError:
        raise
    except (ValueError, ArithmeticError, RecursionError) as error:
        flaw = f"not JSON that can be read: {type(error).__name__}"
    # Raised here, because the original error carries the whole text, which may hold secrets.
    raise DecodeError(flaw)


@lru_cache(maxsize=1)
def fast_reader() -> ModuleType | None:
    """Return `_fast`, which reads JSON with msgspec, or None if that is not installed."""
    try:
        return import_module("._fast", __package__)
    except (ImportError, AttributeError, TypeError):
        # The last two: it is older than the extra `fast` wants.
        return None


def only_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object with these members, which must have different names.

    Raises:
        DecodeError: Two have the same name; JSON readers differ in which of them they use.
    """
    found = dict(members)
    if len(found) != len(members):
        raise DecodeError("not JSON that can be read: an object has a member twice")
    return found


def _reject(constant: str) -> NoReturn:
    raise DecodeError(f"not JSON: {constant} is not a number")


_decode: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=_reject).decode


def _has_decimal(value: Any) -> bool:
    """Return whether the exact writer is needed; raise for values that can't be written exactly."""
    if type(value) in _PLAIN:
        return False
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"keys of JSON objects are text, not {type(key).__name__}")
        return _any_decimal(value.values())
    if isinstance(value, (list, tuple)):
        return _any_decimal(value)
    if isinstance(value, float):
        raise TypeError("a float has lost digits already; use decimal.Decimal")
    return isinstance(value, Decimal)


def _misfit(value: Any) -> str:
    """Return the path of the first value without an exact JSON form; empty for the whole value."""
    rows = value.items() if isinstance(value, dict) else ()
    items = [("[]", item) for item in value] if isinstance(value, (list, tuple)) else rows
    for name, item in items:
        below = _misfit(item)
        if below or not isinstance(item, (str, int, Decimal, dict, list, tuple, type(None))):
            return f"{name}.{below}".rstrip(".").replace(".[]", "[]")
    return ""


def _any_decimal(values: Any) -> bool:
    # Every value is examined: a float may follow the first Decimal.
    return any([_has_decimal(value) for value in values])


def _write(value: Any) -> str:
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, dict):
        return (
            "{" + ",".join([f"{_encode(key)}:{_write(item)}" for key, item in value.items()]) + "}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([_write(item) for item in value]) + "]"
    return _encode(value)


def decimal_text(number: Decimal) -> str:
    """Write a number with all its digits and without an exponent.

    Args:
        number: A finite number whose magnitude is within `MAX_EXPONENT`.

    Raises:
        ValueError: It is not.
    """
    if not number.is_finite():
        raise ValueError(f"{number} is not a JSON number")
    if not is_bounded(number):
        raise ValueError(f"a number outside of 10**±{MAX_EXPONENT} is not sent")
    return format(number, "f")
