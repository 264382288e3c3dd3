"""``python -m grokmath``: the command line."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    try:
        from grokmath.cli import main

        sys.exit(main())
    except KeyboardInterrupt:  # before main could say so itself
        sys.exit(130)
