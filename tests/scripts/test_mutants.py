# SPDX-License-Identifier: MIT
"""The unit tests of lib/ can fail: each wrong copy below must turn one red.

A mutant is lib/ with one edit. The test that is there to catch it is built
against the mutant and run; it must fail and name what is wrong.
"""

import pathlib
import platform
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / "tests/unit/lib"
SOURCES = {
    "copy": ["test_copy.c", "arena.c", "reference.c"],
    "table": ["test_table.c"],
    "abi": ["test_abi.c"],
    "access": ["test_access.c"],
}

# The strategy per_byte is a call of it; test_libpagecopy.py has its mutants.
LIBPAGECOPY = ROOT / "build/release/lib/user/libpagecopy.a"

ONCE = "WRITE_ONCE(d[i], READ_ONCE(s[i]));"
LOOP = "for (i = 0; i < len; i++)"
MOVSB = '__asm__ volatile("rep movsb"'
NOP = "pagecopy_opaque(len);"
DEF = "include/pagecopy/strategies.def"
ABI = "include/pagecopy/abi.h"

# id: file, what is replaced, by what, words the report must contain
CMOCKA = {
    # What is copied.
    "copy-last-byte-missing": ("copy/bytes.c", LOOP, "for (i = 0; i + 1 < len; i++)",
                               "bytes: len 1, "),
    "copy-one-byte-too-many": ("copy/bytes.c", LOOP, "for (i = 0; i <= len; i++)",
                               "bytes: len 0, .* byte 0 is"),
    "copy-word-twice": ("copy/words.c", "store(d + 3 * WORD, e)", "store(d + 3 * WORD, c)",
                        "words: len 32, "),
    "copy-head-not-clamped": ("copy/word.h", "head < len ? head : len", "head", "words: .*"),
    "copy-nothing": ("copy/movsb.c", MOVSB, '__asm__ volatile(""', "movsb: len 1, "),
    "copy-movsq-last-bytes": ("copy/movsq.c", "len % 8", "len % 4", "movsq: len 4, "),
    "copy-movsq-counts-bytes": ("copy/movsq.c", "len / 8", "len", "movsq: len .*"),
    "copy-movnti-word-twice": ("copy/movnti.c", "stream(d + 3 * WORD, e)",
                               "stream(d + 3 * WORD, c)", "movnti: len 32, "),
    "copy-movnti-no-tail": ("copy/movnti.c", "copy_bytes(d, s, len);\n\tfence", "fence",
                            "movnti: len 1, "),
    "copy-unrolled-backward": ("copy/unrolled.c", "d + len - BLOCK, s + len - BLOCK",
                               "d + len - BLOCK, s", "unrolled: len 3[3-9], "),
    "copy-unrolled-backward-rest": ("copy/unrolled.c", "copy_rest(d, s, len);",
                                    "if (!backward || len != 7) copy_rest(d, s, len);",
                                    "unrolled: len 7, "),
    "copy-unrolled-ends-apart": ("copy/unrolled.c", "else if (len >= sizeof(half))",
                                 "else if (0)", "unrolled: len 5, "),
    "copy-unrolled-reads-beyond": ("copy/unrolled.c", "len >= 2 * WORD", "len >= WORD",
                                   "unrolled: len .*"),
    "copy-hybrid-three-as-four": ("copy/hybrid.c", "case 4:", "case 3: case 4:",
                                  "hybrid: len 3, "),
    "copy-bounce-chunk-again": ("copy/bounce.c", "s += n;", "", "bounce: len 513, "),
    "copy-bounce-beyond": ("copy/bounce.c", "copy_opaque(snapshot, s, n);",
                           "copy_opaque(snapshot, s, CHUNK);", "bounce: .* fault at the source"),
    "copy-aligned-tail": ("copy/words_aligned.c", "len >= WORD", "len > WORD / 2",
                          "words_aligned: len 5, "),
    "copy-shift-direction": ("copy/words_shift.c", "((w) >> (bits))", "((w) << (bits))",
                             "words_shift: len .*"),
    "copy-shift-word-beyond": ("copy/words_shift.c", "(len - kept) / WORD",
                               "(len - kept + WORD - 1) / WORD", "words_shift: len .*"),
    "copy-by-nop": ("copy/nop.c", NOP, NOP + " memcpy(dst, src, len);",
                    "nop: len 1, .* byte 0 is .*, not 0xa5"),
    "copy-vector-head": ("copy/vector.h", "if (len & 2)\n\t\tVECTOR_STEP(2, 2);\n\tif (len & 4)",
                         "if (len & 4)", "sse2: len .* fault at"),
    "copy-vector-tail": ("copy/vector.h", "while (len >= 8)", "while (len > 8)", "sse2: len 8, "),
    "copy-vector-register": ("copy/vector.h", "VECTOR_STREAM_NR(7)", "", "sse2: len 256, "),
    "copy-vector-section": ("copy/vector.h", "d += part, s += part,", "d += part,",
                            "sse2: len 6553[57], "),
    # Where.
    "copy-reads-past-the-end": ("copy/bytes.c", LOOP,
                                "if (len) READ_ONCE(s[len]); " + LOOP,
                                "bytes: len .* fault at the source"),
    "copy-reads-before-the-start": ("copy/bytes.c", LOOP, "READ_ONCE(s[-1]); " + LOOP,
                                    "bytes: len .* fault at the source"),
    "copy-writes-the-source": ("copy/bytes.c", LOOP,
                               "if (len) WRITE_ONCE(*(unsigned char *)src, 0); " + LOOP,
                               "bytes: len 1, .* fault at the source"),
    "copy-writes-far-away": ("copy/bytes.c", LOOP,
                             "if (len == 3777) d[len + 5000] = 1; " + LOOP,
                             "bytes: wrote outside its destination"),
    "copy-writes-before-the-start": ("copy/bytes.c", LOOP,
                                     "if (len == 511) WRITE_ONCE(d[-1], d[-1]); " + LOOP,
                                     "bytes: len 511, .* fault at the destination"),
    # When.
    "copy-wrong-at-one-length": ("copy/bytes.c", LOOP, "if (len != 2048) " + LOOP,
                                 "bytes: len 2048, "),
    "copy-wrong-at-one-alignment": (
        "copy/bytes.c", LOOP,
        "if ((unsigned long)d % 64 == 37 && (unsigned long)s % 64 == 59) d++; " + LOOP,
        r"bytes: len .*, dst\+165, src\+187"),
    "copy-wrong-above-2m": ("copy/bytes.c", LOOP, "len &= (2 << 20) - 1; " + LOOP,
                            "bytes: len 2097152, "),
    # By which accesses.
    "access-misaligned-word": ("copy/words_aligned.c", "if ((unsigned long)s % WORD == 0)",
                               "if (1)", "words_aligned: .* misaligned accesses"),
    "access-always-bytes": ("copy/words_aligned.c", "if ((unsigned long)s % WORD == 0)",
                            "if (0)", "words_aligned: .* single bytes"),
    "access-shift-by-bytes": ("copy/words_shift.c", "len >= 2 * WORD ? ", "len >= 50 ? ",
                              "words_shift: .* single bytes"),
    "access-shift-whole-first-word": (
        "copy/words_shift.c", "load_end(s),",
        "READ_ONCE(*at_word(s - bits / 8)),", "words_shift: .* byte -1 is accessed 1 times"),
    "access-shift-reads-again": (
        "copy/words_shift.c", "store_start(d + nr * WORD, EARLIER(last, bits), kept);",
        "copy_bytes(d + nr * WORD, s + nr * WORD, kept);",
        "words_shift: .* is accessed 2 times"),
    "access-hybrid-misaligned": ("copy/hybrid.c", "misaligned ? 0 : len", "len",
                                 "hybrid: .* misaligned accesses"),
    "access-hybrid-by-bytes": ("copy/hybrid.c", "case 4:", "case 44:",
                               "hybrid: len 4 by single bytes"),
    # The table.
    "table-renumbered": (DEF, "STRATEGY( 7,", "STRATEGY( 8,", "number 7 is unused, was movsb"),
    "table-renamed": (DEF, "BOTH,  words,", "BOTH,  eights,",
                      "number 6 is eights, was words"),
    "table-removed": (DEF, r"re:STRATEGY\( 5,[^)]*\)", "", "number 5 is unused"),
    "table-promise-changed": (DEF, r"re:(bytes, +ANY, +)ATOMIC", r"\1PLAIN", "numbers_are_frozen"),
    "table-here-off-by-one": ("strategy.c", "nr >= PAGECOPY_S_MAX ||", "nr > 300 ||",
                              "here_refuses"),
    "table-cpu-not-looked-at": ("cpu.c", "found |= PAGECOPY_CPU_AVX2;", "", "matches_the_machine"),
    "table-reason-missing": ("strategy.c", "return PAGECOPY_NOT_HERE;", 'return "";',
                             "reasons_are_words"),
    "table-here-forgets-the-machine": ("strategy.c", "? NULL : &", "? NULL : 0 & (long)&", "here_"),
    # The binary interface.
    "abi-fields-swapped": (ABI, "__u32 len;\n\t__u32 offset;", "__u32 offset;\n\t__u32 len;",
                           "pagecopy_cmd.len: 4 bytes at 12"),
    "abi-ioctl-number": (ABI, "'P', 0x81", "'P', 0x84", "ioctls_are_frozen"),
    "abi-why-number": (ABI, "'P', 0x85", "'P', 0x86", "ioctls_are_frozen"),
    "abi-why-size": (ABI, "char why[56]", "char why[48]", "frozen"),
    "abi-op-number": (ABI, "PAGECOPY_OP_TOUCH = 3", "PAGECOPY_OP_TOUCH = 5",
                      "numbers_are_frozen"),
    "abi-op-not-masked": (ABI, "((__u32)(op) & 0xf) << 8", "((__u32)(op)) << 8", "cmd_op"),
    "abi-page-shift": (ABI, "(__u32)(cmd_op) >> 16 & 0xff", "(__u32)(cmd_op) >> 16 & 0x7f",
                       "cmd_op"),
    "abi-res2-width": (ABI, "(res2) & ((1ULL << 56) - 1)", "(res2) & ((1ULL << 48) - 1)",
                       "res2"),
}

