"""Read and write JSON without losing a digit, within bounds that honest clients keep."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring as _quoted
from operator import attrgetter
from typing import Any, Never, cast

MAX_DEPTH = 64
MAX_NUMBER_LENGTH = 128
MAX_EXPONENT = 128

# Python reads more as a number: 1_000, digits of other scripts, spaces around them.
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_SURROGATES = range(0xD800, 0xE000)


class BadJsonError(ValueError):
    """Bytes that are not acceptable JSON text; the message does not quote them."""


class FrozenObject(dict[str, Any]):
    """A JSON object without lists and objects in it that cannot be changed.

    Attributes:
        text: Its text, as ``dump`` writes it; written at most once.
    """

    __slots__ = ("text",)

    text: str

    def __getattr__(self, name: str) -> str:
        """Write the text when it is first read."""
        if name != "text":
            raise AttributeError(name)
        self.text = _object_text(self)
        return self.text

    def _reject(self, *_: object, **__: object) -> Any:  # noqa: ANN401 - of each method below
        raise TypeError("this object cannot be changed; make a dict of it")

    __setitem__ = __delitem__ = __ior__ = cast("Any", _reject)
    clear = pop = popitem = setdefault = update = cast("Any", _reject)


def load(body: bytes) -> Any:  # noqa: ANN401 - the document's schemas validate the type
    """Read JSON text: numbers with a point or an exponent become ``Decimal``, all of them bounded.

    Of duplicate keys the last one counts.

    Raises:
        BadJsonError: Not UTF-8, not JSON, NaN or Infinity, nested deeper than ``MAX_DEPTH``,
            a number too long, or text with half a surrogate pair in it.
    """
    try:
        value = _DECODER.decode(body.decode())
    except BadJsonError:
        raise
    except UnicodeDecodeError:
        raise BadJsonError("the body is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadJsonError("the body is not JSON") from None
    # Most bodies are too flat to be nested too deeply, and only an escape makes half a pair.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH or b"\\u" in body:
        _check(value, MAX_DEPTH)
    return value


def number(text: str) -> int | Decimal | None:
    """Read a text that is a number in JSON, bounded as in ``load``; None for any other."""
    if not NUMBER.fullmatch(text):
        return None
    try:
        return load(text.encode())  # type: ignore[no-any-return]
    except BadJsonError:
        return None


def dump(value: object) -> bytes:
    """Write compact JSON as UTF-8, decimals digit by digit and never with an exponent.

    Raises:
        TypeError: For a value that JSON has no exact form for, a float above all.
    """
    return _WRITERS[type(value)](value).encode()


def plain(value: object) -> Any:  # noqa: ANN401 - as for load
    """Copy the result of a YAML or JSON reader into values that ``dump`` can write exactly."""
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, date):
        return value.isoformat()
    return value


def decimal_text(number: Decimal) -> str:
    """Write a decimal digit by digit, without an exponent.

    Raises:
        TypeError: For NaN and the infinities.
    """
    if not number.is_finite():
        raise TypeError("JSON has no NaN and no Infinity")
    text = str(number)
    return format(number, "f") if "E" in text else text


def _object_text(value: Mapping[str, Any]) -> str:
    members = [f"{_quoted(name)}:{_WRITERS[type(each)](each)}" for name, each in value.items()]
    return f"{{{','.join(members)}}}"


def _list_text(value: list[Any]) -> str:
    items = [
        each.text if type(each) is FrozenObject else _WRITERS[type(each)](each) for each in value
    ]
    return f"[{','.join(items)}]"


class _Writers(dict[type, Callable[[Any], str]]):
    """The functions that write values, by type."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        """Return the function for the type that this one inherits from."""
        for known, write in self.items():
            if issubclass(kind, known):
                return write
        raise TypeError(f"JSON has no exact form for {kind.__name__}")


_WRITERS = _Writers(
    {
        str: _quoted,
        FrozenObject: attrgetter("text"),
        dict: _object_text,
        list: _list_text,
        bool: {True: "true", False: "false"}.__getitem__,
        int: int.__repr__,
        Decimal: lambda number: decimal_text(number),  # noqa: PLW0108 - tests replace that function
        type(None): lambda _: "null",
    }
)


def _integer(text: str) -> int:
    _check_length(text)
    return int(text)


def _decimal(text: str) -> Decimal:
    _check_length(text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadJsonError("a number's exponent is out of bounds") from None
    # A handful of bytes must not become megabytes once the exponent is written out.
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise BadJsonError("a number's exponent is out of bounds")
    return number


def _check_length(text: str) -> None:
    if len(text) > MAX_NUMBER_LENGTH:
        raise BadJsonError("a number is too long")


def _reject_constant(name: str) -> Never:
    raise BadJsonError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    parse_int=_integer, parse_float=_decimal, parse_constant=_reject_constant
)


def _check(value: object, depth: int) -> None:
    if isinstance(value, str):
        _check_string(value)
    elif isinstance(value, dict | list):
        if not depth:
            raise BadJsonError("the body is nested too deeply")
        for item in value:
            _check(item, depth - 1)
        if isinstance(value, dict):
            for item in value.values():
                _check(item, depth - 1)


def _check_string(text: str) -> None:
    if not text.isascii() and any(ord(character) in _SURROGATES for character in text):
        raise BadJsonError("text may not contain half a surrogate pair")
