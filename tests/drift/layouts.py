"""Pages in the vendor's layouts, in our own words."""

from __future__ import annotations

import json

GET = "POST /api/v1/customer-purse/transaction/get"
FIND = "POST /api/v1/customer-purse/transaction/find"
ACCOUNT = "POST /api/v1/account"

_SCHEMAS = {
    "Envelope": {
        "required": ["account", "payload", "timestamp"],
        "type": "object",
        "properties": {
            "account": {"type": "string", "description": "Whose call it is"},
            "timestamp": {
                "type": "integer",
                "format": "int64",
                "description": "Off our clock by 3 minutes at most",
            },
            "payload": {"$ref": "#/components/schemas/ById"},
        },
    },
    "ById": {
        "required": ["transactionId"],
        "type": "object",
        "properties": {"transactionId": {"type": "string", "format": "uuid"}},
    },
    "Deposit": {
        "required": [
            *("id", "amount", "addressFrom", "currency", "transactionState", "complianceState"),
            *("translationToAccountCompleted", "createdDate"),
        ],
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "amount": {"type": "number"},
            "addressFrom": {"type": "string"},
            "currency": {"type": "string"},
            "transactionHash": {"type": "string", "description": "Its hash"},
            "transactionState": {
                "type": "string",
                "enum": ["MEM_POOL_FOUND", "PENDING_COMPLIANCE_CHECK", "DECLINED", "CONFIRMED"],
            },
            "complianceState": {"type": "string", "enum": ["UNCHECKED", "IN_PROGRESS"]},
            "translationToAccountCompleted": {"type": "boolean"},
            "createdDate": {"type": "string", "format": "date-time"},
        },
    },
    "Problem": {
        "required": ["errorCode", "message"],
        "type": "object",
        "properties": {"errorCode": {"type": "string"}, "message": {"type": "string"}},
    },
}


def _response(words: str, schema: str) -> dict[str, object]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": words, "content": {"*/*": {"schema": reference}}}


BLOCK = {
    "openapi": "3.0.1",
    "servers": [{"url": "https://api.calypso.finance"}],
    "paths": {
        "/api/v1/customer-purse/transaction/get": {
            "post": {
                "summary": "One deposit",
                "operationId": "getTransaction",
                "parameters": [
                    {"name": "Key", "in": "header", "required": True, "schema": {"type": "string"}},
                    {
                        "name": "Sign",
                        "in": "header",
                        "required": True,
                        "schema": {"type": "string"},
                    },
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}
                    },
                },
                "responses": {
                    "200": _response("OK", "Deposit"),
                    "400": _response("Bad Request", "Problem"),
                },
            }
        }
    },
    "components": {"schemas": _SCHEMAS},
}

REFERENCE = f"""# Customer Purse API

Calls on purses

## One deposit

> Permission annotations:

```json
{json.dumps(BLOCK, separators=(",", ":"))}
```
"""

COMPACT = """Customer Purse API
Calls on purses
Permission annotations:
Whose call it is
POST /api/v1/customer-purse/transaction/get HTTP/1.1
Host: api.calypso.finance
Key: text
Sign: text
Content-Type: application/json
Content-Length: 99
{
"account": "text",
"timestamp": 1,
"payload": {
"transactionId": "123e4567-e89b-12d3-a456-426614174000"
}
}
{
"id": "123e4567-e89b-12d3-a456-426614174000",
"amount": 1,
"transactionState": "MEM_POOL_FOUND"
}
"""

PATH_AT_THE_END = """Customer Purse API

Calls on purses

One deposit

post

Permission annotations:

Header parameters
KeystringRequired
SignstringRequired
Body

accountstringRequired

Whose call it is

timestampinteger · int64Required

Off our clock by 3 minutes at most

Responses
chevron-right
200

OK

*/*

idstring · uuidRequired

amountnumberRequired

transactionHashstringOptional

transactionStatestring · enumRequired

Possible values:
createdDatestring · date-timeRequired

post
/api/v1/customer-purse/transaction/get

Many deposits

post

Body

