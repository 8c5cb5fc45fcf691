# SPDX-License-Identifier: MIT
"""A run that was ended early goes on: nothing measured is lost, nothing is measured twice."""

import signal
import time

import native
import pytest

SWEEP = ["run", "--path", "user,nop", "--op", "read", "--strategy", "raw,words", "--size", "4K,64K",
         "--depth", "1,8", "--threads", "1,2", "--rounds", "8", "--slice", "4", "--precision", "0",
         "--disturbed", "keep"]
CELLS = 32  # 4 sizes and depths x 3 with the twin, 2 depths x 2, for each number of threads
AXES = ("path", "op", "strategy", "size", "depth", "threads")


def places(path):
    return [(row["round"], row["order"], *(row[axis] for axis in AXES))
            for row in native.rows(path)]


def start_and_end(csv, how, least=CELLS + 5):
    """A run that gets @how after @least rows."""
    process = native.start(*SWEEP, "--csv", csv)
    deadline = time.monotonic() + 60
    while not csv.exists() or len(csv.read_text().splitlines()) < least + 30:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(how)
    process.wait(timeout=30)
    assert 0 < len(native.rows(csv)) < 8 * CELLS


def check_threads(csv):
    """The file beside @csv has each thread of each row once, in order."""
    threads = [(row["round"], row["order"], row["thread"])
               for row in native.rows(csv.with_name("results.threads.csv"))]
    assert threads == [(row["round"], row["order"], thread) for row in native.rows(csv)
                       for thread in "01" if row["threads"] == "2"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_goes_on_where_it_ended(tmp_path, how):
    csv = tmp_path / "results.csv"
    start_and_end(csv, how)
    with csv.open("a", encoding="utf-8") as file:
        file.write("1,an unfinished row")
    before = csv.read_text().splitlines()[:-1]
    done = native.run(*SWEEP, "--csv", csv, "--resume")
    assert done.returncode == 0, done.stderr
    assert csv.read_text().splitlines()[:len(before)] == before
    whole = tmp_path / "whole.csv"
    (tmp_path / "env.json").unlink()
    seed = native.head(csv)["seed"]
    assert native.run(*SWEEP, "--seed", seed, "--csv", whole).returncode == 0
    assert places(csv) == places(whole)
    check_threads(csv)


def test_a_visit_that_is_not_whole_is_measured_again(tmp_path):
    csv = tmp_path / "results.csv"
    done = native.run(*SWEEP, "--csv", csv)
    assert done.returncode == 0, done.stderr
    want = places(csv)
    lines = csv.read_text().splitlines(keepends=True)
    # The last visit is of one or of two threads: cut into several of them.
    csv.write_text("".join(lines[:-CELLS // 2]))
    done = native.run(*SWEEP, "--csv", csv, "--resume")
    assert done.returncode == 0, done.stderr
    assert "going on with round 8" in done.stderr
    assert places(csv) == want
    check_threads(csv)


@pytest.mark.parametrize("ending", [
    ["--depth", "1", "--rounds", "10"],
    # More rounds than are kept account of: out of time is all that ends it.
    ["--depth", "1,8", "--rounds", "100000", "--precision", "0", "--budget", "1"],
])
def test_a_finished_run_stays_as_it_is(tmp_path, ending):
    csv = tmp_path / "results.csv"
    sweep = ["run", "--path", "nop", "--slice", "2", *ending]
    assert native.run(*sweep, "--csv", csv).returncode == 0
    before = csv.read_bytes()
    assert native.run(*sweep, "--csv", csv, "--resume").returncode == 0
    assert csv.read_bytes() == before


def test_cells_that_were_known_well_enough_are_not_measured_again(tmp_path):
    csv = tmp_path / "results.csv"
    sweep = ["run", "--path", "user", "--op", "read", "--strategy", "raw,bytes", "--size", "4K",
             "--depth", "1,8", "--rounds", "400", "--slice", "2", "--precision", "40",
             "--disturbed", "keep"]
    assert native.run(*sweep, "--csv", csv).returncode == 0
    want = places(csv)
    lines = csv.read_text().splitlines(keepends=True)
    assert len(want) < 6 * 400
    csv.write_text("".join(lines[:-3]))
    assert native.run(*sweep, "--csv", csv, "--resume").returncode == 0
    assert places(csv)[:len(want) - 3] == want[:-3]
    assert native.rows(csv)[-1]["stop"] == "precise"


def test_without_a_file_it_begins(tmp_path):
    csv = tmp_path / "results.csv"
    done = native.run("run", "--path", "nop", "--depth", "1", "--rounds", "2", "--slice", "2",
                      "--disturbed", "keep", "--csv", csv, "--resume")
    assert done.returncode == 0, done.stderr
    assert len(native.rows(csv)) == 4


SHORT = ["run", "--path", "nop", "--depth", "1", "--rounds", "2", "--slice", "2"]


@pytest.mark.parametrize("change, word", [
    (lambda text: text.replace("#kernel: ", "#kernel: 2.6"), "#kernel: 2.6"),
    (lambda text: text.replace("#build: ", "#build: 0"), "#build: 0"),
    (lambda text: text.replace("#cpu_model: ", "#cpu_model: another "), "another"),
    (lambda text: text.replace(" depth=1 ", " depth=8 "), "--depth=8"),
    (lambda text: text.replace("schema,run_id", "schema,run"), "schema,run"),
    (lambda text: text.replace("#seed: ", "#seat: "), "no seed"),
    (lambda text: text.replace("\n1,", "\n1,x,", 1), "the file was changed"),
    (lambda text: text.replace(",0,1,host,", ",0,7,host,"), "round 0 order 7 is not in its place"),
])
def test_another_run_is_refused_and_the_difference_named(tmp_path, change, word):
    csv = tmp_path / "results.csv"
    assert native.run(*SHORT, "--csv", csv).returncode == 0
    csv.write_text(change(csv.read_text()))
    before = csv.read_bytes()
    done = native.run(*SHORT, "--csv", csv, "--resume")
    assert done.returncode == 2
    assert word in done.stderr
    assert csv.read_bytes() == before


@pytest.mark.parametrize("more, word",
                         [(["--depth", "8"], "--depth=8"), (["--seed", "1"], "--seed")])
def test_other_options_are_refused(tmp_path, more, word):
    csv = tmp_path / "results.csv"
    assert native.run(*SHORT, "--csv", csv).returncode == 0
    options = [*SHORT[:3], *more, *SHORT[5:]] if more[0] == "--depth" else [*SHORT, *more]
    done = native.run(*options, "--csv", csv, "--resume")
    assert done.returncode == 2
    assert word in done.stderr
