"""The operations of the tag purses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import models as _models
from .._engine import Operation
from .._records import as_objects

if TYPE_CHECKING:
    from ..models.purse import Purse


def _read_list_purse(value: Any) -> list[Purse]:
    Purse = _models.Purse
    return as_objects(value, "list[Purse]", Purse)


GET_PURSES: Final[Operation[list[Purse]]] = Operation(
    "getPurses",
    "POST",
    "/api/v1/customer-purse/purse/get-all",
    "safe",
    _read_list_purse,
    (200, 400, 401, 403, 404, 429, 500),
)
