# SPDX-License-Identifier: MIT
"""--benchfmt against a reader written from the specification of the format.

https://go.googlesource.com/proposal/+/master/design/14313-benchmark-format.md
"""

import re
import statistics

import pytest
from conftest import META, Maker, command, row, write


def parse(text):
    """(configuration, name, iterations, {unit: value}) of each result; asserts the rules."""
    config, found = {}, []
    assert text.endswith("\n")
    for line in text.splitlines():
        if match := re.fullmatch(r"([^\sA-Z:]+):[ \t]+(.*)", line):
            key, value = match.groups()
            assert key[0].islower()
            assert value == value.strip() and value
            config[key] = value
        elif line.startswith("Benchmark"):
            found.append((dict(config), *result(line)))
        else:
            assert not line or line.startswith("# ")
    return found


def result(line):
    name, count, *rest = line.split()
    assert not name[len("Benchmark"):][0].islower()
    assert int(count) > 0
    assert rest and len(rest) % 2 == 0, line
    units = rest[1::2]
    assert len(set(units)) == len(units)
    return name, int(count), dict(zip(units, map(float, rest[::2])))


def keys(name):
    """{"size": "4K", ...} and the number behind the last dash."""
    base, procs = name.rsplit("-", 1)
    first, *parts = base.split("/")
    assert first == "BenchmarkPagecopy"
    assert all(part.count("=") == 1 for part in parts)
    return dict(part.split("=") for part in parts), int(procs)


@pytest.fixture
def out(tmp_path):
    """out(rows..., options): the output for these runs."""
    def give(*runs, options=(), **meta):
        paths = [write(tmp_path / f"{nr}.csv", rows, {**META, **meta})
                 for nr, rows in enumerate(runs)]
        done = command("compare", *paths, *options, "--benchfmt")
        assert done.returncode == 0, done.stderr
        return parse(done.stdout)
    return give


def test_one_line_for_each_row_with_its_values(out):
    rows = Maker(rounds=6).run(("raw", "words"), (64, 4096), (1, 8))
    found = out(rows, options=("--base", "raw", "--test", "words"))
    wanted = [one for one in rows if one["strategy"] in ("raw", "words")]
    assert len(found) == len(wanted)
    cell = [one for one in wanted if (one["path"], one["strategy"], one["size"], one["depth"])
            == ("uring", "raw", 4096, 8)]
    same = [values for _, name, _, values in found if {
        "path": "uring", "strategy": "raw", "size": "4K", "depth": "8"}.items()
        <= keys(name)[0].items()]
    assert len(same) == 6
    assert statistics.fmean(v["ns/op"] for v in same) == pytest.approx(
        statistics.fmean(1e9 / one["ops_per_s"] for one in cell), rel=1e-4)
    assert same[0]["MB/s"] == pytest.approx(1000 * 4096 / same[0]["ns/op"], rel=1e-4)
    assert {"p50-ns", "p99-ns", "kernel-ns"} <= set(same[0])


def test_every_cell_has_a_name_of_its_own(out):
    cells = [{}, {"threads": 4}, {"offset": 7}, {"buf_offset": 8}, {"completion": "task"},
             {"batch": 1}, {"pages": "2m"}, {"rate": 5000}, {"cache": "cold"}, {"ring": "plain"}]
    rows = [row(run_id="x", round=nr, strategy=name, **cell) for nr in range(2) for cell in cells
            for name in ("raw", "words")]
    found = out(rows, options=("--base", "raw", "--test", "words"))
    names = [name for _, name, _, _ in found]
    assert len(set(names)) == len(names) / 2 == 2 * len(cells)
    assert {keys(name)[1] for name in names} == {1, 4}


def test_sides_share_every_key_but_one(out):
    """Catches: a key that differs from run to run, for which benchstat makes a table each."""
    first = [row(run_id="one", round=nr) for nr in range(3)]
    second = [row(run_id="two", round=nr) for nr in range(3)]
    found = out(first, second)
    sides = {config.pop("pagecopy-side") for config, *_ in found}
    assert sides == {"base", "test"}
    assert len({tuple(config.items()) for config, *_ in found}) == 1


def test_strange_head_lines_and_names_stay_on_their_line(out):
    rows = [row(run_id="x y", round=nr, strategy=name, ring="a b/c=d")
            for nr in range(2) for name in ("raw", "words")]
    found = out(rows, options=("--base", "raw", "--test", "words"),
                cpu_model="  Two  words\there ", kernel="6.1 #1 SMP: x")
    assert found[0][0]["cpu"] == "Two words here"
    assert keys(found[0][1])[0]["ring"] == "a_b_c_d"


def test_rows_without_a_rate_are_no_samples(out):
    rows = [row(run_id="x", round=nr, strategy=name, ops_per_s="" if nr == 1 else 10, kernel_ns="")
            for nr in range(3) for name in ("raw", "words")]
    found = out(rows, options=("--base", "raw", "--test", "words"))
    assert len(found) == 4
    assert "kernel-ns" not in found[0][3]
