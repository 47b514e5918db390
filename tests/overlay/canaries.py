"""Secrets that are easy to recognise, and a watch that looks for them wherever something shows."""

from __future__ import annotations

import base64
import copy
import gc
import io
import linecache
import logging
import pickle
import pprint
import sys
import threading
import traceback
import types
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from calypso_api._secret import RawRows
from calypso_pay import RawResponse
from calypso_pay._signing import Signer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

# Quotes and backslashes at the end, so that no form of escaping changes what is looked for.
KEY = "Kq7mZx29LpVt4RbWe8Jd1Ghu\\'\""
SECRET = "Sw3nHf81GdYu6TkXo5Zc9Vbi\\'\""
SUBSCRIPTION = "Bj5vPr04NsCe2QaMy7Lt3Fwx\\'\""

_LOGGERS = ("", "asyncio", "calypso_api", "calypso_mock", "calypso_pay", "httpcore", "httpx")
_OPAQUE = (
    type,
    types.ModuleType,
    types.FunctionType,
    types.FrameType,
    types.TracebackType,
    RawResponse,  # it keeps the bytes of a response on purpose
    RawRows,  # likewise
)


def forms(secret: str) -> Iterator[str]:
    """Go through what a secret may look like; a piece of it is enough."""
    for piece in (secret[:12], secret[12:24]):
        yield piece.lower()
        yield piece.encode().hex()
        for offset in range(3):
            inner = base64.b64encode(b"\0" * offset + piece.encode())
            # The characters at both ends depend on what is beside the piece.
            yield inner[4:-4].decode().lower()


class Watch(logging.Handler):
    """Collect all that shows while a block runs, and report which secrets are in it.

    Args:
        monkeypatch: Lets the watch learn every signature that is made.
        secrets: What must not show, by name.

    Attributes:
        case: What is being tried; a leak is reported with it.
        signed: How many signatures were made.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **secrets: str) -> None:
        super().__init__()
        self.secrets = secrets
        self.seen: list[tuple[str, str]] = []
        self.case = ""
        self.signed = 0
        self._patch = monkeypatch
        self._levels: dict[str, int] = {}
        sign = Signer.sign

        def spy(signer: Signer, body: bytes) -> str:
            made = sign(signer, body)
            self.signed += 1
            if made not in self.secrets.values():
                self.secrets[f"signature {len(self.secrets)}"] = made
            return made

        monkeypatch.setattr(Signer, "sign", spy)

    def __enter__(self) -> Self:
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            self._levels[name] = logger.level
            logger.setLevel(logging.DEBUG)
        self._handlers, logging.getLogger().handlers = logging.getLogger().handlers, [self]
        # Thousands of tracebacks are written, and no source changes meanwhile.
        self._patch.setattr(linecache, "checkcache", lambda *_: None)
        self._patch.setattr(sys, "unraisablehook", self._unraisable)
        self._patch.setattr(threading, "excepthook", self._unraisable)
        self._output = (io.StringIO(), io.StringIO())
        self._patch.setattr(sys, "stdout", self._output[0])
        self._patch.setattr(sys, "stderr", self._output[1])
        self._warnings = warnings.catch_warnings(record=True)
        self._caught: Any = self._warnings.__enter__()
        warnings.simplefilter("always")
        return self

    def __exit__(self, *_: object) -> None:
        gc.collect()
        self._warnings.__exit__(None, None, None)
        logging.getLogger().handlers = self._handlers
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
        for warning in self._caught or ():
            self.note("warning", f"{warning} {warning.source!r}")
        for stream in self._output:
            self.note("output", stream.getvalue())

    def emit(self, record: logging.LogRecord) -> None:
        """Take down a log record: its text, and all that a formatter could show of it."""
        self.note(f"log of {record.name}", f"{record.getMessage()} {vars(record)}")
        if record.exc_info and record.exc_info[1]:
            self.error(record.exc_info[1])

    def note(self, where: str, text: str) -> None:
        """Take down a text."""
        self.seen.append((f"{self.case}: {where}" if self.case else where, text))

    def thing(self, thing: object) -> None:
        """Take down every form in which a value shows or travels without being asked to."""
        name = type(thing).__name__
        for shown in (repr(thing), str(thing), f"{thing}", ascii(thing), pprint.pformat(thing)):
            self.note(f"text of {name}", shown)
        if hasattr(thing, "__dict__"):
            # The bytes of a response are kept on purpose.
            fields = {field: value for field, value in vars(thing).items() if field != "content"}
            self.note(f"attributes of {name}", repr(fields))
        # Protocols 0 and 1 ask an object in one way, those from 2 on in another.
        for protocol in (0, 2, pickle.HIGHEST_PROTOCOL):
            with suppress(TypeError, AttributeError, pickle.PicklingError):
                pickled = pickle.dumps(thing, protocol)
                self.note(f"pickle of {name}", pickled.decode("latin-1"))
        for duplicate in (copy.copy, copy.deepcopy):
            with suppress(TypeError):
                self.note(f"copy of {name}", repr(duplicate(thing)))

    def error(self, error: BaseException) -> None:
        """Take down an error, its traceback with local variables, and all that it holds."""
        for link in _chain(error):
            shown = traceback.TracebackException.from_exception(link, capture_locals=True)
            self.note(f"traceback of {type(link).__name__}", "".join(shown.format()))
            self.note(f"arguments of {type(link).__name__}", repr(link.args))
            self.thing(link)
        self.note(f"what {type(error).__name__} holds", "\n".join(_texts_within(error)))

    def leaks(self) -> set[tuple[str, str]]:
        """Return which secrets showed, and where."""
        # Most lines come many times, and no form of a secret spans two of them.
        lines = {line for _, text in self.seen for line in text.lower().split("\n")}
        everything = "\n".join(lines)
        pieces = [(name, form) for name, secret in self.secrets.items() for form in forms(secret)]
        return {
            (name, where)
            for name, form in pieces
            if form in everything
            for where, text in self.seen
            if form in text.lower()
        }

    def _unraisable(self, unraisable: Any) -> None:
        self.note("unraisable", str(unraisable))
        self.error(unraisable.exc_value)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Go through an error and all behind it, what ``from None`` hides included."""
    waiting, seen = [error], set()
    while waiting:
        link = waiting.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            waiting += [link.__cause__, link.__context__, *getattr(link, "exceptions", ())]
            yield link


def _texts_within(thing: object) -> Iterator[str]:
    """Go through all texts that can be reached from an object by its attributes and contents."""
    waiting, seen = [thing], set()
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, _OPAQUE):
            continue
        seen.add(id(found))
        if isinstance(found, str | bytes | bytearray):
            yield found if isinstance(found, str) else found.decode("latin-1")
        waiting += gc.get_referents(found)
