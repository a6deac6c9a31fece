"""The tree problem by dynamic programming: exact value functions made of cuts, an audit of the linear programme.

State at a node, before its cash flow: demand D, capacity C_k and bill B_k already contracted for each period left,
cash W. The value V(D, C, B, W) is concave and homogeneous of degree one in the whole state, so it is a minimum of
hyperplanes through the origin ("cuts") and nodes whose future looks the same in ratios to demand share one function.
One order x a node: with flow f = m min(D, C_0 + x e_0) - B_0 - x b_0,

    V(D, C, B, W) = max over x >= 0 of f - M (W + f)^- + beta sum_j p_j V_j(g_j D, C + x e, B + x b, W + f)

Never-ruin is the exact penalty M on negative cash; M = 0 is the neutral problem. Passes go forward over the tree with
the functions so far, then backward, adding the cuts that bite at the states just visited: nested Benders (Birge 1985,
Operations Research 33(5):989-1007), here with a one-dimensional search in place of each linear programme. Cuts
bound the value from above, the plan found bounds it from below: the gap is a certificate. A grid cannot do this: with
exact expiry the state has L + T - 1 dimensions beside cash, and never-ruin bends the value where grids are worst.
"""

from typing import NamedTuple

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.decisions import tree as trees
from gigawatt.decisions.lattice import lump
from gigawatt.decisions.tree import Bet

PENALTY = 1e4  # on a unit of negative cash; far above what a unit of cash can earn on a tree of few periods
BITE = 1e-11  # relative improvement below which a cut is not worth keeping


class CutSolution(NamedTuple):
    """Bounds on the best value, the plan that reaches the lower one, and the passes that it took."""

    upper: float
    lower: float  # value of the plan; less the penalty where it runs out of cash
    orders: np.ndarray  # (nodes,) units
    passes: int

    @property
    def gap(self) -> float:
        """Upper less lower bound, relative to the upper."""
        return (self.upper - self.lower) / max(abs(self.upper), 1e-12)


class _Stage(NamedTuple):
    """One class of nodes in one period: what an order does, and what may follow. H periods are left after it."""

    margin: float
    served: float  # demand in units of the state's first entry: 1, or 0 where there is none
    beta: float
    penalty: float
    serves: np.ndarray  # (H + 1,) 1 where the order serves, from this period on
    bills: np.ndarray  # (H + 1,) money per unit ordered
    reach: float  # largest demand that may come, as a multiple of demand now
    chance: np.ndarray  # (J,)
    growth: np.ndarray  # (J,)
    cuts: list[np.ndarray]  # J functions of the next state, (cuts, 2 + 2 H)


class _Support(NamedTuple):
    """The stage's objective at an order x, and the hyperplane in (state, x) that touches it there."""

    x: np.ndarray  # (N,)
    value: np.ndarray  # (N,)
    slope: np.ndarray  # (N,) d value / d x
    full: np.ndarray  # (N,) all capacity in use
    short: np.ndarray  # (N,) cash below zero
    picks: np.ndarray  # (J, N) active cut of each child


