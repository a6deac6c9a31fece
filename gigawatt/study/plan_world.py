"""The plan for a lab in the full world: a rule for orders is trained, and judged on draws that it has not seen.

What stands beside the plan is found on the draws of training: better terms, regret and beliefs choose among the rules
tried; for what knowledge is worth, rules are trained that lack it, and each draw seeks a rule of its own (Birge &
Louveaux 2011, Introduction to Stochastic Programming, chapter 4). While the search runs, what comes later is compiled
in a thread beside.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gigawatt.core.mechanism import wires
from gigawatt.core.path import year_of
from gigawatt.core.run import run
from gigawatt.core.scenario import Scenario, load, split_label
from gigawatt.core.scenario_file import apply, find_mechanism, read_file
from gigawatt.core.units import default_axes
from gigawatt.core.world import World
from gigawatt.decisions.cvar import sample_cvar
from gigawatt.decisions.extensive import Limit, Ruin
from gigawatt.mechanisms.orders import OrderUpTo
from gigawatt.study.plan import CHANGED, LEVELS, TAIL, Choice, Fan, Flip, Plan, PolicyMap, Regret
from gigawatt.study.rule import Outcomes, Trial, rule_bounds, rule_paths
from gigawatt.study.rule_limit import LimitHere, excess, looser, smooth_ruin
from gigawatt.study.rule_search import Tried, attempt, best, between, design, improved, most_tried

WORLDS = {
    "tenfold": "full_tenfold",
    "fivefold": "growth_5x",
    "one year late": "off_by_one_year",
    "genius mid-2028": "genius_mid_2028",
    "800 for 1000": "revenue_800",
}
JUDGES = 4  # draws that judge a rule, for each that trained it
MANY = 8  # draws that tell what contracts of the past do, for each that trains
FEW = 8  # rules among which side questions choose
CLIMBS = 16  # steps that each draw takes uphill by itself, to say what it is worth to know it
STEP = 0.15  # spread of such a step, as a share of the bounds
CANCEL = "the right to cancel orders of its own when they arrive, for nothing"
CLAUSE = ("supply.CancellableContracts", "supply.CancellableFleet")  # the laws that it takes


@dataclass(frozen=True)
class Later:
    """What a plan asks after the search, compiled beside it."""

    clause: Trial  # with the right to cancel
    worlds: dict[str, Trial]  # the named ones
    states: Future[dict[str, np.ndarray]]  # of the first month


@dataclass(frozen=True)
class Found:
    """The rules tried on the draws of training, and those that stand out among them."""

    tried: list[Tried]
    own: Tried  # the scenario's
    median: Tried  # planned for a median world
    neutral: Tried  # the best without a limit
    chosen: Tried  # the best that keeps it
    limit: LimitHere
    past: Outcomes  # of the rule that hardly orders, in many draws


def plan_world(
    scenario: Scenario,
    lab: str,
    limit: Limit | None = None,
    draws: int = 1024,
    seed: int = 0,
    discount: float | None = None,
    terminal_years: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Plan:
    """The best rule for orders of one lab under a limit (5 % ruin if None), and what it orders in the first year.

    draws: rules are trained on so many, and judged on as many others. progress: called with (steps done, in all).
    Raises InputError for an unknown lab, and for a limit that no rule meets (it says which cash would do).
    """
    trial = Trial(scenario, lab, draws, seed=seed, tell=counted(progress))
    if discount is not None:
        trial = replace(trial, discount=discount)
    if terminal_years is not None:
        trial = replace(trial, terminal_years=terminal_years)
    beside = ThreadPoolExecutor(1)
    try:
        later = prepared(trial, beside)
        found = search(trial, limit or Ruin(0.05))
        found.limit.refuse(found.chosen.out)
        return answer(trial, found, later)
    finally:
        beside.shutdown(cancel_futures=True)


def prepared(trial: Trial, beside: Executor) -> Later:
    """The trials that come later, with all that the plan runs being compiled beside, in the order of its need."""
    trial.prepare(beside, slopes=True)
    clause = replace(trial, scenario=trial.scenario.change(use=CLAUSE), fixed={"cancellable_fleet.covered": 1.0})
    worlds = {name: replace(trial, scenario=in_world(trial.scenario, w), draws=256) for name, w in WORLDS.items()}
    for other in (clause, *worlds.values()):
        other.prepare(beside)
    return Later(clause, worlds, beside.submit(first_states, trial))


def search(trial: Trial, limit: Limit) -> Found:
    """Rules tried: a design, improvements without a limit, and rules that seek the value that it leaves."""
    tried = [attempt(trial, rule) for rule in (trial.own_rule(), *design())]
    own, timid = tried[:2]
    past = attempt(replace(trial, first=(1 + JUDGES) * trial.draws, draws=MANY * trial.draws), timid.rule).out
    on_these = LimitHere.of(limit, timid.out, past)
    here = on_these.here
    tried += improved(trial, best(tried, None), None)
    tried.append(median := planned_for_median(trial, tried))
    tried += between(trial, best(tried, here), best(tried, None), here)
    tried += improved(trial, best(tried, here), here)
    return Found(tried, own, median, best(tried, None), best(tried, here), on_these, past)


def answer(trial: Trial, found: Found, later: Later) -> Plan:
    """The plan: rules judged on other draws, and what stands beside them."""
    tried, neutral, chosen, limit = found.tried, found.neutral, found.chosen, found.limit.asked
    stand_out = {"neutral": neutral, str(limit): chosen, "as in the scenario": found.own}
    unseen = replace(trial, first=trial.draws, draws=JUDGES * trial.draws)
    judged = {name: attempt(unseen, t.rule) for name, t in stand_out.items()}
    price = price_of_ruin(neutral, chosen)
    shortlist = sorted(tried, key=lambda t: price * t.ruin - t.value)[:FEW]
    return Plan(
        scenario=trial.scenario.name,
        title=trial.scenario.title,
        lab=trial.lab,
        limit=str(limit),
        unit="GW",
        money="bn USD",
        chosen=choice(str(limit), judged[str(limit)]),
        neutral=choice("neutral", judged["neutral"]),
        rule=words_of(chosen.rule),
        frontier=frontier(found),
        information=information(trial, tried, found.median, shortlist),
        worth=worth(trial, later.clause, shortlist, price),
        regret=regret(later.worlds, stand_out, shortlist),
        fans=tuple(fan(trial.scenario, judged[name], name) for name in (str(limit), "neutral")),
        policy=policy_map(trial, later.states.result(), chosen.rule),
        flips=tuple(flips(trial, tried, chosen, limit)),
        checks=checks(judged, chosen, neutral, limit),
        how=f"The best of {len(tried)} rules tried on {trial.draws} draws, the last along slopes; judged on "
        f"{unseen.draws} others.",
        notes=notes(found, trial),
    )


def counted(progress: Callable[[int, int], None] | None) -> Callable[[], None]:
    """Tells of each rule tried, out of those that a whole plan may try."""
    most = 2 + most_tried(improvements=4) + 6 + CLIMBS + 7 * FEW + len(WORLDS) * (3 + FEW)
    done = count(1)
    return lambda: progress(min(next(done), most), most) if progress else None


def choice(name: str, t: Tried) -> Choice:
    out = t.out
    tail = float(sample_cvar(out.final, TAIL))
    return Choice(name, float(out.order.mean()), float(out.bill.mean()), t.value, tail, t.ruin, float(out.lost.mean()))


def words_of(rule: np.ndarray) -> dict[str, str]:
    """The rule in words, one line for each of its numbers."""
    n = dict(zip(rule_paths(), rule, strict=True))
    return {
        "order up to": f"{np.exp(n['boldness']):.2f} times the newsvendor's multiple of demand at the time of service",
        "believed growth": f"counted at {n['trust']:.2f} of itself",
        "at most": (
            f"what {n['caution']:.0%} of expected revenue, {n['funds_counted']:.0%} of the funds on offer and cash "
            f"spread over {n['reach']:.1f} years can pay"
        ),
    }


def frontier(found: Found) -> tuple[Choice, ...]:
    """Rules that no other rule beats in value and in chance of ruin, but chosen and neutral; and the scenario's own.

    Chances of ruin are those of many draws, which tell better what contracts of the past do.
    """
    points, top = [], -np.inf
    for t in sorted(found.tried, key=lambda t: (t.ruin, -t.value)):
        if t.value > top:
            top = t.value
            points += [] if t in (found.chosen, found.neutral) else [choice("", t)]
    points.append(choice("as in the scenario", found.own))
    return tuple(replace(p, ruin=found.limit.among_many(p.ruin)) for p in points)


def price_of_ruin(neutral: Tried, chosen: Tried) -> float:
    """Value that the limit gives up for each unit of chance of ruin, bn USD."""
    safer = neutral.ruin - chosen.ruin
    return max(neutral.value - chosen.value, 0.0) / safer if safer > 0.0 else 0.0


def planned_for_median(trial: Trial, tried: Sequence[Tried]) -> Tried:
    """The rule found in the same way for a world of which every number is the median, in the draws as they are."""
    certain = replace(trial, certain=True, draws=trial.draws // 2)
    there = [attempt(certain, t.rule) for t in sorted(tried, key=lambda t: -t.value)[:FEW]]
    there += improved(certain, best(there, None), None)
    return attempt(trial, best(there, None).rule)


def unlearned(trial: Trial, shortlist: Sequence[Tried]) -> Tried:
    """The rule found in the same way for a lab whose belief never follows demand."""
    unlearning = replace(trial, fixed={"belief.gain": 0.0})
    half = replace(unlearning, draws=trial.draws // 2)
    # who cannot learn counts less on the growth believed in today
    trust = np.array(list(rule_paths())) == "trust"
    wary = [np.where(trust, part * t.rule, t.rule) for t in shortlist[: FEW // 2] for part in (0.0, 0.5)]
    there = [attempt(half, rule) for rule in wary]
    there += improved(half, best(there, None), None)
    return attempt(unlearning, best(there, None).rule)


def values_if_known(trial: Trial, tried: Sequence[Tried]) -> np.ndarray:
    """Value in each draw (draws,) under a rule of its own: the best of those tried, then random steps that help."""
    low, high = rule_bounds().T[..., None]
    values = np.stack([t.out.value for t in tried])
    rules, most = np.stack([t.rule for t in tried])[values.argmax(axis=0)].T, values.max(axis=0)
    random = np.random.default_rng(0)
    for _ in range(CLIMBS):
        near = np.clip(rules + STEP * (high - low) * random.standard_normal(rules.shape), low, high)
        value = trial.outcomes(near)[0].value
        rules, most = np.where(value > most, near, rules), np.maximum(value, most)
    return most


def information(trial: Trial, tried: Sequence[Tried], median: Tried, shortlist: Sequence[Tried]) -> dict[str, float]:
    """What it is worth, without a limit, to know the draw, to plan for all draws, and to learn from demand."""
    top = best(tried, None).value
    return {
        f"perfect information (EVPI): best of {len(tried) + CLIMBS} rules in each draw": float(
            values_if_known(trial, tried).mean() - top
        ),
        "planning for all draws, not for the median (VSS)": top - median.value,
        "learning: belief that follows demand": top - unlearned(trial, shortlist).value,
    }


def worth(trial: Trial, clause: Trial, shortlist: Sequence[Tried], price: float) -> dict[str, float]:
    """What better terms add, chance of ruin charged at the price that the limit implies; the best of a few rules.

    On half of the draws: the same ones meet both terms, so that a difference needs fewer.
    """
    i, get = trial.index, trial.samples.get
    world = trial.world

    def median(path: str) -> float:
        return float(np.median(get(path, np.asarray(world.get(path))[None])[..., i]))

    point = 0.01 * median("start.revenue") / (median("start.bill") * (1.0 - median("split.own_use")))
    terms: dict[str, dict[str, tuple[float, float]]] = {
        "one year less lead time, for all labs": {"contracts.lead": (-1.0, 0.3), "order_up_to.lead": (-1.0, 0.3)},
        "contracts shorter by one year, for all labs": {"contracts.term": (-1.0, 1.0)},
        "1 bn USD more cash": {"start.cash": (1.0, 0.0)},
        "one point more gross margin": {"start.inference_share": (-point, 0.01)},
    }
    half = trial.draws // 2

    def most(found: Iterable[Tried]) -> float:
        return max(t.value - price * smooth_ruin(t.out) for t in found)

    base = most(t.among(slice(half)) for t in shortlist)
    changed = {name: replace(trial, change=change) for name, change in terms.items()} | {CANCEL: clause}
    return {
        name: most(attempt(replace(other, draws=half), t.rule) for t in shortlist) - base
        for name, other in changed.items()
    }


def regret(worlds: Mapping[str, Trial], orders: Mapping[str, Tried], shortlist: Sequence[Tried]) -> Regret:
    """What each rule loses in each named world against the best of the rules tried there."""
    columns = []
    for there in worlds.values():
        value = {t: attempt(there, t.rule).value for t in dict.fromkeys((*orders.values(), *shortlist))}
        columns.append([max(value.values()) - value[t] for t in orders.values()])
    return Regret(tuple(orders), tuple(worlds), tuple(zip(*columns, strict=True)))


def in_world(scenario: Scenario, name: str) -> Scenario:
    """The scenario, with the terms that it has, in a named world: the world's differences from base laid over it.

    Numbers that no law of that world reads any more fall away.
    """
    for link in load(name).chain[1:]:
        table, where, _ = read_file(link, ())
        scenario = apply(scenario, table, where)
    mechanisms = [find_mechanism(use) for use in scenario.use]
    known = World(mechanisms, default_axes() | dict(scenario.axes), scenario.table).numbers()
    numbers = {path: entry for path, entry in scenario.set.items() if split_label(path, known)[0]}
    levers = {path: dates for path, dates in scenario.lever.items() if split_label(path, known)[0]}
    return replace(scenario, set=numbers, lever=levers)


def fan(scenario: Scenario, t: Tried, name: str) -> Fan:
    """Quantiles of cash at the end of each quarter."""
    cash = np.quantile(t.cash, LEVELS, axis=0)
    times = year_of(scenario.begin) + 0.25 * np.arange(1, cash.shape[1] + 1)
    return Fan(name, tuple(times), LEVELS, tuple(map(tuple, cash)))


def flips(trial: Trial, tried: Sequence[Tried], chosen: Tried, limit: Limit) -> Iterator[Flip]:
    """Numbers whose upper or lower third, if it were known to be true, would move the order by more than a tenth."""
    order = float(chosen.out.order.mean())
    chance = limit.probability if isinstance(limit, Ruin) else 0.0
    limit = looser(limit, np.sqrt(chance * (1.0 - chance) / (trial.draws / 3)))
    found = []
    for path, unit, x in believed(trial):
        for end in (x <= np.quantile(x, 1 / 3), x >= np.quantile(x, 2 / 3)):
            part = [t.among(end) for t in tried]
            there, same = best(part, limit), part[tried.index(chosen)]
            gain = there.out.value - same.out.value
            sure = abs(gain.mean()) > 2.0 * gain.std() / np.sqrt(len(gain))
            moved = float(there.out.order.mean()) - order
            if sure and excess(limit, there.out) <= 0.0 and abs(moved) > CHANGED * max(order, 1e-9):
                found.append(Flip(path, float(np.median(x)), float(np.median(x[end])), unit, order + moved))
    yield from sorted(found, key=lambda f: -abs(f.order - order))[:8]


def believed(trial: Trial) -> Iterator[tuple[str, str, np.ndarray]]:
    """(path, unit, value by draw) of each uncertain number that outcomes hang on, not set by the rule; by lab, ours."""
    acts = trial.acting.numbers()
    for path in sorted((trial.samples.keys() & acts.keys()) - set(rule_paths().values())):
        kind, samples = trial.world.numbers()[path], trial.samples[path]
        unit = "" if kind.unit.text == "1" else kind.unit.text
        labels = trial.world.axes[kind.axes[0]] if kind.axes else ("",)
        for label, x in zip(labels, samples.reshape(len(samples), len(labels), -1)[..., 0].T, strict=True):
            if np.ptp(x) > 0.0 and (kind.axes != ("lab",) or label == trial.lab):
                yield (f"{path}.{label}" if label else path), unit, x


def first_states(trial: Trial) -> dict[str, np.ndarray]:
    """What orders hang on in the first month, by lab: medians over draws."""
    states = {n.removeprefix("prev_") for n in wires(OrderUpTo)} | {"wanted", "revenue_per_power", "cash", "position"}
    seen = run(trial.scenario, 256, trial.seed, keep=sorted(states), until=trial.scenario.begin)
    return {str(n): np.median(x.values[:, 0], axis=0) for n, x in seen.items()}


def policy_map(trial: Trial, now: Mapping[str, np.ndarray], rule: np.ndarray) -> PolicyMap:
    """The gap that the rule would order now, by cash and by capacity committed, all relative to what demand uses."""
    i, world = trial.index, trial.world
    bent = {p: jnp.asarray(world.get(p)).at[i].set(x) for p, x in zip(rule_paths().values(), rule, strict=True)}
    mechanism = next(m for m in world.set(bent).mechanisms if isinstance(m, OrderUpTo))
    used = now["wanted"][i] / now["revenue_per_power"][i]
    cash_axis = np.linspace(0.0, 4.0, 17) * max(now["cash"][i], 1.0)
    position_axis = np.linspace(0.0, 8.0, 17) * used

    def target(cash: Array, position: Array) -> Array:
        here = {n: jnp.asarray(v) for n, v in now.items()}
        here |= {"cash": here["cash"].at[i].set(cash), "position": here["position"].at[i].set(position)}
        inputs = {n: here[n.removeprefix("prev_")] for n in wires(OrderUpTo)}
        return mechanism(**inputs, dt=jnp.asarray(1 / 12)).target[i]

    wanted = jax.jit(jax.vmap(jax.vmap(target, (None, 0)), (0, None)))(cash_axis, position_axis)
    rows = np.maximum(np.asarray(wanted) - position_axis, 0.0) / used
    return PolicyMap(tuple(cash_axis / used), tuple(position_axis / used), tuple(map(tuple, rows)))


def checks(judged: Mapping[str, Tried], chosen: Tried, neutral: Tried, limit: Limit) -> dict[str, float]:
    """Draws that a rule was trained on against draws that it has not seen: relative gap in value, gap in ruin."""
    seen = {str(limit): chosen, "neutral": neutral}
    gaps = {}
    for name, t in seen.items():
        new = judged[name]
        gaps[f"value on unseen draws over trained, {name}"] = new.value / t.value - 1.0 if t.value else 0.0
        gaps[f"chance of ruin on unseen draws less trained, {name}"] = new.ruin - t.ruin
    return gaps


def notes(found: Found, trial: Trial) -> tuple[str, ...]:
    """What a reader must know beside the figures."""
    own, past, error = found.own, found.past, found.limit.error
    return (
        f"The scenario's own rule orders {own.out.order.mean():.2f} GW in the first year, is worth {own.value:.0f} bn "
        f"USD and is ruined in {100 * own.ruin:.1f} % of the draws.",
        f"Whoever hardly orders is ruined in {100 * past.ruin:.1f} % of {len(past.low):,} draws: contracts of "
        "the past bind. A limit close to that leaves little to order, and a little more room moves the order a lot: "
        "look at the points beyond it."
        + (f" The standard error of a chance of ruin near the limit is {100 * error:.1f} %." if error else ""),
        f"Value is profit discounted at {100 * trial.discount:.0f} % a year, and that of the last month for "
        f"{trial.terminal_years:g} years more; losses after ruin count in full (no limited liability).",
        "The order now is what suppliers accept in the first year.",
        "Knowledge is valued without a limit: that of the draw is worth at least what is said, learning at most. Terms "
        "and beliefs are choices among the rules tried.",
    )
