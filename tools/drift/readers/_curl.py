"""A command line with `curl` in it, taken apart."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

_COMMAND = re.compile(r"^[ \t]*(?:\$[ \t]+)?curl(?=\s|\\)", re.MULTILINE)
_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
# shlex adds one letter at a time to a word, which takes hours on a body of megabytes; and it
# refuses broken quotes, which here stand for themselves.
_PIECE = r"'[^']*+'|\"(?:\\.|[^\"\\])*+\"|\\.|[^\s'\"\\]|['\"\\]"
_WORD = re.compile(rf"(?:{_PIECE})++", re.DOTALL)
_QUOTED = re.compile(_PIECE, re.DOTALL)

_VALUED = {
    "-X": "method",
    "--request": "method",
    "--url": "url",
    "-H": "header",
    "--header": "header",
    "-d": "body",
    "--data": "body",
    "--data-raw": "body",
    "--data-binary": "body",
    "--data-ascii": "body",
    "--json": "body",
}


class Command(NamedTuple):
    """What a command sends. `text` is the command itself, for what could not be taken apart."""

    method: str
    url: str
    headers: tuple[str, ...]
    body: str
    text: str


def commands(text: str) -> list[Command]:
    """Return the commands that a sample holds; none where it holds no `curl`."""
    starts = [match.start() for match in _COMMAND.finditer(text)]
    return [_command(text[start:end]) for start, end in pairwise([*starts, len(text)])]


def _command(text: str) -> Command:
    options = _options(_words(text))
    bodies = options["body"]
    method = options["method"][-1] if options["method"] else "POST" if bodies else "GET"
    url = options["url"][-1] if options["url"] else ""
    return Command(method.upper(), url, tuple(options["header"]), "".join(bodies), text)


def _options(words: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {kind: [] for kind in ("method", "url", "header", "body")}
    rest = iter(words)
    for word in rest:
        option, value = _attached(word)
        if option in _VALUED:
            found[_VALUED[option]].append(next(rest, "") if value is None else value)
        elif word.startswith(("http://", "https://")):
            found["url"].append(word)
    return found


def _attached(word: str) -> tuple[str, str | None]:
    """Take `--data={}` and `-XPOST` apart, which are one word each."""
    if word.startswith("--"):
        option, equals, value = word.partition("=")
        return option, value if equals else None
    return word[:2], word[2:] or None


def _words(text: str) -> list[str]:
    return [_unquoted(word) for word in _WORD.findall(_CONTINUED.sub(" ", text))]


def _unquoted(word: str) -> str:
    return "".join(_piece(piece) for piece in _QUOTED.findall(word))


def _piece(piece: str) -> str:
    if len(piece) > 1 and piece[0] == piece[-1] == "'":
        return piece[1:-1]
    if len(piece) > 1 and piece[0] == piece[-1] == '"':
        return re.sub(r'\\(["\\$`])', r"\1", piece[1:-1])
    return piece[1:] if len(piece) > 1 and piece[0] == "\\" else piece
