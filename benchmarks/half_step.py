"""Half the time step: how far headline medians move, 20,000 draws with the same numbers and the same noise.

    python benchmarks/half_step.py [draws] [scenario]

The signals that noise moves (mood of demand, taste for a lab, whether progress stalls) take the path of the finer run
at both steps, so that what is left is the error of the step and not the luck of another path; progress, which a month
uses as a rate, takes its mean over the month. Differences of large flows (profit, cash, demand turned away) count
against the flow that they are a difference of, where that is larger; others against their size, or a tenth of their
greatest size over the years. Orders are a rate over the step, so those of both halves of the last month count. Those of
a single lab are no headline (docs/explanation/layout.md) and stand below the others. The standard error of a move comes
from eight parts of the draws.
"""

import dataclasses
import sys

import jax.numpy as jnp
import numpy as np
from rich.console import Console
from rich.table import Table

from gigawatt.core.cache import use_cache
from gigawatt.core.path import year_of
from gigawatt.core.run import in_chunks, kept, run_chunk, samples_of, year_ends
from gigawatt.core.scenario import load

LIMIT = 0.02
PARTS = 8
BESIDE = ("wanted_order",)  # no headlines, shown all the same
OVER_STEP = ("industry_orders", "wanted_order")
FLOW = {"profit": "revenue", "cash": "revenue", "turned_away": "industry_revenue"}
NOISY = ("mood", "taste", "progress")  # signals whose law draws random numbers
RATES = ("progress",)


def both_steps(name: str, draws: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Headline signals at the end of each year at the whole and at the half step, each (draws, years, ...)."""
    whole = load(name)
    half = dataclasses.replace(whole, steps_per_year=2 * whole.steps_per_year)
    world = whole.world()
    names = (*kept(world, None), *BESIDE)
    noisy = tuple(n for n in NOISY if n in world.signals)
    samples = samples_of(whole, world, draws, 0)
    found: tuple[dict[str, list], dict[str, list]] = ({}, {})

    def simulate(scenario, ids, paths):
        ends = year_ends(scenario)
        signals = run_chunk(
            world,
            {p: jnp.asarray(x[ids]) for p, x in samples.items()},
            jnp.asarray(ids),
            jnp.asarray(0),
            jnp.asarray(year_of(scenario.begin)),
            {n: jnp.asarray(v) for n, v in scenario.levers(world, ends).items()},
            {n: jnp.asarray(v) for n, v in scenario.holds(world, ends).items()},
            paths,
            steps=scenario.steps,
            steps_per_year=scenario.steps_per_year,
            keep=(*names, *(n for n in noisy if n not in names)),
        )
        return {n: np.asarray(v) for n, v in signals.items()}

    def work(ids: np.ndarray) -> None:
        fine = simulate(half, ids, {})
        means = {n: 0.5 * (fine[n][::2] + fine[n][1::2]) for n in RATES if n in noisy}
        coarse = simulate(whole, ids, {n: jnp.asarray(means.get(n, fine[n][1::2])) for n in noisy})
        new = np.unique(ids, return_index=True)[1]  # the last chunk is filled up with repeats
        for kept_so_far, signals, scenario in zip(found, (coarse, fine), (whole, half), strict=True):
            year = scenario.steps_per_year
            for n in names:
                last = signals[n][year - 1 :: year, new]
                if n in OVER_STEP and scenario is half:
                    last = 0.5 * (last + signals[n][year - 2 :: year, new])
                kept_so_far.setdefault(n, []).append(last)

    in_chunks(work, draws)
    return tuple({n: np.concatenate(parts, axis=1) for n, parts in part.items()} for part in found)  # type: ignore[return-value]


def moved(whole: dict[str, np.ndarray], half: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Moves of the medians at year ends relative to their size, (years, ...), from (years, draws, ...)."""
    a, b = np.median(whole[name], axis=1), np.median(half[name], axis=1)
    if name in FLOW:
        size = np.maximum(np.abs(a), np.median(whole[FLOW[name]], axis=1))
    else:
        size = np.maximum(np.abs(a), 0.1 * np.max(np.abs(a), axis=0))
    return (b - a) / np.where(size > 0.0, size, 1.0)


def part(found: dict[str, np.ndarray], number: int) -> dict[str, np.ndarray]:
    """Every eighth draw."""
    return {n: x[:, number::PARTS] for n, x in found.items()}


def main(draws: int = 20_000, scenario: str = "base") -> None:
    use_cache()
    whole, half = both_steps(scenario, draws)
    table = Table(
        "signal", "largest move of a median", "error", "where", "", title=f"{scenario}, {draws} draws, half the step"
    )
    found = load(scenario)
    world, first = found.world(), int(found.begin[:4])
    for name in whole:
        moves = moved(whole, half, name)
        parts = [moved(part(whole, i), part(half, i), name) for i in range(PARTS)]
        error = np.std(parts, axis=0, ddof=1) / np.sqrt(PARTS)
        worst = np.unravel_index(np.argmax(np.abs(moves)), moves.shape)
        year, *labels = worst
        axes = world.signals[name].axes
        where = " ".join([str(first + year), *(world.axes[a][i] for a, i in zip(axes, labels, strict=True))])
        over = "" if abs(moves[worst]) < LIMIT else "over 2 %" if name not in BESIDE else "over 2 %, no headline"
        table.add_row(name, f"{moves[worst]:.2%}", f"{error[worst]:.2%}", where, over)
    Console().print(table)


if __name__ == "__main__":
    main(*(int(x) if x.isdigit() else x for x in sys.argv[1:]))  # type: ignore[arg-type]
