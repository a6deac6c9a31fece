"""Pricing: closed forms of Pareto values, Lerner's rule, the menu for two types, bundles, and who gets the value."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from gigawatt.mechanisms import pricing, screening
from gigawatt.mechanisms.pricing import Lognormal, Pareto

VALUES = st.one_of(
    st.builds(Lognormal, st.floats(0.1, 100.0), st.floats(0.3, 4.0)),
    st.builds(Pareto, st.floats(0.1, 100.0), st.floats(1.05, 5.0)),
)


def parts(split):
    return np.array([float(x) for x in split])


# ---------------------------------------------------------------- one price per token


def test_values_above_a_price_agree_with_integrals():
    law = stats.lognorm(s=1.5, scale=2.0)
    values = Lognormal(2.0, 1.5)
    for price in (0.1, 2.0, 40.0):
        worth = integrate.quad(lambda v: v * law.pdf(v), price, np.inf)[0]
        assert values.above(price) == pytest.approx(law.sf(price))
        assert values.worth_above(price) == pytest.approx(worth, rel=1e-5)


def test_pareto_markup_is_that_of_constant_elasticity():
    # tail 2, cost 1: price 2, a quarter of the tasks done, profit 1/4, surplus 1/2 (integral of (v - 2) 2 v^-3)
    split = pricing.best_per_token(Pareto(1.0, 2.0), 1.0)
    assert parts(split) == pytest.approx([0.5, 0.25, 0.5, 0.25])
    assert split.profit == pytest.approx(0.25) and split.capture == pytest.approx(0.25)


@pytest.mark.parametrize("spread", [0.05, 0.3, 1.0, 3.0, 6.0])
@pytest.mark.parametrize("cost", [0.0, 0.1, 5.0])
def test_the_best_price_for_lognormal_values_is_the_one_that_search_finds(spread, cost):
    values = Lognormal(1.0, spread)

    def loss(log_price):
        return -float(pricing.per_token(values, np.exp(log_price), cost).profit)

    grid = np.linspace(-25.0, 45.0, 2801)
    near = grid[np.argmin(-np.asarray(pricing.per_token(values, np.exp(grid), cost).profit))]
    found = optimize.minimize_scalar(loss, bounds=(near - 0.1, near + 0.1), method="bounded")
    assert -loss(np.log(float(values.best_price(cost)))) >= -found.fun * (1 - 1e-9)


def test_the_best_price_has_the_right_derivative():
    slope = jax.grad(lambda spread: Lognormal(1.0, spread).best_price(0.3))(1.5)
    step = (Lognormal(1.0, 1.5001).best_price(0.3) - Lognormal(1.0, 1.4999).best_price(0.3)) / 2e-4
    assert slope == pytest.approx(float(step), rel=1e-4)
    assert jnp.isfinite(jax.grad(lambda c: pricing.best_per_token(Lognormal(1.0, 2.0), c).profit)(0.0))


@jax.jit
def forms(values, cost, share, measurable):
    return pricing.gains(values, cost), (
        pricing.best_per_token(values, cost),
        pricing.outcome(values, share, cost, measurable),
        pricing.outcome_beside_tokens(values, 3.0 * cost, share, cost),
        pricing.outcome(values, 1.0, cost),
    )


@given(VALUES, st.floats(0.001, 10.0), st.floats(0.01, 1.0), st.floats(0.0, 1.0))
@settings(max_examples=80, deadline=None)
def test_every_form_shares_out_the_gains_and_no_more(values, cost, share, measurable):
    gains, splits = forms(values, cost, share, measurable)
    gains = float(gains)
    for split in splits:
        assert split.profit + split.surplus + split.deadweight == pytest.approx(gains, rel=1e-6, abs=1e-12)
        assert min(float(split.surplus), float(split.deadweight)) >= -1e-9 * max(gains, 1.0)


# ---------------------------------------------------------------- the other forms


@given(VALUES, st.floats(0.001, 10.0))
@settings(max_examples=60, deadline=None)
def test_pricing_by_value_takes_all_and_a_uniform_price_never_more(values, cost):
    gains, (token, _, _, by_value) = forms(values, cost, 1.0, 1.0)
    gains = float(gains)
    assert by_value.profit == pytest.approx(gains, rel=1e-9)
    assert token.profit <= gains * (1 + 1e-9)


def test_the_heavier_the_tail_the_less_a_uniform_price_captures():
    capture = [float(pricing.best_per_token(Lognormal(1.0, s), 0.1).capture) for s in (0.3, 1.0, 2.0, 4.0)]
    assert (np.diff(capture) < 0).all() and capture[0] > 0.5 and capture[-1] < 0.2
    # at ten-million-fold differences of value a uniform price leaves nearly all


def test_hours_lie_between_tokens_and_value():
    values = Lognormal(1.0, 3.0)
    profit = [float(pricing.hourly(values, x, 0.05).profit) for x in (0.0, 0.3, 0.6, 0.9)]
    assert profit[0] == pytest.approx(float(pricing.best_per_token(values, 0.05).profit))
    assert (np.diff(profit) > 0).all()
    assert pricing.residual(values, 0.7).mean == pytest.approx(float(values.mean))


def test_a_large_bundle_captures_nearly_all_of_free_goods():
    # Bakos & Brynjolfsson (1999): per good revenue rises to the mean value, deadweight falls to nothing
    values, uses = Lognormal(1.0, 1.0), np.array([1.0, 10.0, 100.0, 1e4, 1e6])
    split = jax.vmap(lambda n: pricing.seat(values, n))(uses)
    assert (np.diff(split.revenue) > 0).all()
    assert split.revenue[-1] == pytest.approx(float(values.mean), rel=0.02)
    assert split.revenue[0] == pytest.approx(float(pricing.best_per_token(values, 0.0).revenue), rel=1e-6)
    assert pricing.bundle(values, 25.0).mean == pytest.approx(float(values.mean))


def test_a_seat_with_dear_uses_does_tasks_worth_less_than_they_cost():
    values = Lognormal(1.0, 1.5)
    sold = pricing.seat(values, 1e6, cost=1.5)  # nearly every seat is: the mean value is 3.08
    done_at_a_loss = 1.5 * (1 - values.above(1.5)) - (values.mean - values.worth_above(1.5))
    assert sold.deadweight == pytest.approx(float(done_at_a_loss), rel=0.05)
    # where a use costs more than it is worth on average, single tasks still sell and seats do not
    assert pricing.seat(values, 1e6, cost=4.0).profit < 0.01 < pricing.best_per_token(values, 4.0).profit


def test_results_that_nobody_can_measure_are_not_sold():
    split = pricing.outcome(Pareto(1.0, 2.0), 0.5, 0.1, measurable=0.4)
    whole = pricing.outcome(Pareto(1.0, 2.0), 0.5, 0.1)
    assert split.revenue == pytest.approx(0.4 * float(whole.revenue))
    assert split.deadweight > whole.deadweight


def test_tokens_beside_outcomes_lose_the_dearest_tasks():
    values, price, share, cost = Pareto(1.0, 1.5), 3.0, 0.3, 0.2
    both, alone = pricing.outcome_beside_tokens(values, price, share, cost), pricing.outcome(values, share, cost)
    lost = pricing.cannibalised(values, price, share)
    assert lost > 0 and both.revenue == pytest.approx(float(alone.revenue - lost))
    assert both.revenue > pricing.per_token(values, price, cost).revenue  # yet more than tokens alone
    # a token price out of reach takes nothing away
    assert pricing.cannibalised(values, 1e12, share) == pytest.approx(0.0, abs=1e-5)


def test_value_moves_to_those_for_whom_rungs_matter():
    value = np.asarray(pricing.market_after_rungs([0.2, 0.8], [10.0, 1.0], np.arange(4)))
    assert value[1] == pytest.approx([2.0, 0.8]) and value[3] == pytest.approx([200.0, 0.8])


# ---------------------------------------------------------------- menus


def test_menu_for_two_types_is_the_closed_form():
    share_high = 0.3
    plan = screening.menu([1.0, 1.8], [1 - share_high, share_high], 0.5, 0.1)
    closed = screening.two_types(1.0, 1.8, share_high, 0.5, 0.1)
    for a, b in zip(plan, closed, strict=True):
        assert a == pytest.approx(np.asarray(b))
    # by hand, a = 1/2: q = (t/c)^2, v = 2 sqrt q; virtual low type 1 - 0.8 * 3/7
    low = (1.0 - 0.8 * 3 / 7) / 0.1
    assert closed.quantity == pytest.approx([low**2, 18.0**2])
    assert closed.payment == pytest.approx([2 * low, 1.8 * 2 * 18.0 - 0.8 * 2 * low])


def test_low_types_are_shut_out_when_the_high_are_many():
    plan = screening.two_types(1.0, 1.8, 0.7, 0.5, 0.1)
    assert plan.quantity[0] == 0.0 and plan.surplus[1] == 0.0
    assert plan.payment[1] == pytest.approx(1.8 * 2 * 18.0)  # the whole worth of the efficient quantity


@given(st.lists(st.tuples(st.floats(0.1, 2.0), st.floats(0.05, 1.0)), min_size=6, max_size=6), st.floats(0.2, 0.8))
@settings(max_examples=60, deadline=None)
def test_no_type_prefers_another_plan_or_none(steps, curvature):
    types = np.cumsum([s for s, _ in steps])
    share = np.array([f for _, f in steps]) / sum(f for _, f in steps)
    plan = jax.jit(screening.menu)(types, share, curvature, 0.5)
    value = np.asarray(screening.worth(plan.quantity, curvature))
    utility = types[:, None] * value - np.asarray(plan.payment)  # type in rows, plan in columns
    own = np.diag(utility)
    room = 1e-7 * (1.0 + np.abs(utility).max())
    assert (utility <= own[:, None] + room).all() and (own >= -room).all()
    assert own == pytest.approx(np.asarray(plan.surplus), abs=room)
    assert (np.diff(plan.quantity) >= -room).all()


def test_no_menu_of_a_wide_search_earns_more():
    types, share, curvature, cost = np.array([1.0, 1.5, 2.5]), np.array([0.5, 0.3, 0.2]), 0.5, 0.2
    best = float(screening.menu_profit(screening.menu(types, share, curvature, cost), share, cost))

    def loss(root):
        q = np.cumsum(root**2)
        value = q**curvature / curvature
        surplus = np.concatenate([[0.0], np.cumsum(np.diff(types) * value[:-1])])
        return -float(share @ (types * value - surplus - cost * q))

    found = min(optimize.minimize(loss, x0, method="Nelder-Mead").fun for x0 in (np.ones(3), 5.0 * np.ones(3)))
    assert best >= -found - 1e-4 and best == pytest.approx(-found, rel=1e-3)


def test_ironing_pools_where_virtual_types_fall_and_keeps_the_mean():
    virtual, share = np.array([1.0, 3.0, 2.0, 2.5, 6.0]), np.array([0.2, 0.1, 0.3, 0.2, 0.2])
    ironed = np.asarray(screening.ironed(virtual, share))
    assert ironed == pytest.approx([1.0, 2.25, 2.25, 2.5, 6.0])
    assert ironed @ share == pytest.approx(virtual @ share)


def test_many_uniform_types_tend_to_twice_the_type_less_the_highest():
    # Mussa & Rosen (1978): t - (1 - F)/f = 2t - 1 for types uniform on (0, 1)
    types = (np.arange(400) + 0.5) / 400
    virtual = screening.virtual_types(types, np.full(400, 1 / 400))
    assert np.asarray(virtual) == pytest.approx(2 * types - 1, abs=5e-3)
