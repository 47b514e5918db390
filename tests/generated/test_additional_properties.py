"""The dictionary of additional properties is made at its first use, which no user can notice."""

from __future__ import annotations

import copy
import gc
import pickle
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from calypso_api._json import load_json
from calypso_api.models import Balance, Subscription, Transaction, TransactionPage
from calypso_api.operations.transactions import FIND_TRANSACTIONS
from tests.generated.test_fast import COUNTS, ROW, joined, threshold
from tests.generated.test_models import MODELS, SAMPLES, every_model
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "additional_properties"


def read(model: Any) -> Any:
    return model.from_dict(SAMPLES[model])


def built(model: Any) -> Any:
    """Return an object as users make one."""
    whole = read(model)
    return model(*[getattr(whole, f.name) for f in attrs.fields(model) if f.init])


def has_dictionary(found: Any) -> bool:
    """Return whether it holds one, without reading an attribute."""
    values = [each for each in gc.get_referents(found) if type(each) is dict]
    # The dictionary of an object's own attributes holds what does not belong to the model.
    return any(each == {} for each in values)


@every_model
def test_each_object_has_an_empty_dictionary_of_its_own(model: Any) -> None:
    """However it was made; and it is the same one each time."""
    for make in (read, built):
        first, second = make(model), make(model)

        assert first.additional_properties == {}
        assert type(first.additional_properties) is dict
        first.additional_properties["mark"] = 1
        assert first.additional_properties == {"mark": 1}
        assert second.additional_properties == {}
        assert first.to_dict() == {"mark": 1, **second.to_dict()}


@every_model
@rows("use", [repr, str, attrs.asdict, copy.copy, lambda each: each.to_dict()])
def test_the_first_use_changes_nothing(model: Any, use: Callable[[Any], object]) -> None:
    """An object whose dictionary was never read is equal to one whose was, and looks the same."""
    fresh, used = read(model), read(model)
    assert used.additional_properties == {}

    assert use(fresh) == use(used)
    assert fresh == used == read(model)
    assert repr(read(model)) == repr(used)
    fresh.additional_properties["mark"] = 1
    assert fresh != used
    assert used != fresh
    assert fresh != read(model)


@every_model
def test_the_field_is_the_last_one_and_no_argument(model: Any) -> None:
    field = attrs.fields(model)[-1]

    assert (field.name, field.init, field.eq, field.repr) == (
        NAME,
        False,
        True,
        "secretKey" not in SAMPLES[model],
    )
    assert NAME in attrs.asdict(read(model))
    assert NAME not in model.__match_args__
    assert NAME in dir(read(model))
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'additional_properties'"):
        model(additional_properties={})


@every_model
def test_copies_are_as_those_of_any_dictionary(model: Any) -> None:
    """A shallow copy shares it, a deep copy and a pickle have their own, `evolve` begins anew."""
    for prepare in (lambda _: None, lambda each: each.additional_properties):
        found = read(model)
        prepare(found)

        assert copy.copy(found).additional_properties is found.additional_properties
        deep = copy.deepcopy(found)
        assert deep.additional_properties is not found.additional_properties
        assert deep == found
        found.additional_properties["mark"] = [1]
        assert deep.additional_properties == {}
        assert copy.deepcopy(found).additional_properties == {"mark": [1]}
        assert copy.deepcopy(found).additional_properties["mark"] is not found.additional_properties
        assert attrs.evolve(found).additional_properties == {}


@rows("model", [model for model in MODELS if "secretKey" not in str(SAMPLES[model])])
def test_pickles_are_the_same_before_and_after_the_first_use(model: Any) -> None:
    """Those of earlier versions too, which always have the dictionary."""
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        fresh, used = read(model), read(model)
        assert used.additional_properties == {}
        content = pickle.dumps(fresh, protocol)

        assert content == pickle.dumps(used, protocol)
        assert b"additional_properties" in content
        assert pickle.loads(content) == used
        used.additional_properties["mark"] = 1
        assert pickle.loads(pickle.dumps(used, protocol)).additional_properties == {"mark": 1}
    assert read(model).__getstate__()[NAME] == {}


@every_model
def test_an_attribute_that_is_not_there_is_missing_as_of_any_object(model: Any) -> None:
    """By the usual error, and there is no place for others."""
    found = read(model)

    assert hasattr(found, NAME)
    assert getattr(found, NAME, None) == {}
    assert not hasattr(found, "additional_propertie")
    assert getattr(found, "_no", 3) == 3
    with pytest.raises(
        AttributeError, match=rf"^'{model.__name__}' object has no attribute 'ids'$"
    ):
        found.ids  # noqa: B018 - the point
    with pytest.raises(AttributeError):
        found.ids = 1
    assert not hasattr(found, "__dict__")


