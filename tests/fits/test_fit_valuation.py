"""Fit of valuations: a planted law found again, what is left out, and the entries of the base world beside it."""

import numpy as np
import pytest

from gigawatt.core.entry import entries
from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.study.fits import revenue, valuation


@pytest.fixture(scope="module")
def whole():
    return valuation.fit(table("lab_valuation"), bootstraps=500)


def test_a_planted_multiple_and_premium_are_found_again():
    reports, rows = revenue.read(table("lab_revenue")), []
    for lab, day in (
        ("OpenAI", "2024-06-30"),
        ("OpenAI", "2025-06-30"),
        ("Anthropic", "2025-03-31"),
        ("xAI", "2025-06-30"),
    ):
        year = 2000.0 + float(day[2:4]) + 0.5 if day.endswith("06-30") else 2025.25
        seller = reports[lab]
        growth = valuation.growth_at(seller, year)
        value = 9.0 * np.exp(0.7 * growth + valuation.run_rate_at(seller, year))
        rows.append({"lab": lab, "date": day, "value": str(value), "round_type": "primary"})
    _, _, multiples, growth = valuation.priced(rows, "")
    slope, intercept = np.polyfit(growth, np.log(multiples), 1)
    assert slope == pytest.approx(0.7, abs=0.02) and np.exp(intercept) == pytest.approx(9.0, rel=0.05)


def test_labs_fetch_about_thirty_times_revenue_whatever_their_growth(whole):
    assert 25.0 < whole["multiple"].low and whole["multiple"].high < 45.0
    assert whole["premium"].low < 0.0 < whole["premium"].high  # no premium for growth among labs that all grow fast


def test_the_base_world_meets_the_observed_multiple_at_the_growth_of_labs(whole):
    """Its premium is anchored at firms without growth; at the median growth of labs it must give what they fetch."""
    growth = np.median(valuation.priced(table("lab_valuation"), "")[3])
    found = entries()["rounds.multiple"].value * np.exp(entries()["rounds.growth_premium"].value * growth)
    assert found == pytest.approx(whole["multiple"].value, rel=0.3)


def test_rounds_are_a_few_per_cent_of_a_lab_every_half_year_as_the_base_world_allows(whole):
    a_year = whole["sold"].value * 12.0 / whole["months"].value
    limit = entries()["rounds.dilution"]
    assert limit.low < a_year < limit.high
    assert whole["debt"].low <= entries()["accounts.debt_limit"].value <= whole["debt"].high


def test_a_valuation_of_nothing_is_told():
    rows = [{"lab": "OpenAI", "date": "2025-01-01", "value": "0", "round_type": "primary"}]
    with pytest.raises(InputError, match="not above zero"):
        valuation.fit(rows)
