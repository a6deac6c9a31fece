"""Acceptance cases: The wider economy (S31-S34)."""

from typing import Any

import jax.numpy as jnp

from gigawatt.core.facts import fact
from gigawatt.mechanisms import cures, demand, growth, regions, robotics, supply
from gigawatt.study.cases.case import case, exactly, holds, inside, number, printed


@case("A84", "stated", "Robotics one to two years after the genius level, by any one path")
def a84():
    stated, law = fact("robotics-lag"), robotics.Robots()
    late = jnp.stack([law.simulation_late, law.learning_late, law.context_late])
    yield exactly("paths", fact("robotics-paths").value, late.size)
    with_all = robotics.lag_by_any_path(law.lag, late)
    yield inside("years after the genius level", stated.low, stated.high, with_all, "years")
    for only, path in enumerate(("simulation", "learning on the job", "long context")):
        alone = jnp.full(3, jnp.inf).at[only].set(late[only])
        yield exactly(f"with {path} alone", number(with_all), robotics.lag_by_any_path(law.lag, alone), "years")
    learning = late.at[0].set(jnp.inf).at[2].set(jnp.inf).at[1].set(3.0)
    yield exactly(
        "if the only path left is three years late", number(law.lag) + 3.0, robotics.lag_by_any_path(law.lag, learning)
    )
    without = robotics.lag_by_any_path(law.lag, jnp.full(3, jnp.inf))
    yield holds("without any path it never comes", jnp.isinf(without))
    wait = solved_after(law)
    yield inside("years in the month", stated.low, stated.high, wait, "years", "solved at the end of a month")


def solved_after(law: robotics.Robots) -> float:
    """Years from the genius level to solved robots, month by month."""
    dt, since = 1.0 / 12.0, jnp.asarray(0.0)
    rest: dict[str, Any] = {"output": 1e5, "labour_income": 0.5, "dt": dt, "genius": 1.0}
    rest |= {"prev_robot_buyers": 0.0, "prev_robots": 0.0, "prev_robot_capacity": 1.0}
    for month in range(1, 120):
        out = law(prev_since_genius=since, **rest)
        since = out.since_genius
        if out.robotics > 0.5:
            return month * dt
    return float("inf")


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


@case("A89", "derived", "Five years of 50 per cent growth against 10 to 20")
def a89():
    valley, world, years = fact("silicon-valley-growth").value, fact("gdp-growth-range"), 5.0
    yield printed("linked places", 7.594, regions.grown(valley, years), 0.001, "multiple")
    for rate, multiple in ((world.low, 1.611), (world.high, 2.488)):
        yield printed(f"the world at {rate:.0%}", multiple, regions.grown(rate, years), 0.001, "multiple")
    law, linked, output = regions.TwoSpeed(), jnp.asarray(1.0), jnp.asarray(100.0)
    month, on = jnp.asarray(1.0 / 12.0), jnp.asarray(1.0)
    for _ in range(60):
        out = law(genius=on, prev_output=output, prev_linked_output=linked, dt=month)
        linked, output = out.linked_output, out.output
    yield printed("linked places, month by month", 7.594, linked, 0.001, "multiple")
    grew = number(((output - linked) / 99.0) ** (1.0 / years) - 1.0)
    usual = number(jnp.expm1(law.elsewhere))
    yield exactly("elsewhere a year, as before", usual, grew, "share")


@case("A90", "stated", "Catch-up growth falls with the value of labour")
def a90():
    law, value = regions.Regions(), jnp.linspace(1.0, 0.0, 5)
    fastest = jnp.max(law.speed)
    without = regions.catch_up(fastest, 1.0, value, 0.0)
    note = ", ".join(f"{x:.3f}" for x in without.tolist()) + " a year"
    yield holds("falls with the value of labour", jnp.diff(without) < 0.0, note)
    yield exactly("with labour worth nothing and nothing local", 0.0, without[-1], "1/year")
    for capacity in (0.25, 0.5, 1.0):
        more = regions.catch_up(fastest, 1.0, value[1:], capacity)
        yield holds(f"rises with local capacity, here {capacity:g}", more > without[1:])
    full = regions.catch_up(fastest, 1.0, value, 1.0)
    yield holds("local capacity can take the place of cheap labour", full == fastest)


