"""Name what can go wrong: refusals the API would send, and requests nobody could grant."""

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
    """Something was asked of the mock that cannot happen, such as a deposit to no known address.

    Raised by the simulation side only. A client of the API never sees it: there, every refusal
    is an answer in the vendor's error shape.
    """


class NotSentError(MockError):
    """A notification goes where this mock may not send; the receiver is not to blame."""


class ApiError(Exception):
    """A refusal on its way to becoming an answer in the vendor's error shape.

    Args:
        code: The vendor's three-digit error code.
        message: What to say; the error table's text where absent.
        status: The HTTP status, where the code alone does not decide it.
    """

    def __init__(self, code: str, message: str | None = None, *, status: int | None = None) -> None:
        self.code = code
        self.message = MESSAGES[code] if message is None else message
        self.status = status
        super().__init__(f"{self.code} {self.message}")


def bad_request(reason: str, *, status: int | None = None) -> ApiError:
    """Refuse a request as a whole (001)."""
    return ApiError("001", f"{MESSAGES['001']}: {reason}", status=status)


def invalid_field(field: str, reason: str) -> ApiError:
    """Refuse one field (001), in the form that was seen in a real answer of the vendor."""
    return ApiError("001", f"{field}=[{reason}]")


def not_found() -> ApiError:
    """Refuse an object that is not there, or not for this account (004)."""
    return ApiError("004")
