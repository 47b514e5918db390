"""The calls that the vendor's own pages show, sent with curl and signed with openssl.

Two pages show a request: the reference page of the account, and the guide to deposit addresses.
Their requests are sent unchanged, with ids, time, key and signature filled in, by
programs that know nothing of this project.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from calypso_mock import Mock, Server
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = [program for program in ("curl", "openssl") if shutil.which(program) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

# The customer that the guide's example names, which the mock is seeded with.
CUSTOMER = "3fa85f64-5717-4562-b3fc-2c963f66afa6"

# What the reference page shows: method, path, headers and a body indented by two spaces.
GET_ACCOUNT = """\
body='{
  "account": "'"$CALYPSO_ACCOUNT"'",
  "timestamp": '"$NOW"'
}'
sign=$(printf '%s' "$body" | openssl dgst -sha512 -hmac "$CALYPSO_SECRET" -r | cut -d' ' -f1)
curl --silent --show-error --request POST \\
     --url "$CALYPSO_BASE_URL/api/v1/account" \\
     --header "Key: $CALYPSO_KEY" \\
     --header "Sign: $sign" \\
     --header 'Content-Type: application/json' \\
     --header 'Accept: */*' \\
     --data "$body"
"""

# What the guide shows: its body begins and ends with a line break, which has to be signed too.
GET_ADDRESS = """\
body='
{
  "account": "'"$CALYPSO_ACCOUNT"'",
  "timestamp": '"$NOW"',
  "payload": {
    "customerId": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "currency": "USDT_TRX"
  }
}
'
sign=$(printf '%s' "$body" | openssl dgst -sha512 -hmac "$CALYPSO_SECRET" -r | cut -d' ' -f1)
curl --silent --show-error --request POST \\
     --url "$CALYPSO_BASE_URL/api/v1/customer-purse/address/get" \\
     --header 'accept: */*' \\
     --header 'content-type: application/json' \\
     --header "key: $CALYPSO_KEY" \\
     --header "sign: $sign" \\
     --data "$body"
"""


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    mock = Mock(seeded=True)
    with Server(mock) as server:
        settings = mock.settings(base_url=server.url)
        yield {f"CALYPSO_{name.upper()}": value for name, value in settings.items()}


def run(script: str, environment: dict[str, str], **changes: str) -> dict[str, Any]:
    variables = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "NOW": str(int(time.time() * 1000)),
        **environment,
        **changes,
    }
    done = subprocess.run(
        ["/bin/sh", "-ec", script],
        env=variables,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    response: dict[str, Any] = json.loads(done.stdout)
    return response


def test_the_account_is_returned_as_the_reference_page_shows_it(
    environment: dict[str, str],
) -> None:
    response = run(GET_ACCOUNT, environment)

    assert set(response) == {"account", "name", "ownerId", "balances"}
    assert response["account"] == environment["CALYPSO_ACCOUNT"]
    assert response["balances"]
    for balance in response["balances"]:
        assert set(balance) == {"currency", "amount"}
        assert isinstance(balance["amount"], int | float)


def test_the_address_is_returned_as_the_guide_shows_it(environment: dict[str, str]) -> None:
    """The guide's response has the address alone; newer pages show an id beside it."""
    response = run(GET_ADDRESS, environment)

    assert set(response) == {"id", "address"}
    assert response == run(GET_ADDRESS, environment)


@pytest.mark.parametrize("script", [GET_ACCOUNT, GET_ADDRESS], ids=["account", "address"])
@rows(
    ("change", "code"),
    [
        ({"CALYPSO_KEY": "0" * 32}, "002"),
        ({"CALYPSO_SECRET": "0" * 32}, "003"),
        ({"NOW": "0"}, "011"),
        ({"CALYPSO_ACCOUNT": "0x0000000000000000000000000000000000000000"}, "004"),
    ],
)
def test_a_wrong_call_gets_the_vendors_error(
    environment: dict[str, str], script: str, change: dict[str, str], code: str
) -> None:
    response = run(script, environment, **change)

    assert set(response) == {"traceId", "errorCode", "message"}
    assert response["errorCode"] == code
