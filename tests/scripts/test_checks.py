# SPDX-License-Identifier: MIT
"""Cross-checks: our figures beside those of Google Benchmark and hyperfine, made up here."""

import json

import numpy as np
import pytest
from conftest import META, series, write
from pagecopy_report import checks
from pagecopy_report.load import InputError, by_place, load_all

NS = [100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 106.0]


def places(folder, ours=None, **fixed):
    """raw and words in a file of their own: ns of an operation, round by round."""
    rows = []
    for name, times in (ours or {"raw": NS, "words": NS}).items():
        rows += series([1e9 / ns for ns in times], "ops_per_s", strategy=name, **{
            "path": "user", "buffer": "user", "batch": "none", "ring": "none", **fixed})
    return by_place(load_all([write(folder / "results.csv", rows, META)]))


def gbench(path, cells, cache="hot", align="same", **context):
    """As pagecopy-gbench writes it; @cells: ns by (strategy, size)."""
    rows = [{"run_name": f"copy/strategy:{name}/size:{size}/align:{align}/offset:0/cache:{cache}",
             "run_type": "iteration", "repetition_index": nr, "cpu_time": ns, "time_unit": "ns"}
            for (name, size), times in cells.items() for nr, ns in enumerate(times)]
    path.write_text(json.dumps({"context": {"emulated": "no", **context}, "benchmarks": rows}))
    return path


def hyperfine(folder, cells, idle=None, count=1000, **setting):
    """As scripts/hyperfine writes it; @cells, @idle: seconds by (strategy, size)."""
    for name, times in (("hyperfine", cells), ("hyperfine-startup", idle)):
        if times is not None:
            (folder / f"{name}.json").write_text(json.dumps({"results": [
                {"command": "x", "times": list(one), "parameters": {"strategy": key[0],
                                                                   "size": key[1]}}
                for key, one in times.items()] + [{"command": "other", "times": [1]}]}))
    base = {"path": "user", "op": "read", "buffer": "user", "depth": 1, "offset": 0,
            "ring": "none", "completion": "inline", "count": count}
    (folder / "hyperfine-setting.json").write_text(json.dumps({**base, **setting}))
    return folder / "hyperfine.json"


def rows(table):
    return {(line[1], line[0]): line for line in table["rows"]}


def test_google_benchmark_beside_ours(tmp_path):
    far = [2 * ns for ns in NS]
    gbench(tmp_path / "gbench.json", {("raw", 4096): NS[1:], ("words", 4096): far,
                                      ("raw", 64): NS, ("movsb", 4096): NS})
    (table,) = checks.checks(places(tmp_path))
    assert table["title"].startswith("Google Benchmark, gbench.json: path user")
    lines = rows(table)
    assert set(lines) == {("raw", "4K"), ("words", "4K")}
    assert lines["raw", "4K"][2:] == ["103", "[100, 106]", "7", "104", "[101, 106]", "6",
                                      "1.005", "yes"]
    assert lines["words", "4K"][5:] == ["206", "[200, 212]", "7", "2.000", "no"]
    assert table["notes"][0] == ("The intervals overlap in 1 of 2 cells; 2 of theirs were not "
                                 "measured here.")
    assert any("CPU time" in note for note in table["notes"])


def test_only_the_same_cell_is_set_beside(tmp_path):
    """Not another path, nor another state of the cache, nor copies that lie askew."""
    gbench(tmp_path / "gbench.json", {("raw", 4096): NS}, cache="dram")
    (table,) = checks.checks(places(tmp_path))
    assert table["rows"] == [] and "None of their 1 cells" in table["notes"][0]
    gbench(tmp_path / "gbench.json", {("raw", 4096): NS})
    (table,) = checks.checks(places(tmp_path, path="ioctl"))
    assert table["rows"] == []
    gbench(tmp_path / "gbench.json", {("raw", 4096): NS}, align="mutual")
    assert checks.checks(places(tmp_path)) == []


def test_too_few_rounds_are_no_verdict(tmp_path):
    gbench(tmp_path / "gbench.json", {("raw", 4096): NS[:5]})
    (table,) = checks.checks(places(tmp_path))
    assert rows(table)["raw", "4K"][-1] == "n<6" and "too few" in table["notes"][0]