accountstringRequired

Responses
200

OK

*/*

pageinteger · int32Required

post
/api/v1/customer-purse/transaction/find
"""

PATH_AT_THE_START = """Customer Purse API

One deposit

post
https://api.calypso.finance
/api/v1/customer-purse/transaction/get

Body

accountstringRequired

payloadobjectRequired

Hide child attributes

transactionIdstring · uuidRequired

Responses
200
OK
*/*

idstring · uuidRequired

amountnumberRequired

Test it
curl -L \\
  --request POST \\
  --url 'https://api.calypso.finance/api/v1/customer-purse/transaction/get' \\
  --header 'Key: text' \\
  --data '{
    "account": "text",
    "timestamp": 1,
    "payload": {
      "transactionId": "123e4567-e89b-12d3-a456-426614174000"
    }
  }'
{
  "id": "123e4567-e89b-12d3-a456-426614174000",
  "amount": 1
}
"""

DESCRIPTIONS = """Customer Purse API
Object with request data
Merchant account ID
OK
A deposit
Amount
Its hash
Bad Request
Object with request data
Merchant account ID
OK
A page
Bad Request
"""

ERRORS = """# Errors

```json
{"errorCode": "000", "message": "Internal server error"}
```

| errorCode | Message                     | Comment                        |
| --------- | --------------------------- | ------------------------------ |
| 000       | Internal server error       | Write to us                    |
| 002       | Invalid api key             | The public key is unknown      |
| 003       | Wrong sign                  | It does not fit the body       |
| 011       | Invalid timestamp parameter | Off our clock by over 3 minutes |
"""

EVENTS = """# Customers webhooks

**Webhook events**

| Event type                        | Description           |
| --------------------------------- | --------------------- |
| CUSTOMER\\_PURSE\\_EXPIRED          | Not used for 30 days. |
| CUSTOMER\\_PURSE\\_MEM\\_POOL\\_FOUND | In the mempool.       |
| INVOICE\\_PAID                     | An invoice was paid.  |

**CUSTOMER\\_PURSE\\_EXPIRED**

| Parameter       | Type    | Description |
| --------------- | ------- | ----------- |
| customerId      | string  | Whose it is |
| customerBlocked | boolean | The flag    |
| purseId         | string  | Which it is |
| address         | string  | Where it is |

**INVOICE\\_PAID**

| Parameter | Type   | Description   |
| --------- | ------ | ------------- |
| amount    | number | What was paid |
"""

STATES = """# How to process Customer transactions

* In the mempool **(not guaranteed)** - **CUSTOMER\\_PURSE\\_MEM\\_POOL\\_FOUND**
* It came in - **CUSTOMER\\_PURSE\\_FUNDS\\_RECEIVED\\_FOR\\_PURSE**\\
  (transactionState: CONFIRMED)
