"""Test the contract against a fresh mock: ``python -m tests.contract --seed 1``.

All options are those of ``schemathesis run``, such as ``--phases`` or ``--include-operation-id``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.contract import serving
from tests.contract.running import run

with serving.mock() as target, tempfile.TemporaryDirectory() as folder:
    result = run(Path(folder), target, *sys.argv[1:])
sys.stdout.write(result.output)
sys.exit(result.code)
