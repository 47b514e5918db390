"""What all came to, and what to do next, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.drift.differences import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.differences import Report


def counts(report: Report) -> str:
    """Return the number of differences of each severity: `1 breaking, 2 additive, 0 editorial`."""
    return ", ".join(f"{len(report.of(severity))} {severity}" for severity in Severity)


def closing(report: Report) -> str:
    """Return the counts and the next step in one line."""
    if not (report.pages or report.differences or report.unread):
        return "No page was read, so nothing was compared."
    return " ".join((_outcome(report), *_steps(report)))


def place(name: str, line: int | None) -> str:
    """Return `name:line`, or the name alone where there is no line."""
    return name if line is None else f"{name}:{line}"


def _outcome(report: Report) -> str:
    pages = f"{len(report.pages)} page{'' if len(report.pages) == 1 else 's'} read"
    some = report.differences or report.unread
    found = counts(report) if some else "nothing new, openapi.yaml is up to date"
    known = f"; {len(report.known)} known" if report.known else ""
    unread = f"; {len(report.unread)} could not be read" if report.unread else ""
    return f"{pages}: {found}{known}{unread}."


def _steps(report: Report) -> Iterator[str]:
    editorial = report.of(Severity.EDITORIAL)
    if len(report.differences) > len(editorial):
        also = "read what is editorial too, " if editorial else ""
        yield f"Edit openapi.yaml at the lines named, {also}then run `make update`."
    elif editorial:
        yield (
            "Read the pages at the lines named; where nothing follows for openapi.yaml, "
            "run `python -m tools.drift --accept`."
        )
    if report.unread:
        yield "What could not be read was not compared: mend it and run this again."
