# SPDX-License-Identifier: MIT
"""`pagecopy list columns` as a data dictionary, against real result files."""

import csv
import gzip
import itertools
import re
import sys

import pytest
import shell
import told

ROWS = 400  # of each committed file
TYPES = {
    "integer": r"\d+",
    "real": r"-?\d+(\.\d+)?(e[-+]?\d+)?",
    "name": r"[a-z][a-z0-9+]*|4k",
    "text": r".*",
    "flag": r"[01]",
}
# What the end of a name says of its unit.
UNITS = {"_per_s": r"(1|GB)/s", "_ns": "ns", "_mhz": "MHz", "seconds": "s", "bytes": "bytes",
         "offset": "bytes", "size": "bytes"}
# Columns whose words are those of an option, beside "none" where there is nothing.
OPTIONS = {"path": "path", "op": "op", "buffer": "buffer", "completion": "completion",
           "cache": "cache", "pages": "pages", "mutators": "mutators", "ring": "ring",
           "platform": "platform"}
MODULE = ("uring", "ioctl")
# What `filled` promises; where it depends on the machine nothing is promised.
FILLED = {
    "always": lambda row: True,
    "bytes are copied": lambda row: row["bytes"] != "0",
    "path uring or ioctl": lambda row: row["path"] in MODULE,
    "path uring or ioctl, op read or write, repeatable":
        lambda row: row["path"] in MODULE and row["op"] in ("read", "write"),
    "--rate other than closed": lambda row: row["rate"] != "",
    "--mutators other than none": lambda row: row["mutators"] != "",
}
UNCERTAIN = {"--latency split or with", "the CPU's counters may be read", "last row of a cell",
             "the kernel's counters may be read", "there is a remark", "/proc tells it"}


def read(path):
    """Rows of a result file, plain or compressed."""
    csv.field_size_limit(sys.maxsize)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        lines = (line for line in file if not line.startswith("#"))
        return list(itertools.islice(csv.DictReader(lines), ROWS))


@pytest.fixture(scope="module")
def columns():
    if not told.PROGRAM.exists():
        told.build()
    return told.tsv(told.call(told.PROGRAM, "list", "columns").stdout)


@pytest.fixture(scope="module")
def fresh(columns, tmp_path_factory):
    """What this program writes here: without a module, with a rate, with a mutator."""
    folder = tmp_path_factory.mktemp("runs")
    found = []
    for name, words in (("plain", "--path null,nop,user --depth 1,8"),
                        ("rate", "--path nop --depth 1 --rate 20000"),
                        ("mutators", "--path user --depth 1 --mutators none,w1")):
        path = folder / f"{name}.csv"
        done = told.call(told.PROGRAM, "run", *words.split(), "--strategy", "raw,words", "--size",
                         "64,4K", "--rounds", 2, "--slice", 2, "--csv", path)
        if done.returncode == 77:
            pytest.skip(done.stderr.strip())
        assert done.returncode == 0, done.stderr
        found += read(path)
    return found


@pytest.fixture(scope="module")
def committed():
    """Rows of the module, measured before; older files may lack the newest columns."""
    return [row for path in sorted(shell.ROOT.glob("plots/*/*/results.csv.gz"))
            for row in read(path)]


def test_what_was_listed_before_is_still_where_it_was(columns):
    assert list(columns[0])[:5] == ["column", "meaning", "unit", "type", "filled"]
    assert [row["column"] for row in columns][:4] == ["schema", "run_id", "round", "order"]


def test_every_column_of_a_result_is_listed_in_its_order(columns, fresh, committed):
    names = [row["column"] for row in columns]
    assert len(set(names)) == len(names)
    assert list(fresh[0]) == names
    for row in committed[::ROWS]:
        assert list(row) == names[:len(row)]


def test_every_column_has_a_meaning_and_a_known_type(columns):
    for row in columns:
        assert row["meaning"] and row["type"] in TYPES, row
        assert row["filled"] in FILLED or row["filled"] in UNCERTAIN, row


def test_units_in_names_are_the_units(columns):
    for row in columns:
        name, unit = row["column"], row["unit"]
        ends = [want for end, want in UNITS.items() if re.search(rf"(^|_){end.strip('_')}$|"
                                                                rf"_{end.strip('_')}_", name)]
        for want in ends[:1]:
            assert re.fullmatch(want, unit), f"{name}: {unit}, not {want}"
        if unit in ("ns", "MHz"):
            assert f"_{unit.lower()}" in name, f"{name}: its unit {unit} is not in its name"
        if row["type"] in ("name", "flag"):
            assert not unit, row


def test_every_value_has_the_type_of_its_column(columns, fresh, committed):
    types = {row["column"]: row["type"] for row in columns}
    for row in itertools.chain(fresh, committed):
        for name, value in row.items():
            assert value == "" or re.fullmatch(TYPES[types[name]], value), f"{name}: '{value}'"


def test_a_number_with_a_fraction_is_not_said_to_be_whole(columns, fresh, committed):
    """The other way round the test of types would pass: all integers are real."""
    whole = {row["column"] for row in columns if row["type"] == "real"}
    for row in itertools.chain(fresh, committed):
        whole -= {name for name in list(whole) if not re.fullmatch(r"\d*", row.get(name, ""))}
    empty = {name for name in whole if not any(row.get(name) for row in fresh + committed)}
    assert whole == empty


def test_names_are_words_of_the_options(fresh, committed):
    values = {row["option"]: set(row["values"].split(",")) | {"none", ""}
              for row in told.tables()[(told.PROGRAM, "run")][1]}
    for row in itertools.chain(fresh, committed):
        for name, option in OPTIONS.items():
            assert row[name] in values[option], f"{name}: {row[name]}"


def test_columns_are_filled_where_it_is_said(columns, fresh, committed):
    seen = set()
    for row in itertools.chain(fresh, committed):
        for column in columns:
            name, promise = column["column"], FILLED.get(column["filled"])
            if promise and name in row:
                assert (row[name] != "") == promise(row), f"{name}: '{row[name]}' in {row}"
                seen.add((column["filled"], promise(row)))
    wanted = {(said, full) for said in FILLED for full in (True, False)} - {("always", False)}
    assert seen >= wanted, f"no row to try {wanted - seen}"
