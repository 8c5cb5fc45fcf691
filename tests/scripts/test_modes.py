# SPDX-License-Identifier: MIT
"""The table of completions and their ratios to inline."""

from conftest import META, row, write

from pagecopy_report.load import load_all
from pagecopy_report.modes import modes

ROUNDS = 8


def text_of(tmp_path, rows):
    return modes(load_all([write(tmp_path / "modes.csv", rows, META)]), markdown=False)[0]


def rows_of(times, ring="defer"):
    """Rounds that drift by a factor of two, each with every completion; times in ns."""
    return [row(round=nr, order=order, ring=ring, completion=completion, depth=1,
                ops_per_s=1e9 / (ns * (1 + nr / ROUNDS)), lat_p50_ns=ns, kernel_cmd_ns=7)
            for nr in range(1, ROUNDS + 1)
            for order, (completion, ns) in enumerate(times.items())]


def line(text, *words):
    """The line that begins with these words."""
    return lines(text, *words)[0]


def lines(text, *words):
    """All of them: of the ratios, then of the differences."""
    found = [one for one in text.splitlines() if one.split()[:len(words)] == list(words)]
    assert found, f"no line {words} in\n{text}"
    return found


def test_ratio_is_paired_by_round(tmp_path):
    """Catches: medians divided, or rounds mixed, where the drift is larger than the ratio."""
    text = text_of(tmp_path, rows_of({"inline": 1000, "task": 1030, "work": 2000}))
    assert "1.030 [1.030, 1.030]" in line(text, "read", "task")
    assert "2.000 [2.000, 2.000]" in line(text, "read", "work")
    assert "interval of 99 %" in text.replace("\n  ", " ")


def test_difference_is_paired_by_round(tmp_path):
    """Catches: a difference of medians, where each round drifts; a sign the wrong way."""
    text = text_of(tmp_path, rows_of({"inline": 1000, "task": 1080}))
    assert "+125 [+90, +160]" in lines(text, "read", "task")[1]


def test_poll_is_compared_on_its_own_ring(tmp_path):
    """Catches: poll held against inline of another ring, a ratio of two rings."""
    rows = rows_of({"inline": 1000}) + rows_of({"inline": 3000, "poll": 6000}, "defer+iopoll")
    text = text_of(tmp_path, rows)
    assert "2.000" in line(text, "read", "poll")
    assert line(text, "uring", "read", "inline").split()[3] == "1,000"


def test_noise_is_marked(tmp_path):
    """Catches: a ratio shown as a finding whose interval holds 1."""
    rows = rows_of({"inline": 1000, "task": 1000})
    for nr, one in enumerate(rows):
        one["ops_per_s"] *= 1 + (nr * 7 % 5) / 50
    assert "~" in line(text_of(tmp_path, rows), "read", "task")


def test_ways_are_in_order_and_failed_rows_left_out(tmp_path):
    """Catches: a failed cell shown as a cost; floors lost among the copies."""
    rows = rows_of({"inline": 1000, "task": 1100})
    rows += [row(round=1, path="nop", op="nop", strategy="nop", size=0, kernel_cmd_ns=""),
             row(round=1, path="ioctl", op="read", lat_p50_ns=123456),
             row(round=1, completion="iowq", errors=3)]
    text = text_of(tmp_path, rows)
    table = [one.split()[0] for one in text.splitlines()
             if one.split()[:1] and one.split()[0] in ("IORING_OP_NOP", "uring", "ioctl")]
    assert table == ["IORING_OP_NOP", "uring", "uring", "ioctl"]
    assert "iowq" not in text
    assert line(text, "IORING_OP_NOP").split()[-1] == "-"