OBJCODE = {
    "nop-reads": ("copy/nop.c", NOP, NOP + " *(volatile char *)src;", "gcc", ": nop$"),
    "bytes-plain": ("copy/bytes.c", ONCE, "d[i] = s[i];", "gcc", ": bytes$"),
    "bytes-plain-clang": ("copy/bytes.c", ONCE, "d[i] = s[i];", "clang", ": bytes$"),
    "bytes-read-twice": ("copy/bytes.c", ONCE,
                         "WRITE_ONCE(d[i], READ_ONCE(s[i]) & READ_ONCE(s[i]));",
                         "gcc", ": bytes$"),
    "bytes-written-twice": ("copy/bytes.c", ONCE, "WRITE_ONCE(d[i], 0); " + ONCE,
                            "gcc", ": bytes$"),
    "words-read-twice": ("copy/words.c", "store(d, load(s));", "store(d, load(s) | load(s));",
                         "gcc", ": words$"),
    "words-narrow": ("copy/word.h", "typedef __u64", "typedef __u32", "gcc", ": words$"),
    "words-plain": ("copy/word.h", "volatile word", "word", "gcc", ": words$"),
    "words-plain-clang": ("copy/word.h", "volatile word", "word", "clang", ": words$"),
    "words-call": ("copy/words.c", "copy_bytes(d, s, len);\n}", "memcpy(d, s, len);\n}",
                   "gcc", ": words$"),
    "movsb-wider": ("copy/movsb.c", "rep movsb", "rep movsq", "gcc", ": movsb$"),
    "movsb-alone-no-more": ("copy/movsb.c", MOVSB, "if (!len) return; *(volatile char *)src;"
                            + MOVSB, "gcc", ": movsb$"),
    "movsq-bytes-first": ("copy/movsq.c", "rep movsq", "rep movsb", "gcc", ": movsq$"),
    "movsq-last-bytes-again": ("copy/movsq.c", '"rep movsb"', '"rep movsb\\n\\trep movsb"',
                               "gcc", ": movsq$"),
    "movnti-cached": ("copy/movnti.c", '"movnti ', '"movq ', "gcc", ": movnti$"),
    "movnti-unfenced": ("copy/movnti.c", '"sfence"', '""', "gcc", ": movnti$"),
    "movnti-fenced-before-the-end": ("copy/movnti.c", "copy_bytes(d, s, len);\n\tfence();",
                                     "fence(); copy_bytes(d, s, len);", "clang", ": movnti$"),
    "unrolled-plain": ("copy/word.h", "volatile word", "word", "gcc", ": unrolled$"),
    "unrolled-end-twice": ("copy/unrolled.c", "STORE(type, d, first_value);",
                           "STORE(type, d, last_value); STORE(type, d, first_value);",
                           "clang", ": unrolled$"),
    "unrolled-vector": ("copy/unrolled.c", "copy_rest(d, s, len);",
                        "for (; len; len--) *d++ = *s++;", "gcc", ": unrolled$"),
    "hybrid-plain": ("copy/hybrid.c", "copy_bytes(d, s, len);", "memcpy(d, s, len);", "gcc",
                     ": hybrid$"),
    "hybrid-read-twice": ("copy/hybrid.c", "READ_ONCE(*(const type *)(s))",
                          "READ_ONCE(*(type *)(s)) & READ_ONCE(*(type *)(s))", "gcc",
                          ": hybrid$"),
    "bounce-source-again": ("copy/bounce.c", "s += n;", "s += n + (*(volatile char *)s & 0);",
                            "gcc", ": bounce$"),
    "bounce-once": ("copy/bounce.c", "copy_opaque(d, snapshot, n);", "", "gcc", ": bounce$"),
    "aligned-plain": ("copy/words_aligned.c",
                      "WRITE_ONCE(*at_word(d), READ_ONCE(*at_word(s)))",
                      "*at_word(d) = *at_word(s)", "clang", ": words_aligned$"),
    "aligned-plain-gcc": ("copy/words_aligned.c",
                          "WRITE_ONCE(*at_word(d), READ_ONCE(*at_word(s)))",
                          "*at_word(d) = *at_word(s)", "gcc", ": words_aligned$"),
    "shift-call": ("copy/words_shift.c", "copy_bytes(d + done, s + done, len - done);",
                   "memcpy(d + done, s + done, len - done);", "clang", ": words_shift$"),
    "shift-written-twice": ("copy/words_shift.c", "PUT(d, 3, MERGE(c, e, bits));",
                            "PUT(d, 3, c); PUT(d, 3, MERGE(c, e, bits));", "gcc",
                            ": words_shift$"),
    "vector-read-twice": ("copy/vector.h", "__asm__ volatile(VECTOR_LOAD_NR(0)",
                          "__asm__ volatile(VECTOR_LOAD_NR(0) VECTOR_LOAD_NR(0)",
                          "gcc", ": avx2$"),
    "vector-byte-read-twice": ("copy/vector.h", "__asm__ volatile(load ",
                               "(void)*(const volatile unsigned char *)s; __asm__ volatile(load ",
                               "clang", ": sse2$"),
    "vector-call": ("copy/vector.h", "move_tail(d, s, len);\n}", "memcpy(d, s, len);\n}",
                    "gcc", ": sse2$"),
    "nt-cached": ("copy/nt.c", "movntdq", "movdqa", "gcc", ": nt$"),
    "nt-no-fence": ("copy/nt.c", "sfence", "", "gcc", ": nt$"),
    "avx2-leaves-the-upper-halves": ("copy/avx2.c", '"vzeroupper"', '""', "gcc", ": avx2$"),
    "avx512-narrow": ("copy/avx512.c", '"zmm"', '"ymm"', "gcc", ": avx512$"),
    "atomic-own-loop": ("copy/opaque.h", "pagecopy_arch_memcpy(dst, src, len);",
                        "for (; len; len--) ((char *)dst)[len - 1] = ((char *)src)[len - 1];",
                        "gcc", ": bytewise_atomic$"),
    "atomic-copied-twice": ("copy/opaque.h", "pagecopy_arch_memcpy(dst",
                            "pagecopy_arch_memcpy(dst, src, 1); pagecopy_arch_memcpy(dst",
                            "gcc", ": bytewise_atomic$"),
    "atomic-inline": ("copy/bytewise_atomic.c", "noinline void", "inline extern void",
                      "gcc", "makes both its calls"),
    "atomic-transparent": ("copy/opaque.h", r"re:pagecopy_opaque\(\w+\);", "",
                           "clang", "-flto: .* stays one call of memcpy"),
}


