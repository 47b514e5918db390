"""Fuzz the webhook verifier with hostile deliveries, guided by coverage.

    make fuzz

Each input is a hostile body. It is delivered twice: correctly signed, so that it reaches the event
reader, and with hostile headers. Any exception but our own ends the run, and so does an event that
can't be serialized.
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

INSTRUMENTED = ["calypso_api", "calypso_pay._verification", "calypso_pay.webhooks"]
with atheris.instrument_imports(include=INSTRUMENTED):
    from calypso_pay import WebhookVerificationError
    from calypso_pay.receiver._money import may_be_money
    from calypso_pay.webhooks import sign, unwrap, verify

if TYPE_CHECKING:
    from calypso_api.events import Event

DOCUMENT = Path(__file__).parents[2] / "mock" / "calypso_mock" / "openapi.json"
SECRET = "5a" * 32
MINUTES = 20

# Inputs that changing single bytes rarely produces.
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
    """Verify one body twice: as the vendor would send it, and with hostile headers."""
    seen["inputs"] += 1
    try:
        event = unwrap(data, {"Sign": sign(data, SECRET), "Key": "any"}, SECRET)
    except WebhookVerificationError as error:
        seen[f"signed: {error.reason}"] += 1
    else:
        seen[f"signed: {type(event).__name__}"] += 1
        use(event)
    fuzz = atheris.FuzzedDataProvider(data)
    try:
        verify(body(fuzz), headers(fuzz), {"known": SECRET, "rotated": [SECRET, SECRET[1:]]})
    except WebhookVerificationError as error:
        seen[f"hostile headers: {error.reason}"] += 1


def use(event: Event) -> None:
    """Use an event as a handler does."""
    _ = event.request_id, event.id, event.data, may_be_money(event)
    if event.created_date is not None:
        assert event.created_date.tzinfo is not None
    event.to_dict()


def body(fuzz: atheris.FuzzedDataProvider) -> object:
    """Return a body of any type."""
    text = fuzz.ConsumeUnicode(40)
    return fuzz.PickValueInList([text, text.encode("utf-8", "replace"), None, 7, [text]])


def headers(fuzz: atheris.FuzzedDataProvider) -> object:
    """Return headers of any shape."""
    pairs = [(field(fuzz), field(fuzz)) for _ in range(fuzz.ConsumeIntInRange(0, 4))]
    named = [("Key", fuzz.PickValueInList(["known", "rotated", field(fuzz)])), *pairs]
    shapes = [named, [("sign", field(fuzz)), *named], dict(named), pairs, field(fuzz)]
    return fuzz.PickValueInList(shapes)


def field(fuzz: atheris.FuzzedDataProvider) -> object:
    """Return a name or a value; all of them can be keys of a dictionary."""
    text, raw = fuzz.ConsumeUnicode(20), fuzz.ConsumeBytes(20)
    digits = f"{fuzz.ConsumeInt(8):0128x}"[-128:]
    return fuzz.PickValueInList([text, raw, "SIGN", b"sign", "key", digits, None, 5, ("Sign", 1)])


def examples() -> list[bytes]:
    """Return the example events of the OpenAPI document."""
    hooks = json.loads(DOCUMENT.read_bytes())["webhooks"].values()
    media = [hook["post"]["requestBody"]["content"]["application/json"] for hook in hooks]
    return [
        json.dumps(example["value"]).encode() for m in media for example in m["examples"].values()
    ]


def report() -> str:
    """Return the counts of all results."""
    rows = [f"{count:10,} {name}\n" for name, count in sorted(seen.items())]
    signed = sum(count for name, count in seen.items() if name.startswith("signed"))
    summary = f"{signed:,} of {signed + seen['inputs']:,} deliveries were correctly signed.\n"
    return "".join([*rows, summary])


def main(runs: int) -> None:
    """Fuzz, and end the process."""
    end = time.monotonic() + MINUTES * 60

    def target(data: bytes) -> None:
        one_input(data)
        late = time.monotonic() > end
        if late or seen["inputs"] == runs:
            sys.stdout.write(report())
            sys.stdout.write(f"Not done within {MINUTES} minutes.\n" if late else "")
            sys.stdout.flush()
            shutil.rmtree(corpus)
            # Atheris would end the process, too, but always with exit code 0.
            os._exit(late)

    corpus = mkdtemp()
    for number, seed in enumerate([*examples(), *SEEDS]):
        Path(corpus, str(number)).write_bytes(seed)
    options = ["-timeout=10", "-max_len=8192", "-verbosity=0", f"-artifact_prefix={corpus}/"]
    atheris.Setup([sys.argv[0], *options, f"-runs={2 * runs}", corpus], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]))
