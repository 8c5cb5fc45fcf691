# SPDX-License-Identifier: MIT
"""Does a run notice a copy that is wrong? The C library's memcpy() is made so, for one length."""

import os
import subprocess

import native
import pytest

# Wrong from the first call on, or only when the clock has been running for a while.
WRONG = r"""
#include <stddef.h>

void *memcpy(void *dst, const void *src, size_t len)
{
	static unsigned long calls;
	char *d = dst;
	const char *s = src;
	size_t i;

	for (i = 0; i < len; i++)
		((volatile char *)d)[i] = s[i];
	if (len == 3000 && calls++ >= AFTER)
		d[WHERE] ^= 1;
	return dst;
}
"""


@pytest.fixture(name="wrong")
def build(tmp_path):
    """A function that makes the library and runs one cell with it."""
    def run(after, where):
        source, library = tmp_path / "wrong.c", tmp_path / "wrong.so"
        source.write_text(WRONG)
        subprocess.run(["gcc", "-O2", "-fno-builtin", "-shared", "-fPIC", f"-DAFTER={after}",
                        f"-DWHERE={where}", "-o", library, source], check=True)
        done = native.run("run", "--path", "user", "--op", "read", "--strategy", "memcpy", "--size",
                          "3000", "--depth", "1", "--rounds", "1", "--slice", "40", "--csv",
                          tmp_path / "out.csv", env={**os.environ, "LD_PRELOAD": str(library)})
        return done, native.rows(tmp_path / "out.csv")
    return run


@pytest.mark.parametrize("after, when", [(0, "before"), (50000, "after")])
def test_a_wrong_byte_is_found(wrong, after, when):
    done, rows = wrong(after, 2999)
    assert done.returncode == 1
    assert f"wrong byte {when} measuring" in done.stderr
    assert "0" in {row["verified"] for row in rows}
    assert any(f"wrong byte {when} measuring: thread 0 buffer 0 offset 2999" in row["notes"]
               for row in rows)


def test_a_byte_behind_the_copy_is_found(wrong):
    done, _ = wrong(0, 3000)
    assert done.returncode == 1
    assert "offset 3000" in done.stderr


def test_a_right_copy_is_verified(wrong):
    done, rows = wrong(10**18, 0)
    assert done.returncode == 0, done.stderr
    assert {row["verified"] for row in rows} == {"1"}
