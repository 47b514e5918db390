"""A new operation with a new tag: from the document to a typed call, with no hand-written line."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

ADDITION = """
tags:
  - {name: price quotes, description: What the vendor would pay.}
paths:
  /api/v1/quote/ask:
    post:
      operationId: askQuote
      tags: [price quotes]
      summary: Ask for a quote
      x-method: ask
      x-retry: {class: safe, reason: It only reads.}
      x-provenance: {level: inferred, page: [nowhere]}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [account, timestamp, payload]
              properties:
                account: {$ref: "#/components/schemas/AccountId"}
                timestamp: {$ref: "#/components/schemas/Timestamp"}
                payload: {$ref: "#/components/schemas/QuotePayload"}
      responses:
        "200":
          description: The quote.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Quote"}
              examples:
                quote:
                  value:
                    price: 67012.123456789012345678
                    side: BUY
                    validUntil: "2026-11-21T09:00:00Z"
                    steps: [[0.1, 67000], [1, 66000.50]]
                    fee: {amount: 0.000000000000000001}
        "400": {$ref: "#/components/responses/BadRequest"}
components:
  schemas:
    QuoteSide: {type: string, enum: [BUY, SELL]}
    QuoteFee:
      type: object
      required: [amount]
      properties: {amount: {type: number}}
    QuotePayload:
      type: object
      required: [amount, side, at, steps]
      properties:
        amount: {type: number, description: How much.}
        side: {$ref: "#/components/schemas/QuoteSide"}
        at: {type: string, format: date-time}
        steps: {type: array, items: {type: array, items: {type: number}}}
        fee: {$ref: "#/components/schemas/QuoteFee"}
    Quote:
      type: object
      required: [price, side, validUntil, steps]
      properties:
        price: {type: number}
        side: {$ref: "#/components/schemas/QuoteSide"}
        validUntil: {type: string, format: date-time}
        steps: {type: array, items: {type: array, items: {type: number}}}
        fee: {$ref: "#/components/schemas/QuoteFee"}
"""

USER = """
from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import assert_type

from calypso_api import UNSET, RawResponse, Unset
from calypso_api.models import Quote, QuoteFee, QuoteSide, TransactionPage, TransactionState
from calypso_api.models import TransactionStateFilter
from calypso_api.resources import AsyncRawResources, AsyncResources, RawResources, Resources

AT = datetime(2026, 11, 21, tzinfo=UTC)
STEPS = [[Decimal("0.1")], []]


def ask(api: Resources) -> Quote:
    fee = QuoteFee(amount=Decimal("0.10"))
    quote = api.price_quotes.ask(amount=Decimal("1.10"), side="BUY", at=AT, steps=STEPS, fee=fee)
    assert_type(quote.price, Decimal)
    assert_type(quote.side, QuoteSide)
    assert_type(quote.valid_until, datetime)
    assert_type(quote.steps, list[list[Decimal]])
    assert_type(quote.fee, QuoteFee | Unset)
    if quote.fee is not UNSET:
        assert_type(quote.fee, QuoteFee)
    if not quote.fee:
        assert_type(quote.side.is_known, bool)
    return quote


def find(api: Resources) -> TransactionPage:
    known, text = [TransactionState.CONFIRMED], ["NEW"]
    states = TransactionStateFilter(in_=known, not_in=text, equals="NEW")
    return api.transactions.find(transaction_state_filter=states, sort="DESC")


def ask_raw(api: RawResources) -> RawResponse[Quote]:
    return api.price_quotes.ask(amount=Decimal(1), side=QuoteSide.SELL, at=AT, steps=STEPS)


async def ask_async(api: AsyncResources) -> Quote:
    return await api.price_quotes.ask(amount=Decimal(1), side="SELL", at=AT, steps=STEPS)


async def ask_async_raw(api: AsyncRawResources) -> RawResponse[Quote]:
    return await api.price_quotes.ask(amount=Decimal(1), side="SELL", at=AT, steps=STEPS)
"""

# Each line is wrong in its own way, and nothing else is.
MISTAKES = """
from decimal import Decimal

from calypso_api.resources import Resources
from user import AT, STEPS


def mistakes(api: Resources) -> None:
    api.price_quotes.ask(amount=0.1, side="BUY", at=AT, steps=STEPS)
    api.price_quotes.ask(side="BUY", at=AT, steps=STEPS)
    api.price_quotes.ask(amount=Decimal(1), side="BUY", at="2026-11-21", steps=STEPS)
    api.price_quotes.sell()
    api.price_quote
"""

CALL = """
import asyncio
import json
import sys
from decimal import Decimal

from calypso_mock import Mock
from calypso_pay import AsyncCalypso, Calypso, InvalidRequestError
from calypso_api.models import QuoteFee, QuoteSide
from user import AT, STEPS, ask, ask_async, ask_async_raw, ask_raw

mock = Mock(document=json.loads(open("openapi.json").read(), parse_float=Decimal))
seen = []
mock.observe(lambda exchange: seen.append([exchange.method, exchange.path, exchange.status]))


