# SPDX-License-Identifier: MIT
"""scripts/bench, scripts/test: usage, refusals, a small run from end to end, Ctrl-C."""

import csv
import json
import os
import re
import time

import pytest
import shell

SMALL = ["--strategy", "raw,bytewise_atomic", "--size", "4K", "--depth", "8", "--path",
         "uring,nop", "--rounds", "3", "--slice", "2"]


def rows_of(folder):
    file = folder / "results.csv"
    lines = file.read_text().splitlines() if file.exists() else []
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@pytest.fixture(scope="module")
def small_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "out"
    done = shell.run("bench", "--platform", "uml", "--quick", "--out", folder, "--", *SMALL)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_a_run_leaves_everything_in_its_folder(small_run):
    folder, _ = small_run
    wanted = {"results.csv", "env.json", "dmesg.txt", "command.txt", "summary.txt",
              "throughput.svg", "throughput.png", "latency.svg", "latency.png"}
    assert wanted <= {f.name for f in folder.iterdir()}


def test_a_run_measures_what_was_asked(small_run):
    rows = rows_of(small_run[0])
    assert {r["round"] for r in rows} == {"1", "2", "3"} or {r["round"] for r in rows} == \
        {"0", "1", "2"}
    assert {"raw", "bytewise_atomic"} <= {r["strategy"] for r in rows}
    assert {r["platform"] for r in rows} == {"uml"}
    assert all(r["errors"] == "0" for r in rows)


def test_a_run_prints_its_summary(small_run):
    folder, done = small_run
    assert "bytewise_atomic" in done.stdout
    assert done.stdout == (folder / "summary.txt").read_text()
    assert str(folder) in done.stderr


def test_a_run_records_the_host_and_its_command(small_run):
    folder, _ = small_run
    host = json.loads((folder / "env.json").read_text())["host"]
    assert host["kernel"] == os.uname().release
    assert "--slice" in (folder / "command.txt").read_text()


def test_ctrl_c_keeps_the_rows_so_far(tmp_path):
    folder = tmp_path / "out"
    bench = shell.start("bench", "--platform", "uml", "--out", folder, "--", "--rounds", "1000")
    deadline = time.monotonic() + shell.LIMIT
    while len(rows_of(folder)) < 5:
        assert time.monotonic() < deadline and bench.poll() is None
        time.sleep(0.3)
    _, said = shell.interrupt(bench)
    assert bench.returncode == 1
    told = int(re.search(r"(\d+) finished rows", said)[1])
    assert told == len(rows_of(folder)) >= 5


def test_a_folder_that_is_not_empty_is_refused(tmp_path):
    (tmp_path / "results.csv").write_text("precious")
    done = shell.run("bench", "--out", tmp_path)
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert (tmp_path / "results.csv").read_text() == "precious"


def test_a_wrong_option_of_the_run_leaves_no_folder(tmp_path):
    folder = tmp_path / "out"
    done = shell.run("bench", "--platform", "uml", "--out", folder, "--", "--size", "huge")
    assert done.returncode == 2
    assert "huge" in done.stderr
    assert not folder.exists()


def test_host_needs_root(tmp_path):
    done = shell.run("bench", "--platform", "host", "--out", tmp_path / "o",
                     env=shell.shim(tmp_path / "bin", id="echo 1000"))
    assert done.returncode == 1
    assert "root" in done.stderr


@pytest.mark.parametrize("args, word", [
    (["--platform", "xen"], "xen"),
    (["--platform"], "--platform"),
    (["--quick", "--full"], "exclude"),
    (["--strategy", "raw"], "after --"),
    (["--kernel", "6.1"], "--kernel"),
    (["--", "--csv", "x"], "--csv"),
    (["--", "--platform=uml"], "--platform"),
])
def test_usage_errors(args, word):
    done = shell.run("bench", *args)
    assert done.returncode == 2
    assert word in done.stderr


def test_suites_are_listed_and_unknown_ones_refused():
    listed = shell.run("test", "--list")
    assert listed.returncode == 0
    assert {"build", "unit", "module", "scripts"} <= set(listed.stdout.split())
    unknown = shell.run("test", "everything")
    assert unknown.returncode == 2
    assert "everything" in unknown.stderr
