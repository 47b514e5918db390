"""Reproduce a finding: send its requests again, with new timestamps and signatures.

``python -m tests.contract.repeat .contract/1.json`` uses a fresh mock, or with ``--target`` any
other server, as the account of the ``CALYPSO_*`` settings. The exit code is 1 if the finding is
still found, 0 if it is not, and 2 if that could not be tested: because the response cannot show
the finding, or because it takes several responses to show it.
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

from tests.contract import document, evidence, printing, private_files, replay, responses, targets
from tests.contract.checks import api_client
from tests.contract.redaction import MASKED, Redactor
from tests.contract.replay import CONTROL, Step, play
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE
from tests.contract.session import Session, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.contract.gateway import Gateway
    from tests.contract.session import Exchange

    Json = dict[str, Any]

STILL_FOUND, NO_LONGER_FOUND, CANNOT_TEST = 1, 0, 2
# How many requests may be sent to shorten the repro of a finding.
_BUDGET = 4_000
_ACCOUNT = "getAccount"
# Control requests that can be left out for another server.
_DISPENSABLE = (f"{CONTROL}reset", f"{CONTROL}account")
# How each setting is encoded when it is sent.
_ENCODINGS = {"KEY": "latin-1", "SECRET": "utf-8", "ACCOUNT": "utf-8"}


class CannotReplayError(Exception):
    """A finding cannot be reproduced."""


def write(path: Path, finding: Json, steps: Sequence[Step], account: str) -> None:
    """Write the repro of a finding.

    Raises:
        OSError: The file cannot be written.
    """
    written = [asdict(each) for each in steps]
    text = json.dumps({**finding, "account": account, "steps": written}, indent=1)
    private_files.write(path, f"{text}\n".encode())


def shortest(
    steps: Sequence[Step], shows: Callable[[Sequence[Step]], bool], budget: int = _BUDGET
) -> list[Step] | None:
    """Remove from a sequence the requests that are not needed to show a finding.

    Args:
        steps: The first resets the mock; the response to the last shows the finding.
        shows: Sends steps and returns whether the last response still shows the finding.
        budget: How many requests may be sent.

    Returns:
        The shortest sequence that was found; None if not even all steps show it.
    """
    first, between, last = steps[0], list(steps[1:-1]), steps[-1]
    budget -= len(steps)
    if not shows(steps):
        return None
    size = len(between)
    while size:
        index = 0
        while index < len(between):
            fewer = between[:index] + between[index + size :]
            budget -= len(fewer) + 2
            if budget < 0:
                return [first, *between, last]
            if shows([first, *fewer, last]):
                between = fewer
            else:
                index += size
        size //= 2
    return [first, *between, last]


def main(arguments: Sequence[str] | None = None) -> int:
    """Reproduce a finding; print the last request and response, and whether it is still found."""
    parser = argparse.ArgumentParser("python -m tests.contract.repeat", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="a file that a run wrote")
    parser.add_argument("--target", help="base URL; without it a fresh mock is started")
    parser.add_argument("--all", action="store_true", help="show all requests, not the last alone")
    parser.add_argument(
        "--show-data", action="store_true", help="do not mask customers' data and amounts"
    )
    parser.add_argument("options", nargs="*", default=[], help="options of the mock, after --")
    chosen = parser.parse_args(arguments)
    printing.print_anything()
    try:
        repro = _read(chosen.file)
        if chosen.target is not None:
            _check_settings(os.environ)
        with (
            targets.ending_as_with_ctrl_c(),
            targets.open_target(chosen.target, os.environ, chosen.options) as opened,
            closing(Session(opened.target)) as session,
        ):
            return _reproduce(repro, session, opened.gateway, chosen)
    except (CannotReplayError, RuntimeError, UnreachableError, targets.SettingsError) as error:
        printing.err(f"Could not test. {error}\n")
        return CANNOT_TEST
    except KeyboardInterrupt as stopped:
        printing.err(f"Could not test. {stopped or 'It was interrupted.'}\n")
        return CANNOT_TEST


def _read(path: Path) -> Json:
    try:
        repro = json.loads(path.read_text())
        repro["steps"] = [replay.read(each) for each in repro["steps"]]
        _check(repro)
        _check_evidence(repro["evidence"])
    except OSError as error:
        raise CannotReplayError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise CannotReplayError(f"{path} is not a file that a run wrote for a finding.") from None
    return dict(repro)


def _check(repro: Json) -> None:
    """Check that there is a finding, and the requests that lead to it.

    Raises:
        ValueError: A value is missing or wrong.
    """
    texts = [repro.get(name) for name in ("account", "check", "field", "text")]
    if not (repro["steps"] and all(each and isinstance(each, str) for each in texts)):
        raise ValueError("This is not a finding.")


def _check_evidence(recorded: Any) -> None:
    """Check that it is what `evidence.of` returns.

    Raises:
        ValueError: A value has the wrong type.
        LookupError: A value is missing.
        TypeError: It is not an object.
    """
    if recorded is None:
        return
    kinds: dict[str, Any] = {"check": str, "field": str, "mock": bool}
    if recorded["check"] == EVERY_RESPONSE:
        kinds |= {"place": str, "fault": str}
    elif recorded["check"] != EVERY_REQUEST:
        kinds |= {"status": int, "code": str | None, "began": int | float}
        kinds |= {"value": str | None} if "value" in recorded else {}
    if not all(isinstance(recorded[name], kind) for name, kind in kinds.items()):
        raise ValueError("This is not evidence.")


def _check_settings(environment: Mapping[str, str]) -> None:
    """Check that the settings can be sent.

    Raises:
        SettingsError: One contains a character that a request cannot contain.
    """
    for name, encoding in _ENCODINGS.items():
        for variable in (f"CALYPSO_{name}", f"CALYPSO_OTHER_{name}"):
            value = environment.get(variable, "")
            if not (_is_encodable(value, encoding) and (value.isprintable() or name == "SECRET")):
                raise targets.SettingsError(
                    f"{variable} contains a character that cannot be sent: set it as it was given."
                )


def _is_encodable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _reproduce(
    repro: Json, session: Session, gateway: Gateway | None, chosen: argparse.Namespace
) -> int:
    terms = targets.terms(session, os.environ, gateway)
    steps = list(_allowed(repro["steps"], terms, session))
    introduction = targets.introduction(session.target, gateway, is_own=chosen.target is None)
    printing.out(f"{introduction}\n")
    if gateway is not None:
        _check_account(repro, session)
    began = len(session.exchanges)
    last = _replayed(repro, steps, session)
    redactor = Redactor([session.target], private=not (terms.mock or chosen.show_data))
    sent = session.exchanges[began:]
    if not chosen.all and len(sent) > 1:
        others = "1 other request" if len(sent) == 2 else f"{len(sent) - 1} other requests"
        printing.out(f"After {others} (--all shows them):\n")
    for exchange in sent if chosen.all else [last]:
        _show(exchange, redactor)
    printing.out(f"\nThe finding was: {repro['check']}\n  {repro['field']}: {repro['text']}\n")
    return _conclude(repro, last, chosen.target)


def _check_account(repro: Json, session: Session) -> None:
    """Check that the settings are right, unless the finding is that they are rejected.

    Raises:
        CannotReplayError: The server rejects them, or the API is not at this URL.
        UnreachableError: The server does not respond.
    """
    last: Step = repro["steps"][-1]
    # Without a key, the response does not depend on the account.
    is_keyless = repro["check"] == EVERY_REQUEST and not any(each.key for each in repro["steps"])
    if is_keyless or not document.has(_ACCOUNT):
        return
    is_own = document.operation_at(last.method, last.path) == _ACCOUNT
    code = (repro["evidence"] or {}).get("code")
    if last.is_rightly_signed and _why_rejected(last.status, code, is_own=is_own):
        return
    try:
        exchange = session.call(_ACCOUNT)
    except UnreachableError:
        if is_own and repro["check"] == EVERY_REQUEST:
            return
        raise
    why = _why_rejected(exchange.status, responses.code(exchange))
    if why:
        raise CannotReplayError(
            f"{session.target.shown} {why}: {_ACCOUNT} got {_summary(exchange)}."
        )


def _why_rejected(status: int, code: str | None, *, is_own: bool = True) -> str | None:
    if evidence.is_rejected(status, code):
        return "rejects CALYPSO_KEY or CALYPSO_SECRET, or does not allow them this request"
    if is_own and code == evidence.NOT_FOUND:
        return "does not know the account CALYPSO_ACCOUNT"
    if is_own and status in evidence.NO_SUCH_PATH:
        return f"does not have the API at this URL: there is no {document.routes()[_ACCOUNT][1]}"
    return None


def _replayed(repro: Json, steps: Sequence[Step], session: Session) -> Exchange:
    """Send the steps.

    Raises:
        CannotReplayError: A request could not be sent.
    """
    began = len(session.exchanges)
    try:
        last = play(session, steps, repro["account"])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise CannotReplayError(
            f"A request cannot be sent: {type(error).__name__}: {error}"
        ) from None
    for exchange in session.exchanges[began:]:
        why = evidence.why_not_sent(exchange)
        if why:
            raise CannotReplayError(f"{exchange.method} {exchange.path} was blocked. {why}")
    return last


def _summary(exchange: Exchange) -> str:
    code = responses.code(exchange)
    if not exchange.status:
        return "no response"
    # An undocumented errorCode may be anything, even private data.
    if code in responses.codes():
        return f"{exchange.status} with errorCode {code}"
    return f"{exchange.status} without a documented errorCode"


def _conclude(repro: Json, last: Exchange, target: str | None) -> int:
    """Print whether the finding is still found; return the exit code.

    Raises:
        CannotReplayError: The response cannot show it.
    """
    recorded, step = repro["evidence"], repro["steps"][-1]
    is_shown = evidence.shown(recorded, last) if recorded else None
    if is_shown is None or _needs_several(repro):
        where = f" --target {target}" if target else ""
        printing.out(
            "One response does not show whether it is still found. Run: "
            f"python -m tests.contract --only {repro['check']!r}{where}\n"
        )
        return CANNOT_TEST
    if not is_shown:
        why = evidence.obstacle(
            recorded, last, status=step.status, is_rightly_signed=step.is_rightly_signed
        )
        if why:
            raise CannotReplayError(f"Got {_summary(last)}, {why}.")
    printing.out("It is still found.\n" if is_shown else "It is no longer found.\n")
    return STILL_FOUND if is_shown else NO_LONGER_FOUND


def _needs_several(repro: Json) -> bool:
    """Return whether the finding is that several responses contradict each other."""
    paths = [each.path for each in repro["steps"]]
    return "value" in repro["evidence"] and evidence.is_comparison(paths)


def _allowed(steps: Sequence[Step], terms: Any, session: Session) -> Iterator[Step]:
    """Yield the steps that may be sent to this server.

    Raises:
        CannotReplayError: A step is not allowed there, or cannot be sent.
    """
    for step in steps:
        if MASKED in step.body:
            raise CannotReplayError(
                "A request contains masked values. Run the check again with --show-data."
            )
        if step.path.startswith(CONTROL) and not terms.mock:
            if step.method != "GET" and step.path not in _DISPENSABLE:
                raise CannotReplayError(f"{step.path} is needed, which only our mock has.")
            continue
        is_read = document.operation_at(step.method, step.path) in api_client.reads()
        if not (is_read or step.path.startswith(CONTROL) or terms.writes):
            raise CannotReplayError(
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
