"""One order with a cash balance: ruin, CVaR, research and the owner's attitude, against stored and sampled values."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.errors import InputError
from gigawatt.decisions import one_period as one
from gigawatt.decisions.distributions import Empirical, Exponential, Gamma, Lognormal, Normal, Poisson, Uniform

STORED = json.loads((Path(__file__).parents[1] / "reference/planning/newsvendor_ruin_cvar.json").read_text())["cases"]
CASES = pytest.mark.parametrize("case", STORED, ids=[case["name"] for case in STORED])
BET = one.Bet(Lognormal(np.log(100.0), 0.8), 3.0, 1.0, 0.2, cash=150.0, fixed=20.0)
SAMPLE = np.asarray(BET.demand.quantile((np.arange(100_000) + 0.5) / 100_000))


def bet_of(case, **changes):
    p = {**case["params"], **changes}
    return one.Bet(Lognormal(p["mu_log"], p["sigma_log"]), p["r"], p["c"], p["s"], p["W0"], p["F"])


def best(value, low, high):
    """Argmax of a concave function by three ever finer grids."""
    for _ in range(3):
        grid = np.linspace(low, high, 201)
        at = int(np.argmax([value(q) for q in grid]))
        low, high = grid[max(at - 1, 0)], grid[min(at + 1, 200)]
    return grid[at]


@CASES
def test_stored_case_in_every_field(case):
    bet, eps, eta = bet_of(case), case["params"]["eps"], case["params"]["eta"]
    q, capped, cautious = one.neutral_order(bet), one.capped_order(bet, eps), one.cvar_order(bet, eta)
    mine = {
        "q_risk_neutral": q,
        "Eprofit_risk_neutral": one.expected_profit(bet, q),
        "pr_ruin_risk_neutral": one.ruin_probability(bet, q),
        "q_ruin_cap": one.ruin_cap(bet, eps),
        "q_optimal_under_ruin": capped,
        "Eprofit_under_ruin": one.expected_profit(bet, capped),
        "pr_ruin_at_opt": one.ruin_probability(bet, capped),
        "q_cvar": cautious,
        "cvar_at_q_cvar": one.cvar(bet, cautious, eta),
        "Eprofit_at_q_cvar": one.expected_profit(bet, cautious),
        "cvar_at_risk_neutral": one.cvar(bet, q, eta),
    }
    for field, value in mine.items():
        np.testing.assert_allclose(value, case[field], rtol=1e-12, err_msg=field)


@CASES
def test_worth_of_cash_and_of_a_looser_limit_equal_the_derivatives(case):
    bet, eps, cash = bet_of(case), case["params"]["eps"], case["params"]["W0"]
    per_cash = jax.grad(lambda cash: one.ruin_cap(bet_of(case, W0=cash), eps))(cash)
    np.testing.assert_allclose(one.cap_per_cash(bet), per_cash, rtol=1e-13)
    np.testing.assert_allclose(per_cash, 1.0 / (case["params"]["c"] - case["params"]["s"]), rtol=1e-13)
    price = jax.grad(lambda eps: one.expected_profit(bet, one.capped_order(bet, eps)))(eps)
    np.testing.assert_allclose(one.ruin_shadow_price(bet, eps), price, rtol=1e-10)
    assert (price > 0.0) == (case["q_ruin_cap"] < case["q_risk_neutral"])


def test_profit_and_ruin_of_an_order_are_those_of_a_sample():
    for q in (20.0, 150.0, 400.0):
        cash = np.asarray(one.terminal_cash(BET, q, SAMPLE))
        np.testing.assert_allclose(one.expected_profit(BET, q), cash.mean() - 130.0, rtol=1e-5)
        np.testing.assert_allclose(one.ruin_probability(BET, q), (cash < 0.0).mean(), atol=2e-5)
        np.testing.assert_allclose(one.cvar(BET, q, 0.1), cash[:10_000].mean() - 130.0, rtol=1e-4)
        np.testing.assert_allclose(one.expected_equity(BET, q), np.maximum(cash, 0.0).mean(), rtol=1e-5)


def test_limit_on_ruin_counts_atoms_whole():
    bet = one.Bet(Empirical([10.0, 20.0, 100.0], [0.2, 0.4, 0.4]), 3.0, 1.0, 0.0)
    for ruin, demand in ((0.0, 10.0), (0.19, 10.0), (0.2, 20.0), (0.59, 20.0), (0.6, 100.0)):
        cap = one.ruin_cap(bet, ruin)
        np.testing.assert_allclose(cap, 3.0 * demand)
        assert one.ruin_probability(bet, cap) <= ruin + 1e-12
        assert one.ruin_probability(bet, cap * 1.001) > ruin


def test_whole_number_demand_keeps_its_ruin_limit():
    bet = one.Bet(Poisson(6.0), 3.0, 1.0, 0.1, cash=0.7)
    cap = one.ruin_cap(bet, 0.05)
    assert one.ruin_probability(bet, cap) <= 0.05 < one.ruin_probability(bet, cap * 1.001)


def test_never_ruin_order_of_three_worlds_by_hand():
    """The 'late' world of compute-bet.md 2.4: cash 3 after the first year, 30 sold there: order 33 at most."""
    bet = one.Bet(Empirical([10.0, 25.0, 100.0], [0.2, 0.4, 0.4]), 3.0, 1.0, 0.0, cash=3.0)
    np.testing.assert_allclose(one.capped_order(bet, 0.0), 33.0)
    np.testing.assert_allclose(one.neutral_order(bet), 100.0)


def test_infeasible_limit_says_which_cash_would_do():
    short = one.Bet(BET.demand, 3.0, 1.0, 0.2, cash=1.0, fixed=200.0)
    with pytest.raises(
        InputError, match=r"^cash is 1: no order keeps ruin within its limit; cash of [\d.]+ would$"
    ) as error:
        one.capped_order(short, 0.05)
    enough = float(str(error.value).split("cash of ")[1].split()[0])
    np.testing.assert_allclose(enough, 200.0 - 2.0 * BET.demand.quantile(0.05), rtol=1e-12)
    just = one.Bet(BET.demand, 3.0, 1.0, 0.2, cash=enough, fixed=200.0)
    q = one.capped_order(just, 0.05)
    np.testing.assert_allclose(one.ruin_probability(just, q), 0.05, rtol=1e-9)
    assert jnp.isnan(jax.jit(one.capped_order)(short, 0.05))


def test_lab_that_cannot_pay_its_fixed_cost_must_order_to_survive():
    """Survival can ask for more than the neutral order: nothing ordered is certain ruin."""
    bet = one.Bet(Uniform(90.0, 110.0), 1.2, 1.0, 0.0, cash=10.0, fixed=28.0)
    np.testing.assert_allclose(one.capped_order(bet, 0.1), 1.2 * 92.0 - 18.0, rtol=1e-12)
    dear = one.Bet(Uniform(90.0, 110.0), 1.05, 1.0, 0.0, cash=10.0, fixed=14.56)
    assert one.capped_order(dear, 0.2) > one.neutral_order(dear)
    assert one.ruin_probability(dear, one.capped_order(dear, 0.2)) <= 0.2
    assert one.ruin_probability(bet, 0.0) == one.ruin_probability(bet, 89.0) == 1.0


@pytest.mark.parametrize(
    "law", [Lognormal(4.6, 0.8), Normal(100.0, 30.0), Exponential(100.0)], ids=lambda law: type(law).__name__
)
@pytest.mark.parametrize("weight", [0.0, 0.1, 0.3, 0.7, 1.0])
def test_mean_cvar_order_is_the_best_of_a_grid(law, weight):
    bet = one.Bet(law, 3.0, 1.0, 0.2)
    value = jax.jit(lambda q: one.mean_cvar(bet, q, weight, 0.3))
    order = one.mean_cvar_order(bet, weight, 0.3)
    np.testing.assert_allclose(order, best(value, 0.0, 400.0), rtol=1e-2)
    assert value(order) >= value(best(value, 0.0, 400.0)) - 1e-9


@pytest.mark.parametrize("scale", [1.0, 20.0, 200.0])
def test_research_order_is_the_best_of_a_sample(scale):
    research = one.Research(500.0, scale)

    def value(q):
        serves, idle = one.research_split(BET, q, SAMPLE, research)
        return jnp.mean(3.0 * serves + research.worth(idle)) - q

    np.testing.assert_allclose(one.research_order(BET, research), best(jax.jit(value), 0.0, 1500.0), rtol=1e-3)


def test_research_is_squeezed_to_where_it_is_worth_a_sale():
    research = one.Research(90.0, 10.0)
    serves, idle = one.research_split(BET, 100.0, jnp.array([5.0, 70.0, 85.0, 500.0]), research)
    np.testing.assert_allclose(serves, [5.0, 70.0, 80.0, 80.0])
    np.testing.assert_allclose(research.marginal(idle[-1]), 3.0)


@pytest.mark.parametrize(
    "law",
    [Lognormal(4.6, 0.8), Gamma(2.0, 50.0), Empirical([40.0, 90.0, 250.0])],
    ids=lambda law: type(law).__name__,
)
def test_research_with_constant_returns_is_the_newsvendor(law):
    linear = one.Research(0.2e9, 1e9)
    np.testing.assert_allclose(
        one.research_order(one.Bet(law, 3.0, 1.0), linear), one.neutral_order(one.Bet(law, 3.0, 1.0, 0.2)), rtol=1e-5
    )


def test_research_order_has_the_derivative_of_its_finite_difference():
    def order(cost):
        return one.research_order(one.Bet(BET.demand, 3.0, cost), one.Research(500.0, 20.0))

    slope = jax.jit(jax.value_and_grad(order))
    (low, _), (_, reverse), (high, _) = slope(0.9999), slope(1.0), slope(1.0001)
    np.testing.assert_allclose(reverse, (high - low) / 0.0002, rtol=1e-6)
    np.testing.assert_allclose(jax.jit(jax.jacfwd(order))(1.0), reverse, rtol=1e-12)


def test_lab_that_orders_mostly_for_research_weighs_its_cost_as_research_does():
    """Demand of about 1 hardly matters beside research of 490: q - D settles where V' = c."""

    def order(cost):
        return one.research_order(one.Bet(Lognormal(0.0, 0.1), 3.0, cost), one.Research(500.0, 10.0))

    np.testing.assert_allclose(order(1.0), 490.0 + np.exp(0.005), rtol=1e-5)
    np.testing.assert_allclose(jax.grad(order)(1.0), -500.0, rtol=1e-3)


