"""Verifying that the vendor signed a delivery, and reading its event.

Bodies and headers are wrapped: anyone who reads a signed body in a traceback can send it again.
"""

from __future__ import annotations

import hmac
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from inspect import isawaitable, iscoroutinefunction
from typing import TYPE_CHECKING, Any

from calypso_api import DecodeError
from calypso_api.events import read_event
from calypso_pay._errors import ConfigurationError, Reason, WebhookVerificationError
from calypso_pay._secret import Secret
from calypso_pay._signing import Signer

if TYPE_CHECKING:
    from calypso_api.events import Event

_LIKELY_CAUSES = (
    "not signed with this secret. Perhaps the secret key is that of another subscription, or has "
    "an extra space or line end, or the body was decoded and encoded again: pass the raw bytes"
)


def sign(body: Secret, secret: Secret) -> str:
    """Return the signature of a body; see `calypso_pay.webhooks.sign`."""
    return _signers(secret, Secret([]))[0].sign(_content(body))


def verify(body: Secret, headers: Secret, secret: Secret) -> None:
    """Verify the signature of a body; see `calypso_pay.webhooks.verify`."""
    _verified(body, pairs(headers), secret)


def unwrap(body: Secret, headers: Secret, secret: Secret) -> Event:
    """Verify a delivery and read its event; see `calypso_pay.webhooks.unwrap`."""
    return read_verified(_content(_verified(body, pairs(headers), secret)))


def read_verified(content: bytes) -> Event:
    """Return the event in a body whose signature was verified.

    Raises:
        WebhookVerificationError: It is not a readable event.
    """
    problem = ""
    try:
        return read_event(content.removeprefix(BOM_UTF8))
    except DecodeError as error:
        problem = str(error)
    finally:
        # A traceback must not show the body.
        del content
    raise _rejection(Reason.MALFORMED_BODY, f"correctly signed, but {problem}")


def is_callable(secret: Secret) -> bool:
    """Return whether this is a function that looks secrets up."""
    return callable(secret.reveal()) and not isinstance(secret.reveal(), Mapping)


def secret_lookup(secret: Secret) -> Callable[[str | None], Any]:
    """Return the look-up function, with the secrets up, changed to return each in a `Secret`."""
    function: Any = secret.reveal()

    def look_up(key: str | None) -> Any:  # noqa: ANN401 - a Secret or an awaitable of one
        found = Secret(function(key))
        return _awaited(found) if isawaitable(found.reveal()) else found

    async def alook_up(key: str | None) -> Secret:
        return Secret(await function(key))

    return alook_up if iscoroutinefunction(function) else look_up


async def _awaited(found: Secret) -> Secret:
    awaitable: Any = found.reveal()
    return Secret(await awaitable)


def public_key(headers: Secret) -> str | None:
    """Return the value of the ``Key`` header."""
    return _header(pairs(headers), "key")


def _verified(body: Secret, headers: Secret, secret: Secret) -> Secret:
    signers = _signers(secret, headers)
    content, signature = Secret(_content(body)), Secret(_header(headers, "sign"))
    if signature.reveal() is None:
        raise _rejection(Reason.MISSING_SIGNATURE, "no Sign header; pass all headers unchanged")
    if not is_signature(str(signature.reveal())):
        raise _rejection(Reason.MALFORMED_SIGNATURE, "the Sign header is not 128 hex digits")
    # All are compared, so that the time does not depend on which of them matches.
    if True not in [_matches(content, signature, each) for each in signers]:
        raise _rejection(Reason.NO_MATCH, _LIKELY_CAUSES)
    return content


def is_signature(text: str) -> bool:
    """Return whether a text has the form of a signature."""
    return re.fullmatch("[0-9a-fA-F]{128}", text) is not None


def _matches(content: Secret, signature: Secret, signer: Signer) -> bool:
    return hmac.compare_digest(signer.sign(_content(content)), str(signature.reveal()).lower())


def _signers(secret: Secret, headers: Secret) -> list[Signer]:
    # Secrets are never in a variable of their own: a traceback would show it.
    wrapped = secret
    if is_callable(wrapped):
        wrapped = _not_awaitable(secret_lookup(wrapped)(_header(headers, "key")))
        _check_known(wrapped)
    elif isinstance(wrapped.reveal(), Mapping):
        lookup: Any = wrapped.reveal
        wrapped = Secret.of(lookup().get(_header(headers, "key")))
        _check_known(wrapped)
    reveal: Callable[[], Any] = wrapped.reveal
    several = isinstance(reveal(), Sequence) and not isinstance(reveal(), str | bytes)
    secrets = list(map(Secret, reveal() if several else [reveal()]))
    if not secrets or not all(isinstance(s.reveal(), str | bytes) and s.reveal() for s in secrets):
        raise ConfigurationError("secret has to be text or bytes, and not empty.")
    return list(map(Signer, secrets))


def _not_awaitable(found: Any) -> Secret:  # noqa: ANN401 - a Secret or a coroutine
    if isinstance(found, Secret):
        return found
    found.close()
    raise ConfigurationError(
        "The look-up of secrets is asynchronous: use `ahandle` or `asgi` of a Receiver."
    )


def _check_known(found: Secret) -> None:
    if not found.reveal():
        raise _rejection(Reason.UNKNOWN_KEY, "the look-up has no secret for its Key header; add it")


def content_of(body: Secret) -> Secret:
    """Return the bytes of a body."""
    return Secret(_content(body))


def _content(body: Secret) -> bytes:
    content: Any = body.reveal
    try:
        return content().encode() if isinstance(content(), str) else bytes(memoryview(content()))
    except (TypeError, ValueError):
        kind = type(content()).__name__
    raise _rejection(
        Reason.MALFORMED_BODY,
        f"the body is a {kind}; pass the raw bytes: request.get_data() in Flask, request.body in "
        "Django, await request.body() in Starlette",
    )


def pairs(headers: Secret) -> Secret:
    """Return the headers as a list of pairs; an empty one if they can't be read."""
    raw: Any = headers.reveal()
    try:
        return Secret([(k, v) for k, v in (raw.items() if hasattr(raw, "items") else raw)])
    except Exception:  # noqa: BLE001 - an object of any framework may raise anything
        return Secret([])


def _header(headers: Secret, name: str) -> str | None:
    pairs: Any = headers.reveal
    values = [v for k, v in pairs() if _text(k).lower() in (name, f"http_{name}")]
    # AWS passes a list of values for each name.
    found = [v for value in values for v in (value if isinstance(value, list) else [value])]
    if len(found) > 1:
        raise _rejection(
            Reason.REPEATED_HEADER, f"the request has more than one {name.title()} header"
        )
    return _text(found[0]) if found and found[0] is not None else None


def _text(value: object) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return text if isinstance(text, str) else ""


def _rejection(reason: Reason, explanation: str) -> WebhookVerificationError:
    return WebhookVerificationError(f"Delivery rejected: {explanation}.", reason=reason)
