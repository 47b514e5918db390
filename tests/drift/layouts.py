"""Pages in the vendor's layouts, in our own words, by the names of their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent

GET = "POST /api/v1/customer-purse/transaction/get"
FIND = "POST /api/v1/customer-purse/transaction/find"
ACCOUNT = "POST /api/v1/account"

PAGES = {path.name: path.read_text("utf-8") for path in sorted((HERE / "pages").iterdir())}

REFERENCE = PAGES["reference.md"]
ERRORS = PAGES["errors.md"]
OVERVIEW = PAGES["overview.txt"]
TYPES = PAGES["types.txt"]
PATH_AT_THE_START = PAGES["path-at-the-start.txt"]


def table(name: str) -> list[dict[str, Any]]:
    """Return a list of changes."""
    found: list[dict[str, Any]] = yaml.load((HERE / name).read_text("utf-8"), yaml.CSafeLoader)
    return found
