"""Databases of both kinds, and shops in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.inbox.kinds import DRIVERS, AnyInbox, Place
from tests.inbox.shop import Shop, book, close, open_shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/shop.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def shop_with(database: str) -> Iterator[Callable[..., Shop]]:
    """Open a shop in the database, with a handler and options of the test."""
    shops: list[Shop] = []

    def open_one(handler: Callable[..., Any] = book, **options: Any) -> Shop:
        shops.append(open_shop(database, handler, **options))
        return shops[-1]

    yield open_one
    for shop in shops:
        close(shop)


@pytest.fixture(params=DRIVERS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty database, and a driver for it."""
    if request.param.startswith("sqlite"):
        return Place(f"sqlite:///{tmp_path}/shop.db", request.param)
    return Place(str(request.getfixturevalue("postgres_url")), request.param)


@pytest.fixture
def inbox(place: Place) -> Iterator[AnyInbox]:
    """An inbox of each kind, with its tables."""
    with place.open() as opened:
        opened.create_tables()
        yield opened
