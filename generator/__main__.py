"""Entry point of `python -m generator`."""

import sys

try:
    from generator.generate import main
except KeyboardInterrupt:
    # The import takes long enough to be interrupted.
    sys.stderr.write("Interrupted; generated/ is as it was\n")
    sys.exit(130)

sys.exit(main())
