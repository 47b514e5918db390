"""Send the requests that led to a finding once more, stamped and signed anew.

``python -m tests.contract.repeat .contract/1.json`` asks a fresh mock, or with ``--target`` any
other server, as the account that the ``CALYPSO_*`` settings name. It ends with 1 if the finding is
still so, with 0 if it is no longer so, and with 2 if that could not be tested.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.contract import document, evidence, private, targets
from tests.contract.checks import bench
from tests.contract.progress import print_anything
from tests.contract.redaction import MASKED, Redactor
from tests.contract.resending import CONTROL, Step, play
from tests.contract.session import Session, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.contract.gateway import Gateway
    from tests.contract.session import Exchange

    Json = dict[str, Any]

STILL_SO, NO_LONGER_SO, CANNOT_TEST = 1, 0, 2
# How many requests may be sent to find the shortest way to a finding.
_BUDGET = 4_000


class CannotError(Exception):
    """A finding cannot be repeated."""


def keep(path: Path, finding: Json, steps: Sequence[Step], account: str) -> None:
    """Write what is needed to repeat a finding.

    Raises:
        OSError: The file cannot be written.
    """
    told = [asdict(each) for each in steps]
    text = json.dumps({**finding, "account": account, "steps": told}, indent=1)
    private.write(path, f"{text}\n".encode())


def shortest(
    steps: Sequence[Step], shows: Callable[[Sequence[Step]], bool], budget: int = _BUDGET
) -> list[Step] | None:
    """Leave out of a sequence what is not needed to show a finding.

    Args:
        steps: The first makes the mock begin anew; the last one's response is wrong.
        shows: Sends steps and tells whether the last response still shows the finding.
        budget: How many requests may be sent.

    Returns:
        The shortest sequence that was found; None where not even all steps show it.
    """
    first, between, last = steps[0], list(steps[1:-1]), steps[-1]
    budget -= len(steps)
    if not shows(steps):
        return None
    size = len(between)
    while size:
        place = 0
        while place < len(between):
            fewer = between[:place] + between[place + size :]
            budget -= len(fewer) + 2
            if budget < 0:
                return [first, *between, last]
            if shows([first, *fewer, last]):
                between = fewer
            else:
                place += size
        size //= 2
    return [first, *between, last]


def main(arguments: Sequence[str] | None = None) -> int:
    """Repeat, print the last request and its response, and say whether it is still so."""
    parser = argparse.ArgumentParser("python -m tests.contract.repeat", description=__doc__)
    parser.add_argument("file", type=Path, help="what a run wrote")
    parser.add_argument("--target", help="base URL; without it a fresh mock is started")
    parser.add_argument("--all", action="store_true", help="show all requests, not the last alone")
    parser.add_argument(
        "--show-data", action="store_true", help="show data of customers, and amounts, unmasked"
    )
    parser.add_argument("options", nargs="*", help="options of the mock, after --")
    chosen = parser.parse_args(arguments)
    print_anything()
    try:
        kept = _read(chosen.file)
        with (
            targets.ending_as_with_ctrl_c(),
            targets.access(chosen.target, os.environ, chosen.options) as found,
            closing(Session(found.target)) as session,
        ):
            return _repeat(kept, session, found.gateway, chosen)
    except (CannotError, RuntimeError, UnreachableError, targets.SettingsError) as error:
        sys.stderr.write(f"Could not test. {error}\n")
        return CANNOT_TEST
    except KeyboardInterrupt as stopped:
        sys.stderr.write(f"Could not test. {stopped or 'It was interrupted.'}\n")
        return CANNOT_TEST


def _read(path: Path) -> Json:
    try:
        kept = json.loads(path.read_text())
        kept["steps"] = [Step(**each) for each in kept["steps"]]
        if not (kept["steps"] and {"account", "check", "evidence", "field", "text"} <= kept.keys()):
            raise KeyError(path)
    except OSError as error:
        raise CannotError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, LookupError, TypeError):
        raise CannotError(f"{path} is not what a run writes about a finding.") from None
    return dict(kept)


def _repeat(
    kept: Json, session: Session, gateway: Gateway | None, chosen: argparse.Namespace
) -> int:
    terms = targets.terms(session, os.environ, gateway)
    steps = list(_allowed(kept["steps"], terms, session))
    told = targets.introduction(session.target, gateway, is_own=chosen.target is None)
    sys.stdout.write(f"{told}\n")
    sys.stdout.flush()
    began = len(session.exchanges)
    last = play(session, steps, kept["account"])
    redactor = Redactor([session.target], private=not (terms.mock or chosen.show_data))
    sent = session.exchanges[began:]
    if not chosen.all and len(sent) > 1:
        others = "1 other request" if len(sent) == 2 else f"{len(sent) - 1} other requests"
        sys.stdout.write(f"After {others}, which --all shows:\n")
    for exchange in sent if chosen.all else [last]:
        _show(exchange, redactor)
    sys.stdout.write(f"\nThe finding was: {kept['check']}\n  {kept['field']}: {kept['text']}\n")
    return _conclude(kept, last)


def _conclude(kept: Json, last: Exchange) -> int:
    is_shown = evidence.shown(kept["evidence"], last) if kept["evidence"] else None
    if is_shown is None:
        only = f"--only {kept['check']!r}"
        sys.stdout.write(
            "Whether it is still so cannot be told from the response alone: "
            f"python -m tests.contract {only} does.\n"
        )
        return CANNOT_TEST
    sys.stdout.write("It is still so.\n" if is_shown else "It is no longer so.\n")
    return STILL_SO if is_shown else NO_LONGER_SO


def _allowed(steps: Sequence[Step], terms: Any, session: Session) -> Iterator[Step]:
    """Go through the steps that may be sent there.

    Raises:
        CannotError: One would change something, and that is not allowed, or cannot be had again.
    """
    for step in steps:
        if MASKED in step.body:
            raise CannotError("A request holds masked values. Find it again with --show-data.")
        if step.path.startswith(CONTROL) and not terms.mock:
            continue
        is_read = document.at(step.method, step.path) in bench.reads()
        if not (is_read or step.path.startswith(CONTROL) or terms.writes):
            raise CannotError(
                f"{step.method} {step.path} may change something at {session.target.shown}. "
                "ALLOW_WRITES=1 allows it."
            )
        yield step


def _show(exchange: Exchange, redactor: Redactor) -> None:
    lines = [f"{exchange.method} {exchange.path}"]
    lines += _headers(redactor.headers(exchange.sent_headers))
    lines += ["", redactor.body(exchange.sent), ""]
    if exchange.status:
        lines += [str(exchange.status), *_headers(redactor.headers(exchange.headers))]
        lines += ["", redactor.body(exchange.content), ""]
    else:
        lines += [f"no response in {exchange.seconds:.1f} s", ""]
    sys.stdout.write("".join(f"  {each}".rstrip() + "\n" for each in lines))


def _headers(headers: dict[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]


if __name__ == "__main__":
    sys.exit(main())
