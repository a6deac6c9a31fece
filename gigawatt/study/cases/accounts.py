"""Acceptance cases: accounts by model and by company, and when profit comes (S22, S23)."""

import jax.numpy as jnp
import numpy as np

from gigawatt.core.entry import entries
from gigawatt.core.facts import fact
from gigawatt.mechanisms import forecast, generations, split
from gigawatt.study.cases.case import case, exactly, holds, inside
from gigawatt.study.cases.figures import toy_margin
from gigawatt.study.cases.worlds import US, ours

PROFIT_MONTHS = 12  # profit is told by year
LIMIT = ("window", "left", "steepness")  # numbers of the margin that goes without a successor


@case("A64", "stated", "Profit may change sign more than once under noisy forecasts")
def a64():
    compute, margin = fact("toy-total-compute").value, toy_margin()
    plan, even = fact("toy-inference-compute").value, split.breakeven_inference(compute, margin)
    demand = plan * jnp.asarray([1.2, 0.6, 1.1, 0.5])  # above plan, far below, above, far below
    planned, revenue = split.revenue_of(plan, margin), split.revenue_of(demand, margin)
    promised = forecast.planned_profit(planned, 0.0, compute)
    earned = promised + forecast.error_profit(revenue, planned, 0.0)
    yield exactly("toy lab: what the plan promises", fact("toy-profit").value, promised, "bn USD/year")
    yield holds("toy lab: profit has the sign of demand less break-even", jnp.sign(earned) == jnp.sign(demand - even))
    yield exactly("toy lab: changes of sign", 3.0, sign_changes(np.asarray(earned)[None])[0])
    profit = ours()["profit"].values
    years = profit.reshape(len(profit), -1, PROFIT_MONTHS).mean(axis=2)
    often = float(np.mean(sign_changes(years) >= 2))
    note = f"base, yearly profit of {US} to 2032: twice or more in {often:.2f} of the draws"
    yield holds("base: changes sign more than once in some draws", often > 0.0, note)
    once = (years > 0.0).any(axis=1)
    first = np.argmax(years[once] > 0.0, axis=1)
    note = (
        f"first in {2026 + int(first.min())} to {2026 + int(first.max())}; in no year to 2032 in {1 - once.mean():.2f}"
    )
    yield holds("base: no single turning point", first.min() < first.max(), note)


def sign_changes(values: np.ndarray) -> np.ndarray:
    """How often the sign changes along the last axis."""
    return np.sum(np.diff(np.sign(values), axis=-1) != 0.0, axis=-1)


@case("A65", "stated", "The model of 2025 earned 0.1 bn")
def a65():
    revenue, training = fact("model-2025-revenue").value, fact("model-2025-training-cost").value
    earned = generations.model_profit(revenue, 0.0, training)
    note = "serving cost is left out in this version and stated in that of 2026"
    yield exactly("profit of the model", fact("model-2025-profit").value, earned, "bn USD", note)


def figures_2026():
    """Revenue, serving cost and training cost of the model of 2026. [bn USD]"""
    return tuple(fact(f"model-2026-{name}").value for name in ("revenue", "inference", "training-cost"))


@case("A66", "stated", "The model of 2026: revenue, serving, training and margin")
def a66():
    revenue, serving, training = figures_2026()
    margin = generations.gross_margin(revenue, serving)
    charge = generations.training_charge(training, revenue)
    earned = generations.model_profit(revenue, serving, training)
    yield exactly("profit of the model", fact("model-2026-profit").value, earned, "bn USD")
    yield exactly("gross margin", fact("model-2026-gross-margin").value, margin, "share")
    yield exactly("training over revenue", fact("model-2026-training-tax").value, charge, "share")
    yield exactly("net margin", 0.50, earned / revenue, "share")
    yield exactly("net margin is the one less the other", margin - charge, earned / revenue, "share")


@case("A67", "derived", "The company loses 7 bn in the year its model earns 2")
def a67():
    revenue, serving, training = figures_2026()
    following = training * fact("training-cost-scale-up").value
    yield exactly("cost of the next model", fact("next-model-cost").value, following, "bn USD")
    company = generations.company_profit(revenue, serving, following)
    yield exactly("profit of the company", fact("company-loss-derived").value, company, "bn USD")
    gap = generations.model_profit(revenue, serving, training) - company
    yield exactly("the views differ by the growth of training cost", following - training, gap, "bn USD")
    even = generations.breakeven_multiple(revenue, serving, training)
    note = "the company breaks even where the next model costs three times the last one"
    at_even = generations.company_profit(revenue, serving, even * training)
    yield exactly("profit at the break-even multiple", 0.0, at_even, "bn USD", note)


@case("A68", "derived", "Company losses with the figures of 2025 and tenfold successors")
def a68():
    first, tenfold = fact("model-2025-training-cost").value, fact("training-cost-scale-up").value
    earned = fact("model-2025-revenue").value / first
    cost, revenue, _, model, company = generations.cohorts(first, [tenfold, tenfold], earned, 1.0)
    note = "the tenfold multiple is taken from the version of 2026"
    for i, loss in enumerate((-0.8, -8.0)):
        yield exactly(f"company in year {i + 2}", loss, company[i], "bn USD", note)
    yield exactly("revenue of the second model", 2.0, revenue[1], "bn USD")
    yield holds("each model earns", model > 0.0, f"training cost {', '.join(f'{x:g}' for x in np.asarray(cost))}")


@case("A69", "stated", "With level training cost the company earns what its model earns")
def a69():
    revenue, serving, training = figures_2026()
    company = generations.company_profit(revenue, serving, 1.0 * training)
    yield exactly("profit of the company at a multiple of 1", fact("model-2026-profit").value, company, "bn USD")
    margin = generations.gross_margin(revenue, serving)
    *_, model, companies = generations.cohorts(training, [10.0, 3.0, 1.0, 1.0], revenue / training, margin)
    yield holds("models earn in every generation", model > 0.0)
    yield holds(
        "company loses, breaks even, then earns as its models do", jnp.sign(companies) == jnp.asarray([-1, 0, 1, 1])
    )
    yield exactly("equal once cost is level", model[-1], companies[-1], "bn USD")


@case("A70", "stated", "Without a successor the margin is gone in about two months")
def a70():
    months, law = fact("no-next-model-window").value, {n: entries()[f"split_with_limit.{n}"].value for n in LIMIT}
    window = 12.0 * law["window"]
    yield inside("window of the law", 0.95 * months, 1.05 * months, window, "months")
    half_life = window * float(jnp.log(2.0) / -jnp.log(law["left"]))
    note = f"at a constant rate, with a half-life of {half_life:.2f} months"
    kept = split.margin_left(jnp.asarray([0.0, window, 2.0 * window]), window, law["left"], law["steepness"])
    yield exactly("margin kept at once", 1.0, kept[0], "share")
    yield exactly("margin kept after the window", law["left"], kept[1], "share", note)
    revenue, serving, training = figures_2026()
    price = split.eroded_price(revenue, serving, kept)
    profit = generations.company_profit(price, serving, 0.0)
    yield exactly("the company of 2026 that stops training earns at first", revenue - serving, profit[0], "bn USD/year")
    before = generations.company_profit(revenue, serving, training * fact("training-cost-scale-up").value)
    yield holds("which is more than before", profit[0] > before)
    yield holds("and next to nothing after two windows", profit[2] < 0.02 * profit[0])
    cliff = split.margin_left(jnp.asarray([0.5, 1.5]) * window, window, law["left"], 20.0)
    yield holds("read as a cliff, all before the window and none after", (cliff[0] > 0.99) & (cliff[1] < 0.01))
