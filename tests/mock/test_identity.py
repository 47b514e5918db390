"""The mock proves to be itself, and to whom it belongs, without giving a secret away."""

from __future__ import annotations

import hashlib
import hmac
import json

from calypso_mock import Mock


def test_it_returns_its_name_and_the_nonce() -> None:
    identity = json.loads(Mock().handle("GET", "/_mock/identity", query="nonce=4711").body)

    assert (identity["name"], identity["nonce"]) == ("calypso-mock", "4711")


def test_the_proof_of_an_account_takes_its_secret() -> None:
    """The secret is not in it, and a proof for one nonce is not valid for another."""
    mock = Mock()
    settings = mock.settings()
    one, other = (
        mock.handle("GET", "/_mock/identity", query=f"nonce={nonce}").body.decode()
        for nonce in "12"
    )
    message = f"{settings['key']} {settings['account']} 1".encode()
    proof = hmac.new(settings["secret"].encode(), message, hashlib.sha512).hexdigest()

    assert settings["secret"] not in one
    assert {"key": settings["key"], "account": settings["account"], "proof": proof} in json.loads(
        one
    )["accounts"]
    assert proof not in other


def test_without_a_number_there_is_no_proof() -> None:
    assert Mock().handle("GET", "/_mock/identity").status == 400
