"""Rivalry: what keeps a mark-up from lasting: copies, open models, and making it oneself (S26)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import ECI, ECI_per_year, PerLab, Positive, Rate, Share, Years
from gigawatt.decisions.knowledge import lag_after

LEAST = 1e-3  # of the start's differences: below it prices are at cost, and numbers stay finite


def bounded_markup(markup, gap):
    """Mark-up that buyers accept when an alternative costs them `gap` more than the seller's cost. [unit of price]

    min(m, gap): nobody pays more than the next best alternative (fact `patel-margin-bounded-by-alternative`; limit
    pricing, Bain 1949, American Economic Review 39:448). The gap holds what the alternative costs above the seller's
    cost, and what its lower quality is worth in money; below 0 it leaves no mark-up. Arguments may be arrays.
    """
    return jnp.minimum(markup, jnp.maximum(gap, 0.0))


def distinctness_after(distinct, pace, usual, copying, years):
    """How different models are after some years, relative to the start, when rivals copy and progress renews. [1]

    dD/dt = copying (pace / usual - D): what sets models apart is copied at a constant rate and renewed by progress at
    the frontier, so that at the usual pace it stays. With a frozen frontier it decays as exp(-copying t): systems.md
    S26, where the gap decays at the spill-over rate unless research renews it. Arguments may be arrays.
    """
    return lag_after(distinct, copying * pace / usual, copying, years)


def self_production_gap(gap, falling, years):
    """What making the product oneself with models costs above the maker's cost, relative to it. [1]

    gap exp(-falling t), from the time at which models can make models and much else: the same for every sector, so that
    one after the other loses its mark-up (fact `commoditise-counterargument`). Arguments may be arrays.
    """
    return gap * jnp.exp(-falling * jnp.maximum(years, 0.0))


class Fringe(Mechanism):
    """Open models that anybody may host follow the frontier, and close a share of their lag each year."""

    catch_up: Rate = param("Rate at which the best open model closes its lag behind the frontier")
    lag: ECI = param("Lag of the best open model at the start")

    class Out(Signals):
        fringe: ECI = signal("Capability of the best open model")

    begins = ("fringe",)

    def begin(self, *, capability: PerLab[ECI]) -> dict:
        return {"fringe": jnp.max(capability) - self.lag}

    def __call__(self, *, capability: PerLab[ECI], prev_capability: PerLab[ECI], prev_fringe: ECI, dt: Years) -> Out:
        best, before = jnp.max(capability), jnp.max(prev_capability)
        return self.Out(fringe=best - lag_after(before - prev_fringe, (best - before) / dt, self.catch_up, dt))


class Distinctness(Mechanism):
    """What sets models apart is copied, and renewed by progress at the frontier up to its usual pace.

    Faster progress does not make models more different than they are at the start.
    """

    copying: Rate = param("Rate at which rivals copy what sets a model apart")
    usual_pace: ECI_per_year = param("Progress of the frontier at which models stay as different as they are")

    class Out(Signals):
        distinctness: Positive = signal("How different models are, relative to the start", start=1.0)

    def __call__(
        self, *, capability: PerLab[ECI], prev_capability: PerLab[ECI], prev_distinctness: Positive, dt: Years
    ) -> Out:
        pace = jnp.clip((jnp.max(capability) - jnp.max(prev_capability)) / dt, 0.0, self.usual_pace)
        left = distinctness_after(prev_distinctness, pace, self.usual_pace, self.copying, dt)
        return self.Out(distinctness=jnp.maximum(left, LEAST))


class SelfProduction(Mechanism):
    """Some time after the genius level models make models, and much else: no seller keeps more than that costs.

    One alternative for all sectors: the mark-up of the average firm falls with that of the labs.
    """

    gap: Positive = param("What making it oneself costs above the seller's cost, per cost, when it begins")
    falling: Rate = param("Rate at which that falls")
    delay: Years = param("From the genius level to models that make models")
    sector_markup: Positive = param("Mark-up over marginal cost of the average firm today")

    class Out(Signals):
        genius_for: Years = signal("Time since the genius level", start=0.0)
        alternative: Positive = signal("Greatest mark-up that buyers accept before they make it themselves")
        economy_markup: Positive = signal("Mark-up over marginal cost of the average firm of the economy")

    begins = ("alternative", "economy_markup")

    def begin(self) -> dict:
        return {"alternative": self.gap, "economy_markup": self.sector_markup}

    def __call__(self, *, genius: Share, prev_genius_for: Years, dt: Years) -> Out:
        genius_for = prev_genius_for + dt * genius
        gap = self_production_gap(self.gap, self.falling, genius_for - self.delay)
        return self.Out(genius_for=genius_for, alternative=gap, economy_markup=bounded_markup(self.sector_markup, gap))
