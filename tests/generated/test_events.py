"""Events come from the document's webhooks: today's, and those that it gets tomorrow."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, get_args

import pytest

from calypso_api import DecodeError, events
from calypso_api._json import dump_json

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

ADDITION = """
webhooks:
  INVOICE_PAID:
    post:
      operationId: notifyInvoicePaid
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/InvoicePaidEvent"}
  INVOICE_MELTED:
    post:
      operationId: notifyInvoiceMelted
      requestBody:
        required: true
        content:
          application/json:
            schema:
              description: Told in place.
              allOf:
                - {$ref: "#/components/schemas/Notification"}
                - {type: object, properties: {degrees: {type: number}}}
components:
  schemas:
    InvoicePaidEvent:
      description: An invoice was paid.
      allOf:
        - $ref: "#/components/schemas/Notification"
        - type: object
          required: [data]
          properties:
            data: {$ref: "#/components/schemas/InvoicePaidData"}
    InvoicePaidData:
      type: object
      required: [invoiceId]
      properties: {invoiceId: {type: string}}
"""

USER = """
from typing import assert_never, assert_type

from calypso_api.events import Event, InvoicePaidEvent, KnownEvent, NotifyInvoiceMeltedRequest
from calypso_api.events import UnknownEvent, read_event


def paid(event: Event) -> str:
    match event:
        case InvoicePaidEvent():
            return event.data.invoice_id
        case UnknownEvent() | NotifyInvoiceMeltedRequest():
            return event.request_id
        case _:
            return known(event)


def known(event: KnownEvent) -> str:
    return event.service


if __name__ == "__main__":
    body = '{"requestId": "r", "id": 1, "createdDate": "2026-11-21T09:00:00", "level": "INFO"'
    rest = ', "service": "INVOICE", "eventType": "INVOICE_PAID", "data": {"invoiceId": 5}}'
    print(paid(read_event((body + rest).encode())))
    print(type(read_event((body + rest).replace("PAID", "MELTED").encode())).__name__)
"""


def examples(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: example["value"]
        for name, hook in document["webhooks"].items()
        for media in hook["post"]["requestBody"]["content"].values()
        for example in media["examples"].values()
    }


def test_every_webhook_of_the_document_has_a_class(document: dict[str, Any]) -> None:
    """In the table, in the unions, and among what the module offers."""
    assert list(events.EVENT_TYPES) == list(document["webhooks"])
    classes = list(events.EVENT_TYPES.values())
    assert list(get_args(events.KnownEvent)) == classes
    assert list(get_args(events.Event)) == [*classes, events.UnknownEvent]
    assert {kind.__name__ for kind in classes} < set(events.__all__)


def test_every_example_of_the_document_is_read_and_written_again(document: dict[str, Any]) -> None:
    for name, example in examples(document).items():
        event = events.read_event(dump_json(example))

        assert type(event) is events.EVENT_TYPES[name]
        again = events.read_event(dump_json(event.to_dict()))
        assert again == event


def test_the_fallback_is_written_as_it_came() -> None:
    """Its problem is no part of it."""
    body = {
        "requestId": "r",
        "id": 1,
        "createdDate": "2026-11-21T09:00:00Z",
        "level": "INFO",
        "service": "CUSTOMER_PURSE",
        "eventType": "CUSTOMER_PURSE_EXPIRED",
        "data": {"address": None},
        "more": [1],
    }
    event = events.read_event(dump_json(body))

    assert isinstance(event, events.UnknownEvent)
    assert event.problem == "PurseExpiredData.customerId: required, but absent"
    assert event.to_dict() == body


def test_a_repeated_member_is_refused_at_any_depth() -> None:
    with pytest.raises(DecodeError, match="a member twice"):
        events.read_event(b'{"data": [{"a": 1, "a": 1}]}')


@pytest.fixture(scope="module")
def room(run: Run, document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the package of the document with two webhooks more."""
    from generator.document import load, to_json

    room = tmp_path_factory.mktemp("new_webhook")
    (room / "addition.yaml").write_text("paths: {}\n" + ADDITION)
    addition, changed = load(room / "addition.yaml"), copy.deepcopy(document)
    changed["webhooks"] |= addition["webhooks"]
    changed["components"]["schemas"] |= addition["components"]["schemas"]
    (room / "openapi.yaml").write_text(to_json(changed))
    (room / "user.py").write_text(USER)
    options = ["--output", room / "calypso_api", "--json", room / "openapi.json"]
    result = run("-m", "generator", "--document", room / "openapi.yaml", *options)
    assert result.returncode == 0, result.stderr
    return room


def test_a_new_webhook_is_read_as_a_class_of_its_own(run: Run, room: Path) -> None:
    """Also when its schema stands in place."""
    result = run("user.py", cwd=room, PYTHONPATH=str(room))

    assert (result.stdout.split(), result.stderr) == (["5", "NotifyInvoiceMeltedRequest"], "")


def test_the_type_checker_knows_it(run: Run, room: Path) -> None:
    options = ["--strict", "--python-version", "3.11", "--cache-dir", room / "cache"]

    result = run("-m", "mypy", *options, "user.py", cwd=room)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string"}, "notifyNew: needs one body that is an object"),
        ({"$ref": "#/components/schemas/Purse"}, "need exactly one component in common"),
    ],
)
def test_a_webhook_that_gives_no_event_is_refused(
    run: Run, document: dict[str, Any], tmp_path: Path, schema: Any, said: str
) -> None:
    media = {"application/json": {"schema": schema}}
    hook = {"post": {"operationId": "notifyNew", "requestBody": {"content": media}}}
    changed = document | {"webhooks": document["webhooks"] | {"NEW": hook}}
    (tmp_path / "openapi.yaml").write_text(json.dumps(changed, default=float))
    options = ["--output", tmp_path / "calypso_api", "--json", tmp_path / "openapi.json"]

    result = run("-m", "generator", "--document", tmp_path / "openapi.yaml", *options)

    assert result.returncode == 1
    assert said in result.stderr
    assert not (tmp_path / "calypso_api").exists()
