"""What a target is known to do otherwise than documented: listed in a run, and no failure of it.

A baseline is a YAML file with a list of entries::

    - check: every response is as documented
      operation: getTransaction
      field: complianceState
      fault: expected it
      reason: The vendor leaves it out until the check is done; asked on 12 May.
      date: 2026-05-12

In place of ids, dates and numbers a fault says ``[id]``, ``[date]`` and ``[number]``, so that it
is the same in another run.
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
# What stands for a value: one run may mask what another calls a number. Earlier it was ``#``.
_VALUE = re.compile(r"\[(?:id|date|number|text|masked)\]|-?#(?:(?:[-+:.T]|E[+-]?)#)*Z?")


class BaselineError(Exception):
    """A baseline cannot be read, or an entry lacks something."""


@dataclass(frozen=True)
class Entry:
    """Something that a target is known for.

    Attributes:
        check: The name of what finds it.
        operation: Where it is.
        field: What is wrong there, whatever the number of an item.
        fault: What is wrong with it; None where anything may be.
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
        """Tell whether this is what was found."""
        own = Finding(self.check, self.operation, self.field, self.fault or "")
        found = (finding.check, finding.where, finding.place)
        is_there = (own.check, own.where, own.place) == found
        return is_there and (self.fault is None or _alike(own.fault) == _alike(finding.fault))

    def __str__(self) -> str:
        what = f"{self.operation}, {self.field}" + (f": {self.fault}" if self.fault else "")
        return f"{what} ({self.check}; since {self.date}: {self.reason})"


def read(path: Path) -> list[Entry]:
    """Read a baseline.

    Raises:
        BaselineError: It cannot be read, or an entry is not complete.
    """
    try:
        listed = yaml.safe_load(path.read_text())
    except OSError as error:
        raise BaselineError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, yaml.YAMLError) as error:
        told = " ".join(str(error).split())
        raise BaselineError(f"{path} is not YAML: {told}.") from None
    except RecursionError:
        raise BaselineError(f"{path} is nested too deeply.") from None
    if listed is None:
        raise BaselineError(f"{path} is empty.")
    if not isinstance(listed, list):
        raise BaselineError(f"{path} is not a list of entries.")
    return [_entry(each, f"{path}, entry {n}") for n, each in enumerate(listed, start=1)]


def entry(finding: Finding, today: dt.date) -> str:
    """Write a finding as an entry, but for its reason."""
    told = {
        "check": finding.check,
        "operation": finding.where,
        "field": finding.place,
        "fault": finding.fault,
    }
    text = yaml.safe_dump([told], sort_keys=False, allow_unicode=True, width=1_000)
    return f"{text}  reason:\n  date: {today}"


def _alike(fault: str) -> str:
    return _VALUE.sub("#", fault)


def _entry(told: Any, where: str) -> Entry:
    if not isinstance(told, dict):
        raise BaselineError(f"{where} is not a mapping.")
    missing = [name for name in _NEEDED if not str(told.get(name) or "").strip()]
    if missing:
        raise BaselineError(f"{where} lacks {' and '.join(missing)}.")
    unknown = sorted(str(name) for name in told.keys() - _ALL)
    if unknown:
        raise BaselineError(f"{where} has {', '.join(unknown)}, which means nothing there.")
    try:
        date = dt.date.fromisoformat(str(told["date"]))
    except ValueError:
        raise BaselineError(f"{where}: {told['date']} is no date like 2026-05-12.") from None
    texts = {name: str(told[name]).strip() for name in ("check", "operation", "field", "reason")}
    fault = str(told["fault"]).strip() if told.get("fault") else None
    return Entry(**texts, fault=fault, date=str(date))
