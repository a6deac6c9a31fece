"""The newsvendor against 40-digit closed forms, stockpyl and brute force."""

import json
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gigawatt.core.errors import InputError
from gigawatt.decisions import newsvendor
from gigawatt.decisions.distributions import (
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Normal,
    Poisson,
    StudentT,
    Uniform,
)

CASES = json.loads((Path(__file__).parents[1] / "reference/planning/newsvendor_cases.json").read_text())["cases"]


def listed(pmf):
    return Empirical([float(value) for value in pmf], list(pmf.values()))


LAWS = {
    "normal": lambda p: Normal(p["demand_mean"], p["demand_sd"]),
    "lognormal": lambda p: Lognormal(p["mu_log"], p["sigma_log"]),
    "exponential": lambda p: Exponential(p["mean"]),
    "uniform": lambda p: Uniform(p["low"], p["high"]),
    "gamma": lambda p: Gamma(p["shape"], p["scale"]),
    "poisson": lambda p: Poisson(p["mean"]),
    "discrete": lambda p: listed(p["pmf"]),
}
EXAMPLES = {
    "normal": (Normal(50.0, 8.0), stats.norm(50.0, 8.0)),
    "lognormal": (Lognormal(4.0, 0.8), stats.lognorm(0.8, scale=np.exp(4.0))),
    "gamma": (Gamma(0.5, 200.0), stats.gamma(0.5, scale=200.0)),
    "exponential": (Exponential(100.0), stats.expon(scale=100.0)),
    "uniform": (Uniform(50.0, 150.0), stats.uniform(50.0, 100.0)),
    "student": (StudentT(5.0, 10.0, 3.0), stats.t(5.0, 10.0, 3.0)),
    "poisson": (Poisson(6.0), stats.poisson(6.0)),
    "many asked for": (Poisson(700.0), stats.poisson(700.0)),
}


def solve(case):
    p, kind = case["params"], case["kind"].removeprefix("newsvendor_")
    costs = p["holding_cost"], p["stockout_cost"]
    if kind == "with_disruptions":
        supply = *costs, p["disruption_prob"], p["recovery_prob"]
        level = newsvendor.order_with_disruptions(p["demand"], *supply)
        return level, newsvendor.cost_with_disruptions(p["demand"], level, *supply)
    if kind == "normal_explicit_profit":
        law = Normal(p["demand_mean"], p["demand_sd"])
        prices = p["revenue"], p["purchase_cost"], p["salvage_value"], *costs
        level = newsvendor.order_for_profit(law, *prices)
        return level, newsvendor.expected_profit(law, level, *prices)
    law, lead = LAWS[kind](p), p.get("lead_time", 0)
    level = p.get("base_stock_level") or newsvendor.order(law, *costs, lead)
    return level, newsvendor.cost(law, level, *costs, lead)


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{case['kind']}" for i, case in enumerate(CASES)])
def test_order_and_cost_of_every_stored_case(case):
    np.testing.assert_allclose(solve(case), case["exact"] or case["stockpyl"], rtol=1e-12)


@pytest.mark.parametrize("name", EXAMPLES)
def test_distribution_agrees_with_scipy(name):
    law, peer = EXAMPLES[name]
    p = np.array([1e-9, 0.01, 0.2, 0.5, 0.8, 0.999])
    x = peer.ppf(p)
    np.testing.assert_allclose(law.quantile(p), x, rtol=1e-10)
    np.testing.assert_allclose(law.cdf(x), peer.cdf(x), rtol=1e-10)
    np.testing.assert_allclose(law.mean, peer.mean(), rtol=1e-13)


@pytest.mark.parametrize("name", EXAMPLES)
def test_left_over_and_missing_add_up_and_grow_at_the_chance_of_being_left_or_missing(name):
    law, _ = EXAMPLES[name]
    q = law.quantile(np.array([0.01, 0.3, 0.7, 0.99])) + 0.25  # between the whole numbers of Poisson demand
    left, left_slope = jax.jit(jax.vmap(jax.value_and_grad(law.excess)))(q)
    missing, missing_slope = jax.jit(jax.vmap(jax.value_and_grad(law.shortage)))(q)
    np.testing.assert_allclose(left - missing, q - law.mean, rtol=1e-11)
    np.testing.assert_allclose(left_slope, law.cdf(q), rtol=1e-9)
    np.testing.assert_allclose(missing_slope, law.cdf(q) - 1.0, rtol=1e-9)


@pytest.mark.parametrize(
    "law", [Exponential(100.0), Gamma(2.0, 50.0), Lognormal(4.0, 0.8)], ids=lambda law: str(type(law))
)
def test_amounts_that_can_hardly_be_left_over_keep_their_digits(law):
    q = law.quantile(1e-8)
    by_quadrature = law.mean_below(lambda d: q - d, q)
    np.testing.assert_allclose(law.excess(q), by_quadrature, rtol=1e-11)


