# SPDX-License-Identifier: MIT
"""The tests of libpagecopy can fail: each edit below must turn one red.

A mutant is lib/ with one edit. The test that is there to catch it is built
against the mutant and run; it must fail and name what is wrong. What needs
cmake is left out: that is the test `installed`, which fails on any missing file.
"""

import pathlib
import platform
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / "tests/unit/libpagecopy"
PROGRAMS = {
    "copies": ["test_copies.c", "inline.c", "../lib/arena.c"],
    "once": ["test_once.c"],
}
FLAGS = {
    "avx2.c": ["-mavx"],
    "avx512.c": ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mbmi2"],
}
HEADER = "include/pagecopy/atomic_memcpy.h"

# id: file, what is replaced, by what, a part of what the test must say
CMOCKA = {
    "load-last-vector-one-early": (
        "copies", "user/vector.h", "copy_two(d, s, n - VECTOR)",
        "copy_two(d, s, n - VECTOR - (n > VECTOR))", "wrong bytes"),
    "load-loop-ends-early": (
        "copies", "user/vector.h", "while (d < last)", "while (d + 2 * VECTOR < last)",
        "wrong bytes"),
    "load-reads-beside": (
        "copies", HEADER, "*d = pagecopy_load_pagecopy_u8(s)",
        "*d = (unsigned char)pagecopy_load_pagecopy_u16(s)", "1 bytes, .* fault"),
    "load-returns-the-end": (
        "copies", "user/vector.h",
        "copy_four(last, last_s, 2 * VECTOR);\n\tLEAVE();\n\treturn dest",
        "copy_four(last, last_s, 2 * VECTOR);\n\tLEAVE();\n\treturn d", "returned something else"),
    "movsb-one-short": (
        "copies", "user/vector.h", "movsb(d, s, n - ahead)", "movsb(d, s, n - ahead - 1)",
        "movsb early: .* wrong bytes"),
    "store-mask-too-wide": (
        "copies", "user/avx512.c", "_bzhi_u64(~0ULL, n)", "_bzhi_u64(~0ULL, n + 1)",
        "wrote beside|fault"),
    "store-sixteen-skipped": (
        "copies", "user/narrow.h", "if (n & 16) {", "if (n & 16 && n != 17) {",
        "wrong bytes"),
    "inline-store-end": (
        "copies", HEADER, "at += 4;", "at += 3;", "wrong bytes"),
    "slow-one-chosen": (
        "copies", "user/atomic_memcpy.c", "if (has_avx512())", "if (0)",
        "test_the_best_is_chosen"),
    "store-tail-overlaps": (
        "once", "user/vector.h", "\tif (n)\n\t\tstore_ends(d, s, n);",
        "\tif (n)\n\t\tcopy_one(d + n - VECTOR, s + n - VECTOR);", "stored 2 times"),
    "store-head-overlaps": (
        "once", "user/vector.h", "if (head) {\n\t\tstore_ends(d, s, head)",
        "if (head) {\n\t\tcopy_one(d, s)", "stored 2 times"),
    "store-word-overlaps": (
        "once", HEADER, "if (n & 4) {",
        "if (n > 8 && n % 8) {\n\t\tpagecopy_store_pagecopy_u64(d + n - 8, s + n - 8);\n"
        "\t} else if (n & 4) {", "stored 2 times"),
}

COMPILED = {
    "access-not-opaque": (
        HEADER, '__asm__ volatile("mov %1, %0" : "=r"(to)\t\t\t\\\n'
        '\t\t\t : "m"(*(const type *)(from)) : "memory")', "((to) = *(const type *)(from))",
        "not ok .*unread accesses"),
    "store-not-opaque": (
        HEADER, '__asm__ volatile("mov %1, %0" : "=m"(*(type *)(to))\t\t\\\n'
        '\t\t\t : "r"(value) : "memory")', "(*(type *)(to) = (value))",
        "not ok .*overwritten accesses"),
    "order-not-checked": (
        HEADER, "(int)(order) != (legal)) \\", "0) \\", "not ok .*seq_cst: refused"),
    "header-warns": (
        HEADER, "const type first =", "type unused; const type first =",
        "not ok .*-std=c11 .*the header compiles"),
    "library-calls-memcpy": (
        "user/words.c", "pagecopy_load_words(dest, source, count);",
        "__builtin_memcpy(dest, source, count);", "not ok .*the archive needs nobody"),
    "stray-name": (
        "user/words.c", "void *pagecopy_user_load_words",
        "int helper = 1;\nvoid *pagecopy_user_load_words", "not ok .*names are its own"),
    "overrun-unseen": (
        HEADER, "#define PAGECOPY_CHECK_BOUNDS\t1", "", "not ok .*sees the load overrun"),
}

