"""Demand as a Markov chain in ratios: what may follow a regime, a belief or a world, and by how much demand grows.

Where costs are linear only ratios to demand matter, so a tree shrinks to its classes of alike futures: a Markov tree of
K^t nodes to K classes a period. Beliefs are classes too: Bayes' rule moves them (compute-bet.md 4.2).
"""

from typing import NamedTuple

import numpy as np

from gigawatt.core.errors import InputError


class Lattice(NamedTuple):
    """Demand as a Markov chain in ratios: what can follow each class of nodes, period by period.

    For each period but the last, arrays (classes, J): `chance` of each step, `growth` factor of demand over it, and
    `following`, the class it leads to in the next period. Steps of chance zero fill the rows. One class at first.
    """

    chance: list[np.ndarray]
    growth: list[np.ndarray]
    following: list[np.ndarray]

    @property
    def periods(self) -> int:
        """Number of periods, the first included."""
        return len(self.chance) + 1


def lump(tree, by_demand=False) -> tuple[Lattice, np.ndarray, np.ndarray]:
    """The smallest lattice of a `Tree`, each node's class in its period, and each node's scale.

    Nodes of one period fall into one class when what follows is the same in ratios: same chances, growth and classes.
    A Markov tree shrinks to (period, regime). The scale is demand, or where there is none the scale before it.
    `by_demand` keeps nodes of different demand apart, for what does not scale with demand (a penalty in money).
    """
    children: list[list[int]] = [[] for _ in tree.parent]
    scale = np.where(tree.demand > 0.0, tree.demand, 1.0)
    for node, parent in enumerate(tree.parent):
        if parent >= 0:
            children[parent].append(node)
            scale[node] = tree.demand[node] if tree.demand[node] > 0.0 else scale[parent]
    classes: list[dict] = [{} for _ in range(tree.periods)]
    number = np.zeros(len(tree.parent), int)
    for node in range(len(tree.parent) - 1, -1, -1):
        found = classes[tree.time[node]]
        mark = _rounded(tree.demand[node]) if by_demand else bool(tree.demand[node] > 0.0)
        number[node] = found.setdefault((mark, _future(tree, node, children[node], number, scale)), len(found))
    tables = [_table([steps for _, steps in found]) for found in classes[:-1]]
    return Lattice(*([table[part] for table in tables] for part in range(3))), number, scale


def _future(tree, node, children, number, scale):
    """What follows a node: a sorted tuple of (chance, growth of scale, class)."""
    steps: dict = {}
    for child in children:
        step = (_rounded(scale[child] / scale[node]), int(number[child]))
        steps[step] = steps.get(step, 0.0) + tree.probability[child] / max(tree.probability[node], 1e-300)
    return tuple(sorted((_rounded(chance), *step) for step, chance in steps.items()))


def _rounded(number):
    """To 11 digits: the same product taken in another order differs in the last ones."""
    return float(f"{number:.10e}")


def _table(futures):
    """Chance, growth and class of the steps of each class, as arrays (classes, J)."""
    width = max(map(len, futures), default=0)
    table = np.zeros((len(futures), width, 3)) + [0.0, 1.0, 0.0]
    for row, steps in zip(table, futures, strict=True):
        row[: len(steps)] = np.array(steps).reshape(-1, 3)
    return table[..., 0], table[..., 1], table[..., 2].astype(int)


def regime_lattice(growth, first, transition, periods) -> Lattice:
    """Demand grows by the factor of a regime that is seen and moves by a Markov chain.

    growth (K,); first (K,) chances of the first step's regime; transition (K, K); `periods` counts today's. Any
    number of periods: the lattice has K classes a period where the tree has K^t nodes.
    """
    rows = np.vstack([np.atleast_2d(first), transition])
    if np.abs(rows.sum(-1) - 1.0).max() > 1e-9 or rows.min() < 0.0:
        raise InputError(f"first and transition rows sum to {rows.sum(-1).tolist()}: give chances that sum to 1")
    chance = [rows[:1], *[rows[1:]] * (periods - 2)][: periods - 1]
    growth = [np.broadcast_to(np.asarray(growth, float), c.shape) for c in chance]
    return Lattice(chance, growth, [np.broadcast_to(np.arange(rows.shape[1]), c.shape) for c in chance])


def belief_lattice(prior, growth, likelihood, periods, points=41) -> Lattice:
    """Growth is seen, the regime behind it is not: the classes are beliefs, updated by Bayes' rule.

    prior: chance of the first of two lasting regimes; growth (J,) factors that may be seen; likelihood (2, J) their
    chances given each regime. After the first period there are `points` beliefs, even on [0, 1]; a posterior between
    two of them goes to both in proportion, which keeps its mean.
    """
    likelihood = np.asarray(likelihood, float)
    if np.abs(likelihood.sum(-1) - 1.0).max() > 1e-9 or not 0.0 <= prior <= 1.0:
        raise InputError(f"prior {prior}, likelihood rows sum to {likelihood.sum(-1).tolist()}: give chances in [0, 1]")
    tables = []
    for t in range(periods - 1):
        belief = np.array([prior]) if t == 0 else np.linspace(0.0, 1.0, points)
        seen = belief[:, None] * likelihood[0] + (1.0 - belief[:, None]) * likelihood[1]
        posterior = belief[:, None] * likelihood[0] / np.maximum(seen, 1e-300) * (points - 1)
        below = np.minimum(posterior.astype(int), points - 2)
        share = posterior - below
        both = np.concatenate([seen * (1.0 - share), seen * share], -1)
        tables.append((both, np.broadcast_to(np.tile(growth, 2), both.shape), np.concatenate([below, below + 1], -1)))
    return Lattice(*([table[part] for table in tables] for part in range(3)))
