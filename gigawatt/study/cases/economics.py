"""Acceptance cases: Lab economics and finance (S20-S27)."""

import jax.numpy as jnp

from gigawatt.core.facts import fact
from gigawatt.mechanisms import finance, lab, scaling, split
from gigawatt.study.cases.case import ROUNDING, case, exactly, holds, inside, number, printed
from gigawatt.study.cases.figures import raised, tenfold, toy_margin


@case("A56", "stated", "The toy lab: 100 of compute, 150 of revenue, 50 of profit")
def a56():
    compute, margin = fact("toy-total-compute").value, toy_margin()
    inference, training = split.split(compute, fact("toy-inference-compute").value)
    revenue = split.revenue_of(inference, margin)
    earned = split.profit(revenue, compute)
    yield exactly("revenue", fact("toy-revenue").value, revenue, "bn USD/year")
    yield exactly("training", fact("toy-training").value, training, "bn USD/year")
    yield exactly("profit", fact("toy-profit").value, earned, "bn USD/year")
    yield printed("gross margin", fact("toy-gross-margin-derived").value, margin, 0.0001, "share")
    yield printed("net margin", 0.333, earned / revenue, 0.001, "share")
    identity = split.profit_margin(margin, training / compute)
    yield exactly("net margin by the identity", earned / revenue, identity, "share")


@case("A57", "derived", "Inference compute at which the toy lab breaks even")
def a57():
    compute, stated = fact("toy-total-compute").value, fact("toy-breakeven-derived")
    said = fact("toy-breakeven-demand").value
    toy = split.breakeven_inference(compute, toy_margin())
    note = f"the {said:g} of the source holds only at a gross margin of one half"
    yield printed("at two thirds", stated.low, toy, 0.01, "bn USD/year", note)
    at_half = split.breakeven_inference(compute, fact("inference-gross-margin").low)
    yield exactly("at one half", stated.high, at_half, "bn USD/year")
    model = split.breakeven_inference(compute, fact("model-2026-gross-margin").value)
    yield exactly("at three quarters", 25.0, model, "bn USD/year")
    at_zero = split.profit(split.revenue_of(toy, toy_margin()), compute)
    yield exactly("profit there", 0.0, at_zero, "bn USD/year")


@case("A58", "stated", "Profit has the sign of gross margin less training share")
def a58():
    margins, shares = jnp.linspace(0.0, 0.95, 20)[:, None], jnp.linspace(0.0, 0.95, 20)[None, :]
    computed = split.profit_margin(margins, shares)
    apart = jnp.abs(margins - shares) > ROUNDING
    same_sign = jnp.sign(computed) == jnp.sign(margins - shares)
    yield holds("sign on a grid", jnp.where(apart, same_sign, jnp.abs(computed) < ROUNDING))
    share = fact("training-share").value
    yield exactly("equal", 0.0, split.profit_margin(share, share), "share")
    yield exactly("margin of 0.6", 0.20, split.profit_margin(0.6, share), "share")
    yield exactly("margin of 0.75", 0.50, split.profit_margin(0.75, share), "share")
    # The identity against the ledger: revenue less compute, for the toy lab.
    revenue = fact("toy-revenue").value
    earned = revenue * split.profit_margin(toy_margin(), share)
    yield exactly("profit of the toy lab", fact("profit-identity").value, earned, "bn USD/year")


@case("A59", "stated", "Forecasts that come true give a profit every year")
def a59():
    share = fact("inference-share").value
    for margin in (toy_margin(), fact("model-2026-gross-margin").value):
        revenue = tenfold(jnp.arange(10.0))
        forecast = revenue * (1.0 - margin)  # inference compute that demand will take, known when ordering
        compute = forecast / share
        served, training = split.split(compute, forecast)
        earned = split.profit(split.revenue_of(served, margin), compute)
        yield holds(f"profit every year at a margin of {margin:.2f}", earned > 0.0)
        worst = jnp.max(jnp.abs(training / compute - fact("training-share").value))
        yield exactly(f"training share missed by, at {margin:.2f}", 0.0, worst, "share")


