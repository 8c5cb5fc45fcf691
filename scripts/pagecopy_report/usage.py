# SPDX-License-Identifier: MIT
"""What --help of every command has: what it does, an example, the exit codes."""

from __future__ import annotations

import argparse
import textwrap

WIDTH = 79
CODES = "Exit: 0 done; 1 the results hold faults; 2 usage, or a file that cannot be read."


def parser(name: str, about: str, *examples: str, more: str = "",
           exits: str = CODES) -> argparse.ArgumentParser:
    """A parser without options yet; @more is shown as it is."""
    end = ["\n".join(f"eg, {example}" for example in examples), more.strip(),
           textwrap.fill(exits, WIDTH)]
    return argparse.ArgumentParser(
        prog=name, description=textwrap.fill(about, WIDTH),
        epilog="\n\n".join(part for part in end if part),
        formatter_class=argparse.RawDescriptionHelpFormatter)
