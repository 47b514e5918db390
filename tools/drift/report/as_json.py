"""The report for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tools.drift.differences import Severity
from tools.drift.report.tidy import tidy

if TYPE_CHECKING:
    from tools.drift.differences import Difference, Report

VERSION = 1


def as_json(report: Report) -> str:
    """Write the report as JSON, in ASCII, without a last line feed.

    The same differences give the same text, in whatever order they were found. The members:

        version      1; a higher one when a member changes its meaning or goes
        pages        names of the pages that were read
        counts       breaking, additive, editorial: how many differences of each
        differences  severity, kind, page, page_line, subject, what, consequence, document_line,
                     edits, each line, action (insert, replace), text; lines count from 1 and
                     are null where there is none
        known        page, page_line, subject, what, document_line
        unread       source, why

    All fields come back as they are, except for characters that can't be seen: those are gone.
    """
    shown = tidy(report)
    return json.dumps(
        {
            "version": VERSION,
            "pages": shown.pages,
            "counts": {severity: len(shown.of(severity)) for severity in Severity},
            "differences": [_difference(each) for each in shown.differences],
            "known": [asdict(each) for each in shown.known],
            "unread": [asdict(each) for each in shown.unread],
        },
        indent=2,
    )


def _difference(each: Difference) -> dict[str, Any]:
    # Named tuples become dictionaries here: json would write them as lists.
    return asdict(each) | {"edits": [edit._asdict() for edit in each.edits]}
