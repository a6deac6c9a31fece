"""Acceptance cases: Capability and its timing (S05-S13)."""

import jax.numpy as jnp

from gigawatt.core.facts import fact
from gigawatt.core.path import year_of
from gigawatt.mechanisms import arrival, automation, capability, perception
from gigawatt.study.cases.case import ROUNDING, case, exactly, holds, inside, printed


@case("A07", "derived", "OSWorld: slope in points and in logits, and a curve through both readings")
def a07():
    start, now, span = fact("osworld-start").value, fact("osworld-now"), fact("osworld-interval").value
    slope = fact("osworld-slope")
    for end, points, logits in ((now.low, slope.low, 1.883), (now.high, slope.high, 2.066)):
        yield printed(f"slope to {end:.0%}", points, (end - start) / span, 0.01, "share/year")
        steep = capability.logit_slope(0.0, start, span, end)
        yield printed(f"slope to {end:.0%} in logits", logits, steep, 0.001, "logits/year")
        for t, score in ((0.0, start), (span, end)):
            passes = capability.logistic_benchmark(t, 0.0, start, span, end)
            yield exactly(f"curve to {end:.0%} at {t:g} years", score, passes, "share")


@case("A10", "derived", "Ninety per cent by ten years is all but the shocks and the unverifiable tasks")
def a10():
    ten, short = fact("p-ten-years"), fact("p-short-window")
    left = 1.0 - fact("p-external-delay").probability - fact("p-unverifiable-shortfall").probability
    yield exactly("what the two doubts leave", ten.probability, left, "probability")
    hazard, ceiling = arrival.capped_hazard_fit(short.value, short.probability, ten.value, ten.probability)
    by_ten = arrival.capped_hazard(ten.value, hazard, ceiling)
    yield exactly("arrival law at ten years", left, by_ten, "probability")


@case("A11", "derived", "A constant hazard with a median of three years meets ninety per cent in ten")
def a11():
    short, ten = fact("p-short-window"), fact("constant-hazard-check")
    hazard = arrival.constant_hazard_from_median(short.high)
    yield printed("hazard", 0.2310, hazard, 0.0001, "1/year")
    by_ten = arrival.capped_hazard(ten.value, hazard, 1.0)
    yield printed("arrival by ten years", ten.probability, by_ten, 0.0001, "probability")
    enough = by_ten >= fact("p-ten-years").probability
    yield holds("both stated figures met with no never-mass", enough)


def _arrival(median, ceiling_printed, hazard_printed, others):
    short, ten = fact("p-short-window"), fact("p-ten-years")
    hazard, ceiling = arrival.capped_hazard_fit(median, short.probability, ten.value, ten.probability)
    yield printed("ceiling", ceiling_printed, ceiling, 0.00001, "probability")
    yield printed("hazard", hazard_printed, hazard, 0.00001, "1/year")
    for t, chance, last_digit in others:
        by_t = arrival.capped_hazard(t, hazard, ceiling)
        yield printed(f"arrival by {t:g} years", chance, by_t, last_digit, "probability")
    most = fact("p-irreducible-ceiling").probability
    yield holds("ceiling below the most that can be claimed", ceiling < most)
    back = arrival.capped_hazard_time(short.probability, hazard, ceiling)
    yield exactly("median read back", median, back, "years")


@case("A12", "derived", "Two-year reading of the arrival: hazard, ceiling and four dates")
def a12():
    dates = ((1.0, 0.2985, 1e-4), (2.0, 0.50, 1e-2), (3.0, 0.6359, 1e-4), (10.0, 0.90, 1e-2))
    yield from _arrival(fact("p-short-window").value, 0.91796, 0.39338, dates)


@case("A13", "derived", "One-year reading of the arrival, a switch and not the default")
def a13():
    dates = ((1.0, 0.50, 1e-2), (10.0, 0.90, 1e-2))
    yield from _arrival(fact("p-short-window").low, 0.90027, 0.81055, dates)


