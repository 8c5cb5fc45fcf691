# SPDX-License-Identifier: MIT
"""The loader: every broken file is refused with its line, no good row is lost."""

import gzip
import time

import numpy as np
import pytest
from conftest import COLUMNS, META, Maker, command, row, write
from pagecopy_report.load import InputError, by_place, load, load_all, pool


def refused(path, *words):
    """load() refuses @path and says each of @words."""
    with pytest.raises(InputError) as caught:
        load(path)
    for word in words:
        assert word in str(caught.value)


def text_of(rows, **kwargs):
    """The text of a file with @rows, to be damaged."""
    def build(tmp_path):
        return write(tmp_path / "whole.csv", rows, **kwargs).read_text()
    return build


def test_meta_and_types_are_read(tmp_path):
    run = load(write(tmp_path / "a.csv", [row(strategy="raw", size=64, rate="")]))
    assert run.meta["kernel"] == META["kernel"]
    assert run.frame["size"].tolist() == [64.0]
    assert np.isnan(run.frame["rate"][0])
    assert run.warnings == []


def test_a_value_with_a_colon_keeps_it(tmp_path):
    run = load(write(tmp_path / "a.csv", [row()], {"schema": "1", "clock": "tsc: 0.3 ns"}))
    assert run.meta["clock"] == "tsc: 0.3 ns"


def test_a_compressed_file_is_read_as_the_plain_one(tmp_path):
    plain = write(tmp_path / "a.csv", Maker(rounds=2).run(("raw",), (64,), (1,)))
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert load(packed).frame.equals(load(plain).frame)
    packed.write_bytes(packed.read_bytes()[:-20])
    refused(packed, "a.csv.gz", "breaks off")
    packed.write_bytes(plain.read_bytes())
    refused(packed, "a.csv.gz", "cannot read", "gzip")


def test_columns_are_found_by_name_not_by_place(tmp_path):
    turned = [*reversed(COLUMNS), "a_later_column"]
    run = load(write(tmp_path / "a.csv", [row(size=512, a_later_column="x")], columns=turned))
    assert run.frame["size"][0] == 512
    assert "a_later_column" not in run.frame


def test_an_optional_column_may_be_missing(tmp_path):
    fewer = [name for name in COLUMNS if name not in ("cycles_user", "notes")]
    frame = load(write(tmp_path / "a.csv", [row()], columns=fewer)).frame
    assert np.isnan(frame["cycles_user"][0]) and frame["notes"][0] == ""


def test_quoted_commas_quotes_and_line_ends(tmp_path):
    rows = [row(notes='a, "b"\nc'), row(strategy="x,y", round=2)]
    frame = load(write(tmp_path / "a.csv", rows)).frame
    assert frame["notes"][0] == 'a, "b"\nc'
    assert frame["strategy"].tolist() == ["raw", "x,y"]


def test_windows_line_ends_and_byte_order_mark(tmp_path):
    text = text_of([row()])(tmp_path)
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load(path).meta["kernel"] == META["kernel"]


@pytest.mark.parametrize("cut", (1, 2, 9, 60))
def test_unfinished_last_row_is_dropped_with_a_warning(tmp_path, cut):
    """A cut within the last number leaves all fields, so the newline decides."""
    text = text_of([row(buffers=128), row(round=2, buffers=128)])(tmp_path)
    path = tmp_path / "a.csv"
    path.write_text(text[:-cut])
    run = load(path)
    assert run.frame["round"].tolist() == [1.0]
    assert len(run.warnings) == 1 and "unfinished" in run.warnings[0]
    assert f":{text.count(chr(10))}:" in run.warnings[0]


def test_missing_file(tmp_path):
    refused(tmp_path / "none.csv", "none.csv", "no such file", "scripts/bench")


def test_folder(tmp_path):
    refused(tmp_path, "cannot read")


def test_empty_file(tmp_path):
    (tmp_path / "a.csv").write_text("")
    refused(tmp_path / "a.csv", "empty")


def test_only_meta(tmp_path):
    (tmp_path / "a.csv").write_text("#schema: 1\n")
    refused(tmp_path / "a.csv", "only # lines")


def test_header_without_rows(tmp_path):
    refused(write(tmp_path / "a.csv", []), "nothing was measured")


def test_header_cut(tmp_path):
    (tmp_path / "a.csv").write_text("#schema: 1\nschema,run_id,rou")
    refused(tmp_path / "a.csv", "line 2", "before any row")