RACES = {
    "load-plain-for-tsan": (
        HEADER, "__atomic_load_n(s + i, __ATOMIC_ACQUIRE)", "s[i]", "not ok .*: silence"),
    "store-plain-for-tsan": (
        HEADER, "__atomic_store_n(d + i, s[i], __ATOMIC_RELEASE)", "d[i] = s[i]",
        "not ok .*: silence"),
}


def mutate(tree, file, old, new):
    """lib/ and its tests with one edit."""
    shutil.copytree(ROOT / "lib", tree / "lib")
    for part in ("lib", "libpagecopy"):
        shutil.copytree(ROOT / "tests/unit" / part, tree / "tests/unit" / part)
    path = tree / "lib" / file
    text = path.read_text()
    assert old in text, "the mutant no longer applies"
    path.write_text(text.replace(old, new))


def run(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=600)
    return done.returncode, done.stdout


def archive(tree):
    objects = []
    for source in sorted((tree / "lib/user").glob("*.c")):
        out = tree / f"{source.stem}.o"
        status, said = run("gcc", "-O2", "-fvisibility=hidden", "-c", f"-I{tree}/lib/include",
                           *FLAGS.get(source.name, []), source, "-o", out)
        assert status == 0, said
        objects.append(out)
    status, said = run("ar", "rcs", tree / "libpagecopy.a", *objects)
    assert status == 0, said
    return tree / "libpagecopy.a"


def unit(tree, name):
    """(status, output) of a cmocka program."""
    tests = tree / "tests/unit/libpagecopy"
    status, said = run("gcc", "-O2", "-D_GNU_SOURCE", f"-I{tree}/lib/include",
                       f"-I{tree}/lib/user", *(tests / s for s in PROGRAMS[name]), archive(tree),
                       "-lcmocka", "-o", tree / "program")
    assert status == 0, said
    return run(tree / "program")


def script(tree, name):
    extra = ["--cxx", "g++"] if name == "compiled" else ["--reads", 20000]
    return run(sys.executable, tree / f"tests/unit/libpagecopy/{name}.py", "--cc", "gcc",
               "--archive", archive(tree), *extra)


def must_fail(status, said, words):
    assert status not in (0, 77), said
    assert re.search(words, said), said


needs_x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="edits x86-64 code")


@needs_x86
@pytest.mark.parametrize("name", CMOCKA)
def test_unit_tests_notice(tmp_path, name):
    program, file, old, new, words = CMOCKA[name]
    mutate(tmp_path, file, old, new)
    if "avx512" in file or "slow" in name:
        flags = pathlib.Path("/proc/cpuinfo").read_text()
        if "avx512_vbmi2" not in flags:
            pytest.skip("this CPU lacks the variant")
    must_fail(*unit(tmp_path, program), words)


@needs_x86
@pytest.mark.parametrize("name", COMPILED)
def test_compiled_notices(tmp_path, name):
    file, old, new, words = COMPILED[name]
    mutate(tmp_path, file, old, new)
    must_fail(*script(tmp_path, "compiled"), words)


@needs_x86
@pytest.mark.parametrize("name", RACES)
def test_races_notice(tmp_path, name):
    file, old, new, words = RACES[name]
    mutate(tmp_path, file, old, new)
    must_fail(*script(tmp_path, "races"), words)


def test_nothing_is_noticed_without_a_mutant(tmp_path):
    mutate(tmp_path, HEADER, "", "")
    for name in PROGRAMS:
        status, said = unit(tmp_path, name)
        assert status == 0, said
