"""Decide what the bytes of a page are, and refuse what is no page with a word on what to do."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

from tools.drift.facts import Page, UnreadablePageError

if TYPE_CHECKING:
    from tools.drift.facts import Form

CAP = 2 * 1024 * 1024
"""The largest page that is read, in bytes."""

_MIB = 1024 * 1024
_AGAIN = "Save the page as text, or take its .md address."
_BINARY = f"it is binary, not text. {_AGAIN}"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SIGNATURES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "compressed with gzip",
    b"PK\x03\x04": "a ZIP archive or an office document",
}

# What `str.splitlines` takes for an end of line and an editor does not, so that all count alike.
_HALF_ENDS = dict.fromkeys(map(ord, "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), " ")
# A mark of byte order says nothing any more, and what is left of control characters could only play
# tricks on the terminal of a report's reader.
_CONTROLS = dict.fromkeys([*range(9), *range(14, 32), *range(127, 160), 0xFEFF], "")
_CLEANED = {**_CONTROLS, **_HALF_ENDS}

# Each step keeps what it took: a page of a million comments must not be tried in every split.
_HTML = re.compile(
    r"(?>\s+|<!--.*?-->|<\?.*?\?>)*+<(?:!doctype\b|html|head|body|script|title|meta|link)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_END = re.compile(r"</(?:html|body|head|title)\s*>", re.IGNORECASE)
_HTML_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_CUT_JSON = re.compile(r"\s*\{\s*\"[^\"\n]*\"\s*:")

# Words of GitBook's own layout. They stand alone in a line only where a window's text was saved.
_LAYOUT = re.compile(
    r"^(?:Logo)+$|^Powered by GitBook$|^Export as PDF$|^On this page$|^Previous\S.*Next\S",
    re.MULTILINE,
)
# A single # also begins a comment of a sample, so it counts after a blank line only.
_MARKDOWN = re.compile(
    r"^ {0,3}(?:```|~~~)"
    r"|^#{2,6} +\S"
    r"|(?:\A|\n\n)# +\S"
    r"|^ {0,3}\|? *:?-+:? *\|[-:| ]*$"
    r"|\A---\n",
    re.MULTILINE,
)


def admit(name: str, source: str, data: bytes) -> Page:
    """Return the page that these bytes are.

    Args:
        name: What the list of pages calls it.
        source: Where it came from, for messages.
        data: As it was served or saved, markdown or the text of a browser's window.

    Raises:
        UnreadablePageError: It is something else; the message says what, and what to do.
    """
    if len(data) > CAP:
        raise UnreadablePageError(too_large(len(data)))
    text = _tidy(_decoded(data))
    if not text.strip():
        raise UnreadablePageError(f"it is empty ({len(data)} bytes, no word in them). {_AGAIN}")
    _refuse_other_kinds(text)
    return Page(name, source, text, _form(text))


def too_large(size: int) -> str:
    """Word the refusal of something that has so many bytes or more."""
    return (
        f"it is too large, {size / _MIB:,.1f} MiB or more where {CAP // _MIB} MiB are the most: "
        "no page of documentation is. Look what it really is."
    )


def _decoded(data: bytes) -> str:
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            raise UnreadablePageError(f"it is {kind}. {_AGAIN}")
    if data.startswith(_UTF16):
        text = _decode(data, "utf-16", "UTF-16, as its first bytes announce")
    else:
        text = _decode(data, "utf-8", "UTF-8")
    # Some tools pad what they save to whole blocks.
    text = text.rstrip("\0")
    if "\0" in text:
        raise UnreadablePageError(_BINARY)
    return text


def _decode(data: bytes, encoding: str, told: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        why = f"it is not {told} (byte {error.start}). Save it again as UTF-8."
        raise UnreadablePageError(_BINARY if b"\0" in data else why) from error


def _tidy(text: str) -> str:
    """End each line with a line feed, the last one too, and drop control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEANED)
    return text if text.endswith("\n") else f"{text}\n"


def _refuse_other_kinds(text: str) -> None:
    if _is_html(text):
        raise UnreadablePageError(f"this is HTML{_titled(text)}. {_AGAIN}")
    if text.lstrip().startswith("<?xml"):
        raise UnreadablePageError(f"this is XML. {_AGAIN}")
    if _is_json(text) or _CUT_JSON.match(text):
        raise UnreadablePageError(f"this is JSON alone, no page around it. {_AGAIN}")


def _is_html(text: str) -> bool:
    if _HTML.match(text):
        return True
    # An error page may be a mere fragment; GitBook's markdown may begin with a tag as well.
    return text.lstrip().startswith("<") and bool(_HTML_END.search(text))


def _titled(text: str) -> str:
    title = _HTML_TITLE.search(text)
    words = " ".join(html.unescape(title[1]).split()) if title else ""
    return f", titled “{words[:80]}”" if words else ""


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _form(text: str) -> Form:
    if _LAYOUT.search(text):
        return "text"
    return "markdown" if _MARKDOWN.search(text) else "text"