@case("A91", "stated", "Four serial stages of a drug, from 1.5 to more than 50 years")
def a91():
    law, carried = cures.Pipeline(), cures.Delivery()
    fast, slow = fact("covid-vaccine-time").value, fact("polio-time").value
    found, reviewed = jnp.sum(law.duration[:-1]), law.duration[-1]
    stages = (found, reviewed, carried.manufacture, carried.lag[0] + carried.spread[0])
    yield exactly(
        "stages: discovery with trials, review, manufacture, delivery", fact("drug-pipeline-stages").value, len(stages)
    )
    note = ", ".join(f"{number(x):.1f}" for x in stages) + " years in rich countries"
    yield holds("each takes time, and they are passed one after the other", jnp.stack(stages) > 0.0, note)
    # the fast case: on the day of approval all buy; nine in ten are reached, and the pace is what that takes
    pace = fast / number(cures.time_to_reach(0.9, 0.0, 1.0))
    yield inside("fast: nine in ten reached", fast, fast, cures.time_to_reach(0.9, 0.0, pace), "years")
    yield holds(
        "fast is faster than any group of countries is now", pace < carried.spread, f"{pace:.2f} years a patient"
    )
    tail = cures.time_to_reach(0.99, carried.lag[-1], carried.spread[-1])
    yield holds(
        f"slow: the last hundredth in poor countries takes more than {slow:g} years", tail > slow, f"{number(tail):.0f}"
    )


@case("A92", "stated", "Approval backlog when discovery outruns it")
def a92():
    law, years = cures.Pipeline(), 5.0
    arrive = law.approved_at_start / law.success[-1]
    capacity = arrive * law.slack[-1]
    for times in (1.0, 2.0, 4.0):
        waiting = cures.backlog(times * arrive, capacity, years)
        expected = max(0.0, number((times * arrive - capacity) * years))
        yield exactly(
            f"backlog after {years:g} years at {times:g} times today's submissions", expected, waiting, "drugs"
        )
    step, inside_review = 1.0 / 12.0, arrive * law.duration[-1]
    begun = inside_review
    for _ in range(round(years / step)):
        begun, _ = cures.stage_step(begun, 2.0 * arrive * step, law.duration[-1], capacity, step)
    waits = begun - inside_review
    note = "less what fills the room that review had at first"
    yield holds("the month's queue grows so", waits / cures.backlog(2.0 * arrive, capacity, years) > 0.9, note)
    usual, reform = (cures.reviews(capacity, law.clear, k) for k in (1.0, 5.0))
    none = cures.reviews(capacity, 0.0, 5.0)
    yield holds("reform raises capacity", reform > usual, f"{number(usual):.0f} to {number(reform):.0f} a year")
    yield exactly("for clear drugs only: without any, capacity is", number(usual), none, "drugs/year")
    most = number(usual / (1.0 - law.clear))
    yield holds(
        "drugs that are not clear bind in the end",
        cures.reviews(capacity, law.clear, 1e9) <= most,
        f"at most {most:.0f}",
    )


@case("A93", "stated", "Better prediction shortens trials, never to nothing")
def a93():
    law, foreseen = cures.Pipeline(), jnp.linspace(0.0, 1.0, 5)
    least = fact("trials-fail-on-efficacy").low
    yield holds("most late failures are for want of efficacy", law.efficacy[3:5] > least)
    odds = cures.screened_success(law.success[:, None], law.efficacy[:, None], foreseen)
    chance = cures.likelihood_of_approval(odds[2:].T)
    note = ", ".join(f"{x:.3f}" for x in chance.tolist())
    yield holds("foreseeing more raises the chance of approval", jnp.diff(chance) > 0.0, note)
    yield holds("safety still fails some", chance < 1.0)
    effects = jnp.asarray([1.0, 1.5, 2.0, 4.0, 1e6])
    trials = jnp.sum(cures.trial_time(law.duration[2:5, None], law.fixed[2:5, None], effects), axis=0)
    note = (
        ", ".join(f"{x:.1f}" for x in trials.tolist()) + " years of trials at effects of 1, 1.5, 2, 4 and without end"
    )
    yield holds("larger effects shorten trials", jnp.diff(trials) < 0.0, note)
    floor = fact("trial-year-supposition").value
    yield holds("never to nothing: three trials still take more than the supposed year", trials > floor)
