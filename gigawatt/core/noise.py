"""Noise by name: it depends on seed, draw, mechanism and month, never on who else draws.

    key = fold_in(fold_in(fold_in(seed, draw), crc32(mechanism)), month)

so another mechanism, a longer run or more draws leave all other noise as it was. A mechanism asks for noise by the
name of an input: `normal` (standard normal numbers) or `uniform` (numbers between 0 and 1), one for each label of the
axes in its annotation; `normal_x` and `uniform_x` are streams of their own. The noise of all months is drawn in one
call before the first, which is quicker to run and to compile than a call for each month and law.
"""

import math
import zlib
from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

NORMAL, UNIFORM = "normal", "uniform"

fold_in = jnp.vectorize(jax.random.fold_in)  # broadcasts keys against numbers


def name_hash(name: str) -> int:
    return zlib.crc32(name.encode())


def is_noise(name: str) -> bool:
    """Whether an input's name asks for noise."""
    return name in (NORMAL, UNIFORM) or name.startswith((f"{NORMAL}_", f"{UNIFORM}_"))


def stream_of(mechanism: str, name: str) -> str:
    """The name of the stream behind an input: that of the mechanism, and what follows `normal_` or `uniform_`."""
    return ".".join([mechanism, *name.split("_", 1)[1:]])


def draw_keys(seed: Array, draws: Array) -> Array:
    """One key per draw, (draws,)."""
    return fold_in(jax.random.key(seed), draws)


def noise(keys: Array, wanted: Mapping[tuple[str, str], Sequence[int]], steps: int) -> dict[str, dict[str, Array]]:
    """The noise of all steps: {mechanism: {input: (steps, draws, ...)}}.

    keys: one per draw. wanted: shape by mechanism and input's name.
    """
    if not wanted:
        return {}
    names = [name_hash(stream_of(*who)) for who in wanted]
    streams = fold_in(keys[None], jnp.asarray(names, jnp.uint32)[:, None])
    each = fold_in(streams[:, None], jnp.arange(steps)[None, :, None])  # (names, steps, draws)
    # A longer stream has the shorter one as its beginning, so that all are drawn as long as the longest.
    longest = max(math.prod(shape) for shape in wanted.values())
    numbers = uniforms(each, longest)
    found: dict[str, dict[str, Array]] = {}
    for u, ((mechanism, name), shape) in zip(numbers, wanted.items(), strict=True):
        mine = u[..., : math.prod(shape)].reshape(*u.shape[:-1], *shape)
        found.setdefault(mechanism, {})[name] = normal(mine) if name.startswith(NORMAL) else mine
    return found


def uniforms(keys: Array, count: int) -> Array:
    """`count` numbers in [0, 1) of each key, (*keys, count): those of `jax.random.uniform`."""
    flat = jax.vmap(lambda key: jax.random.uniform(key, (count,)))(keys.reshape(-1))
    return flat.reshape(*keys.shape, count)


def normal(uniform: Array) -> Array:
    """Standard normal numbers from uniform ones: those of `jax.random.normal`."""
    low = np.nextafter(np.asarray(-1.0, uniform.dtype), np.asarray(0.0, uniform.dtype))
    return np.sqrt(2) * jax.lax.erf_inv(jnp.maximum(low, uniform * (1.0 - low) + low))
