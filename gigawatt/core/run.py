"""Run a scenario: months x draws, in chunks over all cores, into an xarray.Dataset."""

import ctypes
import math
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext, suppress
from functools import cache, lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jax import Array

from gigawatt.core.draws import FEW, sample
from gigawatt.core.entry import Entry, entries
from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.mechanism import meta_of, shape_of
from gigawatt.core.month import noisy_inputs, simulate_draws, whole_blocks
from gigawatt.core.noise import draw_keys, noise
from gigawatt.core.parts import Chunks, Parts
from gigawatt.core.path import year_of
from gigawatt.core.result import dataset, version
from gigawatt.core.scenario import Scenario, load
from gigawatt.core.world import World

CHUNK = 256  # draws that run together: their state stays in the processor's cache


def run(
    scenario: str | Scenario = "base",
    draws: int = 1000,
    seed: int = 0,
    *,
    set: Mapping[str, Any] | None = None,
    lever: Mapping[str, Mapping[str, float]] | None = None,
    hold: Mapping[str, Mapping[str, float]] | None = None,
    use: Sequence[str] = (),
    until: str | None = None,
    certain: bool = False,
    keep: Sequence[str] | str | None = None,
    chunk: int = CHUNK,
    progress: Callable[[int, int], None] | None = None,
    resume: Parts | None = None,
) -> xr.Dataset:
    """Run a scenario and return its signals, dims (draw, month, ...).

    scenario: shipped name, path of a TOML file, or a Scenario. draws: number of draws; draw i is the same
    whatever their number. seed: everything random follows from it. set, lever, hold, use: further differences,
    as in a scenario file. until: last month, YYYY-MM. certain: every number at its value, so that only luck differs by
    draw. keep: signals to keep ('all', 'headlines', or names; headlines if None).
    progress: called with (draws done, draws in all). resume: where finished chunks of a long run are kept and found.

    Raises InputError with place and cure for anything that cannot be used.
    """
    found = load(scenario).change(set, lever, hold, use, until)
    found = found.at_values() if certain else found
    if draws < 1:
        raise InputError(f"draws is {draws}: give at least 1.")
    if not 0 <= seed < 2**31:
        raise InputError(f"seed is {seed}: give a whole number from 0 to 2147483647.")
    world = found.world()
    names = kept(world, keep)
    check_memory(found, world, draws, names)
    arrays = run_arrays(found, world, draws, seed, names, chunk, progress, resume=resume)
    return dataset(found, world, arrays, draws, seed)


def check_memory(scenario: Scenario, world: World, draws: int, keep: tuple[str, ...]) -> None:
    """Raise InputError where results alone would fill the machine: Linux would let them, and end some process later."""
    numbers = sum(math.prod(shape_of(world.signals[n], world.axes)) for n in keep)
    need = 8.0 * draws * scenario.steps * numbers
    have = float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    if need > have:
        raise InputError(
            f"draws is {draws}: the signals kept take {need / 1e9:,.0f} GB, this machine has {have / 1e9:,.0f}: "
            "give fewer draws, or keep fewer signals (--keep)."
        )


def kept(world: World, keep: Sequence[str] | str | None) -> tuple[str, ...]:
    """Names of the signals to keep, in the world's order."""
    signals = world.signals
    if keep is None or keep == "headlines":
        return tuple(n for n, giver in world.givers.items() if meta_of(giver.Out, n, "headline"))
    if keep == "all":
        return tuple(signals)
    wanted = [keep] if isinstance(keep, str) else list(keep)
    for name in wanted:
        if name not in signals:
            raise InputError(f"no signal '{name}'.{did_you_mean(name, signals)} `gigawatt signals` lists them.")
    return tuple(n for n in signals if n in wanted)


def uncertain(scenario: Scenario, world: World) -> dict[str, Sequence[Entry]]:
    """Entries behind each number that is uncertain here or as shipped.

    A number that the scenario makes certain stays in the list, so that setting values never changes what is
    compiled.
    """
    doubtful, found = doubtful_as_shipped(), scenario.behind(world)
    return {p: group for p, group in found.items() if p in doubtful or any(e.uncertain for e in group)}


