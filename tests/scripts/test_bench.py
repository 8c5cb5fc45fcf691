# SPDX-License-Identifier: MIT
"""scripts/bench, scripts/test: usage, refusals, a small run from end to end, Ctrl-C."""

import csv
import json
import os
import re
import subprocess
import time

import pytest
import shell

SMALL = ["--strategy", "raw,bytewise_atomic", "--size", "4K", "--depth", "8", "--path",
         "uring,nop", "--rounds", "3", "--slice", "2", "--disturbed", "keep"]


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
              "throughput.svg", "throughput.png", "depth-latency.svg", "latency.png"}
    assert wanted <= {f.name for f in folder.iterdir()}


def test_a_run_measures_what_was_asked(small_run):
    rows = rows_of(small_run[0])
    assert {r["round"] for r in rows} == {"0", "1", "2"}
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


COMPLETIONS = ("inline", "task", "work", "iowq", "poll")
MODES = ["--strategy", "raw", "--size", "4K", "--depth", "4", "--path", "uring,ioctl,nop", "--op",
         "read", "--completion", "all", "--ring", "defer,plain+iopoll", "--buffer", "fixed,copy",
         "--batch", "2,all", "--buf-offset", "8", "--threads", "1,2", "--rounds", "2",
         "--slice", "2"]


@pytest.fixture(scope="module")
def modes_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("modes") / "out"
    done = shell.run("bench", "--platform", "uml", "--quick", "--out", folder, "--", *MODES)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_every_command_completes_as_asked(modes_run):
    rows = [r for r in rows_of(modes_run[0]) if r["path"] == "uring"]
    assert {r["completion"] for r in rows} == set(COMPLETIONS)
    for row in rows:
        counts = {how: int(row[f"completed_{how}"]) for how in COMPLETIONS}
        assert counts.pop(row["completion"]) >= int(row["ops"]) > 0, row
        assert not any(counts.values()), row
        assert (row["errors"], row["verified"]) == ("0", "1")


def test_what_cannot_be_is_left_out_and_said(modes_run):
    folder, done = modes_run
    rows = rows_of(folder)
    assert {(r["completion"] == "poll") <= ("iopoll" in r["ring"]) for r in rows} == {True}
    assert not [r for r in rows if (r["buffer"], r["completion"]) == ("copy", "work")]
    for why in ("poll needs a ring with iopoll", "completion work leaves it"):
        assert why in done.stderr
        assert why in (folder / "results.csv").read_text()


def test_copy_and_ioctl_appear_once(modes_run):
    rows = [r for r in rows_of(modes_run[0]) if r["round"] == "0"]
    ioctl = [(r["buffer"], r["strategy"], r["threads"], r["depth"], r["batch"], r["completion"])
             for r in rows if r["path"] == "ioctl" and not r["strategy"].endswith(".twin")]
    assert sorted(ioctl) == [(buffer, strategy, threads, "1", "none", "inline")
                             for buffer, strategy in (("copy", "copy_user"), ("user", "raw"))
                             for threads in ("1", "2")]


def test_threads_add_up(modes_run):
    folder = modes_run[0]
    with (folder / "results.threads.csv").open() as file:
        threads = list(csv.DictReader(file))
    rows = [r for r in rows_of(folder) if r["threads"] == "2"]
    assert len(threads) == 2 * len(rows) > 0
    for row in rows:
        mine = [t for t in threads if (t["round"], t["order"]) == (row["round"], row["order"])]
        assert [t["thread"] for t in mine] == ["0", "1"]
        assert sum(int(t["ops"]) for t in mine) == int(row["ops"])
        assert sum(float(t["ops_per_s"]) for t in mine) == pytest.approx(float(row["ops_per_s"]))
        assert "share" in row["notes"]


def test_a_rate_too_slow_for_all_buffers_is_verified(tmp_path):
    done = shell.run("vm", "--results", tmp_path, "--", "pagecopy", "run", "--path",
                     "uring,ioctl", "--op", "read,write", "--strategy", "raw", "--size", "4K",
                     "--depth", "64", "--rate", "1000", "--slice", "20", "--rounds", "2",
                     "--disturbed", "keep")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path)
    assert len(rows) == 2 * 8
    for row in rows:
        assert (row["errors"], row["verified"], row["rate"]) == ("0", "1", "1000")
        assert int(row["ops"]) <= 22
        assert row["rate_kept"] in ("0", "1") and float(row["resp_p50_ns"]) > 0


REFUSED = [
    (["--path", "uring", "--completion", "poll"], "completion poll needs a ring with iopoll"),
    (["--path", "uring", "--completion", "task", "--ring", "plain+iopoll"], "nothing else"),
    (["--path", "null", "--ring", "defer+iopoll"], "/dev/null cannot be polled"),
    (["--path", "uring", "--op", "read", "--buffer", "copy", "--completion", "work"], "needs the"),
    (["--path", "uring", "--op", "touch", "--buffer", "copy"], "maps and pins"),
    (["--path", "nop", "--depth", "4", "--batch", "8"], "not larger than the depth"),
    (["--ring", "sqpoll+defer"], "DEFER_TASKRUN with SQPOLL"),
]


@pytest.mark.usefixtures("modes_run")
@pytest.mark.parametrize("options, why", REFUSED)
def test_what_cannot_be_is_refused_before_anything_runs(tmp_path, options, why):
    out = tmp_path / "out.csv"
    done = subprocess.run([shell.ROOT / "build/release/bench/pagecopy", "run", *options, "--csv",
                           out], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert why in done.stderr
    assert not out.exists()


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


def test_what_was_interrupted_is_gone_on_with(tmp_path):
    folder = tmp_path / "out"
    bench = shell.start("bench", "--platform", "uml", "--out", folder, "--", "--path", "uring",
                        "--op", "read", "--size", "4K,64K", "--depth", "8", "--strategy",
                        "raw,bytewise_atomic", "--rounds", "60", "--precision", "0")
    deadline = time.monotonic() + shell.LIMIT
    while len(rows_of(folder)) < 20:
        assert time.monotonic() < deadline and bench.poll() is None
        time.sleep(0.1)
    shell.interrupt(bench)
    before = rows_of(folder)[:18]
    done = shell.run("bench", "--resume", folder)
    assert done.returncode == 0, done.stderr
    after = rows_of(folder)
    assert after[:18] == before and len(after) > len(before)
    assert len({(r["round"], r["strategy"], r["size"]) for r in after}) == len(after)
    assert "UNFINISHED" not in done.stdout
    assert "is finished" in shell.run("bench", "--resume", folder).stderr


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
    assert done.returncode == 77
    assert "not root" in done.stderr
    assert not (tmp_path / "o").exists()


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
