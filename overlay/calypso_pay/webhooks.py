"""Webhooks: verify that the vendor signed a delivery, and read its event.

    event = unwrap(body, headers, secret)

The signature covers no time, and the vendor retries a delivery for days, so a delivery is never too
old. To detect duplicates, remember `event.request_id` and `event.id`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import calypso_api.events as _events
from calypso_api.events import *  # noqa: F403 # pyright: ignore[reportWildcardImportFromLibrary]
from calypso_pay import _verification
from calypso_pay._errors import Reason, WebhookVerificationError
from calypso_pay._secret import Secret

__all__ = ["HeadersLike", "Reason", "SecretLike", "Secrets", "WebhookVerificationError"]
__all__ += ["sign", "unwrap", "verify"]
__all__ += _events.__all__


def __dir__() -> list[str]:
    return __all__


HeadersLike: TypeAlias = Mapping[Any, Any] | Iterable[Any]
"""The headers as a framework provides them: a mapping, or pairs of a name and a value.

Names and values are text or bytes. Names are matched in any case, and also in the form of WSGI
(``HTTP_SIGN``). A value of None counts as absent; a list with one value, as AWS passes it, counts
as that value.
"""

Secrets: TypeAlias = str | bytes | Sequence[str | bytes]
"""The secret key of a subscription; or several, any of which may have been used."""

SecretLike: TypeAlias = (
    Secrets
    | Mapping[str, Secrets]
    | Callable[[str | None], Secrets | Awaitable[Secrets | None] | None]
)
"""Secrets; or a look-up of them by public key: a mapping or a function. A `Receiver` also accepts a
coroutine function.

The public key is the value of the ``Key`` header, or None without that header. The function returns
None for a key that it doesn't know.
"""


def verify(body: bytes | str, headers: HeadersLike, secret: SecretLike) -> None:
    """Verify that a body was signed with the secret of a subscription.

    The ``Sign`` header is the HMAC-SHA512 of the raw bytes, in hex digits of either case. Source:
    documented (sign-check page).

    Args:
        body: The raw body, before anything decoded it; text is encoded as UTF-8.
        headers: The headers of the request.
        secret: What to verify with. Unless it is a look-up, no ``Key`` header is needed.

    Raises:
        WebhookVerificationError: It was not, whatever was delivered instead.
        ConfigurationError: The secret is missing, empty, or neither text nor bytes. Exceptions of
            a look-up are raised, too.
    """
    # A traceback must not show the secret, nor a signed body, which could be sent again.
    wrapped = Secret(body), Secret(headers), Secret(secret)
    del body, headers, secret
    _verification.verify(*wrapped)


def unwrap(body: bytes | str, headers: HeadersLike, secret: SecretLike) -> Event:  # noqa: F405
    """Verify that a body was signed with the secret of a subscription, and read its event.

    Args:
        body: The raw body, before anything decoded it; text is encoded as UTF-8.
        headers: The headers of the request.
        secret: What to verify with. Unless it is a look-up, no ``Key`` header is needed.

    Returns:
        The event; an `UnknownEvent` if its type has no class.

    Raises:
        WebhookVerificationError: It was not signed with it, or it is not a readable event.
        ConfigurationError: The secret is missing, empty, or neither text nor bytes. Exceptions of
            a look-up are raised, too.
    """
    wrapped = Secret(body), Secret(headers), Secret(secret)
    del body, headers, secret
    return _verification.unwrap(*wrapped)


def sign(body: bytes | str, secret: str | bytes) -> str:
    """Return the ``Sign`` header of a body, in lower-case hex, for your own tests.

    Args:
        body: The body; text is encoded as UTF-8.
        secret: The secret key of the subscription.

    Raises:
        ConfigurationError: The secret is empty, or neither text nor bytes.
        WebhookVerificationError: The body is neither bytes nor text that can be encoded as UTF-8.
    """
    wrapped = Secret(body), Secret(secret)
    del body, secret
    return _verification.sign(*wrapped)
