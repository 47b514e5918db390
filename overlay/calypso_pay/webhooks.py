"""Notifications: see that one is genuine, and read it as an event.

    event = unwrap(body, headers, secret)

No moment is signed, and a notification may be repeated for days, so none is too old to be accepted.
What protects from repetition is to remember `event.request_id` and `event.id`.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import calypso_api.events as _events
from calypso_api import DecodeError
from calypso_api.events import *  # noqa: F403 # pyright: ignore[reportWildcardImportFromLibrary]
from calypso_pay._errors import ConfigurationError, Reason, WebhookVerificationError
from calypso_pay._secret import Secret
from calypso_pay._signing import Signer

__all__ = ["HeadersLike", "Reason", "SecretLike", "Secrets", "WebhookVerificationError"]
__all__ += ["sign", "unwrap", "verify"]
__all__ += _events.__all__

HeadersLike: TypeAlias = Mapping[Any, Any] | Iterable[Any]
"""The headers as a framework gives them: a mapping, or pairs of a name and a value.

Names and values are text or bytes. Names are found whatever their case, and also as WSGI spells
them (``HTTP_SIGN``). A value of None is an absent one.
"""

Secrets: TypeAlias = str | bytes | Sequence[str | bytes]
"""The secret key of a subscription; or several, any of which may have been used."""

SecretLike: TypeAlias = Secrets | Mapping[str, Secrets] | Callable[[str | None], Secrets | None]
"""Secrets; or a look-up of them: a mapping by the public key, or a function of it.

The key is what the header ``Key`` says; the function is given None when there is none, and returns
None for a key that it doesn't know.
"""


def verify(body: bytes | str, headers: HeadersLike, secret: SecretLike) -> None:
    """See that a body was signed with the secret of a subscription.

    The header ``Sign`` is the hex of HMAC-SHA512 over the very bytes. Source: documented
    (sign-check page). It is read in capital letters as well.

    Args:
        body: The body as it came, before anything decoded it; text is taken as UTF-8.
        headers: The headers of the request.
        secret: What to verify with. Unless it is a look-up, no ``Key`` header is needed.

    Raises:
        WebhookVerificationError: It was not, whatever it is that came instead.
        ConfigurationError: There is no secret, or an empty one, or one that is neither text nor
            bytes. What a look-up raises is passed on, too.
    """
    held = Secret(secret)
    # So that no traceback finds the secret among the local variables.
    del secret
    _verified(body, headers, held)


def unwrap(body: bytes | str, headers: HeadersLike, secret: SecretLike) -> Event:  # noqa: F405
    """See that a notification was signed with the secret of a subscription, and read it.

    Args:
        body: The body as it came, before anything decoded it; text is taken as UTF-8.
        headers: The headers of the request.
        secret: What to verify with. Unless it is a look-up, no ``Key`` header is needed.

    Returns:
        The event; an `UnknownEvent` when its type, or the shape of its data, is not documented.

    Raises:
        WebhookVerificationError: It was not signed so, or it is no notification that can be read.
        ConfigurationError: There is no secret, or an empty one, or one that is neither text nor
            bytes. What a look-up raises is passed on, too.
    """
    held = Secret(secret)
    del secret
    content = _verified(body, headers, held)
    try:
        return _events.read_event(content)
    except DecodeError as error:
        raise _refusal(Reason.MALFORMED_BODY, f"rightly signed, but {error}") from None


def sign(body: bytes | str, secret: str | bytes) -> str:
    """Return the ``Sign`` header of a body, in lower-case hex, for tests of your own.

    Args:
        body: The body; text is taken as UTF-8.
        secret: The secret key of the subscription.

    Raises:
        ConfigurationError: The secret is empty, or neither text nor bytes.
        WebhookVerificationError: The body is neither bytes nor text that UTF-8 can express.
    """
    held = Secret(secret)
    del secret
    return _signers(held)[0].sign(_content(body))


def _verified(body: object, headers: HeadersLike, secret: Secret) -> bytes:
    signers = _signers(secret, headers)
    content, given = _content(body), _header(headers, "sign")
    if given is None:
        raise _refusal(Reason.MISSING_SIGNATURE, "no Sign header; pass all headers as they came")
    if not re.fullmatch("[0-9a-fA-F]{128}", given):
        raise _refusal(Reason.MALFORMED_SIGNATURE, "the Sign header is not 128 hex digits")
    # All are compared: the time that it takes tells nobody which of them it was.
    if True not in [hmac.compare_digest(each.sign(content), given.lower()) for each in signers]:
        advice = "pass the bytes as they came, and its own secretKey, no space or line end added"
        raise _refusal(Reason.NO_MATCH, f"not signed with this secret; {advice}")
    return content


def _signers(secret: Secret, headers: HeadersLike = ()) -> list[Signer]:
    # What holds secrets is revealed in passing only: a traceback would show a variable.
    reveal: Callable[[], Any] = secret.reveal
    if callable(reveal()) or isinstance(reveal(), Mapping):
        reveal = Secret(getattr(reveal(), "get", reveal())(_header(headers, "key"))).reveal
        if not reveal():
            raise _refusal(Reason.UNKNOWN_KEY, "there is no secret for its Key header; add it")
    several = isinstance(reveal(), Sequence) and not isinstance(reveal(), str | bytes)
    secrets = list(map(Secret, reveal() if several else [reveal()]))
    if not secrets or not all(isinstance(s.reveal(), str | bytes) and s.reveal() for s in secrets):
        raise ConfigurationError("secret has to be text or bytes, and not empty.")
    return list(map(Signer, secrets))


def _content(body: Any) -> bytes:  # noqa: ANN401 - whatever a framework has
    try:
        return body.encode() if isinstance(body, str) else bytes(memoryview(body))
    except (TypeError, ValueError):
        raise _refusal(Reason.MALFORMED_BODY, "the body is not bytes; pass it as it came") from None


def _header(headers: Any, name: str) -> str | None:  # noqa: ANN401 - whatever a framework has
    try:
        pairs = headers.items() if hasattr(headers, "items") else headers
        found = [v for k, v in pairs if _text(k).lower() in (name, f"http_{name}")]
    except Exception:  # noqa: BLE001 - whatever the object of a framework or of a stranger raises
        found = []
    if len(found) > 1:
        raise _refusal(Reason.REPEATED_HEADER, f"the {name.title()} header came more than once")
    return _text(found[0]) if found and found[0] is not None else None


def _text(value: object) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return text if isinstance(text, str) else ""


def _refusal(reason: Reason, why: str) -> WebhookVerificationError:
    return WebhookVerificationError(f"Notification not accepted: {why}.", reason=reason)
