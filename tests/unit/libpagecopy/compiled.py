#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What compilers make of the header and of the library.

USAGE: compiled.py --cc COMPILER --cxx COMPILER --archive libpagecopy.a

The header compiles without a warning in every language it is for; an order that
the contract does not have is refused; the accesses that it compiles into its
callers are those of the source, no more, no fewer and no others; the library
calls nobody.

REQUIREMENTS: both compilers, nm, objdump; machine code is read on x86-64 only.
Prints TAP; exit 0 all hold, 1 one does not, 2 usage, 77 cannot tell here.
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
INCLUDE = HERE.parents[2] / "lib/include"
sys.path.insert(0, str(HERE.parent / "lib"))
import objcode  # noqa: E402  pylint: disable=wrong-import-position

WARNINGS = ["-Wall", "-Wextra", "-pedantic-errors", "-Werror", "-Wshadow", "-Wconversion"]
C = ("c11", "c17", "gnu17")
CXX = ("c++11", "c++17", "c++20")
USE = """
#include "pagecopy/atomic_memcpy.h"
#include "pagecopy/atomic_memcpy.h"
%s
void use(void *a, const void *b, unsigned long n);
void use(void *a, const void *b, unsigned long n)
{
	atomic_load_per_byte_memcpy(a, b, n, memory_order_acquire);
	atomic_load_per_byte_memcpy(a, b, 24, memory_order_relaxed);
	atomic_store_per_byte_memcpy(a, b, n, memory_order_release);
	atomic_store_per_byte_memcpy(a, b, 24, memory_order_relaxed);
}
"""
CALL = """
#include "pagecopy/atomic_memcpy.h"
void use(void *a, const void *b, memory_order order);
void use(void *a, const void *b, memory_order order)
{
	(void)order;
	atomic_%s_per_byte_memcpy(a, b, 8, %s);
}
"""
OVERRUN = """
#include "pagecopy/atomic_memcpy.h"
#include <stdlib.h>
int main(int argc, char **argv)
{
	char *area = malloc(64), own[65];

	(void)argv;
	if (argc == 2)
		atomic_load_per_byte_memcpy(own, area, 63 + argc, memory_order_relaxed);
	else
		atomic_store_per_byte_memcpy(area, own, 64 + argc, memory_order_relaxed);
	return 0;
}
"""
# What CPU detection and position-independent code bring in by themselves.
NEEDED = {"__cpu_model", "__cpu_indicator_init", "_GLOBAL_OFFSET_TABLE_"}


