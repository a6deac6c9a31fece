"""Half the time step: how far headline medians move, 20,000 draws with the same numbers at both steps.

    python benchmarks/half_step.py [draws] [scenario]

Noise is scaled with the step but differs in its paths; `noise` is what two medians of so many draws differ by
when only the seed of the noise differs, estimated from halves of the draws.
"""

import dataclasses
import sys

import numpy as np
import xarray as xr
from rich.console import Console
from rich.table import Table

from gigawatt.core.cache import use_cache
from gigawatt.core.run import run
from gigawatt.core.scenario import load

LIMIT = 0.02


def year_ends(scenario: str, draws: int, steps_per_year: int) -> xr.Dataset:
    """Headline signals at the end of each year."""
    found = dataclasses.replace(load(scenario), steps_per_year=steps_per_year)
    result = run(found, draws)
    return result.isel(month=slice(steps_per_year - 1, None, steps_per_year))


def moved(whole: np.ndarray, half: np.ndarray) -> float:
    """Largest move of the median at a year end, (draw, year, ...), relative to the median.

    Where a median passes through zero, its greatest size over the years is the measure.
    """
    a, b = np.median(whole, axis=0), np.median(half, axis=0)
    greatest = np.max(np.abs(a), axis=0, keepdims=True)
    crosses = (a.min(axis=0) <= 0.0) & (a.max(axis=0) >= 0.0)
    size = np.where(crosses, greatest, np.abs(a))
    return float(np.max(np.abs(b - a) / np.where(size > 0.0, size, 1.0)))


def main(draws: int = 20_000, scenario: str = "base") -> None:
    use_cache()
    whole, half = (year_ends(scenario, draws, n) for n in (12, 24))
    table = Table("signal", "largest move", "noise", "", title=f"{scenario}, {draws} draws, half the step")
    for name in whole.data_vars:
        a, b = whole[name].values, half[name].values
        move, noise = moved(a, b), moved(a[: draws // 2], a[draws // 2 :]) / np.sqrt(2.0)
        table.add_row(str(name), f"{move:.2%}", f"{noise:.2%}", "" if move < LIMIT else "over 2 %")
    Console().print(table)


if __name__ == "__main__":
    main(*(int(x) if x.isdigit() else x for x in sys.argv[1:]))  # type: ignore[arg-type]
