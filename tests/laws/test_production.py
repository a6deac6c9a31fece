"""Production by tasks: limits of the CES, factor shares that add up, a balanced path, and what binds growth."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.core.entry import entries
from gigawatt.core.facts import fact
from gigawatt.mechanisms.growth import AsTasks, Ceiling, Stated
from gigawatt.mechanisms.production import (
    TaskEconomy,
    automated_growth,
    capital_per_output,
    capital_share,
    investment_share,
    saving_for,
    task_output,
    wage,
)

DT = 1 / 12


def path(law, share, months):
    """Signals of an economy whose share of tasks done by AI follows `share`, an array of months."""
    law, share = law or TaskEconomy(), jnp.broadcast_to(jnp.asarray(share, float), months)
    out = {"task_output": 1.0, "capital": 1.0, "ideas": 1.0, "people": 1.0, "researchers": 1.0}
    state = {n: jnp.asarray(v) for n, v in out.items()} | {"handed_over": share[0]}

    def month(state, x):
        now = law(work_by_ai=x, dt=DT, **{f"prev_{n}": v for n, v in state.items()})
        return {n: getattr(now, n) for n in state}, now

    return jax.lax.scan(month, state, share)[1]


def test_incomes_add_up_to_output_and_wages_are_the_slope_of_output():
    b, k, labour, s = 0.3, 7.0, 2.0, 0.6
    assert wage(b, k, labour, s) == pytest.approx(float(jax.grad(task_output, argnums=2)(b, k, labour, s)))
    rent = jax.grad(task_output, argnums=1)(b, k, labour, s)
    assert rent * k / task_output(b, k, labour, s) == pytest.approx(float(capital_share(b, k, labour, s)))
    assert rent * k + wage(b, k, labour, s) * labour == pytest.approx(float(task_output(b, k, labour, s)))


def test_without_further_handing_over_the_economy_stays_on_its_balanced_path():
    law = TaskEconomy()
    out = path(law, 0.004, 240)
    assert np.allclose(np.log1p(out.task_growth), law.trend, rtol=1e-9)
    assert np.allclose(out.capital, out.task_output) and np.allclose(out.labour_income, out.labour_income[0])
    assert np.allclose(np.diff(np.log(out.wage)) / DT, law.trend - law.labour_growth)
    assert out.labour_income[0] + out.machine_income[0] == pytest.approx(float(law.labour_share))


def test_handing_over_raises_output_and_capital_and_lowers_labours_share():
    slow, fast = (path(None, np.linspace(0.004, x, 120), 120) for x in (0.1, 0.4))
    assert jnp.all(fast.task_output[1:] > slow.task_output[1:]) and fast.capital[-1] > slow.capital[-1]
    assert fast.labour_income[-1] < slow.labour_income[-1] < 0.547
    shares = fast.labour_income + fast.machine_income
    assert jnp.all(shares < 1.0) and jnp.all(fast.invested <= TaskEconomy().most)
    # bottlenecks: tasks that cost nothing still leave output bounded by the rest
    free = path(TaskEconomy(productivity=1e6), np.linspace(0.004, 0.4, 120), 120)
    assert free.task_output[-1] < 1.5 * fast.task_output[-1] and free.machine_income[-1] < 1e-3


def test_even_full_automation_cannot_grow_by_300_per_cent():
    """Machines that make machines grow by s A - d; investing all that the world makes is not enough by far."""
    table = {n: entries()[f"task_economy.{n}"].value for n in ("investment", "trend", "depreciation")}
    per_capital = 1.0 / capital_per_output(table["investment"], table["trend"], table["depreciation"])
    lost, stated = table["depreciation"], fact("gdp-growth-range")
    assert automated_growth(1.0, per_capital, lost) < 0.3 < fact("gdp-not-300").high
    assert saving_for(fact("gdp-not-300").high, per_capital, lost) > 10.0
    low, high = saving_for(np.array([stated.low, stated.high]), per_capital, lost)
    assert 0.4 < low < 0.6 and 0.8 < high < 1.0  # 10 per cent takes half of output, 20 per cent most of it
    assert automated_growth(low, per_capital, lost) == pytest.approx(stated.low)
    assert investment_share(0.26, 4.0, 0.5, 0.45) == 0.45 and investment_share(0.26, 4.0, 0.0, 0.45) == 0.26


def test_stated_growth_waits_for_the_genius_level_and_then_gets_there():
    law = Stated(trend=0.03, after=0.2, speed=0.5)
    first = law.begin()["output_growth"]
    waits = law(genius=0.0, prev_output=1.0, prev_output_growth=first, dt=1.0)
    assert waits.output == pytest.approx(float(jnp.exp(0.03))) and waits.output_growth == pytest.approx(float(first))
    growth = first
    for _ in range(20):
        growth = law(genius=1.0, prev_output=1.0, prev_output_growth=growth, dt=1.0).output_growth
    assert growth == pytest.approx(0.2, abs=1e-4)


def test_the_variant_of_output_follows_tasks_and_the_ceiling_is_a_share_of_wages():
    out = AsTasks()(task_growth=0.08, prev_output=100.0, dt=0.5)
    assert out.output == pytest.approx(100.0 * 1.08**0.5)
    near = Ceiling()(industry_bill=10_000.0, output=100_000.0, labour_income=0.5)
    assert near.compute_of_output == pytest.approx(0.1) and near.compute_of_wages == pytest.approx(0.2)