def test_owner_who_never_pays_gambles_and_owner_with_log_utility_holds_back():
    """The sign of caution turns with who bears the loss."""
    kelly, neutral, gamble = one.kelly_order(BET), one.neutral_order(BET), one.limited_liability_order(BET)
    assert kelly < 0.95 * neutral < neutral < gamble
    log_cash = jax.jit(lambda q: jnp.mean(jnp.log(one.terminal_cash(BET, q, SAMPLE))))
    np.testing.assert_allclose(kelly, best(log_cash, 0.0, 160.0), rtol=1e-3)
    np.testing.assert_allclose(gamble, best(jax.jit(lambda q: one.expected_equity(BET, q)), 50.0, 1000.0), rtol=1e-3)


def test_gamble_grows_as_equity_falls_and_ends_with_ample_cash():
    cash = jnp.array([0.0, 40.0, 100.0, 1e6])
    orders = jax.vmap(lambda cash: one.limited_liability_order(one.Bet(BET.demand, 3.0, 1.0, 0.2, cash)))(cash)
    assert jnp.all(jnp.diff(orders) < 0.0)
    np.testing.assert_allclose(orders[-1], one.neutral_order(BET), rtol=1e-9)


def test_kelly_order_tends_to_the_neutral_one_with_wealth_and_to_the_never_ruin_cap_without():
    rich, poor = (one.Bet(BET.demand, 3.0, 1.0, 0.2, cash) for cash in (1e7, 1.0))
    np.testing.assert_allclose(one.kelly_order(rich), one.neutral_order(rich), rtol=1e-4)
    np.testing.assert_allclose(one.kelly_order(poor), one.ruin_cap(poor, 0.0), rtol=1e-12)
    assert jnp.isnan(one.kelly_order(one.Bet(BET.demand, 3.0, 1.0, 0.2, cash=0.0)))


