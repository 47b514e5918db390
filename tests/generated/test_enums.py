"""Enums: known members are what they always were, unknown values survive as members too."""

from __future__ import annotations

import copy
import gc
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_api import DecodeError, models
from calypso_api._open_enum import OpenEnum
from calypso_api.models import (
    Purse,
    PurseStatus,
    Transaction,
    TransactionState,
    TransactionStateFilter,
)
from generator.prepare import member_name
from tests.rows import rows

if TYPE_CHECKING:
    from types import ModuleType

ENUMS = [found for name in models.__all__ if issubclass(found := getattr(models, name), OpenEnum)]
every_enum = rows("enum", {enum.__name__: enum for enum in ENUMS})


@every_enum
def test_members_follow_the_document(enum: type[OpenEnum], document: dict[str, Any]) -> None:
    """Same values, same order, other spellings aside; a name follows from its value alone."""
    listed = document["components"]["schemas"][enum.__name__]["enum"]
    used = [value for value in listed if value not in enum.spellings()]

    assert used == [member.value for member in enum]
    assert [member_name(value) for value in used] == [member.name for member in enum]


def test_names_of_members_are_what_users_wrote() -> None:
    """Renaming one breaks users' programs, so they are repeated here; there may be more."""
    states = ["MEM_POOL_FOUND", "PENDING_COMPLIANCE_CHECK", "DECLINED", "CONFIRMED"]

    assert states == [state.name for state in TransactionState if state.value in states]


@given(st.text())
def test_an_unknown_value_is_a_member_of_its_own(value: str) -> None:
    """It is equal to its text, is read and sent as that text, and is marked as unknown."""
    state = TransactionState(value)

    assert (value, value, value) == (state, state.value, str(state))
    assert hash(value) == hash(state)
    assert type(str(state)) is str
    assert isinstance(state, TransactionState)
    assert state.is_known == (value in [known.value for known in TransactionState])
    assert {"equals": value} == TransactionStateFilter(equals=state).to_dict()
    assert state == TransactionStateFilter.from_dict({"equals": value}).equals


@rows("value", ["CONFIRMED", "NEW"])
def test_members_survive_pickle_and_copies(value: str) -> None:
    """Known ones stay the same object, unknown ones equal."""
    state = TransactionState(value)
    copies = [
        *(pickle.loads(pickle.dumps(state, n)) for n in range(pickle.HIGHEST_PROTOCOL + 1)),
        copy.copy(state),
        copy.deepcopy(state),
    ]

    for copied in copies:
        assert state == copied
        assert (state.is_known, type(state)) == (copied.is_known, type(copied))
        assert copied is state or not state.is_known


@every_enum
def test_known_values_give_the_one_member(enum: type[OpenEnum]) -> None:
    """However it is looked up."""
    for member in enum:
        assert enum(member.value) is enum.lookup[member.value] is enum[member.name] is member
        assert member.is_known


@every_enum
@rows("value", [None, 1, True, ["NEW"], {}, b"NEW"])
def test_what_is_not_text_is_rejected(enum: type[OpenEnum], value: object) -> None:
    """Only text can be an unknown value."""
    with pytest.raises(ValueError, match=f"is not a valid {enum.__name__}"):
        enum(value)


def test_a_field_with_no_text_is_read_as_any_other_of_another_shape() -> None:
    """It is None and kept, or named where nothing can be done without it."""
    transaction = {"id": "1", "amount": 1, "currency": "BTC", "transactionState": 7}

    assert Purse.from_dict({"status": 7}).status is None
    assert Purse.from_dict({"status": 7}).to_dict() == {"status": 7}
    with pytest.raises(DecodeError, match=r"^Transaction\.transactionState: expected a value of T"):
        Transaction.from_dict(transaction)


def test_another_spelling_is_the_member_that_is_used() -> None:
    """Two pages of the vendor spell it differently; both are read as one, which is sent."""
    assert PurseStatus("ARCHIEVED") is PurseStatus.ARCHIVED
    assert Purse.from_dict({"status": "ARCHIEVED"}).status is PurseStatus.ARCHIVED
    assert Purse.from_dict({"status": "ARCHIEVED"}).to_dict() == {"status": "ARCHIVED"}
    assert "ARCHIEVED" not in PurseStatus.__members__


def test_unknown_values_fill_no_memory() -> None:
    """Hostile input can't make the tables grow."""
    tables = [TransactionState.lookup, TransactionState._value2member_map_]
    for state in TransactionState:
        assert TransactionState.lookup[state.value] is state
    sizes = [len(table) for table in tables]

    for number in range(1_000):
        assert not TransactionState.lookup[f"NEW_{number}"].is_known
        assert not TransactionState(f"OTHER_{number}").is_known
    gc.collect()

    assert sizes == [len(table) for table in tables]


def test_the_repr_tells_known_from_unknown() -> None:
    """An unknown member doesn't look as if the class had it."""
    assert repr(TransactionState.DECLINED) == "<TransactionState.DECLINED: 'DECLINED'>"
    assert repr(TransactionState("NEW")) == "<TransactionState: 'NEW', unknown>"


def test_a_known_member_can_be_matched() -> None:
    """`match` works as with any enum; what is unknown falls through to the default."""

    def final(state: TransactionState) -> bool | None:
        match state:
            case TransactionState.CONFIRMED | TransactionState.DECLINED:
                return True
            case TransactionState.MEM_POOL_FOUND | TransactionState.PENDING_COMPLIANCE_CHECK:
                return False
            case _:
                return None

    assert [True, False, None] == [
        final(TransactionState(value)) for value in ("DECLINED", "MEM_POOL_FOUND", "NEW")
    ]


def test_odd_values_have_stable_names(kinds: ModuleType) -> None:
    """Digits in front, spaces, quotes, nothing at all: named by the value, never by its place."""
    from kinds_api.models import Colour

    assert Path(kinds.__file__ or "").exists()
    assert {
        "RED": "red",
        "VALUE_1ST_CHOICE": "1st-choice",
        "GREEN_LIGHT": "GREEN LIGHT",
        "GREY": "grey",
        "WITH_QUOTES_AND": 'with "quotes" \\ and',
        "VALUE_EMPTY": "",
    } == {member.name: member.value for member in Colour}
    assert Colour("gray") is Colour("GREY") is Colour.GREY


@given(st.lists(st.text(min_size=1), unique=True), st.text(min_size=1))
def test_a_new_value_renames_no_other(values: list[str], new: str) -> None:
    """The vendor may insert a value anywhere."""
    before = [member_name(value) for value in values]

    after = [member_name(value) for value in [new, *values]]

    assert before == after[1:]
    assert all(name.isidentifier() and name == name.upper() for name in after)
