"""A tree of demand, the contracts on offer, and what any plan of orders earns on it.

At node n (period t) demand D_n is seen, then x_n >= 0 units are ordered. They serve in periods t+L .. t+L+T-1 and are
paid for in all of these, used or not (take-or-pay). With capacity C_n, margin m and bill B_n

    used        u_n = min(D_n, C_n)
    cash flow   f_n = m u_n - B_n - fixed
    cash        W_n = W_0 + sum of f over the path to n         (not discounted)
    value       V   = sum over nodes of probability_n beta^t f_n

What falls due after the tree's last period is not counted. Model and numbers: design notes `compute-bet.md` 2.4;
extensive form of a multistage stochastic programme: Birge & Louveaux (2011), Introduction to Stochastic Programming.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from gigawatt.core.errors import InputError

PerPeriod = Any  # one number, or one per period; a Bet keeps it as an array by period
ROUNDING = 1e-9  # sums of probabilities and cash at the ruin line, relative


def _require(ok, message: str):
    if not ok:
        raise InputError(message)


def _numbers(name: str, values, ndim: int = 1) -> np.ndarray:
    try:
        array = np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name} {values!r}: give numbers, the same count in every row") from None
    _require(array.ndim == ndim, f"{name} has {array.ndim} dimensions: give {ndim}")
    return array


def _check_each(name: str, values: np.ndarray, good: np.ndarray, cure: str, place: str = "node"):
    bad = np.flatnonzero(~good)
    if bad.size:
        raise InputError(f"{name} at {place} {bad[0]} is {values[bad[0]]:.6g}: {cure}")


def _whole(name: str, number, least: int) -> int:
    whole = isinstance(number, Real) and float(number).is_integer() and float(number) >= least
    _require(whole, f"{name} {number}: give a whole number of periods, at least {least}")
    return int(number)


@dataclass(frozen=True, eq=False)
class Tree:
    """Demand as a tree: what is known at a node is the path that leads to it.

    Arrays by node, parents before children: `parent` (-1 at the root), `probability` of reaching the node, `demand`
    [units of capacity that paid use can fill], `label`, and `regime` where the tree has one. Several roots mean that
    chance has picked one of them before the first order (`revealed`). Raises InputError.
    """

    parent: np.ndarray
    probability: np.ndarray
    demand: np.ndarray
    label: Sequence[str] = ()
    regime: np.ndarray | None = None

    def __post_init__(self):
        parent, probability, demand = (_numbers(f, getattr(self, f)) for f in ("parent", "probability", "demand"))
        size = len(parent)
        _require(size > 0, "parent is empty: a tree has at least its root")
        _require(
            len(probability) == len(demand) == size and len(self.label) in (0, size),
            f"parent, probability, demand, label have {size}, {len(probability)}, {len(demand)}, {len(self.label)} "
            "entries: give one per node",
        )
        _check_each(
            "parent",
            parent,
            (parent == np.floor(parent)) & (parent >= -1) & (parent < np.arange(size)),
            "give an earlier node, or -1 at the root",
        )
        _check_each("demand", demand, np.isfinite(demand) & (demand >= 0), "give >= 0 and finite (else unbounded)")
        _check_each("probability", probability, (probability >= 0) & (probability <= 1 + ROUNDING), "give 0 to 1")
        object.__setattr__(self, "parent", parent.astype(int))
        object.__setattr__(self, "probability", probability)
        object.__setattr__(self, "demand", demand)
        object.__setattr__(self, "label", tuple(map(str, self.label)) or tuple(map(str, range(size))))
        self._check_sums()

    def _check_sums(self):
        total = np.bincount(self.parent + 1, self.probability, len(self.parent) + 1)
        _require(abs(total[0] - 1) <= ROUNDING, f"probabilities at the root sum to {total[0]:.6g}, not 1: rescale them")
        fits = self.is_leaf | (abs(total[1:] - self.probability) <= ROUNDING)
        _check_each(
            "sum of the children's probabilities",
            total[1:],
            fits,
            "it must be the node's own: probability is that of reaching a node, not of one step",
        )

    @cached_property
    def lineage(self) -> np.ndarray:
        """The node k periods before each node, -1 before the root, shape (nodes, periods)."""
        columns = [np.arange(len(self.parent))]
        padded = np.append(self.parent, -1)  # the parent of -1 is -1
        while (padded[columns[-1]] >= 0).any():
            columns.append(padded[columns[-1]])
        return np.stack(columns, axis=1)

    @cached_property
    def time(self) -> np.ndarray:
        """Period of each node, 0 at the root."""
        return (self.lineage >= 0).sum(axis=1) - 1

    @property
    def periods(self) -> int:
        """Number of periods, the root's included."""
        return self.lineage.shape[1]

    @cached_property
    def is_leaf(self) -> np.ndarray:
        """True where a node has no children."""
        leaf = np.ones(len(self.parent), bool)
        leaf[self.parent[self.parent >= 0]] = False
        return leaf

    @property
    def leaves(self) -> np.ndarray:
        """Nodes without children: one per world."""
        return np.flatnonzero(self.is_leaf)

    @property
    def roots(self) -> np.ndarray:
        """Nodes without a parent: one, unless the world is known in advance."""
        return np.flatnonzero(self.parent < 0)

    def children(self, node: int) -> np.ndarray:
        """Nodes that follow `node` directly."""
        return np.flatnonzero(self.parent == node)

    def path(self, node: int) -> np.ndarray:
        """Nodes from the root to `node`, both included."""
        return self.lineage[node][self.time[node] :: -1]

    def along(self, amounts) -> np.ndarray:
        """Sum of `amounts` (by node) over the path to each node, both ends included."""
        return np.append(amounts, 0.0)[self.lineage].sum(axis=1)

    def revealed(self) -> "Tree":
        """The same worlds, each known before the first order: one separate path per leaf."""
        paths = [self.path(leaf) for leaf in self.leaves]
        nodes = np.concatenate(paths)
        first = np.cumsum([0, *map(len, paths)])[:-1]
        parent = np.arange(len(nodes)) - 1
        parent[first] = -1
        probability = np.repeat(self.probability[self.leaves], [len(path) for path in paths])
        label = [self.label[path[-1]] for path in paths for _ in path]
        return Tree(parent, probability, self.demand[nodes], label)

    def mean_path(self) -> "Tree":
        """The single path of mean demand in each period."""
        mass = np.bincount(self.time, self.probability)
        mean = np.bincount(self.time, self.probability * self.demand) / mass
        return Tree(np.arange(len(mean)) - 1, np.ones(len(mean)), mean, ["mean"] * len(mean))

    @classmethod
    def from_worlds(cls, worlds: Mapping[str, tuple[float, Sequence[float]]]) -> "Tree":
        """Worlds {label: (probability, demand path)}; worlds are told apart from the first period in which they differ.

        Nodes are in order of time. A node's label names the worlds that pass through it, joined by '+'. Raises
        InputError when paths differ in length or probabilities do not sum to one.
        """
        _require(worlds, "worlds is empty: give at least one {label: (probability, demand path)}")
        paths = {label: tuple(_numbers(f"demand of world '{label}'", path)) for label, (_, path) in worlds.items()}
        lengths = sorted({len(path) for path in paths.values()})
        _require(len(lengths) == 1 and lengths[0], f"demand paths have lengths {lengths}: give one length, at least 1")
        total = sum(probability for probability, _ in worlds.values())
        _require(abs(total - 1) <= ROUNDING, f"probabilities sum to {total:.6g}, not 1: rescale them")
        through: dict[tuple, list[str]] = {}
        for stop in range(1, lengths[0] + 1):
            for label, path in paths.items():
                through.setdefault(path[:stop], []).append(label)
        number = {prefix: node for node, prefix in enumerate(through)}
        return cls(
            np.array([number.get(prefix[:-1], -1) for prefix in through]),
            np.array([sum(worlds[label][0] for label in labels) for labels in through.values()]),
            np.array([prefix[-1] for prefix in through]),
            ["+".join(labels) for labels in through.values()],
        )

    @classmethod
    def from_regimes(cls, growth, first, transition, periods: int, demand: float = 1.0) -> "Tree":
        """Demand grows by the factor of a Markov regime: D_child = growth[j] D, regime j with transition[i, j].

        `first` holds the probabilities of the regime of the first step, `periods` counts the root's, `demand` is
        today's. Nodes are in order of time; `regime` of each node is that of the step into it, -1 at the root.
        """
        growth, first, transition = (
            _numbers("growth", growth),
            _numbers("first", first),
            _numbers("transition", transition, 2),
        )
        kinds = len(growth)
        _require(
            first.shape == (kinds,) and transition.shape == (kinds, kinds),
            f"first has shape {first.shape}, transition {transition.shape}: give one entry per growth factor, {kinds}",
        )
        periods = _whole("periods", periods, 1)
        chance = np.vstack([transition, first])  # row -1 serves the root, whose regime is -1
        for name, row in zip([*range(kinds), "first"], chance, strict=True):
            fits = (row >= 0).all() and abs(row.sum() - 1) <= ROUNDING
            _require(fits, f"probabilities after regime {name} sum to {row.sum():.6g}: they must be >= 0 and sum to 1")
        levels = [(np.array([-1]), np.array([-1]), np.ones(1), np.array([float(demand)]))]
        for _ in range(periods - 1):
            _, regime, probability, size = levels[-1]
            start = sum(len(level[0]) for level in levels[:-1])
            parent = np.repeat(np.arange(start, start + len(regime)), kinds)
            levels.append(
                (
                    parent,
                    np.tile(np.arange(kinds), len(regime)),
                    (probability[:, None] * chance[regime]).ravel(),
                    np.outer(size, growth).ravel(),
                )
            )
        parent, regime, probability, size = (np.concatenate(column) for column in zip(*levels, strict=True))
        return cls(parent, probability, size, [str(r) if r >= 0 else "root" for r in regime], regime)


