"""Each package offers exactly what it lists, and every public name is explained.

The rules are mechanical, so that a name that is added tomorrow is held to them as well.
"""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import calypso_api
from calypso_api._resource import Resource
from tests.overlay.surface import (
    FIELDS,
    Public,
    is_ours,
    modules,
    public,
    public_names,
    taken_whole,
)

if TYPE_CHECKING:
    from types import ModuleType

# The stock generator writes these and their text, in a form of its own.
STOCK = re.compile(r"calypso_api\.(api|client)\.")
# Readers of a text on the vendor's error codes know where these are from.
SPEAKS_OF_THE_VENDOR = re.compile(
    r"vendor(?!'s error)|\bcodes? \d{3}|\bstatus(es)? \d{3}", re.IGNORECASE
)
NAMES_ITS_SOURCE = re.compile(
    r"^Source:|documented|observed|inferred|not document|unknown", re.IGNORECASE | re.MULTILINE
)

LISTING_MODULES = [module for module in modules() if {"__path__", "__all__"} & vars(module).keys()]
SURFACE = [found for found in public() if not STOCK.match(found.name)]
MODELS = [found for found in SURFACE if re.fullmatch(r"calypso_api\.models\.\w+\.\w+", found.name)]
# A call that returns the whole response points to the one that returns what was read from it.
AS_ANOTHER = "Like `"
CALLS = [
    found
    for found in SURFACE
    if re.fullmatch(r"calypso_api\.resources\.\w+\.\w+\.\w+", found.name)
    and not found.doc.startswith(AS_ANOTHER)
]


def in_order(names: list[str]) -> list[str]:
    """Sort as ruff does: constants, then classes, then the rest."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def is_explained_elsewhere(found: Public) -> bool:
    """Return whether another method or class explains the parameters, or only we make one."""
    bases = found.owner.__mro__ if found.owner else ()
    name = found.name.rpartition(".")[2]
    return (
        found.doc.startswith(AS_ANOTHER)
        or "Made by ``" in found.doc
        or any(name in vars(b) for b in bases if not is_ours(b))
    )


def explained(found: Public) -> set[str]:
    """Return the parameters that a docstring explains, or that are properties of what is made."""
    names = re.findall(r"^\s+(\w+):", found.section("Args", "Attributes"), re.MULTILINE)
    members = vars(found.value) if inspect.isclass(found.value) else {}
    return {*names, *(name for name, value in members.items() if isinstance(value, FIELDS))}


def faults_of(module: ModuleType) -> dict[str, object]:
    """Return what is wrong with what a package lists."""
    listed = list(getattr(module, "__all__", ()))
    own = [name for name in listed if name not in taken_whole(module)]
    faults = {
        "offered or listed only": public_names(module)
        ^ {name for name in listed if name[0] != "_"},
        "listed in another order than": in_order(own) if own != in_order(own) else None,
        "without a docstring": not module.__doc__,
    }
    return {what: found for what, found in faults.items() if found}


def test_a_package_offers_what_it_lists_in_order_and_describes_itself() -> None:
    faults = {module.__name__: faults_of(module) for module in LISTING_MODULES}

    assert len(LISTING_MODULES) > 10
    assert {name: found for name, found in faults.items() if found} == {}


def test_the_errors_of_reading_are_offered_with_the_client_of_the_api() -> None:
    """A program that can do with some of the rows catches the narrower one."""
    offered = {name: getattr(calypso_api, name) for name in calypso_api.__all__}

    assert issubclass(offered["RowsError"], offered["DecodeError"])
    assert issubclass(offered["DecodeError"], ValueError)


def test_every_public_name_has_a_docstring() -> None:
    assert [found.name for found in SURFACE if not found.doc] == []


def test_every_parameter_is_explained() -> None:
    missing = {
        found.name: [name for name in found.parameters if name not in explained(found)]
        for found in SURFACE
        if not is_explained_elsewhere(found)
    }

    assert [f"{name}: {', '.join(names)}" for name, names in missing.items() if names] == []


def test_what_can_be_raised_is_documented() -> None:
    """Our own errors, wherever the code that runs makes one; an engine's are not known."""
    silent = {
        found.name: [error for error in found.raises() if error not in found.section("Raises")]
        for found in SURFACE
        if not found.doc.startswith(AS_ANOTHER)
    }

    assert [f"{name}: {', '.join(errors)}" for name, errors in silent.items() if errors] == []
    assert [found.name for found in CALLS if not found.section("Raises")] == []


