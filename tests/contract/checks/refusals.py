"""Does a refused request leave no trace, and an error one to look it up by?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract.checks.bench import Bench
from tests.contract.checks.envelopes import Wrong, causes
from tests.contract.suite import check
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from tests.contract.session import Exchange
    from tests.contract.suite import Lab

_CLOCKS = ("now", "wire")


@check("what is refused changes nothing, for whatever reason it is refused", "mock", "writes")
def nothing_changed(lab: Lab) -> None:
    with Bench(lab) as bench:
        before = _state(lab)
        for operation in bench.operations:
            for cause in causes(operation):
                answer = Wrong(bench, operation, frozenset({cause})).send()
                after = _state(lab)
                if after != before:
                    raise Violation("state", "expected it unchanged by a refused request", answer)


@check("each refusal has a trace id of its own", "mock")
def trace_ids(lab: Lab) -> None:
    with Bench(lab) as bench:
        seen: dict[str, Exchange] = {}
        for operation in bench.operations:
            for cause in causes(operation):
                answer = Wrong(bench, operation, frozenset({cause})).send()
                trace_id = answer.json()["traceId"]
                if trace_id in seen:
                    text = f"expected one of its own, got that of an earlier answer, {trace_id}"
                    raise Violation("traceId", text, answer)
                seen[trace_id] = answer


def _state(lab: Lab) -> Any:
    state = lab.session.control("state")
    return {name: value for name, value in state.items() if name not in _CLOCKS}