@dataclass(frozen=True)
class Contract:
    """Take-or-pay capacity: ordered now, serves from `lead` periods later for `term` periods.

    `price` per unit and period of service: one number, or one per period of signing (vintage price).
    `cancellation`: fee per unit and remaining period for giving up units, decided at a node after its demand is seen,
    in force from the next period, at the earliest one period after the order; None forbids it. It frees the later
    bills but returns no prepayment. `prepayment`: share of the bill paid at signing. `option_fee`: paid per unit at
    signing for the right to refuse units at delivery, after demand is seen and without other cost; None: no such right.
    Raises InputError.
    """

    lead: int
    term: int
    price: float | Sequence[float] = 1.0
    cancellation: float | None = None
    prepayment: float = 0.0
    option_fee: float | None = None
    name: str = "contract"

    def __post_init__(self):
        for field, least in (("lead", 0), ("term", 1)):
            object.__setattr__(self, field, _whole(f"{self.name}: {field}", getattr(self, field), least))
        price = _numbers(f"{self.name}: price", np.ravel(self.price))
        good = (price >= 0) & np.isfinite(price)
        cure = "give >= 0 and finite, else an endless order pays (unbounded)"
        _check_each(f"{self.name}: price", price, good, cure, "signing period")
        _require(0 <= self.prepayment <= 1, f"{self.name}: prepayment {self.prepayment} is a share: give 0 to 1")
        for field in ("cancellation", "option_fee"):
            fee = getattr(self, field)
            _require(fee is None or 0 <= fee < np.inf, f"{self.name}: {field} {fee} must be finite and >= 0, or None")

    def freed_from(self, age: int) -> int | None:
        """Age of an order from which units given up at `age` no longer bind; None where giving up is forbidden."""
        if self.option_fee is not None and age == self.lead:
            return age
        if self.cancellation is not None and 1 <= age < self.lead + self.term - 1:
            return age + 1
        return None

    def fee(self, age: int) -> float:
        """Fee per unit and remaining period for units given up at `age`."""
        return 0.0 if self.freed_from(age) == age else self.cancellation or 0.0