class _Model:
    """The bet as stages by (period, class), with the cuts found so far."""

    def __init__(self, bet: Bet, penalty: float):
        if len(bet.tree.roots) > 1:
            raise InputError(f"the tree has {len(bet.tree.roots)} roots: solve each on its own")
        self.bet, self.contract, self.penalty = bet, _only_contract(bet), penalty
        self.lattice, self.number, self.scale = lump(bet.tree)
        self.cuts: list[list[np.ndarray]] = []
        self.reach: list[np.ndarray] = []
        self._begin()

    def _begin(self):
        """First cuts: all demand served at no bill beyond what is contracted."""
        bet, periods = self.bet, self.bet.tree.periods
        margin = np.maximum(bet.margin, 0.0)
        worth = reach = np.zeros(1)
        for t in range(periods - 1, -1, -1):
            served = self._served(t)
            chance, growth, following = self._steps(t)
            worth = margin[t] * served + bet.discount * (chance * growth * worth[following]).sum(-1)
            reach = np.maximum(served, (growth * reach[following] * (chance > 0.0)).max(-1, initial=0.0))
            left = periods - t
            paid = -(bet.discount ** np.arange(left))
            self.cuts.insert(0, [np.concatenate([[w], np.zeros(left), paid, [0.0]])[None] for w in worth])
            self.reach.insert(0, reach)

    def _served(self, t: int):
        """Demand of each class in units of its scale: one, or zero where there is none."""
        nodes = np.flatnonzero(self.bet.tree.time == t)
        served = np.zeros(self.number[nodes].max() + 1)
        served[self.number[nodes]] = self.bet.tree.demand[nodes] > 0.0
        return served

    def _steps(self, t: int):
        """Chance, growth and class of what follows each class: (classes, J), none after the last period."""
        if t == self.lattice.periods - 1:
            none = np.zeros((len(self._served(t)), 0))
            return none, none, none.astype(int)
        return tuple(part[t] for part in self.lattice)

    def stage(self, t: int, kind: int) -> _Stage:
        """What decides the order in period t at the nodes of one class."""
        bet, contract, left = self.bet, self.contract, self.bet.tree.periods - t
        age = np.arange(left)
        serves = ((age >= contract.lead) & (age < contract.lead + contract.term)).astype(float)
        price = np.broadcast_to(contract.price, bet.tree.periods)[t]
        bills = (1.0 - contract.prepayment) * price * serves
        bills[0] += contract.prepayment * price * serves.sum()
        chance, growth, following = (part[kind] for part in self._steps(t))
        cuts = [self.cuts[t + 1][f] for f in following]
        margin = max(bet.margin[t], 0.0)
        served = self._served(t)[kind]
        return _Stage(
            margin, served, bet.discount, self.penalty, serves, bills, self.reach[t][kind], chance, growth, cuts
        )

    def forward(self):
        """States (nodes, ...) by period, orders and bound at the root when the functions so far are followed."""
        tree = self.bet.tree
        root = [self.scale[tree.roots], self.bet.existing, self.bet.fixed + self.bet.existing * self.bet.existing_price]
        state = np.concatenate([*root, [self.bet.cash]])[None]
        states, orders, bound = [], np.zeros(len(tree.parent)), 0.0
        for t in range(tree.periods):
            nodes = np.flatnonzero(tree.time == t)
            after = np.zeros((len(nodes), state.shape[1] - 2))
            for kind in np.unique(self.number[nodes]):
                mine = self.number[nodes] == kind
                stage = self.stage(t, kind)
                orders[nodes[mine]], value, _ = _best_order(stage, state[mine])
                bound = value[0] if t == 0 else bound
                after[mine] = _next_state(stage, state[mine], orders[nodes[mine]])
            states.append(state)
            children = np.flatnonzero(tree.time == t + 1)
            state = after[np.searchsorted(nodes, tree.parent[children])]
            state[:, 0] = self.scale[children]
        return states, orders, bound

    def backward(self, states) -> bool:
        """Add the cuts that bite at the states visited, last period first. False when none does."""
        tree, added = self.bet.tree, False
        for t in range(tree.periods - 1, -1, -1):
            numbers = self.number[tree.time == t]
            for kind in np.unique(numbers):
                visited = _distinct(states[t][numbers == kind])
                _, bound, cut = _best_order(self.stage(t, kind), visited)
                known = self.cuts[t][kind]
                old = (visited @ known.T).min(-1)
                bites = bound < old - BITE * (1.0 + np.abs(bound))
                if bites.any():
                    self.cuts[t][kind] = np.concatenate([known, np.unique(cut[bites], axis=0)])
                    added = True
        return added


def solve_by_cuts(bet: Bet, never_ruin: bool = False, tolerance: float = 1e-7, passes: int = 300) -> CutSolution:
    """Best orders on a tree by dynamic programming with cuts.

    `never_ruin`: cash is never below zero at any node. One contract without cancellation or option (prepayment is
    fine). Stops when the relative gap is below `tolerance`, or after `passes`. Raises InputError for other contracts,
    for several roots, and where no plan avoids ruin.
    """
    model = _Model(bet, PENALTY if never_ruin else 0.0)
    turn = 0
    while True:
        turn += 1
        states, orders, upper = model.forward()
        cash = np.minimum(trees.cash(bet, orders), 0.0)
        lower = trees.value(bet, orders) + model.penalty * float(bet.weight @ cash)
        if upper - lower <= tolerance * max(abs(upper), 1.0) or turn >= passes or not model.backward(states):
            break
    if never_ruin and cash.min() < -1e-6 * (1.0 + abs(bet.cash)):
        raise InputError(f"never_ruin is out of reach: cash falls to {cash.min():.4g} at best: start with more cash")
    return CutSolution(float(upper), lower, orders, turn)


def _only_contract(bet: Bet):
    contract = bet.contracts[0]
    if len(bet.contracts) > 1 or contract.cancellation is not None or contract.option_fee is not None:
        raise InputError(f"{len(bet.contracts)} contracts, or one that can be given up: use the linear programme")
    return contract


def _distinct(states):
    """Visited states in ratios to demand, each once."""
    ratios = states / states[:, :1]
    _, first = np.unique(ratios.round(9), axis=0, return_index=True)
    return ratios[first]


def _parts(stage, state):
    """Demand, capacity (N, H + 1), bill (N, H + 1) and cash of states (N, 2 + 2 (H + 1))."""
    left = len(stage.serves)
    return state[:, 0], state[:, 1 : 1 + left], state[:, 1 + left : 1 + 2 * left], state[:, -1]


def _flow(stage, state, x):
    demand, capacity, bill, _ = _parts(stage, state)
    serving = capacity[:, 0] + x * stage.serves[0]
    demand = demand * stage.served
    return stage.margin * np.minimum(demand, serving) - bill[:, 0] - x * stage.bills[0], serving < demand


