"""Scores agree with independent implementations, and reward honesty."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from gigawatt.core.errors import InputError
from gigawatt.study import score

CASES = json.loads((Path(__file__).parent / "reference/planning/scoring_rules.json").read_text())["cases"]
COMPUTED = {
    "crps_normal": lambda i: score.crps_normal(i["mu"], i["sigma"], i["obs"]),
    "crps_lognormal": lambda i: score.crps_lognormal(i["mulog"], i["sigmalog"], i["obs"]),
    "crps_ensemble": lambda i: score.crps_ensemble(i["members"], i["obs"]),
    "logs_normal": lambda i: score.log_score_normal(i["mu"], i["sigma"], i["obs"]),
    "logs_lognormal": lambda i: score.log_score_lognormal(i["mulog"], i["sigmalog"], i["obs"]),
    "interval_score": lambda i: score.interval_score(i["lower"], i["upper"], i["obs"], 1 - i["alpha"]),
}
MINE = [c for c in CASES if c["kind"] in COMPUTED and c["inputs"].get("estimator", "nrg") == "nrg"]


@pytest.mark.parametrize("case", MINE, ids=lambda c: f"{c['kind']}-{c['inputs']['obs']}")
def test_agrees_with_the_stored_output_of_another_package(case):
    assert COMPUTED[case["kind"]](case["inputs"]) == pytest.approx(case["exact"], rel=1e-12)


def test_every_kind_of_score_is_compared():
    assert {c["kind"] for c in MINE} == set(COMPUTED)


def test_ensemble_score_is_the_double_sum_over_pairs_for_each_column():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(40, 3)), rng.normal(size=3)
    pairs = np.abs(x - y).mean(0) - 0.5 * np.abs(x[:, None] - x[None]).mean((0, 1))
    np.testing.assert_allclose(score.crps_ensemble(x, y), pairs, rtol=1e-12)


def test_a_large_ensemble_scores_as_the_distribution_it_comes_from():
    x = ndtri((np.arange(4000) + 0.5) / 4000)
    assert score.crps_ensemble(2 + 3 * x, 4.0) == pytest.approx(score.crps_normal(2.0, 3.0, 4.0), rel=1e-3)
    lognormal = score.crps_lognormal(1.0, 0.5, 4.0)
    assert score.crps_ensemble(np.exp(1 + 0.5 * x), 4.0) == pytest.approx(lognormal, rel=1e-3)


def test_one_member_is_scored_by_its_distance():
    assert score.crps_ensemble([2.0], 5.0) == 3.0


@pytest.mark.parametrize("rule", [score.crps_normal, score.log_score_normal])
def test_stating_what_one_believes_scores_best_and_width_alone_earns_nothing(rule):
    truth = ndtri((np.arange(2000) + 0.5) / 2000)
    honest = rule(0.0, 1.0, truth).mean()
    for mean, sd in ((0.0, 3.0), (0.0, 0.3), (0.5, 1.0)):
        assert rule(mean, sd, truth).mean() > honest


def test_brier_is_the_squared_error_of_the_probability():
    np.testing.assert_allclose(score.brier([0.0, 0.7, 1.0], [False, True, False]), [0.0, 0.09, 1.0])


def test_interval_inside_costs_its_width_and_outside_a_fine():
    assert score.interval_score(1.0, 3.0, 2.0, 0.9) == 2.0
    assert score.interval_score(1.0, 3.0, 3.5, 0.9) == pytest.approx(2.0 + 20 * 0.5)


def test_central_intervals_cover_their_share_of_uniform_observations():
    x = np.linspace(0.0, 1.0, 10001)
    for coverage in (0.5, 0.9):
        assert score.is_covered(x, x, coverage).mean() == pytest.approx(coverage, abs=1e-3)


def test_an_empty_ensemble_is_refused():
    with pytest.raises(InputError, match="at least one member"):
        score.crps_ensemble([], 1.0)
