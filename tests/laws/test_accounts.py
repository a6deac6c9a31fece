"""Accounts: generations and the company, plans and what came, debt, tax, dilution, and price without a successor."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.run import run
from gigawatt.mechanisms.finance import Ownership, held_after
from gigawatt.mechanisms.forecast import error_profit, planned_profit, research_error
from gigawatt.mechanisms.generations import (
    Generations,
    breakeven_multiple,
    cohorts,
    company_profit,
    model_profit,
)
from gigawatt.mechanisms.lab import draw_debt, tax_due
from gigawatt.mechanisms.split import eroded_price, margin_left, profit, revenue_of, split
from gigawatt.mechanisms.statement import compute_cost, equity, net_income
from gigawatt.mechanisms.supply import mean_life_left, ramp_remaining

money = st.floats(0.0, 1e4)


# ---------------------------------------------------------------- generations


def test_generations_add_up_to_the_company():
    """Over a whole path, the company's profit is that of its models less what the last successor costs."""
    training, revenue, serving, model, company = cohorts(1.0, [10.0, 3.0, 1.0, 2.0], 4.0, 0.75)
    np.testing.assert_allclose(training, [1.0, 10.0, 30.0, 30.0])
    np.testing.assert_allclose(revenue - serving, 3.0 * training)
    assert float(jnp.sum(company)) == pytest.approx(float(jnp.sum(model)) + 1.0 - 60.0)


@settings(max_examples=50, deadline=None)
@given(money, money, st.floats(0.1, 1e4))
def test_the_company_earns_what_its_model_earns_exactly_at_a_multiple_of_one(revenue, serving, training):
    assert company_profit(revenue, serving, training) == model_profit(revenue, serving, training)
    even = breakeven_multiple(revenue, serving, training)
    assert company_profit(revenue, serving, even * training) == pytest.approx(0.0, abs=1e-9 * (revenue + serving + 1.0))


def told(months, cycle=0.25, spend=lambda k: 12.0 * 2.0**k):
    """One lab's generations, month by month, with a training cost of our choice at the end of each month."""
    law, dt = Generations(axes={"lab": ("one",)}, cycle=cycle), 1.0 / 12.0
    one = jnp.ones(1)
    state = {n: 0.0 * one for n in ("generation_age", "generation_revenue", "generation_serving", "in_training")}
    state |= {"generation_cost": one, "generation_multiple": one}
    out, before = [], spend(-1) * one
    for k in range(months):
        now = spend(k) * one
        found = law(
            revenue=24.0 * one,
            prev_revenue=24.0 * one,
            serving_cost=6.0 * one,
            prev_serving_cost=6.0 * one,
            selling_costs=0.0 * one,
            prev_selling_costs=0.0 * one,
            staff_costs=0.0 * one,
            training_cost=now,
            prev_training_cost=before,
            dt=jnp.asarray(dt),
            **{f"prev_{n}": x for n, x in state.items()},
        )
        before, state = now, {n: getattr(found, n) for n in state}
        out.append({n: float(x[0]) for n, x in vars(found).items()})
    return out


def test_a_generation_sells_for_its_cycle_and_is_charged_with_all_that_it_cost():
    rows = told(9)
    assert [r["launched"] for r in rows] == [0, 0, 0, 1, 0, 0, 1, 0, 0]
    spent = [0.5 * (2.0 ** (k - 1) + 2.0**k) for k in range(9)]  # of each month
    assert rows[3]["generation_cost"] == pytest.approx(sum(spent[:3]))
    assert rows[6]["generation_cost"] == pytest.approx(sum(spent[3:6]))
    assert rows[6]["generation_multiple"] == pytest.approx(8.0)
    assert sum(r["charge"] / 12.0 for r in rows[3:6]) == pytest.approx(rows[3]["generation_cost"])
    assert rows[5]["generation_revenue"] == pytest.approx(6.0) and rows[6]["generation_revenue"] == pytest.approx(2.0)
    assert rows[8]["model_profit"] == pytest.approx(24.0 - 6.0 - rows[8]["charge"])


def test_a_cycle_that_is_no_whole_number_of_months_loses_nothing():
    rows = told(12, cycle=0.29, spend=lambda k: 12.0)  # three months and a half: the nearer whole month
    first = next(i for i, r in enumerate(rows) if r["launched"])
    last = next(i for i, r in enumerate(rows) if r["launched"] and i > first)
    assert sum(r["charge"] / 12.0 for r in rows[first:last]) == pytest.approx(rows[first]["generation_cost"])


def test_views_agree_once_training_costs_the_same_every_month():
    rows = told(9, spend=lambda k: 12.0)
    assert rows[-1]["generation_multiple"] == pytest.approx(1.0)
    assert rows[-1]["model_profit"] == pytest.approx(24.0 - 6.0 - 12.0)


# ---------------------------------------------------------------- no successor


