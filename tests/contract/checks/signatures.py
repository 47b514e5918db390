"""Is the signature verified: every wrong one rejected, and every correct one accepted?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.contract.checks import forgeries
from tests.contract.checks.api_client import ApiClient
from tests.contract.checks.forgeries import OTHER_SECRET, flipped, right
from tests.contract.suite import check
from tests.contract.wire import signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.schemas import Json
    from tests.contract.suite import Context

_ODD_TEXT = 'Žluťoučký kůň 🙂 "/\\ \u2028 \u200f'
# What is sent, and what was signed instead.
_ALMOST_SAME = (
    ("Ž", "Z"),
    ("Ž", "?"),
    ("🙂", ""),
    ("🙂", "\ufffd"),
    ("é", "e\u0301"),
    ("\\u00e9", "é"),
    ("a b", "a  b"),
    ("x" * 70_000 + "y", "x" * 70_000 + "z"),
)


@check(
    "a request with a wrong signature is rejected with 003, for every operation",
    "a near server",
)
def forged(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            # Neither compact nor indented: these forms are signed instead.
            body = api.body(operation)
            spaced = json.dumps(body, separators=(", ", ":")).encode()
            content = api.content(operation) and spaced
            for sign in forgeries.all_of(api.who, content).values():
                proof = {"Key": api.who.key, "Sign": sign}
                api.expect_rejection(api.send(operation, content, proof=proof), "003")


@check("a minimal request has to be signed, too")
def forged_least(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            content = api.content(operation, api.minimal_body(operation))
            for sign in forgeries.few(api.who, content):
                proof = {"Key": api.who.key, "Sign": sign}
                path = api.path(operation, minimal=True)
                api.expect_rejection(api.send(operation, content, proof=proof, path=path), "003")


@check("no byte of a signed body can be changed, be it non-ASCII or far behind")
def forged_bytes(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            for sent, signed in _ALMOST_SAME:
                text = json.dumps({**api.body(operation), "unknown": "HERE"})
                proof = signature(api.who, text.replace("HERE", signed).encode())
                content = text.replace("HERE", sent).encode()
                api.expect_rejection(api.send(operation, content, proof=proof), "003")


@check("a signature is verified each time, also for bytes seen before")
def same_bytes(context: Context) -> None:
    """A server may cache the result for a body, and ignore who sent it."""
    with ApiClient(context) as api:
        # A cache would be in front of all operations: two show it, if requests are limited.
        for operation in api.operations if context.terms.near else api.operations[:2]:
            content, path = api.content(operation), api.path(operation)
            whole = signature(api.who, content)
            wrong = [{**whole, "Sign": sign} for sign in forgeries.few(api.who, content)]
            api.expect_rejection(api.send(operation, content, proof=wrong[0], path=path), "003")
            api.expect_success(api.send(operation, content, path=path))
            for proof in wrong:
                api.expect_rejection(api.send(operation, content, proof=proof, path=path), "003")
            unknown = {**whole, "Key": OTHER_SECRET}
            response = api.send(operation, content, proof=unknown, path=path)
            api.expect_rejection(response, "002", also=("001", "003"))
            if context.terms.second and operation in api.operations_with_body("account"):
                foreign = signature(context.terms.second, content)
                response = api.send(operation, content, proof=foreign, path=path)
                api.expect_rejection(response, "004", also=("001", "002", "003", "010"))


@check("a request without a signature is rejected with 003, one without a key with 002")
def missing(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            content = api.content(operation)
            whole = signature(api.who, content)
            for left, code in ({"Key"}, "003"), ({"Sign"}, "002"), (set(), "002"):
                proof = {name: value for name, value in whole.items() if name in left}
                response = api.send(operation, content, proof=proof)
                api.expect_rejection(response, code, also=("001", "002", "003"))


@check("an unknown key is rejected with 002", "a near server")
def unknown_key(context: Context) -> None:
    with ApiClient(context) as api:
        key = api.who.key
        keys = [OTHER_SECRET, key[:-1], key + "0", flipped(key, 0), "null", "é", key + "\xa0"]
        keys += [f"{key}, {key}", f'"{key}"', "0" * 2_000, ""]
        if api.is_mock:
            # Another server does not get the secret, and may accept a key in upper case.
            keys += sorted({api.who.secret, key.upper()} - {key})
        for operation in api.operations:
            content = api.content(operation)
            for each in keys:
                proof = {"Key": each, "Sign": right(api.who, content)}
                response = api.send(operation, content, proof=proof)
                api.expect_rejection(response, "002", also=("001", "003"))


@check("a key works only with its own secret, not with another account's", "second account")
def mixed_pairs(context: Context) -> None:
    second = context.terms.second
    assert second is not None
    with ApiClient(context) as api:
        own = api.who
        pairs = [replace(own, secret=second.secret), replace(second, secret=own.secret)]
        for operation in api.operations:
            for pair in pairs:
                for body in (api.body(operation), api.minimal_body(operation)):
                    named = body | ({"account": pair.account} if "account" in body else {})
                    content = api.content(operation, named)
                    response = api.send(operation, content, proof=signature(pair, content))
                    api.expect_rejection(response, "003")


@check("the key pair of a subscription gives access to nothing", "writes")
def subscription_pair(context: Context) -> None:
    with ApiClient(context) as api:
        shown = api.expect_success(api.call("getSubscriptions"))["subscriptions"][-1]
        mixed = replace(api.who, secret=shown["secretKey"])
        pair = replace(mixed, key=shown["publicKey"])
        for operation in api.operations:
            content = api.content(operation)
            response = api.send(operation, content, proof=signature(pair, content))
            api.expect_rejection(response, "002", also=("003",))
            response = api.send(operation, content, proof=signature(mixed, content))
            api.expect_rejection(response, "003")


@check("a request is accepted in any JSON formatting, if the sent bytes are the signed ones")
def rightly_signed(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            count = len(list(_forms(api, operation)))
            for number in range(count):
                # Each is a new request: the same object cannot be created twice.
                content = list(_forms(api, operation))[number]
                api.expect_success(api.send(operation, content))


@check("non-ASCII text arrives intact, escaped or not", "writes")
def odd_text(context: Context) -> None:
    with ApiClient(context) as api:
        for is_escaped in (True, False):
            body = {**api.body("createCustomer"), "payload": {"description": _ODD_TEXT}}
            content = json.dumps(body, ensure_ascii=is_escaped).encode()
            api.expect_success(api.send("createCustomer", content))


@check("header names are case-insensitive, and the mock accepts upper-case hex", "mock")
def header_case(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            for change in (str.lower, str.upper):
                content = api.content(operation)
                proof = {change(k): v for k, v in signature(api.who, content).items()}
                api.expect_success(api.send(operation, content, proof=proof))
            content = api.content(operation)
            proof = {"Key": api.who.key, "Sign": right(api.who, content).upper()}
            api.expect_success(api.send(operation, content, proof=proof))


@check("two signatures, or two keys, are rejected, even if one of them is right", "mock")
def repeated(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            content = api.content(operation)
            for name, code, wrong in (("Sign", "003", "0" * 128), ("Key", "002", OTHER_SECRET)):
                whole = signature(api.who, content)
                fits = whole.pop(name)
                for pair in ((fits, wrong), (wrong, fits)):
                    twice = dict(zip((name, name.lower()), pair, strict=True))
                    response = api.send(operation, content, proof={**whole, **twice})
                    api.expect_rejection(response, code)


def _forms(api: ApiClient, operation: str) -> Iterator[bytes]:
    body = api.body(operation)
    text = json.dumps(body)
    yield json.dumps(body, separators=(",", ":")).encode()
    yield json.dumps(body, separators=(" , ", " : ")).encode()
    yield json.dumps(body, indent=2).encode()
    yield json.dumps(body, indent="\t").replace("\n", "\r\n").encode()
    yield json.dumps(body, sort_keys=True).encode()
    yield json.dumps(dict(reversed(body.items()))).encode()
    yield f" \r\n\t{text}\n\n".encode()
    yield text.replace("/", "\\/").encode()
    # Names of members may be escaped, too.
    yield text.replace('"account"', '"\\u0061ccount"').encode()
    if api.is_mock:
        yield from _odd_forms(body)


def _odd_forms(body: Json) -> Iterator[bytes]:
    # In every request an unknown field can contain any text.
    odd = {**body, "unknown": _ODD_TEXT}
    yield json.dumps(odd).encode()
    yield json.dumps(odd, ensure_ascii=False).encode()
    yield json.dumps(odd, ensure_ascii=False, indent=1).encode()