def test_a_method_of_a_resource_describes_itself_in_six_lines() -> None:
    """Before its arguments; where the pages disagree is in the reference."""
    methods = [found for found in SURFACE if found.owner and issubclass(found.owner, Resource)]
    heads = {
        found.name: re.split(r"\n\n(?:Args|Returns|Raises):", found.doc)[0] for found in methods
    }

    assert len(heads) > 60
    assert {name: head for name, head in heads.items() if len(head.splitlines()) > 6} == {}


def test_every_model_and_every_call_names_its_source() -> None:
    """The page, or that it is inferred."""
    assert len(MODELS) > 40
    assert len(CALLS) > 25
    assert [
        found.name for found in MODELS if not re.search("^Source:", found.doc, re.MULTILINE)
    ] == []
    assert [
        found.name for found in CALLS if not re.search("^Source:|Inferred", found.doc, re.MULTILINE)
    ] == []


def test_hand_written_text_that_speaks_of_the_vendor_names_its_source() -> None:
    """In the docstring itself, or in that of a base class or of the class around."""
    silent = []
    for found in SURFACE:
        if isinstance(found.value, type) and issubclass(found.value, Resource):
            continue  # it bears the words of the document's tag; its methods name their sources
        around = [found.value, found.owner] if found.owner else getattr(found.value, "__mro__", ())
        texts = [inspect.getdoc(each) or "" for each in around if each and is_ours(each)]
        if SPEAKS_OF_THE_VENDOR.search(found.doc) and not NAMES_ITS_SOURCE.search("\n".join(texts)):
            silent.append(found.name)

    assert silent == []


def test_what_takes_start_up_time_is_imported_when_it_is_needed() -> None:
    """Processes that only receive webhooks need no HTTP client, and synchronous ones no asyncio."""
    program = """
import sys
before = set(sys.modules)
from calypso_pay import Calypso
slow = {"aiohttp", "anyio", "asyncio", "attr", "dataclasses", "httpcore", "httpx", "pydantic"}
slow |= {"calypso_pay._engine", "calypso_pay._settings", "email", "inspect", "ipaddress"}
slow |= {"logging", "msgspec", "random", "socket", "ssl", "traceback", "urllib", "uuid"}
print(*sorted(slow & set(sys.modules) - before))
import calypso_pay
calypso_pay.KeySign, calypso_pay.Drift
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_a_first_call_imports_only_what_it_needs() -> None:
    """Of this client the modules of one tag, and nothing slow beside what httpx itself imports."""
    program = """
import sys
import httpx
before = set(sys.modules)
from calypso_pay import Calypso
reply = httpx.MockTransport(lambda request: httpx.Response(200, json={"balances": [{
    "currency": "BTC", "amount": 0.5}]}))
calypso = Calypso(key="k", secret="s", account="a", transport=reply)
assert len(calypso.accounts.get().balances) == 1
parts = ("calypso_api.models.", "calypso_api.operations.", "calypso_api.resources.")
print(*sorted(name for name in sys.modules if name.startswith(parts)))
slow = {"aiohttp", "asyncio", "concurrent", "multiprocessing", "msgspec", "pydantic", "uuid"}
slow |= {"calypso_api._drift", "calypso_api._fast", "calypso_api._sent", "calypso_api.events"}
slow |= {f"calypso_pay.{name}" for name in ("customers", "receiver", "transactions", "_currency")}
print(*sorted(slow & set(sys.modules) - before))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.stdout.splitlines(), done.stderr) == (
        [
            "calypso_api.models.account calypso_api.models.balance "
            "calypso_api.operations.accounts calypso_api.resources.accounts",
            "",
        ],
        "",
    )
