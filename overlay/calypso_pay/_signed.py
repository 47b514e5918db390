"""Verifying that a webhook event was signed by the vendor, and reading it.

Bodies and headers are wrapped: a signed body that shows in a traceback can be replayed.
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
    "not signed with this secret: the secret key is that of another subscription, or has a space "
    "or line end added, or the body was decoded and encoded again; pass the bytes as they came"
)


def sign(body: Secret, secret: Secret) -> str:
    """Return the signature of a body; see `calypso_pay.webhooks.sign`."""
    return _signers(secret, Secret([]))[0].sign(_content(body))


def verify(body: Secret, headers: Secret, secret: Secret) -> None:
    """Verify that a body was signed; see `calypso_pay.webhooks.verify`."""
    _verified(body, _pairs(headers), secret)


def unwrap(body: Secret, headers: Secret, secret: Secret) -> Event:
    """Verify and read a webhook event; see `calypso_pay.webhooks.unwrap`."""
    content = _verified(body, _pairs(headers), secret)
    flaw = ""
    try:
        return read_event(_content(content).removeprefix(BOM_UTF8))
    except DecodeError as error:
        flaw = str(error)
    raise _rejection(Reason.MALFORMED_BODY, f"correctly signed, but {flaw}")


def is_a_function(secret: Secret) -> bool:
    """Return whether secrets are looked up by a function."""
    return callable(secret.reveal()) and not isinstance(secret.reveal(), Mapping)


def looked_up(secret: Secret) -> Callable[[str | None], Any]:
    """Return the look-up function, with the secrets that it returns wrapped."""
    function: Any = secret.reveal()

    def look_up(key: str | None) -> Any:  # noqa: ANN401 - a secret, or what it has to be awaited from
        found = Secret(function(key))
        return _awaited(found) if isawaitable(found.reveal()) else found

    async def look_up_later(key: str | None) -> Secret:
        return Secret(await function(key))

    return look_up_later if iscoroutinefunction(function) else look_up


async def _awaited(found: Secret) -> Secret:
    later: Any = found.reveal()
    return Secret(await later)


def public_key(headers: Secret) -> str | None:
    """Return the value of the header ``Key``."""
    return _header(_pairs(headers), "key")


def _verified(body: Secret, headers: Secret, secret: Secret) -> Secret:
    signers = _signers(secret, headers)
    content, given = Secret(_content(body)), Secret(_header(headers, "sign"))
    if given.reveal() is None:
        raise _rejection(Reason.MISSING_SIGNATURE, "no Sign header; pass all headers as they came")
    if not is_a_signature(str(given.reveal())):
        raise _rejection(Reason.MALFORMED_SIGNATURE, "the Sign header is not 128 hex digits")
    # All are compared, so that the time it takes does not depend on which one matches.
    if True not in [_is_signed(content, given, each) for each in signers]:
        raise _rejection(Reason.NO_MATCH, _LIKELY_CAUSES)
    return content


def is_a_signature(text: str) -> bool:
    """Return whether a text has the form of a signature."""
    return re.fullmatch("[0-9a-fA-F]{128}", text) is not None


def _is_signed(content: Secret, given: Secret, signer: Signer) -> bool:
    return hmac.compare_digest(signer.sign(_content(content)), str(given.reveal()).lower())


def _signers(secret: Secret, headers: Secret) -> list[Signer]:
    # Secrets are revealed within expressions only: a traceback would show a variable.
    held = secret
    if is_a_function(held):
        held = _at_once(looked_up(held)(_header(headers, "key")))
        _check_known(held)
    elif isinstance(held.reveal(), Mapping):
        lookup: Any = held.reveal
        held = Secret.of(lookup().get(_header(headers, "key")))
        _check_known(held)
    reveal: Callable[[], Any] = held.reveal
    several = isinstance(reveal(), Sequence) and not isinstance(reveal(), str | bytes)
    secrets = list(map(Secret, reveal() if several else [reveal()]))
    if not secrets or not all(isinstance(s.reveal(), str | bytes) and s.reveal() for s in secrets):
        raise ConfigurationError("secret has to be text or bytes, and not empty.")
    return list(map(Signer, secrets))


def _at_once(found: Any) -> Secret:  # noqa: ANN401 - a secret, or what it has to be awaited from
    if isinstance(found, Secret):
        return found
    found.close()
    raise ConfigurationError(
        "The look-up of secrets has to be awaited, which `ahandle` and `asgi` of a Receiver do."
    )


def _check_known(found: Secret) -> None:
    if not found.reveal():
        raise _rejection(Reason.UNKNOWN_KEY, "there is no secret for its Key header; add it")


def _content(body: Secret) -> bytes:
    content: Any = body.reveal
    try:
        return content().encode() if isinstance(content(), str) else bytes(memoryview(content()))
    except (TypeError, ValueError):
        kind = type(content()).__name__
    raise _rejection(
        Reason.MALFORMED_BODY,
        f"the body is a {kind}; pass the raw bytes, as request.get_data() in Flask, request.body "
        "in Django and await request.body() in Starlette give them",
    )


def _pairs(headers: Secret) -> Secret:
    """Return the headers as a list of pairs."""
    given: Any = headers.reveal()
    try:
        return Secret([(k, v) for k, v in (given.items() if hasattr(given, "items") else given)])
    except Exception:  # noqa: BLE001 - an object of any framework may raise anything
        return Secret([])


def _header(headers: Secret, name: str) -> str | None:
    pairs: Any = headers.reveal
    values = [v for k, v in pairs() if _text(k).lower() in (name, f"http_{name}")]
    # AWS gives a list of values for each name.
    found = [v for value in values for v in (value if isinstance(value, list) else [value])]
    if len(found) > 1:
        raise _rejection(Reason.REPEATED_HEADER, f"the {name.title()} header came more than once")
    return _text(found[0]) if found and found[0] is not None else None


def _text(value: object) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return text if isinstance(text, str) else ""


def _rejection(reason: Reason, why: str) -> WebhookVerificationError:
    return WebhookVerificationError(f"Webhook event rejected: {why}.", reason=reason)
