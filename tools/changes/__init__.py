"""Reports to users of the client what differs between two revisions of `openapi.yaml`.

    python -m tools.changes [OLD [NEW]] [--format text|markdown|json]

Each document becomes a plain nested dict of what users can notice (`view`), DeepDiff finds what
differs between two of them (`findings`), and small rules keyed by the place make it sentences
(`rules`). A difference without a rule is reported with its place, so that none is left out.
"""

from tools.changes.compare import compare
from tools.changes.line import Difference, Line

__all__ = ["Difference", "Line", "compare"]