class Laws(NamedTuple):
    """Capacity and bill by node, linear in what is decided: sparse, shape (nodes, decisions).

    Decisions are the orders (contract, node), then the units given up (contract, node, age), both raveled. `kept`:
    units of an order that are left, one row per order and node after which no more can be given up. `free` marks the
    decisions that a plan may choose.
    """

    capacity: sparse.csr_array
    bill: sparse.csr_array
    kept: sparse.csr_array
    free: np.ndarray


@dataclass(frozen=True, eq=False)
class Bet:
    """The whole problem: how much to order at each node of the tree.

    `margin` is cash earned per unit used and period, before the bill; `cash` is held before the first period;
    `existing` is capacity already committed, per unit and period at `existing_price`; `fixed` costs per period;
    `discount` is the factor beta per period. margin, existing, existing_price and fixed: one number, or one per
    period. Money and capacity in any units, used throughout. Raises InputError.
    """

    tree: Tree
    contracts: tuple[Contract, ...]
    margin: PerPeriod
    cash: float = 0.0
    existing: PerPeriod = 0.0
    existing_price: PerPeriod = 0.0
    fixed: PerPeriod = 0.0
    discount: float = 1.0

    def __post_init__(self):
        contracts = (self.contracts,) if isinstance(self.contracts, Contract) else tuple(self.contracts)
        _require(contracts, "contracts is empty: give at least one Contract")
        object.__setattr__(self, "contracts", contracts)
        for name in ("margin", "existing", "existing_price", "fixed"):
            object.__setattr__(self, name, self._by_period(name, getattr(self, name)))
        for contract in contracts:
            self._by_period(f"price of {contract.name}", contract.price)
        _check_each("existing", self.existing, self.existing >= 0, "capacity is >= 0", "period")
        _require(np.isfinite(self.cash), f"cash {self.cash}: give a finite number")
        _require(0 < self.discount <= 1, f"discount {self.discount} is the factor per period: give > 0, at most 1")

    def _by_period(self, name, amounts):
        amounts, periods = _numbers(name, np.ravel(amounts)), self.tree.periods
        _require(len(amounts) in (1, periods), f"{name} has {len(amounts)} entries: give one number or {periods}")
        _check_each(name, amounts, np.isfinite(amounts), "give a finite number", "period")
        return np.broadcast_to(amounts, periods)

    @property
    def weight(self) -> np.ndarray:
        """Weight of a node's cash flow in the value: probability times discount^time."""
        return self.tree.probability * self.discount**self.tree.time

    @property
    def unavoidable(self) -> np.ndarray:
        """Cost at each node whatever is ordered: fixed cost and existing contracts."""
        return (self.fixed + self.existing * self.existing_price)[self.tree.time]

    @cached_property
    def laws(self) -> Laws:
        """Capacity beyond the existing, bill of new contracts and units kept, as linear maps of the decisions."""
        nodes, ages = self.tree.lineage.shape
        columns = len(self.contracts) * nodes * (1 + ages)
        capacity, bill, kept = _Entries(), _Entries(), _Entries()
        for number in range(len(self.contracts)):
            _write_contract(self, number, capacity, bill, kept)
        free = np.zeros(columns, bool)
        free[bill.columns()] = True
        return Laws(capacity.matrix(nodes, columns), bill.matrix(nodes, columns), kept.matrix(kept.rows, columns), free)


