"""README.md as the description of the package, in which no link is relative.

Links to files of the repository lead nowhere on a package index. They lead to the repository when
`[project.urls]` of pyproject.toml has a `Repository`; else each becomes the name of its file, and
the source distribution has these files. hatchling calls this whenever it builds.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# An image is a link there, too.
_RELATIVE = re.compile(r"!?\[([^\]]+)\]\((?!https?:|#)([^)]+)\)")
_WHERE = "\nThe files named here are in the source distribution.\n"


class ReadmeHook(MetadataHookInterface):
    """Sets the project's `readme`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the description to the project's metadata."""
        content = Path(self.root, "README.md").read_text("utf-8")
        repository = metadata.get("urls", {}).get("Repository", "")
        text = description(content, repository)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def description(content: str, repository: str) -> str:
    """Return the text with absolute links to a repository, or without links when it is empty."""
    if repository:
        return _RELATIVE.sub(rf"[\1]({repository.rstrip('/')}/blob/HEAD/\2)", content)
    return _RELATIVE.sub(_named, content) + _WHERE


def _named(link: re.Match[str]) -> str:
    words, file = link[1], link[2].partition("#")[0]
    return f"`{file}`" if words == file else f"{words} (`{file}`)"
