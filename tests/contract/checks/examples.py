"""Does each example of the document hold?"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.contract import document, known, schemas
from tests.contract.checks.bench import Bench, id_fields
from tests.contract.suite import check
from tests.contract.violation import Violation
from tests.contract.wire import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.schemas import Json, Path
    from tests.contract.session import Exchange
    from tests.contract.suite import Lab

_CREATE = "createSubscription"


@check("each example of a request gets the answer of its name, in shape")
def pairs(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            shown = schemas.answer_examples(operation, schemas.success(operation))
            for name, example in schemas.request_examples(operation).items():
                if bench.is_mock:
                    bench.reset()
                answer = bench.send(operation, _stamped(bench, operation, example))
                if answer.code == "004" and not all(map(document.has, known.FIELDS)):
                    # The mock starts with what examples show, and one that shows it is no more.
                    continue
                got = bench.accept(answer)
                # What came later is answered with whichever example there is.
                if name in shown and operation in known.FIELDS:
                    _compare(answer, shown[name], got, whole=bench.is_mock)


@check("each example of a refusal is one, and every answer's example validates")
def validity(lab: Lab) -> None:
    """Nothing is asked of the target but an answer to show it by."""
    with Bench(lab) as bench:
        asked = bench.send(bench.operations[0], bench.body(bench.operations[0]))
        for operation in document.places():
            for status in schemas.statuses(operation):
                for name, example in schemas.answer_examples(operation, status).items():
                    _validate(asked, operation, status, name, example)


def _validate(asked: Exchange, operation: str, status: int, name: str, example: Any) -> None:
    validator = schemas.answer_validator(operation, status)
    where = f"the document's {operation} {status} {name}"
    if validator is None or not validator.is_valid(example):
        raise Violation(where, "expected the example to fit its schema, it does not", asked)


def _stamped(bench: Bench, operation: str, example: Json) -> Json:
    present: Json = {"account": bench.who.account, "timestamp": now()}
    body = example | {name: value for name, value in present.items() if name in example}
    if "payload" in body and not bench.is_mock:
        # The example's objects are the mock's; a stranger has others.
        own = bench.body(operation)["payload"]
        ids = {name: own[name] for name in id_fields(operation) if name in body["payload"]}
        body["payload"] = {**body["payload"], **ids}
    return body


def _compare(answer: Exchange, shown: Any, got: Any, *, whole: bool) -> None:
    for path, expected, actual in _differences(shown, got, (), whole=whole):
        where = schemas.text(path) or "body"
        is_known = known.is_known(answer.label, where) and not known.is_gone(answer.label, where)
        if path and not is_known:
            # It is filled in from the document, or shown by the example alone.
            continue
        raise Violation(where, f"expected {expected} as in the example, got {actual}", answer)


def _differences(
    shown: Any, got: Any, path: Path, *, whole: bool
) -> Iterator[tuple[Path, str, str]]:
    if _kind(shown) != _kind(got):
        yield path, _kind(shown), _kind(got)
    elif isinstance(shown, dict):
        for name in shown:
            if name in got:
                yield from _differences(shown[name], got[name], (*path, name), whole=whole)
            elif whole:
                yield (*path, name), _kind(shown[name]), "nothing"
        for name in got.keys() - shown.keys() if whole else ():
            yield (*path, name), "nothing", _kind(got[name])
    elif isinstance(shown, list):
        if whole and len(shown) != len(got):
            yield path, f"{len(shown)} items", f"{len(got)}"
        for number, pair in enumerate(zip(shown, got, strict=False)):
            yield from _differences(*pair, (*path, number), whole=whole)


def _kind(value: Any) -> str:
    # A number may be whole in one place and not in another.
    kinds = {int: "number", float: "number", Decimal: "number", type(None): "nothing"}
    return kinds.get(type(value), type(value).__name__)
