"""The month, and the loop over months. Read this first.

A month runs every mechanism once, in the order of the list. Feedback between months goes through `prev_`
(one month) and through delays (many months); inside a month information flows down the list only.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.experimental.layout import Layout, with_layout_constraint

from gigawatt.core.mechanism import Mechanism, gives, laws, path_of, reads, shape_of
from gigawatt.core.noise import is_noise, noise
from gigawatt.core.queue import Delay, outstanding_reads, post, posted
from gigawatt.core.wiring import Classes
from gigawatt.core.world import World

BLOCK = 3  # months that run before their orders are posted; the shortest delay a world can have


def one_month(
    world: World,
    prev: Mapping[str, Array],
    clock: Mapping[str, Array],
    due: Mapping[str, Array],
    luck: Mapping[str, Mapping[str, Array]],
    levers: Mapping[str, Array],
    holds: Mapping[str, Array],
) -> dict[str, Array]:
    """Run every mechanism once, in order. Returns this month's signals."""
    world, now = moved(world, levers), dict(clock)
    for mechanism in world.mechanisms:
        inputs = {name: pick(name, now, prev, due, luck, mechanism) for name in reads(type(mechanism))}
        with jax.named_scope(path_of(type(mechanism))):  # the name that profilers show
            out = mechanism(**inputs)
        for name, kind in gives(type(mechanism)).items():
            value = jnp.broadcast_to(getattr(out, name), shape_of(kind, world.axes))
            now[name] = held(value, holds.get(name))
    return now


def pick(
    name: str,
    now: Mapping[str, Array],
    prev: Mapping[str, Array],
    due: Mapping[str, Array],
    luck: Mapping[str, Mapping[str, Array]],
    mechanism: Mechanism,
) -> Array:
    """The value behind an input name: last month's, what falls due, this mechanism's noise, or this month's."""
    if name.startswith("prev_"):
        return prev[name.removeprefix("prev_")]
    if name.startswith("due_"):
        return due[name.removeprefix("due_")]
    if is_noise(name):
        return luck[path_of(type(mechanism))][name]
    return now[name]


def held(value: Array, hold: Array | None) -> Array:
    """A prescribed value while there is one (NaN: computed again)."""
    return value if hold is None else jnp.where(jnp.isnan(hold), value, hold)


def moved(world: World, levers: Mapping[str, Array]) -> World:
    """The world of one month: with the numbers that levers prescribe."""
    return world.set({path: held(world.get(path), value) for path, value in levers.items()})


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
    """One draw of a world over all months. Returns the kept signals, time first. Arguments as below."""
    found = simulate_draws(world, {}, key[None], steps, steps_per_year, begin, levers, holds, {}, keep)
    return {n: v[:, 0] for n, v in found.items()}


