"""Are the document's examples right?"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.contract import document, known_fields, schemas
from tests.contract.checks.api_client import ApiClient, id_fields
from tests.contract.suite import check
from tests.contract.violation import Violation
from tests.contract.wire import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.schemas import Json, Path
    from tests.contract.session import Exchange
    from tests.contract.suite import Context

_CREATE = "createSubscription"


@check("each example of a request gets a response like its own example")
def pairs(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            shown = schemas.response_examples(operation, schemas.success(operation))
            for name, example in schemas.request_examples(operation).items():
                if api.is_mock:
                    api.reset()
                response = api.send(operation, _stamped(api, operation, example))
                if response.code == "004" and not all(map(document.has, known_fields.FIELDS)):
                    # An operation left the document, and with it the example of this object.
                    continue
                got = api.expect_success(response)
                # For later operations the mock returns any example.
                if name in shown and operation in known_fields.FIELDS:
                    _compare(response, shown[name], got, whole=api.is_mock)


@check("each example of a response fits its schema")
def validity(context: Context) -> None:
    """The target gets only one request, for a finding to refer to."""
    with ApiClient(context) as api:
        asked = api.send(api.operations[0], api.body(api.operations[0]))
        for operation in document.routes():
            for status in schemas.statuses(operation):
                for name, example in schemas.response_examples(operation, status).items():
                    _validate(asked, operation, status, name, example)


def _validate(asked: Exchange, operation: str, status: int, name: str, example: Any) -> None:
    validator = schemas.response_validator(operation, status)
    where = f"the document's {operation} {status} {name}"
    if validator is None or not validator.is_valid(example):
        raise Violation(where, "expected the example to fit its schema, it does not", asked)


def _stamped(api: ApiClient, operation: str, example: Json) -> Json:
    present: Json = {"account": api.who.account, "timestamp": now()}
    body = example | {name: value for name, value in present.items() if name in example}
    if "payload" in body and not api.is_mock:
        # The example's objects exist in the mock; another server has others.
        own = api.body(operation)["payload"]
        ids = {name: own[name] for name in id_fields(operation) if name in body["payload"]}
        body["payload"] = {**body["payload"], **ids}
    return body


def _compare(response: Exchange, shown: Any, got: Any, *, whole: bool) -> None:
    for path, expected, actual in _differences(shown, got, (), whole=whole):
        where = schemas.text(path) or "body"
        is_known = known_fields.is_known(response.label, where) and not known_fields.is_gone(
            response.label, where
        )
        if path and not is_known:
            # The mock fills it in from the document, or only the example has it.
            continue
        raise Violation(where, f"expected {expected} as in the example, got {actual}", response)


def _differences(
    shown: Any, got: Any, path: Path, *, whole: bool
) -> Iterator[tuple[Path, str, str]]:
    if _kind(shown) != _kind(got):
        yield path, _kind(shown), _kind(got)
    elif isinstance(shown, dict):
        yield from _differing_members(shown, got, path, whole=whole)
    elif isinstance(shown, list):
        if whole and len(shown) != len(got):
            yield path, f"{len(shown)} items", f"{len(got)}"
        for number, pair in enumerate(zip(shown, got, strict=False)):
            yield from _differences(*pair, (*path, number), whole=whole)


def _differing_members(
    shown: Json, got: Json, path: Path, *, whole: bool
) -> Iterator[tuple[Path, str, str]]:
    for name in shown:
        if name in got:
            yield from _differences(shown[name], got[name], (*path, name), whole=whole)
        elif whole:
            yield (*path, name), _kind(shown[name]), "nothing"
    for name in got.keys() - shown.keys() if whole else ():
        yield (*path, name), "nothing", _kind(got[name])


def _kind(value: Any) -> str:
    # A number may be whole in one response and not in another.
    kinds = {int: "number", float: "number", Decimal: "number", type(None): "nothing"}
    return kinds.get(type(value), type(value).__name__)
