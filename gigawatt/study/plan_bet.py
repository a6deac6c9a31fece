"""The plan for a named bet: a small tree solved exactly, as a linear programme and again as a dynamic programme."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.decisions import extensive
from gigawatt.decisions import tree as trees
from gigawatt.decisions.cuts import solve_by_cuts
from gigawatt.decisions.cvar import sample_cvar
from gigawatt.decisions.extensive import CashCVaR, Infeasible, Limit, NeverRuin, Ruin, Solution
from gigawatt.decisions.policy import train
from gigawatt.decisions.tree import Bet
from gigawatt.study.bet_file import NamedBet, load_bet
from gigawatt.study.plan import CHANGED, LEVELS, TAIL, Choice, Fan, Flip, Plan, PolicyMap, Regret

LIMITS = (0.5, 0.25, 0.1, 0.05)  # chances of ruin on the frontier, beside none and no limit
AGREE = 1e-3  # relative difference of two solvers that is an error
GAP, SECONDS = 1e-3, 20.0  # of a search with chances of ruin
ONCE = "Solved exactly as a linear programme; no second solver knows such contracts."
TWICE = (
    "Solved exactly as a linear programme. Without a limit and never ruined it is solved again, as a dynamic programme "
    "with cuts; other limits only the linear programme knows."
)
CASH_ERROR = 1e-6  # by which a solver may miss the cash that a plan needs
SMALL = 60  # nodes of a tree on which chances of ruin are searched over and over


def plan_bet(named: NamedBet, limit: Limit | None = None, progress: Callable[[int, int], None] | None = None) -> Plan:
    """The best order now under a limit, and what stands beside it.

    progress: called with (steps done, steps in all). Raises Infeasible, which names the cash that would do, and
    InputError where two solvers disagree.
    """
    limit = limit or NeverRuin()
    steps = iter(range(1, 8))
    tell = progress or (lambda done, of: None)

    def done(result):
        tell(next(steps), 7)
        return result

    bet = named.bet
    asked = searched(bet, limit)
    neutral = extensive.solve(bet)
    chosen = done(solve(bet, limit))
    curve = done(frontier(bet, neutral))
    information = done(information_of(bet, asked))
    worth = done(worth_of(bet, asked))
    flips = done(tuple(flips_of(named, asked)))
    policy = done(policy_of(bet, asked))
    checks = done(checks_of(bet, neutral, curve))
    if chosen.gap > 0.0:
        checks[f"left open by the search, {limit}"] = chosen.gap
    price = price_now(bet)
    notes = [named.note] if named.note else []
    if asked is not limit:
        what = "without a limit" if asked is None else f"under '{asked}'"
        notes.append(f"On so large a tree information, worth, beliefs and the map of orders are told {what}.")
    notes.append("Regret: later orders are best for all worlds, without a limit; the order now is what differs.")
    if named.beside:
        notes.append(beside(named.beside))
    return Plan(
        scenario=named.name,
        title=named.title,
        lab="the planner",
        limit=str(limit),
        unit=named.unit,
        money=named.money,
        chosen=choice(bet, chosen, str(limit), price),
        neutral=choice(bet, neutral, "neutral", price),
        rule=rule_of(bet, chosen),
        frontier=curve,
        information=information,
        worth=worth,
        regret=regret_of(bet, {c.name: c.order for c in curve}),
        fans=(fan(bet, chosen, str(limit)), fan(bet, neutral, "neutral")),
        policy=policy,
        flips=flips,
        checks=checks,
        how=TWICE if checks else ONCE,
        notes=tuple(notes),
    )


def solve(bet: Bet, limit: Limit | None, learns: bool = True) -> Solution:
    """The best plan, searched to a small gap where the limit needs a search."""
    return extensive.solve(bet, limit, gap=GAP, seconds=SECONDS, learns=learns)


def price_now(bet: Bet) -> float:
    """What a unit ordered now costs a period."""
    return float(np.ravel(bet.contracts[0].price)[0])


def choice(bet: Bet, plan: Solution, name: str, price: float) -> Choice:
    """A solved plan as a point of the frontier."""
    tree, leaves = bet.tree, bet.tree.leaves
    lost = tree.probability @ (tree.demand - plan.used) / (tree.probability @ tree.demand)
    tail = float(sample_cvar(plan.cash[leaves], TAIL, tree.probability[leaves]))
    return Choice(
        name, plan.root_order, plan.root_order * price, plan.value, tail, plan.probability_of_ruin, float(lost)
    )


def frontier(bet: Bet, neutral: Solution) -> tuple[Choice, ...]:
    """Plans from neutral to never ruined, without repeats and without limits that cannot be met."""
    price = price_now(bet)
    found: list[Choice] = []
    limits: list[Limit] = [Ruin(p) for p in LIMITS if p < neutral.probability_of_ruin and len(bet.tree.parent) <= SMALL]
    for limit in (*limits, NeverRuin()):
        try:
            point = choice(bet, solve(bet, limit), str(limit), price)
        except Infeasible:
            continue
        if found and abs(point.ruin - found[-1].ruin) < 1e-9:
            found.pop()  # the tighter limit says more
        found.append(point)
    return (choice(bet, neutral, "neutral", price), *found)


def searched(bet: Bet, limit: Limit) -> Limit | None:
    """The limit itself where it is cheap to search with; on a large tree no ruin, or no limit where that cannot be."""
    if not isinstance(limit, Ruin) or len(bet.tree.parent) <= SMALL:
        return limit
    return NeverRuin() if extensive.least_cash(bet, NeverRuin()) <= bet.cash + CASH_ERROR else None


def information_of(bet: Bet, limit: Limit | None) -> dict[str, float]:
    """EVPI, value of the stochastic solution and value of learning, under the limit."""
    told = extensive.information(bet, limit, gap=GAP, seconds=SECONDS)
    try:
        blind = solve(bet, limit, learns=False).value
    except Infeasible:
        blind = -np.inf
    return {
        "perfect information (EVPI)": told.evpi,
        "planning for all worlds, not for their mean (VSS)": told.vss,
        "learning: against orders that never adapt": told.value - blind,
    }


def worth_of(bet: Bet, limit: Limit | None) -> dict[str, float]:
    """What better terms would add to the value."""
    found = extensive.worth(bet, limit, gap=GAP, seconds=SECONDS)
    return {
        "one period less lead time": found.lead,
        "a contract shorter by one period": found.term,
        "one more unit of cash": found.cash,
        "one per cent more margin": found.margin,
        "the right to cancel": found.cancellation,
    }


def rule_of(bet: Bet, plan: Solution) -> dict[str, str]:
    """The first few later orders of the plan, in words: when, and how much."""
    tree = bet.tree
    total = plan.orders.sum(axis=0)
    lines = {}
    for node in np.flatnonzero((tree.time > 0) & (total > 1e-9))[:8]:
        where = f"in period {tree.time[node]}, if demand is {tree.demand[node]:.4g} ({tree.label[node]})"
        lines[where] = f"order {total[node]:.4g}"
    return lines


def regret_of(bet: Bet, orders: dict[str, float]) -> Regret:
    """What each order now loses in each world, later orders being best for all worlds, against knowing the world."""
    known = extensive.information(bet).worlds
    weight: dict[str, float] = {}
    tree = bet.tree
    names = (
        [name for name, *_ in known] if len(known) <= 6 else [tree.label[tree.path(leaf)[1]] for leaf in tree.leaves]
    )
    loss: list[list[float]] = []
    for order in orders.values():
        plan = extensive.solve(bet, root_order=order)
        earned = tree.along(bet.discount**tree.time * trees.cash_flow(bet, plan.orders, plan.given_up))[tree.leaves]
        row: dict[str, float] = {}
        for name, (_, chance, value, _), got in zip(names, known, earned, strict=True):
            row[name] = row.get(name, 0.0) + chance * (value - got)
            weight[name] = weight.get(name, 0.0) + chance * (not loss)  # counted once, with the first order
        loss.append([row[name] / weight[name] for name in row])
    return Regret(tuple(orders), tuple(weight), tuple(map(tuple, loss)))


def fan(bet: Bet, plan: Solution, name: str) -> Fan:
    """Quantiles of cash by period."""
    tree = bet.tree
    rows = []
    for period in range(tree.periods):
        at = tree.time == period
        order = np.argsort(plan.cash[at])
        cash, chance = plan.cash[at][order], np.cumsum(tree.probability[at][order])
        rows.append([float(cash[min(np.searchsorted(chance, level - 1e-12), len(cash) - 1)]) for level in LEVELS])
    return Fan(name, tuple(range(tree.periods)), LEVELS, tuple(zip(*rows, strict=True)))


def flips_of(named: NamedBet, limit: Limit | None) -> Iterator[Flip]:
    """The nearest change of one belief at which the order now moves by more than a tenth."""
    base = solve(named.bet, limit).root_order
    for belief, unit, now, grid, changed in beliefs(named):
        for x in sorted(grid, key=lambda x: abs(x - now)):
            try:
                order = solve(changed(x), limit).root_order
            except Infeasible:
                continue
            if abs(order - base) > CHANGED * max(abs(base), 1e-9):
                yield Flip(belief, now, float(x), unit, order)
                break


def beliefs(named: NamedBet) -> Iterator[tuple[str, str, float, np.ndarray, Callable[[float], Bet]]]:
    """(what is believed, unit, value now, values to try, the bet with it)."""
    bet = named.bet
    chances = {name: world["probability"] for name, world in named.worlds.items()}
    for name, now in chances.items():
        if now == 1.0:
            continue  # nothing says how the other worlds would share what is taken from it

        def other(x, name=name, now=now):
            rest = {n: p * (1 - x) / (1 - now) for n, p in chances.items() if n != name}
            return named.with_probabilities({**rest, name: x}).bet

        yield f"chance of '{name}'", "probability", now, np.linspace(0.0, 0.95, 39), other
    price, margin = price_now(bet), float(bet.margin[0])
    if 0.0 < price < margin:
        yield (
            "gross margin",
            "share",
            1 - price / margin,
            np.linspace(0.3, 0.9, 31),
            lambda g: replace(bet, margin=bet.margin * price / margin / (1 - g)),
        )
    yield "cash at the start", named.money, bet.cash, bet.cash + np.linspace(0, 20, 21), lambda x: replace(bet, cash=x)


def policy_of(bet: Bet, limit: Limit | None) -> PolicyMap | None:
    """The order now relative to demand, when capacity and cash relative to demand were others."""
    if isinstance(limit, CashCVaR):
        return None  # its floor is in money, so ratios do not say enough
    if not (bet.existing[0] > 0.0 and bet.tree.demand[0] > 0.0):
        return None  # nothing that others could be relative to
    capacity = np.geomspace(0.1, 2.0, 9) * bet.existing[0]
    cash = np.linspace(0.0, 4.0, 9) * max(bet.cash, 1.0)
    rows = []
    for money in cash:
        row = []
        for size in capacity:
            changed = replace(bet, cash=money, existing=bet.existing * size / bet.existing[0])
            try:
                row.append(solve(changed, limit).root_order / bet.tree.demand[0])
            except Infeasible:
                row.append(float("nan"))
        rows.append(tuple(row))
    return PolicyMap(tuple(cash / bet.tree.demand[0]), tuple(capacity / bet.tree.demand[0]), tuple(rows))


def checks_of(bet: Bet, neutral: Solution, curve: tuple[Choice, ...]) -> dict[str, float]:
    """Gaps of the dynamic programme, and of a trained rule, against the linear programme.

    Nothing where contracts can be given up, which only the linear programme knows. Raises InputError where two exact
    solvers disagree.
    """
    (contract,) = bet.contracts
    if contract.cancellation is not None or contract.option_fee is not None:
        return {}
    known = {"neutral": neutral.value} | {c.name: c.value for c in curve if c.name == str(NeverRuin())}
    gaps = {}
    for name, value in known.items():
        other = solve_by_cuts(bet, never_ruin=name != "neutral")
        gap = abs(other.lower - value) / max(abs(value), 1e-12)
        if gap > AGREE:
            raise InputError(
                f"solvers disagree on the {name} plan: linear programme {value:.6g}, dynamic programme "
                f"{other.lower:.6g}, more than {AGREE:.1%} apart: do not trust either, and report it."
            )
        gaps[f"linear against dynamic programme, {name}"] = gap
        if contract.lead > 0:
            simple = train(bet, never_ruin=name != "neutral").value
            gaps[f"simple rule, trained, below the exact plan, {name}"] = (value - simple) / max(abs(value), 1e-12)
    return gaps


def beside(name: str) -> str:
    """What the same caution costs in another bet, in words."""
    other = load_bet(name)
    free, never = extensive.solve(other.bet).value, extensive.solve(other.bet, NeverRuin()).value
    cost = 100 * (free - never) / free
    return f"Never being ruined costs {cost:.0f} % of the value in the bet '{name}' ({other.title})."