@pytest.mark.parametrize("name", ["normal", "lognormal", "gamma", "student"])
def test_order_has_the_derivative_of_its_finite_difference(name):
    law, _ = EXAMPLES[name]
    order = jax.jit(jax.value_and_grad(lambda p: newsvendor.order(law, 1.0, p)))
    (low, _), (_, slope), (high, _) = order(3.999), order(4.0), order(4.001)
    np.testing.assert_allclose(slope, (high - low) / 0.002, rtol=1e-6)


def test_order_for_gamma_demand_responds_to_its_shape():
    slope = jax.grad(lambda shape: newsvendor.order(Gamma(shape, 50.0), 1.0, 4.0))(2.0)
    near = (Gamma(2.001, 50.0).quantile(0.8) - Gamma(1.999, 50.0).quantile(0.8)) / 0.002
    np.testing.assert_allclose(slope, near, rtol=1e-6)


def test_several_periods_add_up():
    np.testing.assert_allclose(Exponential(100.0).over(3).cdf(250.0), stats.gamma(3.0, scale=100.0).cdf(250.0))
    np.testing.assert_allclose(newsvendor.order(Poisson(6.0), 1.0, 4.0, lead_time=4), stats.poisson(30.0).ppf(0.8))


@pytest.mark.parametrize("mean", [0.01, 0.7, 6.0, 150.0, 4e3, 1e5])
def test_counts_keep_their_digits_far_from_the_mean_and_follow_it_exactly(mean):
    chances = np.array([1e-12, 1e-3, 0.4, 0.9, 1.0 - 1e-9])
    n, peer = stats.poisson(mean).ppf(chances), stats.poisson(mean)
    np.testing.assert_array_equal(Poisson(mean).quantile(chances), n)
    np.testing.assert_allclose(Poisson(mean).cdf(n), peer.cdf(n), rtol=3e-12)
    left, slope = jax.jvp(lambda m: Poisson(m).excess(n + 1.0), (mean,), (1.0,))
    np.testing.assert_allclose(left, (n + 1.0) * peer.cdf(n) - mean * peer.cdf(n - 1.0), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(slope, -peer.cdf(n), rtol=1e-9, atol=1e-11)  # a unit more demand is a unit less left
    curve = jax.jacrev(jax.jacfwd(lambda m: Poisson(m).excess(n + 1.0)))(mean)
    np.testing.assert_allclose(curve, peer.pmf(n), rtol=1e-9, atol=1e-11)


def test_chance_of_a_count_in_the_middle_of_very_many_is_that_of_the_normal_limit():
    middle = 0.5 + 2.0 / 3.0 / np.sqrt(2.0 * np.pi * 1e9)  # Ramanujan: the rest is of the order of mean^(-3/2)
    np.testing.assert_allclose(Poisson(1e9).cdf(1e9), middle, rtol=1e-11)


def test_tie_between_two_orders_goes_to_the_smaller_in_spite_of_rounding():
    tenths = Empirical(jnp.arange(1.0, 11.0))
    np.testing.assert_array_equal(tenths.quantile(jnp.arange(1, 11) / 10), jnp.arange(1.0, 11.0))
    np.testing.assert_array_equal(tenths.upper_quantile(jnp.arange(0, 10) / 10), jnp.arange(1.0, 11.0))


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.5, 50.0),
    st.floats(0.01, 2.0),
    st.floats(0.01, 1.0),
    st.floats(0.1, 5.0),
    st.floats(0.1, 5.0),
)
def test_supply_that_fails_costs_what_its_long_run_frequencies_say(demand, level, recovery, holding, stockout):
    disruption, quantity, n = 0.3 * level, 5.0 * level * demand, np.arange(4000)
    chance = disruption / (disruption + recovery) * recovery * (1 - recovery) ** np.maximum(n - 1.0, 0.0)
    chance[0] = recovery / (disruption + recovery)
    asked = demand * (n + 1)
    costs = [
        np.sum(chance * (holding * np.maximum(q - asked, 0) + stockout * np.maximum(asked - q, 0)))
        for q in (quantity, *asked[:60])
    ]
    supply = holding, stockout, disruption, recovery
    np.testing.assert_allclose(newsvendor.cost_with_disruptions(demand, quantity, *supply), costs[0], rtol=1e-9)
    best = newsvendor.order_with_disruptions(demand, *supply)
    if best <= asked[59]:
        np.testing.assert_allclose(newsvendor.cost_with_disruptions(demand, best, *supply), min(costs[1:]), rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.floats(0.1, 2.0))
