"""What schemathesis is told before a run and before each call; checks are registered here, too.

It is loaded into schemathesis' own process, where the settings come from the environment.
"""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis.control import current_build_context, currently_in_test_context

from tests.contract.running import MOCK
from tests.contract.wire import Signed, Target, refresh
from tests.contract.world import Foreign, World

if TYPE_CHECKING:
    from schemathesis import BaseSchema, Case, HookContext, Response

TARGET = Target.read(os.environ)
WORLD = (World if os.environ[MOCK] == "1" else Foreign)(TARGET)

# Not in before_call: it does not see the bytes, and headers set there count as generated.
schemathesis.auth.set_from_requests(Signed(TARGET))


class Borders:
    """Tells where one test case ends and the next begins."""

    def __init__(self) -> None:
        self._current: object = None

    def begins(self) -> bool:
        """Tell whether a call is the first of a request, or of a chain of links."""
        if not currently_in_test_context():
            # The examples and coverage phases do without Hypothesis: each call stands alone.
            return True
        before, self._current = self._current, current_build_context()
        return self._current is not before


BORDERS = Borders()


@schemathesis.hook
def after_load_schema(context: HookContext, schema: BaseSchema) -> None:
    """Keep values of answers out of later requests.

    The stateful phase draws from a pool of them that grows under way, which no setting turns off.
    Hypothesis notices that the same choices give other requests and ends the phase early; the run
    stays green.
    """
    schema.create_extra_data_source = lambda: None


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Give a request the world that it needs, and the account and time of now."""
    if BORDERS.begins():
        WORLD.reset()
    if isinstance(case.body, dict):
        # The document's examples are not copied for each case: a change would go on to the next.
        case.body = copy.deepcopy(case.body)
        # Before the refresh: time and account as generated tell one request from another.
        WORLD.arrange(case.method, case.path, case.body)
        refresh(case.body, TARGET.account)


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """Notice when a call may have changed the world."""
    WORLD.notice(response.status_code)
