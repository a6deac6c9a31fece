"""Acceptance cases: Compute: purchase and build-out (S18, S19)."""

import jax.numpy as jnp

from gigawatt.core.facts import fact
from gigawatt.core.observed import table
from gigawatt.mechanisms import demand, lab, limits, orders, split, supply
from gigawatt.study.cases.case import case, exactly, holds, inside, number, printed
from gigawatt.study.cases.figures import raised, tenfold, toy_margin


def _fatal(revenue, commitment):
    """Rows for a commitment that revenue does not cover: no hedge, then with all capital ever raised."""
    yield holds("ruin without a hedge", lab.is_ruined(0.0, 0.0, revenue, commitment))
    note = "fifty billion raised in all (A77)"
    yield holds("ruin with all raised capital", lab.is_ruined(*raised(), revenue, commitment), note)
    yield holds("cash runs below zero", lab.cash_after(*raised(), revenue, commitment) < 0.0, note)


@case("A44", "stated", "The tenfold path, and a trillion a year for five years")
def a44():
    yield exactly("end of 2026", fact("growth-path-2026").value, tenfold(1.0), "bn USD/year")
    yield exactly("end of 2027", fact("growth-path-2027").value, tenfold(2.0), "bn USD/year")
    total = lab.committed_total(fact("commitment-annual").value, fact("commitment-years").value)
    yield exactly("commitment", 1000.0 * fact("commitment-total").value, total, "bn USD")


@case("A45", "stated", "Revenue of 800 against a commitment of 1000 is ruin")
def a45():
    revenue, owed = fact("ruin-at-800").value, fact("commitment-annual").value
    gap = fact("ruin-shortfall-derived").value
    yield exactly("gap", gap, lab.shortfall(revenue, owed), "bn USD/year")
    yield from _fatal(revenue, owed)
    yield holds("no ruin where revenue meets the path", ~lab.is_ruined(0.0, 0.0, tenfold(2.0), owed))


@case("A46", "stated", "Fivefold in place of tenfold growth is ruin")
def a46():
    start, slower = fact("run-rate-start-2026").value, fact("ruin-at-five-fold").value
    revenue, owed = demand.trend_path(start, slower, 2.0), fact("commitment-annual").value
    yield exactly("revenue at the end of 2027", 250.0, revenue, "bn USD/year")
    yield exactly("gap", 750.0, lab.shortfall(revenue, owed), "bn USD/year")
    yield from _fatal(revenue, owed)


@case("A47", "stated", "The same path one year late is ruin")
def a47():
    late = fact("ruin-off-by-one-year").value
    revenue, owed = tenfold(2.0 - late), fact("commitment-annual").value
    yield exactly("revenue at the end of 2027", 100.0, revenue, "bn USD/year")
    yield exactly("gap", 900.0, lab.shortfall(revenue, owed), "bn USD/year")
    yield from _fatal(revenue, owed)


@case("A48", "stated", "Ten trillion ordered for mid-2027 and a genius level in mid-2028 is ruin")
def a48():
    late, ordered = fact("off-by-one-mid-2028").value, 1000.0 * fact("ten-trillion-infeasible").value
    # The source gives no years for the ten trillion; five is the kindest reading, that of the 5 tn example.
    owed = ordered / fact("commitment-years").value
    mid_2028 = 2.5
    yield holds("on time, revenue covers a year of it", lab.shortfall(tenfold(mid_2028), owed) == 0.0)
    yield from _fatal(tenfold(mid_2028 - late), owed)
    supplied = supply.yearly_cost(fact("gw-2028").value, fact("cost-per-gw-year").high)
    granted = jnp.sum(limits.ration(jnp.asarray([owed]), supplied))
    note = f"{owed:g} bn a year wanted, at most {number(supplied):g} bn a year built by all in 2028"
    yield holds("above the supply of the whole industry", granted < owed, note)


@case("A49", "derived", "What breaks even in the fivefold world serves hundreds of billions")
def a49():
    slower = demand.trend_path(fact("run-rate-start-2026").value, fact("ruin-at-five-fold").value, 2.0)
    margin, worthless = toy_margin(), 0.0  # no hedge: idle compute brings nothing
    bought = orders.breakeven_purchase(slower, margin, worthless)
    yield exactly("break-even purchase", 250.0, bought, "bn USD/year")
    yield exactly("profit in the fivefold world", 0.0, split.profit(slower, bought), "bn USD/year")
    served, _ = split.split(bought, slower * (1.0 - margin))
    yield exactly("revenue it can serve there", slower, split.revenue_of(served, margin), "bn USD/year")
    at_half = split.revenue_of(fact("inference-share").value * bought, margin)
    at_most = split.revenue_of(bought, margin)
    yield exactly("supported at the 50/50 split", 375.0, at_half, "bn USD/year")
    yield exactly("supported with all in inference", 750.0, at_most, "bn USD/year")
    size = fact("supported-hundreds-of-billions")
    for name, revenue in (("50/50", at_half), ("all inference", at_most)):
        yield inside(f"hundreds of billions at {name}", size.low, size.high, revenue, "bn USD/year")
    yield holds("not the full tenfold path", at_most < tenfold(2.0))


