"""Acceptance cases: Diffusion and revenue (S14-S17)."""

import jax
import jax.numpy as jnp

from gigawatt.core.facts import fact
from gigawatt.core.path import year_after, year_of
from gigawatt.mechanisms import demand, diffusion, revenue
from gigawatt.study.cases.case import case, exactly, holds, inside, printed
from gigawatt.study.cases.worlds import runs


@case("A32", "stated", "Adoption trails capability at any finite rate, and the two poles")
def a32():
    ceilings = jnp.minimum(0.01 * jnp.exp(0.05 * jnp.arange(120.0)), 1.0)  # any rising path of capability
    rates = jnp.asarray([0.1, 1.0, 10.0, 1000.0])

    def month(adopted, ceiling):
        by_room = diffusion.diffuse(adopted[0], ceiling, rates, 1 / 12)
        by_copying = diffusion.bass_step(adopted[1], ceiling, 0.1 * rates, rates, 1 / 12)
        later = jnp.stack([by_room, by_copying])
        return later, later

    _, path = jax.lax.scan(month, jnp.zeros((2, rates.size)), ceilings)
    leads = jnp.max(path / ceilings[:, None, None] - 1.0, axis=0)
    for law, lead in zip(("diffusion", "Bass"), leads, strict=True):
        for rate, most in zip(rates, lead, strict=True):
            yield holds(f"{law} never leads its ceiling at {float(rate):g} a year", most <= 1e-12)
    behind = diffusion.diffuse(0.2, 0.7, 10.0, 1 / 12)
    yield holds("a finite rate stays behind", behind < 0.7)
    yield exactly("unbounded rate", 0.7, diffusion.diffuse(0.2, 0.7, jnp.inf, 1 / 12), "share")
    yield exactly("rate of zero", 0.2, diffusion.diffuse(0.2, 0.7, 0.0, 1 / 12), "share")


@case("A36", "stated", "Yearly ratios of revenue, 2023 to 2025")
def a36():
    y2023, y2024, y2025 = (fact(f"revenue-{year}") for year in (2023, 2024, 2025))
    tenfold = fact("growth-ten-per-year").value
    ratio = demand.multiple_between(y2023.value, y2024.value, 1.0)
    yield exactly("ratio of 2024", tenfold, ratio, "multiple")
    for level, multiple in ((y2025.low, 9.0), (y2025.high, 10.0)):
        ratio = demand.multiple_between(y2024.value, level, 1.0)
        yield exactly(f"ratio of 2025 at {level:g} bn", multiple, ratio, "multiple")
    first = demand.multiple_between(0.0, y2023.value, 1.0)
    yield holds("ratio of 2023 is undefined", ~jnp.isfinite(first), "revenue of 2022 was zero")


@case("A37", "derived", "What a month of tenfold growth adds to a run rate of ten billion")
def a37():
    start, month = fact("run-rate-start-2026").value, fact("revenue-january-2026")
    added = demand.monthly_addition(start, fact("growth-ten-per-year").value)
    yield printed("first month", fact("growth-monthly-equivalent").value, added, 0.001, "bn USD/year")
    yield inside("a few billions", month.low, month.high, added, "bn USD/year")


@case("A38", "derived", "Tenfold growth would pass all wages in 3.7 years, so it bends")
def a38():
    start, tenfold = fact("run-rate-start-2026").value, fact("growth-ten-per-year").value
    wages = 1000.0 * fact("human-wages").value
    yield printed("years to world wages", 3.70, demand.years_to(start, wages, tenfold), 0.01, "years")
    for multiple in (tenfold, fact("growth-target-stretch").high):

        def month(level, _, multiple=multiple):
            later = demand.trend_step(level, multiple, wages, 1 / 12)
            return later, later

        _, path = jax.lax.scan(month, jnp.asarray(float(start)), length=240)
        yield holds(f"{multiple:g} times a year stays within wages for 20 years", path <= wages)
    pace = demand.growth_rate(jnp.linspace(start, wages, 100), tenfold, wages)
    yield holds("growth falls all the way to the ceiling", jnp.diff(pace) < 0.0)
    yield exactly("growth at the ceiling", 0.0, pace[-1], "1/year")


