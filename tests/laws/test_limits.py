"""Limits: capacity follows orders at a bounded pace, the least limit binds, and the shares of who binds sum to one."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import DRAWS

from gigawatt.core.entry import entries
from gigawatt.core.run import run
from gigawatt.core.units import default_axes
from gigawatt.mechanisms import limits
from gigawatt.study.fit import fit

LABS = len(default_axes()["lab"])
LAW = limits.Limits()
BINDS = ("chips_bind", "power_binds", "capital_binds", "demand_binds")


def test_capacity_grows_towards_orders_and_stays_when_they_fall():
    assert limits.capacity_growth(20.0, 10.0, 1.0, 1.0, 0.5, 2.0, 0.8) == pytest.approx(np.log(2.0) / 2.0)
    assert limits.capacity_growth(1000.0, 10.0, 1.0, 1.0, 0.5, 2.0, 0.8) == pytest.approx(0.8)
    assert limits.capacity_growth(5.0, 10.0, 1.0, 1.0, 0.5, 2.0, 0.8) == 0.0
    assert limits.capacity_growth(0.0, 10.0, 1.0, 1.0, 0.5, 2.0, 0.8) == 0.0


def test_a_price_above_cost_calls_for_more_and_one_below_for_less():
    at = [float(limits.capacity_growth(15.0, 10.0, 1.0, worth, 0.5, 1.0, 0.8)) for worth in (0.8, 1.0, 1.2)]
    assert at[0] < at[1] < at[2]
    assert at[2] - at[1] == pytest.approx(0.5 * np.log(1.2))


def test_capacity_settles_where_price_and_orders_want_it():
    """Steady orders: the flexible accelerator ends at (asked/use) worth^elasticity, from below, without overshoot."""
    capacity, path = 5.0, []
    for _ in range(240):
        capacity *= np.exp(float(limits.capacity_growth(20.0, capacity, 0.8, 1.1, 0.5, 1.0, 0.4)) / 12)
        path.append(capacity)
    assert path[-1] == pytest.approx(20.0 / 0.8 * 1.1**0.5, rel=1e-4)
    assert np.all(np.diff(path) >= 0.0)


@pytest.mark.parametrize(("growth", "short"), [(0.1, False), (0.4, True)])
def test_makers_who_build_ahead_keep_up_with_slow_growth_and_lag_behind_fast(growth, short):
    """In steady growth g capacity stands at asked e^(-g T) / use: short where g T is above ln 1/use."""
    capacity, asked = 20.0, 20.0
    for _ in range(240):
        capacity *= np.exp(float(limits.capacity_growth(asked, capacity, 0.85, 1.0, 0.5, 1.0, 0.8)) / 12)
        asked *= np.exp(growth / 12)
    assert capacity / asked == pytest.approx(np.exp(-growth) / 0.85, rel=0.03)
    assert bool(capacity < asked) is short


def test_the_least_limit_binds_alone_and_nobody_binds_below_what_is_asked():
    bind = limits.who_binds(30.0, jnp.asarray([20.0, 25.0, 40.0]), 0.3)
    assert bind.tolist() == [1.0, 0.0, 0.0, 0.0]
    assert limits.who_binds(30.0, jnp.asarray([50.0, 25.0, 40.0]), 0.3).tolist() == [0.0, 1.0, 0.0, 0.0]
    free = limits.who_binds(10.0, jnp.asarray([50.0, 25.0, 40.0]), 0.3)
    assert free.tolist() == pytest.approx([0.0, 0.0, 0.3, 0.7])


@given(st.floats(0.0, 100.0), st.lists(st.floats(0.0, 100.0), min_size=3, max_size=3), st.floats(0.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_shares_of_who_binds_sum_to_one(asked, three, short):
    bind = np.asarray(limits.who_binds(asked, jnp.asarray(three), short))
    assert bind.sum() == pytest.approx(1.0) and np.all(bind >= 0.0)


def test_lenders_add_to_what_owners_spend_as_revenue_grows():
    assert limits.capital_on_offer(1000.0, 0.5, 60.0) == 1030.0


def month(**given):
    labs = jnp.ones(LABS)
    inputs = dict(
        wanted_order=5.0 * labs,
        target=10.0 * labs,
        cash_short=0.0 * labs,
        position=4.0 * labs,
        price=11.0,
        price_over_cost=1.0,
        capital_per_power=38.0,
        industry_revenue=60.0,
        prev_output=1.2e5,
        prev_chip_limit=20.0,
        prev_site_limit=25.0,
        prev_owner_capital=1500.0,
        dt=1 / 12,
    )
    return LAW(**{name: jnp.asarray(value, float) for name, value in (inputs | given).items()})


def test_each_limit_alone_decides_and_cuts_all_buyers_alike():
    for limit, name in (
        ("prev_chip_limit", "chips_bind"),
        ("prev_site_limit", "power_binds"),
        ("prev_owner_capital", "capital_binds"),
    ):
        out = month(**{limit: 3.0})
        assert float(getattr(out, name)) == 1.0
        np.testing.assert_allclose(out.accepted, out.order_limit / LABS)
        assert float(out.order_limit) < 30.0
    assert float(month(prev_output=10.0).capital_binds) == 1.0  # no bill beyond its share of world output
    easy = month(wanted_order=jnp.ones(LABS))
    assert float(easy.demand_binds) == 1.0 and float(jnp.sum(easy.accepted)) == LABS
    assert float(month(wanted_order=jnp.ones(LABS), cash_short=jnp.ones(LABS)).capital_binds) == 1.0


def test_the_pace_of_sites_is_the_fitted_delay_of_a_new_site():
    entry, told = entries()["limits.site_time"], fit("build-delay", bootstraps=24)["lead"]
    assert entry.grade == "fitted" and told.entry == entry.path
    assert told.value == pytest.approx(entry.value, rel=0.01)


def test_in_base_the_shares_sum_to_one_and_what_binds_is_the_order_limit(base):
    ds = base
    np.testing.assert_allclose(sum(ds[n] for n in BINDS), 1.0, rtol=1e-12)
    bound = (ds["chips_bind"] + ds["power_binds"]).values > 0.5
    asked, got = ds["wanted_order"].sum("lab").values, ds["accepted"].sum("lab").values
    assert bound.any() and np.all(got[bound] < asked[bound])
    np.testing.assert_allclose(got[bound], ds["order_limit"].values[bound], rtol=1e-9)


def test_capacity_never_falls_nor_outruns_its_pace(base):
    fastest = entries()["limits.chip_fastest"].quantile(np.array([1 - 1e-6]))[0]
    for name in ("chip_limit", "site_limit"):
        step = np.diff(np.log(base[name].values), axis=1)
        assert np.all(step >= -1e-12) and np.all(step <= fastest / 12 + 1e-9)


def test_more_of_what_binds_brings_more_and_of_what_does_not_nothing():
    first = month(prev_chip_limit=20.0)
    assert float(jnp.sum(month(prev_chip_limit=21.0).accepted)) > float(jnp.sum(first.accepted))
    assert float(jnp.sum(month(prev_site_limit=90.0).accepted)) == float(jnp.sum(first.accepted))


@pytest.mark.parametrize(("scenario", "signal"), [("chips_bind", "chips_bind"), ("power_binds", "power_binds")])
def test_in_a_scenario_that_holds_one_supplier_back_that_supplier_binds(base, scenario, signal):
    """Five years on in most draws, with less power for all; numbers only, so nothing is compiled for it."""
    ds = run(scenario, DRAWS, keep="all")
    at = dict(month="2030-12")
    assert float(ds[signal].sel(at).mean()) > 0.7 > float(base[signal].sel(at).mean())
    assert float(ds["it_power"].sel(at).median()) < float(base["it_power"].sel(at).median())
