#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Read the machine code of the copies and say whether it keeps its promises.

USAGE: objcode.py --lib lib [--cc COMPILER]     compile lib/copy, read the result
       objcode.py --lib lib --archive FILE...   read objects built elsewhere

A strategy is its machine code: what the source says about single accesses is
void if the compiler repeats, merges, widens or drops them. Each strategy with
a promise has a rule below. The callers in objcode/racing.c show what happens
without it. Objects of the kernel module may be given to --archive as well.

REQUIREMENTS: objdump, and for --cc that compiler; reads x86-64 code only.
Prints TAP; exit 0 all hold, 1 a promise is broken, 2 usage, 77 cannot tell here.
"""

import argparse
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LEVELS = ("-O1", "-O2", "-O3", "-Os")
PREFIX = "pagecopy_copy_"
# Calls that the kernel's build adds to any function; they copy nothing.
IGNORED_CALLS = {"__fentry__", "__x86_return_thunk", "__stack_chk_fail"}
# And what lets its code use vector registers.
FPU_CALLS = {"kernel_fpu_begin_mask", "kernel_fpu_end"}
MEMCPY = {"memcpy", "__memcpy"}
WIDTHS = {"BYTE": 1, "WORD": 2, "DWORD": 4, "QWORD": 8,
          "XMMWORD": 16, "YMMWORD": 32, "ZMMWORD": 64}


def base(symbol):
    """The name in the source of a function that the compiler specialized."""
    return re.sub(r"\.(constprop|isra).*", "", symbol)


class Insn:
    """One instruction: mnemonic, operands, and the symbol it refers to."""

    def __init__(self, text, address=0):
        self.address = address
        text, _, comment = text.partition("#")
        symbol = re.search(r"<([^>+@]+)(@plt)?(\+0x[0-9a-f]+)?>", text + comment)
        self.symbol = symbol.group(1) if symbol else None
        words = re.sub(r"<[^>]*>", "", text).split(None, 1)
        self.prefix = ""
        while len(words) == 2 and re.fullmatch(
                r"rep|repz|repnz|lock|cs|ds|data16|notrack|bnd", words[0]):
            self.prefix += words[0]
            words = words[1].split(None, 1)
        self.name = words[0]
        operands = words[1].strip() if len(words) == 2 else ""
        self.operands = re.split(r",(?![^\[]*\])", operands) if operands else []

    def leaves(self, function):
        """Does control go to another function here?"""
        return self.name == "call" or (self.name.startswith("j")
                                       and self.symbol != function)

    def widths(self):
        """Bytes accessed through each operand; None where it is no memory, or
        the function's own: its stack and the guard of that."""
        if self.name in ("lea", "nop", "call", "jmp"):
            return [None] * len(self.operands)
        found = [re.search(r"\b(\w+) PTR (?!\[rsp\b|[fg]s:)", operand)
                 for operand in self.operands]
        return [m and WIDTHS.get(m.group(1), 16) for m in found]

    def vector(self):
        return any(re.search(r"\b([xyz]?mm\d+|k[0-7])\b", operand)
                   for operand in self.operands)


class Code:
    """The instructions of a function."""

    def __init__(self, name):
        self.name = name
        self.insns = []

    def transfers(self):
        """Names of the functions that control leaves to."""
        found, held = [], {}
        for insn in self.insns:
            if insn.name == "movabs" and insn.symbol:
                held[insn.operands[0]] = insn.symbol
            if insn.leaves(self.name):
                register = insn.operands[0] if insn.operands else ""
                found.append(insn.symbol or held.get(register, "an unknown address"))
        return [base(t) for t in found if t not in IGNORED_CALLS]

    def accesses(self):
        """(loads, stores, others): widths of each; others read and write."""
        loads, stores, others = [], [], []
        for insn in self.insns:
            widths = insn.widths()
            touched = [w for w in widths if w]
            if not touched:
                continue
            if re.match("v?mov", insn.name) and len(touched) == 1:
                (stores if widths[0] else loads).append(touched[0])
            elif insn.name in ("cmp", "test"):
                loads += touched
            else:
                others.append(" ".join((insn.prefix, insn.name)).strip())
        return loads, stores, others

    def vectors(self):
        return [insn.name for insn in self.insns if insn.vector()]


def disassemble(path):
    """{function: Code} of an object, an archive or a program."""
    text = subprocess.run(
        ["objdump", "-dr", "-M", "intel", "--no-show-raw-insn", path],
        check=True, capture_output=True, text=True).stdout
    functions, code = {}, None
    for line in text.splitlines():
        if head := re.fullmatch(r"[0-9a-f]+ <(.+)>:", line):
            code = functions[head.group(1)] = Code(head.group(1))
        elif reloc := re.match(r"\s+[0-9a-f]+: R_\w+\s+([\w.]+)", line):
            if code and code.insns:
                code.insns[-1].symbol = reloc.group(1)
        elif insn := re.match(r"\s+([0-9a-f]+):\t(.+)", line):
            if code and not insn.group(2).startswith("(bad)"):
                code.insns.append(Insn(insn.group(2), int(insn.group(1), 16)))
    return functions


