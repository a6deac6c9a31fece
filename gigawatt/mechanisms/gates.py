"""Gates: what stands in series between a buyer and the use of a product, and how long it takes.

Waiting times are phase-type (Neuts 1981, Matrix-Geometric Solutions in Stochastic Models, chapter 2): each gate takes
an exponential time, the next begins when it is passed, so that the whole wait is hypoexponential, and Erlang where
gates are equal. The month's step is `diffusion.cleared_gates`; `diffusion.GatedSegments` places them in the world.
"""

import jax
import jax.numpy as jnp
from jax.scipy.linalg import expm
from jax.scipy.special import gammainc

# The gates of a large firm in their order (systems.md S15), with change management as the last.
GATES = ("legal", "security", "provisioning", "leadership", "rollout", "change")
OPEN = 1e-4  # years, under an hour: a gate that takes less is open


def shortened(duration, compelling, elasticity):
    """Mean time of a gate for a product `compelling` times as compelling as the one it was measured on. [as duration]

    T c^-e: a stated form (facts `procurement-shortcuts`, `agent-adopts-faster-than-api`); never zero, for no product is
    infinitely compelling. Arguments may be arrays.
    """
    return duration * compelling ** (-elasticity)


def mean_wait(durations):
    """Mean time through gates in series along the last axis: the sum of their means. [the unit of durations]"""
    return jnp.sum(durations, axis=-1)


def wait_variation(durations):
    """Coefficient of variation of that time, between 1/sqrt(n) for n equal gates and 1 for a single one. [ratio]

    Neuts (1981), chapter 2: variances of exponential times add. Gates along the last axis.
    """
    return jnp.sqrt(jnp.sum(jnp.square(durations), axis=-1)) / jnp.sum(durations, axis=-1)


def share_past(years, durations):
    """Share of buyers past each gate, `years` after all stood before the first. [share, one for each gate]

    1 - (1, 0, ..., 0) exp(S t) summed to the gate, with the generator S of the chain of gates (Neuts 1981, eq. 2.2.1).
    `durations` has gates along its last axis; `years` broadcasts against the rest. Equal durations are no special case.
    """
    durations = jnp.maximum(jnp.asarray(durations, float), OPEN)
    shape = jnp.broadcast_shapes(jnp.shape(years), durations.shape[:-1])
    gates = durations.shape[-1]
    rate = jnp.broadcast_to(1.0 / durations, (*shape, gates)).reshape(-1, gates)
    time = jnp.maximum(jnp.broadcast_to(jnp.asarray(years, float), shape), 0.0).reshape(-1)

    def waiting(rate, time):
        chain = jnp.diag(-rate) + jnp.diag(rate[:-1], 1)
        return expm(chain * time, max_squarings=48)[0]

    before = jax.vmap(waiting)(rate, time).reshape(*shape, gates)  # share waiting before each gate
    return jnp.clip(1.0 - jnp.cumsum(before, axis=-1), 0.0, 1.0)


def erlang_past(years, mean, gates):
    """Share through `gates` equal gates that take `mean` in all. [share]

    The Erlang distribution, P(n, n t / T) with the regularised incomplete gamma function (Erlang 1917). Arguments may
    be arrays.
    """
    return gammainc(gates, gates * jnp.maximum(years, 0.0) / mean)


def wait_quantile(share, durations):
    """Time by which a share of buyers has passed all gates. [years]

    Inverse of the last of `share_past`, by halving between 0 and the time that Markov's inequality allows, and one
    step of Newton, which also gives it its derivative. `durations` has gates along its last axis.
    """
    durations = jnp.maximum(jnp.asarray(durations, float), OPEN)
    low = jnp.zeros(jnp.broadcast_shapes(jnp.shape(share), durations.shape[:-1]))
    high = low + mean_wait(durations) / (1.0 - share)

    def halve(_, ends):
        low, high = ends
        middle = 0.5 * (low + high)
        early = share_past(middle, durations)[..., -1] < share
        return jnp.where(early, middle, low), jnp.where(early, high, middle)

    near = jax.lax.stop_gradient(sum(jax.lax.fori_loop(0, 50, halve, (low, high))) / 2.0)
    past = jnp.concatenate([jnp.ones_like(near)[..., None], share_past(near, durations)], axis=-1)
    density = (past[..., -2] - past[..., -1]) / durations[..., -1]
    return near + jnp.where(density > 0.0, (share - past[..., -1]) / jnp.where(density > 0.0, density, 1.0), 0.0)
