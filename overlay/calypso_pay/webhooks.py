"""Notifications: see that one is genuine, and read it as an event.

    event = unwrap(body, headers, secret)

No moment is signed, and a notification may be repeated for days, so none is too old to be accepted.
What protects from repetition is to remember `event.request_id` and `event.id`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import calypso_api.events as _events
from calypso_api.events import *  # noqa: F403 # pyright: ignore[reportWildcardImportFromLibrary]
from calypso_pay import _signed
from calypso_pay._errors import Reason, WebhookVerificationError
from calypso_pay._secret import Secret

__all__ = ["HeadersLike", "Reason", "SecretLike", "Secrets", "WebhookVerificationError"]
__all__ += ["sign", "unwrap", "verify"]
__all__ += _events.__all__


def __dir__() -> list[str]:
    return __all__


HeadersLike: TypeAlias = Mapping[Any, Any] | Iterable[Any]
"""The headers as a framework gives them: a mapping, or pairs of a name and a value.

Names and values are text or bytes. Names are found whatever their case, and also as WSGI spells
them (``HTTP_SIGN``). A value of None is an absent one; a list with one value, as AWS has it, is
that value.
"""

Secrets: TypeAlias = str | bytes | Sequence[str | bytes]
"""The secret key of a subscription; or several, any of which may have been used."""

SecretLike: TypeAlias = (
    Secrets
    | Mapping[str, Secrets]
    | Callable[[str | None], Secrets | Awaitable[Secrets | None] | None]
)
"""Secrets; or a look-up of them: a mapping by the public key, or a function of it, which a
`Receiver` may await.

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
    # No traceback may show the secret, nor a signed body, which could be sent again.
    came, heads, held = Secret(body), Secret(headers), Secret(secret)
    del body, headers, secret
    _signed.verify(came, heads, held)


def unwrap(body: bytes | str, headers: HeadersLike, secret: SecretLike) -> Event:  # noqa: F405
    """See that a notification was signed with the secret of a subscription, and read it.

    Args:
        body: The body as it came, before anything decoded it; text is taken as UTF-8.
        headers: The headers of the request.
        secret: What to verify with. Unless it is a look-up, no ``Key`` header is needed.

    Returns:
        The event; an `UnknownEvent` when its type has no class.

    Raises:
        WebhookVerificationError: It was not signed so, or it is no notification that can be read.
        ConfigurationError: There is no secret, or an empty one, or one that is neither text nor
            bytes. What a look-up raises is passed on, too.
    """
    came, heads, held = Secret(body), Secret(headers), Secret(secret)
    del body, headers, secret
    return _signed.unwrap(came, heads, held)


def sign(body: bytes | str, secret: str | bytes) -> str:
    """Return the ``Sign`` header of a body, in lower-case hex, for tests of your own.

    Args:
        body: The body; text is taken as UTF-8.
        secret: The secret key of the subscription.

    Raises:
        ConfigurationError: The secret is empty, or neither text nor bytes.
        WebhookVerificationError: The body is neither bytes nor text that UTF-8 can express.
    """
    content, held = Secret(body), Secret(secret)
    del body, secret
    return _signed.sign(content, held)
