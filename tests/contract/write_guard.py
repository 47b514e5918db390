"""Decide which requests of a run may reach a server that has objects of others.

Existing objects are not changed: a request that changes something has to contain, in the
documented field, an id that the run created or invented. Otherwise it is not sent.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.contract import document, known_fields, schemas
from tests.contract.checks import api_client

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

CUSTOMER, ADDRESS, SUBSCRIPTION = "createCustomer", "getAddress", "createSubscription"
KINDS = {CUSTOMER: "customers", ADDRESS: "addresses", SUBSCRIPTION: "subscriptions"}

# The field of a response that contains the id of the new object.
_MADE = {CUSTOMER: "id", SUBSCRIPTION: "requestId"}
_DELETE = "deleteSubscription"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_ID_FIELDS = frozenset({"id", "customerId", "transactionId", "requestId"})
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
# Shorter ids are searched for as whole words: they may be a part of anything.
_LONG = 16
# A UUID with this many different characters or fewer was written by hand.
_VARIED = 8
# Events about real customers must not go to a real server: these domains have no owner.
_LEADS_OUT = re.compile(r"\s*(https?:)?[/\\]{2}", re.IGNORECASE)
_LEADS_NOWHERE = re.compile(r"https?://[^/@\\?#\s]*\.(example|invalid)(:\d*)?([/?#].*)?", re.DOTALL)


@dataclass(frozen=True)
class Rejection:
    """The response to a request that is not sent.

    Attributes:
        status: The documented status for this.
        code: The errorCode.
        why: The reason.
    """

    status: int
    code: str
    why: str


class WriteGuard:
    """Keeps track of the ids that the run created, and of others that the server has shown.

    Args:
        writes: Whether anything may be created or changed at all.
        others: Ids of objects that the run must not change.

    Attributes:
        made: How many objects of each kind were created.
        unsure: How many more of each kind may have been created: the responses do not show it.
        subscriptions: Subscriptions that the run created, or may have created, and did not delete.
        tried: Rejected subscriptions, whose ids are so random that they are the run's if they are
            listed nevertheless.
        contested: Ids that the server gave to a new customer though it had used them before.
    """

    def __init__(self, *, writes: bool, others: Iterable[str] = ()) -> None:
        self.made: Counter[str] = Counter()
        self.unsure: Counter[str] = Counter()
        self.tried: dict[str, str] = {}
        self.contested: set[str] = set()
        self.subscriptions: dict[str, str] = {}
        self._writes = writes
        # Ids of the document's examples have been copied, and may exist on a real server.
        examples = _UUID.findall(document.DOCUMENT.read_text())
        self._others = {_key(each) for each in [*others, *examples] if each}
        self._own: set[str] = set()
        self._addresses: set[str] = set()
        # Subscriptions that the request in progress may create.
        self._asked: set[str] = set()
        # Ids in any response so far; the id of a new object is not among them.
        self._seen: set[str] = set()

    def is_protected(self, name: str) -> bool:
        """Return whether an id is that of an object that the run must not change."""
        return _key(name) in self._others

    def rejection(self, method: str, path: str, content: bytes) -> Rejection | None:
        """Return the response to a request that must not be sent; None if it may be sent."""
        if is_read(method, path):
            return None
        operation = document.operation_at(method, path)
        if not self._writes:
            return _not_found(operation, "the run only reads")
        if operation not in known_fields.FIELDS:
            return _not_found(operation, "there is no rule for what it changes")
        if self._names_protected(_text(content) + unquote(path)):
            return _not_found(operation, "it names an object that the run did not create")
        return self._undocumented(operation, content)

    def keep_only(self, listed: Iterable[str]) -> None:
        """Forget the subscriptions that are not in a list of all existing ones."""
        there = set(map(_key, listed))
        self.subscriptions |= {key: self.tried[key] for key in self.tried.keys() & there}
        self._forget(self.subscriptions.keys() - there)

    def is_made(self, name: str) -> bool:
        """Return whether the run created a subscription and did not delete it."""
        return _key(name) in self.subscriptions

    def note_request(self, method: str, path: str, content: bytes) -> str | None:
        """Record a request before it is sent; return the kind of object that it may create."""
        operation = document.operation_at(method, path)
        self._asked = set()
        if operation == SUBSCRIPTION:
            # Without a response, it may still have been created.
            names = {str(each) for each in _all_at(_parsed(content), "requestId") if each}
            fresh = {_key(each): each for each in names if not self.is_made(each)}
            self._asked |= fresh.keys()
            self.tried |= {key: each for key, each in fresh.items() if _is_random(each)}
            self.subscriptions |= fresh
        return KINDS.get(operation or "")

    def note_sending(self, method: str, path: str) -> None:
        """Record that an object may be created from now on."""
        self.unsure.update(_kinds(method, path))

    def note_response(self, method: str, path: str, status: int, received: bytes) -> None:
        """Record a response that shows whether an object was created."""
        if status in range(200, 300) or _is_rejection(status, received):
            self.unsure.subtract(_kinds(method, path))

    def learn(self, method: str, path: str, sent: bytes, status: int, received: bytes) -> None:
        """Learn from a response which objects exist, and which of them are the run's."""
        operation = document.operation_at(method, path)
        asked = {_key(str(each)) for each in _all_at(_parsed(sent), "requestId")}
        value = _parsed(received)
        named = set(map(_key, {*_UUID.findall(_text(received)), *map(str, _ids(value))})) - {""}
        if status not in range(200, 300):
            self._seen |= named
            if operation == SUBSCRIPTION and _is_rejection(status, received):
                self._forget(self._asked)
            return
        if operation in _MADE:
            created = self._newly_created(operation, value, asked)
            if operation == CUSTOMER:
                self._protect_reused({_key(str(each)) for each in _all_at(value, "id")})
            self._own |= created - self.contested
        if operation in KINDS:
            self._count(operation, value)
        if operation == _DELETE:
            self._forget(asked)
        self._seen |= named
        self._others |= named - self._own

    def _undocumented(self, operation: str, content: bytes) -> Rejection | None:
        if operation not in _MADE:
            fields = api_client.id_fields(operation)
            if not fields or not all(self._may_be_named(content, name) for name in fields):
                return _bad_request("it does not name an object as documented")
        if any(map(_leads_somewhere, _all_at(_parsed(content), "url"))):
            return _bad_request("its url may be a real address")
        return None

    def _newly_created(self, operation: str, value: object, asked: set[str]) -> set[str]:
        """Return the id of the object just created, unless it existed before."""
        members = value if isinstance(value, _Members) else ()
        found = {_key(str(each)) for name, each in members if name == _MADE[operation]}
        if operation == SUBSCRIPTION and asked:
            # The caller chooses the id, so a different one is not the run's.
            found &= asked
        return found - self._others

    def _protect_reused(self, keys: set[str]) -> None:
        """Protect objects that are returned as new though their ids were seen before."""
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

    def _names_protected(self, text: str) -> bool:
        lower = text.lower()
        plain = _plain(lower)
        return any(_is_in(each, lower, plain) for each in self._others)

    def _may_be_named(self, content: bytes, field: str) -> bool:
        named = list(_named(content, field))
        return bool(named) and all(isinstance(each, str) and self._is_fit(each) for each in named)

    def _is_fit(self, name: str) -> bool:
        plain = _plain(name.lower())
        return bool(_UUID.search(name)) or any(each in plain for each in self._own)


