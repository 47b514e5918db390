"""How costs grow: with records, with calls, with customers of the mock, with the size of events.

Each function measures one of them in the present process, and returns points: what grew, and the
values there. Times are CPU of the process.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import canned
from benchmarks.contenders import by_hand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PAGE = 20
_RSS = re.compile(r"VmRSS:\s+(\d+) kB")
# Below this a value is the median of several runs.
_SHORT = 2_000
_EVENT = "CUSTOMER_PURSE_TRANSLATION_TO_ACCOUNT_COMPLETED"


def points(first: int, last: int) -> list[int]:
    """Return powers of ten times the first, and the last."""
    steps = (first * 10**power for power in itertools.count())
    return [*itertools.takewhile(lambda step: step < last, steps), last]


def walk(job: dict[str, Any]) -> list[list[float]]:
    """Walk through records with `iter`: µs and bytes a record, since the point before."""
    import calypso_pay
    from benchmarks.server import walked

    with calypso_pay.Calypso(**_settings(job["url"])) as client:

        def records(last: int) -> Iterable[object]:
            pages = last // _PAGE + 2
            found = client.transactions.iter(
                customer_id=walked(last), page_size=_PAGE, max_pages=pages
            )
            return map(by_field, found)

        by_field = _reader()
        return _marginal(records, points(_PAGE, job["last"]))


def calls(job: dict[str, Any]) -> list[list[float]]:
    """Call with one client, over a transport in the process: µs and bytes a call."""
    import calypso_pay
    from benchmarks.in_process import Canned

    with calypso_pay.Calypso(**_settings(None), transport=Canned()) as client:
        get = client.accounts.get
        return _marginal(lambda last: (get() for _ in range(last)), points(_PAGE, job["last"]))


def customers(job: dict[str, Any]) -> list[list[float]]:
    """Fill the mock with customers who have a deposit each: µs of three calls, in the process."""
    from calypso_mock import Mock

    mock = Mock()
    settings = mock.settings()

    def call(path: str, **payload: object) -> Any:
        body, headers = by_hand.signed(settings["secret"].encode(), payload, settings["account"])
        headers["Key"] = settings["key"]
        return json.loads(mock.handle("POST", path, headers, body).body)

    def create() -> Any:
        return call("/api/v1/customer-purse/customer/create")["id"]

    def add() -> str:
        customer = create()
        address = call(
            "/api/v1/customer-purse/address/get", customerId=customer, currency="USDT_TRX"
        )["address"]
        mock.simulate_deposit(address=address, currency="USDT_TRX", amount=canned.EXACT)
        return str(customer)

    found, count = [], 0
    for customers in points(1, job["last"]):
        while count < customers:
            customer, count = add(), count + 1
        found.append(
            [
                customers,
                _cpu(lambda: call(canned.ACCOUNT_PATH)),
                _cpu(create),
                _cpu(lambda c=customer: call(canned.FIND_PATH, customerId=c, pageSize=_PAGE)),  # type: ignore[misc]
                _cpu(lambda: call(canned.FIND_PATH, pageNumber=0, pageSize=_PAGE)),
            ]
        )
    return found


def served(job: dict[str, Any]) -> list[list[float]]:
    """Call the mock over HTTP: the rows of a page, and four rates beside a bare application's."""
    from benchmarks.served import rates

    return list(rates(job["last"]))


def events(job: dict[str, Any]) -> list[list[float]]:
    """Verify and read webhook events: their size in kB, and how many a second of CPU."""
    from calypso_pay.webhooks import sign, unwrap

    document = json.loads(Path(job["document"]).read_bytes())
    content = document["webhooks"][_EVENT]["post"]["requestBody"]["content"]["application/json"]
    event = next(iter(content["examples"].values()))["value"]
    found = []
    for records in (0, 1, 10, 100, 1000):
        event["data"]["records"] = json.loads(canned.page(0, records, records))["result"]
        body = json.dumps(event).encode()
        headers = {"Key": canned.KEY, "Sign": sign(body, canned.SECRET)}
        took = _cpu(lambda b=body, h=headers: unwrap(b, h, canned.SECRET))  # type: ignore[misc]
        found.append([len(body) / 1000, 1_000_000 / took])
    return found


def _settings(url: str | None) -> dict[str, Any]:
    return {
        "key": canned.KEY,
        "secret": canned.SECRET,
        "account": canned.ACCOUNT,
        "base_url": url or "http://127.0.0.1",
    }


def _reader() -> Callable[[Any], object]:
    from operator import attrgetter

    return attrgetter(*canned.FIELDS.values())


def _marginal(items: Callable[[int], Iterable[object]], steps: list[int]) -> list[list[float]]:
    """Return µs and bytes an item, for the items since the step before."""
    from statistics import median

    short = [step for step in steps if step <= _SHORT]
    # The first of these runs imports what is needed, and is not counted.
    runs = [_run(items(short[-1]), short) for _ in range(8)][1:]
    found = {step: [median(run[index][0] for run in runs), 0.0] for index, step in enumerate(short)}
    for step, values in zip(steps, _run(items(steps[-1]), steps), strict=True):
        found[step] = [found[step][0] if step in found else values[0], values[1]]
    return [[step, *values] for step, values in found.items()]


def _run(items: Iterable[object], steps: list[int]) -> list[tuple[float, float]]:
    found, before, iterator = [], 0, iter(items)
    for step in steps:
        memory, start = _memory(), time.process_time_ns()
        for _ in itertools.islice(iterator, step - before):
            pass
        took, grown = time.process_time_ns() - start, _memory() - memory
        found.append((took / 1000 / (step - before), grown / (step - before)))
        before = step
    if next(iterator, None) is not None:
        raise RuntimeError("more items than expected")
    return found


def _memory() -> int:
    return int(_RSS.findall(Path("/proc/self/status").read_text())[0]) * 1024


def _cpu(call: Callable[[], object]) -> float:
    """Return the µs of a call: the median of several short runs."""
    from statistics import median

    def once(times: int) -> float:
        start = time.process_time_ns()
        for _ in range(times):
            call()
        return (time.process_time_ns() - start) / times / 1000

    times = max(1, min(50, int(20_000 / once(2))))
    return median(once(times) for _ in range(7))
