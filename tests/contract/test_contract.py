"""The mock keeps the document's contract, and the runs that show it cover all of it.

A short run with all phases is part of the tests of the command.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract import coverage, document, known_fields, sections
from tests.contract.running import Case, Run, run
from tests.contract.suite import Terms
from tests.contract.tampering import MockResponse, tampered

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
# Enough chains to follow every link.
MANY = 80

_TIMES = re.compile(rb'"createdDate":"[^"]*"')


@pytest.mark.slow
def test_every_case_derived_from_the_document_gets_a_documented_response(
    mock: Target, tmp_path: Path
) -> None:
    """Its examples, and a request for every boundary of its schemas, whatever the seed."""
    result = run(tmp_path, mock, *LISTED)

    assert_green(result, 1, LISTED)
    assert coverage.missed(result, "coverage", "positive", "negative") == set()
    assert coverage.missed(result, "examples", "positive") == set()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_every_random_request_gets_a_documented_response(
    seed: int, mock: Target, tmp_path: Path
) -> None:
    """No failures and no warnings, with plenty of different responses."""
    result = run(tmp_path, mock, *FUZZED, seed=seed)

    assert_green(result, seed, FUZZED)
    assert coverage.missed(result, "fuzzing", "positive", "negative") == set()
    assert_plenty(result)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "chains"), [(1, MANY), (2, 15)])
def test_every_chain_of_links_gets_documented_responses(
    seed: int, chains: int, mock: Target, tmp_path: Path
) -> None:
    """If there are enough of them, each link leads to a 200, with its values."""
    options = ("--phases", "stateful", "--max-examples", str(chains))
    result = run(tmp_path, mock, *options, seed=seed)
    followed = {each.link for each in result.cases if each.status == 200}

    assert_green(result, seed, options)
    assert chains < MANY or document.links() - followed == set()


@pytest.mark.slow
def test_no_phase_ends_early(mock: Target, tmp_path: Path) -> None:
    """All chains are tried, whatever happened in earlier phases.

    Hypothesis gives up, and schemathesis succeeds, if the same choices lead to different requests.
    """
    options = ("--phases", "fuzzing,stateful", "--max-examples", "20")
    result = run(tmp_path, mock, *options, seed=3)

    assert_green(result, 3, options)
    assert result.scenarios["stateful"] >= 20


def assert_green(result: Run, seed: int, options: tuple[str, ...]) -> None:
    """The failure message is the command that reproduces it."""
    command = f"python -m tests.contract --seed {seed} -- {' '.join(options)}"
    assert result.code == 0, f"{command}\n{result.output}"


def assert_plenty(result: Run) -> None:
    """Each operation returned at least ten distinct 200 responses in the fuzzing phase.

    Two are the same if request and response are, except for account and times. So deletions, whose
    responses have no content, differ by their requests.
    """
    distinct = defaultdict(set)
    for each in result.cases:
        if each.phase == "fuzzing" and each.status == 200:
            distinct[each.label].add(request_and_response(each))
    counts = {label: len(distinct[label]) for label in document.operations()}
    # For operations without rules the mock returns an example.
    named = document.operations().items()
    minimum = {label: ENOUGH if name in known_fields.FIELDS else 1 for label, name in named}

    assert {label: count for label, count in counts.items() if count < minimum[label]} == {}


def request_and_response(case: Case) -> tuple[str, bytes]:
    return json.dumps(timeless(case), sort_keys=True), _TIMES.sub(b"", case.content)


def other_choices(response: MockResponse) -> MockResponse:
    """Use other statuses than the mock where the document allows it, and once a wrong 201."""
    if response.status == 200 and b'"secretKey"' in response.content:
        return replace(response, status=201)
    return replace(response, status=400 if response.status in {401, 404, 405} else response.status)


def test_a_defect_is_found_without_showing_secrets_and_other_choices_are_allowed(
    mock: Target, tmp_path: Path
) -> None:
    """On a server that is not our mock; the key and signatures are not shown either."""
    terms = sections._excluded(Terms())
    with tampered(mock, other_choices, controls=False) as target:
        result = run(tmp_path, target, *LISTED, *TWO, *terms, mock=False)

    assert result.code == 1, result.output
    assert {each.exchange.label for each in result.failures} == {"createSubscription"}
    assert {each.label for each in result.cases} > {
        " ".join(document.routes()["createSubscription"])
    }
    assert "secretKey" in result.output
    for text in (result.report, result.output):
        assert mock.key not in text
        assert mock.secret not in text
        assert not re.search(r"[0-9a-f]{128}", text)
    assert not re.search(r'"secretKey": ?"[^\[]', result.output)


@pytest.mark.parametrize(
    ("extent", "minimum"),
    [
        (("--max-examples", "2", *TWO), 10),
        pytest.param(("--max-examples", "4"), 100, marks=pytest.mark.slow),
    ],
    ids=["two", "all"],
)
def test_a_seed_sends_the_same_requests_again(
    extent: tuple[str, ...], minimum: int, mock: Target, tmp_path: Path
) -> None:
    """Except for times, every byte is the same, chains of links included."""
    options = ("--phases", "examples,fuzzing,stateful", *extent)
    first, second = (run(tmp_path, mock, *options, seed=4) for _ in range(2))

    assert len(first.cases) > minimum
    assert first.scenarios["stateful"] > 0
    assert sent(first) == sent(second)


def sent(result: Run) -> list[tuple[str, str]]:
    return [(each.label, json.dumps(timeless(each))) for each in result.cases]


def timeless(case: Case) -> dict[str, Any]:
    return {**(case.body or {}), "timestamp": None}
