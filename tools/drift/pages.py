"""The list of the vendor's pages, `pages.yaml`: read, and written where a reading was accepted."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LIST = Path(__file__).with_name("pages.yaml")

_KEYS = ("name", "title", "url", "read", "fingerprint")
_NULL = "tag:yaml.org,2002:null"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
# A test's own server may do without TLS; the vendor's may not.
_LOCAL = ("127.0.0.1", "localhost")


class PagesError(Exception):
    """The list of pages can't be used. The message says where and why."""


class Entry(NamedTuple):
    """A page of the list.

    Attributes:
        name: What reports call it, such as `account-api`.
        title: The page's own heading; a saved file is recognised by it.
        url: Address of its markdown form.
        read: Date of the last accepted reading, or None.
        fingerprint: Of what it showed then, 16 hex digits, or None.
    """

    name: str
    title: str
    url: str
    read: date | None = None
    fingerprint: str | None = None


class _Slot(NamedTuple):
    """An entry and, by key, the nodes of its values, which know their places in the file."""

    entry: Entry
    values: dict[str, yaml.ScalarNode]


def load(path: Path = LIST) -> tuple[Entry, ...]:
    """Read the list.

    Raises:
        PagesError: It is missing, no YAML, or an entry of it is wrong.
    """
    return tuple(slot.entry for slot in _slots(path, _text(path)))


def record(readings: Mapping[str, tuple[date, str]], path: Path = LIST) -> None:
    """Write the date and the fingerprint of accepted readings, and touch nothing else.

    Args:
        readings: By the name of the page.
        path: The list.

    Raises:
        PagesError: The list can't be used, or has no page of such a name. Nothing is written.
    """
    text = _text(path)
    slots = {slot.entry.name: slot for slot in _slots(path, text)}
    if unknown := sorted(readings.keys() - slots.keys()):
        raise PagesError(f"{path}: no page is named {', '.join(unknown)}; add an entry for it.")
    changes = [
        (slots[name].values[key], value)
        for name, (day, fingerprint) in readings.items()
        for key, value in (("read", day.isoformat()), ("fingerprint", f'"{fingerprint}"'))
    ]
    # From the end of the file, so that the places still to come stay where they are.
    for node, value in sorted(changes, key=lambda change: -change[0].start_mark.index):
        text = text[: node.start_mark.index] + value + text[node.end_mark.index :]
    path.write_bytes(text.encode())


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise PagesError(f"{path}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise PagesError(f"{path}: it is not UTF-8; save it as UTF-8.") from error


def _slots(path: Path, text: str) -> list[_Slot]:
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise PagesError(f"{path}: it is no YAML: {error}") from error
    if not isinstance(root, yaml.SequenceNode) or not root.value:
        raise PagesError(f"{path}: it has to be a list of pages, each an item that begins with -.")
    slots: dict[str, _Slot] = {}
    for node in root.value:
        slot = _slot(path, node)
        if slot.entry.name in slots:
            raise _wrong(path, node, f"a page named {slot.entry.name} stands above already.")
        slots[slot.entry.name] = slot
    return list(slots.values())


def _slot(path: Path, node: yaml.Node) -> _Slot:
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(path, node, f"a page has the keys {', '.join(_KEYS)}.")
    values: dict[str, yaml.ScalarNode] = {}
    for key, value in node.value:
        if key.value not in _KEYS:
            raise _wrong(path, key, f"{key.value} is none of the keys {', '.join(_KEYS)}.")
        if key.value in values:
            raise _wrong(path, key, f"{key.value} stands there twice.")
        if not isinstance(value, yaml.ScalarNode) or not value.value:
            raise _wrong(path, key, f"{key.value} has to be text on this line, or null.")
        values[key.value] = value
    if missing := [key for key in _KEYS if key not in values]:
        raise _wrong(path, node, f"{' and '.join(missing)} missing.")
    for key, why in _complaints(values):
        raise _wrong(path, values[key], f"{key}: {why}")
    return _Slot(_entry(values), values)


def _complaints(values: dict[str, yaml.ScalarNode]) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(values["name"].value):
        yield "name", "small letters, digits and single hyphens only, such as account-api."
    if values["title"].tag == _NULL:
        yield "title", "it has to be the heading of the page."
    if not _is_address(values["url"].value):
        yield "url", "it has to be a whole address, https://…, without a password."
    if values["read"].tag != _NULL and _day(values["read"].value) is None:
        yield "read", "it has to be a date such as 2025-11-23, or null."
    fingerprint = values["fingerprint"]
    if fingerprint.tag != _NULL and not _FINGERPRINT.fullmatch(fingerprint.value):
        yield "fingerprint", "it has to be 16 hex digits, or null."


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)
    return secure and bool(host) and "@" not in parts.netloc and url.isprintable()


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _entry(values: dict[str, yaml.ScalarNode]) -> Entry:
    fingerprint = values["fingerprint"]
    return Entry(
        values["name"].value,
        values["title"].value,
        values["url"].value,
        _day(values["read"].value),
        None if fingerprint.tag == _NULL else fingerprint.value,
    )


def _wrong(path: Path, node: yaml.Node, why: str) -> PagesError:
    return PagesError(f"{path}, line {node.start_mark.line + 1}: {why}")
