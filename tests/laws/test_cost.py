"""Cost of a gigawatt-year: the annuity by hand, a published model met in three variants, and parts that add up."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.entry import entries
from gigawatt.core.facts import fact
from gigawatt.core.observed import number, table
from gigawatt.mechanisms import cost, rental

LAW = cost.GigawattYear()
CAPITAL = ("chips", "servers", "network", "building", "plant")


def per_gigawatt(column):
    """A cost column of the site list per GW of IT power: one coefficient in every row that has power."""
    rows = [r for r in table("data_center_timelines") if number(r, "it_power_mw") > 0.0]
    ratio = np.array([1e3 * number(r, column) / number(r, "it_power_mw") for r in rows])
    assert np.ptp(ratio) < 1e-6 * ratio.mean()
    return ratio.mean()


def test_annuity_by_hand_and_without_interest():
    assert cost.annuity(0.10, 2.0) == pytest.approx(1.21 / 2.1)
    assert cost.annuity(0.0, 5.0) == pytest.approx(0.2)
    assert cost.annuity(1e-7, 5.0) == pytest.approx(0.2, rel=1e-6)
    assert np.isfinite(jax.grad(cost.annuity)(0.0, 5.0))


@given(st.floats(0.001, 0.5), st.floats(0.5, 40.0))
@settings(max_examples=60, deadline=None)
def test_payments_of_an_annuity_are_worth_the_capital(rate, life):
    whole = np.arange(1, int(life) + 1)
    paid = cost.annuity(rate, float(int(life) or 1))
    assert np.sum(paid * (1 + rate) ** -(whole if len(whole) else np.array([1.0]))) == pytest.approx(1.0)


@pytest.mark.parametrize(("life", "published"), [(5.0, 8.5), (3.0, 12.0), (7.0, 7.0)])
def test_a_published_model_of_one_gigawatt_is_met_at_one_interest_for_three_lives(life, published):
    """Epoch AI (2026-05-14): 38 bn of capital, 0.9 bn a year to run, 14 years for the facility; the totals are rounded.

    The interest is not told there; 6.5 per cent gives all three totals, no interest gives none of them.
    """
    machines, site = per_gigawatt("compute_cost_usd2025_bn"), per_gigawatt("construction_cost_usd2025_bn")
    assert machines + site == pytest.approx(38.0, abs=0.5)
    total = machines * cost.annuity(0.065, life) + site * cost.annuity(0.065, 14.0) + 0.9
    assert total == pytest.approx(published, abs=0.1)
    assert machines / life + site / 14.0 + 0.9 < published - 0.4


def test_the_capital_of_the_entries_is_that_of_the_site_list():
    value = {name: entries()[f"gigawatt_year.{name}"].value for name in CAPITAL}
    assert sum(value.values()) == pytest.approx(per_gigawatt("capital_cost_usd2025_bn"), abs=0.1)
    machines = value["chips"] + value["servers"] + value["network"]
    assert machines == pytest.approx(per_gigawatt("compute_cost_usd2025_bn"), abs=0.1)
    running = LAW.operation + cost.energy_cost(LAW.energy_price, LAW.load)
    assert float(running) == pytest.approx(per_gigawatt("operating_cost_usd2025_bn_per_year"), abs=0.01)


def test_parts_add_up_to_the_annuity_and_no_part_is_negative():
    parts = LAW.breakdown()
    machines, site = LAW.chips + LAW.servers + LAW.network, LAW.building + LAW.plant
    lasting = machines * cost.annuity(LAW.interest, LAW.chip_life) + site * cost.annuity(LAW.interest, LAW.site_life)
    assert float(parts.total) == pytest.approx(float(lasting + parts.energy + parts.operation))
    assert all(float(part) > 0.0 for part in parts)
    free = cost.cost_of_gigawatt_year(*(getattr(LAW, n) for n in CAPITAL), 5.0, 14.0, 0.0, 70.0, 1.0, 0.3)
    assert float(free.financing) == pytest.approx(0.0, abs=1e-12)


def test_energy_is_a_small_part_and_its_price_moves_the_total_one_for_one():
    parts = LAW.breakdown()
    assert float(parts.energy) == pytest.approx(0.6, abs=0.05)
    assert float(parts.energy / parts.total) < 0.1
    dear = cost.energy_cost(2.0 * LAW.energy_price, LAW.load) - parts.energy
    assert float(dear) == pytest.approx(float(parts.energy))
    assert cost.energy_cost(100.0, 1.0) == pytest.approx(0.8766)


def test_the_contract_price_of_the_base_is_what_it_costs_and_a_margin():
    """The stated 10 to 15 bn holds the contract price, and the cost only per gigawatt of chips: the basis matters."""
    price, own = entries()["start.price"].value, float(LAW.breakdown().total)
    assert 0.0 < price / own - 1.0 < 0.35
    stated = fact("cost-per-gw-year")
    assert stated.low <= price <= stated.high
    ratio = entries()["power.it_per_chip"].value, entries()["power.facility_per_it"].value
    chip, it, facility = (float(x) for x in cost.per_basis(own, *ratio))
    assert facility < it < stated.low < stated.high < chip


def test_rents_of_contracts_bracket_the_cost():
    """H100 under it, GB200 above it, as gigawatt-years: 0.688 and 0.478 million accelerators per GW of IT power."""
    kw = {r["chip"]: number(r, "it_power_w_per_gpu_p50") / 1e3 for r in table("gpu_it_power")}
    rents = {
        r["chip"]: number(r, "rent_usd_per_gpu_hour") for r in table("gpu_rental_prices") if "contract" in r["basis"]
    }
    own = float(LAW.breakdown().total)
    yearly = {c: rents[c] / float(rental.rent_per_chip(1.0, kw[c])) for c in ("H100", "GB200")}
    assert yearly["H100"] < own < yearly["GB200"]
    assert yearly["H100"] == pytest.approx(7.8, abs=0.1) and yearly["GB200"] == pytest.approx(13.8, abs=0.1)


def test_the_mechanism_tells_cost_capital_and_price_over_cost():
    out = LAW(price=jnp.asarray(11.0))
    assert float(out.unit_cost * out.price_over_cost) == pytest.approx(11.0)
    assert float(out.capital_per_power) == pytest.approx(sum(float(getattr(LAW, n)) for n in CAPITAL))
