# SPDX-License-Identifier: MIT
"""Copies whose memory others use meanwhile (--mutators): verified, counted, or left out."""

import os

import native
import pytest

needs_two = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2,
                               reason="one CPU: a mutator needs one of its own")


def run(path, *options, **more):
    return native.run("run", "--path", "user", "--strategy", "raw,bytes", "--size", "64,4K",
                      "--depth", 2, "--rounds", 2, "--csv", path, *options, **more)


@needs_two
def test_copies_stay_right_and_the_others_are_counted(tmp_path):
    """The mutators store while source and destination are compared before and after."""
    path = tmp_path / "results.csv"
    done = run(path, "--op", "read,write", "--mutators", "none,w1,r1")
    assert done.returncode == 0, done.stderr
    rows = native.rows(path)
    assert {row["mutators"] for row in rows} == {"", "w1", "r1"}
    for row in rows:
        assert row["verified"] == "1" and row["errors"] == "0"
        assert (int(row["mutations"]) > 1000) if row["mutators"] else row["mutations"] == ""


@needs_two
def test_mutators_can_be_what_is_compared(tmp_path):
    path = tmp_path / "results.csv"
    done = run(path, "--mutators", "none,w1", "--pair", "mutators", "--op", "read")
    assert done.returncode == 0, done.stderr
    first = [row for row in native.rows(path) if row["round"] == "0"]
    orders = {}
    for row in first:
        orders.setdefault((row["strategy"].removesuffix(".twin"), row["size"]), []).append(row)
    assert all([row["mutators"] for row in group] == ["", "w1", ""] for group in orders.values())


def test_without_a_cpu_to_spare_they_are_left_out(tmp_path):
    one = {"preexec_fn": lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})}
    path = tmp_path / "results.csv"
    done = run(path, "--mutators", "none,w1", **one)
    assert done.returncode == 0, done.stderr
    assert "a mutator needs a CPU of its own" in native.head(path)["left_out"]
    assert not any(row["mutators"] for row in native.rows(path))
    done = run(tmp_path / "alone.csv", "--mutators", "w1", **one)
    assert done.returncode == 2 and "a mutator needs a CPU of its own" in done.stderr
