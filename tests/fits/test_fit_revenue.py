"""Fit of revenue: the published slopes, a planted bend found again, definitions, and a hold-out."""

import numpy as np
import pytest

import gigawatt  # noqa: F401
from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.mechanisms.revenue import bent_path
from gigawatt.study.fits import revenue
from gigawatt.study.fits.bend import BENDS, Seller, bends


def rows():
    return [dict(row) for row in table("lab_revenue")]


def planted(bend, starts=(0.02, 0.1, 0.5, 2.0), growth=2.5, seed=0):
    """Labs of different size on one law of growth, g = growth at 0.02 bn, with errors of 5 per cent."""
    rng, t = np.random.default_rng(seed), np.linspace(2022.0, 2026.0, 13)
    path = (bent_path(s, growth * (s / 0.02) ** -bend, bend, t - t[0]) for s in starts)
    return {f"lab {i}": Seller(t, np.log(y) + 0.05 * rng.standard_normal(13)) for i, y in enumerate(path)}


@pytest.fixture(scope="module")
def whole():
    return revenue.fit(rows(), bootstraps=300)


def test_growth_by_lab_is_as_published(whole):
    for lab, multiple in revenue.PUBLISHED.items():
        e = whole[revenue.slug(lab)]
        assert e.value == pytest.approx(multiple, rel=0.005)
        assert e.low <= e.published.value <= e.high


def test_growth_now_lies_about_the_last_year_of_reports(whole):
    # Anthropic went from 9 to 47 bn in the first 4.5 months of 2026, OpenAI from 21.4 to 25 in two
    assert whole["anthropic_now"].low > 5.0
    assert whole["openai_now"].low < 4.0 < whole["openai_now"].high


def test_a_planted_bend_is_found_again():
    for bend in (0.0, 0.3):
        found = next(iter(bends(planted(bend), 0.05).values()))
        low, middle, high = found.bend_quantiles((0.05, 0.5, 0.95))
        assert middle == pytest.approx(bend, abs=0.1) and low - 0.01 <= bend <= high
    assert found.weight.sum() == pytest.approx(1.0) and len(found.weight) == len(BENDS)


def test_a_forecast_of_planted_growth_covers_what_comes():
    labs = planted(0.2)
    past = {name: Seller(s.t[:9], s.y[:9]) for name, s in labs.items()}
    inside = []
    for name, own in bends(past, 0.05).items():
        low, high = np.quantile(own.observed(labs[name].t[9:], 2000, 0), [0.05, 0.95], axis=0)
        inside += list((low < labs[name].y[9:]) & (labs[name].y[9:] < high))
    assert np.mean(inside) > 0.75


def test_revenue_of_a_year_stands_at_its_middle_and_that_of_a_product_is_left_out():
    more = rows() + [
        {"date": "2025-01-01", "lab": "OpenAI", "value": "3.7", "measure": "calendar_year_revenue"},
        {"date": "2025-08-26", "lab": "OpenAI", "value": "3.0", "measure": "product_revenue_annualized"},
    ]
    before, after = (revenue.read(r)["OpenAI"] for r in (rows(), more))
    assert len(after.t) == len(before.t) + 1
    assert np.setdiff1d(after.t, before.t) == pytest.approx([2024.5])
    assert after.y[after.t == 2024.5] == pytest.approx(np.interp(2024.5, before.t, before.y), abs=0.15)


def test_a_hindcast_uses_no_later_row_and_scores_the_later_ones():
    early = revenue.fit(rows(), until="2024-12-31", bootstraps=50, lab="OpenAI")
    past = [r for r in rows() if r["date"] <= "2024-12-31"]
    alone = revenue.fit(past, until="2024-12-31", bootstraps=50, lab="OpenAI")
    assert [e.value for e in early.estimates] == [e.value for e in alone.estimates]
    assert early.held is not None and len(early.held.x) == 6 and alone.held is None
    assert early["openai"].published is None


def test_width_grows_with_lead(whole):
    low, middle, high = whole.predict([2026.5, 2027.5])
    assert (low < middle).all() and (middle < high).all() and high[1] / low[1] > high[0] / low[0]


@pytest.mark.parametrize(
    "change, told",
    [({"value": "0"}, "above zero"), ({"value": "much"}, "no number"), ({"measure": "arr"}, "not known")],
)
def test_rows_that_cannot_be_read_are_told_in_one_line(change, told):
    with pytest.raises(InputError, match=told) as error:
        revenue.fit([*rows(), {**rows()[0], **change}], bootstraps=10)
    assert "\n" not in str(error.value)


def test_a_lab_without_three_reports_is_told():
    with pytest.raises(InputError, match="Mistral"):
        revenue.fit(rows(), bootstraps=10, lab="Mistral AI")
    with pytest.raises(InputError, match="widen"):
        revenue.fit(rows()[:2], bootstraps=10)
