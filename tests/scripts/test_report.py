# SPDX-License-Identifier: MIT
"""The plots: what is drawn, that it is safe, and the same every time."""

import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from conftest import META, Maker, command, row, write
from pagecopy_report import palette, plotdef, ticks
from pagecopy_report.cli import report_main
from pagecopy_report.load import InputError, load_all
from pagecopy_report.report import charts

HOSTILE = ("<script>alert(1)</script>", "../../x", "_hidden", "$\\frac{1}$ $x", 'a,b "q" &amp;',
           "n" * 300, "\x1b[31mred\u202e")


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Small pictures are drawn sooner."""
    monkeypatch.setattr("pagecopy_report.report.DPI", 30)


def draw(path, *args):
    """Run report in this process; the exit code."""
    return report_main([str(path), *map(str, args)])


def svg_words(path):
    """All text of an SVG, which must be well-formed."""
    return [" ".join(node.itertext()).strip() for node in ET.parse(path).iter()
            if node.tag.endswith("text")]


def panels_of(tmp_path, rows, name):
    """The panels of the static figure."""
    runs = load_all([write(tmp_path / "results.csv", rows)])
    (chart,) = charts([runs], [name])
    return [panel for panel in chart.panels if panel.first]


def curve(panel, name):
    return next(one for one in panel.series if one.name == name)


def test_writes_every_plot_in_both_forms_beside_the_csv(made):
    done = command("report", made)
    assert done.returncode == 0 and done.stderr == ""
    names = {f"{name}.{ending}" for name in plotdef.names() for ending in ("svg", "png")}
    names.add("report.html")
    assert {Path(line).name for line in done.stdout.split()} == names
    assert {path.name for path in made.parent.iterdir()} == names | {"results.csv"}
    assert (made.parent / "depth-latency.png").read_bytes().startswith(b"\x89PNG")


def test_every_series_and_floor_is_named_and_text_is_text(made):
    assert draw(made) == 0
    for name in ("depth-latency", "throughput"):
        words = svg_words(made.parent / f"{name}.svg")
        for wanted in ("raw", "bytewise_atomic", "bytes", "floor: path nop", "floor: path null",
                       "floor: op nop", "floor: op touch"):
            assert wanted in words


def test_caption_says_where_it_ran_and_how_noisy_it_was(made):
    draw(made, "--plot", "throughput")
    words = " ".join(svg_words(made.parent / "throughput.svg"))
    for wanted in ("Platform uml", "6.12.0-made-up", "Imaginary CPU", "loop unrolled", "6 rounds",
                   "Noise ±", "results.csv (run made-up)", "depth-1 transport is not"):
        assert wanted in words
    assert "EMULATED" not in words


def test_emulated_is_across_every_panel(tmp_path):
    rows = Maker(rounds=2, platform="vm").run(("raw",), (64, 4096), (1,))
    path = write(tmp_path / "results.csv", rows, {**META, "platform": "vm", "emulated": "yes"})
    draw(path, "--plot", "depth-latency")
    words = svg_words(tmp_path / "depth-latency.svg")
    assert words.count("EMULATED") == 3
    assert any(word.startswith("EMULATED: the CPU is simulated") for word in words)


def test_curves_are_medians_with_the_quartiles_around(tmp_path):
    rows = [row(round=nr, size=64, kernel_ns=v) for nr, v in enumerate((32, 64, 8))]
    data = panels_of(tmp_path, rows, "throughput")[0]
    raw = curve(data, "raw")
    assert (raw.y[0], raw.low[0], raw.high[0]) == (2.0, 1.5, 5.0)


def test_ceiling_is_size_times_the_rate_of_the_floor(tmp_path):
    rows = [row(size=size, depth=8, gb_per_s=0.5) for size in (64, 4096)]
    rows += [row(path="nop", op="nop", strategy="nop", size=0, buffer="none", depth=depth,
                 ops_per_s=ops) for depth, ops in ((1, 5e6), (8, 1e6))]
    rows += [row(op="touch", strategy="nop", size=4096, depth=8, ops_per_s=5e5)]
    data = panels_of(tmp_path, rows, "throughput")[1]
    assert data.title.startswith("end to end")
    assert curve(data, "path nop").y == pytest.approx([0.064, 4.096])
    touch = curve(data, "op touch")
    assert (touch.x, touch.y) == ((4096,), pytest.approx((2.048,)))


def test_latency_floors_are_their_own_percentiles_at_the_same_size(tmp_path):
    rows = [row(depth=d, lat_p50_ns=100 * d) for d in (1, 8)]
    rows += [row(op="touch", strategy="nop", size=size, depth=d, lat_p50_ns=size + d)
             for size in (64, 4096) for d in (1, 8)]
    data = panels_of(tmp_path, rows, "depth-latency")[0]
    assert data.tags["size"] == 4096
    assert curve(data, "op touch").y == (4097, 4104)


def test_latency_takes_the_size_nearest_to_4k(tmp_path):
    rows = [row(size=size, strategy=name) for size in (64, 8192, 65536) for name in ("raw", "x")]
    assert panels_of(tmp_path, rows, "depth-latency")[0].tags["size"] == 8192


def test_faulty_rows_are_not_drawn(tmp_path):
    rows = [row(round=1, lat_p50_ns=10), row(round=2, lat_p50_ns=9e9, errors=1, verified=0)]
    assert curve(panels_of(tmp_path, rows, "depth-latency")[0], "raw").high[0] == 10


def test_negative_times_do_not_reach_a_log_axis(tmp_path):
    rows = [row(size=64, kernel_ns=-5), row(size=128, kernel_ns=16)]
    assert curve(panels_of(tmp_path, rows, "throughput")[0], "raw").x == (128,)


def test_one_row_of_panels_per_op_and_no_empty_panels(tmp_path):
    rows = Maker(rounds=2).run(("raw",), (64, 4096), (1,), ops=("read", "write"), paths=("uring",))
    found = panels_of(tmp_path, rows, "throughput")
    assert [panel.tags["op"] for panel in found] == ["read", "read", "write", "write"]


@pytest.mark.parametrize("shape", (
    {"depths": (1,)}, {"sizes": (4096,), "depths": (1,)}, {"floors": False},
    {"paths": ("user",)}, {"strategies": ("raw",), "sizes": (1000, 3000)},
    {"strategies": tuple(f"s{nr}" for nr in range(16)), "sizes": (64, 4096)},
))
def test_any_shape_of_data_is_drawn(tmp_path, shape):
    path = write(tmp_path / "results.csv", Maker(rounds=2).run(**{"sizes": (64, 4096), **shape}))
    assert draw(path) == 0
    assert (tmp_path / "throughput.svg").exists()


def folder(path):
    """results.csv in a new folder."""
    path.mkdir()
    return path / "results.csv"


def test_the_kernel_is_drawn_from_the_ioctl_where_there_is_no_ring(tmp_path):
    """And from the ring where both are; a path that no title names is told."""
    maker = Maker(rounds=2)
    ring = maker.run(("raw",), (64, 4096), (1,), paths=("uring",), floors=False)
    ioctl = [{**one, "path": "ioctl", "ring": "none"} for one in ring]
    assert draw(write(folder(tmp_path / "a"), ioctl)) == 0
    assert "path ioctl" in (tmp_path / "a/throughput.svg").read_text()
    assert draw(write(folder(tmp_path / "b"), [*ioctl, *ring])) == 0
    assert "path ioctl" not in (tmp_path / "b/throughput.svg").read_text()


def test_unknown_strategies_get_looks_of_their_own():
    looks = palette.styles([f"new{nr}" for nr in range(10)] + ["raw", "movsb"])
    assert len({(style.color, style.dash, style.marker) for style in looks.values()}) == 12
    assert looks["raw"] == palette.styles(["raw"])["raw"], "a look must not depend on company"


def test_strategies_that_do_not_fit_are_named(tmp_path):
    names = [f"s{nr:02}" for nr in range(12)]
    path = write(tmp_path / "results.csv", Maker(rounds=2).run(names, (4096,), (1, 8)))
    draw(path, "--plot", "depth-latency")
    words = " ".join(svg_words(tmp_path / "depth-latency.svg"))
    assert "Measured but not drawn: s08, s09, s10, s11." in words


def test_nothing_to_draw_says_so(tmp_path, capsys):
    rows = [row(path="nop", op="nop", strategy="nop", size=0, buffer="none")]
    assert draw(write(tmp_path / "results.csv", rows), "--plot", "throughput") == 2
    said = capsys.readouterr()
    assert "not drawn" in said.err and not said.out


def test_same_data_same_bytes(made, tmp_path):
    assert command("report", made, "--out", tmp_path / "one").returncode == 0
    assert command("report", made, "--out", tmp_path / "two").returncode == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_matplotlibrc_of_the_user_changes_nothing(made, tmp_path):
    draw(made, "--out", tmp_path / "one", "--plot", "depth-latency")
    there = tmp_path / "there"
    there.mkdir()
    (there / "matplotlibrc").write_text("font.size: 30\nsvg.fonttype: path\nbackend: tkagg\n")
    done = command("report", made, "--out", tmp_path / "two", "--plot", "depth-latency", cwd=there)
    assert done.returncode == 0
    one, two = ((tmp_path / n / "depth-latency.svg").read_bytes() for n in ("one", "two"))
    assert one == two


def test_no_date_no_path_nothing_to_fetch(made):
    draw(made)
    svg = (made.parent / "throughput.svg").read_text()
    assert "<dc:date>" not in svg and str(made.parent) not in svg
    assert not re.search(r'(?:href|src)="https?:', svg) and "@import" not in svg


def test_hostile_names_are_escaped_and_write_nowhere_else(tmp_path):
    rows = Maker(rounds=2).run((*HOSTILE, "raw"), (64, 4096), (1,), paths=("uring",))
    meta = {**META, "run_id": "../../evil", "kernel": "$6$<b>",
            "cpu_model": '"><script>\x07' + "y" * 500}
    home = tmp_path / "deep" / "er"
    home.mkdir(parents=True)
    path = write(home / "results.csv", rows, meta)
    assert draw(path, "--out", home / "out", "--plot", "throughput") == 0
    svg = (home / "out" / "throughput.svg").read_text()
    assert "<script" not in svg and "\x1b" not in svg and "\u202e" not in svg
    words = svg_words(home / "out" / "throughput.svg")
    for name in ("../../x", "_hidden", "$\\frac{1}$ $x", 'a,b "q" &amp;', "n" * 23 + "…"):
        assert name in words
    made_files = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert made_files == {"deep/er/results.csv", "deep/er/out/throughput.svg",
                          "deep/er/out/throughput.png"}


def test_a_link_in_the_folder_is_replaced_not_followed(made, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("keep")
    out = tmp_path / "out"
    out.mkdir()
    (out / "depth-latency.svg").symlink_to(precious)
    assert draw(made, "--out", out, "--plot", "depth-latency") == 0
    assert precious.read_text() == "keep" and not (out / "depth-latency.svg").is_symlink()


@pytest.mark.parametrize("name", ("no_such", "../plots/depth-latency", "/etc/passwd", ""))
def test_a_plot_is_named_never_a_path(made, name, capsys):
    assert draw(made, f"--plot={name}") == 2
    assert "there are: throughput, ratio, " in capsys.readouterr().err


def test_out_that_cannot_be_written(made, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert draw(made, "--out", tmp_path / "file", "--plot", "depth-latency") == 2
    assert "cannot write" in capsys.readouterr().err


def test_two_places_never_share_a_figure(tmp_path):
    rows = Maker(rounds=2).run(("raw",), (64, 4096), (1,))
    paths = []
    for name in ("6.1", "6.12"):
        (tmp_path / name).mkdir()
        paths.append(write(tmp_path / name / "results.csv", rows, {**META, "kernel": name}))
    assert draw(*paths, "--plot", "depth-latency", "--out", tmp_path / "out") == 0
    for nr, name in enumerate(("depth-latency", "depth-latency-2"), 1):
        words = " ".join(svg_words(tmp_path / "out" / f"{name}.svg"))
        assert f"Place {nr} of 2" in words and f"kernel {paths[nr - 1].parent.name}," in words
        assert paths[2 - nr].parent.name + "," not in words
    assert draw(*paths, "--plot", "depth-latency") == 0
    for path in paths:
        svg = (path.parent / "depth-latency.svg").read_text()
        assert f"kernel {path.parent.name}," in svg and "Place" not in svg


@pytest.mark.parametrize("change, said", (
    (lambda d: d.pop("title"), "title is missing"),
    (lambda d: d["x"].update(column="colour"), "'colour' is not one of"),
    (lambda d: d["panels"][0]["floors"].update(names=["cellar"]), "'cellar' is not one of"),
    (lambda d: d.update(prefer=[["moon", "min"]]), "'moon' is not one of"),
))
def test_a_wrong_definition_is_named(tmp_path, change, said):
    shutil.copy(plotdef.PLOTS / "depth-latency.json", tmp_path / "mine.json")
    data = json.loads((tmp_path / "mine.json").read_text())
    change(data)
    (tmp_path / "mine.json").write_text(json.dumps(data))
    with pytest.raises(InputError, match=said):
        plotdef.load_plot("mine", tmp_path)


def test_a_definition_that_is_not_json(tmp_path):
    (tmp_path / "mine.json").write_text("{\n oops")
    with pytest.raises(InputError, match="mine.json:2: not JSON"):
        plotdef.load_plot("mine", tmp_path)


def test_size_ticks_hold_both_ends_and_do_not_crowd():
    sizes = np.array([64.0 * 4 ** n for n in range(8)] + [2.0 ** 21])
    labels = [ticks.label(value, "size") for value in ticks.x_ticks(sizes)]
    assert labels == ["64", "256", "1K", "4K", "16K", "64K", "256K", "2M"]
    assert ticks.x_ticks(np.array([4096.0])) == [4096.0]


@pytest.mark.parametrize("low, high", ((9, 11), (1, 9), (0.002, 90), (1e-4, 1e9), (25e3, 1e8)))
def test_y_axis_has_enough_ticks_and_not_too_many(low, high):
    assert 1 <= len(ticks.y_ticks(low, high)) <= 10
    assert all(low <= tick <= high for tick in ticks.y_ticks(low, high))


@pytest.mark.parametrize("value, word", ((100, "100 ns"), (1000, "1 µs"), (30e3, "30 µs"),
                                         (2e6, "2 ms"), (1e9, "1 s")))
def test_time_labels(value, word):
    assert ticks.label(value, "time") == word
