# SPDX-License-Identifier: MIT
"""Intervals, p values and modes against scipy, by count, and on laws with a known truth."""

import itertools

import numpy as np
import pytest
from pagecopy_report import infer, modality, unit
from scipy import stats as laws


def held(draw, judge, trials=400, truth=0.0):
    """How often, in per cent, the interval holds @truth and the test rejects it."""
    inside = wrong = 0
    for _ in range(trials):
        one = judge(draw())
        found = one.interval(0.95)
        inside += found.low <= truth <= found.high
        wrong += one.p(truth) <= 0.05
    return 100 * inside / trials, 100 * wrong / trials


def chained(rng, n, weight):
    noise = rng.normal(size=n)
    for at in range(1, n):
        noise[at] += weight * noise[at - 1]
    return noise


def paired(values):
    return unit.Paired(values, np.zeros(len(values)))


def test_sign_test_is_the_binomial_test():
    """Catches: a p value for one side, ties that count as rounds."""
    rng = np.random.default_rng(1)
    for n in (5, 6, 17, 40):
        values = rng.normal(0.3, 1, n)
        above = int((values > 0).sum())
        assert infer.sign_p(values) == pytest.approx(laws.binomtest(above, n).pvalue)
    assert infer.sign_p(np.zeros(10)) == 1
    assert infer.sign_p(np.array([0.0] * 5 + [1.0] * 6)) == pytest.approx(2 / 2 ** 6)


def test_rank_sum_is_mann_and_whitneys():
    rng = np.random.default_rng(2)
    for n, m in ((4, 4), (10, 10), (7, 12), (30, 35)):
        one, two = rng.normal(0.5, 1, n), rng.normal(0, 1, m)
        method = "exact" if n + m <= infer.EXACT_MOST else "asymptotic"
        wanted = laws.mannwhitneyu(one, two, method=method).pvalue
        assert infer.rank_sum_p(one, two) == pytest.approx(wanted)


def test_holm_by_hand():
    """Catches: Bonferroni, or the smallest p raised by too little."""
    raised = infer.holm(np.array([0.01, 0.04, 0.03, 0.005]))
    assert raised == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert infer.holm(np.array([0.9, 0.6])) == pytest.approx([1, 1])


@pytest.mark.parametrize("make", [
    paired, lambda v: unit.TwoRuns(v, -v[::-1] + 0.1), lambda v: unit.Runs(v[:5], v[5:])])
def test_interval_is_what_the_test_does_not_reject(make):
    """Catches: an interval of another method or level than the p value beside it."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        judge = make(rng.normal(0.2, 1, 20))
        found = judge.interval(0.95)
        inside = judge.p(found.low + 1e-6), judge.p(found.high - 1e-6)
        outside = judge.p(found.low - 1e-6), judge.p(found.high + 1e-6)
        assert min(inside) > 0.05 - 1e-4
        assert max(outside) <= 0.05 + 1e-4


def test_rounds_that_hang_together_count_for_less():
    """Catches: rounds taken as independent: 24 false alarms in 100 on this law."""
    rng = np.random.default_rng(4)
    inside, wrong = held(lambda: chained(rng, 40, 0.6), paired)
    assert inside >= 92
    assert wrong <= 8
    inside, wrong = held(lambda: (chained(rng, 40, 0.6), chained(rng, 40, 0.6)),
                         lambda two: unit.TwoRuns(*two))
    assert inside >= 90
    assert wrong <= 10


def test_chain_is_not_seen_where_there_is_none():
    rng = np.random.default_rng(5)
    worth = [infer.chain(rng.normal(size=40)) for _ in range(400)]
    assert np.median(worth) == 1
    assert np.mean(np.array(worth) > 1.5) < 0.15


def test_first_round_of_a_run_is_no_neighbour_of_the_last():
    """Catches: a step between runs taken for a chain within them, and the reverse."""
    runs = np.repeat(np.arange(20), 2)
    alternate = np.tile([0.0, 1.0], 20) + np.linspace(0, 0.01, 40)
    assert infer.chain(alternate, runs) == 1
    assert infer.chain(np.repeat(np.linspace(0, 1, 20), 2)) > 3


def test_skewed_rounds_keep_the_median_in_the_interval():
    """Catches: a test of symmetry (signed ranks), which holds 79 times in 100 here."""
    rng = np.random.default_rng(6)
    inside, _ = held(lambda: np.exp(rng.normal(size=40)) - 1, paired)
    assert inside >= 93


def test_few_rounds_say_how_many_are_needed():
    five, six = paired(np.full(5, 1.0) + np.arange(5)), paired(np.full(6, 1.0) + np.arange(6))
    assert five.least_p() > 0.05 >= six.least_p()
    assert five.needed(0.05) == 6
    assert five.needed(0.05 / 100) == 12


def test_runs_that_agree_are_pooled_and_others_are_counted():
    rng = np.random.default_rng(7)
    runs = np.repeat(np.arange(5), 40)
    alike = rng.normal(size=200)
    assert unit.of_pairs(alike, runs).unit == "round"
    assert unit.of_pairs(alike + np.repeat([0, 3, -3, 1, 5], 40), runs).unit == "run"


def test_several_runs_are_not_judged_by_their_rounds():
    """Catches: 5 runs of 40 rounds taken for 200 rounds (50 false alarms in 100)."""
    rng = np.random.default_rng(8)
    label = np.repeat(np.arange(5), 40)

    def side():
        return np.repeat(rng.normal(0, 0.5, 5), 40) + rng.normal(size=200)
    inside, wrong = held(lambda: (side(), side()),
                         lambda two: unit.of_sides(two[0], label, two[1], label), 300)
    assert inside >= 92
    assert wrong <= 8


LAWS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "flat": lambda rng, n: rng.random(n),
    "one tail": lambda rng, n: rng.exponential(size=n),
    "skewed": lambda rng, n: np.exp(rng.normal(size=n)),
    "heavy tails": lambda rng, n: rng.standard_t(2, n),
    "disturbed": lambda rng, n: np.where(rng.random(n) < 0.15, 10, 1) * rng.normal(size=n),
    "chained": lambda rng, n: chained(rng, n, 0.9),
}


@pytest.mark.parametrize(("law", "n"), itertools.product(LAWS, (20, 40, 100)))
def test_one_mode_is_not_called_two(law, n):
    rng = np.random.default_rng(9)
    assert sum(modality.modes(LAWS[law](rng, n)) is not None for _ in range(500)) <= 5


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_two_modes_are_found_with_centres_and_share(share):
    rng = np.random.default_rng(10)
    found = 0
    for _ in range(100):
        upper = rng.random(60) < share
        seen = modality.modes(np.where(upper, 0.3, 0.0) + rng.normal(0, 0.03, 60))
        if seen:
            found += 1
            assert seen.low == pytest.approx(0, abs=0.05)
            assert seen.high == pytest.approx(0.3, abs=0.05)
            assert seen.share == pytest.approx(upper.mean(), abs=0.01)
    assert found >= 75


def test_modes_closer_than_a_per_cent_are_one():
    values = np.where(np.arange(40) % 2, 0.0, 0.009) + np.linspace(0, 1e-4, 40)
    assert modality.modes(values) is None
    assert modality.modes(2 * values)
    assert modality.modes(np.zeros(40)) is None
