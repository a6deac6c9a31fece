"""Acceptance cases: The ladder, transfer, coding and what it speeds up (S05, S07-S10)."""

import jax.numpy as jnp
import numpy as np
from scipy.stats import chi2

from gigawatt.core.entry import entries
from gigawatt.core.facts import fact
from gigawatt.core.observed import table
from gigawatt.core.path import year_of
from gigawatt.mechanisms import automation, capability, efficiency, verification
from gigawatt.study.cases.case import case, exactly, holds, inside

RUNGS = ("school", "college", "doctoral", "beyond")
FEBRUARY_2026 = year_of(str(fact("not-there-yet").as_of))


def _rungs():
    return [entries()[f"ladder.{name}"].value for name in RUNGS]


def _record(series, value, before):
    """The best that had been seen before a date."""
    return max(float(r[value]) for r in table(series) if year_of(r["date"]) < before)


@case("A08", "stated", "Where the capability ladder stood in February 2026")
def a08():
    frontier = _record("eci_frontier", "value", FEBRUARY_2026)
    general = 1.0 + capability.ladder(frontier, _rungs())
    in_code = capability.domain_capability(frontier, entries()["ladder.code_ahead"].value)
    code = 1.0 + capability.ladder(in_code, _rungs())
    yield inside("rung in general, 3 is the early doctoral level", 3.0, 4.0, general, "rung", "index of 2026-02")
    yield holds("code stands higher", code > general)
    horizon, genius = _record("metr_horizon", "value", FEBRUARY_2026), entries()["genius_level.threshold"]
    yield exactly("genius state", fact("not-there-yet").value, float(horizon >= genius.low), "", "at its 5 % point")
    test = fact("chat-hour-forecast").value
    passed = capability.rung_date(_rungs()[1], *_trend())
    note = "an hour's talk like a well-educated person: the college rung, on the trend of the index"
    yield holds("conversational test passed within the three years forecast", passed <= 2023.0 + test, note)


def _trend():
    """Level, date and growth of the frontier: a straight line through the record models."""
    rows = table("eci_frontier")
    year, value = np.array([year_of(r["date"]) for r in rows]), np.array([float(r["value"]) for r in rows])
    growth, level = np.polyfit(year - year.mean(), value, 1)
    return level, year.mean(), growth


@case("A09", "reading", "A calendar error of one to two years fits the dated rungs")
def a09():
    said = {"school": 2023.5, "college": 2024.5, "doctoral": 2025.5}  # the middle of the year of each rung
    level, year, growth = _trend()
    error = [capability.rung_date(entries()[f"ladder.{n}"].value, level, year, growth) - at for n, at in said.items()]
    for name, years in zip(said, error, strict=True):
        yield inside(f"trend against the date of '{name}'", -2.0, 2.0, years, "year")
    for sd in (1.0, abs(fact("ladder-on-trend").high)):
        misfit = sum((e / sd) ** 2 for e in error)
        low = misfit < chi2.ppf(0.95, len(error))
        yield holds(f"not contradicted with an error of {sd:g} years", low, f"chi2 = {misfit:.2f}")


@case("A15", "stated", "Transfer from checkable work decides how far unverifiable work gets")
def a15():
    verifiable = jnp.linspace(0.0, 1.0, 11)
    yield holds("no transfer, no unverifiable work", verification.unverifiable_coverage(verifiable, 0.0) == 0.0)
    tau = entries()["breadth.share"].value
    rises = jnp.diff(verification.unverifiable_coverage(verifiable, tau)) > 0.0
    yield holds("with the default transfer it rises with verifiable work", rises, f"tau = {tau:g}")
    yield exactly("all checkable work stays in reach without transfer", 1.0, verification.reachable_share(1.0, 0.0))
    taus = jnp.linspace(0.0, 1.0, 11)
    same = verification.reachable_share(1.0, taus) == 1.0
    yield holds("the doubt is confined to the unverifiable part", same)


