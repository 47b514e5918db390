"""What came of a run, section by section, and how it is written down."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.contract.redaction import Redactor
    from tests.contract.session import Exchange

    Json = dict[str, Any]


EVERY_RESPONSE = "every response is as documented"
EVERY_REQUEST = "every request gets a response"

_ITEM = re.compile(r"\[\d+\]")
_VARYING = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+", re.IGNORECASE)
# What came of these is a part of the cause: another status is another mistake.
_TELLING = frozenset({"status", "errorCode"})
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OTHER_ID = r"0x[0-9a-f]{6,}|(?=[a-z]*\d)[a-z0-9]{16,}"
_MOMENT = r"\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
_HTTP_DATE = r"[a-z]{3}, \d\d [a-z]{3} \d{4} \d\d:\d\d:\d\d GMT"
_OF_THE_MOMENT = re.compile(
    rf"(?P<id>(?<![a-z0-9])(?:{_UUID}|{_OTHER_ID})(?![a-z0-9]))"
    rf"|(?P<date>\d{{4}}-\d\d-\d\d(?:[T ]{_MOMENT})?|{_HTTP_DATE})"
    r"|(?P<number>(?:(?<!\w)-)?\d+(?:\.\d+)?(?:e[+-]?\d+)?)",
    re.IGNORECASE,
)
_CODE = re.compile(r"\d{3}")
# What stands in quotes, and is no code: a server may say anything in place of one.
_ODD_TEXT = re.compile(r"(['\"])(?!(?:\d{3}|[A-Z][A-Z0-9_]*)\1).*\1")


@dataclass(frozen=True)
class Finding:
    """Something that the target does wrong.

    Attributes:
        check: What found it.
        where: The operation, or method and path.
        field: What is wrong: a field of the answer, ``status``, ``content-type`` …
        text: What was expected, and what came.
        steps: The requests that lead there; the last one's answer is wrong.
        same: What it has in common with others of the same cause at this place.
        count: How many times it was seen.
    """

    check: str
    where: str
    field: str
    text: str
    steps: Sequence[Exchange] = dataclasses.field(default=(), repr=False)
    same: tuple[str, ...] = ()
    count: int = 1

    @property
    def place(self) -> str:
        """The field, the same for each item of a list: ``result[].amount``."""
        return _ITEM.sub("[]", self.field)

    @property
    def spot(self) -> str:
        """The field to show: the very item, or what the items have in common."""
        return self.place if self.count > 1 else self.field

    @property
    def fault(self) -> str:
        """What is wrong, in words that do not vary from one item or run to the next.

        Ids, dates and numbers of the moment are ``[id]``, ``[date]`` and ``[number]``.
        """
        expected, got, came = self.text.partition("\n")[0].partition(", got ")
        if self.field not in _TELLING:
            return _general(expected)
        return _general(expected + got + _ODD_TEXT.sub(r"\1[text]\1", came), but=_CODE)

    @property
    def cause(self) -> tuple[str, ...]:
        """What findings have in common that one mistake of the target explains."""
        return (self.where, self.place, *(self.same or (self.check, self.fault)))


@dataclass(frozen=True)
class Result:
    """What came of one check.

    Attributes:
        section: Which part of the suite it belongs to.
        name: What has to hold.
        seconds: How long it took.
        findings: What does not hold; empty when all is well.
        skipped: Why it did not run; None when it did.
        stopped: Why it did not come to its end; None when it did.
        end: Why the run ends with it; None where it goes on.
        detail: What it looked at, in a few words.
    """

    section: str
    name: str
    seconds: float
    findings: Sequence[Finding] = ()
    skipped: str | None = None
    stopped: str | None = None
    end: str | None = None
    detail: str = ""


def _general(text: str, but: re.Pattern[str] = re.compile(r"(?!)")) -> str:
    """Put placeholders in place of what differs from run to run, except for what is to stay."""

    def name(found: re.Match[str]) -> str:
        return found[0] if but.fullmatch(found[0]) else f"[{found.lastgroup}]"

    return _OF_THE_MOMENT.sub(name, text)


def same_request(exchange: Exchange) -> str:
    """Return what requests have in common that are the same but for ids and times."""
    sent = _VARYING.sub("#", exchange.sent.decode(errors="replace"))
    kind = next((v for n, v in exchange.sent_headers.items() if n.lower() == "content-type"), "")
    told = f"{exchange.method} {exchange.path} {kind} {sent}"
    return hashlib.sha256(told.encode(errors="replace")).hexdigest()


class Noticed:
    """What responses of a run are wrong in themselves, whatever was asked: one finding a cause.

    Args:
        is_known: Whether a finding is one that the target is known for.
    """

    def __init__(self, is_known: Callable[[Finding], bool] = lambda _: False) -> None:
        self._is_known = is_known
        self._found: dict[tuple[str, ...], Finding] = {}
        self._told: set[tuple[str, ...]] = set()
        self._unexpected: list[Exchange] = []
        self._expected: dict[int, set[str]] = {}

    def note(self, exchange: Exchange, field: str, text: str, steps: Sequence[Exchange]) -> bool:
        """Take note of a fault, and return whether it is a known one."""
        made = of_response(exchange, field, text, steps)
        before = self._found.get(made.cause, made)
        is_new = before is made
        self._found[made.cause] = before if is_new else replace(before, count=before.count + 1)
        known = self._is_known(made)
        if known:
            # Exchanges are kept for as long as the run lasts, so that no other has this id.
            self._expected.setdefault(id(exchange), set()).add(made.place)
        else:
            self._unexpected.append(exchange)
        return known

    def is_known(self, exchange: Exchange, finding: Finding) -> bool:
        """Tell whether a target is known for a finding, or for the fault that it comes from."""
        return self.is_explained(exchange, finding) or self._is_known(finding)

    def is_explained(self, exchange: Exchange, finding: Finding) -> bool:
        """Tell whether a finding comes from a fault of the response that is known."""
        return finding.place in self._expected.get(id(exchange), ())

    def is_noted(self, exchange: Exchange, field: str, text: str) -> bool:
        """Tell whether a fault has the cause of one that was noted."""
        return of_response(exchange, field, text, ()).cause in self._found

    def explains(self, exchange: Exchange) -> bool:
        """Tell whether a response is wrong in itself, and not known to be."""
        return any(each is exchange for each in reversed(self._unexpected))

    @property
    def unexpected(self) -> int:
        """How many faults were noted that are not known."""
        return len(self._unexpected)

    @property
    def total(self) -> int:
        """How many faults were noted."""
        return sum(each.count for each in self._found.values())

    def count(self, cause: tuple[str, ...]) -> int:
        """Return how many times a cause was noted."""
        return self._found[cause].count if cause in self._found else 0

    def fresh(self) -> list[Finding]:
        """Return the findings that came since the last call."""
        fresh = [each for cause, each in self._found.items() if cause not in self._told]
        self._told |= self._found.keys()
        return fresh


def together(findings: Iterable[Finding]) -> list[Finding]:
    """Return the first finding of each cause, with the count of all."""
    found: dict[tuple[str, ...], Finding] = {}
    for each in findings:
        before = found.get(each.cause)
        if before:
            each = replace(before, count=before.count + each.count)  # noqa: PLW2901
        found[each.cause] = each
    return list(found.values())


def of_response(exchange: Exchange, field: str, text: str, steps: Sequence[Exchange]) -> Finding:
    """Make the finding that a response is wrong in itself."""
    made = Finding(EVERY_RESPONSE, exchange.label, field, text, tuple(steps))
    return replace(made, same=("response", made.fault))


def junit(results: Iterable[Result], redactor: Redactor) -> bytes:
    """Write results as JUnit XML: a suite for each section, a case for each check."""
    root = ET.Element("testsuites", name="contract")
    suites: dict[str, ET.Element] = {}
    for result in results:
        if result.section not in suites:
            suites[result.section] = ET.SubElement(root, "testsuite", name=result.section)
        _add_case(suites[result.section], result, redactor)
    for suite in suites.values():
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("errors", str(len(suite.findall("testcase/error"))))
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _add_case(suite: ET.Element, result: Result, redactor: Redactor) -> None:
    facts = {"classname": result.section, "name": result.name, "time": f"{result.seconds:.3f}"}
    case = ET.SubElement(suite, "testcase", facts)
    if result.skipped is not None:
        ET.SubElement(case, "skipped", message=result.skipped)
    if result.stopped is not None:
        ET.SubElement(case, "error", message=_printable(redactor.text(result.stopped)))
    if result.findings:
        first = result.findings[0]
        message = _printable(redactor.text(f"{first.where}: {first.spot}"))
        failure = ET.SubElement(case, "failure", message=message, type="Finding")
        texts = [_told(each) for each in result.findings]
        failure.text = _printable(redactor.text("\n\n".join(texts)))


def _told(finding: Finding) -> str:
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    return f"{finding.where}: {finding.spot}: {finding.text}{times}"


def _printable(text: str) -> str:
    # XML has no way to hold a control character, and a hostile answer may well do so.
    return "".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in text)


def har(exchanges: Iterable[Exchange], redactor: Redactor) -> bytes:
    """Write exchanges as an HTTP archive (HAR 1.2)."""
    entries = [_entry_or_less(each, redactor) for each in exchanges]
    creator = {"name": "calypso-pay contract tests", "version": "1"}
    log = {"version": "1.2", "creator": creator, "entries": entries}
    return json.dumps({"log": log}, ensure_ascii=False, indent=1).encode(errors="replace")


def _entry_or_less(exchange: Exchange, redactor: Redactor) -> Json:
    try:
        return _entry(exchange, redactor)
    except Exception as error:  # noqa: BLE001 - one odd exchange does not cost all the others
        bare = replace(exchange, sent_headers={}, sent=b"", headers={}, content=b"")
        return {**_entry(bare, redactor), "comment": f"Left out: {type(error).__name__}"}


def _entry(exchange: Exchange, redactor: Redactor) -> Json:
    milliseconds = round(exchange.seconds * 1000, 3)
    return {
        "startedDateTime": datetime.fromtimestamp(exchange.began, UTC).isoformat(),
        "time": milliseconds,
        "request": {
            "method": exchange.method,
            "url": redactor.text(exchange.url),
            **_message(exchange.sent_headers, exchange.sent, redactor),
            "postData": _body(exchange.sent_headers, exchange.sent, redactor),
            "queryString": [],
        },
        "response": {
            "status": exchange.status,
            "statusText": "",
            "redirectURL": "",
            **_message(exchange.headers, exchange.content, redactor),
            "content": {
                **_body(exchange.headers, exchange.content, redactor),
                "size": len(exchange.content),
            },
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    }


def _message(headers: Any, content: bytes, redactor: Redactor) -> Json:
    shown = redactor.headers(headers).items()
    return {
        "httpVersion": "HTTP/1.1",
        "headers": [{"name": name, "value": value} for name, value in shown],
        "cookies": [],
        "headersSize": -1,
        "bodySize": len(content),
    }


def _body(headers: Any, content: bytes, redactor: Redactor) -> Json:
    kinds = [value for name, value in headers.items() if name.lower() == "content-type"]
    shown = redactor.headers({"content-type": next(iter(kinds), "")}) if kinds else {}
    return {"mimeType": shown.get("content-type", ""), "text": redactor.body(content)}
