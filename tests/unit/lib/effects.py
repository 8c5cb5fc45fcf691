#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a compiler makes of copies of shared memory: of plain ones, and of each safe one.

USAGE: effects.py --lib lib --cc COMPILER                  tests, as TAP
       effects.py --lib lib --cc COMPILER --show FUNCTION  the code of one plain copy
   eg, tests/unit/lib/effects.py --lib lib --cc clang --show check_then_copy

objcode/effects.c copies memory that another thread writes to. With a plain copy,
gcc 12 and clang 14 at -O2 hoist, merge, drop, split and repeat the accesses; that
each effect is there is one test per compiler. Then the same functions call, in
turn, every strategy that user space has and strategies.def says is byte-wise
atomic: each call of the source must be a call in the code, in its loop if it is in
one, and nothing else may touch the memory. From another file, from the same file,
and with link-time optimization.

REQUIREMENTS: objdump and the compiler; reads x86-64 code only. Exit 0 all hold, 1
not, 2 usage, 77 cannot tell here.
"""

import argparse
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

from objcode import PREFIX, Compiler, Tap, base, skip

SOURCE = pathlib.Path(__file__).resolve().parent / "objcode/effects.c"
# What the effects below were seen with; others may do better or worse.
KNOWN = {"gcc": "12", "clang": "14"}
ALL = 1 << 20  # bytes of a copy whose length is not looked for
CALLER_SAVED = {"rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"}
REGISTER = r"r(?:[a-ds][xipb]|[ds]i|\d+)"


class Trace:
    """The accesses of a function to what its first argument points to.

    The code is read from top to bottom, which is enough for what has no loop
    around a change of registers: moves of the pointer are followed, anything else
    that is written to a register forgets it.
    """

    def __init__(self, code):
        self.code = code
        self.holds = {"rdi"}
        self.loads, self.stores, self.calls = [], [], []
        for insn in code.insns:
            self.step(insn)

    def fetch(self, where, insn, offset, width):
        where.append((insn.address, offset, width))

    def memory(self, insn):
        """Loads and stores of the instruction itself."""
        for number, (operand, width) in enumerate(zip(insn.operands, insn.widths())):
            found = width and re.search(rf"\[({REGISTER})([+-]0x[0-9a-f]+)?\]", operand)
            if not found or found.group(1) not in self.holds:
                continue
            offset = int(found.group(2) or "0", 16)
            stored = number == 0 and insn.name.startswith("mov")
            if insn.name == "movs":
                stored, width = number == 0, ALL if insn.prefix else width
            self.fetch(self.stores if stored else self.loads, insn, offset, width)

    def step(self, insn):
        self.memory(insn)
        if insn.leaves(self.code.name):
            name = base(insn.symbol or "?")
            self.calls.append((insn.address, name))
            if name in ("memcpy", "memmove"):
                for register, where in (("rsi", self.loads), ("rdi", self.stores)):
                    if register in self.holds:
                        self.fetch(where, insn, 0, ALL)
            self.holds -= CALLER_SAVED
        elif insn.operands and re.fullmatch(REGISTER, insn.operands[0]):
            target = insn.operands[0]
            if insn.name == "mov" and insn.operands[1] in self.holds:
                self.holds.add(target)
            elif insn.name not in ("cmp", "test", "push"):
                self.holds.discard(target)

    def loops(self):
        """(first, last) address of what a jump back repeats."""
        for insn in self.code.insns:
            if insn.name.startswith("j") and insn.operands:
                target = re.fullmatch(r"(?:0x)?([0-9a-f]+)", insn.operands[0])
                if target and int(target.group(1), 16) <= insn.address:
                    yield int(target.group(1), 16), insn.address

    def repeated(self, address):
        return any(first <= address <= last for first, last in self.loops())

    def overlap(self):
        """Two loads of the same byte."""
        return any(a[1] < b[1] + b[2] and b[1] < a[1] + a[2]
                   for i, a in enumerate(self.loads) for b in self.loads[:i])


def hoisted(trace):
    return bool(trace.loads) and not any(trace.repeated(at) for at, _, _ in trace.loads)


def split(trace):
    return len(trace.loads) > 1 and not trace.overlap()


# function: copies in the source, the effect, does the code show it?, compilers.
EFFECTS = {
    "wait_for_flag": (1, "the copy is hoisted out of the loop, which never ends",
                      hoisted, ("gcc", "clang")),
    "check_then_use": (1, "what is checked is read once more than what is used",
                       Trace.overlap, ("gcc",)),
    "check_then_copy": (2, "what was checked is not kept, but copied from the source again",
                        Trace.overlap, ("clang",)),
    "look_twice": (2, "two copies are taken to be alike, and none is made",
                   lambda t: not t.loads, ("gcc", "clang")),
    "look_away": (1, "the copy is dropped", lambda t: not t.loads, ("gcc", "clang")),
    "write_twice": (2, "the first of two copies is dropped",
                    lambda t: len(t.stores) == 1, ("gcc", "clang")),
    "read_pair": (1, "one copy is split in two", split, ("clang",)),
}


def check_plain(tap, compiler, known):
    functions = compiler.compile(SOURCE, "-O2")
    for name, (_, what, shows, compilers) in EFFECTS.items():
        if compiler.cc not in compilers:
            continue
        title = f"{compiler.cc} -O2, plain copy, {name}: {what}"
        if shows(Trace(functions[name])):
            tap.result(title, [])
        elif not known:
            tap.skip(title, f"seen with {compiler.cc} {KNOWN[compiler.cc]}, not with this one")
        else:
            tap.result(title, ["the compiler did as the source says: this test shows nothing"])


def check_raw(tap, compiler, known):
    """Out of line is not enough: gcc looks into a function that it does not inline."""
    functions = compiler.compile(SOURCE, "-O3", f"-DCOPY={PREFIX}raw", '-DCOPY_FILE="copy/raw.c"')
    for name in ("look_away", "write_twice"):
        title = f"{compiler.cc} -O3, raw, {name}: a call of {PREFIX}raw() is dropped"
        lost = list(kept(name, functions[name], PREFIX + "raw"))
        if lost or known:
            tap.result(title, [] if lost else ["all calls are made: this test shows nothing"])
        else:
            tap.skip(title, "not with this version")


def kept(name, code, callee):
    """What has become of the calls, in words."""
    trace = Trace(code)
    calls = [at for at, target in trace.calls if target == callee]
    if len(calls) != EFFECTS[name][0]:
        yield f"{name}: {len(calls)} of {EFFECTS[name][0]} calls are left"
    if name == "wait_for_flag" and not all(trace.repeated(at) for at in calls):
        yield f"{name}: called once, not in its loop"
    for what, found in (("loads", trace.loads), ("stores", trace.stores)):
        if found:
            yield f"{name}: {len(found)} {what} beside the calls"


def check_atomic(tap, where, functions, strategy):
    problems = []
    for name in EFFECTS:
        if not functions or name not in functions:
            problems.append(f"{name}: not in the program")
        else:
            problems += kept(name, functions[name], PREFIX + strategy)
    tap.result(f"{where}: every call of {strategy} is made", problems)


def atomic_here(lib):
    """Names of the byte-wise atomic strategies that user space has."""
    text = (lib / "include/pagecopy/strategies.def").read_text()
    lines = [[field.strip() for field in line.split(",")]
             for line in re.findall(r"^STRATEGY\(([^\"]*)", text, re.M)]
    return [f[2] for f in lines if f[1] in ("BOTH", "USER") and f[4] == "ATOMIC"]


def check_strategies(tap, compiler):
    lto = compiler.lto_flags()
    for name in atomic_here(compiler.lib):
        copy = f"-DCOPY={PREFIX}{name}"
        file = f'-DCOPY_FILE="copy/{name}.c"'
        for level in ("-O2", "-O3"):
            where = f"{compiler.cc} {level}"
            check_atomic(tap, where, compiler.compile(SOURCE, level, copy), name)
            check_atomic(tap, f"{where}, one unit",
                         compiler.compile(SOURCE, level, copy, file), name)
        where = f"{compiler.cc} -O3 -flto"
        if lto:
            functions = compiler.link("-O3", *lto, "-Wl,--unresolved-symbols=ignore-all", copy,
                                      SOURCE, compiler.lib / f"copy/{name}.c")
            check_atomic(tap, where, functions, name)
        else:
            tap.skip(f"{where}: {name}", "this toolchain cannot link with -flto")


def version(cc):
    done = subprocess.run([cc, "-dumpversion"], capture_output=True, text=True, check=True)
    return done.stdout.split(".")[0].strip()


def show(compiler, name):
    """The code, with addresses from its start on."""
    insns = compiler.compile(SOURCE, "-O2")[name].insns
    start = insns[0].address
    for insn in insns:
        operands = ",".join(insn.operands)
        if insn.symbol and insn.leaves(name):
            operands = insn.symbol
        elif insn.name.startswith("j"):
            operands = str(int(operands, 16) - start)
        if insn.name not in ("nop", "xchg", "data16", "cs"):
            print(f"{insn.address - start:3}", *insn.prefix.split(), insn.name, operands)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lib", required=True, type=pathlib.Path)
    parser.add_argument("--cc", required=True, choices=sorted(KNOWN))
    parser.add_argument("--show", choices=sorted(EFFECTS), metavar="FUNCTION",
                        help=f"one of {' '.join(sorted(EFFECTS))}")
    args = parser.parse_args()
    if platform.machine() != "x86_64":
        skip(f"reads x86-64 code, not {platform.machine()}")
    for tool in ("objdump", args.cc):
        if not shutil.which(tool):
            skip(f"{tool} is not installed")
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        compiler = Compiler(args.cc, args.lib.resolve(), pathlib.Path(folder))
        if args.show:
            show(compiler, args.show)
            return 0
        known = version(args.cc) == KNOWN[args.cc]
        check_plain(tap, compiler, known)
        if args.cc == "gcc":
            check_raw(tap, compiler, known)
        check_strategies(tap, compiler)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