def test_the_margin_halves_at_a_constant_rate_or_falls_off_a_cliff():
    half = 2.0 * np.log(2.0) / -np.log(0.1)  # months
    assert float(margin_left(half, 2.0, 0.1, 1.0)) == pytest.approx(0.5)
    assert float(margin_left(2 * half, 2.0, 0.1, 1.0)) == pytest.approx(0.25)
    age = jnp.linspace(0.0, 6.0, 61)
    for steepness in (0.5, 1.0, 3.0, 20.0):
        kept = margin_left(age, 2.0, 0.1, steepness)
        assert kept[0] == 1.0 and jnp.all(jnp.diff(kept) <= 0.0)
        assert float(margin_left(2.0, 2.0, 0.1, steepness)) == pytest.approx(0.1)


def test_only_the_margin_erodes_and_a_price_below_cost_stays():
    price = eroded_price(jnp.asarray([10.0, 10.0, 3.0]), 4.0, jnp.asarray([1.0, 0.25, 0.0]))
    np.testing.assert_allclose(price, [10.0, 5.5, 3.0])


# ---------------------------------------------------------------- forecast


@settings(max_examples=50, deadline=None)
@given(st.floats(0.0, 200.0), st.floats(0.0, 1.0))
def test_plan_and_error_add_up_to_profit(demand, per_revenue):
    """On the toy lab: 100 of compute, 150 planned."""
    earned = planned_profit(150.0, per_revenue, 100.0) + error_profit(demand, 150.0, per_revenue)
    assert float(earned) == pytest.approx(demand * (1.0 - per_revenue) - 100.0)


def test_the_four_demands_of_the_toy_lab_are_errors_about_its_plan():
    compute, margin, plan = 100.0, 2.0 / 3.0, 50.0
    for demand in (60.0, 40.0, 20.0):
        served, research = split(compute, demand)
        revenue, planned = revenue_of(served, margin), revenue_of(plan, margin)
        error = error_profit(revenue, planned, 0.0)
        assert planned_profit(planned, 0.0, compute) + error == pytest.approx(profit(revenue, compute))
        assert research_error(revenue, planned, 3.0) == pytest.approx(research - (compute - plan))


# ---------------------------------------------------------------- statement, debt, tax


def test_income_by_hand():
    assert net_income(150.0, 50.0, 50.0, 5.0, 10.0, 1.0, 4.0) == 30.0
    assert compute_cost(100.0, jnp.asarray([5.0, 0.0]), jnp.asarray([10.0, 0.0])).tolist() == [50.0, 0.0]
    assert equity(30.0, 12.0) == 18.0


def test_losses_free_four_fifths_of_later_income_until_they_are_used_up():
    losses, paid = 0.0, []
    for income in (-100.0, 50.0, 50.0, 50.0):
        tax, losses = (float(x) for x in tax_due(income, losses, 0.21, 0.8))
        paid.append(tax)
    assert paid == pytest.approx([0.0, 0.21 * 10.0, 0.21 * 10.0, 0.21 * 30.0])
    assert losses == 0.0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-100.0, 100.0), min_size=1, max_size=20))
def test_tax_is_never_below_nothing_nor_above_the_rate_on_all_gains(path):
    losses, paid = 0.0, 0.0
    for income in path:
        tax, losses = (float(x) for x in tax_due(income, losses, 0.21, 0.8))
        assert tax >= 0.0 and losses >= 0.0
        paid += tax
    assert paid <= 0.21 * sum(max(x, 0.0) for x in path) + 1e-9
    assert paid >= 0.21 * max(sum(path), 0.0) - 1e-9


def test_lenders_fill_what_is_missing_up_to_their_limit():
    drawn = draw_debt(jnp.asarray([5.0, -3.0, -30.0, -3.0]), jnp.asarray([0.0, 1.0, 1.0, 12.0]), 10.0)
    assert drawn.tolist() == [0.0, 3.0, 9.0, 0.0]


def test_a_lab_is_ruined_where_cash_and_credit_together_are_gone(base):
    cash, debt, liquid, alive = (base[n].values for n in ("cash", "debt", "liquid", "alive"))
    assert np.all(liquid[alive == 1.0] >= 0.0) and np.all(liquid >= np.where(cash > 0.0, cash, 0.0) - 1e-9)
    assert np.all(liquid[alive == 0.0] == 0.0) and debt.max() > 5.0


def test_a_fleet_that_never_grew_is_half_way_through_its_contracts():
    assert float(mean_life_left(0.0, 5.0)) == pytest.approx(2.5)
    for growth in (1e-5, 0.3, 0.9, 3.0):
        t = np.linspace(0.0, 5.0, 20001)
        left = np.asarray(ramp_remaining(1.0, growth, 5.0, t))
        assert float(mean_life_left(growth, 5.0)) == pytest.approx(np.trapezoid(left, t), rel=1e-6)


