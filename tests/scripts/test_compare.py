# SPDX-License-Identifier: MIT
"""compare: what is told apart, what is not, and what is said of it."""

import json
import random
from pathlib import Path

import pytest
from conftest import COLUMNS, META, command, row, write

COMMITTED = Path(__file__).resolve().parents[2] / "plots/gallery/results.csv"
WIDE = [*COLUMNS, "stop", "turns", "resp_p99_ns", "disturbed"]


class Bench:
    """Makes rows of a run on a machine that drifts, with twins of raw."""

    def __init__(self, seed=1, rounds=40, noise=0.02, run_id="first", mood=0.0):
        self.rng = random.Random(seed)
        self.rounds, self.noise, self.run_id = rounds, noise, run_id
        self.mood = mood

    def rows(self, slow=None, sizes=(64, 4096), twin=1.0, floors=True, machine=1.0, **values):
        """@slow: strategy to how many times the time of raw; @machine: of everything."""
        slow = {"raw": 1.0, "words": 1.0, **(slow or {})}
        out = []
        for nr in range(self.rounds):
            drift = machine * (1 + self.mood * nr / self.rounds)
            for size in sizes:
                base = drift * (100 + size / 10) * self.rng.lognormvariate(0, 0.05)
                for name, times in (*slow.items(), ("raw.twin", slow["raw"] * twin)):
                    out.append(self.row(nr, base * times, strategy=name, size=size, **values))
            for path in ("nop", "null") if floors else ():
                out.append(self.row(nr, drift * 300, path=path, op="nop", strategy="nop", size=0,
                                    buffer="none", pages="none", gb_per_s="", kernel_ns=""))
        return out

    def row(self, nr, ns, **values):
        ns *= self.rng.lognormvariate(0, self.noise)
        return row(run_id=self.run_id, round=nr, ops_per_s=1e9 / ns, **values)


def write_run(path, rows, **meta):
    return write(path, rows, {**META, **meta}, WIDE)


@pytest.fixture
def asked(tmp_path):
    """asked(rows, ..., options): the answer as JSON, exit code, and text."""
    def ask(*runs, options=(), **meta):
        paths = [write_run(tmp_path / f"{nr}.csv", rows, **meta) for nr, rows in enumerate(runs)]
        done = command("compare", *paths, *options, "--json")
        whole = json.loads(done.stdout) if done.stdout else None
        return whole, done
    return ask


def words(whole):
    return [cell["verdict"] for cell in whole["cells"]]


PAIR = ("--base", "raw", "--test", "words")


def test_alike_is_alike_and_slow_is_slow(asked):
    whole, done = asked(Bench(2).rows(), options=PAIR)
    assert done.returncode == 0
    assert words(whole) == ["~", "~"]
    assert whole["geomean"]["verdict"] == "~"
    whole, _ = asked(Bench(2).rows({"words": 1.05}), options=PAIR)
    assert words(whole) == ["slower", "slower"]
    for cell in whole["cells"]:
        assert cell["low"] < 1.05 < cell["high"]
        assert cell["rounds"] == [40, 40]
    assert whole["geomean"]["low"] < 1.05 < whole["geomean"]["high"]
    assert whole["question"]["axis"] == "strategy"


def test_rates_turn_the_words_round(asked):
    """Catches: more ops/s called slower, a gate that fails on what got better."""
    rows = Bench().rows({"words": 0.8})
    options = (*PAIR, "--metric", "ops_per_s", "--fail-above", "5")
    whole, done = asked(rows, options=options)
    assert words(whole) == ["faster", "faster"]
    assert done.returncode == 0
    whole, done = asked(Bench().rows({"words": 1.3}), options=options)
    assert words(whole) == ["slower", "slower"]
    assert done.returncode == 1


