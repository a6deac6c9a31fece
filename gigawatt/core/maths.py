"""Small functions that several laws need, exact where the textbook form loses digits."""

import jax.numpy as jnp


def mean_decay(x):
    """(1 - e^-x) / x, which is 1 at x = 0: the mean of e^-t over t in [0, x]. Arguments may be arrays."""
    small = jnp.abs(x) < 1e-5
    safe = jnp.where(small, 1.0, x)
    return jnp.where(small, 1.0 - x / 2.0 + x * x / 6.0, -jnp.expm1(-safe) / safe)
