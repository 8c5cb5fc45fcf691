# SPDX-License-Identifier: MIT
"""Rounds as the program measures them: who takes turns with whom, and how often."""

import collections
import os

import native
import pytest

TWIN = ".twin"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A run of three kinds of group; every cell has all its rounds."""
    csv = tmp_path_factory.mktemp("rounds") / "results.csv"
    done = native.run("run", "--path", "user,nop,null", "--op", "read", "--strategy",
                      "nop,words,raw", "--size", "64,4K", "--depth", "1,8", "--rounds", "12",
                      "--slice", "2", "--precision", "0", "--disturbed", "keep", "--seed", "11",
                      "--csv", csv)
    assert done.returncode == 0, done.stderr
    return csv


def cell_of(row):
    return tuple(row[axis] for axis in ("path", "op", "size", "depth"))


def rounds_of(rows):
    found = collections.defaultdict(list)
    for row in rows:
        found[int(row["round"])].append(row)
    return found


def test_each_group_has_one_twin_of_what_the_others_are_compared_with(path):
    for rows in rounds_of(native.rows(path)).values():
        groups = collections.defaultdict(list)
        for row in rows:
            groups[cell_of(row)].append(row["strategy"])
        assert len(groups) == 2 * (2 + 1 + 1)
        for cell, names in groups.items():
            base = "words" if cell[0] == "user" else "nop"
            assert names.count(base + TWIN) == 1, names
            assert sum(name.endswith(TWIN) for name in names) == 1


def test_the_head_says_how_many_rows_a_round_has(path):
    head = native.head(path)
    rounds = rounds_of(native.rows(path))
    assert {len(rows) for rows in rounds.values()} == {int(head["cells"])}
    assert int(head["groups"]) == 8
    assert len(rounds) == 12


def test_groups_come_in_another_order_every_round(path):
    orders = [tuple(dict.fromkeys(cell_of(row) for row in rows))
              for rows in rounds_of(native.rows(path)).values()]
    assert len(set(orders)) > 10
    assert len({order[0] for order in orders}) > 2


def test_a_row_is_put_together_from_two_turns(path):
    assert {row["turns"] for row in native.rows(path)} == {"2"}


def test_a_long_slice_is_cut_into_more_turns(tmp_path):
    csv = tmp_path / "results.csv"
    done = native.run("run", "--path", "nop", "--depth", "1", "--rounds", "2", "--slice", "40",
                      "--csv", csv)
    assert done.returncode == 0, done.stderr
    rows = native.rows(csv)
    assert {row["turns"] for row in rows} == {"8"}
    # Half of the slice is without stamps; a turn may last longer, never shorter.
    assert all(float(row["seconds"]) > 0.0199 for row in rows)


def test_the_last_row_of_a_cell_says_why(path):
    last = {}
    for row in native.rows(path):
        last.setdefault((cell_of(row), row["strategy"]), []).append(row["stop"])
    for reasons in last.values():
        assert reasons == [""] * 11 + ["rounds"]


def test_what_is_known_well_enough_stops_early(tmp_path):
    csv = tmp_path / "results.csv"
    done = native.run("run", "--path", "user", "--op", "read", "--strategy", "raw,bytes", "--size",
                      "4K", "--depth", "1", "--rounds", "5000", "--slice", "2", "--precision", "30",
                      "--csv", csv)
    assert done.returncode == 0, done.stderr
    rows = native.rows(csv)
    assert 3 * 10 <= len(rows) < 3 * 5000
    assert [row["stop"] for row in rows[-3:]] == ["precise"] * 3


def test_the_budget_ends_all_cells_in_the_same_round(tmp_path):
    csv = tmp_path / "results.csv"
    done = native.run("run", "--path", "nop,null", "--depth", "1,8", "--rounds", "100000",
                      "--slice", "4", "--precision", "0", "--disturbed", "keep", "--budget", "1",
                      "--csv", csv)
    assert done.returncode == 0, done.stderr
    rows = native.rows(csv)
    last = max(int(row["round"]) for row in rows)
    assert last < 99999
    assert {row["stop"] for row in rows if int(row["round"]) == last} == {"budget"}
    assert {row["stop"] for row in rows if int(row["round"]) < last} == {""}


def test_any_axis_can_be_the_one_that_is_compared(tmp_path):
    csv = tmp_path / "results.csv"
    done = native.run("run", "--path", "nop", "--depth", "8,1,64", "--pair", "depth", "--rounds",
                      "3", "--slice", "2", "--disturbed", "keep", "--csv", csv)
    assert done.returncode == 0, done.stderr
    names = [(row["depth"], row["strategy"]) for row in native.rows(csv)]
    assert names == [("8", "nop"), ("1", "nop"), ("64", "nop"), ("8", "nop.twin")] * 3


def peak(csv, sizes):
    """KiB that a sweep over so many sizes and 40 depths needs at most."""
    process = native.start("run", "--path", "user", "--op", "read", "--strategy", "raw", "--size",
                           ",".join(str(4096 - nr) for nr in range(sizes)), "--depth",
                           ",".join(str(40 - nr) for nr in range(40)), "--rounds", "1", "--slice",
                           "1", "--disturbed", "keep", "--csv", csv)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert len(native.rows(csv)) == 2 * 40 * sizes
    return usage.ru_maxrss


def test_more_cells_take_no_more_memory(tmp_path):
    few, many = tmp_path / "few", tmp_path / "many"
    few.mkdir()
    many.mkdir()
    # 5,120 cells against 160; 100 bytes for each would be seen.
    assert peak(many / "results.csv", 64) - peak(few / "results.csv", 2) < 500