def test_a_difference_that_the_twin_shows_too_is_none(asked):
    """Catches: a control that is printed and not used."""
    whole, _ = asked(Bench().rows({"words": 1.05}, twin=1.10), options=PAIR)
    assert words(whole) == ["~", "~"]
    assert whole["control"]["within"]["told_apart"] == 2
    assert any("control failed" in line for line in whole["warnings"])
    whole, _ = asked(Bench().rows({"words": 1.30}, twin=1.10), options=PAIR)
    assert words(whole) == ["slower", "slower"]


def test_control_is_named(asked):
    whole, _ = asked(Bench().rows(), options=PAIR)
    control = whole["control"]["within"]
    assert (control["cells"], control["told_apart"]) == (2, 0)
    assert 0 < control["largest"] < 0.02
    rows = [one for one in Bench().rows() if one["strategy"] != "raw.twin"]
    whole, _ = asked(rows, options=PAIR)
    assert any("no twins" in line for line in whole["warnings"])


def test_twins_can_be_the_question(asked):
    whole, _ = asked(Bench().rows(), options=("--base", "raw", "--test", "raw.twin"))
    assert words(whole) == ["~", "~"]


def test_too_few_rounds_say_so(asked):
    """Catches: "~" or a verdict from rounds that can show nothing."""
    whole, _ = asked(Bench(rounds=4).rows({"words": 2}), options=PAIR)
    assert words(whole) == ["n<6", "n<6"]
    # Enough for one cell, too few for a hundred.
    sizes = [64 * k for k in range(1, 101)]
    whole, _ = asked(Bench(rounds=8).rows({"words": 2}, sizes), options=PAIR)
    assert set(words(whole)) == {"n<12"}


def test_missing_rounds_are_normal_and_pair_by_round(asked):
    rows = Bench(mood=3.0).rows({"words": 1.05})
    rows = [one for one in rows
            if one["strategy"] != "words" or one["round"] % 2 or one["size"] == 64]
    whole, _ = asked(rows, options=PAIR)
    assert [cell["rounds"] for cell in whole["cells"]] == [[40, 40], [20, 20]]
    assert words(whole) == ["slower", "slower"]


def test_rounds_of_two_runs_in_one_file_do_not_pair(asked):
    """Catches: round 3 of one run set against round 3 of the other."""
    one = Bench(1, 20, run_id="one").rows({"words": 1.05})
    two = Bench(2, 20, run_id="two", mood=1.0).rows({"words": 1.05}, machine=3)
    whole, _ = asked(one + two, options=PAIR)
    assert [cell["rounds"] for cell in whole["cells"]] == [[40, 40]] * 2
    assert all(1.02 < cell["low"] < cell["high"] < 1.08 for cell in whole["cells"])
    assert whole["cells"][0]["between"] is not None


def test_any_axis(asked):
    rows = [r for depth in (1, 8) for r in Bench(depth).rows(depth=depth, floors=False)]
    whole, _ = asked(rows, options=("--base", "64", "--test", "4K"))
    assert whole["question"]["axis"] == "size"
    assert len(whole["cells"]) == 4
    whole, _ = asked(rows, options=("--base", "1", "--test", "8", "--axis", "depth"))
    assert len(whole["cells"]) == 4
    _, done = asked(rows, options=("--base", "1", "--test", "8"))
    assert done.returncode == 0
    both = [dict(r, threads=r["depth"]) for r in rows]
    _, done = asked(both, options=("--base", "1", "--test", "8"))
    assert done.returncode == 2
    assert "depth and of threads" in done.stderr


def test_where_narrows(asked):
    whole, _ = asked(Bench().rows(), options=(*PAIR, "--where", "size=4K"))
    assert [cell["key"]["size"] for cell in whole["cells"]] == [4096]
    assert whole["control"]["within"]["cells"] == 1


