"""Texts that errors add to the vendor's own message: the likely cause, and what to do next."""

from __future__ import annotations

_BY_CODE = {
    "000": "The provider failed; its support can follow the trace id.",
    "001": "Correct the input: the same call would be rejected again.",
    "002": "The server does not know this key: check CALYPSO_KEY, that key and secret are not "
    "swapped, and that base_url is the host that issued it.",
    "003": "The signature does not match the body. Likely causes: the secret belongs to another "
    "key, key and secret are swapped, a character is missing or added, or a proxy changed the body "
    "on its way.",
    "004": "There is no such object in this account, or the key has no access to the account. "
    "Objects of other accounts are not found either.",
    "011": "The server's clock and this machine's differ by more than three minutes.",
}
_BY_STATUS = {
    401: "Check CALYPSO_KEY and CALYPSO_SECRET.",
    403: "The key lacks a permission, or something in front of the API rejected the request.",
    404: "If the path does not exist there, check base_url.",
    429: "Call less often.",
}
_HOW_TO_FIND_OUT = {
    "createCustomer": "The API cannot look up customers. Calling again creates at worst an unused "
    "customer, and moves no money.",
    "createSubscription": "Look for your request id in subscriptions.list() before you call again.",
}


_NOT_FOUND = 404
_TOO_MANY_REQUESTS = 429
_REDIRECTS = range(300, 400)
_SERVER_ERRORS = range(500, 1000)


def rejection(status: int, code: str | None, message: str, trace_id: object) -> str:
    """Return the text of an error that the server returned."""
    trace = f", trace id {trace_id}" if trace_id else ""
    text = f"{code} {message} (status {status}{trace})" if code else f"status {status}{trace}"
    return f"{text}. {_for_rejection(status, code)}".rstrip()


def _for_rejection(status: int, code: str | None) -> str:
    if status == _TOO_MANY_REQUESTS or code not in _BY_CODE:
        return for_status(status)
    if status == _NOT_FOUND:
        return f"{_BY_CODE[code]} {for_status(status)}"
    return _BY_CODE[code]


def for_status(status: int) -> str:
    """Return the advice for a status; empty when there is none."""
    if status in _SERVER_ERRORS:
        return "The server, or something in front of it, failed."
    if status in _REDIRECTS:
        return (
            "Redirects are never followed, because they would carry the signature elsewhere: "
            "set base_url to the final address."
        )
    return _BY_STATUS.get(status, "")


def unknown_outcome(operation: str) -> str:
    """Return how to find out whether an operation that must not be retried was carried out."""
    advice = _how_to_find_out(operation)
    return f"it may or may not have been carried out, and is not retried. {advice}"


def interrupted(operation: str, *, sent: bool, is_safe: bool) -> str:
    """Return what may have happened in a call that the caller's own exception interrupted."""
    if not sent:
        return f"calypso_pay: {operation} was interrupted, and nothing was done."
    after = "It is safe to call again." if is_safe else _how_to_find_out(operation)
    return f"calypso_pay: {operation} was interrupted, and may have been carried out. {after}"


def _how_to_find_out(operation: str) -> str:
    return _HOW_TO_FIND_OUT.get(operation, "Find out what happened before you call again.")


def clock_skew(offset: float | None) -> str:
    """Return how far the clocks of the two machines differ."""
    if offset is None:
        return (
            "The response had no Date header to measure the difference with: set this machine's "
            "clock."
        )
    side = "behind" if offset > 0 else "ahead of"
    return f"This machine's clock is {abs(offset):.0f} s {side} the server's; set it right."
