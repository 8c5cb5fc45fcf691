# SPDX-License-Identifier: MIT
"""Reads the CSV of `pagecopy run`, prints its summary, draws its plots.

The package knows the CSV and nothing else, so a file copied from a target
machine is read anywhere.
"""

import sys
from importlib.util import find_spec

absent = [f"python3-{name}" for name in ("numpy", "scipy", "pandas", "matplotlib")
          if find_spec(name) is None]
if absent:
    print(f"cannot run here: first sudo apt-get install {' '.join(absent)}", file=sys.stderr)
    sys.exit(77)