def test_kelly_order_on_listed_demand_is_the_best_of_a_grid():
    bet = one.Bet(Empirical([10.0, 50.0, 200.0], [0.3, 0.4, 0.3]), 3.0, 1.0, 0.0, cash=60.0)
    log_cash = jax.jit(
        lambda q: jnp.mean(jnp.log(one.terminal_cash(bet, q, jnp.array(3 * [10.0] + 4 * [50.0] + 3 * [200.0]))))
    )
    np.testing.assert_allclose(one.kelly_order(bet), best(log_cash, 0.0, 85.0), rtol=1e-4)


PRICES = st.tuples(st.floats(1.05, 8.0), st.floats(0.0, 0.9), st.floats(0.1, 1.5), st.floats(0.02, 0.9))


@settings(max_examples=40, deadline=None)
@given(PRICES)
def test_one_period_caution_never_orders_more_and_information_is_never_worth_less_than_nothing(prices):
    revenue, salvage, sigma, eta = prices
    bet = one.Bet(Lognormal(1.0, sigma), revenue, 1.0, salvage, cash=1.0)
    neutral = one.neutral_order(bet)
    assert one.cvar_order(bet, eta) <= one.mean_cvar_order(bet, 0.5, eta) * (1 + 1e-12) <= neutral * (1 + 2e-12)
    assert one.capped_order(bet, 0.05) <= neutral
    assert one.evpi(bet) >= 0.0
    np.testing.assert_allclose(
        one.evpi(bet), (revenue - 1.0) * bet.demand.mean - one.expected_profit(bet, neutral), rtol=1e-9
    )


