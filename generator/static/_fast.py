"""Reading of JSON with msgspec, which is faster than the standard library; the extra `fast`.

What msgspec accepts, the standard library reads as the same values. Callers leave everything that
msgspec rejects to the standard library.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from ._read import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._model import Model
    from ._records import Reader

    M = TypeVar("M", bound=Model)

REJECTED: Final = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)
"""What the readers raise for JSON that the standard library has to read."""


class _Nested:
    """A reader that is called two levels deeper.

    Calls count as levels of nesting. There must be no fewer here than in the decoder of the
    standard library, or msgspec would accept JSON that is a level deeper than that does. An object
    counts in each version of Python, a function does not.
    """

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[bytes], Any]) -> None:
        self._read = read

    def __call__(self, content: bytes) -> Any:
        return self._read(content)


def _reader(kind: Any) -> Callable[[bytes], Any]:
    return _Nested(_Nested(msgspec.json.Decoder(kind, float_hook=Decimal).decode))


_load: Final = _reader(Any)
_readers: Final[dict[type[Model], Callable[[bytes], Any]]] = {}
_rows: Final[dict[Reader[Any], type[msgspec.Struct]]] = {}


def load(content: bytes) -> Any:
    """Decode JSON as `load_json` does.

    Raises:
        One of `REJECTED`: It is not JSON, or JSON that msgspec does not accept.
    """
    return _load(content)


def read(content: bytes, model: type[M]) -> M:
    """Read JSON as a model, without a dictionary for each object.

    Raises:
        One of `REJECTED`: It is not in its usual form: there are fields that the document does not
            describe, or a field of a row is unreadable, or an essential one absent.
    """
    read_struct = _readers.get(model) or _readers.setdefault(model, _reader(_struct_of(model)))
    values = msgspec.structs.astuple(read_struct(content))
    found: list[M] = []
    model._reader.extend(found, iter([values]))
    if not found:
        raise DecodeError
    return found[0]


def _struct_of(model: type[Model]) -> type[msgspec.Struct]:
    reader = model._reader
    lists: dict[str, Any] = {}
    for name, row in reader.rows().items():
        # Rows that hold rows themselves stay dictionaries.
        if not row._reader.alone:
            # The same class in all threads.
            struct = _rows.setdefault(row._reader, _struct(row._reader, {}))
            row._reader.struct = struct
            lists[name] = list[struct]  # type: ignore[valid-type]
    return _struct(reader, lists)


def _struct(reader: Reader[Any], lists: Mapping[str, Any]) -> type[msgspec.Struct]:
    """Return a class whose objects hold the JSON values of the fields, as they came."""
    fields: list[Any] = []
    for place, name in enumerate(reader.names):
        field = (f"value{place}", lists.get(name, Any))
        fields.append(field if name in reader.essential else (*field, None))
    return msgspec.defstruct(
        reader.model.__name__,
        fields,
        rename=dict(zip([field[0] for field in fields], reader.names, strict=True)),
        forbid_unknown_fields=True,
        gc=False,
    )