def test_order_does_not_depend_on_the_unit_of_money_and_scales_with_the_unit_of_demand(money, unit, sigma):
    law, larger = Lognormal(1.0, sigma), Lognormal(1.0 + np.log(unit), sigma)
    prices, dearer = (3.0, 1.0, 0.2), (3.0 * money, money, 0.2 * money)
    q = newsvendor.order_for_profit(law, *prices)
    np.testing.assert_allclose(newsvendor.order_for_profit(larger, *dearer), unit * q, rtol=1e-11)
    value = newsvendor.expected_profit(law, q, *prices)
    np.testing.assert_allclose(newsvendor.expected_profit(larger, unit * q, *dearer), unit * money * value, rtol=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.floats(1.1, 10.0), st.floats(0.01, 3.0), st.floats(0.1, 2.0))
def test_order_rises_with_the_margin_and_falls_with_the_cost(revenue, more, sigma):
    law = Lognormal(0.0, sigma)
    q = newsvendor.order_for_profit(law, revenue, 1.0)
    assert newsvendor.order_for_profit(law, revenue + more, 1.0) > q
    assert newsvendor.order_for_profit(law, revenue + more, 1.0 + more) < newsvendor.order_for_profit(
        law, revenue + more, 1.0
    )


def test_hundred_thousand_cases_in_one_compiled_call():
    sigma = jnp.linspace(0.1, 2.0, 100_000)

    @jax.jit
    def both(law, stockout):
        level = newsvendor.order(law, 1.0, stockout)
        return level, newsvendor.cost(law, level, 1.0, stockout)

    level, cost = both(Lognormal(jnp.log(100.0), sigma), jnp.linspace(1.0, 9.0, 100_000))
    one = Lognormal(jnp.log(100.0), sigma[777])
    p = 1.0 + 8.0 * 777 / 99_999
    np.testing.assert_allclose(level[777], newsvendor.order(one, 1.0, p), rtol=1e-13)
    np.testing.assert_allclose(cost[777], newsvendor.cost(one, level[777], 1.0, p), rtol=1e-13)


def test_batch_of_lists_of_values_is_solved_row_by_row():
    rows = Empirical(jnp.array([[100.0, 300.0, 1000.0], [5.0, 1.0, 3.0]]), jnp.array([0.25, 0.5, 0.25]))
    np.testing.assert_array_equal(newsvendor.order(rows, jnp.array([1.0, 1.0]), jnp.array([3.1, 2.0])), [1000.0, 3.0])
    levels = jax.vmap(lambda law: newsvendor.order(law, 1.0, 1.0))(rows)
    np.testing.assert_array_equal(levels, [300.0, 1.0])


def test_whole_distribution_can_be_differentiated():
    slope = eqx.filter_grad(lambda law: newsvendor.cost(law, 60.0, 0.18, 0.7))(Normal(50.0, 8.0))
    near = newsvendor.cost(Normal(50.001, 8.0), 60.0, 0.18, 0.7) - newsvendor.cost(Normal(49.999, 8.0), 60.0, 0.18, 0.7)
    np.testing.assert_allclose(slope.mean, near / 0.002, rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Normal(1.0, -1.0), "sd is -1"),
        (lambda: Poisson([5.0, 1e13]), r"mean is 1e\+13.*use Normal"),
        (lambda: Empirical([1.0, 2.0], [0.4, 0.5]), "sum of probabilities is 0.9"),
        (lambda: Empirical([1.0, 2.0], [1.4, -0.4]), "probability is -0.4"),
        (lambda: newsvendor.order(Normal(50.0, 8.0), 1.0, 1.0, lead_time=-1), "lead_time is -1"),
        (lambda: newsvendor.order(Normal(50.0, 8.0), 0.0, 1.0), "holding is 0.*no bound"),
        (lambda: newsvendor.order(Lognormal(1.0, 1.0), 1.0, 1.0, lead_time=2), "Lognormal demand has no closed form"),
        (lambda: newsvendor.order_for_profit(Normal(50.0, 8.0), 3.0, 1.0, 1.5), "salvage is 1.5.*no bound"),
        (lambda: newsvendor.order_for_profit(Normal(50.0, 8.0), 1.0, 2.0), "revenue is 1"),
        (lambda: newsvendor.order_with_disruptions(10.0, 1.0, 2.0, 0.1, 0.0), "recovery is 0"),
        (lambda: newsvendor.order_with_disruptions(10.0, 1.0, 2.0, 1.1, 0.5), "disruption is 1.1"),
    ],
)
def test_bad_input_names_the_argument_and_the_cure(call, words):
    with pytest.raises(InputError, match=words) as error:
        call()
    assert "\n" not in str(error.value)
