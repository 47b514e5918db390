"""Add optional fields to a generated request.

Generated requests have few optional fields, so most searches would be for everything.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.contract import schemas
from tests.contract.running import CONFIG

if TYPE_CHECKING:
    import random

    from tests.contract.schemas import Json

# Items of lists, which the configuration cannot name.
_ITEMS = {
    "body.payload.currencyFilter.in[]": "currencies",
    "body.payload.currencyFilter.notIn[]": "currencies",
}


def add_optional_fields(operation_id: str, body: Json, chance: random.Random) -> None:
    """Add optional fields to the payload of a valid request, which stays valid.

    Values are from the configuration's dictionaries, else from the document.
    """
    payload = body.get("payload")
    if isinstance(payload, dict):
        _fill(schemas.members(operation_id).get("payload", {}), payload, "body.payload", 2, chance)


def _fill(schema: Json, value: Json, path: str, rarity: int, chance: random.Random) -> None:
    for name, inner in schemas.of(schema, value).get("properties", {}).items():
        if name not in value and not chance.randrange(rarity):
            value[name] = _made(inner, f"{path}.{name}", chance)


def _made(schema: Json, path: str, chance: random.Random) -> Any:
    schema = schemas.resolve(schema)
    known = _values().get(path) or schema.get("enum")
    if known:
        return chance.choice(known)
    if schema.get("type") == "boolean":
        return bool(chance.randrange(2))
    if schema.get("type") == "array" and not schema.get("minItems"):
        return [_made(schema["items"], f"{path}[]", chance) for _ in range(chance.randrange(3))]
    if "properties" in schema and not schema.get("required"):
        value: Json = {}
        # Many conditions together would match nothing.
        _fill(schema, value, path, 4, chance)
        return value
    return schemas.sample(schema)


@cache
def _values() -> dict[str, list[Any]]:
    settings = tomllib.loads(CONFIG.read_text())
    named = {name: each["dictionary"] for name, each in settings["parameters"].items()}
    return {
        path: settings["dictionaries"][name]["values"] for path, name in {**named, **_ITEMS}.items()
    }