* Read it again with **\\[POST]** [**purse-transaction**](https://docs.calypso.money/x)

### **Transaction states**

<table><thead><tr><th width="320">Status</th><th>Compliance State</th><th>Description</th></tr></thead><tbody><tr><td>MEM_POOL_FOUND <strong>(not guaranteed)</strong></td><td>UNCHECKED</td><td>Seen.</td></tr><tr><td>DECLINED</td><td>DECLINE</td><td>Refused.</td></tr><tr><td>CONFIRMED</td><td>CHECKED</td><td>There.</td></tr></tbody></table>
"""

PAYLOAD = """# Webhook payload

```json
{
  "requestId": "bf9348b7-2c14-46d7-868c-b597852da319",
  "id": 1,
  "createdDate": "2026-03-15T12:13:05.909616",
  "level": "SUCCESS",
  "service": "INVOICE",
  "eventType": "INVOICE_PAID",
  "data": {"amount": 0.01, "currency": "ETH"}
}
```

| Parameter | Type   | Mandatory | Description                              |
| --------- | ------ | --------- | ---------------------------------------- |
| requestId | string | Yes       | Which subscription it is for.            |
| level     | string | Yes       | How grave it is. \\[SUCCESS, INFO, WARNING] |
| service   | string | Yes       | Its group.                               |
| data      | object | Yes       | By the type.                             |
"""

OVERVIEW = """Overview

Calypso tells your server of what happens.

Retry policy

The first retry comes after 30 seconds, then 60 s, 90 s and so on. The last one comes after 125 430 s (~ 34 hours). There are 19 retries in total.

Blocking

We block a subscription when more than 100 errors come within 10 minutes.
"""

AUTHENTICATION = """# API Authentication

Calypso takes signed requests only.

**All requests must contain these headers:**

| Key          | The public key.              |
| ------------ | ---------------------------- |
| Sign         | The HEX form of the HMAC.    |
| Content-Type | The body is valid JSON.      |

Make the HMAC-SHA512 of the body. The `timestamp` is UTC in milliseconds, at most 3 minutes in the past.
"""

CREATE = """# How to create a Customer

* Create a customer - POST **customer**
* Block a customer - POST **block**

#### **Example of the create customer response**:

```json
{
  "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
  "email": "string",
  "description": "string",
  "externalId": "string",
  "blocked": true
}
```

Deposits of a blocked customer are still credited.
"""

PURSE = """How to get a purse

Ask for it here: purse (POST https://api.calypso.finance/api/v1/customer-purse/address/get)

You need these in the request:

  • account (required) - whose call it is
  • timestamp (required) - now
  • payload (required) - what is asked for
    • customerId (required)
    • currency (required)

curl --request POST \\
     --url https://api.calypso.finance/api/v1/customer-purse/address/get \\
     --header 'accept: */*' \\
     --data '
{
  "account": "string",
  "timestamp": 0,
  "payload": {
    "customerId": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "currency": "string"
  }
}
'

You receive the response:

{
  "address": "string"
}

It goes when it has not received any deposit for 30 days.

  • You get CUSTOMER_PURSE_EXPIRED
"""

TYPES = """Types of events
Pick what Calypso tells you of.
notificationServiceTypes - groups of events: [INVOICE, PAYOUT, RECURRENT]. All events of a group.
Events by group
INVOICE
INVOICE_PAID
An invoice was paid
INVOICE_EXPIRED
An invoice was not paid in time
FIAT_DEPOSIT (Onramp)
FIAT_DEPOSIT_ORDER_CREATED
An order was made
FIAT_DEPOSIT_ORDER_FAILED
An order failed
"""

BALANCES = """How to get Balances for a specific Account

Use the POST /api/v1/account method.

Request

{
    "account": "123e4567-e89b-12d3-a456-426614174000",
    "timestamp": 1743110400000
}
  • account (string, required): Whose balances.

  • timestamp (integer, int64, required): Now, within 3 minutes of the server's time.

Response (200 OK)

{
  "account": "123e4567-e89b-12d3-a456-426614174000",
  "name": "Test",
  "ownerId": "987fcdeb-51a2-43d7-9b8c-234567890abc",
  "balances": [
    {
      "currency": "USDT_TRX",
      "amount": 1500.75
    }
  ]
}

Response Field Descriptions:

Field

Type

Description

name

string

What it is called

ownerId

string (UUID)

Who owns it

balances[].currency

string

The code (e.g., USDT_TRX, BTC)

Last updated
"""

READ_AS_TEXT = {
    "compact": COMPACT,
    "path at the end": PATH_AT_THE_END,
    "path at the start": PATH_AT_THE_START,
    "descriptions": DESCRIPTIONS,
    "overview": OVERVIEW,
    "purse": PURSE,
    "types": TYPES,
    "balances": BALANCES,
}
READ_AS_MARKDOWN = {
    "reference": REFERENCE,
    "errors": ERRORS,
    "events": EVENTS,
    "states": STATES,
    "payload": PAYLOAD,
    "authentication": AUTHENTICATION,
    "create": CREATE,
}
PAGES = {
    **{f"{name}.md": text for name, text in READ_AS_MARKDOWN.items()},
    **{f"{name}.txt": text for name, text in READ_AS_TEXT.items()},
}
