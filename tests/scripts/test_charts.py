# SPDX-License-Identifier: MIT
"""The charts as data: their numbers are those of the rows, their tags and sizes hold."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ALL, META, Maker, row, series, write
from pagecopy_report import compare, floors, plotdef, question, report
from pagecopy_report.cells import SETTING
from pagecopy_report.columns import CELL
from pagecopy_report.drawing import plain
from pagecopy_report.load import InputError, by_place, load_all

REAL = plotdef.PLOTS / "gallery/results.csv"
WIDE = 1400
HELD = [axis for axis in CELL if axis != "strategy"]


@pytest.fixture(scope="module", name="real")
def real_fixture():
    """All charts of the gallery, by name."""
    return {one.name: one for one in report.charts(by_place(load_all([REAL])))}


@pytest.fixture(scope="module", name="rows")
def rows_fixture():
    """The rows of the gallery as pandas alone reads them, without what no median counts."""
    frame = pd.read_csv(REAL, comment="#", keep_default_na=False, na_values=[""])
    frame = frame[(frame["errors"] == 0) & (frame["verified"] != 0)]
    frame = frame.fillna({"mutators": "none"})
    quiet = frame["disturbed"] == 0
    enough = quiet.groupby([frame[axis] for axis in CELL if axis in frame],
                           dropna=False).transform("sum") >= 10
    return frame[quiet | ~enough].assign(time_ns=1e9 / frame["ops_per_s"],
                                         kernel_gb_per_s=frame["size"] / frame["kernel_ns"])


def of_panel(rows, panel, strategy):
    """The rows of a strategy that a panel shows."""
    for axis in SETTING:
        if axis in panel.tags and axis in rows:
            rows = rows[rows[axis] == panel.tags[axis]]
    return rows[rows["strategy"] == strategy]


def made(tmp_path, rows, names, columns=None, meta=None):
    """Charts of made-up rows, by name."""
    path = write(tmp_path / "results.csv", rows, meta, columns or ALL)
    return {one.name: one for one in report.charts([load_all([path])], names)}


def one(panel, name):
    return next(found for found in panel.series if found.name == name)


@pytest.mark.parametrize("name, x, column", (
    ("throughput", "size", None), ("depth-latency", "depth", None),
    ("depth-throughput", "depth", None)))
def test_points_are_the_medians_and_quartiles_of_the_rows(real, rows, name, x, column):
    columns = {panel.title: panel.y.column for panel in plotdef.load_plot(name).panels}
    count = 0
    for panel in real[name].panels:
        for line in panel.series:
            if line.role != "copy":
                continue
            over = of_panel(rows, panel, line.name).groupby(x)[columns[panel.title]]
            wanted = over.quantile([0.25, 0.5, 0.75]).unstack().dropna()
            assert line.x == tuple(wanted.index)
            for part, values in zip((0.25, 0.5, 0.75), (line.low, line.y, line.high)):
                assert values == pytest.approx(wanted[part].tolist(), rel=6e-5)
            count += len(line.x)
    assert count > 100


def test_percentile_curves_and_heat_maps_are_medians_of_the_rows(real, rows):
    columns = [column for column, _ in plotdef.load_plot("latency").x.columns]
    for panel in real["latency"].panels:
        for line in (line for line in panel.series if line.role == "copy"):
            wanted = of_panel(rows, panel, line.name)[columns].median()
            assert line.y == pytest.approx(wanted.tolist(), rel=6e-5)
            assert panel.series and real["latency"].x.names[-1] == "max"
    for panel in real["heat"].panels:
        (found,) = panel.series
        middle = of_panel(rows, panel, panel.tags["strategy"]).groupby(["size", "depth"])
        assert found.value == pytest.approx(
            [middle["gb_per_s"].median()[at] for at in zip(found.x, found.y)], rel=6e-5)


def test_floors_are_those_of_the_same_depth(real, rows):
    (panel,) = [one for one in real["depth-latency"].panels if one.first and one.title == "p99"]
    nop = rows[(rows["path"] == "nop") & ~rows["strategy"].str.endswith(".twin")]
    wanted = nop.groupby("depth")["lat_p99_ns"].median()
    floor = one(panel, "path nop")
    assert (floor.role, floor.x) == ("floor", tuple(wanted.index))
    assert floor.y == pytest.approx(wanted.tolist(), rel=6e-5)


@pytest.mark.parametrize("title, metric", (("in the kernel", "kernel_ns"),
                                           ("end to end through io_uring", question.TIME)))
def test_a_forest_says_what_compare_says(real, title, metric):
    panel = next(one for one in real["ratio"].panels if one.first and one.title == title)
    where = [f"{axis}={question.shown(axis, panel.tags[axis])}" for axis in HELD
             if axis in panel.tags]
    for line in (line for line in panel.series if line.role == "copy"):
        sides = question.one_run([REAL], "raw", line.name, "strategy", [], where)
        answer = compare.answer(sides, compare.Asked(question.metric_of(metric)))
        found = sorted(answer.rows, key=lambda row: row.key["size"])
        assert line.x == pytest.approx([row.ratio for row in found], rel=6e-5)
        assert line.low == pytest.approx([row.low for row in found], rel=6e-5)
        assert line.high == pytest.approx([row.high for row in found], rel=6e-5)
        assert [note.split(",")[0] for note in line.note] == [row.verdict for row in found]
        assert [panel.y.names[round(y)] for y in line.y] == ["64", "512", "4K", "64K", "2M"]
        assert panel.bands[0].high >= max(row.band[1] for row in found) * 0.9999


def test_the_control_of_a_forest_is_the_twin_of_its_base(real):
    panel = real["ratio"].panels[0]
    control = one(panel, "raw.twin")
    assert control.role == "control" and len(control.x) == 5
    assert panel.bands[0].low < 1 < panel.bands[0].high
    assert all(panel.bands[0].low * 0.999 <= x <= panel.bands[0].high * 1.001 for x in control.x)


def command_rows(nop=100.0, op=130.0, touch=180.0, copy=250.0, step=1.0, **more):
    """A command with its floors, each @step slower a round than the one before."""
    parts = ({"path": "nop", "op": "nop", "strategy": "nop", "size": 0, "buffer": "none"},
             {"op": "nop", "strategy": "nop", "size": 0, "buffer": "none"},
             {"op": "touch", "strategy": "nop"}, {**more, "strategy": "raw"})
    rows = []
    for nr in range(12):
        for cell, ns in zip(parts, (nop, op, touch, copy)):
            rows.append(row(**{"round": nr, "ops_per_s": 1e9 / (ns + step * nr), **cell}))
    return rows


def test_parts_of_a_bar_are_paired_differences_that_add_up(tmp_path):
    """The drift that all rounds share is in no difference, only in the floor."""
    (panel,) = made(tmp_path, command_rows(), ["cost"])["cost"].panels
    assert {line.name: line.y for line in panel.series} == {
        "ring floor": (105.5,), "command": (30,), "map and pin": (50,), "copy": (70,)}
    assert sum(line.y[0] for line in panel.series) == 255.5
    assert "add up to 256 ns, the whole took 256" in one(panel, "copy").note[0]
    assert panel.x.names == ("uring read fixed",) and panel.tags["size"] == 4096


def test_a_part_below_its_noise_has_no_height_and_says_so(tmp_path):
    rows = command_rows(op=100, touch=90)
    for nr, cell in enumerate(rows):
        if cell["op"] == "nop" and cell["path"] == "uring":
            cell["ops_per_s"] = 1e9 / (100 + (5 if nr // 4 % 2 else -5) + nr // 4)
    (panel,) = made(tmp_path, rows, ["cost"])["cost"].panels
    for name in ("command", "map and pin"):
        assert one(panel, name).y == (0,)
        assert one(panel, name).note[0].startswith(floors.BELOW)
    assert "-10.0" in one(panel, "map and pin").note[0]
    assert one(panel, "copy").y == (160,)
    assert all(y >= 0 for line in panel.series for y in line.y)


@pytest.mark.parametrize("lacking", (
    lambda one: one["op"] != "touch", lambda one: one["path"] != "nop"))
def test_a_mode_without_a_floor_has_no_bar(tmp_path, lacking):
    assert not made(tmp_path, [one for one in command_rows() if lacking(one)], ["cost"])


def test_a_completion_is_not_set_against_floors_that_complete_otherwise(tmp_path):
    assert not made(tmp_path, command_rows(completion="iowq"), ["cost"])


def test_every_round_is_a_dot_and_disturbed_ones_are_named(tmp_path):
    rows = series([100 + nr for nr in range(12)], disturbed=0)
    rows[3]["disturbed"] = 1
    panel = made(tmp_path, rows, ["rounds"])["rounds"].panels[0]
    dots = one(panel, "raw")
    assert dots.x == tuple(range(1, 13)) and dots.y == tuple(range(100, 112))
    assert [nr for nr, note in enumerate(dots.note) if note == "disturbed"] == [3]


def test_rounds_of_a_second_run_come_after_those_of_the_first(tmp_path):
    paths = [write(tmp_path / f"{name}.csv", series([ns] * 3, run_id=name),
                   {**META, "run_id": name})
             for name, ns in (("a", 5), ("b", 7))]
    chart = report.charts([load_all(paths)], ["rounds"])[0]
    assert one(chart.panels[0], "raw").y == (5, 5, 5, 7, 7, 7)


def test_too_many_dots_are_thinned_evenly_and_it_is_said(tmp_path):
    rows = series(range(1, 1501), strategy="raw") + series(range(1, 1501), strategy="words")
    chart = made(tmp_path, rows, ["rounds"])["rounds"]
    dots = one(chart.panels[0], "raw")
    assert len(dots.x) == 300 and set(np.diff(dots.x)) == {5}
    assert any("one in 5 is drawn" in line for line in chart.caption)


def test_tags_hold_every_axis_that_the_panel_holds_still(real):
    moving = {"throughput": {"size"}, "ratio": {"size"}, "depth-latency": {"depth"},
              "depth-throughput": {"depth"}, "heat": {"size", "depth"}, "latency": set(),
              "rounds": set(),
              "cost": {"path", "op", "buffer", "completion", "ring", "batch", "pages"}}
    assert set(moving) == set(real) == set(plotdef.names())
    for name, chart in real.items():
        for panel in chart.panels:
            # No rate was asked for: no value.
            wanted = {*SETTING, "place"} - moving[name] - {"rate"}
            assert set(panel.tags) - {"strategy"} == wanted, name
            assert panel.tags["place"] == "1"


def test_every_setting_has_a_panel_and_each_only_one(real, rows):
    copied = rows[rows["op"].isin(("read", "write")) & (rows["path"] == "user")
                  & (rows["strategy"] == "raw")]
    wanted = {tuple(one) for one in copied[["size", "depth"]].drop_duplicates().to_numpy()}
    found = [(panel.tags["size"], panel.tags["depth"]) for panel in real["rounds"].panels
             if panel.tags["path"] == "user"]
    assert sorted(found) == sorted(wanted)


def test_charts_are_json_of_bounded_size(real):
    data = json.dumps([plain(chart) for chart in real.values()], allow_nan=False)
    assert len(data) < report.PAGE_BYTES
    assert not any(len(str(y).split(".")[-1]) > 8 for chart in real.values()
                   for panel in chart.panels for line in panel.series for y in line.y)


def test_a_page_that_would_be_too_large_keeps_what_comes_first_and_says_so(monkeypatch):
    runs = by_place(load_all([REAL]))
    whole = {one.name: one for one in report.charts(runs, ["rounds", "latency"])}
    monkeypatch.setattr(report, "PAGE_BYTES", 30_000)
    for chart in report.charts(runs, ["rounds", "latency"]):
        full = whole[chart.name]
        firsts = [panel for panel in full.panels if panel.first]
        assert list(chart.panels[:len(firsts)]) == firsts
        assert len(firsts) <= len(chart.panels) < len(full.panels)
        (said,) = [line for line in chart.caption if "are left out" in line and "settings" in line]
        assert int(said.split()[0]) == len(full.panels) - len(chart.panels)


def test_places_stand_side_by_side_and_say_which_is_which(tmp_path):
    rows = Maker(rounds=2).run(("raw",), (64, 4096), (1,))
    paths = []
    for name in ("6.1", "6.12"):
        meta = {**META, "kernel": name, "emulated": "yes" if name == "6.1" else "no"}
        paths.append(write(tmp_path / f"{name}.csv", rows, meta))
    (chart,) = report.charts(by_place(load_all(paths)), ["throughput"])
    assert [panel.tags["place"] for panel in chart.panels if panel.first] == ["1"] * 3 + ["2"] * 3
    for nr, name in enumerate(("6.1", "6.12"), 1):
        assert any(line.startswith(f"Place {nr}: ") and f"kernel {name}," in line
                   for line in chart.caption)
    assert len(chart.untrue) == 1 and chart.panels[0].setting.endswith("place 1")


@pytest.mark.parametrize("name, change, said", (
    ("cost", lambda d: d.pop("parts"), "parts is missing"),
    ("cost", lambda d: d.pop("order"), "order is missing"),
    ("cost", lambda d: d.update(order="last"), "order 'last' is not a whole number"),
    ("cost", lambda d: d["parts"]["uring"].append(["x", "attic", ""]), "'attic' is not one of"),
    ("ratio", lambda d: d.pop("base"), "base is missing"),
    ("heat", lambda d: d.pop("value"), "value is missing"),
    ("heat", lambda d: d["y"].pop("column"), "column is missing"),
    ("rounds", lambda d: d.update(dots_max=0), "dots_max 0 is not a whole number from 1"),
    ("rounds", lambda d: d.update(kind="pie"), "kind 'pie' is not one of"),
    ("rounds", lambda d: d.update(colour="red"), "'colour' is not one of"),
    ("latency", lambda d: d["x"]["columns"].append(["lat_p42_ns", "p42"]), "'lat_p42_ns' is not"),
    ("latency", lambda d: d.update(panels=[]), "nothing would be drawn"),
    ("throughput", lambda d: d["panels"][0]["y"].update(format="furlong"), "'furlong' is not"),
))
def test_a_broken_definition_is_refused_by_name(tmp_path, name, change, said):
    data = json.loads((plotdef.PLOTS / f"{name}.json").read_text())
    change(data)
    (tmp_path / "mine.json").write_text(json.dumps(data))
    with pytest.raises(InputError, match=said):
        plotdef.load_plot("mine", tmp_path)


def test_charts_come_in_the_order_of_their_definitions(tmp_path):
    for name, order in (("a", 3), ("b", 1), ("c", 2)):
        data = json.loads((plotdef.PLOTS / "heat.json").read_text()) | {"order": order}
        (tmp_path / f"{name}.json").write_text(json.dumps(data))
    (tmp_path / "broken.json").write_text("[")
    assert plotdef.names(tmp_path) == ["broken", "b", "c", "a"]
    assert plotdef.names()[:2] == ["throughput", "ratio"]


@pytest.mark.parametrize("change, said", (
    (lambda d: d.update(panel=["path", "moon"]), "'moon' is not one of"),
    (lambda d: d.update(kind="lines"), "kind 'lines' is not one of: histogram"),
    (lambda d: d.pop("columns"), "columns is missing"),
))
def test_a_broken_definition_of_the_tear_chart_is_refused(tmp_path, change, said):
    data = json.loads((plotdef.PLOTS / "tear.json").read_text())
    change(data)
    (tmp_path / "tear.json").write_text(json.dumps(data))
    with pytest.raises(InputError, match=said):
        plotdef.load_histogram("tear", tmp_path)


HEAD = ("schema,experiment,path,op,strategy,size,offset,buf_offset,whole,tear_64,tear_32,tear_16,"
        "tear_8,tear_4,tear_2,tear_1,thin_air,mutator\n")


def test_tear_files_are_one_chart_of_shares(tmp_path):
    paths: list[Path] = []
    for name, whole in (("a", 75), ("b", 50)):
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text(f"#results: tear\n{HEAD}1,tear,user,read,words,64,0,0,{whole},0,0,0,"
                             f"{100 - whole},0,0,0,0,thread\n1,tear,user,read,raw,64,0,0,1,0,0,0,"
                             "0,0,0,1,0,thread\n")
    (chart,) = report.tear_charts(paths)
    assert [panel.tags["place"] for panel in chart.panels] == ["1", "2"]
    assert chart.panels[0].x.names == ("raw", "words") and chart.panels[0].tags["size"] == 64
    assert [one(panel, "8").y for panel in chart.panels] == [(0, 0.25), (0, 0.5)]
    for panel in chart.panels:
        assert np.sum([part.y for part in panel.series], axis=0) == pytest.approx([1, 1])
    json.dumps(plain(chart), allow_nan=False)


def test_two_tear_files_in_one_folder_are_two_pictures(tmp_path):
    paths = []
    for name in "ab":
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text(f"#results: tear\n#run_id: {name}\n{HEAD}"
                             "1,tear,user,read,raw,64,0,0,1,0,0,0,0,0,0,1,0,thread\n")
    written, _ = report.draw_tears(paths, tmp_path / "out")
    assert [path.name for path in written] == ["tear.svg", "tear.png", "tear-2.svg", "tear-2.png"]
    assert "run b" in (tmp_path / "out/tear-2.svg").read_text()


def wide(tmp_path):
    """A file whose sizes and strategies are far more than a figure can hold."""
    rows = [row(strategy=name, size=64 * (nr + 1), depth=depth, round=again, path="uring")
            for nr in range(WIDE) for depth in (1, 8) for again in range(2)
            for name in ("raw", "bytewise_atomic", f"own{nr:03}")]
    return write(tmp_path / "wide.csv", rows)


def test_more_values_than_a_figure_holds_are_left_out_and_said(tmp_path):
    """A figure of every size would be too large for any picture: a traceback, and no page."""
    found = {one.name: one for one in report.charts([load_all([wide(tmp_path)])])}
    for name, axis in (("heat", "x"), ("ratio", "y")):
        captions = [line for line in found[name].caption if "at most 32 values of size" in line]
        assert len(captions) == 1 and f"; {WIDE:,} were measured" in captions[0]
        for panel in found[name].panels:
            places = {round(at) for one in panel.series for at in getattr(one, axis)}
            assert len(places) <= 32
    raw = next(panel for panel in found["heat"].panels if panel.tags["strategy"] == "raw")
    assert {raw.series[0].x[0], raw.series[0].x[-1]} == {64, 64 * WIDE}
    for one in found.values():
        assert len(one.left_out) <= 31
    assert found["throughput"].left_out[-1].endswith(" more")


def test_what_is_too_wide_is_drawn_all_the_same(tmp_path):
    """As above, for the pictures."""
    written, _ = report.draw_all([load_all([wide(tmp_path)])], tmp_path / "out", ["heat", "ratio"])
    assert [path.name for path in written] == ["heat.svg", "heat.png", "ratio.svg", "ratio.png"]
    assert all(path.stat().st_size < 3_000_000 for path in written)