@case("A60", "stated", "Seventy over fifty of training is a factor of 1.4")
def a60():
    half, more = fact("toy-training").value, fact("toy-training").value + fact("extra-20bn").value
    yield exactly("training of 70 per cent of the toy lab", 0.7 * fact("toy-total-compute").value, more, "bn USD/year")
    yield exactly("factor", fact("extra-factor").value, more / half, "multiple")

    def gain(less, more, base=jnp.e):
        """Points gained at one point per `base`-fold of training."""
        low, high = (scaling.log_score(0.0, 1.0 / jnp.log(base), x, 0.0, 0.0, 1.0) for x in (less, more))
        return high - low

    yield printed("gain in decades", 0.1461, gain(half, more, 10.0), 0.0001, "decades")
    yield printed("gain in e-folds", 0.3365, gain(half, more), 0.0001, "e-folds")
    yield exactly("the same factor on twice the compute", gain(half, more), gain(2 * half, 2 * more), "e-folds")
    yield holds("the next 20 bn gain less", gain(more, 2 * more - half) < gain(half, more))


@case("A61", "stated", "The best training share is interior, and exactly one half once calibrated")
def a61():
    compute, spent = fact("toy-total-compute").value, fact("genius-returns-diminish").value
    share = split.interior_training_share(spent, 1.0, compute)
    note = "B/v is a calibration of ours: the 50 bn from which returns are said to diminish"
    yield exactly("share at B/v of 50 bn", fact("training-share").value, share, "share", note)
    for key in ("split-interior", "split-interior-tighter"):
        yield inside(f"within {key}", fact(key).low, fact(key).high, share, "share")
    others = jnp.linspace(0.001, 1.0, 1000)
    worth = spent * jnp.log(others * compute) + (1.0 - others) * compute
    yield exactly("best of a thousand shares", others[jnp.argmax(worth)], share, "share")
    by_revenue = split.training_share_by_revenue(spent * _toy_value() / fact("toy-revenue").value)
    yield exactly("the rule labs may follow in the loop, for the toy lab", share, by_revenue, "share")


def _toy_value():
    """What a unit of the toy lab's compute earns in serving. [bn USD of revenue per bn USD of compute]"""
    return fact("toy-revenue").value / fact("toy-inference-compute").value


@case("A63", "derived", "Profit as forecast error: four demands on the same compute")
def a63():
    compute, margin = fact("toy-total-compute").value, toy_margin()
    table = ((60.0, 180, 80, 40), (40.0, 120, 20, 60), (20.0, 60, -40, 80))
    even = split.breakeven_inference(compute, margin)
    for wanted, *expected in (*table, (even, 100.0, 0.0, 66.7)):
        served, research = split.split(compute, wanted)
        revenue = split.revenue_of(served, margin)
        at = f"at demand {number(wanted):.1f}"
        yield exactly(f"revenue {at}", expected[0], revenue, "bn USD/year")
        yield exactly(f"profit {at}", expected[1], split.profit(revenue, compute), "bn USD/year")
        yield printed(f"research {at}", expected[2], research, 0.1, "bn USD/year")


@case("A77", "derived", "Valuation over run rate, and a gap above all capital raised")
def a77():
    run_rate = fact("run-rate-start-2026").value
    multiple = finance.valuation_multiple(fact("valuation-2026").value, run_rate)
    yield exactly("multiple", fact("valuation-to-revenue-derived").value, multiple, "multiple")
    revenue, owed = fact("ruin-at-800").value, fact("commitment-annual").value
    gap = lab.shortfall(revenue, owed)
    yield exactly("gap", fact("ruin-shortfall-derived").value, gap, "bn USD/year")
    yield exactly("capital raised", 50.0, sum(raised()), "bn USD")
    yield holds("ruin on cash alone", lab.is_ruined(*raised(), revenue, owed))
    yield holds("within the year", finance.runway(sum(raised()), gap) < 1.0)
