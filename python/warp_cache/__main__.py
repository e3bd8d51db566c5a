"""``python -m warp_cache``: shared caches, listed and managed, and advice on recorded calls."""

import sys

from warp_cache._command import main

if __name__ == "__main__":
    sys.exit(main())
