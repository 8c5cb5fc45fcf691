# SPDX-License-Identifier: MIT
"""copy = cell - floor: paired, with an interval, and no number where it means nothing."""

import pytest
from conftest import row, write
from pagecopy_report import floors
from pagecopy_report.cells import choose, copies
from pagecopy_report.load import load_all, pool
from pagecopy_report.summary import PREFER, Options, summary

NO_COPY = {"strategy": "nop"}
TOUCH = {"strategy": "nop", "op": "touch"}
OP_NOP = {"strategy": "nop", "op": "nop", "size": 0, "buffer": "none"}
NULL = {"path": "null", "strategy": "nop", "op": "nop", "size": 0, "buffer": "none"}


def timed(times, **values):
    """A cell whose operations take @times ns, one round each; None: not in that round."""
    return [row(round=nr, ops_per_s=1e9 / time, **values)
            for nr, time in enumerate(times) if time]


def found(tmp_path, rows):
    frame = pool(load_all([write(tmp_path / "results.csv", rows)]))
    setting = choose(copies(frame), ("size",), PREFER)
    return floors.estimates(frame, setting)


def told(tmp_path, rows):
    runs = load_all([write(tmp_path / "results.csv", rows)])
    return " ".join(summary(runs, Options())[0].split())


def test_the_difference_is_taken_within_rounds_not_between_medians(tmp_path):
    """The machine slows down from round to round; a copy takes 100 ns in each.

    Medians of cells that miss different rounds would make it 2100 or -1900.
    """
    way = [1000, 3000, 5000, 7000, 9000, 11000, 13000, 15000]
    cell = timed([None, *(w + 100 for w in way[1:])])
    floor = timed([*way[:-1], None], **NO_COPY)
    (one,) = found(tmp_path, cell + floor)
    assert one.found.median == pytest.approx(100)
    assert (one.found.interval.low, one.found.interval.high) == pytest.approx((100, 100))
    assert one.found.n == 6


def test_time_is_that_of_an_operation_not_a_rate(tmp_path):
    """A difference of rates is no time: 1e9/2000 - 1e9/1000 is not 1000."""
    (one,) = found(tmp_path, timed([2000] * 6) + timed([1500] * 6, **NO_COPY))
    assert one.found.median == pytest.approx(500)


@pytest.mark.parametrize("copy", (
    [-50, 40, -30, 60, 20, -10, 30, 50], [-50, -40, -60, -70, -45, -55, -65, -35]))
def test_no_number_where_the_interval_holds_0_or_lies_below(tmp_path, copy):
    floor = [1000 + 10 * nr for nr in range(8)]
    rows = timed([f + c for f, c in zip(floor, copy)]) + timed(floor, **NO_COPY)
    (one,) = found(tmp_path, rows)
    assert not one.told()
    out = told(tmp_path, rows)
    assert "below the floor's noise (its interval holds 0 or lies under it) for, against no " \
        "copy: 4K raw." in out
    assert "copy ns" not in out


def test_what_is_above_is_shown_with_its_interval(tmp_path):
    floor = [1000, 1100, 1050, 1020, 1080, 1010]
    rows = timed([f + 500 + 10 * nr for nr, f in enumerate(floor)]) + timed(floor, **NO_COPY)
    assert "4K raw no copy 525 500..550 97% 6" in told(tmp_path, rows)


def test_under_six_rounds_it_is_not_sure(tmp_path):
    rows = timed([1500] * 3) + timed([1000] * 3, **NO_COPY)
    assert "4K raw no copy 500 n<6 500..500 75% 3" in told(tmp_path, rows)


@pytest.mark.parametrize("there, name", (
    ((NO_COPY, TOUCH, OP_NOP, NULL), "no copy"), ((TOUCH, OP_NOP, NULL), "op touch"),
    ((OP_NOP, NULL), "op nop"), ((NULL,), "path null")))
def test_the_nearest_floor_is_taken_and_named(tmp_path, there, name):
    rows = timed([2000] * 6)
    for nr, floor in enumerate(there):
        rows += timed([1000 + nr] * 6, **floor)
    (one,) = found(tmp_path, rows)
    assert (one.floor, one.found.median) == (name, pytest.approx(1000))
    assert f"4K raw {name} 1,000" in told(tmp_path, rows)


def test_no_floor_of_another_path_depth_or_size(tmp_path):
    """IORING_OP_NOP is not on the way of a copy in the process or by ioctl."""
    for path in ("user", "ioctl"):
        assert not found(tmp_path, timed([2000] * 6, path=path) + timed([1000] * 6, **OP_NOP)
                         + timed([1000] * 6, **NULL))
    assert not found(tmp_path, timed([2000] * 6) + timed([1000] * 6, **NO_COPY, depth=8))
    assert not found(tmp_path, timed([2000] * 6) + timed([1000] * 6, **{**NO_COPY, "size": 64}))


def test_a_floor_that_shares_no_round_is_passed_over(tmp_path):
    rows = timed([2000] * 6) + timed([None] * 6 + [1500] * 6, **NO_COPY) \
        + timed([1200] * 6, **TOUCH)
    (one,) = found(tmp_path, rows)
    assert one.floor == "op touch"


def test_a_floor_with_two_rows_a_round_is_not_guessed_at(tmp_path):
    """Two rings of the same floor and a cell of a third: which would it be?"""
    rows = timed([2000] * 6, ring="coop") + timed([1000] * 6, ring="defer", **NULL) \
        + timed([1100] * 6, ring="plain", **NULL)
    assert not found(tmp_path, rows)


def test_the_fpu_section_is_shown_beside_and_never_taken_off(tmp_path):
    """It is in the vector copies alone, so it is no floor of the others, nor a copy."""
    rows = (timed([2000] * 6) + timed([1900] * 6, strategy="fpu")
            + timed([1500] * 6, **NO_COPY))
    frame = pool(load_all([write(tmp_path / "results.csv", rows)]))
    assert "fpu" not in set(copies(frame)["strategy"])
    (one,) = found(tmp_path, rows)
    assert one.floor == "no copy"
    assert one.found.median == pytest.approx(500)
    assert "FPU section" in told(tmp_path, rows)