def test_disturbed_rounds_are_left_out_where_others_remain(asked):
    rows = Bench().rows()
    for one in rows:
        one["disturbed"] = 0
        if one["strategy"] == "words" and one["round"] >= 15:
            one.update(disturbed=1, ops_per_s=one["ops_per_s"] / 2)
    whole, _ = asked(rows, options=PAIR)
    assert words(whole) == ["~", "~"]
    assert [(c["rounds"][0], c["disturbed"], c["used"]) for c in whole["cells"]] == [
        (15, 25, False)] * 2
    whole, _ = asked(rows, options=(*PAIR, "--disturbed", "keep"))
    assert [(c["rounds"][0], c["used"]) for c in whole["cells"]] == [(40, True)] * 2
    few = [one for one in rows if one["round"] >= 9]
    whole, _ = asked(few, options=PAIR)
    assert [(c["rounds"][0], c["used"]) for c in whole["cells"]] == [(31, True)] * 2


def test_bad_rows_never_enter(asked):
    rows = Bench().rows()
    for one in rows:
        if one["strategy"] == "words" and one["round"] < 15:
            one.update(ops_per_s=1, **({"verified": 0} if one["round"] % 2 else {"errors": 3}))
    whole, _ = asked(rows, options=PAIR)
    assert words(whole) == ["~", "~"]
    assert whole["left_out"] == {"with errors": 16, "not verified": 14}
    assert [cell["rounds"] for cell in whole["cells"]] == [[25, 25]] * 2


def test_values_of_zero_are_left_out_and_counted(asked):
    rows = [dict(one, kernel_ns=-1 if one["round"] < 3 else 100 + one["round"] % 5)
            for one in Bench().rows(floors=False)]
    whole, _ = asked(rows, options=(*PAIR, "--metric", "kernel_ns"))
    assert [(c["rounds"][0], c["worthless"]) for c in whole["cells"]] == [(37, 3)] * 2


def test_two_modes_are_told(asked):
    rows = Bench().rows()
    for one in rows:
        if one["strategy"] == "words" and one["size"] == 64 and one["round"] % 3 == 0:
            one["ops_per_s"] /= 2
    whole, _ = asked(rows, options=PAIR)
    modes = whole["cells"][0]["two_modes"]
    assert set(modes) == {"test", "ratio"}
    assert modes["ratio"]["high"] / modes["ratio"]["low"] == pytest.approx(2, rel=0.05)
    assert modes["ratio"]["share_high"] == pytest.approx(14 / 40)
    assert not whole["cells"][1]["two_modes"]


def test_geomean_keeps_rounds_whole(asked):
    """Catches: what all cells share in a round taken for as many observations as cells."""
    sizes = [64 * k for k in range(1, 21)]
    widths = []
    for shared in (0.0, 0.05):
        rows, rng = Bench(4, noise=0.02).rows(sizes=sizes), random.Random(5)
        mood = [rng.lognormvariate(0, shared) for _ in range(40)]
        for one in rows:
            one["ops_per_s"] *= mood[one["round"]] if one["strategy"] == "words" else 1
        whole, _ = asked(rows, options=PAIR)
        assert whole["geomean"]["cells"] == 20
        assert whole["geomean"]["low"] < 1 < whole["geomean"]["high"]
        widths.append(whole["geomean"]["high"] - whole["geomean"]["low"])
    assert widths[0] < 0.012
    assert widths[1] > 0.025


def test_geomean_is_that_of_the_ratios_shown(asked):
    """Catches: rounds that a cell lacks (it stopped early) moving the mean."""
    rows = Bench(6).rows({"words": 1.5})
    for one in rows:
        if one["strategy"] == "words" and one["size"] == 4096:
            one["ops_per_s"] *= 1.5
    rows = [one for one in rows if one["size"] == 64 or one["round"] < 12]
    whole, _ = asked(rows, options=PAIR)
    ratios = [cell["ratio"] for cell in whole["cells"]]
    assert whole["geomean"]["ratio"] == pytest.approx((ratios[0] * ratios[1]) ** 0.5)
    assert whole["geomean"]["high"] / whole["geomean"]["low"] < 1.05


# Two runs

