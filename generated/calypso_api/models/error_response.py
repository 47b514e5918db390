from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import as_text
from .._records import Reader, read_object

_NAMES: Final = ("errorCode", "message", "traceId")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(())
_PROMISED: Final[frozenset[str]] = frozenset(("errorCode", "message"))


@define
class ErrorResponse(Model):
    """Why a request was not carried out.

    The required list was not visible.

    Source: docs.calypso.finance/get-started-with-calypso-api/errors,
    docs.calypso.money/get-started-with-calypso-api/errors (documented, 2026).

    Attributes:
        error_code: Three digits: 000 internal error, 001 bad input, 002 unknown key, 003 wrong
            signature, 004 not found, 006 wrong state of an invoice, 009 fee out of range, 010
            wallet of another company, 011 timestamp out of range, 012 wrong state of a payout, 014
            hot wallet currency, 015 currency of another chain, 016 payout rejected because its
            fields are wrong or its idempotency key exists already, 028 invoice payment rejected.
            The end of the newest list was not visible. The list before it has a nonce under 011, in
            the place of the timestamp, and 016 twice, with another meaning each time. Pages
            disagree. In use here: 004 for any object. Elsewhere: 004 for a wallet's address that
            does not exist; 016 for an idempotency key that exists already; absent are 009, 010 and
            028.
        message: The error in words; for code 001 it names the field and the reason.
        trace_id: Id to give to the vendor's support. An integrator's code reads it from every
            error. Pages disagree. In use here: traceId, optional. Elsewhere: absent from the
            example.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    error_code: str | None = None
    message: str | None = None
    trace_id: str | None = None
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object.
        """
        return read_object(cls, src_dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {**additional(self)}
        if self.error_code is not None:
            field_dict["errorCode"] = self.error_code
        if self.message is not None:
            field_dict["message"] = self.message
        if self.trace_id is not None:
            field_dict["traceId"] = self.trace_id
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[ErrorResponse], /) -> None:
    for raw_error_code, raw_message, raw_trace_id in rows:
        found.append(
            ErrorResponse(
                raw_error_code
                if type(raw_error_code) is str or raw_error_code is None
                else as_text(raw_error_code, "ErrorResponse.errorCode"),
                raw_message
                if type(raw_message) is str or raw_message is None
                else as_text(raw_message, "ErrorResponse.message"),
                raw_trace_id
                if type(raw_trace_id) is str or raw_trace_id is None
                else as_text(raw_trace_id, "ErrorResponse.traceId"),
            )
        )


ErrorResponse._reader = Reader(ErrorResponse, _make, _NAMES, _ESSENTIAL)
