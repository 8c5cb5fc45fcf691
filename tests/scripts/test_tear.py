# SPDX-License-Identifier: MIT
"""pagecopy tear: what must never be seen, what must be, and that a wrong copy is caught.

That a tear was seen shows that it can happen; that none was seen shows nothing. So
the tests ask for tears only where they come by the thousand, and for their absence
where the machine promises it.
"""

import os
import re
import shutil
import subprocess

import native
import pytest
import shell
from conftest import SCRIPTS, command

TEARS = ("tear_64", "tear_32", "tear_16", "tear_8", "tear_4", "tear_2", "tear_1")
two_cpus = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason=(
    "one CPU: a mutator would never run during a copy"))
uml_host = pytest.mark.skipif(os.uname().machine != "x86_64", reason="guests are for x86-64")


def rows_of(done, folder):
    assert done.returncode == 0, done.stdout + done.stderr
    return native.rows(folder / "tear.csv")


def tear(folder, *options, program=native.PROGRAM):
    return subprocess.run([program, "tear", "--csv", folder / "tear.csv", *options], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120)


def check_counts(row):
    """Copies are whole or torn, torn ones are torn once, and nothing is made up."""
    tears = [int(row[name]) for name in TEARS]
    assert int(row["copies"]) == int(row["whole"]) + int(row["torn"]) > 0
    assert int(row["torn"]) == sum(tears)
    finest = [name[5:] for name, count in zip(TEARS, tears) if count]
    assert row["finest"] == (finest[-1] if finest else "none")
    assert (row["thin_air"], row["errors"]) == ("0", "0")


@two_cpus
def test_words_are_never_torn_finer_than_a_word_and_bytes_are(tmp_path):
    done = tear(tmp_path, "--strategy", "words,bytes", "--size", "4K", "--seconds", "2")
    rows = rows_of(done, tmp_path)
    for row in rows:
        check_counts(row)
        assert int(row["mutations"]) > 0
    by_name = {row["strategy"]: row for row in rows}
    assert list(by_name) == ["control", "words", "bytes"]
    assert [by_name["words"][name] for name in ("tear_4", "tear_2", "tear_1")] == ["0"] * 3
    assert by_name["bytes"]["finest"] == "1"


@two_cpus
def test_misaligned_words_are_torn_where_they_meet(tmp_path):
    """`words` aligns the destination: its loads begin 4 bytes behind a multiple of 8."""
    done = tear(tmp_path, "--strategy", "words", "--size", "4K", "--buf-offset", "4", "--op",
                "write", "--seconds", "2")
    _, words_row = rows_of(done, tmp_path)
    check_counts(words_row)
    assert words_row["finest"] == "4"


@two_cpus
def test_nothing_is_torn_where_nobody_writes(tmp_path):
    done = tear(tmp_path, "--mutator", "none", "--size", "1,64,1000,4K", "--offset", "0,7",
                "--buf-offset", "0,3", "--op", "all", "--copies", "20")
    rows = rows_of(done, tmp_path)
    assert {row["strategy"] for row in rows} >= {"raw", "bytewise_atomic", "bytes", "words"}
    for row in rows:
        check_counts(row)
        assert (row["copies"], row["whole"], row["finest"]) == ("20", "20", "none")


@two_cpus
def test_no_byte_is_made_up_wherever_the_buffers_are(tmp_path):
    done = tear(tmp_path, "--size", "13,8K", "--offset", "0,5,100", "--buf-offset", "0,1",
                "--op", "all", "--seconds", "0.03")
    for row in rows_of(done, tmp_path):
        check_counts(row)


@two_cpus
def test_who_stores_each_byte_once_does(tmp_path):
    done = tear(tmp_path, "--experiment", "aba", "--size", "1,8,12,31,48,100,300,4K",
                "--seconds", "0.2")
    rows = rows_of(done, tmp_path)
    table = native.run("list", "strategies").stdout.splitlines()
    stores = {line.split("\t")[0]: line.split("\t")[4] for line in table}
    assert "once" in stores.values()
    for row in rows:
        assert int(row["probed"]) > 0 or row["size"] == "1", row
        if stores[row["strategy"]] == "once":
            assert (row["again"], row["copies_again"]) == ("0", "0"), row
        assert row["whole"] == ""


@two_cpus
def test_the_c_librarys_overlapping_stores_are_seen(tmp_path):
    """That the zero of the others means something: 44 bytes are two stores of 32, or three of 16.

    The window is a page fault long: one copy in six. With both pages there it is one in a hundred.
    """
    done = tear(tmp_path, "--experiment", "aba", "--strategy", "bytewise_atomic", "--size", "12,44",
                "--copies", "3000", "--seconds", "20")
    for row in rows_of(done, tmp_path):
        assert int(row["copies_again"]) > int(row["copies"]) / 25, row


