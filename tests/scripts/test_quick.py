# SPDX-License-Identifier: MIT
"""The fast parser: it says the same as the csv module, or leaves the file to it."""

import gzip
from pathlib import Path

import pandas as pd
import pytest
from conftest import META, Maker, row, write
from pagecopy_report import load as loading
from pagecopy_report import quick
from pagecopy_report.load import InputError, load

ROOT = Path(__file__).resolve().parents[2]
REAL = sorted(ROOT.glob("plots/*/results.csv*")) + sorted(ROOT.glob("plots/*/*/results.csv*"))


def both(path, monkeypatch):
    """What either way makes of @path: a run, or the message."""
    found = []
    for way in (loading._load_quick, lambda path, data: None):
        with monkeypatch.context() as patch:
            patch.setattr(loading, "_load_quick", way)
            try:
                found.append(load(path))
            except InputError as err:
                found.append(str(err))
    return found


def same(one, other):
    assert one.meta == other.meta and one.warnings == other.warnings
    assert one.present == other.present
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)


def is_quick(path):
    return loading._load_quick(path, path.read_bytes()) is not None


@pytest.mark.parametrize("name", [str(path.relative_to(ROOT)) for path in REAL])
def test_a_real_file_means_the_same_both_ways(name, tmp_path, monkeypatch):
    data = (ROOT / name).read_bytes()
    lines = (gzip.decompress(data) if name.endswith(".gz") else data).splitlines(keepends=True)
    path = tmp_path / "results.csv"
    cut = min(1500, len(lines) - 1)
    path.write_bytes(b"".join(lines[:cut]) + lines[cut][:40])
    same(*both(path, monkeypatch))
    assert is_quick(path)


@pytest.mark.parametrize("notes", ('a, "b"\nc', '"', '""', "x\r\ny", "é\u2028", " ", ",,,\n\n,"))
@pytest.mark.parametrize("chunk", (1 << 20, 700))
def test_quoted_fields_mean_the_same(tmp_path, monkeypatch, notes, chunk):
    """700 bytes are a few rows, so that a piece ends within a field."""
    monkeypatch.setattr(quick, "CHUNK", chunk)
    rows = [row(round=nr, notes=notes if nr % 3 else "") for nr in range(20)]
    path = write(tmp_path / "a.csv", [*rows, row(round=3)])
    one, other = both(path, monkeypatch)
    same(one, other)
    assert "1 rows repeat" in one.warnings[0]


def test_lines_are_counted_over_pieces_and_quoted_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(quick, "CHUNK", 600)
    rows = [row(round=nr, notes="x\ny" if nr == 2 else "") for nr in range(30)]
    path = write(tmp_path / "a.csv", [*rows, row(round=29)])
    assert f"a.csv:{len(META) + 1 + 30 + 2}: 1 rows repeat" in load(path).warnings[0]


@pytest.mark.parametrize("old, new", (
    (",raw,", ',r"aw,'), (",raw,", ',"ra"w,'), (",raw,", ',"raw,'), (",raw,4096,", ",raw,,4096,"),
    (",4096,", ",nan,"), (",4096,", ",inf,"), (",4096,", ",1e999,"), (",4096,", ",4_096,"),
    (",4096,", ", 4096,"), (",4096,", ",0x1000,"), (",raw,", ",,"), (",4096,", ",,"),
    ("1,made", "\n1,made"), ("1,made", "   \n1,made"), ("1,made", "#note: x\n1,made"),
    ("1,made", "2,made"), (",raw,", ',"' + "r" * 200_000 + '",'),
))
def test_what_is_odd_is_judged_by_the_csv_module(tmp_path, monkeypatch, old, new):
    text = write(tmp_path / "a.csv", [row(), row(round=2), row(round=3)]).read_text()
    head, body = text[:text.rindex("buf_offset,batch")], text[text.rindex("buf_offset,batch"):]
    (tmp_path / "a.csv").write_text(head + body.replace(old, new, 2))
    one, other = both(tmp_path / "a.csv", monkeypatch)
    if isinstance(other, str):
        assert one == other
    else:
        same(one, other)


def test_plain_and_quoted_files_are_quick(tmp_path):
    assert is_quick(write(tmp_path / "a.csv", Maker(rounds=2).run(("raw",), (64,), (1,))))
    assert is_quick(write(tmp_path / "b.csv", [row(notes='a, "b"\nc')]))


@pytest.mark.parametrize("where, line", ((0, 1), (-30, len(META) + 2)))
def test_a_nul_byte_is_refused_by_its_line(tmp_path, where, line):
    data = bytearray(write(tmp_path / "a.csv", [row()]).read_bytes())
    data[where] = 0
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(InputError, match=f"a.csv:{line}: holds a NUL byte"):
        load(tmp_path / "a.csv")


def test_damaged_gzip_data_is_refused(tmp_path):
    packed = bytearray(gzip.compress(write(tmp_path / "a.csv", [row()] * 50).read_bytes()))
    packed[40:60] = b"\xff" * 20
    (tmp_path / "a.csv.gz").write_bytes(packed)
    with pytest.raises(InputError, match="a.csv.gz"):
        load(tmp_path / "a.csv.gz")


def test_a_header_and_half_a_row_says_which_line(tmp_path):
    text = write(tmp_path / "a.csv", [row()]).read_text()
    (tmp_path / "a.csv").write_text(text[:-20])
    with pytest.raises(InputError, match=f"no row.*line {len(META) + 2} is unfinished"):
        load(tmp_path / "a.csv")