def no_calls(code):
    return [f"calls {target}" for target in code.transfers()]


def no_vectors(code):
    return [f"vector register in {name}" for name in sorted(set(code.vectors()))]


def touches_nothing(code):
    loads, stores, others = code.accesses()
    if loads or stores or others:
        yield f"{len(loads)} loads, {len(stores)} stores, {others}"


def single_accesses(code, allowed):
    """Every access is a load or a store of an allowed width, in equal numbers.

    Equal numbers, because loops are unrolled: a load too many is a byte read
    twice, a store too many a byte written twice.
    """
    loads, stores, others = code.accesses()
    for name in others:
        yield f"{name} is neither a load nor a store"
    for width in sorted(set(loads + stores) - allowed):
        yield f"access of {width} bytes"
    for width in sorted(allowed):
        if loads.count(width) != stores.count(width):
            yield (f"{loads.count(width)} loads and {stores.count(width)} stores"
                   f" of {width} bytes")
        elif not loads.count(width):
            yield f"no access of {width} bytes"


def memcpy_calls(code, number):
    calls = code.transfers()
    if len(calls) != number or set(calls) - MEMCPY:
        yield f"{number} calls of memcpy expected, found {calls}"


def string_moves(code, widths):
    """String moves of these widths, in this order, and no other access."""
    loads, stores, others = code.accesses()
    if loads or stores or others != ["rep movs"] * len(widths):
        yield f"rep movs alone expected: {loads} {stores} {others}"
    found = [insn.widths() for insn in code.insns if insn.name == "movs"]
    if found != [[width, width] for width in widths]:
        yield f"rep movs of {found} bytes, not of {widths}"


def rule_nop(code):
    yield from no_calls(code)
    yield from touches_nothing(code)


def rule_bytewise_atomic(code):
    yield from memcpy_calls(code, 1)
    yield from touches_nothing(code)
    yield from no_vectors(code)


def rule_bytes(code):
    yield from no_calls(code)
    yield from no_vectors(code)
    yield from single_accesses(code, {1})


def rule_words(code):
    yield from no_calls(code)
    yield from no_vectors(code)
    yield from single_accesses(code, {1, 8})


def rule_movsb(code):
    yield from no_calls(code)
    yield from string_moves(code, [1])


def rule_movsq(code):
    yield from no_calls(code)
    yield from string_moves(code, [8, 1])


def rule_movnti(code):
    yield from rule_words(code)
    fenced = False
    for insn in code.insns:
        if insn.name == "sfence":
            fenced = True
        elif insn.name == "ret" or insn.symbol == "__x86_return_thunk":
            if not fenced:
                yield "returns without sfence"
        elif insn.name not in ("pop", "leave"):
            fenced = False
        if insn.name == "mov" and insn.widths()[0] == 8:
            yield "stores a word into the cache"


def rule_unrolled(code):
    yield from no_calls(code)
    yield from no_vectors(code)
    yield from single_accesses(code, {1, 2, 4, 8})


def rule_hybrid(code):
    yield from memcpy_calls(code, 1)
    yield from no_vectors(code)
    yield from single_accesses(code, {1, 2, 4, 8})


def rule_bounce(code):
    yield from memcpy_calls(code, 2)
    yield from no_vectors(code)
    loads, stores, others = code.accesses()
    # Kernels that clear every variable on the stack clear the snapshot first.
    if loads or stores or set(others) - {"rep stos"}:
        yield f"{len(loads)} loads, {len(stores)} stores, {others}"


def rule_vector(width, *wanted):
    """Single accesses up to a register's width, and the instructions @wanted."""
    def rule(code):
        yield from (f"calls {target}" for target in code.transfers()
                    if target not in FPU_CALLS)
        yield from single_accesses(code, {1, 2, 4, 8, width})
        names = {insn.name for insn in code.insns}
        yield from (f"no {name}" for name in wanted if name not in names)
    return rule


def rule_copy_page(code):
    yield from (f"calls {target}" for target in code.transfers()
                if target not in MEMCPY | {"copy_page"})
    yield from touches_nothing(code)
    yield from no_vectors(code)


RULES = {
    "nop": rule_nop,
    "bytewise_atomic": rule_bytewise_atomic,
    "bytes": rule_bytes,
    "words": rule_words,
    "movsb": rule_movsb,
    "movsq": rule_movsq,
    "movnti": rule_movnti,
    "unrolled": rule_unrolled,
    "hybrid": rule_hybrid,
    "bounce": rule_bounce,
    "words_aligned": rule_words,
    "words_shift": rule_words,
    "nt": rule_vector(16, "movntdq", "sfence"),
    "copy_page": rule_copy_page,
    "sse2": rule_vector(16, "movdqa"),
    "avx2": rule_vector(32, "vmovdqa", "vzeroupper"),
    "avx512": rule_vector(64, "vmovdqa64", "vzeroupper"),
}