@two_cpus
def test_results_say_where_they_are_from(tmp_path):
    done = tear(tmp_path, "--strategy", "raw", "--size", "64", "--copies", "10", "--seed", "5")
    rows = rows_of(done, tmp_path)
    head = native.head(tmp_path / "tear.csv")
    assert head["results"] == "tear"
    assert head["seed"] == "5"
    assert head["mutator_store"] in ("8", "16", "32", "64")
    assert {row["run_id"] for row in rows} == {head["run_id"]}
    assert done.stdout.splitlines()[0].split()[:5] == ["path", "op", "strategy", "size", "copies"]
    assert "raw" in done.stdout
    again = tear(tmp_path, "--strategy", "raw", "--copies", "1")
    assert again.returncode == 2
    assert "never overwritten" in again.stderr


def test_one_cpu_is_not_enough_and_it_says_so(tmp_path):
    cpu = min(os.sched_getaffinity(0))
    done = subprocess.run(["taskset", "-c", str(cpu), native.PROGRAM, "tear", "--csv",
                           tmp_path / "tear.csv"], capture_output=True, text=True, check=False)
    assert done.returncode == 77
    assert "would never run during a copy" in done.stderr
    assert not (tmp_path / "tear.csv").exists()


def test_mistakes_are_told_all_at_once(tmp_path):
    done = tear(tmp_path, "--path", "null", "--copies", "x", "--nothing")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 3
    done = native.run("mutate", "--cpu", "x")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 3
    assert shell.run("tear", "--platform", "vax").returncode == 2


# Each mixes what two reads of the source gave: a byte that never was, if they differ.
WRONG = """// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

noinline void pagecopy_copy_mixed(void *dst, const void *src, size_t len)
{{
	const unsigned char *s = src;
	unsigned char *d = dst;
	size_t i;

	for (i = 0; i < len; i++)
		d[i] = {expression};
}}
"""
MIXES = {
    "and of two reads": "READ_ONCE(s[i]) & READ_ONCE(s[i])",
    "a nibble of each": "(READ_ONCE(s[i]) & 0xf0) | (READ_ONCE(s[i]) & 0x0f)",
    "a byte left out": "i == len / 2 ? d[i] : READ_ONCE(s[i])",
}


