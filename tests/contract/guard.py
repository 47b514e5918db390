"""Decide which requests of a run may reach a server that holds more than the run made.

What was there before stays as it is: a request that changes something has to name, where the
document says, an id that the run made or invented. One that names anything else is not sent.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.contract import document, known, schemas
from tests.contract.checks import bench

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

CUSTOMER, ADDRESS, SUBSCRIPTION = "createCustomer", "getAddress", "createSubscription"
KINDS = {CUSTOMER: "customers", ADDRESS: "addresses", SUBSCRIPTION: "subscriptions"}

# Where a response names what was made.
_MADE = {CUSTOMER: "id", SUBSCRIPTION: "requestId"}
_DELETE = "deleteSubscription"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_ID_FIELDS = frozenset({"id", "customerId", "transactionId", "requestId"})
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
# Shorter ids are looked for as whole words: they may be a part of anything.
_LONG = 16
# As many different characters, or fewer, are in a UUID that somebody made up.
_VARIED = 8
# Events about real customers must not go to an address that somebody may have: these have no owner.
_LEADS_OUT = re.compile(r"\s*(https?:)?[/\\]{2}", re.IGNORECASE)
_LEADS_NOWHERE = re.compile(r"https?://[^/@\\?#\s]*\.(example|invalid)(:\d*)?([/?#].*)?", re.DOTALL)


@dataclass(frozen=True)
class Refusal:
    """What a request that is not sent is answered with.

    Attributes:
        status: The documented status for this.
        code: The errorCode.
        why: The reason.
    """

    status: int
    code: str
    why: str


class Guard:
    """Knows which ids the run made, and which others the server has shown.

    Args:
        writes: Whether anything may be made or changed at all.
        others: Ids that are not the run's from the start.

    Attributes:
        made: How many objects of each kind were made.
        unsure: How many more of each kind may have been made: no response came that says.
        subscriptions: Subscriptions that the run made, or may have made, and did not delete.
        tried: Subscriptions that were rejected, under ids so random that they are the run's if
            they are listed all the same.
        contested: Ids that the server gave to a new customer though it had used them before.
    """

    def __init__(self, *, writes: bool, others: Iterable[str] = ()) -> None:
        self.made: Counter[str] = Counter()
        self.unsure: Counter[str] = Counter()
        self.tried: dict[str, str] = {}
        self.contested: set[str] = set()
        self.subscriptions: dict[str, str] = {}
        self._writes = writes
        # What the document gives as an example may well be somebody's: it has been copied.
        examples = _UUID.findall(document.DOCUMENT.read_text())
        self._others = {_key(each) for each in [*others, *examples] if each}
        self._own: set[str] = set()
        self._addresses: set[str] = set()
        # What the request that is on its way may make.
        self._asked: set[str] = set()
        # What responses of any kind named; a new id is none of them.
        self._seen: set[str] = set()

    def is_listed(self, name: str) -> bool:
        """Tell whether an id is one that the run may not change."""
        return _key(name) in self._others

    def refusal(self, method: str, path: str, content: bytes) -> Refusal | None:
        """Return how a request is to be answered that must not be sent; None if it may go."""
        if is_read(method, path):
            return None
        operation = document.at(method, path)
        if not self._writes:
            return _not_found(operation, "the run only reads")
        if operation not in known.FIELDS:
            return _not_found(operation, "what it changes is not known")
        if self._names_another(_text(content) + unquote(path)):
            return _not_found(operation, "it names an object that the run did not make")
        return self._undocumented(operation, content)

    def keep(self, listed: Iterable[str]) -> None:
        """Forget the subscriptions that are not in a list of all that there are."""
        there = set(map(_key, listed))
        self.subscriptions |= {key: self.tried[key] for key in self.tried.keys() & there}
        self._forget(self.subscriptions.keys() - there)

    def is_made(self, name: str) -> bool:
        """Tell whether a subscription is one of those that the run made and did not delete."""
        return _key(name) in self.subscriptions

    def asks(self, method: str, path: str, content: bytes) -> str | None:
        """Take note of a request that goes out; return the kind of object that it may make."""
        operation = document.at(method, path)
        self._asked = set()
        if operation == SUBSCRIPTION:
            # That no response comes does not mean that nothing was made.
            names = {str(each) for each in _all_at(_parsed(content), "requestId") if each}
            fresh = {_key(each): each for each in names if not self.is_made(each)}
            self._asked |= fresh.keys()
            self.tried |= {key: each for key, each in fresh.items() if _is_random(each)}
            self.subscriptions |= fresh
        return KINDS.get(operation or "")

    def sends(self, method: str, path: str) -> None:
        """Take note that something may be made from now on."""
        self.unsure.update(_kinds(method, path))

    def hears(self, method: str, path: str, status: int, received: bytes) -> None:
        """Take note of a response that says whether something was made."""
        if status in range(200, 300) or _is_rejection(status, received):
            self.unsure.subtract(_kinds(method, path))

    def learn(self, method: str, path: str, sent: bytes, status: int, received: bytes) -> None:
        """Learn from a response which objects there are, and which of them are the run's."""
        operation = document.at(method, path)
        asked = {_key(str(each)) for each in _all_at(_parsed(sent), "requestId")}
        value = _parsed(received)
        named = set(map(_key, {*_UUID.findall(_text(received)), *map(str, _ids(value))})) - {""}
        if status not in range(200, 300):
            self._seen |= named
            if operation == SUBSCRIPTION and _is_rejection(status, received):
                self._forget(self._asked)
            return
        if operation in _MADE:
            believed = self._believed(operation, value, asked)
            if operation == CUSTOMER:
                self._contest({_key(str(each)) for each in _all_at(value, "id")})
            self._own |= believed - self.contested
        if operation in KINDS:
            self._count(operation, value)
        if operation == _DELETE:
            self._forget(asked)
        self._seen |= named
        self._others |= named - self._own

    def _undocumented(self, operation: str, content: bytes) -> Refusal | None:
        if operation not in _MADE:
            fields = bench.id_fields(operation)
            if not fields or not all(self._may_be_named(content, name) for name in fields):
                return _bad_request("it names no object as documented")
        if any(map(_leads_somewhere, _all_at(_parsed(content), "url"))):
            return _bad_request("it gives an address that somebody may have")
        return None

    def _believed(self, operation: str, value: object, asked: set[str]) -> set[str]:
        """Return the id of what was made just now, unless it was there before."""
        members = value if isinstance(value, _Members) else ()
        found = {_key(str(each)) for name, each in members if name == _MADE[operation]}
        if operation == SUBSCRIPTION and asked:
            # The caller chooses the id, so no other one is the run's.
            found &= asked
        return found - self._others

    def _contest(self, keys: set[str]) -> None:
        """Leave alone what is given as new though it was named before."""
        again = keys & (self._own | self._others | self._seen)
        self.contested |= again
        self._own -= again
        self._others |= again

    def _count(self, operation: str, value: object) -> None:
        if operation == ADDRESS:
            self._addresses |= {str(each) for each in _all_at(value, "address")}
            self.made[KINDS[operation]] = len(self._addresses)
            return
        self.made[KINDS[operation]] += 1
        if operation == SUBSCRIPTION:
            named = {_key(str(each)): str(each) for each in _all_at(value, "requestId")}
            self.subscriptions |= {key: named[key] for key in named.keys() & self._own}

    def _forget(self, keys: AbstractSet[str]) -> None:
        for name in keys:
            self.subscriptions.pop(name, None)

    def _names_another(self, text: str) -> bool:
        lower = text.lower()
        plain = _plain(lower)
        return any(_stands_in(each, lower, plain) for each in self._others)

    def _may_be_named(self, content: bytes, field: str) -> bool:
        named = list(_named(content, field))
        return bool(named) and all(isinstance(each, str) and self._is_fit(each) for each in named)

    def _is_fit(self, name: str) -> bool:
        plain = _plain(name.lower())
        return bool(_UUID.search(name)) or any(each in plain for each in self._own)