@settings(max_examples=40, deadline=None)
@given(PRICES, st.floats(0.0, 50.0), st.floats(0.01, 20.0))
def test_cap_rises_by_one_over_cost_less_salvage_per_unit_of_cash(prices, cash, more):
    revenue, salvage, sigma, eps = prices
    low, high = (one.Bet(Lognormal(1.0, sigma), revenue, 1.0, salvage, w) for w in (cash, cash + more))
    gain = one.ruin_cap(high, eps) - one.ruin_cap(low, eps)
    np.testing.assert_allclose(gain, more / (1.0 - salvage), rtol=1e-7)


@settings(max_examples=30, deadline=None)
@given(PRICES, st.floats(1e-2, 1e2))
def test_value_and_order_scale_with_the_size_of_the_bet(prices, size):
    revenue, salvage, sigma, eps = prices
    small = one.Bet(Lognormal(1.0, sigma), revenue, 1.0, salvage, 2.0, 1.0)
    large = one.Bet(Lognormal(1.0 + np.log(size), sigma), revenue, 1.0, salvage, 2.0 * size, size)
    q, scaled = one.capped_order(small, eps), one.capped_order(large, eps)
    np.testing.assert_allclose(scaled, size * q, rtol=1e-10)
    np.testing.assert_allclose(one.expected_profit(large, scaled), size * one.expected_profit(small, q), rtol=1e-8)
    np.testing.assert_allclose(one.ruin_probability(large, scaled), one.ruin_probability(small, q), rtol=1e-8)


def test_batch_of_bets_runs_in_one_compiled_call():
    sigma = jnp.linspace(0.2, 1.5, 100_000)
    bets = one.Bet(Lognormal(4.6, sigma), 3.0, 1.0, 0.2, cash=jnp.linspace(0.0, 100.0, 100_000))
    orders = jax.jit(one.capped_order)(bets, 0.05)
    single = one.Bet(Lognormal(4.6, sigma[500]), 3.0, 1.0, 0.2, cash=50_000.0 / 99_999)
    np.testing.assert_allclose(orders[500], one.capped_order(single, 0.05), rtol=1e-12)
    some = jax.tree.map(lambda a: a[::10_000] if a.ndim else a, bets)
    for solve in (one.kelly_order, one.limited_liability_order):
        assert jax.jit(solve)(some).shape == (10,)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: one.Bet(BET.demand, 1.0, 2.0), "revenue is 1"),
        (lambda: one.Bet(BET.demand, 3.0, 1.0, 1.0), "salvage is 1.*no bound"),
        (lambda: one.ruin_cap(BET, 1.0), "ruin is 1"),
        (lambda: one.cvar_order(BET, 0.0), "eta is 0"),
        (lambda: one.mean_cvar_order(BET, 1.5, 0.1), "weight is 1.5"),
        (lambda: one.Research(-1.0, 1.0), "value is -1"),
        (lambda: one.kelly_order(one.Bet(Poisson(6.0), 3.0, 1.0, cash=9.0)), "demand is Poisson"),
    ],
)
def test_bad_input_names_the_argument(call, words):
    with pytest.raises(InputError, match=words):
        call()
