"""Perception: how little of an exponential shows before its end, and what the public believes (S13)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Hours, Share, Years


def visible_share(lead, doubling):
    """Share of the final level that can be seen a time `lead` before the end. [share]

    2^(-lead / doubling), systems.md S13; both in years. Arguments may be arrays.
    """
    return jnp.exp2(-lead / doubling)


def noticed(visible, threshold):
    """Share of the way that people who watch would tell from the visible share. [share]

    max(0, visible - threshold) / (1 - threshold): nothing below the threshold of notice, all at the end, in
    proportion between. Arguments may be arrays.
    """
    return jnp.maximum(visible - threshold, 0.0) / (1.0 - threshold)


def follow(belief, state, lag, dt):
    """Belief after `dt` years in which it runs after a state. [the unit of belief]

    Exact solution of db/dt = (s - b) / lag, adaptive expectations (Cagan 1956). Arguments may be arrays.
    """
    return belief - (state - belief) * jnp.expm1(-dt / lag)


class Awareness(Mechanism):
    """The public judges by what it sees on a plain scale, late: little shows of an exponential before its end (S13)."""

    threshold: Share = param("Share of the genius level below which nobody notices")
    lag: Years = param("Time by which the public runs behind what can be noticed")

    class Out(Signals):
        awareness: Share = signal("Public awareness of how near the genius level is", start=0.0, headline=True)

    def __call__(
        self,
        *,
        horizon: Hours,
        genius_horizon: Hours,
        prev_horizon: Hours,
        prev_awareness: Share,
        dt: Years,
    ) -> Out:
        ends = jnp.minimum(jnp.stack([prev_horizon, horizon]) / genius_horizon, 1.0)
        seen = jnp.mean(noticed(ends, self.threshold), axis=0)  # over the month
        return self.Out(awareness=follow(prev_awareness, seen, self.lag, dt))
