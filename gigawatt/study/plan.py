"""A plan: how much compute to order now, what it risks, and what would change the answer.

Two problems have the same answer sheet. A *bet* is a small tree of demand solved exactly (`study/plan_bet.py`); a
*world* is a scenario of the full loop, in which a rule for orders is trained (`study/plan_world.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from gigawatt.core.plain import plain

TAIL = 0.05  # share of the worst outcomes in a tail mean
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)  # of fans
CHANGED = 0.1  # an order that moves by more than this has flipped


@dataclass(frozen=True)
class Choice:
    """One order with what it brings: a point of the frontier.

    order: what is ordered now [unit of the plan]; bill: what it costs a year [money]; value: expected discounted
    profit [money]; tail: mean of final cash in the worst 5 % [money]; ruin: chance that cash ever falls below zero;
    lost: expected paid use turned away, as a share of demand. `name` says how it was chosen.
    """

    name: str
    order: float
    bill: float
    value: float
    tail: float
    ruin: float
    lost: float


@dataclass(frozen=True)
class Fan:
    """Quantiles of cash in time under one order: `levels` (5, 25, 50, 75, 95 %), `times`, cash (levels, times)."""

    name: str
    times: Sequence[float]
    levels: Sequence[float]
    cash: Sequence[Sequence[float]]


@dataclass(frozen=True)
class Regret:
    """What each order loses in each named world against the best order there. loss: (orders, worlds) [money]."""

    orders: Sequence[str]
    worlds: Sequence[str]
    loss: Sequence[Sequence[float]]


@dataclass(frozen=True)
class PolicyMap:
    """Order relative to demand by two states: `order` (cash, capacity); both relative to demand."""

    cash: Sequence[float]
    capacity: Sequence[float]
    order: Sequence[Sequence[float]]


@dataclass(frozen=True)
class Flip:
    """A belief that would change the order now: what it is, its value today, the value, and the order there."""

    belief: str
    now: float
    at: float
    unit: str
    order: float


@dataclass(frozen=True)
class Plan:
    """The answer: `chosen` under the limit, `neutral` without one, and all that stands beside them.

    worth: value of a change of the terms [money]; information: EVPI, value of the stochastic solution, value of
    learning [money]; how: how the plan was found and checked, in a sentence; checks: gaps, relative.
    """

    scenario: str
    title: str
    lab: str
    limit: str
    unit: str
    money: str
    chosen: Choice
    neutral: Choice
    rule: Mapping[str, str]
    frontier: Sequence[Choice]
    information: Mapping[str, float]
    worth: Mapping[str, float]
    regret: Regret
    fans: Sequence[Fan]
    policy: PolicyMap | None = None
    flips: Sequence[Flip] = ()
    checks: Mapping[str, float] = field(default_factory=dict)
    how: str = ""
    notes: Sequence[str] = ()

    @property
    def caution_cost(self) -> float:
        """Share of the neutral value that the limit costs."""
        return (self.neutral.value - self.chosen.value) / abs(self.neutral.value) if self.neutral.value else np.nan

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, texts, lists and dictionaries, for JSON."""
        return plain(asdict(self) | {"caution_cost": self.caution_cost})
