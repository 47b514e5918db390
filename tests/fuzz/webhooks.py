"""Give the webhook verifier hostile notifications, and let coverage lead to ever new ones.

    make fuzz

Each input is a hostile body. It comes once rightly signed, so that it reaches the reader, and once
with headers that are as hostile. Any exception but our own ends the run, and so does an event that
can't be written again.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import atheris

INSTRUMENTED = ["calypso_api", "calypso_pay._signed", "calypso_pay.webhooks"]
with atheris.instrument_imports(include=INSTRUMENTED):
    from calypso_pay import WebhookVerificationError
    from calypso_pay.receiver._money import may_be_money
    from calypso_pay.webhooks import sign, unwrap, verify

if TYPE_CHECKING:
    from calypso_api.events import Event

DOCUMENT = Path(__file__).parents[2] / "mock" / "calypso_mock" / "openapi.json"
SECRET = "5a" * 32
MINUTES = 20

# What rarely comes up by changing single bytes.
SEEDS = [
    b'{"eventType":' + b"[" * 2_000,
    b'{"id":' + b"7" * 5_000 + b"}",
    b'{"id":1e999999999,"amount":NaN}',
    b'{"id":1,"id":2}',
    b'\xef\xbb\xbf{"requestId":"\\ud800"}',
    b'"' + "п".encode("utf-16"),
]

seen: Counter[str] = Counter()


def one_input(data: bytes) -> None:
    """Verify one body twice, as the vendor would have sent it and as a stranger would."""
    seen["inputs"] += 1
    try:
        event = unwrap(data, {"Sign": sign(data, SECRET), "Key": "any"}, SECRET)
    except WebhookVerificationError as error:
        seen[f"signed: {error.reason}"] += 1
    else:
        seen[f"signed: {type(event).__name__}"] += 1
        look_at(event)
    given = atheris.FuzzedDataProvider(data)
    try:
        verify(body(given), headers(given), {"known": SECRET, "rotated": [SECRET, SECRET[1:]]})
    except WebhookVerificationError as error:
        seen[f"hostile headers: {error.reason}"] += 1


def look_at(event: Event) -> None:
    """Use what was read, as a handler does."""
    _ = event.request_id, event.id, event.data, may_be_money(event)
    if event.created_date is not None:
        assert event.created_date.tzinfo is not None
    event.to_dict()


def body(given: atheris.FuzzedDataProvider) -> object:
    """Return a body of whatever type."""
    text = given.ConsumeUnicode(40)
    return given.PickValueInList([text, text.encode("utf-8", "replace"), None, 7, [text]])


def headers(given: atheris.FuzzedDataProvider) -> object:
    """Return headers of whatever shape."""
    pairs = [(field(given), field(given)) for _ in range(given.ConsumeIntInRange(0, 4))]
    named = [("Key", given.PickValueInList(["known", "rotated", field(given)])), *pairs]
    shapes = [named, [("sign", field(given)), *named], dict(named), pairs, field(given)]
    return given.PickValueInList(shapes)


def field(given: atheris.FuzzedDataProvider) -> object:
    """Return a name or a value; all of them can be keys of a dictionary."""
    text, raw = given.ConsumeUnicode(20), given.ConsumeBytes(20)
    digits = f"{given.ConsumeInt(8):0128x}"[-128:]
    return given.PickValueInList([text, raw, "SIGN", b"sign", "key", digits, None, 5, ("Sign", 1)])


def examples() -> list[bytes]:
    """Return the notifications that the document shows."""
    hooks = json.loads(DOCUMENT.read_bytes())["webhooks"].values()
    media = [hook["post"]["requestBody"]["content"]["application/json"] for hook in hooks]
    return [
        json.dumps(example["value"]).encode() for m in media for example in m["examples"].values()
    ]


def report() -> str:
    """Return what came of it."""
    rows = [f"{count:10,} {name}\n" for name, count in sorted(seen.items())]
    signed = sum(count for name, count in seen.items() if name.startswith("signed"))
    told = f"{signed:,} of {signed + seen['inputs']:,} notifications were rightly signed.\n"
    return "".join([*rows, told])


def main(runs: int) -> None:
    """Run the target, which ends the process."""
    end = time.monotonic() + MINUTES * 60

    def target(data: bytes) -> None:
        one_input(data)
        late = time.monotonic() > end
        if late or seen["inputs"] == runs:
            sys.stdout.write(report())
            sys.stdout.write(f"Not done within {MINUTES} minutes.\n" if late else "")
            sys.stdout.flush()
            shutil.rmtree(room)
            # The library would end the process as abruptly, and with a success in either case.
            os._exit(late)

    room = mkdtemp()
    for number, seed in enumerate([*examples(), *SEEDS]):
        Path(room, str(number)).write_bytes(seed)
    options = ["-timeout=10", "-max_len=8192", "-verbosity=0", f"-artifact_prefix={room}/"]
    atheris.Setup([sys.argv[0], *options, f"-runs={2 * runs}", room], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]))
