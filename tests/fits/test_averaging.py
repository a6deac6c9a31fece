"""Pools of forecasts: the score of a mixture, weights that find the better law, and no look at the series forecast."""

import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.mechanisms.adoption import bass
from gigawatt.study.fits import averaging
from gigawatt.study.fits.growth_curves import Prior, Series
from gigawatt.study.score import crps_ensemble

PRIOR = Prior(np.array([0.0, np.log(0.007), np.log(0.4)]), np.array([np.inf, 1.7, 0.5]))


def innovation(name, p, q, market, seed, rows=24):
    t = np.arange(1.0, rows + 1.0)
    noise = 0.004 * np.random.default_rng(seed).standard_normal(rows)
    return Series(name, t, np.clip(market * np.asarray(bass(t, p, q)) + noise, 1e-3, 1.0), 1.0, 1.0, x=t)


SOME = [innovation(f"s{k}", p, q, m, k) for k, (p, q, m) in enumerate([(0.01, 0.4, 0.9), (0.02, 0.3, 0.6)])]


def test_the_pools_score_is_the_crps_of_its_members():
    rng = np.random.default_rng(0)
    members, came = rng.normal([[[0.0]], [[2.0]]], 1.0, (2, 40, 3)).transpose(1, 0, 2), np.array([0.3, 1.0, 5.0])
    near, apart = np.abs(members - came[None, None]).mean(axis=(0, 2)), averaging.distances(members)
    both = crps_ensemble(np.concatenate([members[:, 0], members[:, 1]]), came).mean()
    assert averaging.pool_crps(np.array([0.5, 0.5]), near, apart) == pytest.approx(both)
    assert averaging.pool_crps(np.array([1.0, 0.0]), near, apart) == pytest.approx(
        crps_ensemble(members[:, 0], came).mean()
    )


def test_stacking_gives_all_to_a_law_that_is_always_right():
    near, apart = np.array([0.1, 1.0]), np.array([[0.1, 1.0], [1.0, 0.1]])
    np.testing.assert_allclose(averaging.stack(near, apart), [1.0, 0.0], atol=1e-6)


def test_stacking_mixes_laws_that_err_on_opposite_sides_and_beats_each():
    # Two sure forecasts at 0 and 1 of what comes as 0 or 1 equally often: half and half.
    near, apart = np.array([0.5, 0.5]), np.array([[0.0, 1.0], [1.0, 0.0]])
    weights = averaging.stack(near, apart)
    np.testing.assert_allclose(weights, 0.5, atol=1e-6)
    assert averaging.pool_crps(weights, near, apart) == pytest.approx(0.25)


def test_the_origin_cuts_off_what_came():
    (case, *_) = averaging.cases(SOME[:1], (0.5,), 5)
    assert len(case.known.y) == 12 and case.came.tolist() == SOME[0].y[12:17].tolist()
    np.testing.assert_allclose(case.t - case.known.t[-1], np.arange(1.0, 6.0))


def test_series_too_short_or_constant_are_no_case():
    flat = Series("flat", np.arange(9.0), np.full(9, 0.5), 1.0, 1.0)
    assert averaging.cases([flat, innovation("short", 0.01, 0.4, 0.9, 1, rows=6)], (0.5,)) == []


def cheap(known, ahead, prior, draws, seed, bootstraps):
    """Forecasts about the last value, each candidate with a bias of its own."""
    rng = np.random.default_rng(seed)
    bias = np.linspace(-0.2, 0.3, len(averaging.CANDIDATES))[:, None, None]
    return [
        s.y[-1] + bias + 0.1 * rng.standard_normal((len(bias), draws, len(t)))
        for s, t in zip(known, ahead, strict=True)
    ]


def test_every_candidate_forecasts_within_the_market():
    (case,) = averaging.cases(SOME[:1], (0.6,), 3)
    (drawn,) = averaging.forecasts([case.known], [case.t], PRIOR, draws=40, bootstraps=8)
    assert drawn.shape == (len(averaging.CANDIDATES), 40, 3)
    assert (drawn >= 0.0).all() and (drawn <= 1.0).all()
    assert np.abs(np.median(drawn, axis=1) - case.came).max() < 0.25


def test_weights_for_a_series_use_nothing_of_that_series(monkeypatch):
    monkeypatch.setattr(averaging, "forecasts", cheap)
    base = averaging.leave_future_out(SOME, PRIOR, origins=(0.5,), steps=4, bootstraps=8)
    other = innovation("s0", 0.05, 0.9, 0.3, 9)
    changed = averaging.leave_future_out([other, SOME[1]], PRIOR, origins=(0.5,), steps=4, bootstraps=8)
    np.testing.assert_allclose(base.weights["s0"], changed.weights["s0"])
    assert not np.allclose(base.weights["s1"], changed.weights["s1"])
    for weights in (*base.weights.values(), base.everyone):
        assert (weights >= 0.0).all() and weights.sum() == pytest.approx(1.0)
    assert (base.pooled <= base.near.max(axis=1)).all()
    assert base.skill("bass").keys() == {"s0", "s1"}


def test_a_walk_goes_on_with_its_drift_and_widens():
    t = np.arange(1.0, 21.0)
    line = Series("line", t, 1.0 / (1.0 + np.exp(3.0 - 0.2 * t)), 1.0, 1.0)
    wiggly = Series("w", t, 1.0 / (1.0 + np.exp(3.0 - 0.2 * t + 0.3 * (-1.0) ** t)), 1.0, 1.0)
    sure = averaging.walk(line, np.array([25.0, 30.0]), 200, 0)
    np.testing.assert_allclose(sure.mean(axis=0), 1.0 / (1.0 + np.exp(3.0 - 0.2 * np.array([25.0, 30.0]))), atol=1e-6)
    near, far = averaging.walk(wiggly, np.array([21.0, 30.0]), 2000, 0).std(axis=0)
    assert far > near > 0.0


def test_members_of_the_pool_come_by_weight():
    drawn = np.stack([np.zeros((50, 2)), np.ones((50, 2))])
    assert averaging.pooled(drawn, np.array([0.2, 0.8]), 20_000, 0).mean() == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0, 0.0, 0.0, 0.0, 1.0], np.zeros(6), [np.nan] * 6])
def test_weights_that_are_none_are_refused_in_one_line(weights):
    with pytest.raises(InputError) as error:
        averaging.as_weights(np.array(weights))
    assert "\n" not in str(error.value)
