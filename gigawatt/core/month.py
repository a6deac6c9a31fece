"""The month, and the loop over months. Read this first.

A month runs every mechanism once, in the order of the list. Feedback between months goes through `prev_`
(one month) and through delays (many months); inside a month information flows down the list only.
"""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from gigawatt.core.keys import month_key, named_key
from gigawatt.core.mechanism import Mechanism, gives, path_of, reads, shape_of
from gigawatt.core.queue import Delay, outstanding_reads, post, posted
from gigawatt.core.world import World

BLOCK = 3  # months that run before their orders are posted; the shortest delay a world can have


def one_month(
    world: World,
    prev: Mapping[str, Array],
    clock: Mapping[str, Array],
    due: Mapping[str, Array],
    keys: Mapping[str, Array],
    levers: Mapping[str, Array],
    holds: Mapping[str, Array],
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Run every mechanism once, in order. Returns this month's signals, and how long each delay takes, in years."""
    world, now = world.set({path: held(world.get(path), value) for path, value in levers.items()}), dict(clock)
    for mechanism in world.mechanisms:
        inputs = {name: pick(name, now, prev, due, keys, mechanism) for name in reads(type(mechanism))}
        out = mechanism(**inputs)
        for name, kind in gives(type(mechanism)).items():
            value = jnp.broadcast_to(getattr(out, name), shape_of(kind, world.axes))
            now[name] = held(value, holds.get(name))
    return now, {name: years for delay in world.delays for name, years in delay.after().items()}


def pick(
    name: str,
    now: Mapping[str, Array],
    prev: Mapping[str, Array],
    due: Mapping[str, Array],
    keys: Mapping[str, Array],
    mechanism: Mechanism,
) -> Array:
    """The value behind an input name: last month's, what falls due, this mechanism's noise, or this month's."""
    if name.startswith("prev_"):
        return prev[name.removeprefix("prev_")]
    if name.startswith("due_"):
        return due[name.removeprefix("due_")]
    if name == "key":
        return month_key(keys[path_of(type(mechanism))], now["step"])
    return now[name]


def held(value: Array, hold: Array | None) -> Array:
    """A prescribed value while there is one (NaN: computed again)."""
    return value if hold is None else jnp.where(jnp.isnan(hold), value, hold)


def simulate(
    world: World,
    steps: int,
    steps_per_year: int,
    begin: Array,
    key: Array,
    levers: Mapping[str, Array],
    holds: Mapping[str, Array],
    keep: tuple[str, ...],
) -> dict[str, Array]:
    """One draw of a world over all months. Returns the kept signals, time first.

    begin: calendar year at the start of the first month. levers, holds: paths in time, (steps, ...).
    """
    dt = 1.0 / steps_per_year
    block = max(1, BLOCK * steps_per_year // 12)
    blocks = -(-steps // block)
    total = blocks * block
    keys = {path_of(type(m)): named_key(key, path_of(type(m))) for m in world.mechanisms}
    comes_back = {name: origin for d in world.delays for name, origin in posted(type(d)).items()}
    slots = {name: value for d in world.delays for name, value in first_slots(world, d, total, dt).items()}

    def cut(paths: Mapping[str, Array]) -> dict[str, Array]:
        """Paths in time as (blocks, block, ...), the last value held to the end of the last block."""
        pad = {n: jnp.concatenate([p, jnp.repeat(p[-1:], total - steps, axis=0)]) for n, p in paths.items()}
        return {n: p.reshape(blocks, block, *p.shape[1:]) for n, p in pad.items()}

    def month(state: dict[str, Array], now_in: Any) -> tuple[dict[str, Array], Any]:
        step, due, lever, hold = now_in
        clock = {"step": step, "dt": jnp.asarray(dt), "year": begin + (step + 1) * dt}
        now, after = one_month(world, state, clock, due, keys, lever, hold)
        orders = {name: now[origin] for name, origin in comes_back.items()}
        return {n: now[n] for n in state}, ({n: now[n] for n in keep}, orders, after)

    def run_block(carry: Any, block_in: Any) -> tuple[Any, dict[str, Array]]:
        state, slots = carry
        number, lever, hold = block_in
        first = number * block
        due = {n: lax.dynamic_slice_in_dim(s, first, block) for n, s in slots.items()}
        state, (kept, orders, after) = lax.scan(month, state, (first + jnp.arange(block), due, lever, hold))
        slots = {n: post(s, orders[n], first, after[n] * steps_per_year) for n, s in slots.items()}
        return (state, slots), kept

    inputs = (jnp.arange(blocks), cut(levers), cut(holds))
    _, kept = lax.scan(run_block, (world.first_state(), slots), inputs)
    return {n: v.reshape(total, *v.shape[2:])[:steps] for n, v in kept.items()}


def first_slots(world: World, delay: Delay, total: int, dt: float) -> dict[str, Array]:
    """The slots of a delay before the first month: what falls due from earlier posts, as a rate per year."""
    known = world.start_values()
    given = {n: known[n] for n in outstanding_reads(type(delay))}
    kinds = gives(type(delay))

    def left(years: Array) -> dict[str, Array]:
        out = delay.outstanding(years=years, **given)
        return {n: jnp.broadcast_to(out[n], shape_of(k, world.axes)) for n, k in kinds.items()}

    # differences of what is left, so that the slots add up to what was outstanding, whatever the step
    amounts = jax.vmap(left)(jnp.arange(total + 1) * dt)
    sink = {n: jnp.zeros((2, *a.shape[1:])) for n, a in amounts.items()}
    return {n: jnp.concatenate([(a[:-1] - a[1:]) / dt, sink[n]]) for n, a in amounts.items()}
