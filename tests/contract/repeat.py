"""Send the requests that led to a finding once more, stamped and signed anew.

``python -m tests.contract.repeat .contract/1.json`` asks a fresh mock, or with ``--target`` any
other server, as the account that the ``CALYPSO_*`` settings name. It ends with 1 if the finding is
still so, with 0 if it is no longer so, and with 2 if that could not be tested: where the response
is none that could show the finding, or where it takes several responses to tell.
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

from tests.contract import answers, document, evidence, printing, private, resending, targets
from tests.contract.checks import bench
from tests.contract.redaction import MASKED, Redactor
from tests.contract.resending import CONTROL, Step, play
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE
from tests.contract.session import Session, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.contract.gateway import Gateway
    from tests.contract.session import Exchange

    Json = dict[str, Any]

STILL_SO, NO_LONGER_SO, CANNOT_TEST = 1, 0, 2
# How many requests may be sent to find the shortest way to a finding.
_BUDGET = 4_000
_ACCOUNT = "getAccount"
# Control requests without which another server may be asked all the same.
_NOT_MISSED = (f"{CONTROL}reset", f"{CONTROL}account")
# Of the settings, how each is written when it is sent.
_ENCODINGS = {"KEY": "latin-1", "SECRET": "utf-8", "ACCOUNT": "utf-8"}


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
    parser.add_argument("file", type=Path, metavar="FILE", help="what a run wrote")
    parser.add_argument("--target", help="base URL; without it a fresh mock is started")
    parser.add_argument("--all", action="store_true", help="show all requests, not the last alone")
    parser.add_argument(
        "--show-data", action="store_true", help="show data of customers, and amounts, unmasked"
    )
    parser.add_argument("options", nargs="*", default=[], help="options of the mock, after --")
    chosen = parser.parse_args(arguments)
    printing.print_anything()
    try:
        kept = _read(chosen.file)
        if chosen.target is not None:
            _check_settings(os.environ)
        with (
            targets.ending_as_with_ctrl_c(),
            targets.access(chosen.target, os.environ, chosen.options) as found,
            closing(Session(found.target)) as session,
        ):
            return _repeat(kept, session, found.gateway, chosen)
    except (CannotError, RuntimeError, UnreachableError, targets.SettingsError) as error:
        printing.err(f"Could not test. {error}\n")
        return CANNOT_TEST
    except KeyboardInterrupt as stopped:
        printing.err(f"Could not test. {stopped or 'It was interrupted.'}\n")
        return CANNOT_TEST


def _read(path: Path) -> Json:
    try:
        kept = json.loads(path.read_text())
        kept["steps"] = [resending.read(each) for each in kept["steps"]]
        _check(kept)
        _check_evidence(kept["evidence"])
    except OSError as error:
        raise CannotError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise CannotError(f"{path} is not what a run writes about a finding.") from None
    return dict(kept)


def _check(kept: Json) -> None:
    """Make sure that a finding is there, and what leads to it.

    Raises:
        ValueError: It lacks something, or has something else.
    """
    told = [kept.get(name) for name in ("account", "check", "field", "text")]
    if not (kept["steps"] and all(each and isinstance(each, str) for each in told)):
        raise ValueError("This is no finding.")


def _check_evidence(told: Any) -> None:
    """Make sure that it is what `evidence.of` returns.

    Raises:
        ValueError: A value is of another type.
        LookupError: It lacks something.
        TypeError: It is no object at all.
    """
    if told is None:
        return
    kinds: dict[str, Any] = {"check": str, "field": str, "mock": bool}
    if told["check"] == EVERY_RESPONSE:
        kinds |= {"place": str, "fault": str}
    elif told["check"] != EVERY_REQUEST:
        kinds |= {"status": int, "code": str | None, "began": int | float}
        kinds |= {"value": str | None} if "value" in told else {}
    if not all(isinstance(told[name], kind) for name, kind in kinds.items()):
        raise ValueError("This is no evidence.")


def _check_settings(environment: Mapping[str, str]) -> None:
    """Make sure that the settings can be sent.

    Raises:
        SettingsError: One holds a character that a request cannot.
    """
    for name, encoding in _ENCODINGS.items():
        for variable in (f"CALYPSO_{name}", f"CALYPSO_OTHER_{name}"):
            value = environment.get(variable, "")
            if not (_is_encodable(value, encoding) and (value.isprintable() or name == "SECRET")):
                raise targets.SettingsError(
                    f"{variable} holds a character that no request can: set it as it was given."
                )


def _is_encodable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _repeat(
    kept: Json, session: Session, gateway: Gateway | None, chosen: argparse.Namespace
) -> int:
    terms = targets.terms(session, os.environ, gateway)
    steps = list(_allowed(kept["steps"], terms, session))
    told = targets.introduction(session.target, gateway, is_own=chosen.target is None)
    printing.out(f"{told}\n")
    if gateway is not None:
        _check_account(kept, session)
    began = len(session.exchanges)
    last = _played(kept, steps, session)
    redactor = Redactor([session.target], private=not (terms.mock or chosen.show_data))
    sent = session.exchanges[began:]
    if not chosen.all and len(sent) > 1:
        others = "1 other request" if len(sent) == 2 else f"{len(sent) - 1} other requests"
        printing.out(f"After {others}, which --all shows:\n")
    for exchange in sent if chosen.all else [last]:
        _show(exchange, redactor)
    printing.out(f"\nThe finding was: {kept['check']}\n  {kept['field']}: {kept['text']}\n")
    return _conclude(kept, last, chosen.target)


def _check_account(kept: Json, session: Session) -> None:
    """Make sure that the settings are right, unless it is the finding that they are rejected.

    Raises:
        CannotError: The server rejects them, or is not where the settings say.
        UnreachableError: Nothing answers there.
    """
    last: Step = kept["steps"][-1]
    # What is sent without a key is answered alike, whoever asks.
    is_anyones = kept["check"] == EVERY_REQUEST and not any(each.key for each in kept["steps"])
    if is_anyones or not document.has(_ACCOUNT):
        return
    is_own = document.at(last.method, last.path) == _ACCOUNT
    code = (kept["evidence"] or {}).get("code")
    if last.is_rightly_signed and _why_rejected(last.status, code, is_own=is_own):
        return
    try:
        exchange = session.call(_ACCOUNT)
    except UnreachableError:
        if is_own and kept["check"] == EVERY_REQUEST:
            return
        raise
    why = _why_rejected(exchange.status, answers.code(exchange))
    if why:
        raise CannotError(f"{session.target.shown} {why}: {_came(exchange)} came for {_ACCOUNT}.")


def _why_rejected(status: int, code: str | None, *, is_own: bool = True) -> str | None:
    if evidence.is_rejected(status, code):
        return "rejects CALYPSO_KEY or CALYPSO_SECRET, or what they may do"
    if is_own and code == evidence.NOT_FOUND:
        return "does not know the account that CALYPSO_ACCOUNT names"
    if is_own and status in evidence.NO_SUCH_PATH:
        return f"is not where the API is: it has no {document.places()[_ACCOUNT][1]}"
    return None


def _played(kept: Json, steps: Sequence[Step], session: Session) -> Exchange:
    """Send the steps.

    Raises:
        CannotError: One could not be sent as it was.
    """
    began = len(session.exchanges)
    try:
        last = play(session, steps, kept["account"])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise CannotError(f"A request cannot be sent: {type(error).__name__}: {error}") from None
    for exchange in session.exchanges[began:]:
        why = evidence.why_not_sent(exchange)
        if why:
            raise CannotError(f"{exchange.method} {exchange.path} was held back. {why}")
    return last


def _came(exchange: Exchange) -> str:
    code = answers.code(exchange)
    if not exchange.status:
        return "No response"
    # What is no errorCode may be anything, private data too.
    told = f"errorCode {code}" if code in answers.codes() else "a documented errorCode"
    return f"{exchange.status} {'with' if code in answers.codes() else 'without'} {told}"


def _conclude(kept: Json, last: Exchange, target: str | None) -> int:
    """Say whether it is still so.

    Raises:
        CannotError: The response is none that could show it.
    """
    told, step = kept["evidence"], kept["steps"][-1]
    is_shown = evidence.shown(told, last) if told else None
    if is_shown is None or _takes_several(kept):
        where = f" --target {target}" if target else ""
        printing.out(
            "Whether it is still so cannot be told from the response alone: "
            f"python -m tests.contract --only {kept['check']!r}{where} does.\n"
        )
        return CANNOT_TEST
    if not is_shown:
        why = evidence.obstacle(
            told, last, status=step.status, is_rightly_signed=step.is_rightly_signed
        )
        if why:
            raise CannotError(f"{_came(last)} came, {why}.")
    printing.out("It is still so.\n" if is_shown else "It is no longer so.\n")
    return STILL_SO if is_shown else NO_LONGER_SO


def _takes_several(kept: Json) -> bool:
    """Tell whether the last response's value alone says nothing, because another contradicts it."""
    paths = [each.path for each in kept["steps"]]
    return "value" in kept["evidence"] and evidence.is_comparison(paths)


def _allowed(steps: Sequence[Step], terms: Any, session: Session) -> Iterator[Step]:
    """Go through the steps that may be sent there.

    Raises:
        CannotError: One would change something, and that is not allowed, or cannot be had again.
    """
    for step in steps:
        if MASKED in step.body:
            raise CannotError("A request holds masked values. Find it again with --show-data.")
        if step.path.startswith(CONTROL) and not terms.mock:
            if step.method != "GET" and step.path not in _NOT_MISSED:
                raise CannotError(f"{step.path} is needed, which only our mock has.")
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
    printing.out("".join(f"  {each}".rstrip() + "\n" for each in lines))


def _headers(headers: dict[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]


if __name__ == "__main__":
    sys.exit(main())