def test_failed_and_twin_rows_of_ours_do_not_count(tmp_path):
    gbench(tmp_path / "gbench.json", {("raw", 4096): NS, ("raw.twin", 4096): NS})
    (table,) = checks.checks(places(tmp_path, {"raw": NS, "raw.twin": NS}, errors=1))
    assert table["rows"] == []


def test_hyperfine_less_the_command_without_copies(tmp_path):
    busy = [0.010 + 1e-9 * ns * 1000 for ns in NS]
    idle = [0.010] * 7
    key = ("raw", "4096")
    hyperfine(tmp_path, {key: busy}, {key: idle}, {"4096": 1000})
    (table,) = checks.checks(places(tmp_path))
    assert rows(table)["raw", "4K"][5:8] == ["103", "[100, 106]", "7"]
    assert rows(table)["raw", "4K"][-2:] == ["1.000", "yes"]
    assert any("less that of the same command" in note for note in table["notes"])


def test_the_interval_of_a_difference_takes_both_sides(tmp_path):
    busy, idle = np.array(NS) * 1e-6, np.array([1.0, 2, 3, 4, 5, 6, 7]) * 1e-6
    one = checks.per_copy(busy, idle, 1000)
    assert (one.middle, one.low, one.high) == pytest.approx((99, 93, 105))
    assert one.sure and not checks.per_copy(busy[:6], idle, 1000).sure


def test_hyperfine_without_a_start_up_says_that_it_is_in(tmp_path):
    hyperfine(tmp_path, {("raw", "4K"): [0.010 + 1e-9 * ns * 1000 for ns in NS]})
    (table,) = checks.checks(places(tmp_path))
    assert rows(table)["raw", "4K"][5] == "10,103" and rows(table)["raw", "4K"][-1] == "no"
    assert any("no hyperfine-startup.json" in note for note in table["notes"])


def test_the_setting_of_hyperfine_decides_which_cells(tmp_path):
    hyperfine(tmp_path, {("raw", "4K"): [0.01] * 7}, path="uring", buffer="fixed")
    assert checks.checks(places(tmp_path))[0]["rows"] == []
    hyperfine(tmp_path, {("raw", "4K"): [0.01] * 7}, depth=8)
    assert checks.checks(places(tmp_path))[0]["rows"] == []
    assert checks.checks(places(tmp_path, depth=8))[0]["rows"]


@pytest.mark.parametrize("name, text", (
    ("gbench.json", ""), ("gbench.json", "[" * 100_000), ("gbench.json", "{}"),
    ("gbench.json", '{"benchmarks": 3, "context": {}}'), ("gbench.json", "\0"),
    ("gbench.json", '{"benchmarks": [{"run_type": "iteration"}], "context": 1}'),
    ("hyperfine.json", '{"results": [{"parameters": {"strategy": "a", "size": "x"}}]}'),
    ("hyperfine.json", '{"results": [{"parameters": 4}]}'), ("hyperfine.json", '{"results": 1}'),
    ("hyperfine.json", '{"results": [{"parameters": {"strategy": "a", "size": "4K"}, '
                       '"times": ["x"]}]}'),
))
def test_a_broken_file_is_named_and_stops_only_who_asked_for_it(tmp_path, name, text):
    made = places(tmp_path)
    hyperfine(tmp_path, {}).unlink()
    (tmp_path / name).write_text(text)
    (table,) = checks.checks(made)
    assert table["rows"] == [] and table["notes"][0].startswith("Not used: ")
    with pytest.raises(InputError, match=name):
        checks.checks(made, [tmp_path / name])


@pytest.mark.parametrize("count", (0, -5, "x", None, {}, [1], 1e400))
def test_a_count_that_is_none_is_refused(tmp_path, count):
    path = hyperfine(tmp_path, {("raw", "4K"): [0.01] * 7}, count=count)
    with pytest.raises(InputError, match="not what scripts/hyperfine writes"):
        checks.read(path)


def test_a_given_file_is_set_beside_too_and_once(tmp_path):
    path = gbench(tmp_path / "gbench.json", {("raw", 4096): NS})
    other = gbench(tmp_path / "mine.json", {("words", 4096): NS}, emulated="yes")
    tables = checks.checks(places(tmp_path), [path, other])
    assert [table["rows"][0][1] for table in tables] == ["raw", "words"]
    assert any(note.startswith("EMULATED") for note in tables[1]["notes"])