def test_no_header(tmp_path):
    lines = text_of([row()])(tmp_path).splitlines(keepends=True)
    (tmp_path / "a.csv").write_text(lines[-1])
    refused(tmp_path / "a.csv", "a.csv:1", "no header")


def test_missing_needed_columns_are_all_named(tmp_path):
    fewer = [name for name in COLUMNS if name not in ("kernel_ns", "size")]
    refused(write(tmp_path / "a.csv", [row()], columns=fewer), "kernel_ns", "size",
            f":{len(META) + 1}:")


def test_column_twice(tmp_path):
    text = text_of([row()])(tmp_path).replace("lat_batch", "size")
    (tmp_path / "a.csv").write_text(text)
    refused(tmp_path / "a.csv", "twice", "size")


@pytest.mark.parametrize("bad", ("fast", "1e", "nan", "inf", "0x10 "))
def test_not_a_number_names_line_and_column(tmp_path, bad):
    path = write(tmp_path / "a.csv", [row(), row(round=2, kernel_ns=bad)])
    refused(path, f"a.csv:{len(META) + 3}:", "kernel_ns", repr(bad))


def test_line_is_right_after_a_quoted_line_end(tmp_path):
    path = write(tmp_path / "a.csv", [row(notes="x\ny"), row(size="big")])
    refused(path, f"a.csv:{len(META) + 4}:", "size")


@pytest.mark.parametrize("change", (lambda line: line + ",7", lambda line: line[:-5]))
def test_wrong_number_of_fields_within(tmp_path, change):
    lines = text_of([row(), row(round=2)])(tmp_path).splitlines()
    lines[-2] = change(lines[-2])
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    refused(tmp_path / "a.csv", f":{len(META) + 2}:", "fields")


def test_needed_value_empty(tmp_path):
    refused(write(tmp_path / "a.csv", [row(strategy="")]), "strategy is empty")


def test_other_schema_in_row_or_head(tmp_path):
    refused(write(tmp_path / "a.csv", [row(), row(schema=2)]), "schema 2", f":{len(META) + 3}:")
    refused(write(tmp_path / "b.csv", [row()], {"schema": "9"}), "schema 9")


def test_not_text(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\x7fELF\xff\xfe\x00\n")
    refused(tmp_path / "a.csv", "UTF-8")


def test_repeated_rows_do_not_count_twice(tmp_path):
    run = load(write(tmp_path / "a.csv", [row(ops_per_s=1), row(ops_per_s=9), row(size=64)]))
    assert run.frame["ops_per_s"].tolist() == [1.0, 1000.0]
    assert "1 rows repeat" in run.warnings[0]


def test_same_file_twice(tmp_path):
    path = write(tmp_path / "a.csv", [row()])
    with pytest.raises(InputError, match="twice"):
        load_all([path, tmp_path / "." / "a.csv"])


def test_only_runs_of_one_place_are_pooled(tmp_path):
    one = write(tmp_path / "a.csv", [row()])
    same = write(tmp_path / "b.csv", [row()])
    other = write(tmp_path / "c.csv", [row()], {**META, "kernel": "6.1"})
    groups = by_place(load_all([one, other, same]))
    assert [[run.path.name for run in group] for group in groups] == [["a.csv", "b.csv"], ["c.csv"]]
    assert pool(groups[0])["source"].tolist() == [0, 1]


def test_many_rows_load_in_seconds(tmp_path):
    lines = text_of(Maker(rounds=1).run())(tmp_path).splitlines(keepends=True)
    head, body = lines[:len(META) + 1], lines[len(META) + 1:]
    body = [line.replace(",made-up,0,", f",made-up,{nr},") for nr in range(100) for line in body]
    path = tmp_path / "big.csv"
    path.write_text("".join(head + body))
    start = time.process_time()
    assert len(load(path).frame) == 25_200
    assert time.process_time() - start < 20, "a hundred times slower than it was?"


@pytest.mark.parametrize("name", ("summary", "report"))
def test_a_bad_file_ends_with_2_and_no_traceback(tmp_path, name):
    path = write(tmp_path / "a.csv", [row(size="\x1b[31mbig")])
    done = command(name, path)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(f"{name}: {path}:{len(META) + 2}: size")
    assert "\x1b" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ("summary", "report"))
def test_usage(name):
    assert command(name, "--no-such", "x.csv").returncode == 2
    done = command(name, "--help")
    assert done.returncode == 0 and "CSV" in done.stdout