class _Entries:
    """Entries of a sparse matrix, collected term by term."""

    def __init__(self):
        self.parts = [(np.empty(0, int), np.empty(0, int), np.empty(0))]
        self.rows = 0

    def add(self, row, column, amount):
        self.parts.append((row, column, np.broadcast_to(amount, row.shape)))
        self.rows = max(self.rows, row.max(initial=-1) + 1)

    def columns(self):
        return np.concatenate([column for _, column, _ in self.parts])

    def matrix(self, rows, columns) -> sparse.csr_array:
        row, column, amount = (np.concatenate(part) for part in zip(*self.parts, strict=True))
        return sparse.csr_array((amount, (row, column)), shape=(rows, columns))


def _write_contract(bet: Bet, number: int, capacity: _Entries, bill: _Entries, kept: _Entries):
    tree, contract = bet.tree, bet.contracts[number]
    nodes, ages = tree.lineage.shape
    price = np.broadcast_to(contract.price, ages)
    end = contract.lead + contract.term  # age at which an order ends
    releases = [(age, freed) for age in range(min(end, ages)) if (freed := contract.freed_from(age)) is not None]

    def order(node):
        return number * nodes + node

    def given_up(node, age):
        return (len(bet.contracts) + number * ages) * nodes + node * ages + age

    def periods_left(signed, freed):  # of service within the tree, from the age `freed` on
        return np.clip(np.minimum(end, ages - signed) - np.maximum(freed, contract.lead), 0, None)

    everyone = np.arange(nodes)
    upfront = contract.prepayment * price[tree.time] * periods_left(tree.time, 0) + (contract.option_fee or 0.0)
    bill.add(everyone, order(everyone), upfront)
    for age, freed in releases:
        left = periods_left(tree.time - age, freed)
        node = np.flatnonzero((tree.time >= age) & (left > 0))
        bill.add(node, given_up(node, age), contract.fee(age) * left[node])
        final = np.flatnonzero((tree.time >= age) & (tree.is_leaf | (age == releases[-1][0])))
        row = kept.rows + np.arange(len(final))
        kept.add(row, order(tree.lineage[final, age]), 1.0)
        for earlier, _ in releases:
            if earlier <= age:
                kept.add(row, given_up(tree.lineage[final, age - earlier], earlier), -1.0)
    for age in range(contract.lead, min(end, ages)):
        node = np.flatnonzero(tree.time >= age)
        signed = tree.lineage[node, age]
        due = (1 - contract.prepayment) * price[tree.time[signed]]
        terms = [(order(signed), 1.0)]
        terms += [(given_up(tree.lineage[node, age - k], k), -1.0) for k, freed in releases if freed <= age]
        for column, sign in terms:
            capacity.add(node, column, sign)
            bill.add(node, column, sign * due)


