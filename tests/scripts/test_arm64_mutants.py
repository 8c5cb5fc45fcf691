# SPDX-License-Identifier: MIT
"""The tests of the arm64 copies can fail: each wrong copy below turns one red.

As test_mutants.py, with the cross compiler: one edit of lib/, and the test that
is there to catch it must fail and name what is wrong.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from test_mutants import ROOT, UNIT, mutated, run

ARM64 = ROOT / "tests/arm64"
TRIPLE = "aarch64-linux-gnu"
CLANG = f"clang --target={TRIPLE} -I/usr/{TRIPLE}/include"

LDP, MOPS = "copy/ldp.c", "copy/mops.c"
PORT = "include/pagecopy/port.h"
STP = "stp %0, %1, [%2]"
INST = ['".inst 0x19010440\\n\\t"', '".inst 0x19410440\\n\\t"', '".inst 0x19810440"']

# id: file, what is replaced, by what, compiler, the strategy that must be red
OBJCODE = {
    "ldp-one-at-a-time": (LDP, STP, "str %0, [%2]; str %1, [%2, #8]", f"{TRIPLE}-gcc", "ldp"),
    "ldp-stored-twice": (LDP, STP, f"{STP}; {STP}", f"{TRIPLE}-gcc", "ldp"),
    "ldp-read-twice": (LDP, "*(volatile word *)d = ", "*(const volatile word *)s; "
                       "*(volatile word *)d = ", f"{TRIPLE}-gcc", "ldp"),
    "ldp-vector": (LDP, STP, "stp d0, d1, [%2]", f"{TRIPLE}-gcc", "ldp"),
    "ldp-call": (LDP, "copy_bytes(d, s, len);\n}\n\n#else", "memcpy(d, s, len);\n}\n\n#else",
                 f"{TRIPLE}-gcc", "ldp"),
    "ldp-call-clang": (LDP, "copy_bytes(d, s, len);\n}\n\n#else",
                       "memcpy(d, s, len);\n}\n\n#else", CLANG, "ldp"),
    "words-narrow": ("copy/word.h", "typedef __u64 __attribute__((aligned",
                     "typedef __u32 __attribute__((aligned", f"{TRIPLE}-gcc", "words"),
    "bytes-plain": ("copy/bytes.c", "WRITE_ONCE(d[i], READ_ONCE(s[i]));", "d[i] = s[i];",
                    f"{TRIPLE}-gcc", "bytes"),
    "atomic-own-loop": ("copy/opaque.h", "pagecopy_arch_memcpy(dst, src, len);",
                        "for (; len; len--) ((char *)dst)[len - 1] = ((char *)src)[len - 1];",
                        f"{TRIPLE}-gcc", "bytewise_atomic"),
    "mops-out-of-turn": (MOPS, INST[1], INST[0], f"{TRIPLE}-gcc", "mops"),
    "mops-apart": (MOPS, INST[1], '"nop\\n\\t" ' + INST[1], f"{TRIPLE}-gcc", "mops"),
    "mops-other-register": (MOPS, "0x19410440", "0x19410460", f"{TRIPLE}-gcc", "mops"),
    "mops-overlap-allowed": (MOPS, "0x19010440", "0x1d010440", CLANG, "mops"),
}

# id: test program, file, what is replaced, by what, words the report must contain
QEMU = {
    "ldp-head-not-clamped": ("copy", LDP, "if (head > len)", "if (0)", "ldp: "),
    "ldp-wrong-offset": ("copy", LDP, "stp %6, %7, [%8, #48]", "stp %6, %7, [%8, #40]",
                         "ldp: len 64, "),
    "ldp-word-too-many": ("copy", LDP, "len - head >= WORD", "1", "ldp: "),
    "mops-detected-wrong": ("arm64", PORT, "(1UL << 43)", "(1UL << 30)",
                            "test_mops_is_here_when_it_works"),
    "mops-half": ("arm64", MOPS, "n = len;", "n = len / 2;", "len 1, .* is 0xa5"),
    "mops-swapped": ("arm64", MOPS, "d = dst;\n\ts = src;",
                     "d = (void *)src;\n\ts = dst;", "test_mops_copies"),
    "mops-without-the-last": ("arm64", MOPS, INST[2], '""', "test_mops_copies"),
    "ldp-forgotten": ("arm64", "strategy.c", "case PAGECOPY_NEEDS_ARM64:\n#ifdef __aarch64__",
                      "case PAGECOPY_NEEDS_ARM64:\n#ifdef __nowhere__", "test_arm64_is_here"),
}
PROGRAMS = {
    "copy": [UNIT / "test_copy.c", UNIT / "arena.c", UNIT / "reference.c"],
    "arm64": [ARM64 / "test_arm64.c", ARM64 / "mops.c"],
}


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")


def sysroot():
    """Where tests/arm64/check left cmocka for arm64."""
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    root = pathlib.Path(cache) / "pagecopy/arm64-cmocka"
    if not root.is_dir():
        pytest.skip("no cmocka for arm64 in the cache: run tests/arm64/check")
    return root


def strategies(lib):
    """Names in the list, as the build takes them from it."""
    lines = (lib / "include/pagecopy/strategies.def").read_text().splitlines()
    fields = [[f.strip() for f in line.split(",")] for line in lines
              if line.startswith("STRATEGY(")]
    return [f[2] for f in fields if f[1] != "KERNEL"]


def run_qemu(lib, folder, name):
    """Cross-compile a test program against this lib/ and run it."""
    root, program = sysroot(), folder / "test"
    libs = root / f"usr/lib/{TRIPLE}"
    status, text = run(f"{TRIPLE}-gcc", "-std=gnu17", "-D_GNU_SOURCE", "-O1", "-w",
                       f"-I{lib}", f"-I{lib}/include", f"-I{UNIT}", f"-I{root}/usr/include",
                       *PROGRAMS[name], *lib.glob("*.c"),
                       lib / "user/atomic_memcpy.c", lib / "user/words.c",
                       *(lib / f"copy/{s}.c" for s in strategies(lib)),
                       f"-L{libs}", "-lcmocka", "-o", program)
    assert status == 0, text
    return run("qemu-aarch64", "-cpu", "max", "-L", f"/usr/{TRIPLE}",
               "-E", f"LD_LIBRARY_PATH={libs}", program)


@pytest.mark.parametrize("name", OBJCODE)
def test_object_code_test_catches(tmp_path, name):
    path, old, new, cc, strategy = OBJCODE[name]
    need(f"{TRIPLE}-objdump", cc.split()[0])
    mutated(tmp_path / "lib", path, old, new)
    status, text = run(sys.executable, ARM64 / "objcode_arm64.py", "--lib", tmp_path / "lib",
                       "--cc", cc)
    assert status == 1, text
    red = [line for line in text.splitlines() if line.startswith("not ok")]
    assert red and all(line.endswith(f": {strategy}") for line in red), text


@pytest.mark.parametrize("name", QEMU)
def test_program_under_qemu_catches(tmp_path, name):
    program, path, old, new, report = QEMU[name]
    need(f"{TRIPLE}-gcc", "qemu-aarch64")
    mutated(tmp_path / "lib", path, old, new)
    status, text = run_qemu(tmp_path / "lib", tmp_path, program)
    assert status != 0, text
    assert any(re.search(report, line) for line in text.splitlines()), text


def test_cross_tests_are_skipped_without_a_cross_compiler(tmp_path):
    """What a machine without one sees: a reason, counted, and no failure."""
    for tool in ("bash", "dirname", "basename", "uname", "sed", "mkdir", "cat"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    done = subprocess.run([shutil.which("bash"), ARM64 / "check"], env={"PATH": str(tmp_path)},
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"ok - arm64 # SKIP {TRIPLE}-gcc is not installed\n"