@every_model
def test_it_can_be_replaced_and_deleted(model: Any) -> None:
    """Before the first use, and after it; what was deleted is empty."""
    for prepare in (lambda _: None, lambda each: each.additional_properties):
        found, mine = read(model), {"mark": 1}
        prepare(found)
        found.additional_properties = mine
        assert found.additional_properties is mine
        found.additional_properties = None
        assert found.additional_properties is None

        found = read(model)
        prepare(found)
        del found.additional_properties
        assert found.additional_properties == {}


class Plain(Transaction):
    """A subclass without attrs, whose objects have a dictionary of attributes."""


class Slotted(Transaction):
    __slots__ = ("mine",)


class Curious(Transaction):
    """One that has every attribute."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return f"own {name}"


class Strict(Transaction):
    """One whose attributes are set by itself only."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in ("additional_properties", *self.__match_args__):
            raise AttributeError(name)
        super().__setattr__(name, value)


@attrs.define
class Defined(Transaction):
    mine: str = "mine"


@attrs.define(slots=False)
class Open(Transaction):
    mine: str = "mine"


@attrs.define
class Own(Transaction):
    """One that makes the dictionary itself, as models did before."""

    additional_properties: dict[str, Any] = attrs.field(init=False, factory=dict)


@attrs.define(eq=False)
class ByIdentity(Transaction):
    pass


class Mixin:
    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no {name}")


class Mixed(Mixin, Transaction):
    pass


SUBCLASSES = [Plain, Slotted, Curious, Strict, Defined, Open, Own, ByIdentity, Mixed]


@rows("model", SUBCLASSES)
def test_subclasses_of_users_have_it_too(model: Any) -> None:
    """With attrs or without, with attributes of any kind, read and made."""
    row = SAMPLES[Transaction]
    for each in (model.from_dict(row), model(*vars_of(Transaction.from_dict(row)))):
        assert type(each) is model
        assert each.additional_properties == {}
        each.additional_properties["mark"] = 1
        assert each.to_dict() == {"mark": 1, **row}
        assert copy.copy(each).additional_properties == {"mark": 1}
        copied = pickle.loads(pickle.dumps(each))
        assert copied.additional_properties == {"mark": 1}
        assert "additional_properties={'mark': 1}" in repr(each)
    assert model.from_dict(row | {"new": 2}).additional_properties == {"new": 2}
    assert NAME not in getattr(model.from_dict(row), "__dict__", {})
    assert copy.deepcopy(model.from_dict(row)).to_dict() == row


class Shared(Transaction):
    """One whose dictionary is an attribute of the class."""

    additional_properties = {}  # noqa: RUF012 - as a user may write it


class Again(Transaction):
    """One with a slot of the same name."""

    __slots__ = ("additional_properties",)


@rows("model", [Shared, Again, Own])
def test_unknown_fields_are_written_that_a_subclass_keeps_in_its_own_way(model: Any) -> None:
    row = SAMPLES[Transaction] | {"new": 1}

    assert model.from_dict(row).to_dict() == row
    assert model.from_dict(SAMPLES[Transaction]).to_dict() == SAMPLES[Transaction]


def vars_of(found: Any) -> list[Any]:
    return [getattr(found, f.name) for f in attrs.fields(type(found)) if f.init]


def test_a_frozen_subclass_has_it_too() -> None:
    """Though nothing can be set, its dictionary is filled as before."""
    frozen: Any = attrs.frozen(type("Frozen", (Balance,), {"__annotations__": {}}))
    found = frozen("BTC", 1)

    assert found.additional_properties == {}
    found.additional_properties["mark"] = 1
    assert found.to_dict() == {"currency": "BTC", "amount": 1, "mark": 1}
    assert frozen.from_dict({"currency": "BTC", "amount": 1}).additional_properties == {}
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        found.additional_properties = {}


def test_a_secret_of_an_unknown_field_is_in_no_repr() -> None:
    found = Subscription.from_dict(SAMPLES[Subscription])
    assert NAME not in repr(found)
    found.additional_properties["key"] = "hush"
    assert "hush" not in repr(found)
    assert copy.copy(found).additional_properties is found.additional_properties
    assert copy.deepcopy(found).additional_properties == {"key": "hush"}


@every_model
def test_an_object_has_no_dictionary_before_it_is_used(model: Any) -> None:
    for make in (read, built):
        found = make(model)
        found.to_dict()

        assert not has_dictionary(found)
        assert found.additional_properties == {}
        assert has_dictionary(found)


def test_many_objects_have_no_dictionary_each_whichever_way_they_were_read() -> None:
    content = joined([("result", b"[" + b",".join([joined([*ROW.items()])] * 3) + b"]")])
    content = content[:-1] + b"," + joined([*COUNTS.items()])[1:]
    with threshold(0):
        fast = FIND_TRANSACTIONS.read_large(content)
    plain = TransactionPage.from_dict(load_json(content))
    for page in (fast, plain):
        assert isinstance(page, TransactionPage)
        page.to_json()
        assert [has_dictionary(each) for each in (page, *page.result)] == [False] * 4
        assert not has_dictionary(Defined.from_dict(page.result[0].to_dict()))
