# SPDX-License-Identifier: MIT
"""scripts/bench --repeat and --resume, in a tree whose guest is made up.

What a real guest leaves is in test_bench.py. Here scripts/vm is replaced by a
program that writes rows as it was told to in the file `acts`: one word a call.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import shell
from conftest import ALL, META, row, write
from pagecopy_report.load import load

VM = f"""#!{sys.executable}
import pathlib, sys, time
sys.path.insert(0, {str(shell.ROOT / "tests/scripts")!r})
import test_bench_runs
sys.exit(test_bench_runs.pretend(pathlib.Path(__file__).parents[1], sys.argv[1:]))
"""
OPTIONS = ["--strategy", "raw,words", "--size", "4K, 64K", "--rounds", "4"]


def pretend(tree, args):
    """What scripts/vm would do. The acts: all, fault, part, none, usage, hang."""
    calls = tree / "calls"
    with calls.open("a") as log:
        log.write("\t".join(args) + "\n")
    number = len(calls.read_text().splitlines())
    acts = (tree / "acts").read_text().split()
    act = acts[number - 1] if number <= len(acts) else "all"
    results = shell.pathlib.Path(args[args.index("--results") + 1])
    (results / "dmesg.txt").write_text(f"log of call {number}\n")
    if act in ("none", "usage"):
        return 2 if act == "usage" else 1
    (results / "env.json").write_text("{}\n")
    file = results / "results.csv"
    old = load(file).frame.to_dict("records") if "--resume" in args else []
    begun = [f"call-{number}"] if not old else [old[0]["run_id"]]
    rows = [row(run_id=begun[0], round=nr, kernel_ns=100 + number, stop="")
            for nr in range(2 if act in ("part", "hang") else 4)]
    if len(rows) == 4:
        rows[-1]["stop"] = "rounds"
    if act == "fault":
        rows[0]["verified"] = 0
    write(file, rows, {**META, "run_id": begun[0], "cells": "1", "rounds": "4"}, ALL)
    if act == "hang":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        time.sleep(60)
    return 1 if act in ("fault", "part") else 0


@pytest.fixture
def tree(tmp_path):
    """A tree with the scripts at work here, and stand-ins for the others."""
    scripts = tmp_path / "tree/scripts"
    scripts.mkdir(parents=True)
    for name in ("bench", "runs.sh", "lib.sh", "summary"):
        shutil.copy(shell.SCRIPTS / name, scripts)
    shutil.copytree(shell.SCRIPTS / "pagecopy_report", scripts / "pagecopy_report")
    for name, text in (("vm", VM), ("setup", "#!/bin/sh\n"), ("report", "#!/bin/sh\n")):
        (scripts / name).write_text(text)
        (scripts / name).chmod(0o755)
    (scripts.parent / "acts").write_text("")
    return scripts.parent


def bench(tree, *args, acts="", **env):
    (tree / "acts").write_text(acts)
    return subprocess.run([tree / "scripts/bench", *args], text=True, capture_output=True,
                          check=False, timeout=60, env=shell.environment(env),
                          stdin=subprocess.DEVNULL)


def calls(tree):
    path = tree / "calls"
    return [line.split("\t") for line in path.read_text().splitlines()] if path.exists() else []


def begin(tree, *args, acts=""):
    return bench(tree, "--platform", "uml", "--quick", "--out", tree / "out", *args, "--",
                 *OPTIONS, acts=acts)


def test_runs_are_kept_apart_and_merged(tree):
    done = begin(tree, "--repeat", "3")
    out = tree / "out"
    assert done.returncode == 0, done.stderr
    for nr in (1, 2, 3):
        folder = out / f"run-{nr}"
        assert {f.name for f in folder.iterdir()} >= {"results.csv", "env.json", "dmesg.txt",
                                                      "command.txt"}
        assert (folder / "dmesg.txt").read_text() == f"log of call {nr}\n"
    run = load(out / "results.csv")
    assert run.meta["runs"] == "3" and run.meta["run_id"] == "call-1"
    assert run.frame.groupby("run_id")["kernel_ns"].first().to_dict() == {
        "call-1": 101, "call-2": 102, "call-3": 103}
    text = (out / "results.csv").read_text().splitlines()
    assert sum(line.startswith("schema,") for line in text) == 1
    assert sum(line.startswith("#schema") for line in text) == 1
    assert text.index("#runs: 3") < text.index(",".join(ALL)) and len(run.frame) == 12
    said = " ".join(done.stdout.split())
    assert "12 rounds in 3 runs" in said and "UNFINISHED" not in said
    assert done.stdout == (out / "summary.txt").read_text()


def test_each_run_is_a_guest_of_its_own_with_the_same_options(tree):
    begin(tree, "--repeat", "2", "--kernel", "uml")
    first, second = calls(tree)
    for call in (first, second):
        assert call[call.index("--kernel") + 1] == "uml" and "--quick" in call
        assert call[-len(OPTIONS):] == OPTIONS and "--resume" not in call
    assert first[first.index("--results") + 1] != second[second.index("--results") + 1]


def test_time_left_is_told_over_all_runs(tree):
    said = begin(tree, "--repeat", "3").stderr
    assert "run 1 of 3\n" in said
    assert "run 2 of 3; about" in said and "left for all runs" in said


def test_one_run_has_no_folder_below(tree):
    assert begin(tree, "--repeat", "1").returncode == 0
    assert not (tree / "out/run-1").exists() and "runs" not in load(tree / "out/results.csv").meta


def test_a_wrong_byte_does_not_end_the_other_runs(tree):
    done = begin(tree, "--repeat", "3", acts="all fault all")
    assert done.returncode == 1 and len(calls(tree)) == 3
    assert "FAULT: 1 rows" in done.stdout and "12 rows" in done.stdout


def test_a_run_that_broke_off_is_not_merged(tree):
    done = begin(tree, "--repeat", "3", acts="all part all")
    assert done.returncode == 1
    assert "2 of 3 runs came to their end" in done.stderr
    assert "2 of 3 runs are there" in done.stdout
    assert set(load(tree / "out/results.csv").frame["run_id"]) == {"call-1", "call-3"}


def test_a_usage_error_leaves_no_folder_and_no_second_run(tree):
    done = begin(tree, "--repeat", "3", acts="usage")
    assert done.returncode == 2 and len(calls(tree)) == 1
    assert not (tree / "out").exists()


def test_a_guest_that_never_measures_is_asked_once(tree):
    done = begin(tree, "--repeat", "3", acts="none")
    assert done.returncode == 1 and len(calls(tree)) == 1
    assert "nothing was measured" in done.stderr


def interrupted(tree, *args, acts):
    """Ctrl-C in the act `hang`."""
    (tree / "acts").write_text(acts)
    process = subprocess.Popen(
        [tree / "scripts/bench", "--platform", "uml", "--out", tree / "out", *args, "--", *OPTIONS],
        env=shell.environment({}), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    last = tree / "out" / (f"run-{len(acts.split())}" if args else "") / "results.csv"
    deadline = time.monotonic() + 30
    while not last.exists():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.1)
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGTERM)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 1, said
    return said


def test_ctrl_c_keeps_the_finished_runs(tree):
    said = interrupted(tree, "--repeat", "4", acts="all all hang")
    assert "2 of 4 runs are finished, 8 rows" in said and "2 more in the folders" in said
    assert set(load(tree / "out/results.csv").frame["run_id"]) == {"call-1", "call-2"}
    assert len(load(tree / "out/run-3/results.csv").frame) == 2
    assert f"--resume {tree}/out" in said


def test_resume_goes_on_in_the_run_that_broke_off(tree):
    interrupted(tree, "--repeat", "4", acts="all all hang")
    done = bench(tree, "--resume", tree / "out", acts="all all hang")
    assert done.returncode == 0, done.stderr
    again, new = calls(tree)[3:]
    assert again[again.index("--results") + 1].endswith("/run-3") and "--resume" in again
    assert new[new.index("--results") + 1].endswith("/run-4") and "--resume" not in new
    for call in (again, new):
        assert call[-len(OPTIONS):] == OPTIONS
    run = load(tree / "out/results.csv")
    assert len(run.frame) == 16 and run.meta["runs"] == "4"
    assert set(run.frame["run_id"]) == {"call-1", "call-2", "call-3", "call-5"}
    log = (tree / "out/run-3/dmesg.txt").read_text()
    assert log == "log of call 3\nlog of call 4\n"
    assert len((tree / "out/run-3/command.txt").read_text().splitlines()) == 2


def test_resume_of_one_run_passes_what_it_was_begun_with(tree):
    interrupted(tree, acts="hang")
    done = bench(tree, "--resume", tree / "out", acts="hang")
    assert done.returncode == 0, done.stderr
    first, again = calls(tree)
    assert [word for word in again if word != "--resume" and not word.startswith("load=")] == \
        [word for word in first if not word.startswith("load=")]
    assert len(load(tree / "out/results.csv").frame) == 4
    assert "UNFINISHED" not in done.stdout


def test_what_is_finished_is_left_alone(tree):
    begin(tree)
    before = (tree / "out/results.csv").read_bytes()
    done = bench(tree, "--resume", tree / "out")
    assert done.returncode == 0 and "is finished" in done.stderr
    assert len(calls(tree)) == 1 and (tree / "out/results.csv").read_bytes() == before


def test_a_guest_that_died_can_be_gone_on_with(tree):
    assert begin(tree, acts="part").returncode == 1
    done = bench(tree, "--resume", tree / "out")
    assert done.returncode == 0 and "--resume" in calls(tree)[1]


def test_a_refusal_to_go_on_ends_it_and_keeps_the_rows(tree):
    begin(tree, "--repeat", "2", acts="part part")
    done = bench(tree, "--resume", tree / "out", acts="part part usage")
    assert done.returncode == 2 and len(calls(tree)) == 3
    assert len(load(tree / "out/run-1/results.csv").frame) == 2


def test_another_machine_is_refused_with_all_differences(tree):
    begin(tree, acts="part")
    plan = tree / "out/bench.txt"
    text = plan.read_text().replace("fact kernel=", "fact kernel=not ")
    plan.write_text(text.replace("fact cpus=", "fact cpus=99"))
    done = bench(tree, "--resume", tree / "out")
    assert done.returncode == 2 and len(calls(tree)) == 1
    assert "kernel was 'not" in done.stderr and "cpus was '99" in done.stderr
    assert (tree / "out/results.csv").exists()


def test_a_folder_at_work_is_refused(tree):
    begin(tree, acts="part")
    with subprocess.Popen(["flock", tree / "out/bench.txt", "sleep", "60"]) as holder:
        time.sleep(0.3)
        done = bench(tree, "--resume", tree / "out")
        holder.terminate()
    assert done.returncode == 1 and "still at work" in done.stderr


def spoil(folder, how):
    folder.mkdir(exist_ok=True)
    if how == "no rows":
        (folder / "results.csv").unlink()
    elif how == "not ours":
        (folder / "bench.txt").unlink()
    elif how == "cut":
        (folder / "bench.txt").write_text("platform uml\nrep")
    elif how == "strange":
        (folder / "bench.txt").write_text("$(touch x) y\n")


@pytest.mark.parametrize("how, why", (
    ("no rows", "no row in it"), ("not ours", "no bench.txt"), ("cut", "bench.txt"),
    ("strange", "unknown word")))
def test_a_folder_that_cannot_be_gone_on_with_is_refused(tree, how, why):
    begin(tree, acts="part")
    spoil(tree / "out", how)
    done = bench(tree, "--resume", tree / "out")
    assert done.returncode == 2 and why in done.stderr
    assert len(calls(tree)) == 1


@pytest.mark.parametrize("args, word", (
    (["--resume"], "needs a value"), (["--resume", "no/such/folder"], "not a folder"),
    (["--resume", ".", "--quick"], "stands alone"), (["--repeat", "2", "--resume", "."], "alone"),
    (["--resume", ".", "--", "--size", "4K"], "alone"),
    (["--repeat", "0"], "--repeat 0"), (["--repeat", "100"], "1 to 99"), (["--repeat", "x"], "99"),
    (["--", "--resume"], "scripts/bench itself"), (["--", "--size", "4K\n8K"], "line break")))
def test_usage(tree, args, word):
    done = bench(tree, *args)
    assert done.returncode == 2 and word in done.stderr
    assert not calls(tree)
