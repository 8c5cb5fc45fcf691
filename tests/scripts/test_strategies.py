# SPDX-License-Identifier: MIT
"""What the program says of strategies that are not to be had."""

import pathlib
import subprocess

import native
import pytest
import shell

DEVICE = pathlib.Path("/dev/pagecopy")


@pytest.fixture(scope="module", autouse=True)
def built():
    """The program, as scripts/bench would build it."""
    done = subprocess.run(["bash", "-c", '. "$1/lib.sh"; build_programs', "-", shell.SCRIPTS],
                          capture_output=True, text=True, check=False, timeout=shell.LIMIT)
    assert done.returncode == 0, done.stderr


def listed():
    """{strategy: {column: value}} of `pagecopy list strategies`."""
    done = native.run("list", "strategies")
    assert done.returncode == 0, done.stderr
    header, *lines = (line.split("\t") for line in done.stdout.splitlines())
    assert all(len(line) == len(header) for line in lines)
    return {line[0]: dict(zip(header, line)) for line in lines}


def test_the_list_says_where_each_works_or_why_not():
    found = listed()
    assert found["raw"]["user"] == "yes"
    assert found["copy_page"]["user"] == "no: in the kernel only"
    for one in found.values():
        assert one["user"] == "yes" or one["user"].startswith("no: ")
        assert one["module"] == "yes" or one["module"].startswith(("no: ", "unknown: "))


@pytest.mark.skipif(DEVICE.exists(), reason="there is a module here")
def test_the_list_needs_no_module():
    assert {one["module"] for one in listed().values()} == {"unknown: no /dev/pagecopy"}


def test_one_that_is_not_here_is_refused_with_the_reason(tmp_path):
    done = native.run("run", "--path", "user", "--op", "read", "--strategy", "copy_page",
                      "--csv", tmp_path / "out.csv")
    assert done.returncode == 2
    assert "copy_page (in the kernel only)" in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_one_of_many_is_left_out_and_the_head_says_so(tmp_path):
    out = tmp_path / "out.csv"
    done = native.run("run", "--path", "user", "--op", "read", "--strategy", "raw,mc,fpu",
                      "--size", "64", "--depth", "1", "--rounds", "1", "--slice", "1",
                      "--csv", out)
    assert done.returncode == 0, done.stderr
    said = ("2 cells: path user lacks mc (in the kernel only), fpu (in the kernel only)")
    assert native.head(out)["left_out"] == said
    assert said in done.stderr
    assert {row["strategy"] for row in native.rows(out)} == {"raw", "raw.twin"}