@cache
def doubtful_as_shipped() -> frozenset[str]:
    """Numbers that are uncertain in the shipped entries, for any label."""
    return frozenset(".".join(p.split(".")[:2]) for p, e in entries().items() if e.uncertain)


def samples_of(scenario: Scenario, world: World, draws: int, seed: int) -> dict[str, np.ndarray]:
    """Samples of every uncertain number: (draws,) or (draws, labels), with ones for further axes."""
    axes = {p: len(kind.axes) for p, kind in world.numbers().items()}
    drawn = sample(uncertain(scenario, world), seed, draws)
    return {p: x.reshape(*x.shape, *[1] * (axes[p] - 1)) if axes[p] else x[:, 0] for p, x in drawn.items()}


def year_ends(scenario: Scenario) -> np.ndarray:
    """Calendar year at the end of each step."""
    return year_of(scenario.begin) + (np.arange(scenario.steps) + 1) / scenario.steps_per_year


@partial(jax.jit, static_argnames=("steps", "steps_per_year", "keep"))
def run_chunk(
    world: World,
    samples: dict[str, Array],
    draws: Array,
    seed: Array,
    begin: Array,
    levers: dict[str, Array],
    holds: dict[str, Array],
    paths: dict[str, Array] | None = None,
    luck: dict[str, dict[str, Array]] | None = None,
    *,
    steps: int,
    steps_per_year: int,
    keep: tuple[str, ...],
) -> dict[str, Array]:
    """Many draws at once. Returns the kept signals, (steps, draws, ...). Arguments as for `simulate_draws`."""
    keys = draw_keys(seed, draws)
    return simulate_draws(world, samples, keys, steps, steps_per_year, begin, levers, holds, paths or {}, keep, luck)


def luck_of(
    asked: tuple[tuple[tuple[str, str], tuple[int, ...]], ...],
    seed: int,
    ids: tuple[int, ...],
    steps: int,
    single: bool = False,
) -> dict[str, dict[str, Array]]:
    """The noise of some draws, {mechanism: {input: (steps, draws, ...)}}: no number of the world moves it.

    asked: who asks for it, in which shape. ids: the draws. single: in 32 bits, the same luck.
    """
    found = drawn_luck(jnp.asarray(seed), jnp.asarray(ids), listeners=asked, steps=steps)
    return shortened(found) if single else found


def shortened(values: Any) -> Any:
    """The same arrays in 32 bits where they are of 64."""
    return jax.tree.map(lambda x: np.asarray(x, np.float32) if x.dtype == np.float64 else x, values)


@partial(jax.jit, static_argnames=("listeners", "steps"))
def drawn_luck(seed: Array, ids: Array, *, listeners: Any, steps: int) -> dict[str, dict[str, Array]]:
    return noise(draw_keys(seed, ids), dict(listeners), steps)


