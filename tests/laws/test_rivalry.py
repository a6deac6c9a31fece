"""The market of a month as an equilibrium, and what keeps a mark-up from lasting."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gigawatt as gw
from gigawatt.core.scenario import load
from gigawatt.decisions import bertrand, logit
from gigawatt.mechanisms import market, rivalry
from gigawatt.mechanisms.market import Bertrand
from gigawatt.mechanisms.orders import OrderUpTo, critical_fractile

REVENUE, GROWTH = np.array([20.0, 10.0, 8.0, 0.6]), np.array([1.0, 2.0, 1.0, 0.8])
START = {"capability": np.array([155.0, 155.0, 154.0, 150.0]), "fringe": np.array(147.0)}
EARNED = np.array([20.0, 20.0, 20.0, 20.0])


def law(labs=4, **changes) -> Bertrand:
    return Bertrand(axes={"lab": ("A", "B", "C", "D")[:labs]}, **changes)


def begun(labs=4, **changes):
    some = {k: v[:labs] for k, v in {"revenue": REVENUE, "revenue_growth": GROWTH, "base": EARNED}.items()}
    some["base_revenue_per_power"] = some.pop("base")
    return law(labs, **changes).begin(**some, capability=START["capability"][:labs], fringe=START["fringe"])


def month(now, dt=1.0 / 12.0, **changes):
    """One month from a start, with room for all unless said."""
    given = {
        **{k: jnp.asarray(v) for k, v in START.items()},
        "distinctness": jnp.array(1.0),
        "alternative": jnp.array(10.0),
        "spending": jnp.array(REVENUE.sum()),
        "lab_power": jnp.full(4, 1e3),
        "inference_limit": jnp.full(4, 0.9),
        **{f"prev_{k}": now[k] for k in ("taste", "thought", "unit_price")},
        "prev_premium": jnp.ones(4),
        "prev_shadow_markup": jnp.zeros(4),
        "prev_base_revenue_per_power": jnp.asarray(EARNED),
        "prev_alive": jnp.ones(4),
        "normal": jnp.zeros(4),
    }
    return law()(**(given | changes), dt=jnp.asarray(dt))


@pytest.fixture(scope="module")
def start():
    return begun()


def test_the_start_is_met_in_level_and_in_motion(start):
    share = (1.0 - law().elsewhere) * REVENUE / REVENUE.sum()
    there = law().market(start["thought"], jnp.ones(4), 1.0, jnp.inf)
    markup = start["unit_price"] - 1.0
    np.testing.assert_allclose(logit.shares(there, markup), share, rtol=1e-7)
    np.testing.assert_allclose(markup, bertrand.best_markup(there, markup), rtol=1e-7)
    moved = logit.shares(law().market(month(start, dt=1e-6).thought, jnp.ones(4), 1.0, jnp.inf), markup)
    pace = (np.log(moved[1] / moved[0]) - np.log(share[1] / share[0])) / 1e-6
    np.testing.assert_allclose(pace, GROWTH[1] - GROWTH[0], rtol=0.02)


def test_fewer_labs_earn_more_and_models_alike_nothing(start):
    margins = [float(begun(labs)["gross_margin"]) for labs in (1, 2, 3, 4)]
    assert margins == sorted(margins, reverse=True)
    alike = month(start, distinctness=jnp.array(0.02), dt=5.0)
    assert alike.gross_margin < 0.04 < margins[-1]


def test_a_few_steps_a_month_reach_the_equilibrium(start):
    room = jnp.array([0.5, 1e3, 1e3, 1e3])
    now, premium, shadow = start, jnp.ones(4), jnp.zeros(4)
    for _ in range(4):  # the shock of the first month aside, months are alike
        found = month(now, lab_power=room, prev_premium=premium, prev_shadow_markup=shadow)
        now = now | {"unit_price": found.unit_price, "thought": found.thought, "taste": found.taste}
        premium, shadow = found.premium, found.shadow_markup
    most = 0.9 * room * EARNED
    capacity = most / (REVENUE.sum() / (1.0 - law().elsewhere))
    exact = bertrand.equilibrium(law().market(found.thought, jnp.ones(4), 1.0, capacity))
    np.testing.assert_allclose(found.unit_price - 1.0 + found.shadow_markup, exact.price, rtol=1e-4)
    assert found.shadow_price[0] > 1.0 and np.all(found.shadow_price[1:] < 1e-4)
    posted = found.unit_price * found.premium
    assert start["unit_price"][0] < posted[0] < found.unit_price[0] + found.shadow_markup[0]  # posted prices follow
    assert found.wanted[0] < found.free_demand[0] * found.premium[0]


def test_scarce_compute_raises_what_an_order_may_earn(start):
    """The shadow price reaches the critical fractile through revenue per power."""
    short = month(start, lab_power=jnp.array([0.5, 1e3, 1e3, 1e3]))
    free = month(start)
    price, half = 12.0, 0.5
    assert short.revenue_per_power[0] > free.revenue_per_power[0]
    fractile = [critical_fractile(half * x.revenue_per_power[0], price * 0.5, 1.0) for x in (free, short)]
    assert fractile[1] > fractile[0]


def test_a_lab_that_is_short_wants_more_than_another_of_what_it_serves(start):
    """Through the order itself: target over the power that demand at posted prices takes, the lab's means aside.

    Less in all than with room, since a dearer lab is asked for less: the order starts from demand at today's prices.
    """
    law, each, free = OrderUpTo(axes={"lab": ("A", "B", "C", "D")}), jnp.full(4, 0.9), month(start)
    short = month(start, lab_power=jnp.array([0.5, 1e3, 1e3, 1e3]), dt=2.0)  # prices had time to follow

    def order(found):
        asked = {n: getattr(found, n) for n in ("wanted", "revenue_per_power")} | {"prev_wanted": found.wanted}
        rich = {
            "cash": jnp.full(4, 1e5),
            "funds": jnp.full(4, 1e5),
            "lab_bill": jnp.ones(4),
            "other_costs": jnp.zeros(4),
        }
        none = dict.fromkeys(("position", "lapsed", "own_power", "prev_wanted_order", "prev_accepted"), jnp.zeros(4))
        rest = {"belief": jnp.ones(4), "alive": jnp.ones(4), "prev_served_share": each, "dt": jnp.array(1.0 / 12.0)}
        price = {"price": jnp.array(12.0), "resale": jnp.array(0.5), "own_power_growth": jnp.array(0.0)}
        return law(**asked, **rich, **none, **rest, **price).target[0]

    def power(found):
        return found.wanted[0] / (0.9 * found.revenue_per_power[0])

    assert short.shadow_price[0] > 1.0 and power(short) < power(free)
    assert order(short) / power(short) > 1.1 * order(free) / power(free)
    assert order(short) < order(free)


def test_the_dead_leave_their_buyers_to_the_others(start):
    left = month(start, prev_alive=jnp.array([0.0, 1.0, 1.0, 1.0]))
    assert left.share[0] < 1e-9 and np.all(np.isfinite(left.unit_price))
    assert np.all(left.share[1:] > month(start).share[1:])
    np.testing.assert_allclose(left.share.sum(), 1.0, rtol=1e-12)


def test_the_derivative_of_a_month_is_that_of_differences(start):
    def margin(gap):
        capability = jnp.asarray(START["capability"]) + gap * jnp.array([1.0, 0.0, 0.0, 0.0])
        found = month(start, capability=capability, lab_power=jnp.array([0.5, 1e3, 1e3, 1e3]))
        return jnp.stack([found.unit_price[1], found.share[1]])

    for_all = jax.jit(jax.vmap(lambda x: jax.jvp(margin, (x,), (1.0,))))
    value, slope = for_all(jnp.array([0.0, 1e-4, -1e-4]))
    np.testing.assert_allclose(slope[0], (value[1] - value[2]) / 2e-4, rtol=1e-2, atol=1e-6)


def test_nobody_pays_more_than_the_alternative(start):
    bound = month(start, alternative=jnp.array(0.3))
    np.testing.assert_allclose(bound.unit_price, 1.3, rtol=1e-12)
    np.testing.assert_array_equal(rivalry.bounded_markup(np.array([0.2, 0.5]), 0.3), [0.2, 0.3])
    assert rivalry.bounded_markup(0.5, -1.0) == 0.0


def test_differences_decay_at_the_rate_of_copying_and_last_at_the_usual_pace():
    np.testing.assert_allclose(rivalry.distinctness_after(1.0, 0.0, 13.0, 0.7, 2.0), np.exp(-1.4), rtol=1e-12)
    np.testing.assert_allclose(rivalry.distinctness_after(1.0, 13.0, 13.0, 0.7, 9.0), 1.0, rtol=1e-12)
    law = rivalry.Distinctness()
    now = jnp.array(1.0)
    for _ in range(24):  # by months, with a frontier that stands still
        same = jnp.array([150.0, 149.0])
        now = law(capability=same, prev_capability=same, prev_distinctness=now, dt=1.0 / 12.0).distinctness
    np.testing.assert_allclose(now, np.exp(-2.0 * law.copying), rtol=1e-9)


def test_an_open_model_catches_up_with_a_frozen_frontier_and_keeps_its_lag_behind_a_moving_one():
    law = rivalry.Fringe(catch_up=1.7, lag=8.0)
    fringe, best = law.begin(capability=jnp.array([150.0, 140.0]))["fringe"], 150.0
    assert fringe == 142.0
    for _ in range(240):
        fringe = law(
            capability=jnp.array([best + 1.0]), prev_capability=jnp.array([best]), prev_fringe=fringe, dt=1.0 / 12.0
        ).fringe
        best += 1.0
    np.testing.assert_allclose(best - fringe, 12.0 / 1.7, rtol=1e-6)


def test_self_production_takes_every_markup_down_together_and_not_before_its_time():
    law = rivalry.SelfProduction()
    assert law.begin()["alternative"] == law.gap
    before = law(genius=jnp.array(0.0), prev_genius_for=jnp.array(0.0), dt=1.0)
    assert before.alternative == law.gap and before.economy_markup == law.sector_markup
    after = law(genius=jnp.array(1.0), prev_genius_for=law.delay + 8.0 / law.falling, dt=0.1)
    assert after.alternative < 0.01
    np.testing.assert_allclose(after.economy_markup, after.alternative)


# ---------------------------------------------------------------- scenarios


def margin(ds, when):
    return float(ds["gross_margin"].sel(month=when).median())


@pytest.mark.slow
def test_a_frozen_frontier_loses_its_margin_and_the_moving_one_does_not():
    frozen = gw.run("frozen_frontier", 64, keep="all")
    moving = gw.run("rivalry", 64, keep="all")
    at = ["2026-12", "2027-12", "2029-12", "2031-12"]
    lost = [margin(frozen, x) for x in at]
    assert lost == sorted(lost, reverse=True) and lost[-1] < 0.01
    assert margin(moving, "2031-12") > 0.2
    ahead = (frozen["capability"].max("lab") - frozen["fringe"]).median("draw")
    assert float(ahead[-1]) < 0.1 < float(ahead[0])
    share = moving["share"].sum("lab")
    np.testing.assert_allclose(share.where(share > 0.0, 1.0), 1.0, rtol=1e-9)


@pytest.mark.parametrize(("name", "labs"), [("monopoly", 1), ("n_3", 3), ("n_4", 4), ("competitive", 6)])
def test_scenarios_of_market_form_hold_as_many_labs_as_they_say(name, labs):
    found = load(name)
    assert len(found.world().axes["lab"]) == labs
    assert "market.Bertrand" in found.use and "market.Logit" not in found.use


def test_margins_fall_from_monopoly_over_three_and_four():
    """At the start, by the law alone, with the revenue that the register holds."""
    starts = [load(name).world().start_values()["gross_margin"] for name in ("monopoly", "n_3", "n_4")]
    assert starts[0] > starts[1] > starts[2] > 0.0


def test_logit_is_the_law_of_base():
    assert market.Logit in [type(m) for m in load("base").world().mechanisms]