def compiler_runs(compiler, text, *flags, out="/dev/null"):
    """(compiles, what it said) of a source given as text."""
    done = subprocess.run([compiler, f"-I{INCLUDE}", *flags, "-c", "-", "-o", out], input=text,
                          capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stderr


def check_languages(tap, cc, cxx):
    for language, compiler, standards in (("c", cc, C), ("c++", cxx, CXX)):
        text = USE % ("using namespace std;" if language == "c++" else "")
        for std in standards:
            for level in ("-O0", "-O2", "-fsanitize=thread", "-fsanitize=address"):
                good, said = compiler_runs(compiler, text, *WARNINGS, f"-std={std}", level,
                                           "-x", language)
                tap.result(f"{compiler} -std={std} {level}: the header compiles",
                           [] if good else said.splitlines()[:5])


def check_orders(tap, cc):
    legal = {"load": ("relaxed", "acquire"), "store": ("relaxed", "release")}
    orders = ("relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst")
    for side, allowed in legal.items():
        for order in orders:
            good, said = compiler_runs(cc, CALL % (side, f"memory_order_{order}"), "-O2", "-xc")
            named = f"atomic_{side}_per_byte_memcpy: order must be relaxed" in said
            right = good if order in allowed else not good and named
            tap.result(f"{cc}: {side}, {order}: {'taken' if order in allowed else 'refused'}",
                       [] if right else said.splitlines()[:3] or ["it was taken"])
        good, said = compiler_runs(cc, CALL % (side, "order"), "-O2", "-xc")
        tap.result(f"{cc}: {side}, an order known later: taken",
                   [] if good else said.splitlines()[:3])


def check_inlined(tap, cc, folder):
    for level in ("-O1", "-O2", "-O3"):
        out = folder / "inlined.o"
        good, said = compiler_runs(cc, (HERE / "inlined.c").read_text(), level, "-xc",
                                   out=str(out))
        if not good:
            tap.result(f"{cc} {level}: inlined.c compiles", said.splitlines()[:5])
            continue
        functions = objcode.disassemble(out)
        found = {name: code.accesses() for name, code in functions.items()}
        for name, side, wanted in (("twice_loaded", 0, [8, 8]), ("unread", 0, [8, 8]),
                                   ("overwritten", 1, [8, 8]), ("exact_13", 1, [1, 4, 8])):
            widths = sorted(found[name][side])
            calls = functions[name].transfers()
            tap.result(f"{cc} {level}: {name} accesses {wanted}",
                       [] if widths == wanted and not calls else [f"{widths}, calls {calls}"])
        for name, side in (("twice_plain", 0), ("overwritten_plain", 1)):
            widths = found[name][side]
            tap.result(f"{cc} {level}: {name} loses an access, as feared",
                       [] if len(widths) < 2 else [f"{widths}"])


def check_bounds(tap, cc, folder, archive):
    """An overrun by one byte of the heap, by the store (no argument) or the load."""
    program = folder / "overrun"

    def link(text):
        return subprocess.run([cc, f"-I{INCLUDE}", "-O2", "-fsanitize=address", "-w", "-xc", "-",
                               "-xnone", archive, "-o", program], input=text, text=True,
                              capture_output=True, check=False)

    if link("int main(void) { return 0; }").returncode:
        tap.skip(f"{cc} -fsanitize=address", "no AddressSanitizer here")
        return
    done = link(OVERRUN)
    tap.result(f"{cc} -fsanitize=address: links", done.stderr.splitlines()[:5])
    for name, words in (("store", []), ("load", ["load"])):
        done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
        tap.result(f"{cc} -fsanitize=address: sees the {name} overrun",
                   [] if "heap-buffer-overflow" in done.stderr else ["it was silent"])


def check_archive(tap, archive):
    """Nothing that copies but its own code, and only its own names."""
    lines = subprocess.run(["nm", archive], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    symbols = [line.split()[-2:] for line in lines if re.search(r" [A-Za-z] ", line)]
    own = {name for kind, name in symbols if kind not in "Uw"}
    public = {name for kind, name in symbols if kind.isupper() and kind != "U"}
    public |= {name for kind, name in symbols if kind == "i"}
    wanted = {name for kind, name in symbols if kind == "U"} - own - NEEDED
    tap.result("the archive needs nobody", [f"needs {name}" for name in sorted(wanted)])
    tap.result("the archive's names are its own",
               [name for name in sorted(public)
                if not name.startswith("pagecopy_user_")
                and name not in ("atomic_load_per_byte_memcpy", "atomic_store_per_byte_memcpy")])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--cc", required=True)
    parser.add_argument("--cxx", required=True)
    parser.add_argument("--archive", required=True)
    args = parser.parse_args()
    for tool in (args.cc, args.cxx, "nm", "objdump"):
        if not shutil.which(tool):
            objcode.skip(f"{tool} is not installed")
    tap = objcode.Tap()
    check_languages(tap, args.cc, args.cxx)
    check_orders(tap, args.cc)
    with tempfile.TemporaryDirectory() as folder:
        if platform.machine() == "x86_64":
            check_inlined(tap, args.cc, pathlib.Path(folder))
        else:
            tap.skip("what is inlined", "reads x86-64 code only")
        check_bounds(tap, args.cc, pathlib.Path(folder), args.archive)
    check_archive(tap, args.archive)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
