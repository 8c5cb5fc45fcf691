# SPDX-License-Identifier: MIT
"""The program run on this machine: the paths that need no module."""

import csv
import subprocess
import sys

import shell

PROGRAM = shell.ROOT / "build/release/bench/pagecopy"


def run(*options, timeout=120, **more):
    """The finished process of `pagecopy OPTIONS`, its output as text."""
    return subprocess.run([PROGRAM, *map(str, options)], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, check=False, timeout=timeout, **more)


def start(*options):
    """A running process; what it says is thrown away."""
    return subprocess.Popen([PROGRAM, *map(str, options)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows(path):
    """The whole rows of a result file."""
    csv.field_size_limit(sys.maxsize)
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def head(path):
    """The `#key: value` lines of a result file."""
    with open(path, encoding="utf-8") as file:
        pairs = (line[1:].partition(":") for line in file if line.startswith("#"))
        return {key: value.strip() for key, _, value in pairs}
