"""Finds what sentences name beside operations and events.

These are error codes, statuses of HTTP, hosts, currencies and other values.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from tools.drift import words
from tools.drift.differences import ADDITION, BREAKING, INFORMATION, Difference
from tools.drift.document import VERBS, split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.drift.document import Document, Key
    from tools.drift.facts import Sentence

_ERROR = re.compile(
    r"\b(?:error(?: ?code)?s?|code)\b[\"'`:= ]{1,5}(?:of |is |with |are )?[\"'`]?(?P<name>0\d\d)\b"
    r"|(?<![\w.])(?P<other>0\d\d)[\"'`)]? error",
    re.IGNORECASE,
)
_PHRASES = "|".join(re.escape(each.phrase) for each in HTTPStatus)
_STATUS = re.compile(
    r"\b(?:HTTP|status)(?: status)?(?: code)?s?(?: of| is)? (?P<name>[1-5]\d\d)\b"
    rf"|(?<![\w.,])(?P<other>[1-5]\d\d)(?= (?:{_PHRASES}|(?:response|status|error)\b))"
    r"|\b(?:response|respond\w*|answer\w*|return\w*|rejected)(?: is)?(?: with)? "
    r"(?P<third>[2-5]\d\d)\b(?! \w+s\b)",
)
_OF_MERCHANT = re.compile(
    r"\byour (?:\w+ )?(?:server|service|system|endpoint|url|side|application)|\breceiving"
    r"|\byou (?:have to |must |should |can |may )?(?:answer|respond|return)",
    re.IGNORECASE,
)
_HOST = re.compile(r"\bhttps?://(?P<name>[\w.\-]*calypso[\w.\-]*\w)|\b(?P<other>api\.[\w.\-]*\w)\b")
_SITES = re.compile(r"^(?:docs|www|app|help|blog|status|support|my|cdn)\.|^calypso\.\w+$|files")
_OF_CALLS = re.compile(
    r"\b(?:api|requests?|calls?|hosts?|endpoints?|base|sandbox|servers?|environment)\b",
    re.IGNORECASE,
)
_TRIAL = re.compile(r"\b(?:sandbox|test|demo|staging|trial)", re.IGNORECASE)
_CODE = re.compile(r"\b[A-Z][A-Z0-9]{2,5}(?:_[A-Z0-9]{2,})?\b")
_MONEY = re.compile(r"\bcurrenc|\bcoins?\b|\btokens?\b|\bdeposits?\b", re.IGNORECASE)
_NO_CURRENCIES = frozenset(
    "API URL HTTP HTTPS JSON HMAC SHA HEX UTC UUID FAQ TLS SSL KYC AML NULL INFO TRUE FALSE"  # noqa: SIM905 - a list of words
    " XML CSV PDF HTML OAUTH JWT RSA SDK CLI NEW NOT ALL AND".split()
)
_EXAMPLES = re.compile(
    r"e\.\s?g\.|\bsuch as\b|\blike\b|\bexample\b|\bfor instance\b", re.IGNORECASE
)
_CONSTANT = r"\b(?P<{}>[A-Z][A-Z_]{{2,}})\b"
_VALUE = re.compile(
    r"\b(?P<name>[a-z]*(?:[sS]tat(?:e|us)|[lL]evel))\b(?: [a-z]+){0,4}[:=\"'` ]{1,3}[\"'`]?"
    + _CONSTANT.format("value")
    + "|"
    + _CONSTANT.format("other")
    + r"[\"'`]? (?P<after>state|status|level)\b"
)


_CALLED = re.compile(
    r"(?:\b(?P<verb>GET|POST|PUT|PATCH|DELETE)\b[\])\s*_`]*)?(?:https?://[\w.\-]+)?"
    r"(?<![\w/.])(?P<path>/?[a-z][\w\-]*(?:/[\w{}\-]+)+)"
)
_SUCCESSOR = re.compile(
    r"\b(?:use|migrat\w* to|mov\w* to|switch\w* to|see|favou?r of|by|with|via)\b[^.;,]*$",
    re.IGNORECASE,
)
_PREDECESSOR = re.compile(r"\b(?:instead of|rather than|in place of)\b[^.;,]*$", re.IGNORECASE)


def subjects_of(text: str, document: Document) -> list[str]:
    """Return the operations and events that a note of deprecation is on, not their successors."""
    found = [
        (match.start(), _operation_of(match, document)) for match in _CALLED.finditer(text)
    ] + [(match.start(), match[0]) for match in re.finditer(r"\b[A-Z]+(?:_[A-Z0-9]+)+\b", text)]
    names = {*document.spec.operations, *document.events}
    return list(
        dict.fromkeys(
            name
            for start, name in sorted(found)
            if name in names
            and (_PREDECESSOR.search(text[:start]) or not _SUCCESSOR.search(text[:start]))
        )
    )


def _operation_of(match: re.Match[str], document: Document) -> str:
    """Return the only operation of a path, or of the end of one; with its verb if there is one."""
    path = match["path"] if match["path"].startswith("/") else f"/{match['path']}"
    found = {
        own
        for name, own in (
            *((each, each) for each in document.spec.operations),
            *document.aliases.items(),
        )
        if name.endswith(path) and name.partition(" ")[0] in {match["verb"] or "POST", "POST"}
    }
    return found.pop() if len(found) == 1 else ""


def names_in(text: str, document: Document) -> dict[Key, str]:
    """Return what a text names, by keys as facts have them, with how it stands there."""
    return {key: shown for find in _FINDERS for key, shown in find(text, document)}


def _errors(text: str, _: Document) -> Iterator[tuple[Key, str]]:
    for match in _ERROR.finditer(text):
        code = match["name"] or match["other"]
        yield ("error", code), code


def _statuses(text: str, _: Document) -> Iterator[tuple[Key, str]]:
    if not _OF_MERCHANT.search(text):
        for match in _STATUS.finditer(text):
            code = match["name"] or match["other"] or match["third"]
            yield ("status", code), code


def _hosts(text: str, _: Document) -> Iterator[tuple[Key, str]]:
    for match in _HOST.finditer(text):
        host = match["name"] or match["other"]
        if not _SITES.search(host) and _OF_CALLS.search(text):
            yield ("server", f"https://{host}"), f"https://{host}"


def _currencies(text: str, document: Document) -> Iterator[tuple[Key, str]]:
    currencies = document.spec.enumerations.get("Currency")
    ours = set(currencies.values) if currencies else set()
    bases = {each.partition("_")[0] for each in ours}
    values = {name for each in document.spec.enumerations.values() for name in each.values}
    matches = [each for each in _CODE.finditer(text) if not _SUCCESSOR.search(text[: each.start()])]
    found = [each[0] for each in matches]
    is_about = bool(ours & set(found)) or _MONEY.search(text) is not None
    for name in found:
        base, _, network = name.partition("_")
        is_other = name in _NO_CURRENCIES | VERBS or document.events_in(name)
        is_new = is_about and name.isalpha() and not is_other and name not in values
        if name in ours or (network and base in bases) or is_new:
            yield ("value", "Currency", name), name


def _values(text: str, document: Document) -> Iterator[tuple[Key, str]]:
    for match in _VALUE.finditer(text):
        value = match["value"] or match["other"]
        where = _enumeration(match["name"] or match["after"], text, document)
        if where and not document.events_in(value) and value not in _NO_CURRENCIES | VERBS:
            yield ("value", where, value), value


def _enumeration(name: str, text: str, document: Document) -> str:
    """Return the enumeration that a sentence means by a state, a status or a level."""
    said = text.lower()
    if name.lower() in {"state", "status"}:
        if "complian" in said:
            return "ComplianceState"
        if re.search(r"\baddress|\bpurse", said):
            return "PurseStatus"
        return "TransactionState" if re.search(r"transaction|deposit", said) else ""
    return document.enumeration(name) or ""


_FINDERS: tuple[Callable[[str, Document], Iterator[tuple[Key, str]]], ...] = (
    _errors,
    _statuses,
    _hosts,
    _currencies,
    _values,
)


def news(
    sentence: Sentence, was: str, document: Document, before: set[Key]
) -> Iterator[Difference]:
    """Yield what a sentence names that neither the document nor the page had.

    Args:
        sentence: The sentence.
        was: What it was; empty for a new one.
        document: The document.
        before: What the page named before.
    """
    text = sentence.text
    now, then = names_in(text, document), names_in(was, document)
    for key in now:
        is_gone = _is_gone(key, text) and not _is_gone(key, was)
        if is_gone and _is_ours(key, document):
            yield _difference(key, sentence, is_new=False)
        elif not is_gone and key not in then and key not in before and not _is_ours(key, document):
            yield _difference(key, sentence, is_new=True)


def lost(sentence: Sentence, was: str, document: Document, still: set[Key]) -> Iterator[Difference]:
    """Yield the currencies that a list of a sentence lost, and that the page does not name now."""
    now, then = names_in(sentence.text, document), names_in(was, document)
    listed = [key for key in then if key[:2] == ("value", "Currency")]
    is_list = len(listed) > 1 and not _EXAMPLES.search(was)
    if is_list and not now.keys() - then.keys():
        for key in listed:
            if key not in now and key not in still and _is_ours(key, document):
                yield _difference(key, sentence, is_new=False)


def _is_gone(key: Key, text: str) -> bool:
    """Whether a sentence states that what it names is gone; currencies are in more words."""
    is_currency = key[:2] == ("value", "Currency")
    return words.is_gone(text) or (is_currency and _CLOSED.search(text) is not None)


_CLOSED = re.compile(
    r"\b[Dd]eposits?\b.*\b(?:are|is|ha(?:s|ve) been) (?:disabled|closed|stopped|suspended)"
    r"|\b[A-Z]{3,}\b.* (?:was|were|has been|have been) (?:replaced|removed|delisted)"
)


def _is_ours(key: Key, document: Document) -> bool:
    if key[0] == "status":
        return any(each[0] == "status" and each[2] == key[1] for each in document.facts)
    if key[0] == "server":
        return key[1] in {each.rstrip("/") for each in document.spec.servers}
    return key in document.facts


def _difference(key: Key, sentence: Sentence, *, is_new: bool) -> Difference:
    kind, where = f"{key[0]}-{'added' if is_new else 'removed'}", key[1]
    old, new = (None, key[-1]) if is_new else (key[-1], None)
    effect = ADDITION if is_new else BREAKING
    if key[0] == "server":
        kind, where = "operation-moved", "servers"
        effect = INFORMATION if is_new and _TRIAL.search(sentence.text) else BREAKING
    elif key[0] == "status":
        owner, _, _ = split(sentence.about)
        where = f"{owner if ' ' in owner else 'HTTP'} {key[1]}"
    text = f"The page states: {sentence.text}"
    return Difference(kind, where, old, new, effect, text, line=sentence.line)
