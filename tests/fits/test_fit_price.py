"""Price at fixed capability: the join of names, published falls, a planted decline found, later prices covered."""

import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.core.path import year_of
from gigawatt.study.fits import price
from gigawatt.study.fits.price_floor import decline_to_floor
from gigawatt.study.fits.price_offers import blend, capability, offers

INDEX = [r for r in table("eci_scores") if r["vintage"] == price.VINTAGE]
ROWS = table(price.DATA)


@pytest.fixture(scope="module")
def fitted():
    return price.fit(ROWS, bootstraps=200)


# ---------------------------------------------------------------- the join


@pytest.mark.parametrize(
    ("name", "listed", "eci"),
    [
        ("openai/gpt-4", "2023-07-26", 121.73),  # the June version was on offer, not March's 125.8
        ("deepseek/deepseek-r1", "2025-02-13", 139.71),
        ("deepseek/deepseek-r1-0528", "2025-06-05", 142.0),
        ("anthropic/claude-3-opus", "2024-03-26", 126.86),
        ("qwen/qwen3.5-plus-02-15", "2026-03-03", 146.98),
        ("openai/gpt-4.1-mini", "2025-05-03", 135.79),
        ("anthropic/claude-opus-4.6-fast", "2026-03-03", None),  # other terms, not in the index
        ("mistralai/mistral-large-2407", "2024-09-05", None),  # a later model of an old name
    ],
)
def test_an_offer_finds_the_model_behind_its_name(name, listed, eci):
    assert capability(name, year_of(listed), INDEX) == eci


def test_blend_is_three_tokens_read_to_one_written():
    row = {"model": "a/b", "input_usd_per_mtok": "30", "output_usd_per_mtok": "60"}
    assert blend(row) == 37.5


def test_lowest_offers_by_hand():
    known = offers(ROWS, INDEX)
    assert known.cheapest(121.7)[0] == 37.5  # GPT-4, July 2023
    at = np.searchsorted(known.year, year_of("2025-02-13"))
    assert known.cheapest(135.0)[at] == pytest.approx(0.175)  # Gemini 2.0 Flash: 0.10 read, 0.40 written
    every = np.array([known.cheapest(c) for c in (115.0, 125.0, 135.0, 145.0)])
    assert (every[1:] >= every[:-1]).all()  # more capability never costs less


def test_unknown_models_are_told_in_one_line():
    rows = [{**ROWS[0], "model": "nobody/nothing"}]
    with pytest.raises(InputError, match="no model of the prices"):
        offers(rows, INDEX)


# ---------------------------------------------------------------- published falls


def test_the_price_of_gpt_4_fell_about_fortyfold_a_year(fitted):
    # Epoch AI (2025): 42 times a year for GPQA at the level of GPT-4, here 41 with another measure and join
    found = fitted["fall at GPT-4"]
    assert found.value == pytest.approx(found.published.value, rel=0.15)
    assert found.low < found.published.value < found.high


def test_the_level_of_gpt_3_5_fell_about_tenfold(fitted):
    found = fitted["fall at GPT-3.5"]
    assert found.low < 10.0 < found.high  # Appenzeller (2024)


def test_hedonic_fall_lies_among_the_published(fitted):
    found = fitted["hedonic fall"]
    assert fitted.statistics["epoch_median"] == pytest.approx(46.2, abs=0.1)
    assert fitted.statistics["epoch_least"] < found.low < found.value < fitted.statistics["epoch_median"]
    assert 0.1 < fitted["premium"].value < 0.3


# ---------------------------------------------------------------- planted truth


def planted(rate, floor, noise=0.0, seed=0):
    """Rows of one offer for each model of the index since 2024: price rises with capability, falls with time."""
    rng = np.random.default_rng(seed)
    rows = []
    for model in (r for r in INDEX if r["date"] >= "2024-01-01" and "(" not in r["model"]):
        log = 0.2 * (float(model["eci"]) - 130.0) - rate * (year_of(model["date"]) - 2024.0)
        cost = floor + np.exp(log + noise * rng.standard_normal())
        name = "lab/" + model["model"].lower().replace(" ", "-")
        cell = {"input_usd_per_mtok": str(cost), "output_usd_per_mtok": str(cost)}
        rows.append({"date": model["date"], "model": name, "last_seen": "2026-05-31", **cell})
    return rows


@pytest.mark.parametrize("rate", [1.0, 2.5])
def test_hedonic_line_finds_a_planted_fall(rate):
    found = {e.name: e for e in price.hedonic(offers(planted(rate, 0.0, noise=0.5), INDEX), 200, 0)}
    assert found["hedonic fall"].low < np.exp(rate) < found["hedonic fall"].high
    assert found["premium"].low < 0.2 < found["premium"].high


def test_posterior_finds_a_planted_rate_and_floor():
    t = np.linspace(2023.5, 2026.5, 30)
    truth = np.log(0.05 + 30.0 * np.exp(-4.0 * (t - t[0])))
    law = decline_to_floor(t, truth + 0.1 * np.random.default_rng(1).standard_normal(30))
    rate, floor = law.weight @ law.rate, law.weight @ (np.exp(law.a) * law.share)
    assert rate == pytest.approx(4.0, rel=0.1) and floor == pytest.approx(0.05, rel=0.15)
    members = law.draws(np.array([2027.5]), 2000, 0)
    assert np.quantile(members, 0.05) < np.log(0.05) < np.quantile(members, 0.95)


def test_without_a_floor_in_the_data_the_forecast_keeps_falling():
    t = np.linspace(2023.5, 2025.0, 12)
    law = decline_to_floor(t, 3.0 - 2.0 * (t - t[0]) + 0.05 * np.random.default_rng(2).standard_normal(12))
    assert law.mean(np.array([2026.0]))[0] < law.mean(t[-1:])[0] - 0.7


# ---------------------------------------------------------------- hindcast


def test_offers_of_2025_lie_in_the_band_that_2024_gave():
    found = price.fit(ROWS, until="2024-12-31", bootstraps=200)
    assert len(found.held.observed) == 17 and found.held.coverage() >= 0.8
    assert found.statistics["held_crps"] < 0.5 * found.statistics["held_crps_constant_rate"]
    assert all(e.published is None for e in found.estimates)


def test_a_level_not_on_offer_is_refused():
    with pytest.raises(InputError, match="lower the level"):
        price.fit(ROWS, level=160.0)


def test_a_hindcast_before_all_offers_is_refused():
    with pytest.raises(InputError, match="on offer at 0 dates"):
        price.fit(ROWS, until="2023-01-31")
