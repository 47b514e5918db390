"""Errors, as a user's editor sees them."""

# ruff: noqa: B018 - to read an attribute is all that some mistakes do

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_type

from calypso_pay import (
    APIError,
    AuthenticationError,
    Calypso,
    CalypsoError,
    ClockSkewError,
    ConnectionFailedError,
    InvalidRequestError,
    NotFoundError,
    Outcome,
    OutcomeUnknownError,
    RateLimitError,
    RawResponse,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from calypso_pay.models import Transaction, TransactionPage


def what_errors_of_the_api_know(calypso: Calypso) -> None:
    try:
        calypso.customers.create()
    except InvalidRequestError as error:
        assert_type(error.field, str | None)
        assert_type(error.reason, str | None)
    except RateLimitError as error:
        assert_type(error.retry_after, float | None)
    except ClockSkewError as error:
        assert_type(error.offset, float | None)
    except (AuthenticationError, NotFoundError, ServerError) as error:
        assert_type(error.message, str)
    except APIError as error:
        assert_type(error.status, int)
        assert_type(error.error_code, str | None)
        assert_type(error.trace_id, str | None)


def what_other_errors_know(calypso: Calypso) -> None:
    try:
        calypso.customers.create()
    except (ConnectionFailedError, TransportError) as error:
        assert_type(error.timed_out, bool)
    except UnexpectedResponseError as error:
        assert_type(error.status, int)
        assert_type(error.partial, Any)
        assert_type(error.rows, Sequence[Any])
    except OutcomeUnknownError as error:
        assert_type(error.__cause__, BaseException | None)
    except CalypsoError as error:
        assert_type(error.outcome, Outcome)
        assert_type(error.operation, str | None)
        assert_type(error.attempts, int)
        assert_type(error.response, RawResponse[Any] | None)


def outcomes_are_complete(outcome: Outcome) -> bool:
    """A match over the four needs no last resort."""
    match outcome:
        case Outcome.NOT_SENT | Outcome.REFUSED:
            return False
        case Outcome.UNKNOWN | Outcome.DONE:
            return True


def what_could_be_read(error: UnexpectedResponseError) -> list[Transaction]:
    """Some rows could not; the caller knows what the call returns."""
    if isinstance(error.partial, TransactionPage):
        return error.partial.result
    return []


def outcomes_are_texts(error: CalypsoError) -> str:
    return error.outcome


def mistakes(error: CalypsoError, refused: APIError) -> None:
    error.status  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    error.response.status  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    refused.error_code.upper()  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    refused.retry_after  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    Outcome.SENT  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
