"""Reads calls of curl."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

_NAME = re.compile(r"[\w\-]+")
_OPTIONS = {
    **dict.fromkeys(("--request", "-X"), "verb"),
    **dict.fromkeys(("--header", "-H"), "header"),
    **dict.fromkeys(("--data", "-d", "--data-raw", "--data-binary"), "data"),
    "--url": "url",
}


class Curl(NamedTuple):
    """What a call of curl sends; `host` has the scheme."""

    verb: str
    host: str
    path: str
    headers: dict[str, str]
    data: str

    @property
    def name(self) -> str:
        """Verb and path."""
        return f"{self.verb} {self.path}"


def parse(text: str) -> Curl:
    """Return what a call of curl sends, as far as it can be read."""
    joined = re.sub(r"\\[ \t]*\n", " ", text)
    try:
        words = shlex.split(joined)
    except ValueError:
        words = [word.strip("'\"") for word in joined.split()]
    found: dict[str, str] = {}
    headers: dict[str, str] = {}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        option = _OPTIONS.get(word)
        name, _, value = following.partition(":")
        if option == "header" and _NAME.fullmatch(name.strip()):
            headers[name.strip()] = value.strip()
        elif option in {"verb", "data", "url"}:
            found.setdefault(option, following)
        elif word.startswith(("http://", "https://")):
            found.setdefault("url", word)
    url = found.get("url", "")
    path = re.sub(r"^https?://[^/]+", "", url)
    verb = found.get("verb", "POST" if "data" in found else "GET").upper()
    return Curl(verb, url.removesuffix(path), path, headers, found.get("data", ""))
