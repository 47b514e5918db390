"""Is the signature verified: every forged one refused, and every right one accepted?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.contract.checks import forgeries
from tests.contract.checks.bench import Bench
from tests.contract.checks.forgeries import OTHER_SECRET, flipped, right
from tests.contract.suite import check
from tests.contract.wire import signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.schemas import Json
    from tests.contract.suite import Lab

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
    "a request whose signature does not fit is refused with 003, whatever the operation",
    "a near server",
)
def forged(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            # Neither compact nor indented: both are among the forms that are signed instead.
            body = bench.body(operation)
            spaced = json.dumps(body, separators=(", ", ":")).encode()
            content = bench.content(operation) and spaced
            for sign in forgeries.all_of(bench.who, content).values():
                proof = {"Key": bench.who.key, "Sign": sign}
                bench.refuse(bench.send(operation, content, proof=proof), "003")


@check("a request of the least content has to be signed, too")
def forged_least(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            content = bench.content(operation, bench.least(operation))
            for sign in forgeries.few(bench.who, content):
                proof = {"Key": bench.who.key, "Sign": sign}
                path = bench.path(operation, least=True)
                bench.refuse(bench.send(operation, content, proof=proof, path=path), "003")


@check("no byte of a body can be changed, be it one that is not ASCII, or far behind")
def forged_bytes(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.sending():
            for sent, signed in _ALMOST_SAME:
                text = json.dumps({**bench.body(operation), "unknown": "HERE"})
                proof = signature(bench.who, text.replace("HERE", signed).encode())
                content = text.replace("HERE", sent).encode()
                bench.refuse(bench.send(operation, content, proof=proof), "003")


@check("a signature is verified each time, whatever came of the same bytes before")
def same_bytes(lab: Lab) -> None:
    """A server may remember what it made of a body, and forget whose it was."""
    with Bench(lab) as bench:
        # What remembers stands in front of all operations: two show it, where requests are few.
        for operation in bench.operations if lab.terms.near else bench.operations[:2]:
            content, path = bench.content(operation), bench.path(operation)
            whole = signature(bench.who, content)
            wrong = [{**whole, "Sign": sign} for sign in forgeries.few(bench.who, content)]
            bench.refuse(bench.send(operation, content, proof=wrong[0], path=path), "003")
            bench.accept(bench.send(operation, content, path=path))
            for proof in wrong:
                bench.refuse(bench.send(operation, content, proof=proof, path=path), "003")
            unknown = {**whole, "Key": OTHER_SECRET}
            answer = bench.send(operation, content, proof=unknown, path=path)
            bench.refuse(answer, "002", also=("001", "003"))
            if lab.terms.second and operation in bench.sending("account"):
                foreign = signature(lab.terms.second, content)
                answer = bench.send(operation, content, proof=foreign, path=path)
                bench.refuse(answer, "004", also=("001", "002", "003", "010"))


@check("a request without a signature is refused with 003, one without a key with 002")
def missing(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            content = bench.content(operation)
            whole = signature(bench.who, content)
            for left, code in ({"Key"}, "003"), ({"Sign"}, "002"), (set(), "002"):
                proof = {name: value for name, value in whole.items() if name in left}
                answer = bench.send(operation, content, proof=proof)
                bench.refuse(answer, code, also=("001", "002", "003"))


@check("a key that nobody has is refused with 002", "a near server")
def unknown_key(lab: Lab) -> None:
    with Bench(lab) as bench:
        key = bench.who.key
        keys = [OTHER_SECRET, key[:-1], key + "0", flipped(key, 0), "null", "é", key + "\xa0"]
        keys += [f"{key}, {key}", f'"{key}"', "0" * 2_000, ""]
        if bench.is_mock:
            # A stranger is not sent the secret, and may take a key in capitals.
            keys += sorted({bench.who.secret, key.upper()} - {key})
        for operation in bench.operations:
            content = bench.content(operation)
            for each in keys:
                proof = {"Key": each, "Sign": right(bench.who, content)}
                answer = bench.send(operation, content, proof=proof)
                bench.refuse(answer, "002", also=("001", "003"))


@check("a key goes with its own secret only, not with another account's", "second account")
def mixed_pairs(lab: Lab) -> None:
    second = lab.terms.second
    assert second is not None
    with Bench(lab) as bench:
        own = bench.who
        pairs = [replace(own, secret=second.secret), replace(second, secret=own.secret)]
        for operation in bench.operations:
            for pair in pairs:
                for body in (bench.body(operation), bench.least(operation)):
                    named = body | ({"account": pair.account} if "account" in body else {})
                    content = bench.content(operation, named)
                    answer = bench.send(operation, content, proof=signature(pair, content))
                    bench.refuse(answer, "003")


@check("the key pair of a subscription opens nothing", "writes")
def subscription_pair(lab: Lab) -> None:
    with Bench(lab) as bench:
        shown = bench.accept(bench.call("getSubscriptions"))["subscriptions"][-1]
        mixed = replace(bench.who, secret=shown["secretKey"])
        pair = replace(mixed, key=shown["publicKey"])
        for operation in bench.operations:
            content = bench.content(operation)
            answer = bench.send(operation, content, proof=signature(pair, content))
            bench.refuse(answer, "002", also=("003",))
            answer = bench.send(operation, content, proof=signature(mixed, content))
            bench.refuse(answer, "003")


@check("a request is accepted in any form of JSON, so long as the bytes sent are those signed")
def rightly_signed(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.sending():
            count = len(list(_forms(bench, operation)))
            for number in range(count):
                # Each from a request of its own: what was made once cannot be made again.
                content = list(_forms(bench, operation))[number]
                bench.accept(bench.send(operation, content))


@check("a text that is not ASCII comes through, escaped or not", "writes")
def odd_text(lab: Lab) -> None:
    with Bench(lab) as bench:
        for is_escaped in (True, False):
            body = {**bench.body("createCustomer"), "payload": {"description": _ODD_TEXT}}
            content = json.dumps(body, ensure_ascii=is_escaped).encode()
            bench.accept(bench.send("createCustomer", content))


@check("the names of headers have no case, and the mock takes upper-case hex", "mock")
def header_case(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            for change in (str.lower, str.upper):
                content = bench.content(operation)
                proof = {change(k): v for k, v in signature(bench.who, content).items()}
                bench.accept(bench.send(operation, content, proof=proof))
            content = bench.content(operation)
            proof = {"Key": bench.who.key, "Sign": right(bench.who, content).upper()}
            bench.accept(bench.send(operation, content, proof=proof))


@check("two signatures, or two keys, are none, even if one of them is right", "mock")
def repeated(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            content = bench.content(operation)
            for name, code, wrong in (("Sign", "003", "0" * 128), ("Key", "002", OTHER_SECRET)):
                whole = signature(bench.who, content)
                fits = whole.pop(name)
                for pair in ((fits, wrong), (wrong, fits)):
                    twice = dict(zip((name, name.lower()), pair, strict=True))
                    answer = bench.send(operation, content, proof={**whole, **twice})
                    bench.refuse(answer, code)


def _forms(bench: Bench, operation: str) -> Iterator[bytes]:
    body = bench.body(operation)
    text = json.dumps(body)
    yield json.dumps(body, separators=(",", ":")).encode()
    yield json.dumps(body, separators=(" , ", " : ")).encode()
    yield json.dumps(body, indent=2).encode()
    yield json.dumps(body, indent="\t").replace("\n", "\r\n").encode()
    yield json.dumps(body, sort_keys=True).encode()
    yield json.dumps(dict(reversed(body.items()))).encode()
    yield f" \r\n\t{text}\n\n".encode()
    yield text.replace("/", "\\/").encode()
    # A member's name may be escaped, too.
    yield text.replace('"account"', '"\\u0061ccount"').encode()
    if bench.is_mock:
        yield from _odd_forms(body)


def _odd_forms(body: Json) -> Iterator[bytes]:
    # Nothing but an unknown field can hold any text in every request.
    odd = {**body, "unknown": _ODD_TEXT}
    yield json.dumps(odd).encode()
    yield json.dumps(odd, ensure_ascii=False).encode()
    yield json.dumps(odd, ensure_ascii=False, indent=1).encode()
