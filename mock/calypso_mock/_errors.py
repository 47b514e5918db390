"""Errors: those that the API responds with, and those of the mock's own functions."""

from __future__ import annotations

# Texts of the vendor's error table (documented, page "Errors"; the newest wording).
MESSAGES = {
    "000": "Internal server error",
    "001": "Bad request",
    "002": "Invalid api key",
    "003": "Wrong sign",
    "004": "Requested object is not found",
    "011": "Invalid timestamp parameter",
}


class MockError(ValueError):
    """The mock was asked for something impossible, such as a deposit to an unknown address.

    Raised by the mock's own functions only. A client of the API never sees it: there, every error
    is a response in the vendor's error shape.
    """


class NotSentError(MockError):
    """The mock may not send a delivery to its URL; the receiver is not to blame."""


class ApiError(Exception):
    """An error that becomes a response in the vendor's error shape.

    Args:
        code: The vendor's three-digit error code.
        message: The message; where absent, the error table's text.
        status: The HTTP status, where the code alone does not decide it.
    """

    def __init__(self, code: str, message: str | None = None, *, status: int | None = None) -> None:
        self.code = code
        self.message = MESSAGES[code] if message is None else message
        self.status = status
        super().__init__(f"{self.code} {self.message}")


def bad_request(reason: str, *, status: int | None = None) -> ApiError:
    """Reject a request as a whole (001)."""
    return ApiError("001", f"{MESSAGES['001']}: {reason}", status=status)


def invalid_field(field: str, reason: str) -> ApiError:
    """Reject one field (001), in the form that was seen in a real response of the vendor."""
    return ApiError("001", f"{field}=[{reason}]")


def not_found() -> ApiError:
    """Reject an object that does not exist, or not for this account (004)."""
    return ApiError("004")
