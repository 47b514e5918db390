"""Call every operation through every fault: ``python -m tests.faults``.

In each cell: what the call came to, then how often it was tried, carried out and refused. Only
the operations that are named are called; all of them when none is.
"""

from __future__ import annotations

import sys

from tests.faults import matrix
from tests.faults.calls import CALLS

results = matrix.run(matrix.cells(sys.argv[1:] or CALLS))
for line in matrix.render(results):
    sys.stdout.write(line + "\n")
sys.exit(any(wrong for _, wrong in results.values()))
