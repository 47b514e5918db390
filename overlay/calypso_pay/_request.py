"""Calls of operations that have no method here: path and payload, checked before sending."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

from calypso_api import Operation

if TYPE_CHECKING:
    from calypso_api._engine import Payload

JsonObject: TypeAlias = Mapping[str, Any]
Retry: TypeAlias = Literal["safe", "unsafe"]

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Paths that name no other host, are not cut off on their way, and mean the same to every server.
_LONGEST = 2_000
_DOTS = r"(?i)/(\.|%2e){1,2}(/|\?|$)"
_PATH = r"/(?!/)[!-\"$-\[\]-~]*"


@final
class AnyJson:
    """Returns any JSON unchanged; an empty body is None."""

    def __call__(self, data: Any) -> Any:  # noqa: ANN401 - any JSON
        return data


as_it_is = AnyJson()


@final
class _Payload:
    def __init__(self, members: JsonObject) -> None:
        self._members = members

    def to_dict(self) -> dict[str, Any]:
        return dict(self._members)


def operation(path: str, *, method: str, retry: Retry, account: bool) -> Operation[Any]:
    """Return the operation to call.

    Raises:
        TypeError: An argument has another type than its own.
        ValueError: The path is not one below the base URL, or the method or `retry` is unknown.
    """
    for name, value in {"path": path, "method": method}.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} has to be a text, not a {type(value).__name__}")
    if not isinstance(account, bool):
        raise TypeError(
            "account has to be True or False: whether the envelope names the account. For another "
            "account use with_options(account=…)"
        )
    path, method = str.__str__(path), str.__str__(method)
    if len(path) > _LONGEST or not re.fullmatch(_PATH, path) or re.search(_DOTS, path):
        raise ValueError(
            "path has to begin with one slash, as in /api/v1/invoice, and have no spaces, no "
            "fragment, and no . or .. as a part. It cannot be a whole address, where key and "
            "signature would be sent; for another server make another client."
        )
    if method.upper() not in _METHODS:
        raise ValueError(f"method has to be one of {', '.join(_METHODS)}, not {method!a}")
    if retry not in ("safe", "unsafe"):
        raise ValueError(f"retry has to be 'safe' or 'unsafe', not {retry!a}")
    # A query may hold values that do not belong in a log.
    name = f"{method.upper()} {path.partition('?')[0]}"
    return Operation(name, method.upper(), path, retry, as_it_is, account=account)


def payload(members: JsonObject | Payload | None) -> Payload | None:
    """Return what the envelope carries.

    Raises:
        TypeError: It is neither a JSON object nor a model.
    """
    if isinstance(members, Mapping):
        return _Payload(members)
    if members is None or hasattr(members, "to_dict"):
        return members
    raise TypeError(f"payload has to be a dict, not a {type(members).__name__}")
