"""The figures that pages state of things of which the document has no field.

They are what stood there when the list was made, so that another one is noticed at first sight.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tools.drift import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.facts import Facts, Sentence


class Topic(NamedTuple):
    """A topic: the words by which a sentence is about it, and its figures of one unit."""

    words: re.Pattern[str]
    unit: str
    values: tuple[float, ...]


def _topic(pattern: str, unit: str, *values: float) -> Topic:
    return Topic(re.compile(pattern, re.IGNORECASE | re.DOTALL), unit, values)


TOPICS = (
    _topic(r"timestamp|server.s (?:current )?time|\bin the (?:past|future)", "minute", 3),
    _topic(r"replenished|not received any|has received nothing", "day", 30),
    _topic(r"last confirmed|extends the term", "month", 12),
    _topic(r"last confirmed|extends the term", "day", 365),
    _topic(
        r"retr|resen[dt]",
        "second",
        *(30, 60, 90, 150, 240, 390, 630, 1020, 1650, 2670, 4320, 6990, 11310, 18300, 29610),
        *(47910, 77520, 125430),
    ),
    _topic(r"retr|resen[dt]", "retry", 19),
    _topic(r"retr|resen[dt]", "hour", 34),
    _topic(r"\bblock", "error", 100),
    _topic(r"\bblock(?:ing|ed) occurs|\bblock.*errors", "minute", 10),
)


def unexpected(facts: Facts) -> Iterator[tuple[Sentence, words.Change]]:
    """Yield figures of a page that are not those of their topic."""
    from tools.drift.facts import Sentence

    described = (
        Sentence(fact.text, key[1], fact.line) for key, fact in facts.by_key.items() if fact.text
    )
    for sentence in (*facts.sentences, *described):
        about = [topic for topic in TOPICS if topic.words.search(sentence.text)]
        for figure in words.figures_in(sentence.text):
            topic = _topic_of(figure, about)
            if topic is None:
                continue
            known = [words.size(words.Figure(value, topic.unit)) for value in topic.values]
            if words.size(figure) not in known:
                old = words.Figure(topic.values[0], topic.unit)
                shorter = words.size(figure) < known[0]
                yield sentence, words.Change("figure", str(old), str(figure), shorter)


def _topic_of(figure: words.Figure, about: list[Topic]) -> Topic | None:
    """Return the topic of a figure of a sentence: of its unit, else of another one of time."""
    same = [topic for topic in about if topic.unit == figure.unit]
    if same or figure.unit not in words.SECONDS:
        return same[0] if same else None
    return next((topic for topic in about if topic.unit in words.SECONDS), None)
