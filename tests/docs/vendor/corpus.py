"""The corpus of documentation pages: what the vendor might change, and what it must not matter.

The pages are written by hand in the vendor's formats and agree with `openapi.yaml`. Beside them
are lists of changes to them: `changes.yaml`, `harmless.yaml` and `damaged.yaml`, each of
which explains its keys in its first lines. `changes2.yaml` and `harmless2.yaml` are lists of the
same form by an author who had not seen the reader; the pages `money-*` came with them.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HERE = Path(__file__).parent
PAGES = HERE / "pages"


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement, made everywhere; `count` is how often the text occurs."""

    find: str
    replace: str
    count: int = 1


class Expectation(NamedTuple):
    """What a difference has to be, and words that its place, its values or its text has to hold."""

    kind: str
    effect: str
    mentions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One change of one page.

    Attributes:
        name: What the vendor did, a sentence.
        page: The file's name.
        how: Name of a reshaping of the whole page; or empty.
        expects: Each has to be found; without any, no difference may be.
        allows: What may be found besides.
        seen: Whether the page was read before, as it is in `pages/`.
    """

    name: str
    page: str
    edits: tuple[Edit, ...]
    how: str
    expects: tuple[Expectation, ...]
    allows: tuple[Expectation, ...]
    seen: bool

    @property
    def before(self) -> str:
        """The page, unchanged."""
        return page(self.page)

    @property
    def after(self) -> str:
        """The page with the change made to it.

        Raises:
            ValueError: A text to replace is not there as often as the list says.
        """
        text = self.before
        for edit in self.edits:
            text = _edited(text, edit)
        return RESHAPINGS[self.how](text) if self.how else text


class Damage(NamedTuple):
    """Something that is no page, or only the beginning of one."""

    name: str
    page: str
    how: str
    says: str

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return DAMAGES[self.how](page(self.page))


def page(name: str) -> str:
    """Return a page unchanged."""
    return (PAGES / name).read_text("utf-8")


def cases(name: Literal["changes", "harmless", "changes2", "harmless2"]) -> list[Case]:
    """Return a list of changes in its order."""
    return [_case(entry) for entry in _entries(name)]


def damages() -> list[Damage]:
    """Return what is done to pages that can't be read afterwards."""
    return [Damage(**entry) for entry in _entries("damaged")]


def _entries(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.load(
        (HERE / f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader
    )
    return entries


def _case(entry: Mapping[str, Any]) -> Case:
    return Case(
        name=entry["name"],
        page=entry["page"],
        edits=tuple(Edit(**edit) for edit in entry.get("edits", ())),
        how=entry.get("how", ""),
        expects=tuple(map(_expectation, entry["expects"])),
        allows=tuple(map(_expectation, entry.get("allows", ()))),
        seen=entry.get("seen") != "nothing",
    )


def _expectation(entry: Mapping[str, Any]) -> Expectation:
    return Expectation(entry["kind"], entry["effect"], tuple(entry["mentions"]))


def _edited(text: str, edit: Edit) -> str:
    found = text.count(edit.find)
    if found != edit.count:
        raise ValueError(f"{edit.find!r} occurs {found} times in the page, not {edit.count}")
    return text.replace(edit.find, edit.replace)


def _blocks(text: str, dump: Callable[[Any], str]) -> str:
    def rewritten(match: re.Match[str]) -> str:
        return f"```json\n{dump(json.loads(match[1]))}\n```"

    return re.sub(r"```json\n(.*?)\n```", rewritten, text, flags=re.DOTALL)


def _sorted_keys(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _sections_reversed(text: str) -> str:
    head, *sections = re.split(r"(?m)^(?=## )", text)
    return head + "".join(f"{section.rstrip()}\n\n" for section in reversed(sections))


def _unpadded(text: str) -> str:
    """Take the padding out of every row, and shorten the rules under the headers."""
    rows = re.sub(r"(?m)^\|.*\|$", lambda row: re.sub(r" +(?=\|)", " ", row[0]), text)
    return re.sub(r"-{4,}(?= \|)", "---", rows)


def _picture(text: str) -> bytes:
    """Return the head of a PNG and noise, the same for the same page."""
    return b"\x89PNG\r\n\x1a\n" + random.Random(len(text)).randbytes(4096)  # noqa: S311 - noise


def _cut(text: str) -> bytes:
    """Break off behind the last brace that opens, which is within JSON on the pages named."""
    return text[: text.rindex("{") + 1].encode()


ERROR_PAGE = b"""<!DOCTYPE html>
<html><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>
"""
LOGIN_PAGE = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Log in</title></head>
<body><h1>Log in to go on</h1><form method="post" action="/login">
<input name="email" type="email" required><input name="password" type="password" required>
<button>Log in</button></form></body></html>
"""

RESHAPINGS: Mapping[str, Callable[[str], str]] = {
    "windows line ends": lambda text: text.replace("\n", "\r\n"),
    "byte order mark": lambda text: "\ufeff" + text,
    "trailing blanks": lambda text: re.sub(r"(?m)(?<=[^\s\\])$", "  ", text),
    "more empty lines": lambda text: re.sub(r"\n\n", "\n\n\n\n", text),
    "pretty blocks": lambda text: _blocks(text, lambda value: json.dumps(value, indent=2)),
    "sorted keys": lambda text: _blocks(text, _sorted_keys),
    "sections reversed": _sections_reversed,
    "unpadded tables": _unpadded,
}
DAMAGES: Mapping[str, Callable[[str], bytes]] = {
    "cut": _cut,
    "error page": lambda _: ERROR_PAGE,
    "login page": lambda _: LOGIN_PAGE,
    "empty": lambda _: b"",
    "white space": lambda _: b" \n\t\r\n\n   \n",
    "binary": _picture,
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "fifty megabytes": lambda text: text.encode() * (50_000_000 // len(text.encode()) + 1),
    "JSON": lambda _: b'{"error":{"code":404,"message":"No such page"}}\n',
}
