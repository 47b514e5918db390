"""Reading decoded JSON objects as models.

Each module of a model has a function that makes objects from tuples of values. This module takes
these tuples from the decoded objects: of a list in bulk, also where fields are absent or unknown.
An object with an unreadable field, or without an essential one, is read by itself, leniently.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ._read import ABSENT, DecodeError, RowsError, absent, as_items, as_list, as_object

if TYPE_CHECKING:
    from ._model import Model

    M = TypeVar("M", bound=Model)

T = TypeVar("T")


def _getter(names: tuple[str, ...]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    # For one name, `itemgetter` returns no tuple.
    return itemgetter(*names) if len(names) > 1 else lambda row: tuple(row[name] for name in names)


class Record(Protocol):
    """An object that was read."""

    additional_properties: dict[str, Any]


R = TypeVar("R", bound=Record)


class Make(Protocol[R]):
    """Makes objects of the values of their fields."""

    def __call__(self, rows: Iterable[tuple[Any, ...]], found: list[R], /) -> None:
        """Append an object for each tuple.

        Raises:
            DecodeError: A value could not be read; the objects before it are there.
        """
        ...


class Reader(Generic[R]):
    """How the objects of one model are read.

    Args:
        model: The model.
        make: Makes its objects. A value of None counts as absent.
        names: The names of its fields in JSON, in the order of the values; essential ones first.
        essential: The names of the fields that an object can't be read without.
        alone: Whether `from_dict` of the model does more than `read_object`, so that many objects
            are read by calling it for each.
        rows: Returns the models of the objects in its lists that `as_rows` reads, by name.

    Attributes:
        struct: A class that `_fast` reads in place of dictionaries.
    """

    __slots__ = (
        "_blank",
        "_exact",
        "_first",
        "_make",
        "_others",
        "alone",
        "essential",
        "known",
        "model",
        "names",
        "rows",
        "struct",
    )

    def __init__(
        self,
        model: type[R],
        make: Make[R],
        names: tuple[str, ...],
        essential: frozenset[str],
        *,
        alone: bool = False,
        rows: Callable[[], Mapping[str, type[Model]]] = dict,
    ) -> None:
        self.model = model
        self.names = names
        self.known = frozenset(names)
        self.alone = alone
        self.rows = rows
        self.struct: type[Any] | None = None
        self._make = make
        self.essential = essential
        self._first = names[: len(essential)]
        self._others = names[len(essential) :]
        self._exact = _getter(names)
        self._blank: dict[str, Any] = dict.fromkeys(names[len(essential) :])

    def one(self, row: dict[str, Any]) -> R:
        """Read an object; fields that could not be read are among its additional properties.

        Raises:
            DecodeError: An essential field is absent or unreadable.
        """
        found: list[R] = []
        odd: set[str] = set()
        values = self._values(row)
        try:
            self._make((values,), found)
        except DecodeError:
            pass
        if not found:
            # Not while handling the error: the next one would keep its frames, with their values.
            found, odd = self._leniently(values)
        has_unknown = not self.known.issuperset(row)
        if has_unknown or len(row) != len(self.names):
            # In a field of any type, no reader noticed that it is absent.
            for name in self._first:
                if name not in row:
                    raise absent(f"{self.model.__name__}.{name}")
        if odd or has_unknown:
            found[0].additional_properties = self._rest(row, odd)
        return found[0]

    def usual(self, rows: list[Any]) -> tuple[Iterator[tuple[Any, ...]], bool]:
        """Return the values of the fields of each object, and whether unknown fields are possible.

        The turn of an object that lacks an essential field raises a `KeyError`; the next turn is
        that of the next object. There are no turns if some are no objects.
        """
        kinds = set(map(type, rows))
        # Without a call of Python for each object.
        if kinds == {dict} and set(map(len, rows)) == {len(self.names)}:
            return map(self._exact, rows), False
        if kinds == {dict}:
            return map(self._exact, map(self._blank.__or__, rows)), True
        if kinds == {self.struct}:
            from msgspec.structs import astuple

            return map(astuple, rows), False
        return iter(()), False

    def extend(self, found: list[R], values: Iterator[tuple[Any, ...]]) -> None:
        """Append objects until the values of one can't be read."""
        try:
            self._make(values, found)
        except (DecodeError, KeyError):
            pass

    def keep_unknown(self, found: Iterable[R], rows: Iterable[dict[str, Any]]) -> None:
        """Keep the unknown fields of objects that were read from these rows."""
        for one, row in zip(found, rows, strict=True):
            if not self.known.issuperset(row):
                one.additional_properties = self._rest(row, ())

    def _rest(self, row: dict[str, Any], odd: Collection[str]) -> dict[str, Any]:
        known = self.known
        return {name: value for name, value in row.items() if name not in known or name in odd}

    def _values(self, row: dict[str, Any]) -> tuple[Any, ...]:
        try:
            return self._exact(row if len(row) == len(self.names) else self._blank | row)
        except KeyError:
            return tuple(
                row.get(name, ABSENT if name in self.essential else None) for name in self.names
            )

    def _leniently(self, values: tuple[Any, ...]) -> tuple[list[R], set[str]]:
        """Read an object without its unreadable fields, and return their names."""
        start, count = len(self._first), len(self._others)
        read: list[R] = []
        needed = values[:start]
        self._make([needed + (None,) * count], read)
        rest = list(values[start:])
        odd = set()
        for place, name in enumerate(self._others):
            alone: list[Any] = [None] * count
            alone[place] = rest[place]
            try:
                self._make([(*needed, *alone)], read)
            except DecodeError:
                odd.add(name)
                rest[place] = None
        found: list[R] = []
        self._make([(*needed, *rest)], found)
        return found, odd


