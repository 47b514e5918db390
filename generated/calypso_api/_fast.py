"""Reading of JSON with msgspec, which is faster than the standard library; the extra `fast`.

What msgspec accepts, the standard library reads as the same values. Callers leave everything that
msgspec rejects to the standard library.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._model import Model
    from ._records import Reader

    M = TypeVar("M", bound=Model)

REFUSED: Final = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)
"""What the readers raise for JSON that the standard library has to read."""

# Calls count as levels of nesting. There must be no fewer here than in the decoder of the standard
# library, or msgspec would accept JSON that is a level deeper than that does.
_CALLS: Final = 4

_load: Final = msgspec.json.Decoder(float_hook=Decimal).decode
_decoders: Final[dict[type[Model], Callable[[bytes], Any]]] = {}


def load(content: bytes) -> Any:
    """Decode JSON as `load_json` does.

    Raises:
        One of `REFUSED`: It is not JSON, or JSON that msgspec does not accept.
    """
    return _call(_load, content, _CALLS)


def read(content: bytes, model: type[M]) -> M:
    """Read JSON as a model, without a dictionary for each object.

    Raises:
        One of `REFUSED`: It is not in its usual form: there are fields that the document does not
            describe, or a field of a row is unreadable, or an essential one absent.
    """
    decode = _decoders.get(model) or _decoders.setdefault(model, _decoder(model))
    values = msgspec.structs.astuple(_call(decode, content, _CALLS))
    found: list[M] = []
    model._reader.extend(found, iter([values]))
    return found[0]


def _decoder(model: type[Model]) -> Callable[[bytes], Any]:
    reader = model._reader
    lists: dict[str, Any] = {}
    for name, row in reader.rows().items():
        # Rows that hold rows themselves stay dictionaries.
        if not row._reader.alone:
            row._reader.struct = row._reader.struct or _struct(row._reader, {})
            lists[name] = list[row._reader.struct]  # type: ignore[name-defined]
    return msgspec.json.Decoder(_struct(reader, lists), float_hook=Decimal).decode


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


def _call(decode: Any, content: bytes, calls: int) -> Any:
    return _call(decode, content, calls - 1) if calls else decode(content)