def standing(date):
    """Power of all chips sold by a date on the three bases in which gigawatts are quoted. [GW]"""
    wanted = (date, "chip_tdp_stock", "all_listed")
    rows = table("industry_compute")
    chips = next(float(r["value"]) for r in rows if (r["date"], r["series"], r["coverage"]) == wanted)
    bases = supply.Power()
    it = chips * number(bases.it_per_chip)
    return {"chips": chips, "IT": it, "facilities": it * number(bases.facility_per_it)}


@case("A52", "stated", "The build-out path, and how near threefold growth comes to it")
def a52():
    first, growth_, near = fact("gw-2026"), fact("gw-growth").value, fact("gw-path-consistency")
    for years, year, power in ((1.0, 2027, 37.5), (2.0, 2028, 112.5), (3.0, 2029, 337.5)):
        named = fact(f"gw-{year}").value
        tripled = supply.buildout_path(first.value, growth_, years)
        yield exactly(f"{year} by tripling", power, tripled, "GW")
        note = f"the sources round to {named:g} GW; the law gives {number(tripled):g} GW"
        yield inside(f"{year} over the figure named", 1.0, 1.13, tripled / named, "multiple", note)
    low = supply.buildout_path(first.value, growth_, 1.0) / fact("gw-2027").value
    high = supply.buildout_path(first.value, growth_, 3.0) / fact("gw-2029").value
    yield printed("nearest", near.low, low, 0.001, "multiple")
    yield printed("farthest", near.high, high, 0.001, "multiple")
    from_low = supply.buildout_path(first.low, growth_, 1.0)
    yield exactly("low end of 2027", fact("gw-2027").low, from_low, "GW")
    from_high = supply.buildout_path(first.high, growth_, 1.0)
    note = f"tripling the high end gives {number(from_high):g} GW, above the {fact('gw-2027').high:g} GW named"
    yield exactly("high end of 2027", 45.0, from_high, "GW", note)
    for basis, level in standing("2025-12-31").items():
        apart = f"{level - first.value:+.1f} GW from the {first.value:g} GW named for 2026, whose basis is not said"
        note = f"{level:.1f} GW sold by the end of 2025; {apart}"
        yield holds(f"the low end of 2026 already stood, in power of {basis}", level >= first.low, note)


@case("A53", "derived", "What the build-out costs a year")
def a53():
    cost = fact("cost-per-gw-year")
    for year in (2026, 2027, 2028, 2029):
        power, spend = fact(f"gw-{year}"), fact(f"spend-{year}-derived")
        low, high = power.low or power.value, power.high or power.value
        yield exactly(f"{year}, low", spend.low, supply.yearly_cost(low, cost.low), "bn USD/year")
        yield exactly(f"{year}, high", spend.high, supply.yearly_cost(high, cost.high), "bn USD/year")
    several = 1000.0 * fact("spend-multiple-trillions").low
    least, most = (supply.yearly_cost(fact(f"gw-{y}").value, cost.low) for y in (2029, 2028))
    note = f"2029 alone: 2028 starts at {number(most):g} bn"
    yield holds("several trillion a year", least >= several, note)


@case("A54", "derived", "The same figures read as yearly additions")
def a54():
    years = [fact(f"gw-{year}") for year in (2026, 2027, 2028, 2029)]
    end = fact("stock-flow-cumulative")
    low = supply.stock_from_flow(jnp.asarray([float(y.low or y.value) for y in years]))
    high = supply.stock_from_flow(jnp.asarray([float(y.high or y.value) for y in years]))
    yield exactly("2028, low", 140.0, low[2], "GW")
    yield exactly("2028, high", 155.0, high[2], "GW")
    yield exactly("2029, low", end.low, low[3], "GW")
    yield exactly("2029, high", end.high, high[3], "GW")


@case("A55", "derived", "Ten gigawatts are the toy lab, which would earn 150 bn")
def a55():
    cost = supply.yearly_cost(fact("patel-own-10gw").value, fact("cost-per-gw-year").low)
    yield exactly("cost of ten gigawatts", fact("toy-total-compute").value, cost, "bn USD/year")
    revenue = split.revenue_of(fact("inference-share").value * cost, toy_margin())
    yield exactly("revenue", fact("toy-revenue").value, revenue, "bn USD/year")
