"""Events come from the document's webhooks: today's, and those that it gets tomorrow."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calypso_api import DecodeError, events
from calypso_api._json import dump_json
from calypso_api.models import NotificationEventType
from generator import generate
from tests.rows import rows

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


BARE: dict[str, Any] = {"requestId": "r", "id": 1}
CANONICAL = {name: name for name in events.EVENT_TYPES} | dict(events._RESPELLED)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def respelled(draw: st.DrawFn) -> tuple[str, str]:
    """Spell a type in another way; return that and the type."""
    name = draw(st.sampled_from(list(CANONICAL)))
    words = [draw(st.sampled_from([w, w.lower(), w.title()])) for w in name.split("_")]
    between = draw(st.sampled_from(["_", "-", " ", ".", "__", " / "]))
    around = draw(st.sampled_from(["", " ", "_"]))
    return around + between.join(words) + around, CANONICAL[name]


spellings = respelled()


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
    for name, body in examples(document).items():
        event = events.read_event(dump_json(body))

        assert type(event) is events.EVENT_TYPES[name]
        reread = events.read_event(dump_json(event.to_dict()))
        assert reread == event


@given(spelled=spellings, in_data=st.booleans())
@example(spelled=("customerPurseExpired", "CUSTOMER_PURSE_EXPIRED"), in_data=False)
def test_a_type_is_known_however_it_is_spelled(spelled: tuple[str, str], in_data: bool) -> None:
    """Any case, any signs between the words, the vendor's misspellings; in the data as well."""
    came, canonical = spelled
    body = BARE | ({"data": {"type": came}} if in_data else {"eventType": came})

    event = events.read_event(dump_json(body))

    assert type(event) is events.EVENT_TYPES[canonical]
    assert event.event_type is NotificationEventType(canonical)
    kept = {} if in_data or came == canonical else {"eventType": came}
    assert event.additional_properties == kept
    if in_data:
        assert event.to_dict() == body | {"eventType": canonical}


def test_the_type_in_the_data_counts_only_where_there_is_no_other() -> None:
    data = {"type": "CUSTOMER_PURSE_EXPIRED"}

    for none in (None, "", " ", "\t\n", "\u00a0", 7, [], {}):
        event = events.read_event(dump_json(BARE | {"eventType": none, "data": data}))
        assert isinstance(event, events.PurseExpiredEvent)
        assert event.additional_properties == ({} if none is None else {"eventType": none})
    event = events.read_event(dump_json(BARE | {"eventType": "NEW", "data": data}))
    assert isinstance(event, events.UnknownEvent)
    blank = events.read_event(dump_json(BARE | {"eventType": None, "data": {"type": " "}}))
    assert isinstance(blank, events.UnknownEvent)
    assert blank.event_type is None


@given(
    body=st.fixed_dictionaries(
        {},
        optional={
            "eventType": st.sampled_from(list(events.EVENT_TYPES)) | json_values,
            **dict.fromkeys(("createdDate", "level", "service", "data"), json_values),
        },
    )
)
def test_only_its_ids_make_an_event_unreadable(body: dict[str, Any]) -> None:
    """All other fields are written again."""
    event = events.read_event(dump_json(BARE | body))

    assert (event.request_id, event.id) == ("r", 1)
    written = event.to_dict()
    assert {name for name, value in body.items() if value is not None} <= written.keys()
    assert type(events.read_event(dump_json(written))) is type(event)


@rows("sent, read", [(5, 5), ("5", 5), (Decimal("5.0"), 5), ("evt-5", "evt-5"), ("5.5", "5.5")])
def test_the_id_of_an_event_is_a_number_or_else_text(sent: object, read: int | str) -> None:
    for kind in (None, *events.EVENT_TYPES):
        found = events.read_event(dump_json(BARE | {"id": sent, "eventType": kind})).id
        assert (read, type(read)) == (found, type(found))


@rows(
    "ids, message",
    [
        ({"requestId": "r"}, "id: required, but absent"),
        ({"id": 1}, "requestId: required, but absent"),
        *(
            ({"requestId": "r", "id": odd}, "id: expected an integer, got")
            for odd in ("", True, None, Decimal("5.5"), [1], {})
        ),
        *(
            ({"requestId": odd, "id": 1}, "requestId: expected text, got")
            for odd in (True, None, Decimal("5.5"), ["r"], {})
        ),
    ],
)
def test_an_event_without_its_ids_is_rejected(ids: dict[str, Any], message: str) -> None:
    """Of whatever type it is; the message names the field."""
    for kind in (None, "NEW", *events.EVENT_TYPES):
        with pytest.raises(DecodeError, match=rf"Notification\.{message}|Event\.{message}"):
            events.read_event(dump_json(ids | {"eventType": kind}))


def test_an_event_of_another_type_is_written_as_it_came() -> None:
    body = BARE | {
        "createdDate": "2026-11-21T09:00:00Z",
        "level": "INFO",
        "service": "INVOICE",
        "eventType": "INVOICE_PAID",
        "data": {"address": None},
        "more": [1],
    }
    event = events.read_event(dump_json(body))

    assert isinstance(event, events.UnknownEvent)
    assert event.data == {"address": None}
    assert event.to_dict() == body


def test_a_repeated_member_is_rejected_at_any_depth() -> None:
    with pytest.raises(DecodeError, match="a member twice"):
        events.read_event(b'{"data": [{"a": 1, "a": 1}]}')


def test_a_new_webhook_is_read_as_a_class_of_its_own(run: Run, grown: Path) -> None:
    """Also if its schema is inline."""
    result = run("receiver.py", cwd=grown, PYTHONPATH=str(grown))

    assert (result.stdout.split(), result.stderr) == (["5", "NotifyInvoiceMeltedRequest"], "")


@rows(
    "schema, message",
    [
        ({"type": "string"}, "notifyNew: needs one body that is an object"),
        ({"$ref": "#/components/schemas/Purse"}, "need exactly one component in common"),
    ],
)
def test_a_webhook_that_gives_no_event_is_rejected(
    document: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    schema: Any,
    message: str,
) -> None:
    media = {"application/json": {"schema": schema}}
    hook = {"post": {"operationId": "notifyNew", "requestBody": {"content": media}}}
    changed = document | {"webhooks": document["webhooks"] | {"NEW": hook}}
    (tmp_path / "openapi.yaml").write_text(json.dumps(changed, default=float))
    options = ["--output", tmp_path / "calypso_api", "--json", tmp_path / "openapi.json"]

    code = generate.main(["--document", str(tmp_path / "openapi.yaml"), *map(str, options)])

    assert code == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "calypso_api").exists()
