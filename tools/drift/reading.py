"""Reads a page of either form, and notices where it breaks off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift import markdown, samples, text
from tools.drift.model import Call, Code, Heading, Page, Paragraph

if TYPE_CHECKING:
    from tools.drift.document import Document

_CUT_SIZE = 2000
"""Public copies of the pages are cut behind this many characters or bytes."""
_MARKDOWN = re.compile(r"^#{1,6} |^```|^\| ?-{3,}|\[[^\]]+\]\(|^> |\\_|^<table", re.MULTILINE)
_HTML = re.compile(r"\s*<(?:!doctype html|html)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title>([^<]{1,200})</title>", re.IGNORECASE)
_LARGEST = 5_000_000


class UnreadableError(Exception):
    """The content is no page; the message gives the reason."""


class OtherPageError(UnreadableError):
    """The content is HTML or JSON, which sites serve in the place of a page that they lack."""


def decode(content: bytes) -> str:
    """Return the text of a file or of a response.

    Raises:
        UnreadableError: It is empty, too large, binary, HTML or JSON.
    """
    if len(content) > _LARGEST:
        raise UnreadableError(f"it is too large for a page: {len(content)} bytes")
    try:
        found = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("it is not UTF-8 text") from None
    if "\0" in found:
        raise UnreadableError("it is binary")
    if not found.strip():
        raise UnreadableError("it is empty")
    tree = samples.read_json(found)
    if tree is not None and not tree.cut:
        raise OtherPageError("it is JSON, not a page")
    if _HTML.match(found):
        title = _TITLE.search(found)
        named = f" titled {title[1].strip()!r}" if title else ""
        raise OtherPageError(f"it is HTML{named}; save the page as Markdown or as text")
    return found.replace("\r\n", "\n").replace("\r", "\n")


def read(content: str, name: str, document: Document) -> Page:
    """Return the page.

    Args:
        content: Its text.
        name: The name of the file or the address; its ending is a hint only.
        document: It tells which fields are within which where the text does not.
    """
    content = content.lstrip("\ufeff")
    is_called_markdown = name.lower().endswith((".md", ".markdown"))
    if is_called_markdown or len(_MARKDOWN.findall(content)) > 2:  # noqa: PLR2004 - not by chance
        page = markdown.read(content)
    else:
        # The last line of a copy that was cut may be half of one.
        whole, _, last = content.rpartition("\n")
        is_half = bool(last) and (
            (bool(_cut_by_size(content)) and last[-1] != ".")
            or last.rstrip()[-1:].isalnum()
            or last[-1] == "/"
        )
        page = text.read(whole if is_half else content, document.order)
        page.text = content
    page.cut = _why_cut(page)
    if page.cut or not content.endswith("\n"):
        page.cut_line = _cut_line(page)
    return page


def _cut_by_size(content: str) -> str:
    for size, unit in ((len(content), "characters"), (len(content.encode()), "bytes")):
        if size == _CUT_SIZE:
            return f"it ends after exactly {size} {unit}"
    return ""


def _why_cut(page: Page) -> str:
    if by_size := _cut_by_size(page.text):
        return by_size
    if _has_open_json(page):
        return "it ends within JSON"
    return _why_cut_markdown(page.text) if page.form == "md" else ""


def _why_cut_markdown(text: str) -> str:
    last = text.rstrip().splitlines()[-1] if text.strip() else ""
    if text.count("\n```") % 2 and not text.startswith("```"):
        return "it ends within a block of code"
    is_in_row = last.startswith("|") and not last.endswith("|")
    if is_in_row or text.rfind("<table") > text.rfind("</table"):
        return "it ends within a table"
    if text[-1:].isalnum() or text.endswith((" ", ",")):
        return "it ends within a line"
    return ""


def _has_open_json(page: Page) -> bool:
    """Whether a sample of a call, or the block of code at the end of the page, has no end."""
    blocks = [each for each in page.blocks if not isinstance(each, Paragraph | Heading)]
    calls = (each for each in blocks if isinstance(each, Call))
    trees = [tree for call in calls for _, _, tree in call.samples]
    if blocks and isinstance(blocks[-1], Code):
        trees.append(samples.read_json(blocks[-1].text))
    return any(tree is not None and tree.cut for tree in trees)


def _cut_line(page: Page) -> int:
    """Return the last line, unless it is whole: what stands there may go on."""
    last = page.text.rstrip("\n").splitlines()
    if not last or (page.text.endswith("\n") and page.form == "txt"):
        return 0
    ending = last[-1].rstrip()
    if ending.endswith(("|", ".", "}", "```", ")", ">")) or not ending:
        return 0
    return len(last)
