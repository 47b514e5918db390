"""Does a rejected request change nothing, and does each error have its own trace id?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract.checks.api_client import ApiClient
from tests.contract.checks.envelopes import InvalidRequest, causes
from tests.contract.suite import check
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from tests.contract.session import Exchange
    from tests.contract.suite import Context

_CLOCKS = ("now", "wire")


@check("a rejected request changes nothing, whatever the reason", "mock", "writes")
def nothing_changed(context: Context) -> None:
    with ApiClient(context) as api:
        before = _state(context)
        for operation in api.operations:
            for cause in causes(operation):
                response = InvalidRequest(api, operation, frozenset({cause})).send()
                after = _state(context)
                if after != before:
                    raise Violation(
                        "state", "expected it unchanged by a rejected request", response
                    )


@check("each rejection has its own trace id", "mock")
def trace_ids(context: Context) -> None:
    with ApiClient(context) as api:
        seen: dict[str, Exchange] = {}
        for operation in api.operations:
            for cause in causes(operation):
                response = InvalidRequest(api, operation, frozenset({cause})).send()
                trace_id = response.json()["traceId"]
                if trace_id in seen:
                    text = f"expected a new one, got that of an earlier response, {trace_id}"
                    raise Violation("traceId", text, response)
                seen[trace_id] = response


def _state(context: Context) -> Any:
    state = context.session.control("state")
    return {name: value for name, value in state.items() if name not in _CLOCKS}
