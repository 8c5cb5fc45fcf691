# SPDX-License-Identifier: MIT
"""The tests behind docs/atomicity.md can fail: each wrong copy or mark must turn one red."""

import re
import shutil
import subprocess
import sys

import pytest
from test_mutants import ROOT, UNIT, mutated, need

PORT = "include/pagecopy/port.h"
MARK = "pagecopy_mark_atomic(dst, src, len);"

# id: file, what is replaced, by what, compiler, strategy, the pair that must be red
TSAN = {
    "bytes-plain": ("copy/bytes.c", "WRITE_ONCE(d[i], READ_ONCE(s[i]));", "d[i] = s[i];",
                    "gcc", "bytes", "bytes writes, bytes reads: silent"),
    "bytes-plain-clang": ("copy/bytes.c", "WRITE_ONCE(d[i], READ_ONCE(s[i]));", "d[i] = s[i];",
                          "clang", "bytes", "bytes writes, bytes reads: silent"),
    "bytes-plain-load": ("copy/bytes.c", "READ_ONCE(s[i])", "s[i]",
                         "gcc", "bytes", "single writes, bytes reads: silent"),
    "raw-atomic": ("copy/raw.c", "__builtin_memcpy(dst, src, len);",
                   "while (len--) WRITE_ONCE(((char *)dst)[len], READ_ONCE(((char *)src)[len]));",
                   "gcc", "raw", "raw writes, raw reads: reported"),
    "movsb-unmarked": ("copy/movsb.c", MARK, "", "gcc", "movsb",
                       "movsb writes, assign reads: reported"),
    "movsb-unmarked-clang": ("copy/movsb.c", MARK, "", "clang", "movsb",
                             "assign writes, movsb reads: reported"),
    "atomic-unmarked": ("copy/bytewise_atomic.c", MARK, "", "gcc", "bytewise_atomic",
                        "bytewise_atomic writes, assign reads: reported"),
    "atomic-one-byte-too-few": ("copy/bytewise_atomic.c", MARK, MARK.replace("len", "0"),
                                "gcc", "bytewise_atomic", "assign reads: reported"),
    "words-watched": ("copy/words.c", "pagecopy_no_race_check", "", "gcc", "words",
                      "words writes, words reads: silent"),
    "words-unmarked": ("copy/words.c", MARK, "", "gcc", "words",
                       "words writes, assign reads: reported"),
    "nop-stores": ("copy/nop.c", "pagecopy_opaque(len);", "if (len) *(char *)dst = 0;",
                   "gcc", "nop", "nop writes, assign reads: silent"),
    "port-memcpy-replaced": (PORT, "= mempcpy;", "= memcpy;", "gcc", "bytewise_atomic",
                             "bytewise_atomic writes, bytewise_atomic reads: silent"),
    "port-mempcpy-known": (PORT, '__asm__ volatile("" : "+r"(copy));', "", "clang",
                           "bytewise_atomic",
                           "bytewise_atomic writes, bytewise_atomic reads: silent"),
    "port-store-known": (PORT, '__asm__ volatile("" : "+r"(nothing));', "", "clang", "movsb",
                         "movsb writes, assign reads: reported"),
    "port-store-unmarked": (PORT, "__atomic_fetch_or(&d[i]", "__atomic_load_n(&d[i], 0); "
                            "(void)(&d[i]", "gcc", "movsb",
                            "movsb writes, assign reads: reported"),
    "port-load-unmarked": (PORT, "(void)__atomic_load_n(&s[i]", "(void)(&s[i]", "gcc", "movsb",
                           "assign writes, movsb reads: reported"),
    "port-mark-plain": (PORT, "__atomic_fetch_or(&d[i], nothing, __ATOMIC_RELAXED)",
                        "d[i] |= nothing", "gcc", "movsb", "movsb writes, movsb reads: silent"),
}

# id: file, what is replaced, by what, compiler, what must be red
EFFECTS = {
    "bytes-plain": ("copy/bytes.c", "WRITE_ONCE(d[i], READ_ONCE(s[i]));", "d[i] = s[i];",
                    "gcc", "-O3, one unit: every call of bytes is made"),
    "bytes-inline": ("copy/bytes.c", "noinline void", "inline extern void",
                     "clang", "-O2, one unit: every call of bytes is made"),
    "atomic-inline": ("copy/bytewise_atomic.c", "noinline void", "inline extern void",
                      "gcc", "-O2, one unit: every call of bytewise_atomic is made"),
    "words-inline": ("copy/words.c", "noinline pagecopy", "inline extern pagecopy",
                     "clang", "-O2, one unit: every call of words is made"),
    "raw-atomic": ("copy/raw.c", "__builtin_memcpy(dst, src, len);",
                   "while (len--) WRITE_ONCE(((char *)dst)[len], READ_ONCE(((char *)src)[len]));",
                   "gcc", "raw, look_away: a call of pagecopy_copy_raw.* is dropped"),
}


def run(script, *args):
    done = subprocess.run([sys.executable, UNIT / script, *args], text=True, timeout=300,
                          check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == 77:
        pytest.skip(done.stdout.splitlines()[-1])
    return done.returncode, done.stdout


def run_tsan(lib, cc, strategy):
    return run("tsan.py", "--lib", lib, "--cc", cc, strategy)


def assert_red(status, text, report):
    assert status == 1, text
    red = [line for line in text.splitlines() if line.startswith("not ok")]
    assert any(re.search(report, line) for line in red), text


@pytest.mark.parametrize("name", TSAN)
def test_race_detector_catches(tmp_path, name):
    path, old, new, cc, strategy, report = TSAN[name]
    need(cc)
    mutated(tmp_path / "lib", path, old, new)
    assert_red(*run_tsan(tmp_path / "lib", cc, strategy), report)


@pytest.mark.parametrize("name", EFFECTS)
def test_compiler_test_catches(tmp_path, name):
    path, old, new, cc, report = EFFECTS[name]
    need("objdump", cc)
    mutated(tmp_path / "lib", path, old, new)
    assert_red(*run("effects.py", "--lib", tmp_path / "lib", "--cc", cc), report)


def test_no_such_strategy():
    need("gcc")
    status, text = run_tsan(ROOT / "lib", "gcc", "fast")
    assert status == 2
    assert "no such strategy: fast; there are nop raw" in text


def test_no_such_compiler():
    assert not shutil.which("no-such-cc")
    with pytest.raises(pytest.skip.Exception, match="no-such-cc is not installed"):
        run_tsan(ROOT / "lib", "no-such-cc", "raw")


def test_every_safe_copy_has_a_rule_for_its_machine_code():
    text = (ROOT / "lib/include/pagecopy/strategies.def").read_text()
    lines = [[field.strip() for field in line.split(",")]
             for line in re.findall(r"^STRATEGY\(([^\"]*)", text, re.M)]
    safe = [fields[2] for fields in lines if fields[4] == "ATOMIC"]
    assert len(safe) >= 4
    # objcode.py reads x86-64 code.
    arm = [name for name in safe
           if "__x86_64__" not in (source := (ROOT / f"lib/copy/{name}.c").read_text())
           and "__aarch64__" in source]
    rules = re.findall(r'^    "(\w+)": rule_', (UNIT / "objcode.py").read_text(), re.M)
    assert not set(safe) - set(arm) - set(rules)
