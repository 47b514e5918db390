"""Events come from the document's webhooks: today's, and those that it gets tomorrow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import pytest

from calypso_api import DecodeError, events
from calypso_api._json import dump_json
from generator import generate
from tests.rows import rows

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


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


def test_a_new_webhook_is_read_as_a_class_of_its_own(run: Run, grown: Path) -> None:
    """Also when its schema stands in place."""
    result = run("receiver.py", cwd=grown, PYTHONPATH=str(grown))

    assert (result.stdout.split(), result.stderr) == (["5", "NotifyInvoiceMeltedRequest"], "")


@rows(
    "schema, said",
    [
        ({"type": "string"}, "notifyNew: needs one body that is an object"),
        ({"$ref": "#/components/schemas/Purse"}, "need exactly one component in common"),
    ],
)
def test_a_webhook_that_gives_no_event_is_refused(
    document: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    schema: Any,
    said: str,
) -> None:
    media = {"application/json": {"schema": schema}}
    hook = {"post": {"operationId": "notifyNew", "requestBody": {"content": media}}}
    changed = document | {"webhooks": document["webhooks"] | {"NEW": hook}}
    (tmp_path / "openapi.yaml").write_text(json.dumps(changed, default=float))
    options = ["--output", tmp_path / "calypso_api", "--json", tmp_path / "openapi.json"]

    code = generate.main(["--document", str(tmp_path / "openapi.yaml"), *map(str, options)])

    assert code == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "calypso_api").exists()
