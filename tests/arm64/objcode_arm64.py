#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Read the arm64 machine code of the copies and say whether it keeps its promises.

USAGE: objcode_arm64.py --lib lib --cc "COMPILER [OPTION...]"

The sibling of tests/unit/lib/objcode.py, which reads x86-64 and says why this
is done at all. Here are rules for the copies that arm64 has, with its own
instructions: which of them may touch memory, how often, and in which order.

REQUIREMENTS: aarch64-linux-gnu-objdump and the compiler.
Prints TAP; exit 0 all hold, 1 a promise is broken, 2 usage, 77 cannot tell here.
"""

import argparse
import collections
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "unit/lib"))
from objcode import Tap, skip  # noqa: E402

OBJDUMP = "aarch64-linux-gnu-objdump"
LEVELS = ("-O1", "-O2", "-O3", "-Os")
PREFIX = "pagecopy_copy_"
COPY = ["cpyfp", "cpyfm", "cpyfe"]

Insn = collections.namedtuple("Insn", "name operands symbol")
# One instruction that touches memory: its kind is "p x" for
# ldp and stp of x registers, "rb w" for ldrb and strb.
Access = collections.namedtuple("Access", "store kind")


def disassemble(path):
    """{function: [Insn]} of an object."""
    text = subprocess.run([OBJDUMP, "-dr", "--no-show-raw-insn", path],
                          check=True, capture_output=True, text=True).stdout
    functions, code = {}, []
    for line in text.splitlines():
        if head := re.fullmatch(r"[0-9a-f]+ <(.+)>:", line):
            code = functions[head.group(1)] = []
        elif reloc := re.match(r"\s+[0-9a-f]+: R_AARCH64_(CALL|JUMP)26\s+([\w.]+)", line):
            code[-1] = code[-1]._replace(symbol=reloc.group(2))
        elif found := re.match(r"\s+[0-9a-f]+:\t(\S+)\s*([^/<]*)(?:<([^>+]+))?", line):
            name, operands, symbol = found.groups()
            code.append(Insn(name, operands.strip(), symbol))
    return functions


def transfers(name, code):
    """Functions that control leaves to."""
    return [i.symbol or "an unknown address" for i in code
            if i.name in ("bl", "blr", "br") or (i.name == "b" and i.symbol != name)]


def accesses(code):
    """All accesses of memory that is not the stack; copy instructions apart."""
    for insn in code:
        if "[" not in insn.operands or "[sp" in insn.operands or insn.name in COPY:
            continue
        register = insn.operands.split(",")[0]
        store = insn.name.startswith("st")
        yield Access(store, f"{insn.name[2:]} {register[0]}")


def no_calls(name, code):
    return [f"calls {target}" for target in transfers(name, code)]


def no_vectors(code):
    # The target of a branch is a hexadecimal number: b8 is no register there.
    return sorted({f"vector register in {i.name}" for i in code
                   if not re.match(r"b$|b\.|bl$|[ct]bn?z", i.name)
                   and re.search(r"\b[bhsdqvz]\d+\b", i.operands)})


def touches_nothing(code):
    return [f"{'store' if a.store else 'load'} of {a.kind}" for a in accesses(code)] \
        + [f"{i.name}" for i in code if i.name in COPY]


def single_accesses(code, allowed):
    """Every kind of access is allowed and loads as often as it stores.

    A load too many is a byte read twice, a store too many a byte written twice.
    """
    count = collections.Counter(accesses(code))
    for kind in sorted({a.kind for a in count} - allowed):
        yield f"access by {kind}"
    for kind in sorted(allowed):
        loads, stores = count[Access(False, kind)], count[Access(True, kind)]
        if loads != stores or not loads:
            yield f"{loads} loads and {stores} stores by {kind}"


def rule_nop(name, code):
    yield from no_calls(name, code)
    yield from touches_nothing(code)


def rule_bytewise_atomic(name, code):
    calls = transfers(name, code)
    if calls != ["memcpy"]:
        yield f"one call of memcpy expected, found {calls}"
    yield from touches_nothing(code)
    yield from no_vectors(code)


def rule_accesses(*allowed):
    def rule(name, code):
        yield from no_calls(name, code)
        yield from no_vectors(code)
        yield from single_accesses(code, set(allowed))
    return rule


def rule_mops(name, code):
    yield from no_calls(name, code)
    names = [insn.name for insn in code]
    at = names.index(COPY[0]) if COPY[0] in names else 0
    if names[at:at + 3] != COPY or sum(n.startswith(("cpy", "set")) for n in names) != 3:
        yield f"cpyfp, cpyfm, cpyfe expected, adjacent and once: {names}"
    for insn in code[at:at + 3]:
        if insn.operands != "[x0]!, [x1]!, x2!":
            yield f"{insn.name} {insn.operands}"
    yield from (f"access by {a.kind}" for a in accesses(code))


RULES = {
    "nop": rule_nop,
    "bytewise_atomic": rule_bytewise_atomic,
    "bytes": rule_accesses("rb w"),
    "words": rule_accesses("rb w", "r x"),
    "ldp": rule_accesses("rb w", "r x", "p x"),
    "mops": rule_mops,
}


def canonical(code):
    """Loads and stores of any addressing mode under one name."""
    return [i._replace(name=re.sub(r"^(ld|st)ur", r"\1r", i.name)) for i in code]


def strategies(lib):
    """(name, needs, atomic) of each entry of strategies.def."""
    text = (lib / "include/pagecopy/strategies.def").read_text()
    for entry in re.findall(r"^STRATEGY\(([^\"]*)", text, re.M):
        field = [f.strip() for f in entry.split(",")]
        if field[1] != "KERNEL" and field[3] in ("ANY", "ARM64", "MOPS"):
            yield field[2], field[4] == "ATOMIC"


def compile_copy(cc, lib, folder, name, level):
    out = folder / "one.o"
    done = subprocess.run([*cc, "-std=gnu17", "-D_GNU_SOURCE", "-w", level, f"-I{lib}/include",
                           "-c", lib / f"copy/{name}.c", "-o", out],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"Bail out! {cc[0]} {name}: {done.stderr}")
    return disassemble(out)


def check(tap, cc, lib, folder):
    for level in LEVELS:
        for name, atomic in strategies(lib):
            title = f"{cc[0]} {level}: {name}"
            if name not in RULES:
                if atomic:
                    print(f"# {title}: promises atomic bytes but has no rule for arm64")
                continue
            function = PREFIX + name
            code = canonical(compile_copy(cc, lib, folder, name, level).get(function, []))
            tap.result(title, RULES[name](function, code) if code
                       else ["no such function in the object"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lib", required=True, type=pathlib.Path)
    parser.add_argument("--cc", required=True, type=shlex.split)
    args = parser.parse_args()
    for tool in (OBJDUMP, args.cc[0]):
        if not shutil.which(tool):
            skip(f"{tool} is not installed")
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        check(tap, args.cc, args.lib.resolve(), pathlib.Path(folder))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