def mutated(lib, path, old, new):
    """Edit one file of a private copy of lib/; the edit must apply."""
    shutil.copytree(ROOT / "lib", lib)
    text = (lib / path).read_text()
    if old.startswith("re:"):
        edited = re.sub(old[3:], new, text)
    else:
        edited = text.replace(old, new)
    assert edited != text, f"{path} no longer contains {old!r}"
    (lib / path).write_text(edited)


def run(*command):
    done = subprocess.run(list(map(str, command)), text=True, timeout=300, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def run_cmocka(lib, folder, suite):
    """Build a unit test against this lib/ and run it."""
    program = folder / "test"
    lines = re.findall(r"^STRATEGY\( *\d+, *(?:BOTH|USER),.*", (lib / DEF).read_text(), re.M)
    copies = [lib / "copy" / f"{line.split(',')[2].strip()}.c" for line in lines]
    present = [copy for copy in copies if copy.exists()]
    # A renamed strategy has no file: any copy will do to get the table linked.
    define = [f"-Dpagecopy_copy_{copy.stem}=pagecopy_copy_raw" for copy in copies
              if not copy.exists()]
    status, text = run("gcc", "-std=gnu17", "-D_GNU_SOURCE", "-O1", "-w", f"-I{lib}/include",
                       f"-I{lib}", *define, *(UNIT / s for s in SOURCES[suite]),
                       *lib.glob("*.c"), *present, LIBPAGECOPY, "-lcmocka", "-o", program)
    # A frozen size is asserted by the header itself: red before it runs.
    return (status, text) if status else run(program)


def run_objcode(lib, cc):
    return run(sys.executable, UNIT / "objcode.py", "--lib", lib, "--cc", cc)


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    if platform.machine() != "x86_64":
        pytest.skip("the mutants are of x86-64 code")


@pytest.mark.parametrize("suite", SOURCES)
def test_unit_tests_pass_unchanged(tmp_path, suite):
    need("gcc")
    status, text = run_cmocka(ROOT / "lib", tmp_path, suite)
    assert status == 0, text


@pytest.mark.parametrize("name", CMOCKA)
def test_unit_test_catches(tmp_path, name):
    need("gcc")
    path, old, new, report = CMOCKA[name]
    mutated(tmp_path / "lib", path, old, new)
    status, text = run_cmocka(tmp_path / "lib", tmp_path, name.split("-")[0])
    assert status > 0, text
    assert re.search(report, text), text


@pytest.mark.parametrize("name", OBJCODE)
def test_object_code_test_catches(tmp_path, name):
    path, old, new, cc, report = OBJCODE[name]
    need("objdump", cc)
    mutated(tmp_path / "lib", path, old, new)
    status, text = run_objcode(tmp_path / "lib", cc)
    assert status == 1, text
    red = [line for line in text.splitlines() if line.startswith("not ok")]
    assert any(re.search(report, line) for line in red), text