def simulate_draws(
    world: World,
    samples: Mapping[str, Array],
    keys: Array,
    steps: int,
    steps_per_year: int,
    begin: Array,
    levers: Mapping[str, Array],
    holds: Mapping[str, Array],
    paths: Mapping[str, Array],
    keep: tuple[str, ...],
    luck: Mapping[str, Mapping[str, Array]] | None = None,
) -> dict[str, Array]:
    """Many draws of a world over all months. Returns the kept signals, (steps, draws, ...).

    samples: numbers that differ by draw, (draws, ...). keys: (draws,). begin: calendar year at the start of the
    first month. levers, holds: paths in time, (steps, ...). paths: holds that differ by draw, (steps, draws, ...).
    luck: the noise of all steps, whole blocks of them, drawn already; drawn here if not given.

    The month runs on all draws at once; time and draws are the first two axes of everything that spans months,
    so that each month reads and writes memory in one stretch (docs/explanation/layout.md). Only laws on which a kept
    signal depends are run.
    """
    world = world.needed(keep)
    samples, levers = ({p: x for p, x in series.items() if p in world.numbers()} for series in (samples, levers))
    holds, paths = ({n: x for n, x in series.items() if n in world.signals} for series in (holds, paths))
    dt = 1.0 / steps_per_year
    block, total = whole_blocks(steps, steps_per_year)
    blocks = total // block
    draws = keys.shape[0]
    drawn = noise(keys, noisy_inputs(world.classes, world.axes), total) if luck is None else luck
    comes_back = {name: origin for d in world.delays for name, origin in posted(type(d)).items()}
    timed = {path_of(type(law)) for d in world.delays for law in laws(d)}
    leads_differ = any(path.partition(".")[0] in timed for path in samples)

    def before(values: Mapping[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
        mine = world.set(values)
        return mine.first_state(), {n: s for d in mine.delays for n, s in first_slots(mine, d, total, dt).items()}

    def month(slots: dict[str, Array], carry: Any, step: Array) -> tuple[Any, dict[str, Array]]:
        state, kept = carry
        clock = {"dt": jnp.asarray(dt), "year": begin + (step + 1) * dt}
        lever, hold, path, due = (at(step, series) for series in (levers, holds, paths, slots))
        fresh = {m: at(step, series) for m, series in drawn.items()}

        def one(values: Any, prev: Any, due: Any, luck: Any, path: Any) -> dict[str, Array]:
            return one_month(world.set(values), prev, clock, due, luck, lever, {**hold, **path})

        inputs = draws_innermost((samples, state, due, fresh, path))
        now = draws_innermost(jax.vmap(one, axis_size=draws)(*inputs))
        kept = {n: lax.dynamic_update_index_in_dim(v, now[n], step, 0) for n, v in kept.items()}
        return ({n: now[n] for n in state}, kept), {n: now[n] for n in comes_back.values()}

    def lead_times(step: Array) -> dict[str, Array]:
        def one(values: Mapping[str, Array]) -> dict[str, Array]:
            delays = moved(world.set(values), at(step, levers)).delays
            return {n: years * steps_per_year for d in delays for n, years in d.after().items()}

        return jax.vmap(one, out_axes=0 if leads_differ else None, axis_size=draws)(samples)

    def run_block(carry: Any, first: Array) -> tuple[Any, None]:
        state, kept, slots = carry
        months = first + jnp.arange(block)
        (state, kept), orders = lax.scan(partial(month, slots), (state, kept), months)
        after = jax.vmap(lead_times)(months)
        slots = {n: post(s, orders[comes_back[n]], first, after[n]) for n, s in slots.items()}
        return (state, kept, slots), None

    state, slots = jax.vmap(before, out_axes=(0, 1), axis_size=draws)(samples)
    kept = {n: jnp.zeros((total, draws, *shape_of(world.signals[n], world.axes))) for n in keep}
    drawn, slots = draws_innermost((drawn, slots), at=1)
    (_, kept, _), _ = lax.scan(run_block, (state, kept, slots), block * jnp.arange(blocks))
    return {n: v[:steps] for n, v in kept.items()}


def whole_blocks(steps: int, steps_per_year: int) -> tuple[int, int]:
    """Steps that run before their orders are posted, and the steps of a run in whole such blocks."""
    block = max(1, BLOCK * steps_per_year // 12)
    return block, -(-steps // block) * block


def noisy_inputs(classes: Classes, axes: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, str], tuple[int, ...]]:
    """Shape of the noise that mechanisms ask for, by mechanism and input's name."""
    asked = {(path_of(cls), n): kind for cls in classes for n, kind in reads(cls).items() if is_noise(n)}
    return {who: shape_of(kind, axes) if kind else () for who, kind in asked.items()}


def draws_innermost(values: Any, at: int = 0) -> Any:
    """The same arrays with neighbouring draws side by side in memory; draws are the axis `at`, as they stay.

    The processor then takes several draws at once, and a number that differs by draw serves all labs of it: a quarter
    of the time of a run (docs/explanation/layout.md).
    """

    def laid(x: Array) -> Array:
        order = (*(axis for axis in range(x.ndim) if axis != at), at)
        return with_layout_constraint(x, Layout(order)) if x.ndim > at + 1 else x

    return jax.tree.map(laid, values)


def at(step: Array, series: Mapping[str, Array]) -> dict[str, Array]:
    """One step of series in time, (steps, ...); past their end, the last."""
    return {n: lax.dynamic_index_in_dim(x, step, keepdims=False) for n, x in series.items()}


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
