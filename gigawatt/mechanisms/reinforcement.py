"""Reinforcement: what a score gains from reinforcement-learning compute, law by law (S02).

The log-linear law is `scaling.log_score`. Here is the law that saturates, and where the two part.
"""

import jax
import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import ECI, YFLOP, PerLab, Positive, Share

# Bisection halves a bracket of a few e-folds; 60 halvings reach the last bit of a float64.
_HALVINGS = 60


def saturating_reward(compute, start, ceiling, midpoint, exponent):
    """Reward after reinforcement learning with some compute. [the unit of start and ceiling]

    start + (ceiling - start) / (1 + (midpoint/compute)^exponent): Khatri et al. (2025), arXiv:2510.13786, eq. 1, a
    sigmoid in log compute. Compute in the unit of `midpoint`, where half of the gain is had; no compute leaves
    `start`. Arguments may be arrays.
    """
    # the sigmoid of a log, safe where compute is zero
    some = compute > 0.0
    done = jax.nn.sigmoid(exponent * jnp.log(jnp.where(some, compute, midpoint) / midpoint))
    return start + (ceiling - start) * jnp.where(some, done, 0.0)


def saturating_slope(compute, start, ceiling, midpoint, exponent):
    """Reward per e-fold of compute, d reward / d ln compute. [the unit of start and ceiling]

    Greatest at the midpoint, where it is (ceiling - start) exponent / 4. Arguments may be arrays.
    """
    done = saturating_reward(compute, 0.0, 1.0, midpoint, exponent)
    return (ceiling - start) * exponent * done * (1.0 - done)


def tenfold_gain(compute, start, ceiling, midpoint, exponent):
    """Reward that ten times more compute adds. [the unit of start and ceiling]

    For the log-linear law it is ln 10 times points per e-fold, wherever one stands. Arguments may be arrays.
    """
    law = (start, ceiling, midpoint, exponent)
    return saturating_reward(10.0 * compute, *law) - saturating_reward(compute, *law)


def parting_ratio(done, exponent, shortfall=0.1):
    """Ratio of compute over which the saturating law falls short of a log-linear law with its slope. [ratio]

    Both laws gain equally per e-fold where the share `done` of the saturating gain is had. Beyond the ratio given here
    the saturating law has gained less than the other by the share `shortfall`, a tenth unless told. Before its midpoint
    it leads for a while: the ratio is that of the last crossing. Arguments may be arrays.
    """
    done, exponent, shortfall = jnp.asarray(done, float), jnp.asarray(exponent, float), jnp.asarray(shortfall, float)
    here = jax.scipy.special.logit(done)
    slope = done * (1.0 - done)

    def gap(steps):  # what the log-linear law is allowed, less what the saturating one has gained
        return (1.0 - shortfall) * slope * steps - (jax.nn.sigmoid(here + steps) - done)

    # Mirrored about the midpoint the sigmoid has done no worse than its slope; and it can gain 1 - done at most.
    low = jnp.maximum(0.0, -2.0 * here) + 0.0 * shortfall
    high = jnp.maximum(low, 1.0 / ((1.0 - shortfall) * done))
    law = (done, here, slope, shortfall)
    low, high, *_ = jax.lax.stop_gradient(jax.lax.fori_loop(0, _HALVINGS, _halve, (low, high, *law)))
    found = 0.5 * (low + high)
    # Bisection has no derivative; one Newton step from its answer carries the implicit one.
    ahead = jax.nn.sigmoid(here + found)
    found = found - gap(found) / jax.lax.stop_gradient((1.0 - shortfall) * slope - ahead * (1.0 - ahead))
    return jnp.exp(found / exponent)


def _halve(_, bracket):
    """One bisection. Not nested in `parting_ratio`, so that JAX compiles it once and not at every call."""
    low, high, done, here, slope, shortfall = bracket
    middle = 0.5 * (low + high)
    short = (1.0 - shortfall) * slope * middle > jax.nn.sigmoid(here + middle) - done
    return jnp.where(short, low, middle), jnp.where(short, middle, high), done, here, slope, shortfall


class SaturatingScore(Mechanism):
    """Capability rises log-linearly in pre-training compute, and along a sigmoid in RL compute that has a ceiling.

    Takes the place of `Score`. RL adds at most `rl_gain` points in all; the pre-training term goes on.
    """

    per_log_pretraining: ECI = param("Points per e-fold of effective pre-training compute")
    rl_gain: ECI = param("Points that reinforcement learning adds in all, from none to unlimited compute")
    rl_midpoint: YFLOP = param("Effective reinforcement-learning compute at which half of that is had")
    rl_exponent: Positive = param("Steepness of the sigmoid in log compute")
    rl_share: Share = param("Share of effective compute that goes into reinforcement learning")

    class Out(Signals):
        capability: PerLab[ECI] = signal("Capability of the lab's best model")
        frontier: ECI = signal("Capability of the best model", headline=True)

    begins = ("frontier",)

    def begin(self, *, capability: PerLab[ECI]) -> dict:
        return {"frontier": jnp.max(capability)}

    def __call__(
        self,
        *,
        effective_training: PerLab[YFLOP],
        prev_effective_training: PerLab[YFLOP],
        prev_capability: PerLab[ECI],
    ) -> Out:
        def from_rl(total):
            return saturating_reward(self.rl_share * total, 0.0, self.rl_gain, self.rl_midpoint, self.rl_exponent)

        by_pretraining = self.per_log_pretraining * jnp.log(effective_training / prev_effective_training)
        by_rl = from_rl(effective_training) - from_rl(prev_effective_training)
        capability = prev_capability + by_pretraining + by_rl
        return self.Out(capability=capability, frontier=jnp.max(capability))
