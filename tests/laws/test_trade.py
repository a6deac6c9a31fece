"""Trade: switches by class, controls that yield to money, and what the owners of chips show."""

from itertools import pairwise

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from gigawatt.core.entry import entries
from gigawatt.core.observed import table
from gigawatt.mechanisms.trade import GOODS, Trade, enforcement, held_back, passes, stock_after, years_behind


def owned(owner, date, designer=None):
    rows = [r for r in table("ai_compute_owners") if r["quarter_end"] == date]
    rows = [r for r in rows if owner in (None, r["owner"]) and designer in (None, r["designer"])]
    return sum(float(r["cumulative_h100e_p50"]) for r in rows)


def traded(**values):
    law = Trade(**values)
    given = {"delivered_compute": jnp.full(6, 2e6), "industry_bill": 300.0, "prev_rival_chips": 6e5}
    given |= {"prev_rival_compute": 1.2e6, "prev_rival_open": 1.2e6, "dt": 1 / 12}
    return law(**{name: jnp.asarray(x) for name, x in given.items()})


def test_half_of_a_control_holds_where_sales_equal_resolve_and_more_sales_hold_less():
    assert enforcement(100.0, 100.0) == 0.5 and enforcement(0.0, 100.0) == 1.0
    assert jnp.all(jnp.diff(enforcement(jnp.linspace(1.0, 1000.0, 50), 100.0)) < 0.0)


def test_each_class_has_a_switch_of_its_own():
    assert GOODS == ("cures", "models", "chips", "sites")
    base = traded()
    assert base.cures_abroad == 1.0 and base.models_abroad < 1.0
    for name, signal in (("cures", "cures_abroad"), ("models", "models_abroad")):
        assert getattr(traded(**{name: 0.0}), signal) < getattr(traded(**{name: 1.0}), signal) == 1.0
    assert traded(chips=1.0).rival_imports > traded(sites=1.0).rival_imports > base.rival_imports
    assert passes(1.0, 0.9) == 1.0 and passes(0.0, 0.9) == pytest.approx(0.1)


def test_stock_follows_inflow_and_service_life():
    solved = solve_ivp(lambda t, s: 3.0 - s / 5.0, (0.0, 4.0), [2.0], rtol=1e-10, atol=1e-10).y[0, -1]
    assert stock_after(2.0, 3.0, 5.0, 4.0) == pytest.approx(solved)
    assert stock_after(2.0, 3.0, 5.0, 1e3) == pytest.approx(15.0)


def test_with_trade_open_the_control_makes_no_gap_and_closed_a_growing_one():
    assert traded(chips=1.0, sites=1.0).control_gap == pytest.approx(1.0)
    assert traded(resolve=1e9).control_gap > traded(resolve=100.0).control_gap > 1.0


def test_a_lead_of_a_growth_factor_is_one_year():
    assert years_behind(4.0, np.log(4.0)) == pytest.approx(1.0)


def test_owners_of_chips_show_the_control_hold_from_late_2023():
    """China's share of Nvidia chips: 15 % before the controls, 17 while weaker chips were sold, 3 in late 2025."""
    share = {
        d: owned("China", d, "Nvidia") / owned(None, d, "Nvidia") for d in ("2022-06-30", "2023-09-30", "2025-12-31")
    }
    assert share["2022-06-30"] == pytest.approx(0.15, abs=0.005)
    assert share["2023-09-30"] == pytest.approx(0.168, abs=0.005)  # the first control was met with chips made for it
    assert share["2025-12-31"] == pytest.approx(0.031, abs=0.005)
    added = [owned(x, "2025-12-31", "Nvidia") - owned(x, "2023-09-30", "Nvidia") for x in (None, "China")]
    held = held_back(share["2022-06-30"], *added)
    assert held == pytest.approx(0.86, abs=0.01)
    # the entry of resolve is what this says, with the sales at stake that its place names
    law = Trade()
    assert enforcement((law.wanted_chips + law.wanted_sites) * 125.0, law.resolve) == pytest.approx(
        float(held), abs=0.01
    )


def test_the_second_blocs_stock_at_the_start_is_what_it_bought_and_made():
    made = sum(float(r["h100e_added"]) for r in table("china_chips") if r["date"] <= "2025-12-31")
    start = entries()["start.rival_compute"]
    assert start.value == pytest.approx(owned("China", "2025-12-31") + made, rel=0.01)
    quarter = sum(float(r["h100e_added"]) for r in table("china_chips") if r["date"] == "2025-12-31")
    assert entries()["start.rival_chips"].value == pytest.approx(4.0 * quarter, rel=0.01)


def test_known_clusters_by_country_tell_the_same_story():
    rows = table("clusters_by_country")
    total = {d: sum(float(r["compute_h100e"]) for r in rows if r["date"] == d) for d in {r["date"] for r in rows}}
    china = {r["date"]: float(r["compute_h100e"]) / total[r["date"]] for r in rows if r["country"] == "China"}
    assert china["2021-12-31"] == pytest.approx(0.35, abs=0.02) and china["2025-07-31"] == pytest.approx(0.12, abs=0.01)
    assert all(total[a] < total[b] for a, b in pairwise(sorted(total)))