def _kinds(method: str, path: str) -> list[str]:
    operation = document.operation_at(method, path)
    return [KINDS[operation]] if operation in KINDS else []


def _is_rejection(status: int, received: bytes) -> bool:
    """Return whether the API itself rejected a request; another error may hide that it worked."""
    codes = list(_all_at(_parsed(received), "errorCode"))
    return status in range(400, 500) and len(codes) == 1 and isinstance(codes[0], str)


def _is_random(name: str) -> bool:
    # Simple ones such as 00000000-0000-4000-8000-000000000001 may be chosen by others, too.
    return _UUID.fullmatch(name) is not None and len(set(name.lower())) > _VARIED


def is_read(method: str, path: str) -> bool:
    """Return whether a request is known to change nothing."""
    return method in _SAFE_METHODS or document.operation_at(method, path) in api_client.reads()


def _not_found(operation: str | None, why: str) -> Rejection:
    documented = schemas.statuses(operation) if operation else frozenset({404})
    status = HTTPStatus.NOT_FOUND if HTTPStatus.NOT_FOUND in documented else HTTPStatus.BAD_REQUEST
    return Rejection(status, "004", why)


def _bad_request(why: str) -> Rejection:
    return Rejection(HTTPStatus.BAD_REQUEST, "001", why)


def _text(content: bytes) -> str:
    text = content.decode(json.detect_encoding(content), "replace")
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def _key(name: str) -> str:
    """Return an id in one form, however it is written."""
    lower = name.lower()
    return _plain(lower) if len(lower) >= _LONG else lower


def _plain(text: str) -> str:
    # An id may be written with braces, without hyphens, or with spaces.
    return "".join(filter(str.isalnum, text))


def _is_in(key: str, text: str, plain: str) -> bool:
    if len(key) >= _LONG:
        return key in plain
    return key in text and re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text) is not None


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object, duplicates included."""


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content, object_pairs_hook=_Members)
    except (ValueError, RecursionError):
        return None


def _all_at(value: object, name: str) -> Iterator[object]:
    """Find all members with a name, at any depth."""
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
    """Find the values of a field in a request's payload; None where it is not as documented."""
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
