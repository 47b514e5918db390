"""Guards against a change of what the generator depends on: two tools, and stock templates."""

from __future__ import annotations

import hashlib
import json
import re
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from generator.problems import GenerationError
from generator.prose import line

# A location, and why it can't be read; the part of the document follows as JSON.
_WARNING = re.compile(
    r"^WARNING parsing (.+?)\.?\n+((?:(?![{}]|WARNING|If you believe).*\n?)*)", re.MULTILINE
)
_OBJECT = re.compile(r"<openapi_python_client\S+ object at \w+> ?")

TEMPLATES = Path(__file__).parent / "templates"
RECORD = Path(__file__).parent / "upstream.json"


def check(record: Path = RECORD) -> None:
    """Reject other versions or other stock templates than those on record.

    Raises:
        GenerationError: It lists what differs and what to do.
    """
    known = json.loads(record.read_text())
    problems = _tools(known["tools"]) or _templates(known["templates"])
    if problems:
        raise GenerationError.listing("what the generator depends on has changed:", problems)


def _tools(known: dict[str, str]) -> list[str]:
    return [
        f"{tool} {found} is installed, {expected} is on record; install that one, "
        f"or upgrade as CONTRIBUTING.md says and put the new version into {RECORD.name}"
        for tool, expected in known.items()
        if (found := _version(tool)) != expected
    ]


def _version(tool: str) -> str:
    try:
        return version(tool)
    except PackageNotFoundError:
        return "(none)"


def _templates(known: dict[str, str]) -> list[str]:
    spec = find_spec("openapi_python_client")
    if spec is None or spec.origin is None:
        return ["openapi-python-client can't be imported; install it anew"]
    stock = Path(spec.origin).parent / "templates"
    ours = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.jinja")}
    replaced = {name for name in ours if (stock / name).exists()}
    return [
        _moved(name, digest)
        for name in sorted(replaced | known.keys())
        if (digest := _digest(stock / name)) is None or digest != known.get(name)
    ]


def _moved(name: str, digest: str | None) -> str:
    if digest is None:
        return (
            f"templates/{name}: there is no stock template of this name any more, and ours would "
            f"not be used; find what has taken its place, and remove the name from {RECORD.name}"
        )
    return (
        f"templates/{name}: the stock template is not the one that ours was written against; "
        "compare it with the stock template of the version before, carry over what matters into "
        f"ours, and put {digest} into {RECORD.name}"
    )


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def report(output: str) -> str:
    """Return in a few lines why openapi-python-client can't read a document."""
    found = [
        f"  {line(location)}: {line(_OBJECT.sub('', why))}"
        for location, why in _WARNING.findall(output)
        if why.strip()
    ]
    if not found:
        return output
    headline = (
        "openapi-python-client failed: it can't read a part of the document. Describe that in "
        "another way; CONTRIBUTING lists what is supported."
    )
    return "\n".join([headline, *found])