@pytest.fixture(name="wrong_tree", scope="module")
def copied_tree(tmp_path_factory):
    """A copy of what the program is built from, with a strategy more, which is wrong."""
    tree = tmp_path_factory.mktemp("tree")
    for part in ("lib", "bench"):
        shutil.copytree(shell.ROOT / part, tree / part)
    text = (shell.ROOT / "CMakeLists.txt").read_text()
    text = re.sub(r"add_subdirectory\((?!(?:lib|bench)\)).*\n", "", text)
    (tree / "CMakeLists.txt").write_text(text)
    with (tree / "lib/include/pagecopy/strategies.def").open("a") as lines:
        lines.write('STRATEGY(200, BOTH,  mixed, ANY, ATOMIC, ONCE, CACHED, "", "it is not")\n')

    def build(expression):
        (tree / "lib/copy/mixed.c").write_text(WRONG.format(expression=expression))
        for step in (["-S", tree, "-B", tree / "build", "-DPAGECOPY_STATIC=OFF"],
                     ["--build", tree / "build", "-j2", "--target", "pagecopy"]):
            done = subprocess.run(["cmake", *step], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
        return tree / "build/bench/pagecopy"
    return build


@two_cpus
@pytest.mark.parametrize("how", MIXES)
def test_a_byte_that_never_was_is_seen(wrong_tree, tmp_path, how):
    program = wrong_tree(MIXES[how])
    done = tear(tmp_path, "--strategy", "mixed,bytes", "--size", "4K", "--seconds", "2",
                program=program)
    assert done.returncode == 1
    assert "out of thin air" in done.stderr
    rows = {row["strategy"]: row for row in native.rows(tmp_path / "tear.csv")}
    assert int(rows["mixed"]["thin_air"]) > 0
    assert rows["bytes"]["thin_air"] == "0"


@two_cpus
def test_a_false_claim_of_storing_once_is_seen(wrong_tree, tmp_path):
    program = wrong_tree("s[i];\n\tfor (i = 0; i < len; i++)\n\t\t((volatile char *)d)[i] = s[i]")
    done = tear(tmp_path, "--experiment", "aba", "--strategy", "mixed", "--size", "64",
                "--copies", "2000", "--seconds", "20", program=program)
    assert done.returncode == 1
    (row,) = native.rows(tmp_path / "tear.csv")
    assert int(row["again"]) > 0


@two_cpus
@uml_host
def test_the_module_races_with_a_mutator_outside_its_guest(tmp_path):
    done = shell.run("tear", "--platform", "uml", "--no-build", "--out", tmp_path, "--",
                     "--strategy", "bytewise_atomic,bytes,words", "--size", "4K", "--seconds", "1")
    rows = rows_of(done, tmp_path)
    assert [(row["path"], row["op"]) for row in rows[::3]] == [
        (path, op) for path in ("uring", "ioctl") for op in ("read", "write")]
    for row in rows:
        check_counts(row)
        assert (row["platform"], row["mutator"], row["emulated"]) == ("uml", "outside", "no")
        assert int(row["mutations"]) > 0
        if row["strategy"] == "words":
            assert [row[name] for name in ("tear_4", "tear_2", "tear_1")] == ["0"] * 3
    # Each way to the source was found: something is torn on each.
    for nr in range(0, len(rows), 3):
        assert sum(int(row["torn"]) for row in rows[nr:nr + 3]) > 0
    assert any(row["finest"] == "1" for row in rows if row["strategy"] == "bytes")


@uml_host
def test_a_guest_without_a_mutator_says_so(tmp_path):
    marker = "00112233445566778899aabbccddeeff"
    done = shell.run("vm", "--no-build", "--results", tmp_path, "--", "sh", "-c",
                     "pagecopy tear --path ioctl --csv 1.csv; echo $?; "
                     f"pagecopy tear --path ioctl --mutator outside --marker {marker}; echo $?")
    assert [line for line in done.stdout.splitlines() if line.isdecimal()] == ["77", "1"]
    assert "under UML use scripts/tear" in done.stderr
    assert "no mutator outside answers" in done.stderr


@uml_host
def test_what_runs_beside_a_guest_ends_with_it(tmp_path):
    note = tmp_path / "pid"
    done = shell.run("vm", "--no-build", "--no-module", "--beside",
                     f"test -e /proc/$PAGECOPY_GUEST && echo $$ >{note}; exec sleep 1000", "--",
                     "sleep", "1")
    assert done.returncode == 0, done.stderr
    pid = note.read_text().strip()
    assert not os.path.exists(f"/proc/{pid}")


HEAD = "#schema: 1\n#results: tear\n#run_id: made-up\n#platform: {}\n#emulated: {}\n"
COLUMNS = ("schema,run_id,platform,experiment,path,op,strategy,size,offset,buf_offset,copies,whole,"
           "torn,tear_64,tear_32,tear_16,tear_8,tear_4,tear_2,tear_1,finest,thin_air,mutations,"
           "seconds,mutator,emulated,errors,probed,again,copies_again\n")


def made_up(path, *strategies, emulated="no", experiment="tear", bad="0"):
    lines = [f"1,made-up,host,{experiment},user,write,{name},4096,0,0,1000,900,100,50,0,0,0,0,"
             f"{bad},50,1,0,5,0.5,thread,{emulated},0,,,\n" for name in strategies]
    path.write_text(HEAD.format("host", emulated) + COLUMNS + "".join(lines))
    return path


def words(path):
    return re.sub(r"<[^>]*>", " ", path.read_text())


def test_the_picture_has_every_strategy_and_its_shares(tmp_path):
    file = made_up(tmp_path / "tear.csv", "raw", "bytes", "brandnew")
    done = command("report", file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / "tear.svg"), str(tmp_path / "tear.png")]
    text = words(tmp_path / "tear.svg")
    for word in ("raw", "bytes", "brandnew", "90 %", "5.0 %", "user, write, 4K", "thin air: 0"):
        assert word in text
    assert "EMULATED" not in text


def test_an_emulated_picture_says_so(tmp_path):
    done = command("report", made_up(tmp_path / "tear.csv", "raw", emulated="yes"))
    assert done.returncode == 0
    assert "EMULATED" in words(tmp_path / "tear.svg")


def test_a_file_with_nothing_to_draw_or_nonsense_is_refused(tmp_path):
    done = command("report", made_up(tmp_path / "tear.csv", "raw", experiment="aba"))
    assert (done.returncode, "no row of the tear test" in done.stderr) == (2, True)
    done = command("report", made_up(tmp_path / "tear.csv", "raw", bad="many"))
    assert (done.returncode, "'many', not a count" in done.stderr) == (2, True)


def test_the_definition_is_no_plot_of_other_results():
    from pagecopy_report import plotdef
    assert "tear" not in plotdef.names()
    assert (SCRIPTS.parent / "plots/tear.json").exists()
