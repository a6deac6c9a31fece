"""A lab's rule for orders, tried in the full world: outcomes by draw, and their forward-mode derivatives.

The rule is `orders.OrderUpTo` with numbers of its own for one lab: order up to the newsvendor's ratio of demand, bent
by `trust` in believed growth and by `boldness`, within a cap linear in expected revenue, funds and cash. All rules meet
the same draws and the same noise, so that differences between them are not luck.

While a rule is tried the lab may draw any credit. Ruin is marked where its means, cash and what lenders would still
lend, fall below zero; the path up to there is the true one, and losses beyond it count in full instead of stopping at
the owners' door. That keeps outcomes smooth in the rule.
"""

import tomllib
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from importlib import resources
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.month import noisy_inputs, simulate_draws, whole_blocks
from gigawatt.core.noise import draw_keys
from gigawatt.core.path import year_of
from gigawatt.core.run import in_chunks, remembered_luck, samples_of, year_ends
from gigawatt.core.scenario import Scenario
from gigawatt.core.world import World

CREDIT = 1e6  # bn USD: more than any lab can lose
Luck = Mapping[str, Mapping[str, Array]]  # noise by mechanism and input
SEEN = ("profit", "cash", "liquid", "asked", "revenue", "accepted", "accepted_bill")


@cache
def settings() -> dict[str, Any]:
    """study/plan.toml: what a plan assumes, and the bounds of the rule."""
    return tomllib.loads(resources.files("gigawatt").joinpath("study/plan.toml").read_text(encoding="utf-8"))


def rule_paths() -> dict[str, str]:
    """Names of the rule's numbers, and the parameters that they are."""
    return {name: part["path"] for name, part in settings()["rule"].items()}


def rule_bounds() -> np.ndarray:
    """Least and greatest of each number of the rule, (numbers, 2)."""
    return np.array([part["bounds"] for part in settings()["rule"].values()])


class Outcomes(NamedTuple):
    """What a rule brings, by draw (draws,). Money in bn USD, power in GW."""

    value: np.ndarray  # discounted profit, and the last month's for the terminal years
    low: np.ndarray  # least cash, open credit counted, at any month's end
    final: np.ndarray  # cash at the end
    order: np.ndarray  # orders accepted in the first year
    bill: np.ndarray  # what they cost a year
    lost: np.ndarray  # demand turned away, as a share of what was asked

    @property
    def ruin(self) -> float:
        """Chance that cash, open credit counted, ever falls below zero."""
        return float((self.low < 0.0).mean())


class Setting(NamedTuple):
    """What every draw of a trial shares."""

    world: World
    lab: Array  # its place among the labs
    discount: Array  # 1/year
    terminal_years: Array
    seed: Array
    begin: Array  # calendar year
    levers: dict[str, Array]
    holds: dict[str, Array]