async def later():
    async with AsyncCalypso(transport=mock.async_transport(), **mock.settings()) as api:
        return [await ask_async(api), (await ask_async_raw(api.raw)).parsed]


with Calypso(transport=mock.transport(), **mock.settings()) as api:
    quotes = [ask(api), ask_raw(api.raw).parsed, *asyncio.run(later())]
    try:
        api.price_quotes.ask(amount=Decimal(1), side="NEITHER", at=AT, steps=STEPS)
    except InvalidRequestError as error:
        assert error.field == "payload.side", error

assert quotes.count(quotes[0]) == 4, quotes
(quote, *_) = quotes
assert quote.price == Decimal("67012.123456789012345678"), quote
assert quote.side is QuoteSide.BUY, quote
assert quote.valid_until.isoformat() == "2026-11-21T09:00:00+00:00", quote
assert quote.steps == [[Decimal("0.1"), 67000], [1, Decimal("66000.50")]], quote
assert quote.fee == QuoteFee(amount=Decimal("1E-18")), quote
print(json.dumps(seen))
"""

# The same without the mock: an engine that stands in for all that is around the package.
ENGINE = """
import json
from decimal import Decimal

from calypso_api._json import dump_json, load_json
from calypso_api.resources import Resources
from user import ask

document = json.loads(open("openapi.json").read(), parse_float=Decimal)
answer = document["paths"]["/api/v1/quote/ask"]["post"]["responses"]["200"]["content"]
example = answer["application/json"]["examples"]["quote"]["value"]


class Engine:
    def call(self, operation, payload, /):
        print(operation.method, operation.path, dump_json(payload.to_dict()).decode())
        return operation.decode(load_json(dump_json(example)))


assert ask(Resources(Engine())).price == Decimal("67012.123456789012345678")
"""


def merged(document: Any, addition: Any) -> Any:
    if isinstance(document, dict):
        return document | {
            key: merged(document[key], value) if key in document else value
            for key, value in addition.items()
        }
    return [*document, *addition]


@pytest.fixture(scope="module")
def room(run: Run, document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the package and the JSON of the document with one operation more."""
    from generator.document import load, to_json

    room = tmp_path_factory.mktemp("new_tag")
    (room / "addition.yaml").write_text(ADDITION)
    changed = merged(copy.deepcopy(document), load(room / "addition.yaml"))
    # What JSON can hold is YAML as well.
    (room / "openapi.yaml").write_text(to_json(changed))
    options = ["--output", room / "calypso_api", "--json", room / "openapi.json"]
    result = run("-m", "generator", "--document", room / "openapi.yaml", *options)
    assert result.returncode == 0, result.stderr
    for name, text in {"user": USER, "mistakes": MISTAKES, "call": CALL, "engine": ENGINE}.items():
        (room / f"{name}.py").write_text(text)
    return room


def test_the_type_checker_knows_it_and_finds_every_mistake(run: Run, room: Path) -> None:
    """A user's file with no mistake has no error, and one with five has these five."""
    options = ["--strict", "--python-version", "3.11", "--cache-dir", room / "cache"]

    result = run("-m", "mypy", *options, "user.py", "mistakes.py", cwd=room)

    assert [
        'mistakes.py:9: error: Argument "amount" to "ask" of "PriceQuotes" has incompatible type '
        '"float"; expected "Decimal"  [arg-type]',
        'mistakes.py:10: error: Missing named argument "amount" for "ask" of "PriceQuotes"  '
        "[call-arg]",
        'mistakes.py:11: error: Argument "at" to "ask" of "PriceQuotes" has incompatible type '
        '"str"; expected "datetime"  [arg-type]',
        'mistakes.py:12: error: "PriceQuotes" has no attribute "sell"  [attr-defined]',
        'mistakes.py:13: error: "Resources" has no attribute "price_quote"; '
        'maybe "price_quotes"?  [attr-defined]',
    ] == [line for line in result.stdout.splitlines() if ": error:" in line], result.stdout


def test_it_can_be_called_through_any_engine(run: Run, room: Path) -> None:
    """Exact digits leave, exact digits arrive."""
    result = run("engine.py", cwd=room, PYTHONPATH=str(room))

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.strip() == (
        'POST /api/v1/quote/ask {"amount":1.10,"side":"BUY","at":"2026-11-21T00:00:00Z",'
        '"steps":[[0.1],[]],"fee":{"amount":0.10}}'
    )


def test_the_client_and_the_mock_know_it_at_once(run: Run, room: Path) -> None:
    """Signed, checked against the changed document, answered: in all four kinds."""
    result = run("call.py", cwd=room, PYTHONPATH=str(room))

    assert (result.returncode, result.stderr) == (0, "")
    path = "/api/v1/quote/ask"
    answered, refused = ["POST", path, 200], ["POST", path, 400]
    assert [answered, answered, answered, answered, refused] == json.loads(result.stdout)