def _kinds(method: str, path: str) -> list[str]:
    operation = document.at(method, path)
    return [KINDS[operation]] if operation in KINDS else []


def _is_rejection(status: int, received: bytes) -> bool:
    """Tell whether a response is the API's own no: another one may hide that something was made."""
    codes = list(_all_at(_parsed(received), "errorCode"))
    return status in range(400, 500) and len(codes) == 1 and isinstance(codes[0], str)


def _is_random(name: str) -> bool:
    # What others may choose, too, such as 00000000-0000-4000-8000-000000000001, is not.
    return _UUID.fullmatch(name) is not None and len(set(name.lower())) > _VARIED


def is_read(method: str, path: str) -> bool:
    """Tell whether a request changes nothing; what is not known to be a read is none."""
    return method in _SAFE_METHODS or document.at(method, path) in bench.reads()


def _not_found(operation: str | None, why: str) -> Refusal:
    documented = schemas.statuses(operation) if operation else frozenset({404})
    status = HTTPStatus.NOT_FOUND if HTTPStatus.NOT_FOUND in documented else HTTPStatus.BAD_REQUEST
    return Refusal(status, "004", why)


def _bad_request(why: str) -> Refusal:
    return Refusal(HTTPStatus.BAD_REQUEST, "001", why)


def _text(content: bytes) -> str:
    text = content.decode(json.detect_encoding(content), "replace")
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def _key(name: str) -> str:
    """Return what is the same for every way to write an id."""
    lower = name.lower()
    return _plain(lower) if len(lower) >= _LONG else lower


def _plain(text: str) -> str:
    # An id can be written with braces, without hyphens, with spaces between.
    return "".join(filter(str.isalnum, text))


def _stands_in(key: str, text: str, plain: str) -> bool:
    if len(key) >= _LONG:
        return key in plain
    return key in text and re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text) is not None


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object, those that come twice included."""


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content, object_pairs_hook=_Members)
    except (ValueError, RecursionError):
        return None


def _all_at(value: object, name: str) -> Iterator[object]:
    """Find what stands under a name, however deep."""
    for key, each in value if isinstance(value, _Members) else ():
        if key == name:
            yield each
        yield from _all_at(each, name)
    if isinstance(value, list) and not isinstance(value, _Members):
        for each in value:
            yield from _all_at(each, name)


def _ids(value: object) -> Iterator[object]:
    for name in _ID_FIELDS:
        for each in _all_at(value, name):
            if isinstance(each, str | int) and not isinstance(each, bool):
                yield each


def _named(content: bytes, field: str) -> Iterator[object]:
    """Find what a request's payload names in a field; None where it is not as documented."""
    body = _parsed(content)
    payloads = [each for key, each in body if key == "payload"] if _is_object(body) else []
    for payload in payloads:
        found = [each for key, each in payload if key == field] if _is_object(payload) else []
        yield from found or [None]


def _is_object(value: object) -> bool:
    return isinstance(value, _Members)


def _leads_somewhere(url: object) -> bool:
    return (
        isinstance(url, str)
        and _LEADS_OUT.match(url) is not None
        and _LEADS_NOWHERE.fullmatch(url) is None
    )