def read_object(model: type[M], source: Any) -> M:
    """Read a decoded object as a model.

    Raises:
        DecodeError: It is not an object, or an essential field is absent or unreadable.
    """
    reader = model._reader
    row = source if type(source) is dict else as_object(source, reader.model.__name__)
    found = reader.one(row)
    return found if reader.model is model else _as_subclass(model, found)


def _as_subclass(model: type[M], found: Any) -> M:
    from attrs import fields

    from ._model import additional

    values = [getattr(found, field.name) for field in fields(type(found)) if field.init]
    made = model(*values)
    if additional(found):
        record: Any = made
        record.additional_properties = found.additional_properties
    return made


class _Rows(list[T]):
    """The readable rows of a list that also has unreadable ones."""

    def __init__(self, rows: list[T], lost: list[Any], problem: str) -> None:
        super().__init__(rows)
        self.lost = lost
        self.problem = problem


def as_rows(value: Any, where: str, model: type[M]) -> list[M]:
    """Read the readable rows of a list; `complete` raises an error for the others."""
    rows = as_list(value, where)
    reader = model._reader
    found: list[M] = []
    lost: list[Any] = []
    problem = ""
    values, may_have_more = (iter(()), False) if reader.alone else reader.usual(rows)
    while True:
        start, number = len(found), len(found) + len(lost)
        reader.extend(found, values)
        if may_have_more:
            read = range(number, number + len(found) - start)
            reader.keep_unknown(found[start:], map(rows.__getitem__, read))
        number += len(found) - start
        if number == len(rows):
            return _Rows(found, lost, problem) if lost else found
        if type(rows[number]) is reader.struct:
            raise DecodeError
        try:
            found.append(model.from_dict(rows[number]))
        except DecodeError as error:
            lost.append(rows[number])
            problem = problem or f"{where}[{number}]: {error}"


def as_objects(value: Any, where: str, model: type[M]) -> list[M]:
    """Read a response that is an array of objects.

    Raises:
        RowsError: Some are unreadable; its ``partial`` has all the others.
    """
    rows = as_rows(as_items(value, where), where, model)
    return complete(rows, rows)


def complete(found: T, *lists: object) -> T:
    """Return an object if all rows of its lists were readable.

    Raises:
        RowsError: Some were not.
    """
    unread = [rows for rows in lists if isinstance(rows, _Rows)]
    lost = [row for rows in unread for row in rows.lost]
    if not lost:
        return found
    more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
    problem = f"{unread[0].problem}{more}"
    for rows in unread:
        # They may hold secrets, and the list itself is passed on.
        rows.lost = []
    raise RowsError(problem, found, lost)
