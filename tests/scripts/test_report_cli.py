# SPDX-License-Identifier: MIT
"""scripts/report as a user calls it: which files, which messages, which exit status."""

import json
import os
import random
import re

import pytest
from conftest import META, Maker, command, row, write
from pagecopy_report import assemble, html, plotdef
from pagecopy_report.aside import Aside
from pagecopy_report.cli import report_main
from pagecopy_report.load import by_place, load_all

HOSTILE = '</script><script>alert(1)</script>'


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Small pictures are drawn sooner; the page holds its data as text."""
    monkeypatch.setattr("pagecopy_report.report.DPI", 30)
    monkeypatch.setattr(assemble.html, "page", lambda data: json.dumps(data, allow_nan=False))


@pytest.fixture(name="small")
def small_file(tmp_path):
    """A few cells."""
    rows = Maker(rounds=6).run(("raw", "bytewise_atomic"), (64, 4096), (1,))
    return write(tmp_path / "results.csv", rows)


def draw(*args):
    return report_main([str(arg) for arg in args])


def one_plot(*args):
    """The page and the plot that is drawn soonest."""
    return draw(*args, "--plot", "throughput")


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_page_is_written_beside_the_csv_and_named_last(small, capsys):
    assert draw(small) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(small.parent / "report.html")
    data = json.loads((small.parent / "report.html").read_text())
    assert list(data) == ["title", "front", "charts", "cells", "checks", "files"]
    assert data["title"] == "pagecopy on uml, kernel 6.12.0-made-up"
    assert data["cells"]["rows"] and data["charts"] and data["checks"] == []
    assert set(data["files"]) == files(small.parent) - {small.name, "report.html"}


def test_out_and_html_say_where(small, tmp_path, capsys):
    assert one_plot(small, "--out", tmp_path / "o", "--html", tmp_path / "p/mine.html") == 0
    assert {"p/mine.html", "o/throughput.svg"} <= files(tmp_path)
    assert "o/report.html" not in files(tmp_path)
    assert json.loads((tmp_path / "p/mine.html").read_text())["files"] == []
    assert str(tmp_path / "p/mine.html") in capsys.readouterr().out


def test_no_page_where_none_is_asked_for(small, tmp_path):
    assert one_plot(small) == 0
    assert draw(small, "--no-html", "--plot", "throughput") == 0
    assert not any(name.endswith(".html") for name in files(tmp_path))
    with pytest.raises(SystemExit) as caught:
        draw(small, "--no-html", "--html", tmp_path / "x.html")
    assert caught.value.code == 2


def test_without_the_chart_library_the_plots_are_there_and_the_reason(small, monkeypatch, capsys):
    def none(data):
        raise html.NoLibrary("install libjs-chart.js")
    monkeypatch.setattr(assemble.html, "page", none)
    assert one_plot(small, "--html", small.parent / "x.html") == 0
    assert capsys.readouterr().err == "report: no page: install libjs-chart.js\n"
    assert files(small.parent) == {"results.csv", "throughput.svg", "throughput.png"}


def test_a_page_of_what_no_plot_shows(tmp_path, capsys):
    """Floors have no chart that needs a copy, but they are cells."""
    path = write(tmp_path / "a.csv", [row(path="nop", op="nop", strategy="nop", size=0,
                                          buffer="none", lat_p50_ns="", ops_per_s="")])
    assert one_plot(path, "--html", tmp_path / "x.html") == 0
    assert "not drawn" in capsys.readouterr().err
    assert len(json.loads((tmp_path / "x.html").read_text())["cells"]["rows"]) == 1


def test_a_page_that_cannot_be_written(small, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert one_plot(small, "--html", tmp_path / "file" / "x.html") == 2
    assert "cannot write" in capsys.readouterr().err
    assert not list(tmp_path.rglob(".report-*"))


def test_a_link_is_replaced_not_followed(small, tmp_path):
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "x.html").symlink_to(tmp_path / "precious")
    assert one_plot(small, "--html", tmp_path / "x.html") == 0
    assert (tmp_path / "precious").read_text() == "keep"


def test_places_are_side_by_side_in_one_page(small, tmp_path):
    other = write(tmp_path / "b.csv", [row()], {**META, "kernel": "6.1"})
    assert one_plot(small, other, "--html", tmp_path / "x.html") == 0
    data = json.loads((tmp_path / "x.html").read_text())
    assert len(data["front"]["places"]) == 2
    assert data["title"] == "pagecopy on uml, kernel 6.12.0-made-up; uml, kernel 6.1"
    assert {line[0] for line in data["cells"]["rows"]} == {"1", "2"}


def test_results_of_other_tools_are_taken_and_never_alone(small, tmp_path, capsys):
    (tmp_path / "g.json").write_text('{"benchmarks": [')
    assert one_plot(small, tmp_path / "g.json", "--html", tmp_path / "x.html") == 2
    assert "g.json: not JSON" in capsys.readouterr().err
    assert draw(tmp_path / "g.json") == 2
    assert "give one, too" in capsys.readouterr().err


def test_a_tear_test_beside_the_csv_is_on_the_page(small, tmp_path):
    plot = assemble.report.load_histogram(assemble.tear.NAME)
    names = [*(name for name, _ in plot.columns), "thin_air"]
    (tmp_path / "tear.csv").write_text(
        f"#results: tear\nexperiment,strategy,size,path,op,offset,buf_offset,mutator,"
        f"{','.join(names)}\ntear,raw,64,user,read,0,0,thread,{','.join('5' for _ in names)}\n")
    assert one_plot(small, "--html", tmp_path / "x.html") == 0
    charts = json.loads((tmp_path / "x.html").read_text())["charts"]
    assert "tear" in [chart["name"] for chart in charts]
    (tmp_path / "tear.csv").write_text("#results: tear\nexperiment,strategy,size\ntear,raw,x\n")
    assert one_plot(small, "--html", tmp_path / "x.html") == 0
    data = json.loads((tmp_path / "x.html").read_text())
    assert "tear" not in [chart["name"] for chart in data["charts"]]
    assert data["checks"][0]["notes"][0].startswith("Not used: ")


def test_a_hostile_file_stays_data(tmp_path, monkeypatch):
    monkeypatch.undo()
    rows = Maker(rounds=2).run((HOSTILE, "raw"), (64,), (1,), paths=("uring",))
    path = write(tmp_path / "a.csv", rows, {**META, "cpu_model": HOSTILE, "command": HOSTILE})
    (tmp_path / "env.json").write_text(json.dumps({"run_id": "made-up", "host": {"os": HOSTILE}}))
    done = command("report", path, "--plot", "throughput", "--html", tmp_path / "x.html")
    assert done.returncode == 0, done.stderr
    if "no page" in done.stderr:
        pytest.skip(done.stderr.strip())
    page = (tmp_path / "x.html").read_text()
    assert "<script>alert" not in page and "alert(1)" in page


def test_thousands_of_cells_fit_in_two_megabytes(tmp_path, monkeypatch, capsys):
    monkeypatch.undo()
    rng = random.Random(1)
    rows = [row(strategy=f"s{nr % 20}", size=64 * (nr // 200 + 1), depth=1 + nr // 20 % 10,
                ops_per_s=rng.random() * 1e6, kernel_ns=rng.random() * 1e3,
                lat_p50_ns=rng.random() * 1e3) for nr in range(6_000)]
    path = write(tmp_path / "a.csv", rows)
    assert one_plot(path, "--html", tmp_path / "x.html") == 0
    if "no page" in (said := capsys.readouterr().err):
        pytest.skip(said)
    assert (tmp_path / "x.html").stat().st_size < 2_000_000


def mutants(text, rng):
    """@text damaged in every way that copying, editing or an attacker may."""
    lines = text.splitlines(keepends=True)
    head = next(nr for nr, line in enumerate(lines) if not line.startswith("#"))
    for _ in range(6):
        yield text[:rng.randrange(len(text))]
    for _ in range(4):
        nr = rng.randrange(head + 1, len(lines))
        fields = lines[nr].rstrip("\n").split(",")
        a, b = rng.sample(range(len(fields)), 2)
        fields[a], fields[b] = fields[b], fields[a]
        yield "".join([*lines[:nr], ",".join(fields) + "\n", *lines[nr + 1:]])
    for _ in range(6):
        gone = set(rng.sample(range(len(lines)), len(lines) // 2))
        yield "".join(line for nr, line in enumerate(lines) if nr not in gone)
    names = lines[head].rstrip("\n").split(",")
    for _ in range(3):
        yield text.replace(rng.choice(names), rng.choice(names), 1)
    for name in ("\0", "\x1b[2J", HOSTILE, '"', "=cmd()", "raw.twin.twin", ".twin", "é" * 999,
                 "\u202e", "nan", " ", "raw\r"):
        yield text.replace(",raw,", f",{name},")
    for number in ("-1", "1e308", "-0", "1e-320", "nan", "9" * 400):
        yield text.replace(",4096,", f",{number},")
    for old, new in ((",", ";"), ("\n", "\r\n"), ("\n", "\r"), ("#", "##"), (",", ",,"),
                     ("\n", "\n\n"), ("1,made", '"1,made'), (",uring,", ",nop,")):
        yield text.replace(old, new)
    yield text + text
    yield text.encode().decode("utf-16", errors="replace")


def test_a_damaged_file_gives_a_page_or_a_clear_message(tmp_path, capsys, monkeypatch):
    """Never a traceback, which here would be an exception that ends the test."""
    monkeypatch.setattr("pagecopy_report.report.draw_all", lambda *args: ([], []))
    rows = Maker(rounds=3).run(("raw", "bytewise_atomic"), (64, 4096), (1,))
    rows += [{**one, "strategy": "raw.twin"} for one in rows if one["strategy"] == "raw"]
    text = write(tmp_path / "whole.csv", rows, {**META, "byte_atomic": "bytewise_atomic"}
                 ).read_text()
    path, page, seen = tmp_path / "a.csv", tmp_path / "x.html", set()
    for nr, mutant in enumerate(mutants(text, random.Random(6))):
        path.write_text(mutant, encoding="utf-8", newline="")
        page.unlink(missing_ok=True)
        status = draw(path, "--html", page)
        said = capsys.readouterr().err
        assert status in (0, 2), nr
        assert page.exists() == (status == 0), nr
        assert status == 0 or re.match(r"report: .*a\.csv", said.splitlines()[-1]), (nr, said)
        assert said.replace("\n", "").isprintable(), nr
        seen.add(status)
    assert seen == {0, 2}


@pytest.mark.parametrize("data", (b"", b"\n", b"\0" * 5000,
                                  b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
                                  b"a,b\n1,2\n", b"schema,run_id\n", b"\xef\xbb\xbf", b",\n" * 9,
                                  b'"', b"#\n" * 99, "é,\n".encode("latin-1")))
def test_what_is_no_result_at_all_ends_with_2(tmp_path, data, capsys):
    for name in ("a.csv", "a.csv.gz"):
        (tmp_path / name).write_bytes(data)
        assert draw(tmp_path / name) == 2
        assert capsys.readouterr().err.startswith(f"report: {tmp_path / name}")


def test_tables_made_aside_are_those_made_here(tmp_path, monkeypatch):
    """A large file has its tables made in a child; one that dies there loses nothing."""
    path = plotdef.PLOTS / "gallery/results.csv"
    places = by_place(load_all([path]))
    here = assemble.tables(places)()
    monkeypatch.setattr(assemble, "MANY_ROWS", 1)
    assert assemble.tables(places)() == here
    owner = os.getpid()

    def make():
        if os.getpid() != owner:
            raise MemoryError
        return "made here"
    assert Aside(make).result() == "made here"
    assert Aside(os.getpid).result() != owner
