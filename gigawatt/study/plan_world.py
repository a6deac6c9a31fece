"""The plan for a lab in the full world: a rule for orders is trained, and judged on draws that it has not seen.

A design of rules is tried first, then the best is improved along forward-mode derivatives, with chance of ruin smoothed
and a floor under tail cash in the form of Rockafellar & Uryasev (2000), Journal of Risk 2(3):21-41. Contracts of the
past ruin a lab whatever it orders, with a chance that many draws tell; a rule adds to it, on the same few draws (a
control variate: Glasserman 2003, Monte Carlo Methods in Financial Engineering, 4.1). What stands beside the plan is
found on those too: better terms, regret and beliefs choose among the rules tried; for what knowledge is worth, rules
are trained that lack it, and each draw seeks a rule of its own (Birge & Louveaux 2011, Introduction to Stochastic
Programming, chapter 4).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import qmc

from gigawatt.core.errors import InputError
from gigawatt.core.mechanism import wires
from gigawatt.core.path import year_of
from gigawatt.core.run import run
from gigawatt.core.scenario import Scenario, load, split_label
from gigawatt.core.scenario_file import apply, find_mechanism, read_file
from gigawatt.core.units import default_axes
from gigawatt.core.world import World
from gigawatt.decisions.cvar import sample_cvar
from gigawatt.decisions.extensive import CashCVaR, Limit, NeverRuin, Ruin
from gigawatt.mechanisms.orders import OrderUpTo
from gigawatt.study.plan import CHANGED, LEVELS, TAIL, Choice, Fan, Flip, Plan, PolicyMap, Regret
from gigawatt.study.rule import SEEN, Outcomes, Trial, rule_bounds, rule_paths

WORLDS = {
    "tenfold": "full_tenfold",
    "fivefold": "growth_5x",
    "one year late": "off_by_one_year",
    "genius mid-2028": "genius_mid_2028",
    "800 for 1000": "revenue_800",
}
DESIGN = 32  # rules of the first design: a power of two, as the sequence likes it
EVALUATIONS = 8  # of outcomes and derivatives in each of two improvements
HALVINGS = 6  # of the way from a rule that keeps the limit to the one that is best without it
JUDGES = 4  # draws that judge a rule, for each that trained it
MANY = 8  # draws that tell what contracts of the past do, for each that trains
FEW = 8  # rules among which side questions choose
CLIMBS = 16  # steps that each draw takes uphill by itself, to say what it is worth to know it
STEP = 0.15  # spread of such a step, as a share of the bounds
CANCEL = "the right to cancel orders of its own when they arrive, for nothing"
CLAUSE = ("supply.CancellableContracts", "supply.CancellableFleet")  # the laws that it takes
SMOOTH = 2.0  # bn USD: width over which ruin is smoothed


@dataclass(frozen=True, eq=False)
class Tried:
    """A rule and what it brought, by draw."""

    rule: np.ndarray
    out: Outcomes
    cash: np.ndarray  # at the end of each quarter, (draws, quarters)

    def among(self, draws: np.ndarray | slice) -> "Tried":
        """The same in some of the draws."""
        return Tried(self.rule, Outcomes(*(x[draws] for x in self.out)), self.cash[draws])

    @property
    def value(self) -> float:
        return float(self.out.value.mean())

    @property
    def ruin(self) -> float:
        return float((self.out.low < 0.0).mean())

    @property
    def smooth_ruin(self) -> float:
        """Chance of ruin with a soft line, which small changes of terms move too."""
        return float(expit(-self.out.low / SMOOTH).mean())


class Enough(Exception):
    """The evaluations that an improvement may use are used up."""


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
    limit = limit or Ruin(0.05)
    trial = Trial(scenario, lab, draws, seed=seed, tell=counted(progress))
    if discount is not None:
        trial = replace(trial, discount=discount)
    if terminal_years is not None:
        trial = replace(trial, terminal_years=terminal_years)
    tried = [attempt(trial, rule) for rule in (trial.own_rule(), *design())]
    own, timid = tried[:2]
    bound = attempt(replace(trial, first=(1 + JUDGES) * draws, draws=MANY * draws), timid.rule)
    here, error = on_these_draws(limit, timid, bound)
    tried += improved(trial, best(tried, None), None)
    tried.append(median := planned_for_median(trial, tried))
    tried += between(trial, best(tried, here), best(tried, None), here)
    tried += improved(trial, best(tried, here), here)
    neutral, chosen = best(tried, None), best(tried, here)
    refuse_infeasible(chosen, limit, here, error, bound.ruin - timid.ruin)
    other = replace(trial, first=draws, draws=JUDGES * draws)
    judged = {name: attempt(other, t.rule) for name, t in (("neutral", neutral), (str(limit), chosen), ("own", own))}
    price = price_of_ruin(neutral, chosen)
    shortlist = sorted(tried, key=lambda t: price * t.ruin - t.value)[:FEW]
    return Plan(
        scenario=scenario.name,
        title=scenario.title,
        lab=lab,
        limit=str(limit),
        unit="GW",
        money="bn USD",
        chosen=choice(str(limit), judged[str(limit)]),
        neutral=choice("neutral", judged["neutral"]),
        rule=words_of(chosen.rule),
        frontier=frontier(tried, own, (chosen, neutral), bound.ruin - timid.ruin),
        information=information(trial, tried, median, shortlist),
        worth=worth(trial, shortlist, price),
        regret=regret(trial, {"neutral": neutral, str(limit): chosen, "as in the scenario": own}, shortlist),
        fans=tuple(fan(scenario, judged[name], name) for name in (str(limit), "neutral")),
        policy=policy_map(trial, chosen.rule),
        flips=tuple(flips(trial, tried, chosen, limit)),
        checks=checks(judged, chosen, neutral, limit),
        how=f"The best of {len(tried)} rules tried on {draws} draws, the last along slopes; judged on {JUDGES * draws} "
        "others.",
        notes=notes(own, bound, error, trial),
    )


def counted(progress: Callable[[int, int], None] | None) -> Callable[[], None]:
    """Tells of each rule tried, out of those that a whole plan may try."""
    most = DESIGN + 2 + 4 * EVALUATIONS + HALVINGS + 6 + CLIMBS + 7 * FEW + len(WORLDS) * (3 + FEW)
    done = count(1)
    return lambda: progress(min(next(done), most), most) if progress else None


def design() -> np.ndarray:
    """The rule that hardly orders, and rules spread over the bounds (a scrambled Sobol' sequence), (rules, numbers)."""
    low, high = rule_bounds().T
    timid = np.where(np.array(list(rule_paths())) == "reach", high, low)
    return np.vstack([timid, low + qmc.Sobol(len(low), rng=0).random(DESIGN) * (high - low)])


def attempt(trial: Trial, rule: np.ndarray) -> Tried:
    """The rule with what it brings in the draws of the trial."""
    return Tried(rule, *trial.outcomes(rule))


def excess(limit: Limit | None, out: Outcomes) -> float:
    """By how much the limit is broken on these draws, at most zero where it is kept."""
    match limit:
        case None:
            return 0.0
        case NeverRuin():
            return float((out.low < 0.0).mean())
        case Ruin(chance):
            return float((out.low < 0.0).mean()) - chance
        case CashCVaR(share, floor):
            return floor - float(sample_cvar(out.final, share))


def on_these_draws(limit: Limit, timid: Tried, bound: Tried) -> tuple[Limit, float]:
    """The limit as it reads on the draws of training, and the standard error of a chance of ruin set against it.

    timid: the rule that hardly orders, on these draws; bound: the same on many others. Where these draws ruin it more
    often than the many do, they ruin every rule more often, and the limit moves with them.
    """
    if not isinstance(limit, Ruin):
        return limit, 0.0
    added = abs(limit.probability - bound.ruin)  # what a rule at the limit adds
    error = np.sqrt(added / len(timid.out.low) + bound.ruin * (1.0 - bound.ruin) / len(bound.out.low))
    return Ruin(float(np.clip(limit.probability + timid.ruin - bound.ruin, 0.0, 1.0))), float(error)


def looser(limit: Limit, error: float) -> Limit:
    """A limit on the chance of ruin with room for an error; others stay."""
    return Ruin(min(limit.probability + error, 1.0)) if isinstance(limit, Ruin) else limit


def best(tried: Sequence[Tried], limit: Limit | None) -> Tried:
    """The greatest value among the rules that keep the limit, or else the rule nearest to keeping it."""
    kept = [t for t in tried if excess(limit, t.out) <= 0.0]
    return max(kept, key=lambda t: t.value) if kept else min(tried, key=lambda t: excess(limit, t.out))


def between(trial: Trial, safe: Tried, bold: Tried, limit: Limit) -> list[Tried]:
    """Rules on the straight line from one that keeps the limit to one that may not, halving towards where it is met."""
    found: list[Tried] = []
    low, high = safe.rule, bold.rule
    for _ in range(HALVINGS if safe is not bold else 0):
        found.append(attempt(trial, 0.5 * (low + high)))
        kept = excess(limit, found[-1].out) <= 0.0
        low, high = (found[-1].rule, high) if kept else (low, found[-1].rule)
    return found


def improved(trial: Trial, start: Tried, limit: Limit | None) -> list[Tried]:
    """Rules on the way uphill from a start: sequential quadratic programming with forward-mode derivatives."""
    low, high = rule_bounds().T
    scale = max(abs(start.value), 1.0)
    found: list[Tried] = []
    last: dict[bytes, tuple[float, np.ndarray, float, np.ndarray]] = {}

    def at(u: np.ndarray) -> tuple[float, np.ndarray, float, np.ndarray]:
        key = u.tobytes()
        if key not in last:
            if len(found) >= EVALUATIONS:
                raise Enough
            rule = low + np.clip(u, 0.0, 1.0) * (high - low)
            found.append(attempt(trial, rule))
            slope = trial.slopes(rule)
            room, by_rule = smoothed(limit, found[-1].out, slope)
            last[key] = (
                -found[-1].value / scale,
                -slope.value.mean(axis=0) * (high - low) / scale,
                room,
                by_rule * (high - low),
            )
        return last[key]

    bound = ({"type": "ineq", "fun": lambda u: at(u)[2], "jac": lambda u: at(u)[3]},) if limit else ()
    try:
        minimize(
            lambda u: at(u)[0],
            (start.rule - low) / (high - low),
            jac=lambda u: at(u)[1],
            bounds=[(0.0, 1.0)] * len(low),
            constraints=bound,
            method="SLSQP",
        )
    except Enough:
        pass
    return found


def smoothed(limit: Limit | None, out: Outcomes, slope: Outcomes) -> tuple[float, np.ndarray]:
    """Room left under the limit, with a derivative in the rule where the true one has none."""
    match limit:
        case NeverRuin() | Ruin():
            chance = expit(-out.low[: len(slope.low)] / SMOOTH)
            by_rule = (chance * (1.0 - chance) / SMOOTH)[:, None] * slope.low
            return -excess(limit, out), by_rule.mean(axis=0)  # level of the true chance, slope of the smooth one
        case CashCVaR(share, floor):
            line = np.quantile(out.final, share)  # the threshold that is best, so its own slope drops out
            short = out.final < line
            level = line - np.maximum(line - out.final, 0.0).mean() / share - floor
            size = max(abs(floor), 1.0)
            return level / size, (short[: len(slope.low), None] * slope.final).mean(axis=0) / share / size
        case _:
            return 1.0, np.zeros(slope.low.shape[1])


def refuse_infeasible(chosen: Tried, limit: Limit, here: Limit, error: float, added: float = 0.0) -> None:
    """Raise InputError where not even the safest rule keeps a limit within the error of the draws: which cash would do.

    here: the limit as it reads on these draws; added: to chances of ruin on them, to be those of many draws.
    """
    if excess(looser(here, error), chosen.out) <= 0.0:
        return
    if isinstance(limit, CashCVaR):
        tail = float(sample_cvar(chosen.out.final, limit.share))
        raise InputError(f"'{limit}' cannot be met: the best rule reaches {tail:.4g} bn USD; ask for less than that.")
    low = np.sort(chosen.out.low)
    allowed = int(here.probability * len(low)) if isinstance(here, Ruin) else 0  # draws that may be ruined
    lacking = max(-float(low[allowed]), 1e-3)
    digit = 10.0 ** (np.floor(np.log10(lacking)) - 1.0)  # the second that counts, rounded up
    more = np.ceil(lacking / digit) * digit
    raise InputError(
        f"'{limit}' cannot be met by ordering less: contracts that bind already ruin the lab in "
        f"{chosen.ruin + added:.1%} of the draws under the safest rule; about {more:.6g} bn USD more --cash would do "
        "if investors then give no less, or a --ruin above that."
    )


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


def frontier(tried: Sequence[Tried], own: Tried, apart: Sequence[Tried], added: float = 0.0) -> tuple[Choice, ...]:
    """Rules that no other rule beats in value and in chance of ruin, but those told `apart`; and the scenario's own.

    added: to every chance of ruin, since many draws tell better what contracts of the past do.
    """
    points, top = [], -np.inf
    for t in sorted(tried, key=lambda t: (t.ruin, -t.value)):
        if t.value > top:
            top = t.value
            points += [] if t in apart else [choice("", t)]
    return tuple(
        replace(p, ruin=min(max(p.ruin + added, 0.0), 1.0)) for p in (*points, choice("as in the scenario", own))
    )


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


def worth(trial: Trial, shortlist: Sequence[Tried], price: float) -> dict[str, float]:
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
        return max(t.value - price * t.smooth_ruin for t in found)

    base = most(t.among(slice(half)) for t in shortlist)
    clause = replace(trial, scenario=trial.scenario.change(use=CLAUSE), fixed={"cancellable_fleet.covered": 1.0})
    changed = {name: replace(trial, change=change) for name, change in terms.items()} | {CANCEL: clause}
    return {
        name: most(attempt(replace(other, draws=half), t.rule) for t in shortlist) - base
        for name, other in changed.items()
    }


def regret(trial: Trial, orders: Mapping[str, Tried], shortlist: Sequence[Tried]) -> Regret:
    """What each rule loses in each named world against the best of the rules tried there."""
    worlds, columns = [], []
    for name, scenario in WORLDS.items():
        there = replace(trial, scenario=in_world(trial.scenario, scenario), draws=256)
        got = [attempt(there, t.rule).value for t in (*orders.values(), *shortlist)]
        worlds.append(name)
        columns.append([max(got) - value for value in got[: len(orders)]])
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
    acts = trial.world.needed(SEEN).numbers()
    for path in sorted((trial.samples.keys() & acts.keys()) - set(rule_paths().values())):
        kind, samples = trial.world.numbers()[path], trial.samples[path]
        unit = "" if kind.unit.text == "1" else kind.unit.text
        labels = trial.world.axes[kind.axes[0]] if kind.axes else ("",)
        for label, x in zip(labels, samples.reshape(len(samples), len(labels), -1)[..., 0].T, strict=True):
            if np.ptp(x) > 0.0 and (kind.axes != ("lab",) or label == trial.lab):
                yield (f"{path}.{label}" if label else path), unit, x


def policy_map(trial: Trial, rule: np.ndarray) -> PolicyMap:
    """The gap that the rule would order now, by cash and by capacity committed, all relative to what demand uses."""
    i, world = trial.index, trial.world
    states = {n.removeprefix("prev_") for n in wires(OrderUpTo)} | {"wanted", "revenue_per_power", "cash", "position"}
    seen = run(trial.scenario, 256, trial.seed, keep=sorted(states), until=trial.scenario.begin)
    now = {n: np.median(seen[n].values[:, 0], axis=0) for n in seen.data_vars}
    bent = {p: jnp.asarray(world.get(p)).at[i].set(x) for p, x in zip(rule_paths().values(), rule, strict=True)}
    mechanism = next(m for m in world.set(bent).mechanisms if isinstance(m, OrderUpTo))
    used = now["wanted"][i] / now["revenue_per_power"][i]
    cash_axis = np.linspace(0.0, 4.0, 17) * max(now["cash"][i], 1.0)
    position_axis = np.linspace(0.0, 8.0, 17) * used
    rows = []
    for cash in cash_axis:
        row = []
        for position in position_axis:
            here = {n: v.copy() for n, v in now.items()}
            here["cash"][i], here["position"][i] = cash, position
            inputs = {n: here[n.removeprefix("prev_")] for n in wires(OrderUpTo)}
            out = mechanism(**inputs, dt=jnp.asarray(1 / 12))
            row.append(float(max(out.target[i] - position, 0.0) / used))
        rows.append(tuple(row))
    return PolicyMap(tuple(cash_axis / used), tuple(position_axis / used), tuple(rows))


def checks(judged: Mapping[str, Tried], chosen: Tried, neutral: Tried, limit: Limit) -> dict[str, float]:
    """Draws that a rule was trained on against draws that it has not seen: relative gap in value, gap in ruin."""
    seen = {str(limit): chosen, "neutral": neutral}
    gaps = {}
    for name, t in seen.items():
        new = judged[name]
        gaps[f"value on unseen draws over trained, {name}"] = new.value / t.value - 1.0 if t.value else 0.0
        gaps[f"chance of ruin on unseen draws less trained, {name}"] = new.ruin - t.ruin
    return gaps


def notes(own: Tried, bound: Tried, error: float, trial: Trial) -> tuple[str, ...]:
    """What a reader must know beside the figures."""
    return (
        f"The scenario's own rule orders {own.out.order.mean():.2f} GW in the first year, is worth {own.value:.0f} bn "
        f"USD and is ruined in {100 * own.ruin:.1f} % of the draws.",
        f"Whoever hardly orders is ruined in {100 * bound.ruin:.1f} % of {len(bound.out.low):,} draws: contracts of "
        "the past bind. A limit close to that leaves little to order, and a little more room moves the order a lot: "
        "look at the points beyond it."
        + (f" The standard error of a chance of ruin near the limit is {100 * error:.1f} %." if error else ""),
        f"Value is profit discounted at {100 * trial.discount:.0f} % a year, and that of the last month for "
        f"{trial.terminal_years:g} years more; losses after ruin count in full (no limited liability).",
        "The order now is what suppliers accept in the first year.",
        "Knowledge is valued without a limit: that of the draw is worth at least what is said, learning at most. Terms "
        "and beliefs are choices among the rules tried.",
    )
