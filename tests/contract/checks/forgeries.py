"""Wrong signatures, each almost right, in a way that a careless server may accept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.contract.wire import signature

if TYPE_CHECKING:
    from tests.contract.wire import Target

OTHER_SECRET = "0123456789abcdef0123456789abcdef"
_DIGITS = (0, 31, 63, 64, 126, 127)


def right(who: Target, content: bytes) -> str:
    """Return the correct signature."""
    return signature(who, content)["Sign"]


def all_of(who: Target, content: bytes) -> dict[str, str]:
    """Return wrong signatures by what is wrong with them."""
    return {
        **of_other_secrets(who, content),
        **of_other_bytes(who, content),
        **of_other_hashes(who, content),
        **of_other_texts(right(who, content)),
    }


def few(who: Target, content: bytes) -> list[str]:
    """Return some that show whether signatures are verified at all."""
    fits = right(who, content)
    return [flipped(fits, len(fits) - 1), right(replace(who, secret=OTHER_SECRET), content), ""]


def of_other_secrets(who: Target, content: bytes) -> dict[str, str]:
    """Sign with other secrets."""
    secrets = {
        "another secret": OTHER_SECRET,
        "the public key": who.key,
        "an empty secret": "",
        "the secret and a space": f"{who.secret} ",
        "half the secret": who.secret[: len(who.secret) // 2],
    }
    return {
        **{name: right(replace(who, secret=each), content) for name, each in secrets.items()},
        "the secret decoded": _hmac(_decoded(who.secret), content),
    }


def of_other_bytes(who: Target, content: bytes) -> dict[str, str]:
    """Sign other bytes than those sent, some with the same meaning."""
    # An empty body has no other form.
    value = json.loads(content or b"{}")
    others = {
        "a line's end more": content + b"\n",
        "the last byte missing": content[:-1],
        "nothing": b"",
        "the payload alone": _write(value.get("payload", {})),
        "compact form": _write(value, separators=(",", ":")),
        "indented form": _write(value, indent=2),
        "sorted form": _write(value, sort_keys=True, separators=(",", ":")),
    }
    return {name: right(who, each) for name, each in others.items() if each != content}


def of_other_hashes(who: Target, content: bytes) -> dict[str, str]:
    """Sign with another hash function."""
    secret = who.secret.encode()
    return {
        "SHA-256": _hmac(secret, content, "sha256"),
        "SHA3-512": _hmac(secret, content, "sha3_512"),
        "no secret": hashlib.sha512(content).hexdigest(),
        "a hash of both": hashlib.sha512(secret + content).hexdigest(),
        "secret and content changed places": _hmac(content, secret),
    }


def of_other_texts(fits: str) -> dict[str, str]:
    """Write the correct signature in a wrong form, or something else."""
    half = len(fits) // 2
    return {
        **{f"digit {place} is wrong": flipped(fits, place) for place in _DIGITS},
        "base64": base64.b64encode(bytes.fromhex(fits)).decode(),
        "the first half": fits[:half],
        "the second half": fits[half:],
        "a digit less": fits[:-1],
        "one digit": fits[:1],
        "a digit more": f"{fits}0",
        "twice": fits * 2,
        "a list": f"{fits}, {fits}",
        "in quotes": f'"{fits}"',
        "with a prefix": f"sha512={fits}",
        "with a space inside": f"{fits[:half]} {fits[half:]}",
        # Spaces at the ends of a header's value are lost in transit, but not non-ASCII ones.
        "with an odd space behind": f"{fits}\xa0",
        "empty": "",
        "all zeros": "0" * len(fits),
        "no hex": "é" * len(fits),
        "very long": "0" * 2_000,
    }


def flipped(text: str, place: int) -> str:
    """Change one digit."""
    other = "0" if text[place] != "0" else "1"
    return text[:place] + other + text[place + 1 :]


def _hmac(secret: bytes, content: bytes, name: str = "sha512") -> str:
    return hmac.new(secret, content, name).hexdigest()


def _decoded(secret: str) -> bytes:
    try:
        return bytes.fromhex(secret)
    except ValueError:
        return secret.encode("utf-16")


def _write(value: Any, **options: Any) -> bytes:
    return json.dumps(value, **options).encode()
