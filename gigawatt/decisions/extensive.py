"""The exact best plan of orders on a tree: one linear programme over all nodes, solved by HiGHS.

    maximise   sum over nodes of weight_n (margin u_n - bill_n)
    subject to u_n <= demand_n,  u_n <= existing + capacity of the orders,  orders >= 0,  and a limit on cash

The extensive form of a multistage stochastic programme (Birge & Louveaux 2011, Introduction to Stochastic Programming,
chapters 2 and 4: EVPI, EEV, VSS), CVaR after Rockafellar & Uryasev (2000), Journal of Risk 2:21. A ruin probability
takes one binary per node.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from gigawatt.core.errors import InputError
from gigawatt.decisions import tree as evaluate
from gigawatt.decisions.programme import Answer, Programme
from gigawatt.decisions.tree import Bet, Tree

GAP = 1e-9  # relative gap below which a solution counts as best
STEP = 1e-3  # by which a root order is forced up and down, relative


@dataclass(frozen=True)
class NeverRuin:
    """Cash is never below zero, at any node."""

    def __str__(self):
        return "never ruin"

    def bind(self, programme: Programme, tree: Tree, wealth: slice, worst: np.ndarray) -> slice | None:
        """Add the limit to a programme whose variables `wealth` are cash by node; `worst` bounds cash from below.

        Returns the place of the binaries that mark ruined nodes, if there are any.
        """
        programme.require([(wealth, -sparse.eye_array(len(worst)))], 0.0)
        return None


@dataclass(frozen=True)
class Ruin:
    """The probability that cash is below zero at any time is at most `probability`. Raises InputError.

    A ruined world stays ruined, yet its plan runs on and its value counts, as in the stored instances.
    """

    probability: float

    def __post_init__(self):
        if not 0 <= self.probability <= 1:
            raise InputError(f"ruin probability {self.probability} must lie between 0 and 1")

    def __str__(self):
        return f"ruin at most {100 * self.probability:.3g} %"

    def bind(self, programme, tree, wealth, worst):
        """As NeverRuin.bind. A ruined node stays so in all its successors: z_n >= z_parent, W_n >= worst_n z_n."""
        nodes = len(worst)
        marks = programme.variables(nodes, upper=1.0, whole=True)
        programme.require(
            [(wealth, -sparse.eye_array(nodes)), (marks, sparse.diags_array(np.minimum(worst, 0.0)))], np.zeros(nodes)
        )
        child = np.flatnonzero(tree.parent >= 0)
        succession = _at(tree.parent[child], nodes) - _at(child, nodes)
        programme.require([(marks, succession)], np.zeros(len(child)))
        programme.require([(marks, (tree.probability * tree.is_leaf)[None])], self.probability)
        return marks


@dataclass(frozen=True)
class CashCVaR:
    """Mean final cash in the worst `share` of the worlds is at least `floor`. Raises InputError."""

    share: float
    floor: float

    def __post_init__(self):
        if not 0 < self.share <= 1:
            raise InputError(f"CVaR share {self.share} must be above 0 and at most 1")
        if not math.isfinite(self.floor):
            raise InputError(f"CVaR floor {self.floor} must be a finite amount of cash")

    def __str__(self):
        return f"mean final cash of the worst {100 * self.share:.3g} % at least {self.floor:.5g}"

    def bind(self, programme, tree, wealth, worst):
        """As NeverRuin.bind: t - sum p_l (t - W_l)+ / share >= floor for some t."""
        leaves = tree.leaves
        line = programme.variables(1, lower=-np.inf)
        short = programme.variables(len(leaves))
        each = sparse.eye_array(len(leaves))
        programme.require(
            [(line, np.ones((len(leaves), 1))), (wealth, -_at(leaves, len(worst))), (short, -each)],
            np.zeros(len(leaves)),
        )
        tail = tree.probability[leaves] / self.share
        programme.require([(line, -np.ones((1, 1))), (short, tail[None])], -self.floor)
        return None


Limit = NeverRuin | Ruin | CashCVaR


class Infeasible(InputError):
    """No plan meets the limit; `cash` is the least starting cash with which one does."""

    def __init__(self, limit: Limit, bet: Bet, cash: float):
        self.cash = cash
        super().__init__(
            f"'{limit}' cannot be met from cash {bet.cash:.6g}: start with at least {round(cash, 9) + 0.0:.10g}"
        )


@dataclass(frozen=True, eq=False)
class Solution:
    """The best plan: `value`, units ordered at the root (`root_order`, all contracts), and the plan by node.

    `orders` (contracts, nodes), `given_up` (contracts, nodes, ages); `capacity`, `used`, `cash` (nodes,) are
    re-evaluated from these by the plain functions of `tree`, as are `value` and `probability_of_ruin`. `gap`: how far,
    relative, the value may be below the best there is; `status` says it in words.
    """

    value: float
    root_order: float
    orders: np.ndarray
    given_up: np.ndarray
    capacity: np.ndarray
    used: np.ndarray
    cash: np.ndarray
    probability_of_ruin: float
    gap: float

    @property
    def status(self) -> str:
        """'optimal', or 'within' the gap that the search left."""
        return "optimal" if self.gap <= GAP else f"within {self.gap:.1e}"


def solve(
    bet: Bet,
    limit: Limit | None = None,
    root_order: float | Sequence[float] | None = None,
    *,
    gap: float = 0.0,
    seconds: float = 60.0,
    learns: bool = True,
) -> Solution:
    """The plan with the greatest value among those that meet the limit.

    `root_order` forces the order at the root: the total, or one number per contract. Where several plans are best one
    of them is returned (`root_uniqueness` tells). A limit on the probability of ruin needs a search, which stops at a
    relative `gap` or after `seconds`; `status` then says what is left. A plan that never `learns` orders the same in
    all nodes of a period. Raises Infeasible, which names the starting cash that would do.
    """
    solution = _best(bet, limit, root_order, gap, seconds, learns)
    if solution is None:
        assert limit is not None  # without a limit any order is a plan
        raise Infeasible(limit, bet, least_cash(bet, limit, root_order))
    return solution


def least_cash(bet: Bet, limit: Limit, root_order: float | Sequence[float] | None = None) -> float:
    """The starting cash, at least that of the bet, from which on the limit can be met."""
    form = _Form(bet, limit, root_order, more_cash=True)
    answer = form.optimise()
    assert answer is not None  # enough cash meets every limit
    return bet.cash + form.scale * float(answer.x[form.extra][0])


@dataclass(frozen=True)
class Information:
    """What it is worth to know the world, and to plan for all worlds rather than for their mean.

    `wait_and_see`: mean value when the world is known before the first order; `evpi` = wait_and_see - value.
    `mean_value_root_order`: best first order if demand took its mean path; `eev`: value of that order when later
    orders are best; `vss` = value - eev. An order for the mean path that cannot meet the limit has eev -inf.
    `worlds`: (label, probability, value, root order) of each leaf when it is known. `gap`: the largest that a search
    left, relative to its value.
    """

    value: float
    wait_and_see: float
    evpi: float
    mean_value_root_order: float
    eev: float
    vss: float
    worlds: tuple[tuple[str, float, float, float], ...]
    gap: float


def information(bet: Bet, limit: Limit | None = None, *, gap: float = 0.0, seconds: float = 60.0) -> Information:
    """Value of perfect information and of the stochastic solution (Birge & Louveaux 2011, chapter 4).

    The limit holds in each of the problems; for known worlds a ruin probability or CVaR is taken over the worlds.
    `gap` and `seconds` as in `solve`, for each of its problems.
    """
    best = solve(bet, limit, gap=gap, seconds=seconds)
    known = replace(bet, tree=bet.tree.revealed())
    seen = solve(known, limit, gap=gap, seconds=seconds)
    mean = _best(replace(bet, tree=bet.tree.mean_path()), limit, None, gap, seconds)
    planned = mean and _best(bet, limit, mean.orders[:, 0], gap, seconds)
    eev = planned.value if planned else -math.inf
    return Information(
        value=best.value,
        wait_and_see=seen.value,
        evpi=seen.value - best.value,
        mean_value_root_order=mean.root_order if mean else math.nan,
        eev=eev,
        vss=best.value - eev,
        worlds=_worlds(known, seen),
        gap=max(plan.gap for plan in (best, seen, mean, planned) if plan),
    )


def _worlds(known: Bet, seen: Solution):
    tree, leaves = known.tree, known.tree.leaves
    earned = tree.along(known.discount**tree.time * evaluate.cash_flow(known, seen.orders, seen.given_up))
    first = seen.orders.sum(axis=0)[tree.roots]
    rows = zip(leaves, tree.probability[leaves], earned[leaves], first, strict=True)
    return tuple((tree.label[leaf], float(p), float(v), float(x)) for leaf, p, v, x in rows)


def frontier(
    bet: Bet, probabilities: Iterable[float], *, gap: float = 0.0, seconds: float = 60.0
) -> dict[float, Solution | None]:
    """The best plan for each limit on the probability of ruin; None where no plan meets it. As `solve` for the rest."""
    return {each: _best(bet, Ruin(each), None, gap, seconds) for each in probabilities}


@dataclass(frozen=True)
class Worth:
    """Gain in value from one change to the bet: `lead`: every contract one period sooner; `term`: one period shorter.

    `cash`: one more unit at the start; `margin`: one per cent more margin; `cancellation`: the right to cancel. `gap`:
    the largest that a search left, relative to its value.
    """

    lead: float
    term: float
    cash: float
    margin: float
    cancellation: float
    gap: float


def worth(bet: Bet, limit: Limit | None = None, fee: float = 0.0, *, gap: float = 0.0, seconds: float = 60.0) -> Worth:
    """What would help, each change by itself. `fee` per unit and remaining period of the cancellation clause.

    A lead of 0 and a term of 1 stay. A change with which no plan meets the limit is worth -inf. `gap` and `seconds` as
    in `solve`, for each change.
    """
    base = solve(bet, limit, gap=gap, seconds=seconds)
    changes: dict[str, dict[str, Any]] = {
        "lead": {"contracts": tuple(replace(c, lead=max(c.lead - 1, 0)) for c in bet.contracts)},
        "term": {"contracts": tuple(replace(c, term=max(c.term - 1, 1)) for c in bet.contracts)},
        "cash": {"cash": bet.cash + 1.0},
        "margin": {"margin": 1.01 * bet.margin},
        "cancellation": {"contracts": tuple(replace(c, cancellation=fee) for c in bet.contracts)},
    }
    plans = {name: _best(replace(bet, **change), limit, None, gap, seconds) for name, change in changes.items()}
    gains = {name: plan.value - base.value if plan else -math.inf for name, plan in plans.items()}
    return Worth(**gains, gap=max(plan.gap for plan in (base, *plans.values()) if plan))


def root_uniqueness(bet: Bet, limit: Limit | None = None) -> tuple[float, float | None, float | None]:
    """Step, and change of value when the root order is forced down and up by it; None where that is infeasible.

    Both changes below zero (or None): the root order is the only best one. The step is 0.001 max(1, root order).
    """
    base = solve(bet, limit)
    step = STEP * max(1.0, base.root_order)
    forced = [_best(bet, limit, x) if x >= 0 else None for x in (base.root_order - step, base.root_order + step)]
    down, up = (plan.value - base.value if plan else None for plan in forced)
    return step, down, up


def _best(bet: Bet, limit: Limit | None, root_order=None, gap=0.0, seconds=60.0, learns=True) -> Solution | None:
    form = _Form(bet, limit, root_order)
    if not learns:
        form.tie(bet)
    answer = form.optimise(gap, seconds)
    if answer is None:
        return None
    count, (nodes, ages) = len(bet.contracts), bet.tree.lineage.shape
    plan = np.zeros(len(bet.laws.free))
    plan[bet.laws.free] = np.maximum(form.scale * answer.x[form.decide], 0.0)
    orders = plan[: count * nodes].reshape(count, nodes)
    given_up = plan[count * nodes :].reshape(count, nodes, ages)
    leaves = bet.tree.leaves
    value = evaluate.value(bet, orders, given_up)
    gap = form.scale * (answer.cost - answer.bound) / max(abs(value), GAP * form.scale)
    return Solution(
        value=value,
        root_order=float(orders[:, bet.tree.roots].sum(axis=0) @ bet.tree.probability[bet.tree.roots]),
        orders=orders,
        given_up=given_up,
        capacity=evaluate.capacity(bet, orders, given_up),
        used=evaluate.used(bet, orders, given_up),
        cash=evaluate.cash(bet, orders, given_up),
        probability_of_ruin=float(bet.tree.probability[leaves] @ evaluate.ruined(bet, orders, given_up)[leaves]),
        gap=gap,
    )


class _Form:
    """The programme of one bet, in units of its mean demand: places of its variables, and its solution."""

    def __init__(self, bet: Bet, limit: Limit | None, root_order=None, more_cash=False):
        tree, laws = bet.tree, bet.laws
        self.scale = float(tree.probability @ tree.demand) / tree.periods or 1.0
        self.programme, self.marks = Programme(), None
        _check_root_order(bet, root_order)
        capacity, bill, kept = (matrix[:, laws.free] for matrix in (laws.capacity, laws.bill, laws.kept))
        earns = bet.margin[tree.time]
        aim = 0.0 * bet.weight if more_cash else bet.weight
        most = _most(bet, root_order) / self.scale
        self.decide = self.programme.variables(len(most), aim @ bill, upper=most)
        self.use = self.programme.variables(len(earns), -aim * earns, upper=tree.demand / self.scale)
        existing = bet.existing[tree.time] / self.scale
        self.programme.require([(self.use, sparse.eye_array(len(earns))), (self.decide, -capacity)], existing)
        self.programme.require([(self.decide, -kept)], 0.0)
        if root_order is not None:
            self._force(bet, np.asarray(root_order, float))
        if limit is not None:
            self._limit(bet, limit, bill, most, more_cash)

    def _limit(self, bet, limit, bill, most, more_cash):
        tree = bet.tree
        nodes = len(tree.parent)
        earns, first = bet.margin[tree.time], (tree.parent < 0).astype(float)
        self.wealth = self.programme.variables(nodes, lower=-np.inf)
        self.extra = self.programme.variables(1, cost=float(more_cash), upper=np.inf if more_cash else 0.0)
        child = np.flatnonzero(tree.parent >= 0)
        before = sparse.csr_array((np.ones(len(child)), (child, tree.parent[child])), shape=(nodes, nodes))
        self.programme.require(
            [
                (self.wealth, sparse.eye_array(nodes) - before),
                (self.use, -sparse.diags_array(earns)),
                (self.decide, bill),
                (self.extra, -first[:, None]),
            ],
            (bet.cash * first - bet.unavoidable) / self.scale,
            equal=True,
        )
        sure = np.maximum(earns, 0) * np.minimum(tree.demand, bet.existing[tree.time]) - bet.unavoidable
        worst = (bet.cash + tree.along(sure)) / self.scale - tree.along(bill.maximum(0) @ most)
        if isinstance(limit, CashCVaR):
            limit = replace(limit, floor=limit.floor / self.scale)
        self.marks = limit.bind(self.programme, tree, self.wealth, worst)

    def _force(self, bet, root_order):
        count, nodes = len(bet.contracts), len(bet.tree.parent)
        size = self.decide.stop - self.decide.start
        each = [_at(bet.tree.roots + number * nodes, size) for number in range(count)]
        rows = [sum(each)] if root_order.shape == () else each
        for row, amount in zip(rows, np.atleast_1d(root_order), strict=True):
            self.programme.require([(self.decide, row)], np.full(row.shape[0], amount / self.scale), equal=True)

    def tie(self, bet):
        """What is decided is the same in all nodes of a period."""
        tree, count = bet.tree, len(bet.contracts)
        ages = np.arange(tree.lineage.shape[1])
        order = np.arange(count)[:, None] * tree.periods + tree.time
        given_up = count * tree.periods + order[..., None] * len(ages) + ages
        decision = np.concatenate([order.ravel(), given_up.ravel()])[bet.laws.free]
        _, first, same = np.unique(decision, return_index=True, return_inverse=True)
        size = len(decision)
        alike = _at(np.arange(size), size) - _at(first[same], size)
        self.programme.require([(self.decide, alike)], np.zeros(size), equal=True)

    def optimise(self, gap=0.0, seconds=60.0) -> Answer | None:
        """The best solution, None if there is none.

        HiGHS takes 1e-6 for a whole number, so cash may dip below zero by 1e-6 of its bound. Hence cash is held where
        the binaries say so, and the rest solved again as a linear programme. If that cannot be done, one of the nodes
        that cannot all be spared must be ruined, and the search goes on (combinatorial Benders cut: Codato &
        Fischetti 2006, Operations Research 54:756).
        """
        programme = self.programme
        if self.marks is None:
            return programme.solve()
        while (found := programme.solve(gap=gap, seconds=seconds)) is not None:
            ruined = found.x[self.marks] > 0.5
            lower = np.concatenate(programme.lower)
            lower[self.wealth] = np.where(ruined, -np.inf, 0.0)
            settled = programme.solve(lower=lower, whole=False)
            if settled is not None:
                return settled._replace(bound=min(found.bound, settled.cost))
            clash = programme.conflict(lower, self.extra)
            spared = np.isin(np.arange(programme.size)[self.wealth], clash)
            programme.require([(self.marks, -spared[None].astype(float))], -1.0)
        return None


def _check_root_order(bet: Bet, root_order):
    amounts = np.asarray(0.0 if root_order is None else root_order, float)
    count = len(bet.contracts)
    if amounts.shape not in ((), (count,)) or not (np.isfinite(amounts) & (amounts >= 0)).all():
        raise InputError(f"root_order {root_order}: give the total or one number per contract ({count}), each >= 0")


def _most(bet: Bet, root_order) -> np.ndarray:
    """Bound on every free decision that costs no value.

    An order above the greatest demand that it can meet may be cut to it: capacity still covers demand in each node
    it serves, and no bill rises. Units given up are bounded by their order.
    """
    tree, count = bet.tree, len(bet.contracts)
    nodes, ages = tree.lineage.shape
    order = np.zeros((count, nodes))
    for most, contract in zip(order, bet.contracts, strict=True):
        for age in range(contract.lead, min(contract.lead + contract.term, ages)):
            node = np.flatnonzero(tree.time >= age)
            np.maximum.at(most, tree.lineage[node, age], tree.demand[node])
    if root_order is not None:
        order[:, tree.roots] = np.maximum(order[:, tree.roots], np.reshape(root_order, (-1, 1)))
    given_up = np.where(tree.lineage >= 0, order[:, tree.lineage], 0.0)
    return np.concatenate([order.ravel(), given_up.ravel()])[bet.laws.free]


def _at(columns, size: int) -> sparse.csr_array:
    """Rows that pick the entries `columns` of a vector of `size`."""
    count = len(columns)
    return sparse.csr_array((np.ones(count), (np.arange(count), columns)), shape=(count, size))
