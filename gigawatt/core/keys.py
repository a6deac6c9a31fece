"""Random keys by name: noise depends on seed, draw, mechanism and month, never on who else draws.

    key = fold_in(fold_in(fold_in(seed, draw), crc32(mechanism)), month)

so another mechanism, a longer run or more draws leave all other noise as it was. All keys of a month are made in
one call, which compiles in a fraction of the time of one call each.
"""

import zlib
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import Array

fold_in = jnp.vectorize(jax.random.fold_in)  # broadcasts keys against numbers


def name_hash(name: str) -> int:
    return zlib.crc32(name.encode())


def draw_keys(seed: Array, draws: Array) -> Array:
    """One key per draw, (draws,)."""
    return fold_in(jax.random.key(seed), draws)


def named_keys(keys: Array, names: Sequence[str]) -> Array:
    """One key per name and draw, (names, draws)."""
    return fold_in(keys[None], jnp.asarray([name_hash(n) for n in names], jnp.uint32)[:, None])


def month_keys(keys: Array, month: Array) -> Array:
    """The keys of one month, of the same shape."""
    return fold_in(keys, month)
