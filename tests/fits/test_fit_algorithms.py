"""Algorithmic progress: a planted rate comes back, errors of compute are corrected, and all readings are told apart."""

import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.study.fits import algorithms as law

ROWS = table(law.DATA)


@pytest.fixture(scope="module")
def found():
    return law.fit(ROWS, bootstraps=500)


def planted(b=6.0, c=7.0, n=150, spread=2.0, error=0.0, houses=15, between=0.0, seed=0):
    """Rows on E = 120 + b (ln C - 53) + c (t - 2024) and noise; `error` of the reported ln C."""
    rng = np.random.default_rng(seed)
    x = 2023.0 + 3.0 * rng.random(n)
    lab = rng.integers(houses, size=n)
    log = 53.0 + 1.0 * (x - 2024.5) + 1.5 * rng.standard_normal(n)
    level = between * rng.standard_normal(houses)
    eci = 120.0 + b * (log - 53.0) + c * (x - 2024.0) + level[lab] + spread * rng.standard_normal(n)
    told = log + error * rng.standard_normal(n)
    return [
        {
            "date": f"{int(x[i])}-{int(x[i] % 1 * 12) + 1:02d}-{int(x[i] * 12 % 1 * 28) + 1:02d}",
            "model": f"m{i}",
            "organization": f"lab {lab[i]}, other",
            "eci": repr(float(eci[i])),
            "training_flop": repr(float(np.exp(told[i]))),
            "confidence": "Confident",
            "vintage": "one",
        }
        for i in range(n)
    ]


def least_squares(rows, **options):
    return law.least_squares(law.models(rows), 200, 0, **options)


# ---------------------------------------------------------------- planted


def test_a_planted_law_without_noise_is_found_exactly():
    plain = least_squares(planted(spread=0.0))
    assert plain.value[1:3] == pytest.approx([6.0, 7.0], abs=0.05)  # dates are rounded to days
    assert law.ratio(plain)[1] == pytest.approx(7.0 / 6.0, abs=0.01)


def test_intervals_hold_the_planted_rate_about_nine_times_in_ten():
    inside = 0
    for seed in range(40):
        low, _, high = law.ratio(least_squares(planted(between=2.0, seed=seed)))
        inside += low <= 7.0 / 6.0 <= high
    assert inside >= 29


def test_errors_of_compute_dilute_the_slope_and_the_correction_takes_it_back():
    sd = float(law.models(planted(n=1)).error[0])
    rates = []
    for seed in range(8):
        rows = planted(error=sd, n=300, seed=seed)
        rates.append([law.ratio(least_squares(rows, errors=e))[1] for e in (False, True)])
    plain, corrected = np.mean(rates, axis=0)
    assert plain > 1.35 and corrected == pytest.approx(7.0 / 6.0, abs=0.12)


def test_levels_of_laboratories_do_not_disturb_a_comparison_within_them():
    rows = planted(between=15.0, spread=0.5)
    within, plain = least_squares(rows, effects=True), least_squares(rows)
    assert within.value[1:3] == pytest.approx([6.0, 7.0], abs=0.4)
    assert within.sd < 1.0 < plain.sd


def test_the_inverse_regression_agrees_without_scatter_and_is_lower_with_it():
    assert law.ratio(least_squares(planted(spread=0.0), inverse=True))[1] == pytest.approx(7.0 / 6.0, abs=0.01)
    rows = planted(spread=8.0, n=400)
    assert law.ratio(least_squares(rows, inverse=True))[1] < law.ratio(least_squares(rows))[1]


def test_a_step_at_the_first_reasoning_model_is_told_from_the_drift_where_it_is_there():
    rows = planted(spread=1.0, n=400)
    for row in rows:
        row["eci"] = repr(float(row["eci"]) + 5.0 * (row["date"] >= "2024-10"))
    with_step = least_squares(rows, era=True)
    assert with_step.value[3] == pytest.approx(5.0, abs=1.0) and with_step.value[2] == pytest.approx(7.0, abs=0.8)


