"""Rental: one price for compute whatever gives it, spot above contract in scarcity, and what idle is worth."""

import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.core.observed import number, table
from gigawatt.core.units import default_axes
from gigawatt.mechanisms import orders, rental

LABS = len(default_axes()["lab"])
LAW = rental.SpotRental()


def rents(kind):
    rows = [r for r in table("gpu_rental_prices") if kind in r["basis"]]
    return {r["chip"]: number(r, "rent_usd_per_gpu_hour") for r in rows}


def throughput(chip):
    """H100e per chip as the sales list has it; an H200 and the two halves of its row count alike."""
    name = {"H100": "H100/H200", "H200": "H100/H200", "GB200": "B200"}.get(chip, chip)
    return next(number(r, "h100e_per_unit") for r in table("ai_chip_sales") if r["chip"] == name)


def test_a_rent_returns_its_price_per_gigawatt_year():
    assert rental.rent_per_chip(7.83, 1.453) == pytest.approx(1.30, abs=0.01)
    assert 8766.0 * rental.rent_per_chip(11.0, 2.0) / (2.0 * 1e-6) == pytest.approx(11.0e9)


def test_compute_has_about_one_price_over_two_generations():
    """Contracts of August 2025: chips that differ 2.5-fold in throughput rent within a quarter of one price."""
    found = np.array([rental.one_price(rent, throughput(chip)) for chip, rent in rents("contract").items()])
    assert len(found) == 4
    assert np.max(np.abs(np.log(found / np.exp(np.log(found).mean())))) < np.log(1.25)
    raw = np.array(list(rents("contract").values()))
    assert np.log(found).std() < 0.5 * np.log(raw).std()


def test_spot_stands_above_contract_by_a_premium_that_the_law_reaches():
    """Not a time series: the spot figures are half a year younger than the contracts, and of another kind."""
    over = {chip: rents("spot")[chip] / rents("contract")[chip] for chip in rents("spot")}
    assert set(over) == {"H100", "GB200"}
    for ratio in over.values():
        premium = ratio ** (1.0 / float(LAW.passed))
        assert 1.0 < premium < 3.0
        assert rental.spot_rent(1.0, premium, LAW.passed) == pytest.approx(ratio)
    assert rental.spot_rent(9.0, 1.0, 0.7) == 9.0


def test_a_dealer_earns_the_spread():
    bid, ask = rental.bid_and_ask(10.0, 0.15)
    assert (float(bid), float(ask)) == pytest.approx((8.5, 11.5))
    assert rental.bid_and_ask(10.0, 0.0) == (10.0, 10.0)


def test_idle_compute_brings_less_the_faster_machines_get_better():
    assert rental.resale_share(1.0, 0.0, 5.0, 0.15) == pytest.approx(0.85)
    slow, fast = (float(rental.resale_share(1.0, g, 5.0, 0.15)) for g in (0.1, 0.4))
    assert fast < slow < 0.85
    ages = (np.arange(5000) + 0.5) / 1000
    assert rental.resale_share(1.2, 0.29, 5.0, 0.15) == pytest.approx(
        0.85 * 1.2 * np.exp(-0.29 * ages).mean(), rel=1e-6
    )


def month(premium):
    labs = jnp.ones(LABS)
    return LAW(
        price=jnp.asarray(11.0),
        premium=premium * labs,
        lab_power=labs,
        density=jnp.asarray(1.13e6) * jnp.exp(0.29 / 12),
        prev_density=jnp.asarray(1.13e6),
        dt=jnp.asarray(1 / 12),
    )


def test_the_rent_follows_scarcity_and_bounds_what_a_lab_thinks_idle_compute_is_worth():
    calm, short = month(1.0), month(4.0)
    assert float(calm.rent) == pytest.approx(11.0)
    assert float(short.rent) == pytest.approx(11.0 * 4.0 ** float(LAW.passed))
    assert 0.0 < float(calm.resale) < float(short.resale) <= 1.0
    assert float(month(1e6).resale) == 1.0


def ordered(resale, cash=1000.0):
    """What the order rule wants when idle compute brings `resale`."""
    labs = jnp.ones(LABS)
    return orders.OrderUpTo()(
        wanted=20.0 * labs,
        prev_wanted=20.0 * labs,
        belief=0.5 * labs,
        revenue_per_power=25.0 * labs,
        position=0.0 * labs,
        lapsed=0.0 * labs,
        price=jnp.asarray(11.0),
        resale=jnp.asarray(resale),
        cash=cash * labs,
        funds=0.0 * labs,
        own_power=0.0 * labs,
        own_power_growth=jnp.asarray(0.0),
        lab_bill=10.0 * labs,
        other_costs=5.0 * labs,
        alive=labs,
        prev_served_share=0.6 * labs,
        prev_wanted_order=labs,
        prev_accepted=labs,
        dt=jnp.asarray(1 / 12),
    )


def test_who_can_let_what_is_idle_for_more_than_it_is_worth_in_research_orders_more():
    worth = float(orders.OrderUpTo().idle_value)
    below, at, above = (ordered(resale).target for resale in (worth - 0.3, worth, worth + 0.15))
    np.testing.assert_array_equal(below, at)
    assert np.all(above > at)


def test_a_lab_whose_means_hold_back_its_order_says_so():
    assert np.all(ordered(0.4, cash=1000.0).cash_short == 0.0)
    assert np.all(ordered(0.4, cash=-15.0).cash_short == 1.0)
