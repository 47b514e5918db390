"""Known findings of a target, which are listed in a run but do not fail it.

A baseline is a YAML file with a list of entries::

    - check: every response is as documented
      operation: getTransaction
      field: complianceState
      fault: expected it
      reason: The vendor leaves it out until the check is done; asked on 12 May.
      date: 2026-05-12

In a fault, ids, dates and numbers are replaced by ``[id]``, ``[date]`` and ``[number]``, so that
it is the same in another run.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tests.contract.results import Finding

if TYPE_CHECKING:
    from pathlib import Path

_NEEDED = ("check", "operation", "field", "reason", "date")
_ALL = frozenset({*_NEEDED, "fault"})
# Placeholders: one run may mask what another shows as a number. Older files have ``#``.
_VALUE = re.compile(r"\[(?:id|date|number|text|masked)\]|-?#(?:(?:[-+:.T]|E[+-]?)#)*Z?")


class BaselineError(Exception):
    """A baseline cannot be read, or an entry is not valid."""


@dataclass(frozen=True)
class Entry:
    """A known finding.

    Attributes:
        check: The name of the check that finds it.
        operation: The operation.
        field: The field that is wrong, in any item of a list.
        fault: What is wrong with it; None for any fault.
        reason: Why it is accepted.
        date: Since when.
    """

    check: str
    operation: str
    field: str
    fault: str | None
    reason: str
    date: str

    def covers(self, finding: Finding) -> bool:
        """Return whether this entry is about a finding."""
        own = Finding(self.check, self.operation, self.field, self.fault or "")
        found = (finding.check, finding.where, finding.field_path)
        is_there = (own.check, own.where, own.field_path) == found
        return is_there and (
            self.fault is None or _normalized(own.fault) == _normalized(finding.fault)
        )

    def __str__(self) -> str:
        what = f"{self.operation}, {self.field}" + (f": {self.fault}" if self.fault else "")
        return f"{what} ({self.check}; since {self.date}: {self.reason})"


def read(path: Path) -> list[Entry]:
    """Read a baseline.

    Raises:
        BaselineError: It cannot be read, or an entry is not valid.
    """
    try:
        listed = yaml.safe_load(path.read_text())
    except OSError as error:
        raise BaselineError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, yaml.YAMLError) as error:
        raw = " ".join(str(error).split())
        raise BaselineError(f"{path} is not YAML: {raw}.") from None
    except RecursionError:
        raise BaselineError(f"{path} is nested too deeply.") from None
    if listed is None:
        raise BaselineError(f"{path} is empty.")
    if not isinstance(listed, list):
        raise BaselineError(f"{path} is not a list of entries.")
    return [_entry(each, f"{path}, entry {n}") for n, each in enumerate(listed, start=1)]


def entry(finding: Finding, today: dt.date) -> str:
    """Write a finding as an entry without a reason."""
    raw = {
        "check": finding.check,
        "operation": finding.where,
        "field": finding.field_path,
        "fault": finding.fault,
    }
    text = yaml.safe_dump([raw], sort_keys=False, allow_unicode=True, width=1_000)
    return f"{text}  reason:\n  date: {today}"


def _normalized(fault: str) -> str:
    return _VALUE.sub("#", fault)


def _entry(raw: Any, where: str) -> Entry:
    if not isinstance(raw, dict):
        raise BaselineError(f"{where} is not a mapping.")
    missing = [name for name in _NEEDED if not str(raw.get(name) or "").strip()]
    if missing:
        raise BaselineError(f"{where} lacks {' and '.join(missing)}.")
    unknown = sorted(str(name) for name in raw.keys() - _ALL)
    if unknown:
        raise BaselineError(f"{where} has unknown members: {', '.join(unknown)}.")
    try:
        date = dt.date.fromisoformat(str(raw["date"]))
    except ValueError:
        raise BaselineError(f"{where}: {raw['date']} is not a date like 2026-05-12.") from None
    texts = {name: str(raw[name]).strip() for name in ("check", "operation", "field", "reason")}
    fault = str(raw["fault"]).strip() if raw.get("fault") else None
    return Entry(**texts, fault=fault, date=str(date))
