"""The mock keeps the document's contract, and the runs that say so reach all of it.

A short run, with all of its phases, is part of the tests of the command.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract import document, known, reach, sections
from tests.contract.running import Case, Run, run
from tests.contract.suite import Terms
from tests.contract.tampering import Answer, tampered

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract.wire import Target

SEEDS = (1, 2, 3)
LISTED = ("--phases", "examples,coverage")
TWO = (
    "--include-operation-id",
    "createSubscription",
    "--include-operation-id",
    "deleteSubscription",
)
FUZZED = ("--phases", "fuzzing")
ENOUGH = 10
# So many chains of links that none is left out.
MANY = 80

_TIMES = re.compile(rb'"createdDate":"[^"]*"')


@pytest.mark.slow
def test_no_case_that_the_document_implies_is_answered_against_it(
    mock: Target, tmp_path: Path
) -> None:
    """Its examples, and a request for every border of its schemas, whatever the seed."""
    result = run(tmp_path, mock, *LISTED)

    assert_green(result, 1, LISTED)
    assert reach.missed(result, "coverage", "positive", "negative") == set()
    assert reach.missed(result, "examples", "positive") == set()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_no_random_request_is_answered_against_the_document(
    seed: int, mock: Target, tmp_path: Path
) -> None:
    """No failure and no warning, while there are plenty of answers to look at."""
    result = run(tmp_path, mock, *FUZZED, seed=seed)

    assert_green(result, seed, FUZZED)
    assert reach.missed(result, "fuzzing", "positive", "negative") == set()
    assert_plenty(result)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "chains"), [(1, MANY), (2, 15)])
def test_no_chain_of_links_is_answered_against_the_document(
    seed: int, chains: int, mock: Target, tmp_path: Path
) -> None:
    """And where there are enough of them, each link is followed, with its values, to a 200."""
    options = ("--phases", "stateful", "--max-examples", str(chains))
    result = run(tmp_path, mock, *options, seed=seed)
    followed = {each.link for each in result.cases if each.status == 200}

    assert_green(result, seed, options)
    assert chains < MANY or document.links() - followed == set()


@pytest.mark.slow
def test_no_phase_ends_early(mock: Target, tmp_path: Path) -> None:
    """All chains are tried, whatever the phases before have seen.

    Hypothesis gives up, and schemathesis stays green, when the same choices make other requests
    than before.
    """
    options = ("--phases", "fuzzing,stateful", "--max-examples", "20")
    result = run(tmp_path, mock, *options, seed=3)

    assert_green(result, 3, options)
    assert result.scenarios["stateful"] >= 20


def assert_green(result: Run, seed: int, options: tuple[str, ...]) -> None:
    """A failure tells how to have it again."""
    command = f"python -m tests.contract --seed {seed} -- {' '.join(options)}"
    assert result.code == 0, f"{command}\n{result.output}"


def assert_plenty(result: Run) -> None:
    """Each operation gave at least ten distinct 200 answers while it was fuzzed.

    Two are the same if both request and answer are, but for account and times. So deletions, which
    are answered without content, differ by what was asked to be deleted.
    """
    distinct = defaultdict(set)
    for each in result.cases:
        if each.phase == "fuzzing" and each.status == 200:
            distinct[each.label].add(asked_and_answered(each))
    counts = {label: len(distinct[label]) for label in document.operations()}
    # What the mock answers from examples, and is asked alike, is answered alike.
    named = document.operations().items()
    least = {label: ENOUGH if name in known.FIELDS else 1 for label, name in named}

    assert {label: count for label, count in counts.items() if count < least[label]} == {}


def asked_and_answered(case: Case) -> tuple[str, bytes]:
    return json.dumps(timeless(case), sort_keys=True), _TIMES.sub(b"", case.content)


def other_choices(answer: Answer) -> Answer:
    """Choose other statuses than the mock, where the document leaves them open; answer 201 once."""
    if answer.status == 200 and b'"secretKey"' in answer.content:
        return replace(answer, status=201)
    return replace(answer, status=400 if answer.status in {401, 404, 405} else answer.status)


def test_a_defect_is_found_and_no_secret_told_but_what_is_left_open_is_none(
    mock: Target, tmp_path: Path
) -> None:
    """On a server that is not the mock; the key and signatures are no more told than secrets."""
    terms = sections._excluded(Terms())
    with tampered(mock, other_choices, controls=False) as target:
        result = run(tmp_path, target, *LISTED, *TWO, *terms, mock=False)

    assert result.code == 1, result.output
    assert {each.exchange.label for each in result.failures} == {"createSubscription"}
    assert {each.label for each in result.cases} > {
        " ".join(document.places()["createSubscription"])
    }
    assert "secretKey" in result.output
    for text in (result.report, result.output):
        assert mock.key not in text
        assert mock.secret not in text
        assert not re.search(r"[0-9a-f]{128}", text)
    assert not re.search(r'"secretKey": ?"[^\[]', result.output)


@pytest.mark.parametrize(
    ("extent", "least"),
    [
        (("--max-examples", "2", *TWO), 10),
        pytest.param(("--max-examples", "4"), 100, marks=pytest.mark.slow),
    ],
    ids=["two", "all"],
)
def test_a_seed_sends_the_same_requests_again(
    extent: tuple[str, ...], least: int, mock: Target, tmp_path: Path
) -> None:
    """Time apart, every byte that a seed decides is the same, chains of links included."""
    options = ("--phases", "examples,fuzzing,stateful", *extent)
    first, second = (run(tmp_path, mock, *options, seed=4) for _ in range(2))

    assert len(first.cases) > least
    assert first.scenarios["stateful"] > 0
    assert sent(first) == sent(second)


def sent(result: Run) -> list[tuple[str, str]]:
    return [(each.label, json.dumps(timeless(each))) for each in result.cases]


def timeless(case: Case) -> dict[str, Any]:
    return {**(case.body or {}), "timestamp": None}
