"""What came of a run, section by section, and how it is written down."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.contract.redaction import Redactor
    from tests.contract.session import Exchange

    Json = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """Something that the target does wrong.

    Attributes:
        check: What found it.
        where: The operation, or method and path.
        field: What is wrong: a field of the answer, ``status``, ``content-type`` …
        text: What was expected, and what came.
        steps: The requests that lead there; the last one's answer is wrong.
    """

    check: str
    where: str
    field: str
    text: str
    steps: Sequence[Exchange] = field(default=(), repr=False)


@dataclass(frozen=True)
class Result:
    """What came of one check.

    Attributes:
        section: Which part of the suite it belongs to.
        name: What has to hold.
        seconds: How long it took.
        findings: What does not hold; empty when all is well.
        skipped: Why it did not run; None when it did.
        detail: What it looked at, in a few words.
    """

    section: str
    name: str
    seconds: float
    findings: Sequence[Finding] = ()
    skipped: str | None = None
    detail: str = ""


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
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _add_case(suite: ET.Element, result: Result, redactor: Redactor) -> None:
    facts = {"classname": result.section, "name": result.name, "time": f"{result.seconds:.3f}"}
    case = ET.SubElement(suite, "testcase", facts)
    if result.skipped is not None:
        ET.SubElement(case, "skipped", message=result.skipped)
    if result.findings:
        first = result.findings[0]
        message = _printable(redactor.text(f"{first.where}: {first.field}"))
        failure = ET.SubElement(case, "failure", message=message, type="Finding")
        texts = [f"{each.where}: {each.field}: {each.text}" for each in result.findings]
        failure.text = _printable(redactor.text("\n\n".join(texts)))


def _printable(text: str) -> str:
    # XML has no way to hold a control character, and a hostile answer may well do so.
    return "".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in text)


def har(exchanges: Iterable[Exchange], redactor: Redactor) -> bytes:
    """Write exchanges as an HTTP archive (HAR 1.2)."""
    entries = [_entry(each, redactor) for each in exchanges]
    creator = {"name": "calypso-pay contract tests", "version": "1"}
    log = {"version": "1.2", "creator": creator, "entries": entries}
    return json.dumps({"log": log}, ensure_ascii=False, indent=1).encode(errors="replace")


def _entry(exchange: Exchange, redactor: Redactor) -> Json:
    milliseconds = round(exchange.seconds * 1000, 3)
    return {
        "startedDateTime": datetime.fromtimestamp(exchange.began, UTC).isoformat(),
        "time": milliseconds,
        "request": {
            "method": exchange.method,
            "url": exchange.url,
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
    text = redactor.text(content.decode(errors="replace"))
    return {"mimeType": next(iter(kinds), ""), "text": text}
