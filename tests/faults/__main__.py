"""Call every operation through every fault: ``python -m tests.faults``.

Each cell shows the result of the call, then how often it was tried, carried out and rejected.
Arguments name the operations to call; without any, all are called.
"""

from __future__ import annotations

import sys

from tests.faults import matrix
from tests.faults.calls import CALLS

results = matrix.run(matrix.cells(sys.argv[1:] or CALLS))
for line in matrix.render(results):
    sys.stdout.write(line + "\n")
sys.exit(any(findings for _, findings in results.values()))
