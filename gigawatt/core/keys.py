"""Random keys by name: noise depends on seed, draw, mechanism and month, never on who else draws.

    key = fold_in(fold_in(fold_in(seed, draw), crc32(mechanism)), month)

so another mechanism, a longer run or more draws leave all other noise as it was.
"""

import zlib

import jax
from jax import Array


def name_hash(name: str) -> int:
    return zlib.crc32(name.encode())


def draw_key(seed: Array, draw: Array) -> Array:
    return jax.random.fold_in(jax.random.key(seed), draw)


def named_key(key: Array, name: str) -> Array:
    return jax.random.fold_in(key, name_hash(name))


def month_key(key: Array, month: Array) -> Array:
    return jax.random.fold_in(key, month)