@case("A39", "stated", "At hundreds of billions growth is three to ten times a year")
def a39():
    scale, stretch = fact("growth-at-scale"), fact("growth-target-stretch")
    size, wages = fact("supported-hundreds-of-billions"), 1000.0 * fact("human-wages").value
    for level in (size.low, size.high):
        later = demand.trend_step(level, fact("growth-ten-per-year").value, wages, 1.0)
        multiple = demand.multiple_between(level, later, 1.0)
        yield inside(f"multiple from {level:g} bn", scale.low, scale.high, multiple, "multiple/year")
        yield holds(f"below the stretch aim at {level:g} bn", multiple < stretch.low)


@case("A41", "derived", "From 200 bn to 2 tn in two years, inside the range of growth at scale")
def a41():
    scale = fact("growth-at-scale")
    multiple = demand.multiple_between(200.0, 2000.0, fact("slow-end-two-years").value)
    yield printed("multiple", 3.162, multiple, 0.001, "multiple/year")
    yield inside("growth at scale", scale.low, scale.high, multiple, "multiple/year")


@case("A34", "derived", "A contract of fifty million over three thousand developers")
def a34():
    deal, covered = 1e6 * fact("enterprise-deal-size").value, fact("enterprise-rollout-size").value
    each = revenue.spending_per_user(deal, covered)
    yield printed("for each developer", 16667.0, each, 1.0, "USD/person")
    yield printed("as in the register", fact("enterprise-per-developer").value, each, 0.01, "USD/person")


@case("A40", "stated", "Slow end: genius level 2028, low hundreds of billions then, trillions by 2030")
def a40():
    start, lag = fact("slow-end-revenue-2028"), fact("slow-end-two-years")
    arrival, trillion = fact("slowest-reasonable-arrival").value, 1000.0 * fact("trillions-before-2030").value
    yield exactly("year of trillions", year_of(f"{lag.about}-01"), revenue.trillions_year(arrival, lag.value), "year")
    most = fact("growth-at-scale").high
    for size in (start.low, start.high):
        needed = demand.multiple_between(size, trillion, lag.value)
        yield holds(f"from {size:g} bn growth at scale is enough", needed <= most, f"{float(needed):.2f} times a year")
    slow = runs("slow_end")
    median, year = slow["industry_revenue"].median("draw").values, slow["year"].values
    genius = float(year[(slow["genius"].median("draw").values > 0.5).argmax()])
    yield inside("slow_end: genius level", arrival, arrival + 1.0, genius, "year")
    then = float(median[year <= genius + 1e-9][-1])
    yield inside("slow_end: revenue then, median", start.low, start.high, then, "bn USD/year")
    in_trillions = float(year[(median >= trillion).argmax()])
    note = "by 2030 read as in that year: the stated two years, and the months by which noise moves a median"
    yield inside("slow_end: a trillion, median", genius, year_of(f"{lag.about}-01") + 1.0, in_trillions, "year", note)


@case("A43", "stated", "Lags of 1, 2 and 5 years; a lag of 5 from 2028 gives 2033 and breaks the belief")
def a43():
    lag, doubted = fact("revenue-lag-after-genius"), fact("lag-five-doubted").value
    arrival, deadline = fact("slowest-reasonable-arrival").value, year_after(str(fact("trillions-before-2030").about))
    lags = jnp.asarray([lag.low, lag.value, lag.high])
    years = revenue.trillions_year(arrival, lags)
    for chosen, year in zip(lags, years, strict=True):
        yield exactly(f"lag {float(chosen):g} from {arrival}", arrival + float(chosen), year, "year")
    yield printed("lag 5 from 2028", 2033.0, revenue.trillions_year(arrival, doubted), 1.0, "year")
    note = "breaks the belief in trillions before 2030 (A42): reported, not mended"
    yield holds("lag 5 misses the deadline", revenue.trillions_year(arrival, doubted) > deadline, note)
    for chosen in (lag.low, lag.value, lag.high):
        only = jnp.where(lags == chosen, 1.0, 0.0)
        met = float(arrival + chosen <= deadline)
        yield exactly(f"chance with lag {chosen:g} selected", met, revenue.trillions_by(deadline, arrival, lags, only))
