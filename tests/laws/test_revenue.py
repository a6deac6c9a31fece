"""Revenue: run rates, growth that falls with size, value under the wage bill, and lags to trillions."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gigawatt  # noqa: F401  (float64)
from gigawatt.core.errors import InputError
from gigawatt.core.facts import fact
from gigawatt.core.observed import table
from gigawatt.core.scenario import load
from gigawatt.mechanisms import demand, revenue

positive = st.floats(0.05, 5.0)


def occupations(*columns):
    return [np.array([float(r[c]) for r in table("occupation_wages")]) for c in columns]


def test_run_rates_count_thirteen_times_28_days_and_twelve_months():
    assert revenue.run_rate(1.0, "28 days") == 13.0
    assert revenue.run_rate(np.array([1.0, 2.0])) == pytest.approx([12.0, 24.0])
    assert revenue.mixed_run_rate(0.1, 0.2) == pytest.approx(1.3 + 2.4)
    with pytest.raises(InputError, match="fortnight"):
        revenue.run_rate(1.0, "fortnight")


def test_the_year_earns_less_than_the_run_rate_at_its_end_if_sales_grow():
    # tenfold a year to a run rate of 10: the integral of 10^t over the year is 9 / ln 10
    assert revenue.year_of_run_rate(10.0, np.log(10.0)) == pytest.approx(9.0 / np.log(10.0))
    assert revenue.year_of_run_rate(10.0, 0.0) == 10.0
    assert np.isfinite(jax.grad(lambda g: revenue.year_of_run_rate(10.0, g))(0.0))


def test_openai_earned_in_2024_what_its_run_rates_say():
    # run rate 2.0 and 5.5 bn at the ends of the year; 3.7 bn were reported for the year
    earned = revenue.year_of_run_rate(5.5, np.log(5.5 / 2.0))
    assert earned == pytest.approx(3.7, rel=0.1)


@given(positive, st.floats(0.0, 1.0), st.floats(0.0, 5.0))
@settings(max_examples=60, deadline=None)
def test_the_path_solves_its_law_of_growth(growth, bend, years):
    step = 1e-4
    now, later = (revenue.bent_path(2.0, growth, bend, y) for y in (years, years + step))
    pace = np.log(later / now) / step
    assert pace == pytest.approx(float(revenue.bent_growth(now, 2.0, growth, bend)), rel=2e-3)
    assert revenue.bent_years(2.0, now, growth, bend) == pytest.approx(years, abs=1e-6)


def test_no_bend_is_the_exponential_and_a_bend_is_a_power_of_time():
    assert revenue.bent_path(3.0, np.log(10.0), 0.0, 2.0) == pytest.approx(300.0)
    assert revenue.bent_path(3.0, 1.0, 1e-9, 2.0) == pytest.approx(3.0 * np.exp(2.0), rel=1e-6)
    assert revenue.bent_path(1.0, 1.0, 1.0, 9.0) == pytest.approx(10.0)  # bend 1: so much more each year
    assert revenue.bent_path(3.0, 1.0, 1e-300, 2.0) == pytest.approx(3.0 * np.exp(2.0))
    for at in (0.0, 0.3):
        assert np.isfinite(jax.grad(lambda b: revenue.bent_path(1.0, 1.0, b, 2.0))(at))


def test_triple_twice_and_double_three_times_is_a_bend_of_a_fifth():
    # Agrawal (2015): 2, 6, 18, 36, 72, 144 million; growth against the middle of each stretch in the logarithm
    bend = -np.log(np.log(2) / np.log(3)) / np.log(np.sqrt(18 * 144) / np.sqrt(2 * 18))
    assert bend == pytest.approx(0.2, abs=0.03)
    end = revenue.bent_path(2.0, np.log(3.0) * (6.0 / 2.0) ** bend, bend, 5.0)
    assert end == pytest.approx(144.0, rel=0.2)


@given(st.lists(st.tuples(positive, st.floats(0.0, 1.0)), min_size=1, max_size=8), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_revenue_never_exceeds_value_nor_value_the_wage_bill(groups, adopted, capture):
    weights, automatable = np.array(groups).T
    value = revenue.value_of_work(50_000.0, weights, automatable)
    paid = revenue.captured_value(value, adopted, capture)
    assert float(value.sum()) <= 50_000.0 * (1 + 1e-12) and (paid <= value + 1e-9).all() and (paid >= 0).all()
    kept = revenue.surplus_left(value, adopted, capture)
    assert np.allclose(paid + kept, value * adopted)


def test_occupation_groups_add_to_the_published_totals():
    employment, wage = occupations("employment", "mean_wage")
    assert employment.sum() == pytest.approx(154_187_380, abs=300)  # all occupations, May 2024; rows are rounded to ten
    assert employment @ wage / employment.sum() == pytest.approx(67_920, abs=10)


def test_sectors_add_to_the_occupation_groups():
    sectors = table("sector_wages")
    for row in table("occupation_wages"):
        same = [r for r in sectors if r["soc"] == row["soc"]]
        people = np.array([float(r["employment"]) for r in same])
        pay = people @ np.array([float(r["mean_wage"]) for r in same])
        assert people.sum() == pytest.approx(float(row["employment"]), rel=0.01), row["occupation"]
        assert pay == pytest.approx(float(row["employment"]) * float(row["mean_wage"]), rel=0.01), row["occupation"]


def test_exposure_is_that_of_the_paper():
    # Eloundou et al. (2023), abstract: about 15 % of all worker tasks with a model alone, 47 to 56 % with software too
    employment, alone, half, tools = occupations("employment", "exposed_alone", "exposed_half", "exposed_tools")
    assert employment @ alone / employment.sum() == pytest.approx(0.15, abs=0.005)
    assert employment @ tools / employment.sum() == pytest.approx(0.47, abs=0.005)
    assert half == pytest.approx(0.5 * (alone + tools), abs=1e-4)


def test_exposed_work_is_worth_more_than_its_hours():
    employment, wage, half = occupations("employment", "mean_wage", "exposed_half")
    wages = 1000.0 * fact("human-wages").value
    value = revenue.value_of_work(wages, employment * wage, half).sum()
    assert 1.1 < value / wages / (employment @ half / employment.sum()) < 1.3
    assert value > 1000.0 * fact("genius-tam-trillions").low


groups = st.lists(st.tuples(positive, st.floats(0.005, 0.9)), min_size=5, max_size=5)


@given(groups, st.floats(0.001, 0.999))
@settings(max_examples=60, deadline=None)
def test_parts_of_what_models_can_do_add_to_the_whole_and_keep_their_order(found, total):
    weights, exposed = np.array(found).T
    can = np.asarray(revenue.reached(total, exposed, weights))
    assert can @ weights / weights.sum() == pytest.approx(total)
    assert (np.diff(can[np.argsort(exposed)]) >= -1e-12).all()
    odds = np.log(can / (1 - can)) - np.log(exposed / (1 - exposed))
    assert np.ptp(odds) < 1e-6  # the same step in log odds for all


def test_what_models_can_do_is_the_rating_where_the_total_is_and_spreads_over_markets():
    exposed, weights = np.array([0.1, 0.5]), np.array([[3.0, 1.0], [1.0, 3.0]])
    assert revenue.reached(0.2, exposed, weights[0]) == pytest.approx(exposed)
    many = np.asarray(revenue.reached(np.array([[0.2], [0.4]]), exposed, weights))
    assert many.shape == (2, 2, 2)
    assert np.allclose(np.sum(many * weights / 4.0, axis=-1), [[0.2, 0.2], [0.4, 0.4]])


def test_a_contract_of_fifty_million_is_sixteen_thousand_for_each_developer():
    each = revenue.spending_per_user(1e6 * fact("enterprise-deal-size").value, fact("enterprise-rollout-size").value)
    assert each == pytest.approx(fact("enterprise-per-developer").value, abs=0.01)


def test_lags_give_a_distribution_with_little_weight_on_five():
    lags, weights = [1.0, 2.0, 5.0], [4.0, 5.0, 1.0]
    assert revenue.trillions_by(2030.0, 2028.0, lags, weights) == pytest.approx(0.9)
    by = revenue.trillions_by(np.arange(2028.0, 2035.0), np.full(7, 2028.0), lags, weights)
    assert by == pytest.approx([0.0, 0.4, 0.9, 0.9, 0.9, 1.0, 1.0])
    assert revenue.trillions_year(2028.0, 5.0) == 2033.0
    assert revenue.longest_lag(2028.12, 2030.0) == pytest.approx(1.88) and revenue.longest_lag(2031.0, 2030.0) == 0.0


def test_bent_growth_agrees_with_the_trend_where_neither_bends():
    assert revenue.bent_path(10.0, np.log(3.0), 0.0, 1.5) == pytest.approx(float(demand.trend_path(10.0, 3.0, 1.5)))


def test_a_low_market_is_200_bn_in_mid_2028_with_a_lab_of_ten_gigawatts():
    table = load("low_tam").table
    now = sum(e.value for path, e in table.items() if path.startswith("start.revenue."))
    then = demand.trend_path(now, table["trend.growth"].value, 2.5)
    assert then == pytest.approx(fact("patel-tam-2028").value, rel=0.05)
    own = table["order_up_to.committed.Anthropic"].value / table["start.price"].value
    assert own == pytest.approx(fact("patel-own-10gw").value)
