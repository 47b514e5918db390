"""What each page showed at the last reading that was accepted.

Kept in `seen.json` as keys and hashes: enough to notice a change, and no sentence of the vendor's.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from tools.drift.facts import Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.drift.facts import Paragraph, Reading

STORE = Path(__file__).with_name("seen.json")

_HASH = 12
_HASHES = re.compile(rf"[0-9a-f]{{{_HASH}}}(?: [0-9a-f]{{{_HASH}}})*")
# Signs that carry meaning are words; other punctuation is layout.
_TOKEN = re.compile(r"\d+(?:\.\d+)*|[^\W\d]+|[<>≤≥=%]")
# 125 430 and 125,430 are one number.
_GROUPING = re.compile(r"(?<=\d)[ ,\u00a0\u202f](?=\d{3}(?!\d))")


class SeenError(Exception):
    """What was seen before can't be read. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed.

    Attributes:
        form: What the page was saved or served as; the other form shows other things.
        facts: Their keys.
        prose: By the hash of a paragraph without its numbers, the hashes of those that read so with
            their numbers: sorted, one for each time, a blank between them.
    """

    form: Form
    facts: frozenset[str]
    prose: Mapping[str, str]


def load(path: Path = STORE) -> dict[str, Seen]:
    """Read what was seen, by the name of the page; a missing file means nothing was.

    Raises:
        SeenError: The file is damaged.
    """
    try:
        stored = json.loads(path.read_bytes().decode())
        return {name: _restored(page) for name, page in stored.items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SeenError(f"{path}: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SeenError(
            f"{path}: it is damaged ({type(error).__name__}: {error}). Restore it from git, "
            "or delete it and accept the pages as they are now."
        ) from error


def save(path: Path, seen: Mapping[str, Seen]) -> None:
    """Write what was seen: the same bytes for the same content, a line for each key."""
    stored = {name: _storable(page) for name, page in seen.items()}
    text = json.dumps(stored, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_bytes(f"{text}\n".encode())


def fingerprint(seen: Seen) -> str:
    """Return 16 hex digits that stand for all that a page showed, in whatever order."""
    text = json.dumps(_storable(seen), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def remember(reading: Reading, keys: frozenset[str]) -> Seen:
    """Return what this reading shows; `keys` are those of its facts."""
    prose: defaultdict[str, list[str]] = defaultdict(list)
    for _, skeleton, whole in _hashed(reading.prose):
        prose[skeleton].append(whole)
    joined = {skeleton: " ".join(sorted(wholes)) for skeleton, wholes in prose.items()}
    return Seen(reading.page.form, keys, joined)


def unfamiliar(seen: Seen, reading: Reading) -> list[Paragraph]:
    """Return the paragraphs that the page did not have, nor with other numbers."""
    return _changes(seen, reading).new


def refigured(seen: Seen, reading: Reading) -> list[Paragraph]:
    """Return the paragraphs that the page had with other numbers in them.

    A sentence like one that is still there, with a number of its own, is not refigured but new.
    """
    return _changes(seen, reading).refigured


def vanished(seen: Seen, reading: Reading) -> int:
    """Return how many paragraphs of the page are no longer there, not even with other numbers."""
    return _changes(seen, reading).vanished


class _Changes(NamedTuple):
    new: list[Paragraph]
    refigured: list[Paragraph]
    vanished: int


def _changes(seen: Seen, reading: Reading) -> _Changes:
    before = {skeleton: Counter(wholes.split()) for skeleton, wholes in seen.prose.items()}
    now: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for _, skeleton, whole in _hashed(reading.prose):
        now[skeleton][whole] += 1
    # Of each sentence, how many are missing in the numbers that they had.
    missing = {skeleton: (wholes - now[skeleton]).total() for skeleton, wholes in before.items()}
    gone = {skeleton: len(wholes.keys() - now[skeleton]) for skeleton, wholes in before.items()}
    changes = _Changes([], [], 0)
    for paragraph, skeleton, whole in _hashed(reading.prose):
        if whole in before.get(skeleton, ()):
            continue
        if missing.get(skeleton):
            missing[skeleton] -= 1
            gone[skeleton] -= 1
            changes.refigured.append(paragraph)
        else:
            changes.new.append(paragraph)
    return changes._replace(vanished=sum(max(0, left) for left in gone.values()))


def hashed(words: str) -> str:
    """Return by what words of a page are remembered."""
    return _hash(_tokens(words))


def _hashed(prose: Iterable[Paragraph]) -> Iterator[tuple[Paragraph, str, str]]:
    """Yield each paragraph with its hash without and with its numbers."""
    for paragraph in prose:
        tokens = _tokens(paragraph.text)
        if tokens:
            skeleton = ["0" if token[0].isdigit() else token for token in tokens]
            yield paragraph, _hash(skeleton), _hash(tokens)


def _tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _TOKEN.findall(_GROUPING.sub("", plain))


def _hash(tokens: Iterable[str]) -> str:
    return hashlib.sha256(" ".join(tokens).encode()).hexdigest()[:_HASH]


def _storable(seen: Seen) -> dict[str, object]:
    return {"form": seen.form, "facts": sorted(seen.facts), "prose": dict(seen.prose)}


def _restored(stored: Any) -> Seen:  # noqa: ANN401 - whatever stands in the file
    form, facts, prose = stored["form"], stored["facts"], stored["prose"]
    if form not in get_args(Form):
        raise ValueError(f"{form!r} is no form of a page")
    if not isinstance(facts, list) or not all(isinstance(fact, str) for fact in facts):
        raise ValueError("the facts are no list of texts")
    if not all(_HASHES.fullmatch(wholes) for wholes in (*prose.keys(), *prose.values())):
        raise ValueError("a hash is none")
    return Seen(form, frozenset(facts), prose)