# ---------------------------------------------------------------- the law


def test_compute_needed_falls_by_the_rate_and_gives_the_index_back():
    fitted = least_squares(planted())
    low, rate, high = law.ratio(fitted)
    now, later = fitted.needed(120.0, np.array([2024.0, 2025.0]))
    assert now - later == pytest.approx(rate)
    assert fitted.at(np.array([now]), np.array([2024.0])) == pytest.approx(120.0)


def test_a_model_is_efficient_when_no_earlier_one_did_as_well_with_less():
    m = law.models(planted(n=60))
    keep = law.efficient(m)
    for i in np.flatnonzero(~keep):
        assert np.any((m.x < m.x[i]) & (m.log_flop <= m.log_flop[i]) & (m.eci >= m.eci[i]))
    assert keep[0] and keep.sum() < len(m)


# ---------------------------------------------------------------- the shipped data


def test_one_vintage_with_known_compute_is_used():
    m = law.models(ROWS)
    assert len(m) == 88 and np.isfinite(m.log_flop).all() and (np.diff(m.x) >= 0.0).all() and (m.behind >= 0.0).all()
    assert len(law.models([*ROWS, ROWS[0] | {"vintage": "another"}])) == 88


def test_the_rate_agrees_with_ho_et_al_once_errors_of_compute_are_counted(found):
    rate = found["rate"]
    assert rate.published.low < rate.value < rate.published.high
    assert rate.low < rate.published.value < rate.high
    assert found.entries()["algorithms.rate"]["value"] == rate.value


def test_readings_of_the_same_data_bound_the_rate_and_disagree(found):
    assert found["rate-inverse"].value < found["rate"].value < found["rate-within"].value < found["rate-plain"].value
    assert found["rate-plain"].value < found["rate-efficient"].value < found["rate-frontier"].value


def test_slope_times_growth_of_effective_compute_is_the_drift_and_the_gain_of_compute(found):
    assert found["per-log-compute"].value * found["rate"].value == pytest.approx(found["drift"].value)


def test_the_rate_before_the_break_is_not_determined(found):
    before = found["rate-before"]
    assert before.high - before.low > 2.0 * (found["rate-within"].high - found["rate-within"].low)


def test_later_models_are_scored_and_stand_above_a_forecast_of_2024():
    held = law.fit(ROWS, until="2024-12-31", bootstraps=300).held
    assert len(held.x) == 24 and held.coverage() >= 0.8
    assert np.mean(held.observed - held.median) > 0.0  # reasoning came after


def test_an_early_end_offers_no_entry_that_could_not_be_drawn():
    for entry in law.fit(ROWS, until="2023-12-31", bootstraps=100).entries().values():
        assert entry["range"][0] > 0.0


def test_too_few_models_or_laboratories_are_told():
    with pytest.raises(InputError, match="9 models"):
        law.fit(planted(n=9))
    with pytest.raises(InputError, match="1 laboratories"):
        law.fit(planted(houses=1))


def test_compute_that_rises_with_the_date_alone_determines_nothing():
    rows = planted(n=40)
    for i, row in enumerate(sorted(rows, key=lambda row: row["date"])):
        row["date"], row["training_flop"] = f"{2023 + i // 12}-{i % 12 + 1:02d}", repr(float(np.exp(50.0 + i / 12.0)))
    with pytest.raises(InputError, match="rise together"):
        least_squares(rows)


def test_the_posterior_meets_the_planted_rate():
    pytest.importorskip("numpyro")
    m = law.models(planted(n=60, error=0.5, between=2.0))
    draws = law.posterior(m.log_flop, m.x, m.eci, m.lab, m.error, draws=200)
    rate = np.quantile(draws[:, 2] / draws[:, 1], [0.01, 0.99])
    assert draws.shape == (200, 3) and rate[0] < 7.0 / 6.0 < rate[1] and np.ptp(rate) < 2.0
