"""A document that has grown by an operation with a new tag and two webhooks, and its users."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from generator import document as doc
from generator import generate

if TYPE_CHECKING:
    from pathlib import Path

TAG = """
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
      properties: {amount: {type: number, x-essential: true}}
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
        price: {type: number, x-essential: true}
        side: {$ref: "#/components/schemas/QuoteSide", x-essential: true}
        validUntil: {type: string, format: date-time}
        steps: {type: array, items: {type: array, items: {type: number}}}
        fee: {$ref: "#/components/schemas/QuoteFee"}
"""

WEBHOOKS = """
paths: {}
webhooks:
  INVOICE_PAID:
    post:
      operationId: notifyInvoicePaid
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/InvoicePaidEvent"}
  INVOICE_MELTED:
    post:
      operationId: notifyInvoiceMelted
      requestBody:
        required: true
        content:
          application/json:
            schema:
              description: Difference in place.
              allOf:
                - {$ref: "#/components/schemas/Notification"}
                - {type: object, properties: {degrees: {type: number}}}
components:
  schemas:
    InvoicePaidEvent:
      description: An invoice was paid.
      allOf:
        - $ref: "#/components/schemas/Notification"
        - type: object
          required: [data]
          properties:
            data: {$ref: "#/components/schemas/InvoicePaidData"}
    InvoicePaidData:
      type: object
      required: [invoiceId]
      properties: {invoiceId: {type: string}}
"""

USER = """
from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import assert_type

from calypso_api import UNSET, RawResponse, Unset
from calypso_api.models import Notification, Quote, QuoteFee, QuotePayload, QuoteSide
from calypso_api.models import TransactionPage, TransactionState, TransactionStateFilter
from calypso_api.resources import AsyncRawResources, AsyncResources, RawResources, Resources

AT = datetime(2026, 11, 21, tzinfo=UTC)
STEPS = [[Decimal("0.1")], []]


def ask(api: Resources) -> Quote:
    fee = QuoteFee(amount=Decimal("0.10"))
    quote = api.price_quotes.ask(amount=Decimal("1.10"), side="BUY", at=AT, steps=STEPS, fee=fee)
    assert_type(quote.price, Decimal)
    assert_type(quote.side, QuoteSide)
    assert_type(quote.valid_until, datetime | None)
    assert_type(quote.steps, list[list[Decimal]] | None)
    assert_type(quote.fee, QuoteFee | None)
    if quote.fee is not None:
        assert_type(quote.fee.amount, Decimal)
    if not quote.fee:
        assert_type(quote.side.is_known, bool)
    return quote


def sent(payload: QuotePayload) -> None:
    assert_type(payload.steps, list[list[Decimal]])
    assert_type(payload.fee, QuoteFee | Unset)
    if payload.fee is not UNSET:
        assert_type(payload.fee, QuoteFee)


def id_of(event: Notification) -> int | str:
    assert_type(event.id, int | str)
    assert_type(event.request_id, str)
    return event.id


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

# The same without the mock: an engine replaces everything outside of the package.
ENGINE = """
import json
from decimal import Decimal

from calypso_api._json import dump_json, load_json
from calypso_api.resources import Resources
from user import ask

document = json.loads(open("openapi.json").read(), parse_float=Decimal)
response = document["paths"]["/api/v1/quote/ask"]["post"]["responses"]["200"]["content"]
example = response["application/json"]["examples"]["quote"]["value"]


class Engine:
    def call(self, operation, payload, /):
        print(operation.method, operation.path, dump_json(payload.to_dict()).decode())
        return operation.decode(load_json(dump_json(example)))


assert ask(Resources(Engine())).price == Decimal("67012.123456789012345678")
"""

RECEIVER = """
from typing import assert_never, assert_type

from calypso_api.events import Event, InvoicePaidEvent, KnownEvent, NotifyInvoiceMeltedRequest
from calypso_api.events import UnknownEvent, read_event


def paid(event: Event) -> str | None:
    match event:
        case InvoicePaidEvent():
            return event.data.invoice_id if event.data else None
        case UnknownEvent() | NotifyInvoiceMeltedRequest():
            return event.request_id
        case _:
            return known(event)


def known(event: KnownEvent) -> str | None:
    return event.service


if __name__ == "__main__":
    body = '{"requestId": "r", "id": 1, "createdDate": "2026-11-21T09:00:00", "level": "INFO"'
    rest = ', "service": "INVOICE", "eventType": "INVOICE_PAID", "data": {"invoiceId": 5}}'
    print(paid(read_event((body + rest).encode())))
    print(type(read_event((body + rest).replace("PAID", "MELTED").encode())).__name__)
"""

PROGRAMS = {
    "user": USER,
    "mistakes": MISTAKES,
    "call": CALL,
    "engine": ENGINE,
    "receiver": RECEIVER,
}


def make(document: dict[str, Any], folder: Path) -> None:
    """Put into a folder what is generated from the document with all of that, and the programs."""
    grown = copy.deepcopy(document)
    for addition in (TAG, WEBHOOKS):
        grown = _merged(grown, doc.part(addition.encode(), "addition.yaml"))
    # What JSON can hold is YAML as well.
    (folder / "openapi.yaml").write_text(doc.to_json(grown))
    generated(folder / "openapi.yaml", folder / "calypso_api", folder / "openapi.json")
    for name, text in PROGRAMS.items():
        (folder / f"{name}.py").write_text(text)


def generated(document: Path, package: Path, as_json: Path) -> None:
    """Generate from a document; what goes wrong is on stderr."""
    options = {"--document": document, "--output": package, "--json": as_json}
    assert generate.main([str(part) for option in options.items() for part in option]) == 0


def _merged(document: Any, addition: Any) -> Any:
    if isinstance(document, dict):
        return document | {
            key: _merged(document[key], value) if key in document else value
            for key, value in addition.items()
        }
    return [*document, *addition]
