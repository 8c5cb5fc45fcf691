# SPDX-License-Identifier: MIT
"""The states of the caches as a run of the program has them."""

import collections
import statistics

import native
import pytest

STATES = ("hot", "llc", "dram", "flushed")


def had(head):
    """The states that this machine can give."""
    return [state for state in STATES if f"cache_state_{state}" not in head]


@pytest.fixture(name="results", scope="module")
def measure(tmp_path_factory):
    csv = tmp_path_factory.mktemp("cache") / "results.csv"
    done = native.run("run", "--path", "user,nop", "--op", "read", "--strategy", "raw,words",
                      "--size", "64,4K", "--depth", "1,64", "--cache", "all", "--rounds", "3",
                      "--slice", "2", "--precision", "0", "--disturbed", "keep", "--csv", csv)
    assert done.returncode == 0, done.stderr
    return csv


def test_each_state_has_its_cells(results):
    rows = native.rows(results)
    assert {row["verified"] for row in rows} == {"1"}
    assert {row["cache"] for row in rows if row["path"] == "nop"} == {"hot"}
    cells = collections.Counter((row["cache"], row["depth"]) for row in rows
                                if row["path"] == "user" and row["round"] == "0")
    # Two strategies and the twin, of each size.
    want = {("hot", "1"): 6, ("hot", "64"): 6}
    want.update({(state, "1"): 6 for state in had(native.head(results)) if state != "hot"})
    assert cells == want


def test_the_places_are_as_many_as_the_head_says(results):
    head = native.head(results)
    for row in native.rows(results):
        if row["cache"] not in ("llc", "dram"):
            continue
        asked = int(head[f"working_set_{row['cache']}"].split()[0])
        llc = int(head["cache_llc"].split()[0])
        walked = 2 * int(row["buffers"]) * int(row["size"])
        assert walked >= asked
        assert walked <= llc / 2 or row["cache"] == "dram"
        assert walked >= 2 * llc or row["cache"] == "llc"


def test_what_would_count_the_flushing_is_empty(results):
    for row in native.rows(results):
        if row["cache"] == "flushed":
            assert row["instructions_user"] == row["cycles_user"] == ""


def test_flushed_copies_wait_for_memory(tmp_path):
    """The same 64 buffers in turns, flushed and not: only the flushing differs."""
    csv = tmp_path / "results.csv"
    done = native.run("run", "--path", "user", "--op", "read", "--strategy", "raw", "--size", "4K",
                      "--depth", "64", "--pair", "cache", "--cache", "hot,flushed", "--rounds",
                      "15", "--precision", "0", "--disturbed", "keep", "--csv", csv)
    if done.returncode == 0 and "flushed" not in had(native.head(csv)):
        pytest.skip("no instruction that flushes")
    assert done.returncode == 0, done.stderr
    rounds = collections.defaultdict(dict)
    for row in native.rows(csv):
        assert row["buffers"] == "64"
        if row["strategy"] == "raw":
            rounds[row["round"]][row["cache"]] = float(row["lat_p50_ns"])
    ratios = [one["flushed"] / one["hot"] for one in rounds.values()]
    assert statistics.median(ratios) > 1.5, ratios


def test_a_state_that_cannot_be_had_says_why(tmp_path):
    done = native.run("run", "--path", "user", "--op", "read", "--rate", "1000", "--cache",
                      "flushed", "--csv", tmp_path / "results.csv")
    assert done.returncode in (2, 77)
    assert "no time outside the clock to flush in" in done.stderr


def test_the_summary_names_the_state(results):
    import shell
    import subprocess
    done = subprocess.run([shell.ROOT / "scripts/summary", results], capture_output=True,
                          text=True, check=True)
    for state in had(native.head(results)):
        assert state == "hot" or f"cache {state}" in done.stdout


@pytest.mark.parametrize("seed", [1, 2])
def test_large_places_come_after_small_ones_and_before(tmp_path, seed):
    """In either order: what was verified of one layout is nothing of the next."""
    csv = tmp_path / "results.csv"
    done = native.run("run", "--path", "user", "--op", "read", "--strategy", "raw", "--size",
                      "64,2M", "--cache", "dram", "--rounds", "3", "--slice", "2", "--seed", seed,
                      "--csv", csv)
    if done.returncode == 77:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    assert {row["verified"] for row in native.rows(csv)} == {"1"}


def test_each_thread_walks_by_itself(tmp_path):
    csv = tmp_path / "results.csv"
    done = native.run("run", "--path", "user", "--op", "write", "--strategy", "raw", "--size", "4K",
                      "--cache", "all", "--threads", "1,2", "--offset", "0,100", "--rounds", "2",
                      "--slice", "2", "--csv", csv)
    assert done.returncode == 0, done.stderr
    places = {}
    for row in native.rows(csv):
        assert row["verified"] == "1"
        places[row["cache"], row["offset"], row["threads"]] = int(row["buffers"])
    for (cache, offset, threads), nr in places.items():
        if cache != "hot" and threads == "2":
            assert nr == 2 * places[cache, offset, "1"]
