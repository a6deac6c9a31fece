"""Shocks: progress may stall, and the outside world may stop it (S06)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Rate, Share, Years


def chance_within(hazard, dt):
    """Chance of at least one event within `dt` years at a constant hazard. [probability]

    1 - exp(-h dt). Arguments may be arrays.
    """
    return -jnp.expm1(-hazard * dt)


def hazard_of(chance, years):
    """Constant hazard behind a chance within so many years: the inverse of `chance_within`. [1/year]

    -ln(1 - P)/T. Arguments may be arrays.
    """
    return -jnp.log1p(-chance) / years


def shock_left(left, struck, length, dt):
    """Years of a shock that are left one step later. [years]

    A shock that strikes lasts `length` from now; one that is on is not made longer by another. Arguments may be
    arrays.
    """
    over = jnp.maximum(left - dt, 0.0)
    return jnp.where(struck & (over <= 0.0), length, over)


class Stall(Mechanism):
    """Progress in models stops at a constant hazard and may resume at another.

    While it stalls, training runs and algorithms stay where they are; building and selling go on.
    """

    hazard: Rate = param("Chance per year that progress in models stalls")
    recovery: Rate = param("Chance per year that stalled progress resumes")

    class Out(Signals):
        progress: Share = signal("Progress in models goes on (1) or is stalled (0)", start=1.0)

    def __call__(self, *, prev_progress: Share, uniform: Share, dt: Years) -> Out:
        moves = prev_progress > 0.5
        stalls = uniform < chance_within(self.hazard, dt)
        resumes = uniform < chance_within(self.recovery, dt)
        return self.Out(progress=jnp.where(jnp.where(moves, ~stalls, resumes), 1.0, 0.0))


class ExternalShock(Mechanism):
    """War, turmoil or lost fabs stop progress in models for years; otherwise the inner law says whether it stalls.

    Strikes at a constant hazard, lasts a fixed time, and ends a stall that was on. `shock` says how long is left,
    so that what makes chips can stop as well.
    """

    inner: Stall
    hazard: Rate = param("Chance per year that an outside event stops progress in models")
    length: Years = param("Delay that the outside event brings")

    class Out(Signals):
        progress: Share = signal("Progress in models goes on (1) or is stalled (0)", start=1.0)
        shock: Years = signal("Years that an outside shock will still last", start=0.0)

    def __call__(
        self, *, prev_progress: Share, prev_shock: Years, uniform_strike: Share, uniform_stall: Share, dt: Years
    ) -> Out:
        struck = uniform_strike < chance_within(self.hazard, dt)
        left = shock_left(prev_shock, struck, self.length, dt)
        moving = jnp.where(prev_shock > 0.0, 1.0, prev_progress)
        inside = self.inner(prev_progress=moving, uniform=uniform_stall, dt=dt).progress
        return self.Out(progress=jnp.where(left > 0.0, 0.0, inside), shock=left)