def _next_state(stage, state, x):
    """State a period later; its first entry, demand, is still today's."""
    demand, capacity, bill, cash = _parts(stage, state)
    capacity, bill = capacity + x[:, None] * stage.serves, bill + x[:, None] * stage.bills
    flow, _ = _flow(stage, state, x)
    return np.column_stack([demand, capacity[:, 1:], bill[:, 1:], cash + flow])


def _children(stage, state):
    """Each child's cuts as lines: (base (N, I), slope in x (I,), slope in cash (I,), weight)."""
    left = len(stage.serves)
    still = _next_state(stage, state, np.zeros(len(state)))
    lines = []
    for chance, growth, cuts in zip(stage.chance, stage.growth, stage.cuts, strict=True):
        still[:, 0] = growth * state[:, 0]
        base = still[:, :-1] @ cuts[:, :-1].T
        slope = cuts[:, 1:left] @ stage.serves[1:] + cuts[:, left:-1] @ stage.bills[1:]
        lines.append((base, slope, cuts[:, -1], stage.beta * chance))
    return lines


def _support(stage, state, lines, x) -> _Support:
    flow, full = _flow(stage, state, x)
    cash = state[:, -1] + flow
    short = cash < 0.0
    value = flow + stage.penalty * np.minimum(cash, 0.0)
    slope, worth, picks = np.zeros(len(x)), 1.0 + stage.penalty * short, []
    for base, by_x, by_cash, weight in lines:
        all_cuts = base + x[:, None] * by_x + cash[:, None] * by_cash
        pick = all_cuts.argmin(-1)
        picks.append(pick)
        value += weight * np.take_along_axis(all_cuts, pick[:, None], -1)[:, 0]
        slope += weight * by_x[pick]
        worth += weight * by_cash[pick]
    slope += worth * (stage.margin * stage.serves[0] * full - stage.bills[0])
    return _Support(x, value, slope, full, short, np.reshape(picks, (len(lines), len(x))).astype(int))


def _gradient(stage, support, state):
    """Hyperplane that touches the stage's objective, by the entries of the state (N, 2 + 2 (H + 1))."""
    left = len(stage.serves)
    gradient = np.zeros_like(state)
    cash = stage.penalty * support.short
    for chance, growth, cuts, pick in zip(stage.chance, stage.growth, stage.cuts, support.picks, strict=True):
        cut = stage.beta * chance * cuts[pick]
        gradient[:, 0] += growth * cut[:, 0]
        gradient[:, 2 : 1 + left] += cut[:, 1:left]
        gradient[:, 2 + left : 1 + 2 * left] += cut[:, left:-1]
        cash = cash + cut[:, -1]
    gradient[:, 0] += (1.0 + cash) * stage.margin * stage.served * ~support.full
    gradient[:, 1] += (1.0 + cash) * stage.margin * support.full
    gradient[:, 1 + left] -= 1.0 + cash
    gradient[:, -1] = cash
    return gradient


def _select(mask, a: _Support, b: _Support) -> _Support:
    return _Support(*(np.where(mask, one, other) for one, other in zip(a, b, strict=True)))


def _crossing(low, high):
    """Where the two touching lines meet, and their height there: an upper bound on the maximum."""
    fall = np.where(low.slope > high.slope, low.slope - high.slope, 1.0)
    step = (high.value - low.value - high.slope * (high.x - low.x)) / fall
    x = np.clip(low.x + step, low.x, high.x)
    return x, low.value + low.slope * (x - low.x)


def _best_order(stage, state):
    """Order (N,), upper bound on the value (N,) and the cut (N, ...) that proves it.

    The objective is concave and piecewise linear in the order: shrink a bracket whose ends have slopes up and down,
    trying where the end lines meet (exact when no other piece lies between) and every third time the middle.
    """
    lines = _children(stage, state)
    low = _support(stage, state, lines, np.zeros(len(state)))
    high = _support(stage, state, lines, stage.reach * state[:, 0])
    inner = (low.slope > 0.0) & (high.slope < 0.0)
    for turn in range(90):
        x, bound = _crossing(low, high)
        x = np.where(turn % 3 == 2, (low.x + high.x) / 2.0, x)
        trial = _support(stage, state, lines, x)
        met = (turn % 3 < 2) & (bound - trial.value <= 1e-13 * (1.0 + np.abs(bound)))
        if (met | ~inner).all():
            break
        low = _select(inner & ~met & (trial.slope > 0.0), trial, low)
        high = _select(inner & ~met & (trial.slope <= 0.0), trial, high)
    x, bound = _crossing(low, high)
    share = np.where(inner, -high.slope / np.where(inner, low.slope - high.slope, 1.0), low.slope <= 0.0)[:, None]
    cut = share * _gradient(stage, low, state) + (1.0 - share) * _gradient(stage, high, state)
    top = ~inner & (low.slope > 0.0)  # still rising at the largest order that could ever be used
    cut[:, 0] += np.where(top, high.slope * stage.reach, 0.0)
    x = np.where(inner, x, np.where(top, high.x, 0.0))
    return x, np.where(inner, bound, np.where(top, high.value, low.value)), cut
