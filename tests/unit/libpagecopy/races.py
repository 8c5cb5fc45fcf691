#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A seqlock with a writer that races: right, and wrong in each way.

USAGE: races.py --cc COMPILER --archive libpagecopy.a [--reads N]

Right: no torn record is accepted, and ThreadSanitizer has nothing to say,
without suppressions. Without its check torn records are accepted, so the race
is real; with memcpy() on either side ThreadSanitizer reports a race, so its
silence means something.

REQUIREMENTS: the compiler, and its ThreadSanitizer for that part; two CPUs.
Prints TAP; exit 0 all hold, 1 one does not, 2 usage, 77 cannot tell here.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = HERE.parents[2] / "lib/include"
sys.path.insert(0, str(HERE.parent / "lib"))
import objcode  # noqa: E402  pylint: disable=wrong-import-position

TSAN = "WARNING: ThreadSanitizer: data race"
TSAN_READS = 200


class Seqlock:
    """Programs made of seqlock.c."""

    def __init__(self, args, folder):
        self.args, self.program = args, pathlib.Path(folder) / "seqlock"

    def build(self, *flags):
        done = subprocess.run([self.args.cc, "-O2", "-g", "-pthread", f"-I{INCLUDE}", *flags,
                               HERE / "seqlock.c", self.args.archive, "-o", self.program],
                              capture_output=True, text=True, check=False)
        return done.returncode == 0, done.stderr

    def run(self, reads):
        """(exit status, everything it said)"""
        # Address randomization of newer kernels is too much for older runtimes.
        command = [self.program, str(reads)]
        if shutil.which("setarch"):
            command = ["setarch", "-R", *command]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False, timeout=240,
                              env={**os.environ, "TSAN_OPTIONS": "exitcode=0"})
        return done.returncode, done.stdout


def check_tearing(tap, seqlock, reads):
    for flags, title, wanted in (([], f"{reads} reads accepted, none of them torn", 0),
                                 (["-DNO_CHECK"], "without the check torn ones are accepted", 1)):
        good, said = seqlock.build(*flags)
        if not good:
            tap.result(title, said.splitlines()[:5])
            continue
        status, said = seqlock.run(reads)
        if status == 77:
            tap.skip(title, "reader and writer never met")
        else:
            tap.result(title, [] if status == wanted else said.splitlines()[:5])
        print(f"# {said.strip()}")


def check_races(tap, seqlock, cc):
    title = f"{cc} -fsanitize=thread"
    good, said = seqlock.build("-fsanitize=thread")
    status, said = seqlock.run(1) if good else (1, said)
    if "FATAL" in said or not good:
        tap.skip(title, f"no ThreadSanitizer here: {(said.splitlines() or ['?'])[0]}")
        return
    # Unchecked reads meet the writer every time.
    for flags, racy, levels in (
            ([], False, ("-O0", "-O2")), (["-DNO_CHECK"], False, ("-O2",)),
            (["-DNO_CHECK", "-DPLAIN_IN"], True, ("-O2",)),
            (["-DNO_CHECK", "-DPLAIN_OUT"], True, ("-O2",))):
        for level in levels:
            good, said = seqlock.build("-fsanitize=thread", level, *flags)
            status, said = seqlock.run(TSAN_READS) if good else (2, said)
            right = good and status in (0, 1, 77) and (TSAN in said) == racy
            tap.result(f"{title} {level} {' '.join(flags)}: {'a race' if racy else 'silence'}",
                       [] if right else [f"exit {status}", *said.splitlines()[:8]])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--cc", required=True)
    parser.add_argument("--archive", required=True)
    parser.add_argument("--reads", type=int, default=1000000)
    args = parser.parse_args()
    if not shutil.which(args.cc):
        objcode.skip(f"{args.cc} is not installed")
    if len(os.sched_getaffinity(0)) < 2:
        objcode.skip("one CPU: nothing races")
    tap = objcode.Tap()
    with tempfile.TemporaryDirectory() as folder:
        seqlock = Seqlock(args, folder)
        check_tearing(tap, seqlock, args.reads)
        check_races(tap, seqlock, args.cc)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