def test_two_runs_that_differ_carry_a_question_mark(asked):
    first, second = Bench(1).rows(), Bench(2, run_id="second").rows({"words": 1.4})
    whole, _ = asked(first, second)
    assert [(c["key"]["strategy"], c["verdict"]) for c in whole["cells"]] == [
        ("raw", "~"), ("raw", "~"), ("words", "slower?"), ("words", "slower?")]
    assert any("--repeat 5" in line for line in whole["warnings"])
    assert whole["control"]["across"]["cells"] == 2


def test_a_machine_that_moved_is_no_difference(asked):
    """Catches: a control across runs that is printed and not used."""
    first = Bench(1).rows()
    second = Bench(2, run_id="second").rows({"words": 2}, machine=1.2)
    whole, _ = asked(first, second)
    assert words(whole) == ["~", "~", "slower?", "slower?"]
    assert whole["control"]["across"]["told_apart"] == 2
    bare = [[one for one in rows if one["path"] not in ("nop", "null")]
            for rows in (first, second)]
    whole, _ = asked(*bare)
    assert words(whole) == ["slower?"] * 4
    assert any("No control across" in line for line in whole["warnings"])


def repeated(seed, moods, **values):
    return [one for nr, mood in enumerate(moods)
            for one in Bench(seed + nr, 10, run_id=f"{seed}-{nr}").rows(machine=mood, **values)]


def test_several_runs_a_side_are_counted_as_runs(asked):
    """Catches: moods of runs taken for a difference because their rounds are many."""
    moods = (1, 1.3, 0.9, 1.1, 1.25)
    first = repeated(10, moods, floors=False)
    whole, _ = asked(first, repeated(20, (1.3, 1.4, 1.1, 1.2, 1.3), floors=False))
    assert words(whole) == ["~"] * 4
    assert whole["method"]["unit"] == "run"
    assert whole["cells"][0]["runs"] == [5, 5]
    assert whole["cells"][0]["between"] > 3 * whole["cells"][0]["within"]
    whole, _ = asked(first, repeated(20, moods, slow={"words": 2}, floors=False))
    assert words(whole) == ["~", "~", "slower", "slower"]


def test_runs_may_be_in_several_files(tmp_path):
    paths = [write_run(tmp_path / f"{nr}.csv", Bench(nr, 10, run_id=f"r{nr}").rows())
             for nr in range(6)]
    done = command("compare", "--base-runs", *paths[:3], "--test-runs", *paths[3:], "--json")
    whole = json.loads(done.stdout)
    assert whole["method"]["unit"] == "run"
    assert words(whole) == ["~"] * 4


# The gate

def test_gate_fails_only_when_the_whole_interval_is_beyond(asked):
    rows = Bench(noise=0.01).rows({"words": 1.05})
    for limit, status in ((3, 1), (5, 0), (10, 0)):
        _, done = asked(rows, options=(*PAIR, "--fail-above", limit))
        assert done.returncode == status, done.stderr
    _, done = asked(rows, options=(*PAIR, "--fail-above", "3"))
    assert "2 cells are worse by more than 3 %" in done.stderr
    assert "64" in done.stderr and "4K" in done.stderr
    _, done = asked(Bench().rows({"words": 0.5}), options=(*PAIR, "--fail-above", "0"))
    assert done.returncode == 0


def test_gate_is_corrected_for_many_cells(asked):
    """Catches: a gate that looks at each interval alone: 1 of 40 cells fails by chance."""
    sizes = [64 * k for k in range(1, 201)]
    rows = Bench(4, 30, 0.01).rows({"words": 1.05}, sizes, floors=False)
    whole, done = asked(rows, options=(*PAIR, "--fail-above", "5"))
    assert sum(cell["low"] > 1.05 and cell["told_apart"] for cell in whole["cells"]) > 0
    assert done.returncode == 0