@case("A14", "stated", "Nine in ten by the end of 2035, and coding in one to two years, below the ceiling")
def a14():
    short, ten, coding = fact("p-short-window"), fact("p-ten-years"), fact("end-to-end-coding-years")
    most = fact("p-irreducible-ceiling").probability
    left = fact("crazy-after-2035").value + 1.0 - year_of(str(ten.as_of))
    for median in (short.low, short.value, short.high):
        law = arrival.capped_hazard_fit(median, short.probability, ten.value, ten.probability)
        by_end = arrival.capped_hazard(left, *law)
        yield printed(f"even odds at {median:g} years: by the end of 2035", 0.90, by_end, 0.01, "probability")
    within, years = fact("coding-ten-years-certain").value, jnp.linspace(0.0, 100.0, 1001)
    for median in (coding.low, coding.high):
        hazard = arrival.constant_hazard(median, short.probability, most)
        by_ten = arrival.capped_hazard(within, hazard, most)
        yield inside(f"coding, even odds at {median:g} years: by ten", ten.probability, most, by_ten, "probability")
        yield holds("never above the ceiling", arrival.capped_hazard(years, hazard, most) <= most)


@case("A16", "stated", "Seven rungs in a fixed order; most lines written may mean a small speed-up")
def a16():
    lines_most, lines_all = fact("rung-1-lines-90").value, fact("rung-2-lines-100").value
    tasks_most, tasks_all = fact("rung-3-tasks-90").value, fact("rung-4-tasks-100").value
    least_demand = 1.0 + fact("rung-7-demand-down-90").value
    climb = (
        (0.0, 0.0, 0.0, 0.0, 1.0),
        (lines_most, 0.0, 0.0, 0.0, 1.0),
        (lines_all, 0.0, 0.0, 0.0, 1.0),
        (lines_all, tasks_most, 0.0, 0.0, 1.0),
        (lines_all, tasks_all, 0.0, 0.0, 1.0),
        (lines_all, tasks_all, 1.0, 0.0, 1.0),
        (lines_all, tasks_all, 1.0, tasks_most, 1.0),
        (lines_all, tasks_all, 1.0, tasks_most, least_demand),
    )
    yield exactly("rungs named", 7, len(automation.RUNGS), "count")
    for rung, state in enumerate(climb):
        name = automation.RUNGS[rung - 1] if rung else "none"
        yield exactly(f"rung at '{name}'", rung, automation.coding_rung(*state), "rung")
    skipped = automation.coding_rung(0.0, tasks_all, 1.0, tasks_all, least_demand)
    yield exactly("later rungs do not count before the first", 0, skipped, "rung")
    speedup = fact("speedup-now")
    for gain in (speedup.low, speedup.high):
        tasks = automation.amdahl_share(1.0 + gain)
        yield exactly(f"rung at a speed-up of {gain:.0%}", 1, automation.coding_rung(lines_most, tasks, 0, 0, 1.0))
        note = "were lines all that is automated, writing them would be this share of all work"
        yield inside(f"{gain:.0%} faster with most lines", 0.0, 1.0, tasks / lines_most, "share", note)


@case("A19", "derived", "Amdahl: automated share behind a speed-up")
def a19():
    implied, now, path = fact("amdahl-implied-share"), fact("speedup-now"), fact("speedup-sequence")
    rows = (
        (fact("speedup-six-months-before").value, implied.low, 1e-6),
        (now.low, 0.1304, 1e-4),
        (now.high, 0.1667, 1e-4),
        (path.high, implied.high, 1e-6),
    )
    for gain, share, last_digit in rows:
        computed = automation.amdahl_share(1.0 + gain)
        yield printed(f"share behind {gain:.0%}", share, computed, last_digit, "share")
        again = automation.amdahl_speedup(computed, jnp.inf)
        yield exactly(f"{gain:.0%} read back", 1.0 + gain, again, "multiple")


@case("A20", "derived", "Ten times faster needs nine tenths automated, however fast the rest")
def a20():
    yield exactly("share behind a speed-up of 10", 0.9, automation.amdahl_share(10.0), "share")
    share, speed = jnp.linspace(0.0, 0.99, 100)[:, None], jnp.logspace(0.0, 9.0, 50)[None, :]
    bound = (1.0 / (1.0 - share)) * (1.0 + ROUNDING)
    yield holds("1/(1-p) is never exceeded", automation.amdahl_speedup(share, speed) <= bound)


@case("A30", "stated", "Two years before the end of a six-monthly doubling one sixteenth shows")
def a30():
    share = perception.visible_share(2.0, fact("doubling-six-months").value)
    yield exactly("visible share", fact("one-sixteenth-two-years-before").value, share, "share")