def decisions(bet: Bet, orders, given_up=None) -> np.ndarray:
    """Orders (nodes,) or (contracts, nodes), and units given up (contracts, nodes, ages), as one checked vector."""
    nodes, ages = bet.tree.lineage.shape
    count = len(bet.contracts)
    orders = np.asarray(orders, float)
    _require(
        orders.shape == (count, nodes) or (count == 1 and orders.shape == (nodes,)),
        f"orders has shape {orders.shape}: give contracts by nodes, {(count, nodes)}",
    )
    given_up = np.zeros((count, nodes, ages)) if given_up is None else np.asarray(given_up, float)
    shape = (count, nodes, ages)
    _require(given_up.shape == shape, f"given_up has shape {given_up.shape}: give contracts by nodes by ages, {shape}")
    plan = np.concatenate([orders.ravel(), given_up.ravel()])
    slack = ROUNDING * max(np.abs(orders).max(), 1.0)
    _require(plan.min() >= -slack, f"orders and given_up must be >= 0, the least is {plan.min():.6g}")
    _require(not plan[~bet.laws.free].any(), "given_up: the contract does not let units go at that age")
    short = (bet.laws.kept @ plan).min(initial=0.0)
    _require(short >= -slack, f"given_up exceeds an order by {-short:.6g}: give up at most what was ordered")
    return plan


def capacity(bet: Bet, orders, given_up=None) -> np.ndarray:
    """Capacity in service at each node, existing contracts included. [units]

    `orders` (contracts, nodes), or (nodes,) for one contract; `given_up` (contracts, nodes, ages): units of the order
    made `age` periods before a node that are given up there.
    """
    return bet.existing[bet.tree.time] + bet.laws.capacity @ decisions(bet, orders, given_up)


def used(bet: Bet, orders, given_up=None) -> np.ndarray:
    """Units in paid use at each node: min(demand, capacity), none where the margin is negative."""
    in_use = np.minimum(bet.tree.demand, capacity(bet, orders, given_up))
    return np.where(bet.margin[bet.tree.time] >= 0, in_use, 0.0)


def cash_flow(bet: Bet, orders, given_up=None) -> np.ndarray:
    """Cash earned less cash paid at each node."""
    earned = bet.margin[bet.tree.time] * used(bet, orders, given_up)
    return earned - bet.laws.bill @ decisions(bet, orders, given_up) - bet.unavoidable


def cash(bet: Bet, orders, given_up=None) -> np.ndarray:
    """Cash at each node after its flow: the start plus the undiscounted flows on the path."""
    return bet.cash + bet.tree.along(cash_flow(bet, orders, given_up))


def value(bet: Bet, orders, given_up=None) -> float:
    """Expected discounted cash flow of a plan."""
    return float(bet.weight @ cash_flow(bet, orders, given_up))


def ruined(bet: Bet, orders, given_up=None) -> np.ndarray:
    """True from the first node of a path on whose cash is below zero, beyond rounding of what flowed so far."""
    flow = cash_flow(bet, orders, given_up)
    earned = bet.margin[bet.tree.time] * used(bet, orders, given_up)
    turnover = abs(bet.cash) + bet.tree.along(2 * np.abs(earned) + np.abs(flow))
    return bet.tree.along(bet.cash + bet.tree.along(flow) < -ROUNDING * turnover) > 0
