# SPDX-License-Identifier: MIT
"""The best safe copy: chosen in one half of the rounds, judged in the other."""

import native
import pytest
from conftest import ALL, META, command, row, series, write
from pagecopy_report import best
from pagecopy_report.load import InputError, load_all

SAFE = {**META, "byte_atomic": "bytewise_atomic, words"}
TIMES = {"raw": 100, "bytewise_atomic": 110, "words": 104, "memcpy": 90}


def made(tmp_path, rows, meta=None):
    return write(tmp_path / "results.csv", rows, SAFE if meta is None else meta, ALL)


def strategies(times, rounds=20, **fixed):
    """A cell for each of @times, of which a list holds the rounds one by one."""
    return [one for name, ns in times.items()
            for one in series(ns if isinstance(ns, list) else [ns] * rounds, strategy=name,
                              **fixed)]


def asked(tmp_path, rows, meta=None, where=()):
    return best.answer(load_all([made(tmp_path, rows, meta)]), list(where))


def only(found):
    ((_, (one,)),) = found
    return one


def test_the_safe_one_and_the_fastest_of_all(tmp_path):
    one = only(asked(tmp_path, strategies(TIMES)))
    assert (one.base, one.asked.middle) == (100, pytest.approx(1.1))
    assert (one.safe, one.safe_ns, one.fastest, one.fastest_ns) == ("words", 104, "memcpy", 90)
    assert one.apart.middle == pytest.approx(104 / 90)


def test_what_copies_nothing_does_not_win(tmp_path):
    one = only(asked(tmp_path, strategies({**TIMES, "nop": 1, "fpu": 2, "raw.twin": 3})))
    assert one.fastest == "memcpy"


def test_a_lucky_half_does_not_count(tmp_path):
    """words is quick in even rounds, which choose; in odd ones, which judge, it is slow."""
    luck = [50 if nr % 2 == 0 else 200 for nr in range(20)]
    one = only(asked(tmp_path, strategies({**TIMES, "words": luck})))
    assert one.safe == one.fastest == "words"
    one = only(asked(tmp_path, strategies({**TIMES, "words": luck, "memcpy": 40})))
    assert (one.safe, one.fastest) == ("words", "memcpy")
    assert one.apart.middle == pytest.approx(200 / 40)


def test_sizes_and_settings_apart(tmp_path):
    rows = strategies(TIMES, size=64) + strategies({**TIMES, "words": 50}, size=4096)
    rows += strategies({**TIMES, "bytewise_atomic": 80}, size=64, cache="dram")
    (cold, (far,)), (hot, near) = asked(tmp_path, rows)
    assert [one.safe for one in near] == ["words", "words"] and near[1].fastest == "words"
    assert near[1].apart == best.SAME
    assert far.safe == "bytewise_atomic" and "cache dram" in cold and "cache" not in hot
    assert only(asked(tmp_path, rows, where=["cache=dram"])).safe == "bytewise_atomic"


def test_end_to_end_where_the_kernel_was_not_timed(tmp_path):
    rows = [row(path="user", strategy=name, kernel_ns="", ops_per_s=1e9 / ns, round=nr)
            for name, ns in TIMES.items() for nr in range(20)]
    ((said, (one,)),) = asked(tmp_path, rows)
    assert "end to end" in said and one.asked.middle == pytest.approx(1.1)


def test_too_few_rounds_say_nothing(tmp_path):
    one = only(asked(tmp_path, strategies(TIMES, rounds=4)))
    assert one.safe == "" and one.apart == best.NOTHING


@pytest.mark.parametrize("meta, why", [
    (META, "no line #byte_atomic"),
    ({**SAFE, "emulated": "yes"}, "EMULATED"),
    ({**SAFE, "debug_kernel": "KASAN"}, "DEBUG"),
])
def test_refuses_what_decides_nothing(tmp_path, meta, why):
    with pytest.raises(InputError, match=why):
        asked(tmp_path, strategies(TIMES), meta)


def test_wrong_bytes_are_left_out(tmp_path):
    rows = strategies(TIMES) + strategies({"words": 1}, verified=0, size=64)
    ((_, (one,)),) = asked(tmp_path, rows)
    assert one.size == 4096
    with pytest.raises(InputError, match="no row"):
        asked(tmp_path, strategies({"words": 1}, verified=0))


def test_the_command(tmp_path):
    done = command("best", made(tmp_path, strategies(TIMES)))
    assert done.returncode == 0, done.stderr
    assert "words" in done.stdout and "1.156" in done.stdout
    done = command("best", "--markdown", made(tmp_path, strategies(TIMES)))
    assert "| 4K | 100 | 1.100 |" in done.stdout
    done = command("best", made(tmp_path, strategies(TIMES), META))
    assert (done.returncode, done.stdout) == (2, "") and "byte_atomic" in done.stderr
    done = command("best", "--where", "cache=cold", made(tmp_path, strategies(TIMES)))
    assert done.returncode == 2 and "cold: no value of cache" in done.stderr


@pytest.mark.parametrize("names, safe", [("raw,words,memcpy,bytes", "bytes, words"),
                                         ("raw,memcpy", "none")])
def test_a_real_file_says_who_is_safe(tmp_path, names, safe):
    done = native.run("run", "--path", "user", "--strategy", names, "--size", 64, "--rounds", 1,
                      "--csv", tmp_path / "results.csv")
    assert done.returncode == 0, done.stderr
    assert set(native.head(tmp_path / "results.csv")["byte_atomic"].split(", ")) == set(
        safe.split(", "))