class Tap:
    """Numbered result lines, and whether any of them was bad."""

    def __init__(self):
        self.count = self.failed = 0

    def result(self, name, problems):
        problems = list(problems)
        self.count += 1
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.count} - {name}")
        for problem in problems:
            print(f"# {problem}")

    def skip(self, name, reason):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}")

    def finish(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def strategies(lib):
    """(name, where, atomic) of each line of strategies.def that is not for arm64 alone."""
    text = (lib / "include/pagecopy/strategies.def").read_text()
    lines = re.findall(r"^STRATEGY\(([^\"]*)", text, re.M)
    fields = [[f.strip() for f in line.split(",")] for line in lines]
    return [(f[2], f[1], f[4] == "ATOMIC") for f in fields
            if f[3] not in ("ARM64", "MOPS")]


def check_strategies(tap, lib, where, find, built=None):
    """Apply the rules; find(name) gives the functions that hold a strategy.

    One of the kernel alone compiles nowhere else: it is looked at where it is
    among objects built by it.
    """
    for name, side, atomic in strategies(lib):
        title = f"{where}: {name}"
        if side == "KERNEL" and (not built or PREFIX + name not in built):
            continue
        if name not in RULES:
            if atomic:
                tap.skip(title, "promises atomic bytes but objcode.py has no rule for it")
            continue
        code = find(name).get(PREFIX + name)
        if not code or not code.insns:
            tap.result(title, ["no such function in the object"])
        else:
            tap.result(title, RULES[name](code))


class Compiler:
    """A compiler, and a folder for what it makes."""

    def __init__(self, cc, lib, folder):
        self.cc, self.lib, self.folder = cc, lib, folder

    def run(self, *args):
        command = [self.cc, "-std=gnu17", "-w", f"-I{self.lib}/include",
                   f"-I{self.lib}", *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def compile(self, source, *flags):
        out = self.folder / "one.o"
        done = self.run(*flags, "-c", source, "-o", out)
        if done.returncode:
            sys.exit(f"Bail out! {self.cc} {source}: {done.stderr}")
        return disassemble(out)

    def link(self, *args):
        """The functions of a program, or None if it does not link."""
        out = self.folder / "program"
        done = self.run(*args, "-o", out)
        return None if done.returncode else disassemble(out)

    def lto_flags(self):
        """What links a program with link-time optimization here, or None."""
        probe = self.folder / "probe.c"
        probe.write_text("int main(void) { return 0; }\n")
        for flags in (["-flto"], ["-flto", "-fuse-ld=lld"]):
            if self.link("-O3", *flags, probe) is not None:
                return flags
        return None


def check_racing(tap, where, functions):
    """Two calls in the source are two calls in the code."""
    callee = PREFIX + "bytewise_atomic"
    for name in ("racing_atomic", "racing_overwritten", "racing_unread"):
        calls = functions[name].transfers() if name in functions else []
        tap.result(f"{where}: {name} makes both its calls",
                   [] if calls == [callee] * 2 else [f"found {calls}"])
    for name, code in functions.items():
        if base(name) == callee:
            tap.result(f"{where}: {name} stays one call of memcpy",
                       rule_bytewise_atomic(code))


def check_danger(tap, where, functions):
    """The plain copy does lose one: else the tests above prove nothing."""
    loads, _, _ = functions["racing_plain"].accesses()
    tap.result(f"{where}: two plain copies are merged, as feared",
               [] if len(loads) < 2 else [f"{len(loads)} loads remain"])


def check_sources(tap, compiler):
    copy, racing = compiler.lib / "copy", HERE / "objcode/racing.c"
    for level in LEVELS:
        where = f"{compiler.cc} {level}"
        check_strategies(tap, compiler.lib, where,
                         lambda name, level=level: compiler.compile(
                             copy / f"{name}.c", level))
        functions = compiler.compile(racing, level)
        check_racing(tap, where, functions)
        check_danger(tap, where, functions)
        check_racing(tap, f"{where}, one unit",
                     compiler.compile(racing, level, "-DONE_UNIT"))
    lto = compiler.lto_flags()
    if not lto:
        tap.skip(f"{compiler.cc} -O3 -flto", "this toolchain cannot link with -flto")
        return
    functions = compiler.link("-O3", *lto, racing, copy / "bytewise_atomic.c")
    check_racing(tap, f"{compiler.cc} -O3 -flto", functions or {})


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(77)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lib", required=True, type=pathlib.Path)
    parser.add_argument("--cc")
    parser.add_argument("--archive", nargs="+")
    args = parser.parse_args()
    if bool(args.cc) == bool(args.archive):
        parser.error("one of --cc and --archive")
    if platform.machine() != "x86_64":
        skip(f"reads x86-64 code, not {platform.machine()}")
    for tool in filter(None, ("objdump", args.cc)):
        if not shutil.which(tool):
            skip(f"{tool} is not installed")
    tap = Tap()
    if args.archive:
        functions = {}
        for path in args.archive:
            functions.update(disassemble(path))
        check_strategies(tap, args.lib, "as built", lambda name: functions, functions)
    else:
        with tempfile.TemporaryDirectory() as folder:
            check_sources(tap, Compiler(args.cc, args.lib.resolve(),
                                        pathlib.Path(folder)))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
