"""Notes of an inbox, in which a reconciliation remembers how far it is."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from calypso_pay import ConfigurationError
from calypso_pay.inbox import Inbox

if TYPE_CHECKING:
    from tests.inbox.kinds import AnyInbox, Place

SCOPE, OTHER = "0" * 31 + "a", "f" * 32


def key(number: int) -> str:
    return f"{number:032x}"


def test_a_note_is_what_was_put_last_and_none_before(inbox: AnyInbox) -> None:
    assert inbox.get_note(SCOPE, key(1)) is None
    assert inbox.put_note(SCOPE, key(1), "one") is None
    assert inbox.get_note(SCOPE, key(1)) == "one"
    inbox.put_note(SCOPE, key(1), "two")
    assert inbox.get_note(SCOPE, key(1)) == "two"
    assert inbox.list_notes(SCOPE) == [(key(1), "two")]


def test_a_note_is_there_for_another_process_when_put_note_returns(
    inbox: AnyInbox, place: Place
) -> None:
    inbox.put_note(SCOPE, key(1), "one")
    with place.open() as other:
        assert other.get_note(SCOPE, key(1)) == "one"


def test_scopes_have_notes_of_their_own(inbox: AnyInbox) -> None:
    inbox.put_note(SCOPE, key(1), "here")
    inbox.put_note(OTHER, key(1), "there")
    assert (inbox.get_note(SCOPE, key(1)), inbox.get_note(OTHER, key(1))) == ("here", "there")
    assert inbox.get_note(SCOPE, key(2)) is None
    assert inbox.list_notes(OTHER) == [(key(1), "there")]


def test_pages_of_notes_have_each_once_in_the_order_of_their_keys(inbox: AnyInbox) -> None:
    """Digits sort before letters, as in ASCII."""
    numbers = [0x9, 0xA, 0xF, 0x10, 0x9F, 0xA0, 0xFF, 0xF << 124, 0x9 << 124, 0xA << 124]
    for number in sorted(numbers, key=lambda number: number % 7):
        inbox.put_note(SCOPE, key(number), str(number))
        inbox.put_note(OTHER, key(number + 1), "another's")
    pages: list[list[tuple[str, str]]] = []
    after = ""
    for _ in range(3):
        pages.append(inbox.list_notes(SCOPE, after=after, limit=4))
        after = pages[-1][-1][0]
    assert [len(page) for page in pages] == [4, 4, 2]
    assert inbox.list_notes(SCOPE, after=after, limit=4) == []
    expected = [(key(number), str(number)) for number in sorted(numbers)]
    assert [note for page in pages for note in page] == expected
    assert expected == sorted(expected), "it is the order of the bytes"


def test_a_page_has_at_most_500_notes_by_default(inbox: AnyInbox) -> None:
    rows = ", ".join(f"('{SCOPE}', '{key(number)}', '')" for number in range(501))
    inbox.execute(f"INSERT INTO calypso_inbox_notes VALUES {rows}")  # noqa: S608 - hex digits
    page = inbox.list_notes(SCOPE)
    assert len(page) == 500
    assert inbox.list_notes(SCOPE, page[-1][0]) == [(key(500), "")]


def test_a_note_may_be_long(inbox: AnyInbox) -> None:
    value = json.dumps(["x" * 1000, "\N{EURO SIGN} \0"] * 2000)
    inbox.put_note(SCOPE, key(1), value)
    assert inbox.get_note(SCOPE, key(1)) == value


def test_workers_that_put_the_same_note_at_once_leave_one_of_their_values(database: str) -> None:
    barrier, errors = threading.Barrier(6), list[BaseException]()
    with_tables = Inbox(database)
    with_tables.create_tables()

    def put(number: int) -> None:
        inbox = Inbox(database)
        barrier.wait()
        try:
            for _ in range(5):
                inbox.put_note(SCOPE, key(1), str(number))
        except BaseException as error:  # noqa: BLE001 - for the assertion
            errors.append(error)
        finally:
            inbox.close()

    threads = [threading.Thread(target=put, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    [(_, value)] = with_tables.list_notes(SCOPE)
    assert value in set(map(str, range(6)))
    with_tables.close()


def test_notes_need_the_tables(place: Place) -> None:
    with place.open() as inbox, pytest.raises(ConfigurationError, match=r"call create_tables\(\)"):
        inbox.get_note(SCOPE, key(1))


def test_the_order_of_notes_does_not_depend_on_the_plan_of_the_database(postgres_url: str) -> None:
    settings = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
    options = "%20".join(f"-c{name}%3Doff" for name in settings)
    inbox = Inbox(f"{postgres_url}?options={options}")
    inbox.create_tables()
    for number in (3, 1, 2):
        inbox.put_note(SCOPE, key(number), "")
    assert inbox.list_notes(SCOPE, limit=2) == [(key(1), ""), (key(2), "")]
    inbox.close()
