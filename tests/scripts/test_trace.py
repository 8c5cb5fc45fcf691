# SPDX-License-Identifier: MIT
"""scripts/trace: what it prints, from made-up and, where this kernel lets it, real traces."""

import json
import os
import re

import conftest
import pytest
import shell

from pagecopy_report import trace

NS = {"96,32": 10, "4064,32": 30, "4096,256": 50, "70000,4096": 10}


def output(counts):
    """As bpftrace -f json prints it."""
    return "\n".join(["", "{\"type\": \"attached_probes\", \"data\": {\"probes\": 5}}",
                      "a line of the program",
                      json.dumps({"type": "map", "data": {"@ns": counts}}), ""])


def test_buckets_are_read_in_order():
    assert trace.buckets(output(NS)) == [(96, 32, 10), (4064, 32, 30), (4096, 256, 50),
                                         (70000, 4096, 10)]
    with pytest.raises(trace.Unusable, match="no request"):
        trace.buckets(output({}))
    with pytest.raises(trace.Unusable):
        trace.buckets("")


@pytest.mark.parametrize("share, low", [(0.1, 96), (0.11, 4064), (0.4, 4064), (0.41, 4096),
                                        (0.9, 4096), (0.901, 70000), (1, 70000)])
def test_a_percentile_is_in_its_bucket(share, low):
    assert trace.quantile(trace.buckets(output(NS)), share)[0] == low


def test_the_histogram_has_no_gaps_and_loses_nothing():
    rows = trace.octaves(trace.buckets(output(NS)))
    assert [low for low, _ in rows] == [1 << power for power in range(6, 17)]
    assert sum(count for _, count in rows) == 100
    lines = trace.histogram(trace.buckets(output(NS)))
    assert lines[6].split() == ["4096", "to", "8191", "50", "#" * 40]


def test_the_drivers_percentiles_stand_beside(tmp_path, capsys):
    (tmp_path / "trace.json").write_text(output(NS))
    for name, factor in (("results", 3), ("alone", 1)):
        rows = [conftest.row(lat_p50_ns=factor * value, lat_p90_ns=factor * 2000,
                             lat_p99_ns=factor * 3000, lat_p999_ns=factor * 4000)
                for value in (900, 1000, 5000)]
        conftest.write(tmp_path / f"{name}.csv", rows)
    assert trace.main([str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^p50 +4096 to 4351 +3000 +1000$", text, re.M)
    assert re.search(r"^p99\.9 +70000 to 74095 +12000 +4000$", text, re.M)
    assert text.startswith("100 requests")


def test_without_percentiles_it_fails(tmp_path, capsys):
    (tmp_path / "trace.json").write_text(output(NS))
    conftest.write(tmp_path / "results.csv", [conftest.row(lat_p50_ns="")])
    assert trace.main([str(tmp_path)]) == 1
    assert "lat_p50_ns" in capsys.readouterr().err


@pytest.mark.parametrize("args, word", [
    (["--size", "4K,8K"], "one value"), (["--path", "user"], "no io_uring"),
    (["--path", "ioctl"], "no io_uring"), (["--seconds", "0"], "number of seconds"),
    (["--out", "."], "never overwritten"), (["--out", "a b"], "no space"),
    (["--", "--env", "a=b c"], "no space"), (["--color"], "unknown option")])
def test_what_makes_no_sense_is_refused(args, word):
    done = shell.run("trace", *args)
    assert done.returncode == 2
    assert word in done.stderr


def system(folder, *events, lockdown=None):
    """A made-up /sys with these tracepoints."""
    for event in events:
        (folder / "kernel/tracing/events" / event).mkdir(parents=True)
    if lockdown:
        (folder / "kernel/security").mkdir(parents=True)
        (folder / "kernel/security/lockdown").write_text(lockdown)
    return {"PAGECOPY_SYS": str(folder)}


NEW = ("io_uring/io_uring_submit_req", "io_uring/io_uring_complete", "syscalls/sys_enter_write")
OLD = ("io_uring/io_uring_submit_sqe", *NEW[1:])


@pytest.mark.parametrize("events, name", [(NEW, "io_uring_submit_req"),
                                          (OLD, "io_uring_submit_sqe")])
def test_the_tracepoint_is_the_kernels(tmp_path, events, name):
    done = shell.run("trace", "--print", env=system(tmp_path, *events))
    assert done.returncode == 0
    assert f"\ntracepoint:io_uring:{name}\n" in done.stdout
    assert "\ntracepoint:io_uring:SUBMIT\n" not in done.stdout


def reason(folder, bpftrace="exit 0", ident="echo 0", more=None, args=("--path", "nop")):
    env = shell.shim(folder / "bin", bpftrace=bpftrace, id=ident) | (more or {})
    done = shell.run("trace", "--no-build", *args, env=env)
    assert done.returncode == 77, done.stderr
    return done.stderr


def test_each_reason_not_to_run_is_told(tmp_path):
    good = system(tmp_path / "good", *NEW)
    assert "only root" in reason(tmp_path, ident="echo 1000", more=good)
    locked = system(tmp_path / "locked", *NEW, lockdown="none integrity [confidentiality]\n")
    assert "lockdown is confidentiality" in reason(tmp_path, more=locked)
    assert "no io_uring tracepoints" in reason(tmp_path, more=system(tmp_path / "a", NEW[2]))
    assert "CONFIG_FTRACE_SYSCALLS" in reason(tmp_path, more=system(tmp_path / "b", *NEW[:2]))
    (tmp_path / "empty").mkdir()
    assert "no tracefs" in reason(tmp_path, more={"PAGECOPY_SYS": str(tmp_path / "empty")})
    assert "bpftrace does not work here: no BPF" in reason(
        tmp_path, bpftrace="echo no BPF >&2; exit 1", more=good)
    if not os.path.exists("/dev/pagecopy"):
        assert "/dev/pagecopy is not there" in reason(tmp_path, more=good, args=())


def test_without_bpftrace_it_is_skipped(tmp_path):
    done = shell.run("trace", "--path", "nop", env=shell.path_without(tmp_path / "bin", "bpftrace"))
    assert done.returncode == 77
    assert "no bpftrace" in done.stderr


def mounts():
    with open("/proc/self/mounts", encoding="utf-8") as file:
        return [line for line in file if " tracefs " in line]


def test_the_kernel_has_a_request_for_less_time_than_the_program(tmp_path):
    before = mounts()
    out = tmp_path / "out"
    done = shell.run("trace", "--no-build", "--path", "null", "--depth", "8", "--seconds", "1",
                     "--out", str(out))
    assert mounts() == before
    if done.returncode == 77:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    seen = int(re.match(r"(\d+) requests", done.stdout).group(1))
    with open(out / "results.csv", encoding="utf-8") as file:
        lines = [line.split(",") for line in file if not line.startswith("#")]
    # Those of the slices, all of them, and no other.
    assert seen == sum(int(line[lines[0].index("ops")]) for line in lines[1:])
    for name in ("p50", "p90"):
        row = re.search(rf"^{name} +(\d+) to (\d+) +(\d+) +(\d+)$", done.stdout, re.M)
        assert int(row.group(1)) < int(row.group(3))
    assert (out / "alone.csv").exists() and (out / "trace.bt").exists()
