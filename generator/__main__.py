"""Entry point of `python -m generator`."""

import sys

from generator.generate import main

sys.exit(main())
