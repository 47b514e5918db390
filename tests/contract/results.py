"""The results and findings of a run, and how they are written to reports."""

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
# The value of these fields is a part of the cause: another status is another mistake.
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
# A quoted text that is not a code: a server may send anything in place of one.
_ODD_TEXT = re.compile(r"(['\"])(?!(?:\d{3}|[A-Z][A-Z0-9_]*)\1).*\1")


@dataclass(frozen=True)
class Finding:
    """A fault of the target.

    Attributes:
        check: The check that found it.
        where: The operation, or method and path.
        field: What is wrong: a field of the response, ``status``, ``content-type`` …
        text: What was expected, and what was received.
        steps: The requests that lead to it; the response to the last one is wrong.
        same: A key shared by findings of the same cause in this field; empty for the default.
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
    def field_path(self) -> str:
        """The field's path, the same for each item of a list: ``result[].amount``."""
        return _ITEM.sub("[]", self.field)

    @property
    def shown_field(self) -> str:
        """The field to show: that of one item, or of all if there are several."""
        return self.field_path if self.count > 1 else self.field

    @property
    def fault(self) -> str:
        """The text without the parts that vary from one item or run to the next.

        Ids, dates and numbers are replaced by ``[id]``, ``[date]`` and ``[number]``.
        """
        expected, got, came = self.text.partition("\n")[0].partition(", got ")
        if self.field not in _TELLING:
            return _general(expected)
        return _general(expected + got + _ODD_TEXT.sub(r"\1[text]\1", came), but=_CODE)

    @property
    def cause(self) -> tuple[str, ...]:
        """The key that findings share if one mistake of the target explains them all."""
        return (self.where, self.field_path, *(self.same or (self.check, self.fault)))


@dataclass(frozen=True)
class Result:
    """The result of one check.

    Attributes:
        section: The part of the suite that it belongs to.
        name: The check's name.
        seconds: How long it took.
        findings: What it found.
        skipped: Why it did not run; None if it did.
        stopped: Why it was not completed; None if it was.
        end: Why the run ends with it; None if the run continues.
        detail: What it examined, in a few words.
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
    """Replace ids, dates and numbers by placeholders, except those that match a pattern."""

    def name(found: re.Match[str]) -> str:
        return found[0] if but.fullmatch(found[0]) else f"[{found.lastgroup}]"

    return _OF_THE_MOMENT.sub(name, text)


def same_request(exchange: Exchange) -> str:
    """Return a key that is the same for requests that differ only in ids and times."""
    sent = _VARYING.sub("#", exchange.sent.decode(errors="replace"))
    kind = next((v for n, v in exchange.sent_headers.items() if n.lower() == "content-type"), "")
    request = f"{exchange.method} {exchange.path} {kind} {sent}"
    return hashlib.sha256(request.encode(errors="replace")).hexdigest()


class ResponseFaults:
    """Collects faults of responses themselves, whatever the request: one finding per cause.

    Args:
        is_known: Returns whether a finding is in the baseline.
    """

    def __init__(self, is_known: Callable[[Finding], bool] = lambda _: False) -> None:
        self._is_known = is_known
        self._found: dict[tuple[str, ...], Finding] = {}
        self._failure_text: set[tuple[str, ...]] = set()
        self._unexpected: list[Exchange] = []
        self._expected: dict[int, set[str]] = {}

    def note(self, exchange: Exchange, field: str, text: str, steps: Sequence[Exchange]) -> bool:
        """Record a fault, and return whether it is a known one."""
        made = of_response(exchange, field, text, steps)
        before = self._found.get(made.cause, made)
        is_new = before is made
        self._found[made.cause] = before if is_new else replace(before, count=before.count + 1)
        known = self._is_known(made)
        if known:
            # Exchanges are kept for the whole run, so this id is unique.
            self._expected.setdefault(id(exchange), set()).add(made.field_path)
        else:
            self._unexpected.append(exchange)
        return known

    def is_known(self, exchange: Exchange, finding: Finding) -> bool:
        """Return whether a finding is known, or caused by a known fault."""
        return self.is_explained(exchange, finding) or self._is_known(finding)

    def is_explained(self, exchange: Exchange, finding: Finding) -> bool:
        """Return whether a finding is caused by a known fault of the response."""
        return finding.field_path in self._expected.get(id(exchange), ())

    def is_recorded(self, exchange: Exchange, field: str, text: str) -> bool:
        """Return whether a fault with the same cause was recorded."""
        return of_response(exchange, field, text, ()).cause in self._found

    def explains(self, exchange: Exchange) -> bool:
        """Return whether a response has a fault that is not known."""
        return any(each is exchange for each in reversed(self._unexpected))

    @property
    def unexpected(self) -> int:
        """How many faults were recorded that are not known."""
        return len(self._unexpected)

    @property
    def total(self) -> int:
        """How many faults were recorded."""
        return sum(each.count for each in self._found.values())

    def count(self, cause: tuple[str, ...]) -> int:
        """Return how many times a cause was recorded."""
        return self._found[cause].count if cause in self._found else 0

    def new(self) -> list[Finding]:
        """Return the findings since the last call."""
        new = [each for cause, each in self._found.items() if cause not in self._failure_text]
        self._failure_text |= self._found.keys()
        return new


def together(findings: Iterable[Finding]) -> list[Finding]:
    """Return the first finding of each cause, with the total count."""
    found: dict[tuple[str, ...], Finding] = {}
    for each in findings:
        before = found.get(each.cause)
        if before:
            each = replace(before, count=before.count + each.count)  # noqa: PLW2901
        found[each.cause] = each
    return list(found.values())


def of_response(exchange: Exchange, field: str, text: str, steps: Sequence[Exchange]) -> Finding:
    """Make a finding for a fault of a response itself."""
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
        message = _printable(redactor.text(f"{first.where}: {first.shown_field}"))
        failure = ET.SubElement(case, "failure", message=message, type="Finding")
        texts = [_failure_text(each) for each in result.findings]
        failure.text = _printable(redactor.text("\n\n".join(texts)))


def _failure_text(finding: Finding) -> str:
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    return f"{finding.where}: {finding.shown_field}: {finding.text}{times}"


def _printable(text: str) -> str:
    # XML cannot contain control characters, but a hostile response may.
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
    except Exception as error:  # noqa: BLE001 - one odd exchange must not lose all the others
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
