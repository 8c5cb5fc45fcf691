#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Race every strategy against itself and others, and read what ThreadSanitizer says.

USAGE: tsan.py --lib lib --cc COMPILER [STRATEGY...]
   eg, tests/unit/lib/tsan.py --lib lib --cc gcc raw movsb

Walks the table of strategies. One that is byte-wise atomic must be silent against
itself and against atomic accesses of single bytes, as the writer and as the
reader; against plain accesses it must be reported, else silence would only say
that it cannot be seen. One that is plain must be reported against all of them.
No suppressions are used.

REQUIREMENTS: the compiler with its ThreadSanitizer. Address randomization is
switched off by setarch where that is allowed: older runtimes cannot start under
the wide one of newer kernels. Prints TAP; exit 0 all as promised, 1 not, 2 usage,
77 cannot tell here.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = ["-std=gnu17", "-D_GNU_SOURCE", "-O2", "-g", "-w", "-fsanitize=thread"]
REPORTED = 66  # exit status of a program with reports
# Seconds; a race takes less than one.
LIMIT = 60
# Pairs for a strategy X: writer, reader, is it reported?
PAIRS = {
    "atomic": (("X", "X", False), ("X", "single", False), ("single", "X", False),
               ("X", "assign", True), ("assign", "X", True)),
    "plain": (("X", "X", True), ("X", "single", True), ("single", "X", True)),
    "load": (("X", "X", True), ("X", "single", True), ("single", "X", False),
             ("assign", "X", True)),
    "nothing": (("X", "assign", False), ("assign", "X", False)),
}
# The instruments themselves.
CONTROLS = (("single", "single", False), ("assign", "single", True), ("single", "assign", True))


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(77)


def sources(lib):
    """What user space has of lib/."""
    text = (lib / "include/pagecopy/strategies.def").read_text()
    names = re.findall(r"^STRATEGY\( *\d+, *(?:BOTH|USER), *(\w+),", text, re.M)
    return [HERE / "tsan/race.c", *sorted(lib.glob("*.c")), *(lib / f"copy/{n}.c" for n in names)]


def run(command):
    # Options of the caller could hide a report or change the status.
    env = {k: v for k, v in os.environ.items() if k != "TSAN_OPTIONS"}
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, timeout=LIMIT,
                          env=env | {"TSAN_OPTIONS": f"exitcode={REPORTED}"})


def build(cc, lib, program):
    """The sanitizer may be missing, the program may not be wrong."""
    probe = program.with_suffix(".c")
    probe.write_text("int main(void) { return 0; }\n")
    if run([cc, "-fsanitize=thread", probe, "-o", program]).returncode:
        skip(f"{cc} has no ThreadSanitizer here: install its runtime library")
    done = run([cc, *FLAGS, f"-I{lib}/include", *sources(lib), "-lpthread", "-o", program])
    if done.returncode:
        sys.exit(f"Bail out! {cc}: {done.stdout}")


def without_randomization():
    """The words before a command that switch it off, if they work."""
    words = ["setarch", os.uname().machine, "-R"]
    if shutil.which("setarch") and run([*words, "true"]).returncode == 0:
        return words
    return []


class Race:
    """The program, and results as TAP."""

    def __init__(self, cc, program):
        self.cc = cc
        self.command = [*without_randomization(), str(program)]
        self.count = self.failed = 0

    def say(self, good, text, why=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {self.cc}: {text}")
        for line in why.splitlines():
            print(f"# {line}")

    def strategies(self):
        done = run([*self.command, "list"])
        if "unexpected memory mapping" in done.stdout:
            skip("ThreadSanitizer cannot run with this kernel's address randomization: "
                 "allow setarch -R, or set sysctl vm.mmap_rnd_bits to 28")
        if done.returncode:
            sys.exit(f"Bail out! the list of strategies: {done.stdout}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def pair(self, writer, reader, reported):
        done = run([*self.command, writer, reader])
        races = done.stdout.count("WARNING: ThreadSanitizer: data race")
        good = (done.returncode, races > 0) == (REPORTED if reported else 0, reported)
        self.say(good, f"{writer} writes, {reader} reads: {'reported' if reported else 'silent'}",
                 "" if good else f"exit {done.returncode}, {races} reports\n{done.stdout[:1500]}")

    def strategy(self, name, kind, missing):
        if missing:
            self.say(True, f"{name} # SKIP {missing}")
            return
        for writer, reader, reported in PAIRS[kind]:
            self.pair(writer.replace("X", name), reader.replace("X", name), reported)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lib", required=True, type=pathlib.Path)
    parser.add_argument("--cc", required=True)
    parser.add_argument("strategies", nargs="*", metavar="STRATEGY")
    args = parser.parse_args()
    if not shutil.which(args.cc):
        skip(f"{args.cc} is not installed")
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "race"
        build(args.cc, args.lib.resolve(), program)
        race = Race(args.cc, program)
        table = race.strategies()
        unknown = set(args.strategies) - {name for name, _, _ in table}
        if unknown:
            parser.error(f"no such strategy: {' '.join(sorted(unknown))}; there are "
                         f"{' '.join(name for name, _, _ in table)}")
        for pair in CONTROLS:
            race.pair(*pair)
        for name, kind, missing in table:
            if not args.strategies or name in args.strategies:
                race.strategy(name, kind, missing)
    print(f"1..{race.count}")
    return 1 if race.failed else 0


if __name__ == "__main__":
    sys.exit(main())
