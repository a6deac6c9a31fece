"""Acceptance cases: The wider economy (S31-S34)."""

from gigawatt.core.facts import fact
from gigawatt.mechanisms import demand, growth, supply
from gigawatt.study.cases.case import case, exactly, holds, printed


@case("A86", "derived", "Tripling spending passes all wages after five and a quarter years")
def a86():
    first = supply.yearly_cost(fact("gw-2026").value, fact("cost-per-gw-year").value)
    wages, triple = 1000.0 * fact("human-wages").value, fact("compute-grows-3x").value
    yield exactly("spending in 2026", 156.25, first, "bn USD/year")
    years = growth.years_until_ceiling(first, triple, wages)
    yield printed("years", 5.2506, years, 0.0001, "years")
    yield printed("years, as the register rounds", fact("compute-vs-wages-derived").value, years, 0.01, "years")
    passed = supply.buildout_path(first, triple, years)
    yield exactly("spending then", wages, passed, "bn USD/year")
    later = growth.years_until_ceiling(first, triple, wages, 1.0 + fact("gdp-growth-range").high)
    note = "were wages to grow by 20 per cent a year"
    yield holds("growth of output delays it only a little", (later > years) & (later < years + 2.0), note)


@case("A87", "derived", "Doubling times at 10, 20 and 50 per cent a year")
def a87():
    world, valley = fact("gdp-growth-range"), fact("silicon-valley-growth").value
    for rate, years in ((world.low, 7.27), (world.high, 3.80), (valley, 1.71)):
        yield printed(f"at {rate:.0%}", years, growth.doubling_time(rate), 0.01, "years")


@case("A88", "derived", "Ten trillion of compute is one fifth of world wages")
def a88():
    # Read off the bend of S16: at spending R below a ceiling of K, growth has lost the share R/K of its pace.
    spending, wages = fact("patel-ten-trillion-2029").value, fact("human-wages").value
    pace = fact("compute-grows-3x").value
    lost = 1.0 - demand.growth_rate(spending, pace, wages) / demand.growth_rate(0.0, pace, wages)
    yield exactly("share of wages", fact("ten-trillion-of-wages").value, spending / wages, "share")
    yield exactly("share of growth lost to the ceiling", spending / wages, lost, "share")