@case("A17", "stated", "Back-test: most lines by models, dated August to December 2025")
def a17():
    age, ahead = fact("lines-90-forecast-age"), fact("lines-90-forecast-horizon")
    asked = [FEBRUARY_2026 - months / 12.0 for months in (age.high, age.low)]
    first, last = asked[0] + ahead.low / 12.0, asked[1] + ahead.high / 12.0
    yield inside("earliest date of the forecast", year_of("2025-08-01"), year_of("2025-08-31"), first, "date")
    yield inside("latest date of the forecast", year_of("2025-12-01"), year_of("2025-12-31"), last, "date")
    # the law of base, run backwards: lines by models on the horizons that were measured
    lines, spread = entries()["engineers.lines_at_start"].value, entries()["engineers.lines_spread"].value
    length = automation.length_behind(lines, entries()["start.horizon"].value, spread)
    share = [automation.automatable_share(_record("metr_horizon", "value", t), length, spread) for t in (first, last)]
    most = fact("rung-1-lines-90").value
    note = f"{share[0]:.2f} at the first date, {share[1]:.2f} at the last, on the best horizon measured by then"
    yield holds("nine tenths of lines reached between the two, within a point", share[1] >= most - 0.01, note)
    yield holds("and not long before", share[0] < most, note)


@case("A18", "stated", "All of today's tasks done still leaves work; the last rung leaves a tenth")
def a18():
    created = entries()["engineers.created"].value
    left = automation.labour_demand(1.0, created, 0.0)
    yield holds("rung four: new tasks keep demand above zero", left > 0.0, f"{left:.2g} of the start")
    down = 1.0 + fact("rung-7-demand-down-90").value
    automated = 1.0 - down / created
    demand = automation.labour_demand(1.0, created, automated)
    yield exactly("rung seven: a tenth of the start is left", down, demand, "", f"new tasks {automated:.0%} automated")
    most = fact("rung-1-lines-90").value
    last = automation.labour_demand(1.0, created, most)
    yield exactly("nine tenths of new tasks done", 7, automation.coding_rung(1.0, 1.0, created, most, last), "rung")


@case("A21", "stated", "Feedback on research is immaterial at 5 per cent, one factor at 15 to 20")
def a21():
    rate, parallel = entries()["algorithms.rate"].value, entries()["algorithms.parallel"].value
    returns = entries()["algorithms.returns"].value

    def gain(speedup):
        return efficiency.algorithmic_growth(rate, speedup, 1.0, parallel, returns) / rate - 1.0

    notice, now = fact("speedup-notice-threshold"), fact("speedup-now")
    spread = entries()["algorithms.rate"]
    noise = np.log(spread.high / spread.low) / 2.0
    small, large = gain(1.0 + notice.low), gain(1.0 + now.high)
    note = "progress of algorithms is known to within a factor; this is the half width of its log"
    yield inside("faster progress at 5 per cent", 0.0, 0.1 * noise, small, "share", note)
    yield holds("at 15 to 20 per cent it is more than three times as much", large > 3.0 * small, f"{large:.3g}")
    grows = [(1.0 + s) * gain(1.0 + s) for s in (notice.low, now.low, now.high)]
    yield holds("and rises with the speed-up", np.diff(grows) > 0.0)


@case("A22", "stated", "No lead at a small speed-up, nor with full leakage")
def a22():
    # gain: research at (1 + s) speed adds s of a year's progress a year; catch-up: the leak of base
    catch_up, leakage = entries()["algorithms.leak"].value, entries()["coding.shared"].value
    small, now = 1.0 + fact("speedup-six-months-before").value, 1.0 + fact("speedup-now").high
    months = 12.0 * efficiency.lead_after(0.0, small, leakage, 1.0, catch_up, 0.5)
    yield inside("lead after half a year at 5 per cent", 0.0, 0.25, months, "month", "about nothing")
    later = 12.0 * efficiency.lead_after(0.0, now, leakage, 1.0, catch_up, jnp.linspace(0.0, 3.0, 13))
    yield holds("at 20 per cent it grows, gradually", (jnp.diff(later) > 0.0) & (jnp.diff(later) < 1.0))
    lead, speed = jnp.linspace(0.0, 2.0, 9)[:, None], jnp.linspace(1.0, 10.0, 9)[None, :]
    never = efficiency.lead_growth(lead, speed, 1.0, 1.0, catch_up) <= 0.0
    yield holds("with leakage one it never grows", never)
    copied = automation.shared_speedup(1.05, 1.2, 1.0)
    yield exactly("with the leader's models shared nobody is slower", 1.2, copied, "multiple")
