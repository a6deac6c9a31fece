"""A linear programme written block by block, and its solution by HiGHS (through SciPy).

    minimise cost x   subject to   A x <= b,   E x = e,   lower <= x <= upper,   some x whole numbers

HiGHS: Huangfu & Hall (2018), Mathematical Programming Computation 10:119.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from gigawatt.core.errors import InputError

EXACT = 1e-10  # HiGHS's tightest tolerance
PRICED = 1e-9  # a bound with a smaller dual price plays no part
MAGNIFY = 1e3  # HiGHS ends a search among whole numbers at an absolute gap of 1e-6: too coarse for costs near one


class Answer(NamedTuple):
    """A solution `x`, its `cost`, and a `bound` below which no solution can cost."""

    x: np.ndarray
    cost: float
    bound: float


class Programme:
    """A linear programme under construction; quantities should be of order one."""

    def __init__(self):
        self.cost, self.lower, self.upper, self.whole = ([np.empty(0)] for _ in range(4))
        self.size = 0
        self.less: list = []
        self.equal: list = []

    def variables(self, size: int, cost=0.0, lower=0.0, upper=np.inf, whole=False) -> slice:
        """Add `size` variables; cost and bounds are numbers or arrays. Returns their place in the solution."""
        for kept, amounts in ((self.cost, cost), (self.lower, lower), (self.upper, upper), (self.whole, whole)):
            kept.append(np.broadcast_to(np.asarray(amounts, float), size))
        self.size += size
        return slice(self.size - size, self.size)

    def require(self, terms: Sequence[tuple[slice, object]], bound, equal=False):
        """Add rows: sum of matrix @ variables <= bound, or == bound. `terms` holds (place, matrix) pairs."""
        blocks = [(place.start, sparse.coo_array(matrix)) for place, matrix in terms]
        bound = np.broadcast_to(np.asarray(bound, float), blocks[0][1].shape[0])
        (self.equal if equal else self.less).append((blocks, bound))

    def solve(self, lower=None, whole=True, gap=0.0, seconds=math.inf) -> Answer | None:
        """The best solution, or None if there is none.

        `lower` replaces the lower bounds; `whole` False lets whole numbers be fractions; the search among whole
        numbers may stop at a relative `gap`, or after `seconds` with the best so far. Raises InputError if the cost
        has no lower bound or time ran out before any solution was found.
        """
        whole = np.concatenate(self.whole) if whole else np.zeros(self.size)
        options = {"mip_rel_gap": gap, "time_limit": seconds} if whole.any() else {}
        magnify = MAGNIFY if whole.any() else 1.0
        lower = np.concatenate(self.lower) if lower is None else lower
        cost, upper = np.concatenate(self.cost), np.concatenate(self.upper)
        result = self._run(magnify * cost, lower, upper, options, integrality=whole if whole.any() else None)
        if result.status == 2:
            return None
        if result.status == 3:
            raise InputError("unbounded problem: some decision pays without limit; bound it or give it a price")
        if result.x is None:
            raise InputError(f"no plan found within {seconds:g} seconds: allow more, or take a smaller tree")
        bound = result.mip_dual_bound if whole.any() else result.fun
        return Answer(result.x, result.fun / magnify, bound / magnify)

    def conflict(self, lower, relief: slice) -> np.ndarray:
        """Variables whose `lower` bounds cannot all hold; `relief` is a variable, at most 0, that could help.

        The bounds with a price in the least relief needed: these alone already call for it (linear duality).
        """
        cost, upper = np.zeros(self.size), np.concatenate(self.upper)
        cost[relief], upper[relief] = 1.0, np.inf
        result = self._run(cost, lower, upper, {})
        return np.flatnonzero(result.lower.marginals > PRICED)

    def _run(self, cost, lower, upper, options, integrality=None):
        exact = {"primal_feasibility_tolerance": EXACT, "dual_feasibility_tolerance": EXACT}
        less, equal = (_matrix(rows, self.size) for rows in (self.less, self.equal))
        bounds = np.stack([lower, upper], axis=1)
        return linprog(cost, *less, *equal, bounds=bounds, integrality=integrality, options=exact | options)


def _matrix(rows, size):
    if not rows:
        return None, None
    entries, start = [], 0
    for blocks, bound in rows:
        entries += [(block.row + start, block.col + place, block.data) for place, block in blocks]
        start += len(bound)
    row, column, data = (np.concatenate(part) for part in zip(*entries, strict=True))
    return sparse.csc_array((data, (row, column)), shape=(start, size)), np.concatenate([b for _, b in rows])
