"""The fit of reward against RL compute: either law is recognised when planted, and the data are not over-read."""

from functools import cache

import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.mechanisms.reinforcement import saturating_reward
from gigawatt.study.fit import fit
from gigawatt.study.fits import rl

COMPUTE = np.geomspace(300.0, 1e5, 14)
SCALERL = {"ceiling": 0.610, "midpoint": 2542.0, "exponent": 1.92}  # Khatri et al. (2025), table 1


@cache
def shipped():
    return fit("rl", bootstraps=200)


def rows(score, start=0.05, name="run", compute=COMPUTE):
    points = [(0.0, start), *zip(compute, score, strict=True)]
    return [{"series": name, "compute": str(c), "score": str(float(s))} for c, s in points]


def sigmoid(noise=0.0, seed=0):
    score = np.asarray(saturating_reward(COMPUTE, start=0.05, **SCALERL))
    return score + noise * np.random.default_rng(seed).standard_normal(len(score))


def log_linear(noise=0.0, seed=0):
    return 0.1 + 0.2 * np.log10(COMPUTE / 300.0) + noise * np.random.default_rng(seed).standard_normal(len(COMPUTE))


def preferred(found, name="run"):
    told = found.statistics
    return "saturating" if told[f"aicc_saturating: {name}"] < told[f"aicc_log_linear: {name}"] else "log-linear"


def test_a_planted_sigmoid_comes_back_exactly_without_noise():
    found = rl.fit(rows(sigmoid()), bootstraps=20)
    for name, value in SCALERL.items():
        assert found[f"run: {name}"].value == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_with_noise_the_planted_numbers_lie_in_the_intervals_or_near(seed):
    found = rl.fit(rows(sigmoid(0.01, seed)), bootstraps=200)
    for name, room in (("ceiling", 0.03), ("midpoint", 0.15), ("exponent", 0.25)):
        assert found[f"run: {name}"].value == pytest.approx(SCALERL[name], rel=room)
    assert found["run: ceiling"].low < found["run: ceiling"].value < found["run: ceiling"].high


@pytest.mark.parametrize("seed", range(3))
def test_the_law_that_was_planted_is_preferred(seed):
    assert preferred(rl.fit(rows(sigmoid(0.01, seed)), bootstraps=2)) == "saturating"
    straight = rl.fit(rows(log_linear(0.004, seed), start=0.1), bootstraps=2)
    assert preferred(straight) == "log-linear"
    assert straight["run: per_tenfold"].value == pytest.approx(0.2, abs=0.01)


def test_the_two_laws_disagree_on_the_next_tenfold_once_the_curve_bends():
    found = rl.fit(rows(sigmoid()), bootstraps=20)
    assert found["run: next_tenfold"].value < 0.01 < found["run: per_tenfold"].value


def test_the_unit_of_compute_does_not_matter():
    one = rl.fit(rows(sigmoid(0.01)), bootstraps=20)
    other = rl.fit(rows(sigmoid(0.01), compute=1e20 * COMPUTE), bootstraps=20)
    assert other["run: midpoint"].value == pytest.approx(1e20 * one["run: midpoint"].value, rel=1e-3)
    for name in ("exponent", "ceiling", "per_tenfold", "next_tenfold"):
        assert other[f"run: {name}"].value == pytest.approx(one[f"run: {name}"].value, rel=1e-3)


def test_no_ceiling_passes_one():
    found = rl.fit(rows(0.3 + 0.3 * np.log10(COMPUTE / 300.0) / 1.3), bootstraps=50)
    assert found["run: ceiling"].value <= 1.0 and found["run: ceiling"].high <= 1.0


def test_the_shipped_runs_bend_and_the_note_says_that_no_law_is_public():
    assert len(table("rl_points")) == 56
    names = {r["series"] for r in table("rl_points")}
    for name in names:
        assert shipped()[f"{name}: next_tenfold"].value < 0.5 * shipped()[f"{name}: per_tenfold"].value
        told = shipped().statistics
        assert told[f"left_out_saturating: {name}"] < told[f"left_out_log_linear: {name}"]
    assert any("rl-no-public-law" in note for note in shipped().notes)


def test_bad_rows_are_refused_in_one_line():
    good = rows(sigmoid())
    bad = ([*good[:5]], [*good, {"series": "run", "compute": "10", "score": "61"}],
           [*good, {"series": "run", "compute": "-1", "score": "0.5"}])  # fmt: skip
    for wrong in bad:
        with pytest.raises(InputError) as error:
            rl.fit(wrong)
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="posterior"):
        rl.fit(good, bayes=True)