remembered_luck = lru_cache(maxsize=2 * FEW // CHUNK)(luck_of)  # a tenth of the time of a run that comes again


def run_arrays(
    scenario: Scenario,
    world: World,
    draws: int,
    seed: int,
    keep: tuple[str, ...],
    chunk: int = CHUNK,
    progress: Callable[[int, int], None] | None = None,
    compiles: bool = True,
    samples: Mapping[str, np.ndarray] | None = None,
    luck: np.ndarray | None = None,
    resume: Parts | None = None,
    single: bool = False,
) -> dict[str, np.ndarray]:
    """The kept signals as arrays (draws, steps, ...), chunk by chunk on all cores; the first alone if it `compiles`.

    samples: as from `samples_of`, with some numbers replaced, so that nothing is compiled anew. luck: number of the
    draw whose luck each row has, (draws,); its own if None. resume: where finished chunks are kept and found. single:
    in 32 bits, in half the time and to some four digits (docs/explanation/layout.md), for a first look.
    """
    ends = year_ends(scenario)
    samples = samples_of(scenario, world, draws, seed) if samples is None else samples
    luck = np.arange(draws) if luck is None else luck
    common = (
        jnp.asarray(seed),
        jnp.asarray(year_of(scenario.begin)),
        {n: jnp.asarray(v) for n, v in scenario.levers(world, ends).items()},
        {n: jnp.asarray(v) for n, v in scenario.holds(world, ends).items()},
    )
    signals, axes = world.signals, world.axes
    shapes = {n: shape_of(signals[n], axes) for n in keep}
    kind = np.float32 if single else np.float64
    # steps first, as a chunk gives them
    by_step = {n: np.empty((scenario.steps, draws, *shape), kind) for n, shape in shapes.items()}
    out = {n: np.moveaxis(x, 1, 0) for n, x in by_step.items()}
    asked = tuple(noisy_inputs(world.needed_classes(keep), axes).items())
    _, total = whole_blocks(scenario.steps, scenario.steps_per_year)
    drawn = remembered_luck if draws <= FEW else luck_of
    world, common = shortened((world, common)) if single else (world, common)

    chunks: Chunks | None = None  # those kept on disk

    def simulated(ids: np.ndarray) -> dict[str, np.ndarray]:
        fresh = drawn(asked, seed, tuple(luck[ids].tolist()), total, single)
        with jax.enable_x64(False) if single else nullcontext():
            part = run_chunk(
                world,
                {p: x[ids] for p, x in samples.items()},
                luck[ids],
                *common,
                luck=fresh,
                steps=scenario.steps,
                steps_per_year=scenario.steps_per_year,
                keep=keep,
            )
        return {n: np.asarray(x) for n, x in part.items()}

    def work(ids: np.ndarray) -> None:
        nonlocal chunks
        first = int(ids[0])
        part = chunks.read(first) if chunks else None
        if part is None:
            part = simulated(ids)
            if chunks:
                chunks.write(first, part)
            elif resume:
                chunks = resume.of(scenario.name, f"{scenario.recipe()} {draws} {seed} {chunk} {version()}", part)
        for name, value in part.items():
            by_step[name][:, first : ids[-1] + 1] = value[:, : ids[-1] + 1 - first]

    in_chunks(work, draws, chunk, progress, compiles, lambda: chunks.known if chunks else ())
    for name, value in out.items():
        if not np.isfinite(value).all():
            draw, step = np.argwhere(~np.isfinite(value))[0][:2]
            raise InputError(
                f"scenario {scenario.name}: signal '{name}' is not a finite number in draw {draw} at {ends[step]:.2f}: "
                "a number set far outside its range may be the cause; bring it back."
            )
    return out


def in_chunks(
    work: Callable[[np.ndarray], None],
    draws: int,
    chunk: int = CHUNK,
    progress: Callable[[int, int], None] | None = None,
    compiles: bool = True,
    known: Callable[[], Collection[int]] = tuple,
) -> None:
    """Call `work` with the numbers of the draws of each chunk on all cores; the first alone if it `compiles`.

    The last chunk is filled up with repeats of the last draw, so that every chunk runs the same compiled code.
    progress: called with (draws done, draws in all). known: first draws of chunks that need no work, once the first is
    done: they come next, so that progress starts behind them.
    """
    report = progress or (lambda done, of: None)
    parts = [np.minimum(np.arange(first, first + chunk), draws - 1) for first in range(0, draws, chunk)]
    alone = 1 if compiles else 0
    if compiles:
        work(parts[0])
        return_memory()
        report(min(chunk, draws), draws)
    rest = sorted(parts[alone:], key=lambda ids: ids[0] not in known())
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        jobs = [pool.submit(work, ids) for ids in rest]
        try:
            for number, job in enumerate(as_completed(jobs), start=alone + 1):
                job.result()
                report(min(number * chunk, draws), draws)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def return_memory() -> None:
    """Give memory that the compiler is done with back to the system, 0.3 GB of it, where the C library can (glibc)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def again(result: xr.Dataset, **changes: Any) -> xr.Dataset:
    """Run a result's recipe again: same numbers, or with `changes` as for `run`."""
    recipe = Scenario.of(result.attrs["recipe"], "result")
    attrs = result.attrs
    options: dict[str, Any] = {"draws": int(attrs["draws"]), "seed": int(attrs["seed"]), "keep": list(result.data_vars)}
    return run(recipe, **(options | changes))