@dataclass(frozen=True)
class Trial:
    """One lab in one scenario: draws, and what the lab's value is.

    first: number of the first draw. change: what is added to numbers of the lab or of the world, {path: (amount,
    least)}, to ask what better terms are worth; fixed: numbers of the lab that are given, {path: value}; certain: every
    number at its median. tell: called after each rule that was tried.
    """

    scenario: Scenario
    lab: str
    draws: int
    first: int = 0
    seed: int = 0
    discount: float = field(default_factory=lambda: settings()["discount"]["value"])
    terminal_years: float = field(default_factory=lambda: settings()["terminal_years"]["value"])
    change: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)
    certain: bool = False
    tell: Callable[[], None] = lambda: None
    compiled: dict[Any, Future[Any] | None] = field(default_factory=dict)  # shared by trials made from this one

    @cached_property
    def world(self) -> World:
        world = self.scenario.world()
        if self.lab not in world.axes["lab"]:
            raise InputError(f"no lab '{self.lab}'.{did_you_mean(self.lab, world.axes['lab'])}")
        missing = [p for p in rule_paths().values() if p not in world.numbers()]
        if missing:
            raise InputError(f"scenario {self.scenario.name}: has no '{missing[0]}', so no rule of orders to plan.")
        return world

    @cached_property
    def index(self) -> int:
        return list(self.world.axes["lab"]).index(self.lab)

    @cached_property
    def samples(self) -> dict[str, np.ndarray]:
        """Samples of the draws, with every number of the rule by lab, and the changes made."""
        world, last = self.world, self.first + self.draws
        found = {p: x[self.first :] for p, x in samples_of(self.scenario, world, last, self.seed).items()}
        labs = len(world.axes["lab"])
        if self.certain:
            found = {p: np.broadcast_to(np.median(x, axis=0), x.shape) for p, x in found.items()}
        for path in (*rule_paths().values(), *self.change, *self.fixed):
            by_lab = "lab" in world.numbers()[path].axes
            shape = (self.draws, labs) if by_lab else (self.draws,)
            found[path] = np.array(np.broadcast_to(found.get(path, np.asarray(world.get(path))), shape))
            at = (..., self.index) if by_lab else (...,)
            if path in self.change:
                amount, least = self.change[path]
                found[path][at] = np.maximum(found[path][at] + amount, least)
            if path in self.fixed:
                found[path][at] = self.fixed[path]
        return found

    @cached_property
    def acting(self) -> World:
        """The part of the world on which outcomes hang."""
        return self.world.needed(SEEN)

    @cached_property
    def chunks(self) -> dict[tuple[int, int], tuple[dict[str, Array], Array, Luck]]:
        """What no rule moves, by first and last draw of a chunk: samples, numbers of draws, luck; filled as needed."""
        return {}

    @cached_property
    def setting(self) -> Setting:
        ends = year_ends(self.scenario)
        credit = self.world.get("accounts.credit").at[self.index].set(CREDIT)
        return Setting(
            self.acting.set({"accounts.credit": credit}),
            jnp.asarray(self.index),
            jnp.asarray(self.discount),
            jnp.asarray(self.terminal_years),
            jnp.asarray(self.seed),
            jnp.asarray(year_of(self.scenario.begin)),
            {n: jnp.asarray(v) for n, v in self.scenario.levers(self.world, ends).items()},
            {n: jnp.asarray(v) for n, v in self.scenario.holds(self.world, ends).items()},
        )

    def own_rule(self) -> np.ndarray:
        """The rule that the scenario gives the lab, at the median of its draws."""
        return np.array([np.median(self.samples[p][:, self.index]) for p in rule_paths().values()])

    def outcomes(self, rule: np.ndarray) -> tuple[Outcomes, np.ndarray]:
        """What the rule brings in each draw, and cash at the end of each quarter, (draws, quarters).

        rule: (numbers,), or (numbers, draws) where each draw has a rule of its own.
        """
        by_draw = np.broadcast_to(rule.T, (self.draws, len(rule))).T
        found, cash = (np.concatenate(part) for part in zip(*self._each(tried, by_draw, self.draws), strict=True))
        self.tell()
        return Outcomes(*found.T), cash

    def slopes(self, rule: np.ndarray) -> Outcomes:
        """How outcomes move with each number of the rule, (draws, numbers), in the first half of the draws."""
        slope = np.concatenate(self._each(tried_slopes, rule, -(-self.draws // 2)))
        return Outcomes(*np.moveaxis(slope, 1, 0))

    def prepare(self, beside: Executor, slopes: bool = False) -> None:
        """Have what `outcomes` runs, or `slopes`, compiled beside; who needs it sooner waits, and meets its error."""
        one = replace(self, draws=1, tell=lambda: None, compiled={})
        law, work = (tried_slopes, one.slopes) if slopes else (tried, one.outcomes)
        if self._form(law) not in self.compiled:
            self.compiled[self._form(law)] = beside.submit(work, self.own_rule())

    def _form(self, law: Callable[..., Any]) -> Any:
        """What is compiled once: trials of which it is the same differ in numbers only."""
        return law, self.scenario.use, self.scenario.steps, self.scenario.steps_per_year

    def _each(self, law: Callable[..., Any], rule: np.ndarray, draws: int) -> list[Any]:
        """What a law gives for each chunk of draws, in order."""
        found: dict[int, Any] = {}
        months = {"steps": self.scenario.steps, "steps_per_year": self.scenario.steps_per_year}

        def work(ids: np.ndarray) -> None:
            here = jnp.asarray(rule[:, ids] if rule.ndim > 1 else rule, float)
            out = law(here, *self._chunk(ids), self.setting, **months)
            found[ids[0]] = jax.tree.map(lambda x: np.asarray(x)[: draws - ids[0]], out)

        form = self._form(law)
        if under_way := self.compiled.get(form):
            under_way.result()
        in_chunks(work, draws, compiles=form not in self.compiled)
        self.compiled.setdefault(form)
        return [found[first] for first in sorted(found)]

    def _chunk(self, ids: np.ndarray) -> tuple[dict[str, Array], Array, Luck]:
        """`chunks` of these draws."""
        ends = int(ids[0]), int(ids[-1])
        found = self.chunks.get(ends)
        if found is None:
            numbers, acts = self.first + ids, self.acting.numbers()
            asked = tuple(noisy_inputs(self.acting.classes, self.acting.axes).items())
            _, months = whole_blocks(self.scenario.steps, self.scenario.steps_per_year)
            luck = remembered_luck(asked, self.seed, tuple(numbers.tolist()), months)
            part = {p: jnp.asarray(x[ids]) for p, x in self.samples.items() if p in acts}
            found = self.chunks[ends] = part, jnp.asarray(numbers), luck
        return found


def outcome(
    rule: Array,
    samples: Mapping[str, Array],
    ids: Array,
    luck: Luck,
    setting: Setting,
    *,
    steps: int,
    steps_per_year: int,
) -> tuple[Array, Array]:
    """(draws, outcomes) in the order of `Outcomes`, and (draws, quarters) of cash, from samples (draws, ...).

    rule: (numbers,) or (numbers, draws). luck: the noise of these draws, drawn once for all rules.
    """
    mine, dt = setting.lab, 1.0 / steps_per_year
    bent = {path: samples[path].at[:, mine].set(x) for path, x in zip(rule_paths().values(), rule, strict=True)}
    keys = draw_keys(setting.seed, ids)
    world, begin, levers, holds = setting.world, setting.begin, setting.levers, setting.holds
    numbers = {**samples, **bent}
    signals = simulate_draws(world, numbers, keys, steps, steps_per_year, begin, levers, holds, {}, SEEN, luck)
    path = {name: x[..., mine] for name, x in signals.items()}  # (steps, draws)
    weight = jnp.exp(-setting.discount * dt * (jnp.arange(steps) + 0.5)) * dt
    weight = weight.at[-1].add(setting.terminal_years * jnp.exp(-setting.discount * steps * dt))
    asked, sold = jnp.sum(path["asked"], axis=0), jnp.sum(path["revenue"], axis=0)
    found = (
        weight @ path["profit"],
        jnp.min(path["liquid"], axis=0),
        path["cash"][-1],
        jnp.sum(path["accepted"][:steps_per_year], axis=0) * dt,
        jnp.sum(path["accepted_bill"][:steps_per_year], axis=0) * dt,
        1.0 - sold / jnp.maximum(asked, 1e-9),
    )
    quarter = steps_per_year // 4
    return jnp.stack(found, axis=-1), path["cash"][quarter - 1 :: quarter].T


tried = partial(jax.jit, static_argnames=("steps", "steps_per_year"))(outcome)


@partial(jax.jit, static_argnames=("steps", "steps_per_year"))
def tried_slopes(
    rule: Array, samples: Any, ids: Any, luck: Any, setting: Any, *, steps: int, steps_per_year: int
) -> Array:
    """Derivatives of the outcomes in the rule, forward mode: one pass carries them all."""
    months = {"steps": steps, "steps_per_year": steps_per_year}
    return jax.jacfwd(lambda rule: outcome(rule, samples, ids, luck, setting, **months)[0])(rule)
