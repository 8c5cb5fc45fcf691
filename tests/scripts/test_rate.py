# SPDX-License-Identifier: MIT
"""What is measured natively beside time: open loop, counters, disturbance."""

import csv
import json
import os
import signal
import subprocess
import time

import native
import pytest
import shell

PROGRAM = shell.ROOT / "build/release/bench/pagecopy"
PATHS = ["nop", "null", "user"]
STALL = 0.05


@pytest.fixture(scope="module", autouse=True)
def built():
    """The program, as scripts/bench would build it."""
    done = subprocess.run(["bash", "-c", '. "$1/lib.sh"; build_programs', "-", shell.SCRIPTS],
                          capture_output=True, text=True, check=False, timeout=shell.LIMIT)
    assert done.returncode == 0, done.stderr


def start(folder, *options):
    return subprocess.Popen([PROGRAM, "run", "--strategy", "raw", "--op", "read", "--size", "64",
                             "--depth", "1", "--csv", folder / "out.csv", *options],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(run, folder):
    """The rows, without those of twins, and the head of a run."""
    _, said = run.communicate(timeout=60)
    if run.returncode == 77:
        pytest.skip(said.strip())
    assert run.returncode == 0, said
    lines = (folder / "out.csv").read_text().splitlines()
    head = [line for line in lines if line.startswith("#")]
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [row for row in rows if not row["strategy"].endswith(".twin")], head


def measure(folder, *options):
    return finish(start(folder, *options), folder)


def kept(rows, path, commands):
    """Rounds of a path in which all was as asked; a busy machine spoils some."""
    return [r for r in rows if r["path"] == path and r["rate_kept"] == "1"
            and abs(int(r["ops"]) - commands) <= 1 and "not kept" not in r["notes"]]


def test_a_low_rate_is_kept(tmp_path):
    rows, _ = measure(tmp_path, "--path", ",".join(PATHS), "--rate", "closed,200", "--slice",
                      "100", "--rounds", "5")
    # On a busy machine some rounds are repeated.
    assert len(rows) >= 2 * 5 * len(PATHS)
    for path in PATHS:
        assert kept(rows, path, 20), rows
    for row in rows:
        assert (row["errors"], row["verified"]) == ("0", "1")
        assert row["rate"] in ("", "200")
        if row["rate"]:
            assert int(row["ops"]) <= 21
            assert float(row["resp_mean_ns"]) >= float(row["lat_mean_ns"]) > 0
        else:
            assert row["rate_kept"] == row["resp_p50_ns"] == row["resp_max_ns"] == ""


def test_threads_share_a_rate(tmp_path):
    rows, _ = measure(tmp_path, "--path", "nop,user", "--rate", "400", "--slice", "100",
                      "--rounds", "5", "--threads", "2")
    for path in ("nop", "user"):
        assert kept(rows, path, 40), rows


def test_a_rate_that_cannot_be_kept_is_said(tmp_path):
    rows, _ = measure(tmp_path, "--path", ",".join(PATHS), "--rate", "1000000000", "--rounds",
                      "1", "--slice", "20")
    assert {row["path"] for row in rows} == set(PATHS)
    for row in rows:
        assert row["rate_kept"] == "0"
        assert "asked for 1000000000 ops/s, achieved " in row["notes"]
        # The queue grows as long as the slice lasts; what is sent is served as ever.
        assert float(row["resp_p50_ns"]) > float(row["lat_p99_ns"])
        assert row["verified"] == "1"


def test_no_latency_no_percentiles(tmp_path):
    rows, _ = measure(tmp_path, "--path", "nop", "--rate", "1000", "--rounds", "1", "--latency",
                      "off")
    assert rows[0]["rate_kept"] in "01" and int(rows[0]["ops"]) > 10
    assert rows[0]["lat_p50_ns"] == rows[0]["resp_p50_ns"] == ""


def stalled(run):
    """Stop the process for a while in the middle of a turn."""
    time.sleep(1.5)
    os.kill(run.pid, signal.SIGSTOP)
    time.sleep(STALL)
    os.kill(run.pid, signal.SIGCONT)


@pytest.mark.parametrize("path", ["nop", "user"])
def test_a_stall_is_seen_by_all_who_wait(tmp_path, path):
    """Coordinated omission: one command meets the stall, a hundred wait for it."""
    run = start(tmp_path, "--path", path, "--rate", "5000", "--slice", "2000", "--rounds", "1")
    stalled(run)
    finish(run, tmp_path)
    # Whoever had the turn, the cell or its twin.
    row = max(native.rows(tmp_path / "out.csv"), key=lambda row: float(row["resp_max_ns"]))
    stall = STALL * 1e9
    assert float(row["resp_max_ns"]) >= stall
    # A fortieth of all commands came during the stall.
    assert float(row["resp_p99_ns"]) >= stall / 4
    assert float(row["lat_p99_ns"]) < stall / 10
    assert 9990 <= int(row["ops"]) <= 10010


def test_what_is_counted_and_what_is_not_is_said(tmp_path):
    rows, head = measure(tmp_path, "--path", "user", "--rounds", "1", "--slice", "2")
    counters = [line for line in head if line.startswith("#counters: ")]
    reasons = {name: line.split(": ", 2)[2] for line in head if line.startswith("#empty: ")
               for name in line.split(": ", 2)[1].split(", ")}
    missing = json.loads((tmp_path / "env.json").read_text())["unavailable"]
    assert len(counters) == 1
    for name in ("cycles_user", "instructions_kernel", "dtlb_misses_user", "page_faults"):
        assert (rows[0][name] == "") == (name in reasons)
        assert missing.get(name) == reasons.get(name)
        if name in reasons:
            assert reasons[name] and reasons[name] in counters[0]


def test_counters_can_be_left_out(tmp_path):
    rows, head = measure(tmp_path, "--path", "user", "--rounds", "1", "--slice", "2",
                         "--counters", "off")
    assert rows[0]["page_faults"] == rows[0]["cycles_user"] == ""
    assert any(line.startswith("#counters: none") and "--counters off" in line for line in head)


def test_only_a_rival_or_a_hypervisor_disturbs(tmp_path):
    rows, _ = measure(tmp_path, "--path", "user", "--rounds", "200", "--slice", "1")
    assert {row["disturbed"] for row in rows} <= {"0", "1"}
    for row in rows:
        bad = int(row["preempted"]) > 0 or int(row["steal_ns"] or 0) > 0
        assert row["disturbed"] == str(int(bad)), row
    # However busy the machine is: a millisecond is short.
    assert any(row["disturbed"] == "0" for row in rows)