def test_no_gate_and_no_headline_from_an_emulator_or_a_debug_kernel(asked):
    for meta in ({"emulated": "yes"}, {"debug_kernel": "KASAN, LOCKDEP"}):
        whole, done = asked(Bench().rows(), options=PAIR, **meta)
        assert done.returncode == 0
        assert whole["headline"] is False
        assert "NO HEADLINE" in whole["caution"]
        _, done = asked(Bench().rows(), options=(*PAIR, "--fail-above", "3"), **meta)
        assert done.returncode == 2
        assert done.stdout == ""
    whole, _ = asked(Bench().rows(), options=PAIR, debug_kernel="unknown: no /proc/config.gz")
    assert whole["headline"] is True


# What is printed

@pytest.mark.parametrize("form", ["--all", "--markdown", "--benchfmt"])
def test_every_form_says_first_that_it_is_no_headline(tmp_path, form):
    path = write_run(tmp_path / "results.csv", Bench().rows(), emulated="yes")
    out = command("compare", path, *PAIR, form).stdout
    assert "NO HEADLINE: the CPU is emulated" in out.splitlines()[0]


def test_a_path_brings_its_ring_and_buffer(asked):
    """Catches: two paths without a cell in common because their rings differ."""
    uring, user = Bench(1).rows(path="uring"), Bench(1).rows(
        path="user", ring="none", buffer="user", batch="none", completion="none", floors=False)
    whole, done = asked(uring + user, options=("--base", "user", "--test", "uring"))
    assert done.returncode == 0, done.stderr
    assert len(whole["cells"]) == 4
    assert whole["notes"] == [f"{name} differs with path."
                              for name in ("ring", "batch", "buffer", "completion")]


def test_text_is_narrow_and_names_the_method(tmp_path):
    path = write_run(tmp_path / "results.csv", Bench().rows({"bytewise_atomic": 1.07}))
    done = command("compare", path, "--base", "raw", "--test", "bytewise_atomic")
    assert max(map(len, done.stdout.splitlines())) <= 100
    for part in ("bytewise_atomic / raw", "time per operation", "Holm", "alpha 0.05", "sign test",
                 "above 1 is slower", "geomean", "told apart 0"):
        assert part in " ".join(done.stdout.split()), part
    line = next(one for one in done.stdout.splitlines() if one.split()[:1] == ["64"])
    assert line.split()[-2:] == ["40", "slower"]


def test_many_cells_show_those_that_matter(tmp_path):
    rows = Bench(rounds=12).rows(sizes=[64 * k for k in range(1, 81)], floors=False)
    path = write_run(tmp_path / "results.csv", rows)
    short = command("compare", path, *PAIR).stdout
    assert len(short.splitlines()) < 30
    assert "rows not shown (--all)" in short
    assert len(command("compare", path, *PAIR, "--all").stdout.splitlines()) > 80


def test_markdown_is_a_table_and_escapes(tmp_path):
    path = write_run(tmp_path / "results.csv", Bench().rows(), cpu_model="<b>|x|")
    out = command("compare", path, *PAIR, "--markdown").stdout
    table = [line for line in out.splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in table}) == 1
    assert "<b>" not in out.replace("\\<b\\>", "")


def test_json_has_only_numbers_that_exist(asked):
    whole, done = asked(Bench().rows(), options=PAIR)
    assert "NaN" not in done.stdout and "Infinity" not in done.stdout
    assert whole["cells"][0]["key"]["rate"] is None


def test_committed_rows_can_be_judged():
    """Catches: files without the columns of later versions."""
    done = command("compare", COMMITTED, "--base", "raw", "--test", "bytewise_atomic")
    assert done.returncode == 0, done.stderr
    assert "geomean" in done.stdout


def test_alike_is_called_alike_over_many_questions(tmp_path):
    """Catches: false alarms beyond 1 in 100, with one cell a question."""
    from pagecopy_report import compare, judge, question
    alarms = 0
    asked = compare.Asked(question.metric_of("time"))
    for seed in range(100):
        path = write_run(tmp_path / f"{seed}.csv", Bench(seed, 30).rows(sizes=(64,), floors=False))
        sides = question.one_run([path], "raw", "words", None, (), [])
        alarms += sum(map(judge.is_different, compare.answer(sides, asked).rows))
    assert alarms <= 4
