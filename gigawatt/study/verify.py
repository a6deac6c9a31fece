"""Verify: the acceptance cases of the catalogue of systems (`systems.md`), computed from the laws.

Every number in a case is a fact of the register, the output of a law of `gigawatt.mechanisms`, or the printed
figure of the case that is to be met; nothing is fitted here. A printed figure is met within half of its last
digit. A case breaks when its law breaks.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.facts import fact
from gigawatt.mechanisms import (
    automation,
    capability,
    demand,
    diffusion,
    efficiency,
    finance,
    growth,
    lab,
    orders,
    scaling,
    split,
    supply,
)

# Relative room for rounding in float64, over and above the tolerance of a row.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Check:
    """One comparison. `expected` is a number, True, or an interval (low, high) to lie in, ends included."""

    what: str
    expected: float | bool | tuple[float, float]
    computed: float | bool
    tolerance: float = 0.0
    unit: str = ""
    note: str = ""

    @property
    def passed(self) -> bool:
        if isinstance(self.expected, bool):
            return bool(self.computed) is self.expected
        low, high = self.expected if isinstance(self.expected, tuple) else (self.expected, self.expected)
        room = self.tolerance + _ROUNDING * max(1.0, abs(low), abs(high))
        return low - room <= self.computed <= high + room  # false for not-a-number


@dataclass(frozen=True)
class Result:
    """The verdict on one acceptance case: "pass", "fail" or "not built"."""

    id: str
    grade: str
    title: str
    rows: tuple[Check, ...]
    verdict: str


@dataclass(frozen=True)
class Case:
    """One acceptance case; `rows` is None while the mechanism it needs is not built."""

    id: str
    grade: str
    title: str
    rows: Callable[[], Iterable[Check]] | None = None


BUILT: dict[str, Case] = {}


def case(id: str, grade: str, title: str):
    """Register a function that yields the rows of acceptance case `id`."""

    def register(rows):
        if id in BUILT:
            raise ValueError(f"Acceptance case {id} is written twice: {BUILT[id].rows} and {rows}")
        BUILT[id] = Case(id, grade, title, rows)
        return rows

    return register


def all_cases() -> dict[str, Case]:
    """All 107 acceptance cases in order, built or not. A case with a function replaces its planned line."""
    planned = {id: Case(id, grade, title) for id, (grade, title) in PLANNED.items()}
    return dict(sorted((planned | BUILT).items(), key=lambda item: int(item[0][1:])))


def verify(ids: Iterable[str] | None = None) -> list[Result]:
    """Compute the acceptance cases with these ids, or all of them."""
    known = all_cases()
    wanted = list(known) if ids is None else [ids] if isinstance(ids, str) else list(ids)
    for id in wanted:
        if id not in known:
            raise InputError(f"No acceptance case '{id}'; they run from A01 to A107.{did_you_mean(id, known)}")
    return [_judge(known[id]) for id in wanted]


def _judge(case: Case) -> Result:
    if case.rows is None:
        return Result(case.id, case.grade, case.title, (), "not built")
    rows = tuple(case.rows())
    verdict = "pass" if rows and all(row.passed for row in rows) else "fail"
    return Result(case.id, case.grade, case.title, rows, verdict)


def _number(value: Any) -> float:
    return float(jnp.asarray(value))


def _is(what: str, expected: Any, computed: Any, unit: str = "", note: str = "") -> Check:
    """An exact figure."""
    return Check(what, float(expected), _number(computed), 0.0, unit, note)


def _printed(what: str, expected: Any, computed: Any, last_digit: float, unit: str = "", note: str = "") -> Check:
    """A figure printed to `last_digit`; the note says what the law gives beyond it."""
    figure, value = float(expected), _number(computed)
    gap = value - figure
    if abs(gap) > _ROUNDING * max(1.0, abs(figure)):
        rounding = f"the law gives {value:.7g}, {gap:+.2g} from the printed figure"
        note = f"{note}; {rounding}" if note else rounding
    return Check(what, figure, value, 0.5 * last_digit, unit, note)


def _inside(what: str, low: Any, high: Any, computed: Any, unit: str = "", note: str = "") -> Check:
    return Check(what, (float(low), float(high)), _number(computed), 0.0, unit, note)


def _holds(what: str, computed: Any, note: str = "") -> Check:
    return Check(what, True, bool(jnp.all(jnp.asarray(computed))), 0.0, "", note)


# ---------------------------------------------------------------- what is scaled


@case("A01", "stated", "Seven ingredients make effective compute, and two of them only lower it")
def a01():
    inputs = inspect.signature(scaling.effective_compute).parameters.values()
    named = tuple(p.name for p in inputs if p.kind is p.POSITIONAL_OR_KEYWORD)
    yield _is("named inputs", fact("blob-ingredient-count").value, len(named), "count")
    yield _holds("they are the seven ingredients, in order", named == scaling.SEVEN_INGREDIENTS)
    whole, any_value, below_one = _effective(), jnp.linspace(0.01, 2.0, 200), jnp.linspace(0.01, 0.99, 99)
    for name in ("conditioning", "stability"):
        yield _holds(f"{name} never raises effective compute", _effective(**{name: any_value}) <= whole)
        yield _holds(f"{name} below one lowers it", _effective(**{name: below_one}) < whole)


def _effective(method_elasticity=0.5, **changed):
    """Effective compute of the reference run, every ingredient at one, with some inputs changed."""
    inputs = dict.fromkeys(scaling.SEVEN_INGREDIENTS, 1.0) | changed
    return scaling.effective_compute(**inputs, method_elasticity=method_elasticity)


@case("A02", "stated", "Clever methods move effective compute less than any of the first five ingredients")
def a02():
    # The case says "less", not how much less: it must hold for each elasticity of method below one.
    elasticity, ratio = jnp.linspace(0.0, 0.99, 100), 0.5
    by_method = jnp.abs(jnp.log(_effective(elasticity, method=ratio)))
    for name in scaling.SEVEN_INGREDIENTS[:5]:
        by_input = jnp.abs(jnp.log(_effective(**{name: ratio})))
        note = "for every method elasticity from 0 to 0.99; at one they would tie"
        yield _holds(f"halving {name} moves output more than halving method", by_input > by_method, note)


# Any coefficients do for the two cases below: they are about the form of the law, not its numbers.
_SCORE = {"intercept": 3.0, "per_log_pretraining": 1.5, "per_log_rl": 0.8, "rl_floor": 1e22}


@case("A03", "stated", "Equal ratios of RL compute give equal gains, as in pre-training")
def a03():
    def rl(compute):
        return scaling.log_score(**_SCORE, pretraining=1e25, rl=compute)

    def pretraining(compute):
        return scaling.log_score(**_SCORE, pretraining=compute, rl=0.0)

    for start in (1e22, 1e23, 1e24):
        for name, score in (("RL", rl), ("pre-training", pretraining)):
            first, second = score(10 * start) - score(start), score(100 * start) - score(10 * start)
            yield _is(f"second tenfold of {name} from {start:.0e} FLOP gains as much", first, second, "points")
    gain_rl, gain_pre = rl(1e24) - rl(1e23), pretraining(1e24) - pretraining(1e23)
    same = gain_pre / _SCORE["per_log_pretraining"]
    yield _is("same form: gain of a tenfold over its coefficient", same, gain_rl / _SCORE["per_log_rl"])


@case("A04", "stated", "RL comes on top: none of it leaves the pre-training score as it is")
def a04():
    pretraining = jnp.asarray(1e25)
    alone = _SCORE["intercept"] + _SCORE["per_log_pretraining"] * jnp.log(pretraining)
    none = scaling.log_score(**_SCORE, pretraining=pretraining, rl=0.0)
    some = scaling.log_score(**_SCORE, pretraining=pretraining, rl=1e23)
    yield _is("score without RL is the pre-training score", alone, none, "points")
    yield _holds("RL adds to it", some > none)
    more = scaling.log_score(**_SCORE, pretraining=10 * pretraining, rl=1e23)
    none_more = scaling.log_score(**_SCORE, pretraining=10 * pretraining, rl=0.0)
    yield _is("the second phase adds the same on any base", some - none, more - none_more, "points")


# ---------------------------------------------------------------- capability and its timing


@case("A07", "derived", "OSWorld: slope in points and in logits, and a curve through both readings")
def a07():
    start, now, span = fact("osworld-start").value, fact("osworld-now"), fact("osworld-interval").value
    slope = fact("osworld-slope")
    for end, points, logits in ((now.low, slope.low, 1.883), (now.high, slope.high, 2.066)):
        yield _printed(f"slope to {end:.0%}", points, (end - start) / span, 0.01, "share/year")
        steep = capability.logit_slope(0.0, start, span, end)
        yield _printed(f"slope to {end:.0%} in logits", logits, steep, 0.001, "logits/year")
        for t, score in ((0.0, start), (span, end)):
            passes = capability.logistic_benchmark(t, 0.0, start, span, end)
            yield _is(f"curve to {end:.0%} at {t:g} years", score, passes, "share")


@case("A10", "derived", "Ninety per cent by ten years is all but the shocks and the unverifiable tasks")
def a10():
    ten, short = fact("p-ten-years"), fact("p-short-window")
    left = 1.0 - fact("p-external-delay").probability - fact("p-unverifiable-shortfall").probability
    yield _is("what the two doubts leave", ten.probability, left, "probability")
    hazard, ceiling = capability.capped_hazard_fit(short.value, short.probability, ten.value, ten.probability)
    by_ten = capability.capped_hazard(ten.value, hazard, ceiling)
    yield _is("arrival law at ten years", left, by_ten, "probability")


@case("A11", "derived", "A constant hazard with a median of three years meets ninety per cent in ten")
def a11():
    short, ten = fact("p-short-window"), fact("constant-hazard-check")
    hazard = capability.constant_hazard_from_median(short.high)
    yield _printed("hazard", 0.2310, hazard, 0.0001, "1/year")
    by_ten = capability.capped_hazard(ten.value, hazard, 1.0)
    yield _printed("arrival by ten years", ten.probability, by_ten, 0.0001, "probability")
    enough = by_ten >= fact("p-ten-years").probability
    yield _holds("both stated figures met with no never-mass", enough)


def _arrival(median, ceiling_printed, hazard_printed, others):
    short, ten = fact("p-short-window"), fact("p-ten-years")
    hazard, ceiling = capability.capped_hazard_fit(median, short.probability, ten.value, ten.probability)
    yield _printed("ceiling", ceiling_printed, ceiling, 0.00001, "probability")
    yield _printed("hazard", hazard_printed, hazard, 0.00001, "1/year")
    for t, chance, last_digit in others:
        by_t = capability.capped_hazard(t, hazard, ceiling)
        yield _printed(f"arrival by {t:g} years", chance, by_t, last_digit, "probability")
    most = fact("p-irreducible-ceiling").probability
    yield _holds("ceiling below the most that can be claimed", ceiling < most)
    back = capability.capped_hazard_time(short.probability, hazard, ceiling)
    yield _is("median read back", median, back, "years")


@case("A12", "derived", "Two-year reading of the arrival: hazard, ceiling and four dates")
def a12():
    dates = ((1.0, 0.2985, 1e-4), (2.0, 0.50, 1e-2), (3.0, 0.6359, 1e-4), (10.0, 0.90, 1e-2))
    yield from _arrival(fact("p-short-window").value, 0.91796, 0.39338, dates)


@case("A13", "derived", "One-year reading of the arrival, a switch and not the default")
def a13():
    dates = ((1.0, 0.50, 1e-2), (10.0, 0.90, 1e-2))
    yield from _arrival(fact("p-short-window").low, 0.90027, 0.81055, dates)


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
    yield _is("rungs named", 7, len(automation.RUNGS), "count")
    for rung, state in enumerate(climb):
        name = automation.RUNGS[rung - 1] if rung else "none"
        yield _is(f"rung at '{name}'", rung, automation.coding_rung(*state), "rung")
    skipped = automation.coding_rung(0.0, tasks_all, 1.0, tasks_all, least_demand)
    yield _is("later rungs do not count before the first", 0, skipped, "rung")
    speedup = fact("speedup-now")
    for gain in (speedup.low, speedup.high):
        tasks = automation.amdahl_share(1.0 + gain)
        yield _is(f"rung at a speed-up of {gain:.0%}", 1, automation.coding_rung(lines_most, tasks, 0, 0, 1.0))
        note = "were lines all that is automated, writing them would be this share of all work"
        yield _inside(f"{gain:.0%} faster with most lines", 0.0, 1.0, tasks / lines_most, "share", note)


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
        yield _printed(f"share behind {gain:.0%}", share, computed, last_digit, "share")
        again = automation.amdahl_speedup(computed, jnp.inf)
        yield _is(f"{gain:.0%} read back", 1.0 + gain, again, "multiple")


@case("A20", "derived", "Ten times faster needs nine tenths automated, however fast the rest")
def a20():
    yield _is("share behind a speed-up of 10", 0.9, automation.amdahl_share(10.0), "share")
    share, speed = jnp.linspace(0.0, 0.99, 100)[:, None], jnp.logspace(0.0, 9.0, 50)[None, :]
    bound = (1.0 / (1.0 - share)) * (1.0 + _ROUNDING)
    yield _holds("1/(1-p) is never exceeded", automation.amdahl_speedup(share, speed) <= bound)


@case("A30", "stated", "Two years before the end of a six-monthly doubling one sixteenth shows")
def a30():
    share = automation.visible_share(2.0, fact("doubling-six-months").value)
    yield _is("visible share", fact("one-sixteenth-two-years-before").value, share, "share")


# ---------------------------------------------------------------- diffusion and revenue


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
            yield _holds(f"{law} never leads its ceiling at {float(rate):g} a year", most <= 1e-12)
    behind = diffusion.diffuse(0.2, 0.7, 10.0, 1 / 12)
    yield _holds("a finite rate stays behind", behind < 0.7)
    yield _is("unbounded rate", 0.7, diffusion.diffuse(0.2, 0.7, jnp.inf, 1 / 12), "share")
    yield _is("rate of zero", 0.2, diffusion.diffuse(0.2, 0.7, 0.0, 1 / 12), "share")


@case("A36", "stated", "Yearly ratios of revenue, 2023 to 2025")
def a36():
    y2023, y2024, y2025 = (fact(f"revenue-{year}") for year in (2023, 2024, 2025))
    tenfold = fact("growth-ten-per-year").value
    ratio = demand.multiple_between(y2023.value, y2024.value, 1.0)
    yield _is("ratio of 2024", tenfold, ratio, "multiple")
    for revenue, multiple in ((y2025.low, 9.0), (y2025.high, 10.0)):
        ratio = demand.multiple_between(y2024.value, revenue, 1.0)
        yield _is(f"ratio of 2025 at {revenue:g} bn", multiple, ratio, "multiple")
    first = demand.multiple_between(0.0, y2023.value, 1.0)
    yield _holds("ratio of 2023 is undefined", ~jnp.isfinite(first), "revenue of 2022 was zero")


@case("A37", "derived", "What a month of tenfold growth adds to a run rate of ten billion")
def a37():
    start, month = fact("run-rate-start-2026").value, fact("revenue-january-2026")
    added = demand.monthly_addition(start, fact("growth-ten-per-year").value)
    yield _printed("first month", fact("growth-monthly-equivalent").value, added, 0.001, "bn USD/year")
    yield _inside("a few billions", month.low, month.high, added, "bn USD/year")


@case("A38", "derived", "Tenfold growth would pass all wages in 3.7 years, so it bends")
def a38():
    start, tenfold = fact("run-rate-start-2026").value, fact("growth-ten-per-year").value
    wages = 1000.0 * fact("human-wages").value
    yield _printed("years to world wages", 3.70, demand.years_to(start, wages, tenfold), 0.01, "years")
    for multiple in (tenfold, fact("growth-target-stretch").high):

        def month(revenue, _, multiple=multiple):
            later = demand.trend_step(revenue, multiple, wages, 1 / 12)
            return later, later

        _, path = jax.lax.scan(month, jnp.asarray(float(start)), length=240)
        yield _holds(f"{multiple:g} times a year stays within wages for 20 years", path <= wages)
    pace = demand.growth_rate(jnp.linspace(start, wages, 100), tenfold, wages)
    yield _holds("growth falls all the way to the ceiling", jnp.diff(pace) < 0.0)
    yield _is("growth at the ceiling", 0.0, pace[-1], "1/year")


@case("A39", "stated", "At hundreds of billions growth is three to ten times a year")
def a39():
    scale, stretch = fact("growth-at-scale"), fact("growth-target-stretch")
    size, wages = fact("supported-hundreds-of-billions"), 1000.0 * fact("human-wages").value
    for revenue in (size.low, size.high):
        later = demand.trend_step(revenue, fact("growth-ten-per-year").value, wages, 1.0)
        multiple = demand.multiple_between(revenue, later, 1.0)
        yield _inside(f"multiple from {revenue:g} bn", scale.low, scale.high, multiple, "multiple/year")
        yield _holds(f"below the stretch aim at {revenue:g} bn", multiple < stretch.low)


@case("A41", "derived", "From 200 bn to 2 tn in two years, inside the range of growth at scale")
def a41():
    scale = fact("growth-at-scale")
    multiple = demand.multiple_between(200.0, 2000.0, fact("slow-end-two-years").value)
    yield _printed("multiple", 3.162, multiple, 0.001, "multiple/year")
    yield _inside("growth at scale", scale.low, scale.high, multiple, "multiple/year")


# ---------------------------------------------------------------- compute: purchase and build-out


def _tenfold(years):
    """Revenue on the tenfold path, some years after the start of 2026. [bn USD/year]"""
    return demand.trend_path(fact("run-rate-start-2026").value, fact("growth-ten-per-year").value, years)


def _raised() -> tuple[float, float]:
    """All capital known to have been raised, as cash and as finance. [bn USD]"""
    return fact("raised-2025").value, fact("round-2026").value


def _fatal(revenue, commitment):
    """Rows for a commitment that revenue does not cover: no hedge, then with all capital ever raised."""
    yield _holds("ruin without a hedge", lab.is_ruined(0.0, 0.0, revenue, commitment))
    note = "fifty billion raised in all (A77)"
    yield _holds("ruin with all raised capital", lab.is_ruined(*_raised(), revenue, commitment), note)
    yield _holds("cash runs below zero", lab.cash_after(*_raised(), revenue, commitment) < 0.0, note)


@case("A44", "stated", "The tenfold path, and a trillion a year for five years")
def a44():
    yield _is("end of 2026", fact("growth-path-2026").value, _tenfold(1.0), "bn USD/year")
    yield _is("end of 2027", fact("growth-path-2027").value, _tenfold(2.0), "bn USD/year")
    total = lab.committed_total(fact("commitment-annual").value, fact("commitment-years").value)
    yield _is("commitment", 1000.0 * fact("commitment-total").value, total, "bn USD")


@case("A45", "stated", "Revenue of 800 against a commitment of 1000 is ruin")
def a45():
    revenue, owed = fact("ruin-at-800").value, fact("commitment-annual").value
    gap = fact("ruin-shortfall-derived").value
    yield _is("gap", gap, lab.shortfall(revenue, owed), "bn USD/year")
    yield from _fatal(revenue, owed)
    yield _holds("no ruin where revenue meets the path", ~lab.is_ruined(0.0, 0.0, _tenfold(2.0), owed))


@case("A46", "stated", "Fivefold in place of tenfold growth is ruin")
def a46():
    start, slower = fact("run-rate-start-2026").value, fact("ruin-at-five-fold").value
    revenue, owed = demand.trend_path(start, slower, 2.0), fact("commitment-annual").value
    yield _is("revenue at the end of 2027", 250.0, revenue, "bn USD/year")
    yield _is("gap", 750.0, lab.shortfall(revenue, owed), "bn USD/year")
    yield from _fatal(revenue, owed)


@case("A47", "stated", "The same path one year late is ruin")
def a47():
    late = fact("ruin-off-by-one-year").value
    revenue, owed = _tenfold(2.0 - late), fact("commitment-annual").value
    yield _is("revenue at the end of 2027", 100.0, revenue, "bn USD/year")
    yield _is("gap", 900.0, lab.shortfall(revenue, owed), "bn USD/year")
    yield from _fatal(revenue, owed)


@case("A48", "stated", "Ten trillion ordered for mid-2027 and a genius level in mid-2028 is ruin")
def a48():
    late, ordered = fact("off-by-one-mid-2028").value, 1000.0 * fact("ten-trillion-infeasible").value
    # The source gives no years for the ten trillion; five is the kindest reading, that of the 5 tn example.
    owed = ordered / fact("commitment-years").value
    mid_2028 = 2.5
    yield _holds("on time, revenue covers a year of it", lab.shortfall(_tenfold(mid_2028), owed) == 0.0)
    yield from _fatal(_tenfold(mid_2028 - late), owed)
    supplied = supply.yearly_cost(fact("gw-2028").value, fact("cost-per-gw-year").high)
    granted = jnp.sum(supply.ration(jnp.asarray([owed]), supplied))
    note = f"{owed:g} bn a year wanted, at most {_number(supplied):g} bn a year built by all in 2028"
    yield _holds("above the supply of the whole industry", granted < owed, note)


@case("A49", "derived", "What breaks even in the fivefold world serves hundreds of billions")
def a49():
    slower = demand.trend_path(fact("run-rate-start-2026").value, fact("ruin-at-five-fold").value, 2.0)
    margin, worthless = _toy_margin(), 0.0  # no hedge: idle compute brings nothing
    bought = orders.breakeven_purchase(slower, margin, worthless)
    yield _is("break-even purchase", 250.0, bought, "bn USD/year")
    yield _is("profit in the fivefold world", 0.0, split.profit(slower, bought), "bn USD/year")
    served, _ = split.split(bought, slower * (1.0 - margin))
    yield _is("revenue it can serve there", slower, split.revenue_of(served, margin), "bn USD/year")
    at_half = split.revenue_of(fact("inference-share").value * bought, margin)
    at_most = split.revenue_of(bought, margin)
    yield _is("supported at the 50/50 split", 375.0, at_half, "bn USD/year")
    yield _is("supported with all in inference", 750.0, at_most, "bn USD/year")
    size = fact("supported-hundreds-of-billions")
    for name, revenue in (("50/50", at_half), ("all inference", at_most)):
        yield _inside(f"hundreds of billions at {name}", size.low, size.high, revenue, "bn USD/year")
    yield _holds("not the full tenfold path", at_most < _tenfold(2.0))


@case("A52", "stated", "The build-out path, and how near threefold growth comes to it")
def a52():
    first, growth_, near = fact("gw-2026"), fact("gw-growth").value, fact("gw-path-consistency")
    for years, year, power in ((1.0, 2027, 37.5), (2.0, 2028, 112.5), (3.0, 2029, 337.5)):
        named = fact(f"gw-{year}").value
        tripled = supply.buildout_path(first.value, growth_, years)
        yield _is(f"{year} by tripling", power, tripled, "GW")
        note = f"the sources round to {named:g} GW; the law gives {_number(tripled):g} GW"
        yield _inside(f"{year} over the figure named", 1.0, 1.13, tripled / named, "multiple", note)
    low = supply.buildout_path(first.value, growth_, 1.0) / fact("gw-2027").value
    high = supply.buildout_path(first.value, growth_, 3.0) / fact("gw-2029").value
    yield _printed("nearest", near.low, low, 0.001, "multiple")
    yield _printed("farthest", near.high, high, 0.001, "multiple")
    from_low = supply.buildout_path(first.low, growth_, 1.0)
    yield _is("low end of 2027", fact("gw-2027").low, from_low, "GW")
    from_high = supply.buildout_path(first.high, growth_, 1.0)
    note = f"tripling the high end gives {_number(from_high):g} GW, above the {fact('gw-2027').high:g} GW named"
    yield _is("high end of 2027", 45.0, from_high, "GW", note)


@case("A53", "derived", "What the build-out costs a year")
def a53():
    cost = fact("cost-per-gw-year")
    for year in (2026, 2027, 2028, 2029):
        power, spend = fact(f"gw-{year}"), fact(f"spend-{year}-derived")
        low, high = power.low or power.value, power.high or power.value
        yield _is(f"{year}, low", spend.low, supply.yearly_cost(low, cost.low), "bn USD/year")
        yield _is(f"{year}, high", spend.high, supply.yearly_cost(high, cost.high), "bn USD/year")
    several = 1000.0 * fact("spend-multiple-trillions").low
    least, most = (supply.yearly_cost(fact(f"gw-{y}").value, cost.low) for y in (2029, 2028))
    note = f"2029 alone: 2028 starts at {_number(most):g} bn"
    yield _holds("several trillion a year", least >= several, note)


@case("A54", "derived", "The same figures read as yearly additions")
def a54():
    years = [fact(f"gw-{year}") for year in (2026, 2027, 2028, 2029)]
    end = fact("stock-flow-cumulative")
    low = supply.stock_from_flow(jnp.asarray([float(y.low or y.value) for y in years]))
    high = supply.stock_from_flow(jnp.asarray([float(y.high or y.value) for y in years]))
    yield _is("2028, low", 140.0, low[2], "GW")
    yield _is("2028, high", 155.0, high[2], "GW")
    yield _is("2029, low", end.low, low[3], "GW")
    yield _is("2029, high", end.high, high[3], "GW")


@case("A55", "derived", "Ten gigawatts are the toy lab, which would earn 150 bn")
def a55():
    cost = supply.yearly_cost(fact("patel-own-10gw").value, fact("cost-per-gw-year").low)
    yield _is("cost of ten gigawatts", fact("toy-total-compute").value, cost, "bn USD/year")
    revenue = split.revenue_of(fact("inference-share").value * cost, _toy_margin())
    yield _is("revenue", fact("toy-revenue").value, revenue, "bn USD/year")


# ---------------------------------------------------------------- lab economics


def _toy_margin():
    """Gross margin of the toy lab, exactly: one less inference compute over revenue. [share]"""
    return 1.0 - fact("toy-inference-compute").value / fact("toy-revenue").value


@case("A56", "stated", "The toy lab: 100 of compute, 150 of revenue, 50 of profit")
def a56():
    compute, margin = fact("toy-total-compute").value, _toy_margin()
    inference, training = split.split(compute, fact("toy-inference-compute").value)
    revenue = split.revenue_of(inference, margin)
    earned = split.profit(revenue, compute)
    yield _is("revenue", fact("toy-revenue").value, revenue, "bn USD/year")
    yield _is("training", fact("toy-training").value, training, "bn USD/year")
    yield _is("profit", fact("toy-profit").value, earned, "bn USD/year")
    yield _printed("gross margin", fact("toy-gross-margin-derived").value, margin, 0.0001, "share")
    yield _printed("net margin", 0.333, earned / revenue, 0.001, "share")
    identity = split.profit_margin(margin, training / compute)
    yield _is("net margin by the identity", earned / revenue, identity, "share")


@case("A57", "derived", "Inference compute at which the toy lab breaks even")
def a57():
    compute, printed = fact("toy-total-compute").value, fact("toy-breakeven-derived")
    said = fact("toy-breakeven-demand").value
    toy = split.breakeven_inference(compute, _toy_margin())
    note = f"the {said:g} of the source holds only at a gross margin of one half"
    yield _printed("at two thirds", printed.low, toy, 0.01, "bn USD/year", note)
    at_half = split.breakeven_inference(compute, fact("inference-gross-margin").low)
    yield _is("at one half", printed.high, at_half, "bn USD/year")
    model = split.breakeven_inference(compute, fact("model-2026-gross-margin").value)
    yield _is("at three quarters", 25.0, model, "bn USD/year")
    at_zero = split.profit(split.revenue_of(toy, _toy_margin()), compute)
    yield _is("profit there", 0.0, at_zero, "bn USD/year")


@case("A58", "stated", "Profit has the sign of gross margin less training share")
def a58():
    margins, shares = jnp.linspace(0.0, 0.95, 20)[:, None], jnp.linspace(0.0, 0.95, 20)[None, :]
    computed = split.profit_margin(margins, shares)
    apart = jnp.abs(margins - shares) > _ROUNDING
    same_sign = jnp.sign(computed) == jnp.sign(margins - shares)
    yield _holds("sign on a grid", jnp.where(apart, same_sign, jnp.abs(computed) < _ROUNDING))
    share = fact("training-share").value
    yield _is("equal", 0.0, split.profit_margin(share, share), "share")
    yield _is("margin of 0.6", 0.20, split.profit_margin(0.6, share), "share")
    yield _is("margin of 0.75", 0.50, split.profit_margin(0.75, share), "share")
    # The identity against the ledger: revenue less compute, for the toy lab.
    revenue = fact("toy-revenue").value
    earned = revenue * split.profit_margin(_toy_margin(), share)
    yield _is("profit of the toy lab", fact("profit-identity").value, earned, "bn USD/year")


@case("A59", "stated", "Forecasts that come true give a profit every year")
def a59():
    share = fact("inference-share").value
    for margin in (_toy_margin(), fact("model-2026-gross-margin").value):
        revenue = _tenfold(jnp.arange(10.0))
        forecast = revenue * (1.0 - margin)  # inference compute that demand will take, known when ordering
        compute = forecast / share
        served, training = split.split(compute, forecast)
        earned = split.profit(split.revenue_of(served, margin), compute)
        yield _holds(f"profit every year at a margin of {margin:.2f}", earned > 0.0)
        worst = jnp.max(jnp.abs(training / compute - fact("training-share").value))
        yield _is(f"training share missed by, at {margin:.2f}", 0.0, worst, "share")


@case("A63", "derived", "Profit as forecast error: four demands on the same compute")
def a63():
    compute, margin = fact("toy-total-compute").value, _toy_margin()
    table = ((60.0, 180, 80, 40), (40.0, 120, 20, 60), (20.0, 60, -40, 80))
    even = split.breakeven_inference(compute, margin)
    for wanted, *expected in (*table, (even, 100.0, 0.0, 66.7)):
        served, research = split.split(compute, wanted)
        revenue = split.revenue_of(served, margin)
        at = f"at demand {_number(wanted):.1f}"
        yield _is(f"revenue {at}", expected[0], revenue, "bn USD/year")
        yield _is(f"profit {at}", expected[1], split.profit(revenue, compute), "bn USD/year")
        yield _printed(f"research {at}", expected[2], research, 0.1, "bn USD/year")


@case("A77", "derived", "Valuation over run rate, and a gap above all capital raised")
def a77():
    run_rate = fact("run-rate-start-2026").value
    multiple = finance.valuation_multiple(fact("valuation-2026").value, run_rate)
    yield _is("multiple", fact("valuation-to-revenue-derived").value, multiple, "multiple")
    revenue, owed = fact("ruin-at-800").value, fact("commitment-annual").value
    gap = lab.shortfall(revenue, owed)
    yield _is("gap", fact("ruin-shortfall-derived").value, gap, "bn USD/year")
    yield _is("capital raised", 50.0, sum(_raised()), "bn USD")
    yield _holds("ruin on cash alone", lab.is_ruined(*_raised(), revenue, owed))
    yield _holds("within the year", finance.runway(sum(_raised()), gap) < 1.0)


# ---------------------------------------------------------------- the wider economy


@case("A86", "derived", "Tripling spending passes all wages after five and a quarter years")
def a86():
    first = supply.yearly_cost(fact("gw-2026").value, fact("cost-per-gw-year").value)
    wages, triple = 1000.0 * fact("human-wages").value, fact("compute-grows-3x").value
    yield _is("spending in 2026", 156.25, first, "bn USD/year")
    years = growth.years_until_ceiling(first, triple, wages)
    yield _printed("years", 5.2506, years, 0.0001, "years")
    yield _printed("years, as the register rounds", fact("compute-vs-wages-derived").value, years, 0.01, "years")
    passed = supply.buildout_path(first, triple, years)
    yield _is("spending then", wages, passed, "bn USD/year")
    later = growth.years_until_ceiling(first, triple, wages, 1.0 + fact("gdp-growth-range").high)
    note = "were wages to grow by 20 per cent a year"
    yield _holds("growth of output delays it only a little", (later > years) & (later < years + 2.0), note)


@case("A87", "derived", "Doubling times at 10, 20 and 50 per cent a year")
def a87():
    world, valley = fact("gdp-growth-range"), fact("silicon-valley-growth").value
    for rate, years in ((world.low, 7.27), (world.high, 3.80), (valley, 1.71)):
        yield _printed(f"at {rate:.0%}", years, growth.doubling_time(rate), 0.01, "years")


@case("A88", "derived", "Ten trillion of compute is one fifth of world wages")
def a88():
    # Read off the bend of S16: at spending R below a ceiling of K, growth has lost the share R/K of its pace.
    spending, wages = fact("patel-ten-trillion-2029").value, fact("human-wages").value
    pace = fact("compute-grows-3x").value
    lost = 1.0 - demand.growth_rate(spending, pace, wages) / demand.growth_rate(0.0, pace, wages)
    yield _is("share of wages", fact("ten-trillion-of-wages").value, spending / wages, "share")
    yield _is("share of growth lost to the ceiling", spending / wages, lost, "share")


# ---------------------------------------------------------------- not built here yet
# A case moves up, with a function, when the mechanism or the run it needs is there; its line here then goes.

PLANNED: dict[str, tuple[str, str]] = {
    "A05": ("stated", "A broad corpus transfers more than a narrow one of equal size"),
    "A06": ("stated", "Order of evolution, training, long-term, in-context and short-term learning"),
    "A08": ("stated", "Where the capability ladder stood in February 2026"),
    "A09": ("reading", "A calendar error of one to two years fits the dated rungs"),
    "A14": ("stated", "Arrival by the end of 2035, and end-to-end coding in one to two years"),
    "A15": ("stated", "Transfer from checkable work decides how far unverifiable work gets"),
    "A17": ("stated", "Back-test: most lines by models, dated August to December 2025"),
    "A18": ("stated", "All of today's tasks done still leaves work; the last rung leaves a tenth"),
    "A21": ("stated", "Feedback on research is immaterial at 5 per cent, one factor at 15 to 20"),
    "A22": ("stated", "No lead at a small speed-up, nor with full leakage"),
    "A23": ("stated", "Revenue ceiling and job coverage without continual learning, two views"),
    "A24": ("stated", "Work whose context is written down does not need continual learning"),
    "A25": ("stated", "Six months of onboarding matched in context, in one to three years"),
    "A26": ("derived", "Context length grew fourfold a year from 2020 to 2023"),
    "A27": ("reading", "A million words is about eight working days of reading"),
    "A28": ("derived", "When ten and a hundred million tokens would come, and their cache"),
    "A29": ("stated", "Serving beyond the trained length costs quality, within it does not"),
    "A31": ("stated", "Public awareness lags and is near zero one to two years before"),
    "A33": ("stated", "Individuals and start-ups lead large firms by many months"),
    "A34": ("derived", "A 50 million deal over 3,000 developers, each"),
    "A35": ("stated", "Firms adopt faster than before, and better products shorten the gates"),
    "A40": ("stated", "Slow end: genius level in 2028, trillions by 2030"),
    "A42": ("stated", "A trillion of industry revenue before 2030 in the scenario of the speaker"),
    "A43": ("stated", "Lags of one, two and five years from genius level to trillions"),
    "A50": ("stated", "The order of 2026 sets the capacity of 2027"),
    "A51": ("stated", "Margin and steady revenue lower the chance of ruin"),
    "A60": ("stated", "Seventy over fifty of training is a factor of 1.4"),
    "A61": ("stated", "The best training share is interior, and exactly one half once calibrated"),
    "A62": ("stated", "All training earns nothing, none loses demand"),
    "A64": ("stated", "Profit may change sign more than once under noisy forecasts"),
    "A65": ("stated", "The model of 2025 earned 0.1 bn"),
    "A66": ("stated", "The model of 2026: revenue, serving, training and margin"),
    "A67": ("derived", "The company loses 7 bn in the year its model earns 2"),
    "A68": ("derived", "Company losses with the figures of 2025 and tenfold successors"),
    "A69": ("stated", "With level training cost the company earns what its model earns"),
    "A70": ("stated", "Without a successor the margin is gone in about two months"),
    "A71": ("stated", "The price of a fixed capability never rises while efficiency improves"),
    "A72": ("stated", "Cournot: mark-up and profit with three and four firms"),
    "A73": ("stated", "Entry lowers margins until one more entrant loses"),
    "A74": ("stated", "Models differ more than clouds, so margins are higher"),
    "A75": ("derived", "Demand elasticity that the toy margin implies at three firms"),
    "A76": ("stated", "A frozen frontier with spillover loses its margin"),
    "A78": ("stated", "Funnel from a thousand experiments to two or three uses"),
    "A79": ("stated", "The near-metal interface keeps a share; surfaces age with progress"),
    "A80": ("derived", "Two answers whose values differ ten-million-fold"),
    "A81": ("derived", "Outcome pricing captures more than one price per token"),
    "A82": ("stated", "One rung of ability is worth ten times to some, nothing more to most"),
    "A83": ("stated", "Own use comes before launch and fades; absent where the lab does no work"),
    "A84": ("stated", "Robotics one to two years after the genius level, by any one path"),
    "A85": ("stated", "World output growth after the genius level, and its bound"),
    "A89": ("derived", "Five years of 50 per cent growth against 10 to 20"),
    "A90": ("stated", "Catch-up growth falls with the value of labour"),
    "A91": ("stated", "Four serial stages of a drug, from 1.5 to more than 50 years"),
    "A92": ("stated", "Approval backlog when discovery outruns it"),
    "A93": ("stated", "Better prediction shortens trials, never to nothing"),
    "A94": ("stated", "Transparency first, targeted rules on evidence, late 2026 at the earliest"),
    "A95": ("stated", "Four switches: moratorium, federal standard, patchwork, none"),
    "A96": ("stated", "Four voluntary practices raise the safety of all in a race to the top"),
    "A97": ("derived", "Four labs whose checks fail together are no safer than one"),
    "A98": ("derived", "A century in five to ten years"),
    "A99": ("stated", "Mutual optimism and the cost of conflict"),
    "A100": ("stated", "Assured retaliation is stable, offence dominance is not"),
    "A101": ("stated", "Trade switches by class of goods: cures yes, chips no"),
    "A102": ("stated", "Enforcement falls as sales rise"),
    "A103": ("stated", "Three loops of revision, and principles against lists"),
    "A104": ("stated", "Do the task by default; refuse above a harm threshold"),
    "A105": ("stated", "Staff, culture time and the fortnightly address"),
    "A106": ("reading", "What six levels of hierarchy leave of a message"),
    "A107": ("stated", "Thirty decisions a day and two minutes for the one that counts"),
}