# ---------------------------------------------------------------- finance


def test_rounds_dilute_one_after_the_other():
    assert float(held_after(held_after(1.0, 20.0, 100.0), 30.0, 300.0)) == pytest.approx(0.8 * 0.9)
    assert float(held_after(0.7, 0.0, 0.0)) == 0.7


def test_runway_is_told_in_months_and_up_to_an_end(base):
    cash, burn, left = (base[n].values for n in ("cash", "burn", "runway_left"))
    longest = 12.0 * float(Ownership().longest)
    burning = burn > 0.0
    np.testing.assert_allclose(left[burning], np.minimum(12.0 * cash[burning] / burn[burning], longest), rtol=1e-9)
    assert np.all(left[~burning] == longest)


def test_owners_of_the_start_are_diluted_only_by_what_investors_pay(base):
    held, raised = base["held"].values, base["raised"].values
    assert np.all(np.diff(held, axis=1) <= 0.0) and held.min() > 0.0
    assert np.all(held[raised.cumsum(axis=1) == 0.0] == 1.0)


def test_a_plan_made_at_the_start_of_the_run_is_not_below_demand_of_the_start(base):
    """Labs that grow expect more than they have: the first plans that mature were made on higher demand."""
    expected, asked = base["expected"].values[:, 0], base["asked"].values[:, 0]
    assert np.all(np.median(expected / asked, axis=0) > 1.5)


# ---------------------------------------------------------------- scenarios

LEADERS = ["OpenAI", "Anthropic"]


def seen(name):
    """All signals: what differs from base in numbers only is not compiled again."""
    return run(name, 256, keep="all").transpose("draw", "month", "lab", ...)


def at_end_of(signal, year):
    return signal.sel(lab=LEADERS).sum("lab").values[:, 12 * (year - 2025) - 1]


@pytest.mark.slow
def test_profit_comes_in_2026_when_demand_outruns_all_plans():
    found = seen("profit_2026")
    assert np.median(at_end_of(found["planned_profit"], 2026)) < 0.0 < np.median(at_end_of(found["profit"], 2026))
    assert np.median(at_end_of(found["error_profit"], 2026)) > 0.0


@pytest.mark.slow
def test_profit_comes_in_2028_when_demand_is_on_plan():
    found = seen("profit_2028")
    for year in (2027, 2028):
        assert np.median(at_end_of(found["asked"], year) / at_end_of(found["planned"], year)) == pytest.approx(
            1, abs=0.1
        )
    assert np.median(at_end_of(found["profit"], 2027)) < 0.0 < np.median(at_end_of(found["profit"], 2028))


@pytest.mark.slow
def test_level_training_cost_makes_the_company_earn_what_its_models_earn():
    found = seen("plateau_training")
    gap = np.abs(found["profit"] - found["model_profit"]) / found["revenue"].clip(1e-9)
    by_year = gap.sel(lab=LEADERS).median("draw").values[11::12].max(axis=1)
    assert by_year[-1] < 0.02 < by_year[1] and by_year[-1] < 0.1 * by_year[1]
    multiple = found["generation_multiple"].values[:, -1]
    assert np.median(multiple) == pytest.approx(1.0, abs=0.01)


@pytest.mark.slow
def test_without_training_profit_is_first_up_and_the_margin_gone_in_about_two_months():
    found, stop = seen("stop_training").sel(lab="Anthropic"), 24  # January 2028
    lives = found["alive"].values[:, stop + 4] == 1.0
    profit = found["profit"].values[lives]
    assert np.mean(profit[:, stop] > profit[:, stop - 1]) > 0.95
    assert np.mean(profit[:, stop + 3] < profit[:, stop]) > 0.95
    assert np.median(profit[:, stop + 3]) < np.median(profit[:, stop - 1])
    margin = (found["gross_profit"] / found["revenue"]).values[lives][:, [stop, stop + 3]]
    had = margin[:, 0] > 0.2  # where there was a margin to lose
    assert np.median(margin[had, 1] / margin[had, 0]) < 0.2
    assert np.all(found["model_age"].values[:, :stop] == 0.0)


@pytest.mark.slow
def test_flat_model_cost_holds_training_for_two_years():
    spent = seen("flat_model_cost")["training_cost"].values
    assert np.median(spent[:, :24].max(axis=1) / spent[:, 0], axis=0).max() == pytest.approx(1.0, abs=0.05)
    assert np.median(spent[:, 30] / spent[:, 23], axis=0).min() > 1.2


@pytest.mark.slow
def test_who_reinvests_all_trains_with_more_than_half(base):
    found = seen("training_reinvest")
    served = (found["inference"] / found["lab_power"].clip(1e-9)).values
    assert served.max() <= 0.45 + 1e-9
    usual = base["profit"].transpose("draw", "month", "lab")
    assert np.median(at_end_of(found["profit"], 2027)) < np.median(at_end_of(usual, 2027))
