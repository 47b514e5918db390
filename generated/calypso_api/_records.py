"""Reading decoded JSON objects as models.

Each module of a model has a function that makes objects from tuples of values. This module takes
these tuples from the decoded objects: all at once if they have exactly the documented fields, and
tolerantly, one by one, if they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ._read import ABSENT, DecodeError, RowsError, absent, as_items, as_list, as_object

if TYPE_CHECKING:
    from ._model import Model

    M = TypeVar("M", bound=Model)

T = TypeVar("T")


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
        # For one name, `itemgetter` returns no tuple.
        self._exact: Callable[[dict[str, Any]], tuple[Any, ...]] = (
            itemgetter(*names) if len(names) > 1 else self._values
        )

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
        if len(row) != len(self.names):
            # In a field of any type, no reader noticed that it is absent.
            for name in self._first:
                if name not in row:
                    raise absent(f"{self.model.__name__}.{name}")
        if odd or not self.known.issuperset(row):
            one = found[0]
            one.additional_properties = {
                name: value for name, value in row.items() if name in odd or name not in self.known
            }
        return found[0]

    def usual(self, rows: list[Any]) -> Iterator[tuple[Any, ...]]:
        """Return the values of the fields of each object.

        If one does not have exactly the documented fields, its turn may raise a `DecodeError` or a
        `KeyError`, and the next turn is that of the next object.
        """
        kinds = set(map(type, rows))
        if kinds == {dict} and set(map(len, rows)) == {len(self.names)}:
            return map(self._exact, rows)
        if kinds == {self.struct}:
            from msgspec.structs import astuple

            return map(astuple, rows)
        return map(self._documented, rows)

    def extend(self, found: list[R], values: Iterator[tuple[Any, ...]]) -> None:
        """Append objects until the values of one could not be read.

        Raises:
            DecodeError, KeyError: They could not.
        """
        self._make(values, found)

    def _documented(self, row: Any) -> tuple[Any, ...]:
        is_usual = type(row) is dict and self.known.issuperset(row)
        if not is_usual or not row.keys() >= self.essential:
            raise DecodeError
        return self._values(row)

    def _values(self, row: dict[str, Any]) -> tuple[Any, ...]:
        if len(row) == len(self.names) > 1:
            try:
                return self._exact(row)
            except KeyError:
                pass
        get = row.get
        return (*map(get, self._first, repeat(ABSENT)), *map(get, self._others))

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

    values = [getattr(found, field.name) for field in fields(type(found)) if field.init]
    made = model(*values)
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
    values = iter(()) if reader.alone else reader.usual(rows)
    while True:
        try:
            reader.extend(found, values)
        except (DecodeError, KeyError):
            pass
        number = len(found) + len(lost)
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
