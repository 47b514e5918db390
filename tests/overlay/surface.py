"""The public surface of the three packages, read from the packages themselves."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from functools import cached_property
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, is_typeddict

import calypso_api
import calypso_mock
import calypso_pay
from calypso_api import DecodeError
from calypso_mock import MockError
from calypso_pay import CalypsoError

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = (calypso_api, calypso_mock, calypso_pay)
NAMES = {package.__name__ for package in PACKAGES}
# What a caller may have to catch; any other exception is a mistake in the calling program.
ERRORS = (CalypsoError, MockError, DecodeError)
FIELDS = (property, cached_property)


def modules() -> Iterator[ModuleType]:
    """Go through all modules of which no part of the dotted name starts with an underscore."""
    for package in PACKAGES:
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not re.search(r"\._", found.name):
                yield importlib.import_module(found.name)


def is_ours(value: object) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] in NAMES


def public_names(module: ModuleType) -> set[str]:
    """Return what can be taken from a module, but for modules and what it took from elsewhere."""
    listed = set(getattr(module, "__all__", ()))
    return {
        name
        for name in set(dir(module)) - (_foreign(module) - listed)
        if name[0] != "_"
        and (name in listed or not isinstance(getattr(module, name), ModuleType | TypeVar))
    }


def _foreign(module: ModuleType) -> set[str]:
    return {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.ImportFrom)
        # A package offers what it takes from its modules; a module takes what it works with.
        if not node.level
        and (not hasattr(module, "__path__") or str(node.module).partition(".")[0] not in NAMES)
        for alias in node.names
    }


def taken_whole(module: ModuleType) -> set[str]:
    """Return the names that a module takes from others by a star, and offers as they do."""
    return {
        name
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
        for name in importlib.import_module(str(node.module)).__all__
    }


class Public(NamedTuple):
    """Something public: its full name, the class that it belongs to if any, and the thing."""

    name: str
    owner: type | None
    value: Any

    @property
    def doc(self) -> str:
        """Its own docstring: the one that a class inherits describes another class."""
        value = self.value
        own = vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
        return inspect.cleandoc(own or "")

    def section(self, *titles: str) -> str:
        """Return the text of some sections of the docstring."""
        pattern = rf"^(?:{'|'.join(titles)}):\n((?:[ \t]+.*\n|\n)+)"
        return "".join(re.findall(pattern, self.doc + "\n", re.MULTILINE))

    @property
    def parameters(self) -> list[str]:
        """What its user writes to call it or to make one, or for an error, what can be read."""
        value = self.value
        if is_typeddict(value) or (inspect.isclass(value) and issubclass(value, Exception)):
            return list(vars(value).get("__annotations__", ()))
        if isinstance(value, FIELDS) or not self._takes_arguments():
            return []
        names = inspect.signature(getattr(value, "__func__", value)).parameters
        return [name for name in names if name not in {"self", "cls"}]

    def _takes_arguments(self) -> bool:
        value = self.value
        return not inspect.isclass(value) or is_ours(value.__init__) or hasattr(value, "_fields")

    def raises(self) -> set[str]:
        """Return the names of our errors that its code raises, or the code that it calls."""
        value = self.value
        if not inspect.isclass(value):
            return {error.__name__ for error in _raised(_function(value), self.owner, set())}
        constructor = _function(vars(value).get("__init__"))
        return {error.__name__ for error in _raised(constructor, value, set())}


def public() -> Iterator[Public]:
    """Go through all that is public, the public members of classes too, each thing once."""
    seen = set()
    for module in modules():
        listed = getattr(module, "__all__", None)
        for name in listed or sorted(public_names(module)):
            value = getattr(module, name)
            known = not callable(value) or value in seen
            if not known and (listed or value.__module__ == module.__name__):
                seen.add(value)
                yield Public(f"{value.__module__}.{name}", None, value)
                yield from _members(value) if inspect.isclass(value) else ()


def _members(owner: type) -> Iterator[Public]:
    """Go through a class's members, those included that it has from a class that is not public."""
    kinds = (FunctionType, classmethod, staticmethod, *FIELDS)
    for base in owner.__mro__:
        if base is owner or (is_ours(base) and base.__name__[0] == "_"):
            for name, value in vars(base).items():
                if name[0] != "_" and isinstance(value, kinds):
                    yield Public(f"{owner.__module__}.{owner.__name__}.{name}", owner, value)


def _function(value: object) -> FunctionType | None:
    for wrapped in ("fget", "func", "__func__"):
        value = getattr(value, wrapped, value)
    return value if isinstance(value, FunctionType) and is_ours(value) else None


def _raised(
    function: FunctionType | None, owner: type | None, seen: set[FunctionType]
) -> set[type[Exception]]:
    # Generated methods, such as those of named tuples, have no source.
    if function is None or function in seen or function.__code__.co_filename.startswith("<"):
        return set()
    seen.add(function)
    found: set[type[Exception]] = set()
    for call in _calls(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        called = _resolved(call.func, function, owner)
        if inspect.isclass(called) and issubclass(called, ERRORS):
            found.add(called)
        elif inspect.isclass(called):
            found |= _raised(_function(vars(called).get("__init__")), called, seen)
        else:
            found |= _raised(_function(called), owner, seen)
    return found


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        # What is raised within a try may be caught there, so that is left out.
        inner = [*child.handlers, *child.orelse] if isinstance(child, ast.Try) else [child]
        for each in inner:
            yield from _calls(each)


def _resolved(name: ast.expr, function: FunctionType, owner: type | None) -> object:
    if isinstance(name, ast.Attribute):
        return getattr(_resolved(name.value, function, owner), name.attr, None)
    if not isinstance(name, ast.Name):
        return None
    return owner if name.id in {"self", "cls"} else function.__globals__.get(name.id)
