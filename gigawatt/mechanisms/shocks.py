"""Shocks: the hazard that progress stalls (S06)."""

import jax
import jax.numpy as jnp
from jax import Array

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Rate, Share, Years


def chance_within(hazard, dt):
    """Chance of at least one event within `dt` years at a constant hazard. [probability]

    1 - exp(-h dt). Arguments may be arrays.
    """
    return -jnp.expm1(-hazard * dt)


class Stall(Mechanism):
    """Progress in models stops at a constant hazard and may resume at another.

    While it stalls, training runs and algorithms stay where they are; building and selling go on.
    """

    hazard: Rate = param("Chance per year that progress in models stalls")
    recovery: Rate = param("Chance per year that stalled progress resumes")

    class Out(Signals):
        progress: Share = signal("Progress in models goes on (1) or is stalled (0)", start=1.0)

    def __call__(self, *, prev_progress: Share, key: Array, dt: Years) -> Out:
        u = jax.random.uniform(key)
        moves = prev_progress > 0.5
        stalls = u < chance_within(self.hazard, dt)
        resumes = u < chance_within(self.recovery, dt)
        return self.Out(progress=jnp.where(jnp.where(moves, ~stalls, resumes), 1.0, 0.0))
