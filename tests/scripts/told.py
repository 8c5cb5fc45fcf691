# SPDX-License-Identifier: MIT
"""What the programs say of themselves: commands, options, lists."""

import functools
import re
import subprocess

import shell

BIN = shell.ROOT / "build/release/bench"
PROGRAM = BIN / "pagecopy"
GBENCH = BIN / "pagecopy-gbench"


def call(*command, **more):
    """The finished process, its output as text."""
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, check=False, timeout=120, **more)


def build(target="all"):
    """Bring the programs of the preset release, or one target, up to date."""
    for step in (["cmake", "--preset", "release"],
                 ["cmake", "--build", "--preset", "release", "--target", target]):
        done = call(*step, cwd=shell.ROOT)
        assert done.returncode == 0, done.stdout + done.stderr


def tsv(text):
    """Rows by the names of the header; lines with # are left out."""
    lines = [line.split("\t") for line in text.splitlines() if line and line[0] != "#"]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def words(*command):
    """The words that a help text sets off by two blanks."""
    return re.findall(r"^  ([a-z][\w-]*) ", call(*command, "--help").stdout, re.M)


@functools.cache
def tables():
    """By command line: the #keys of a command and the rows of its options."""
    found = {}
    commands = [(PROGRAM, name) for name in words(PROGRAM)]
    if GBENCH.exists():
        commands.append((GBENCH,))
    for command in commands:
        done = call(*command, "--list-options")
        if done.returncode == 0:
            keys = dict(re.findall(r"^#(\w+): (.*)$", done.stdout, re.M))
            found[command] = keys, tsv(done.stdout)
    return found


def shown(command):
    """The command as its examples write it."""
    return " ".join([command[0].name, *command[1:]])
