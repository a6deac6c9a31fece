"""Acceptance cases that need whole runs: what a scenario does, in every draw."""

from functools import cache

import numpy as np
import xarray as xr

from gigawatt.core.facts import fact
from gigawatt.core.run import run
from gigawatt.core.scenario_file import scenario_names
from gigawatt.study.cases.case import case, exactly, holds, inside

DRAWS = 256  # enough for the claims below, which are about every draw or about near certainties


@cache
def runs(name: str) -> xr.Dataset:
    return run(name, DRAWS, keep=["industry_revenue", "output_growth", "genius", "it_power", "chip_power"])


def chance_before_2030(name: str, revenue: float) -> float:
    """Share of draws in which industry revenue passes a level before 2030 begins."""
    result = runs(name)
    before = result["year"].values <= 2030.0 + 1e-9
    return float(np.mean(result["industry_revenue"].values[:, before].max(axis=1) >= revenue))


@case("A42", "stated", "A trillion of industry revenue before 2030 in the scenario of the speaker")
def a42():
    trillion = 1000.0 * fact("trillions-before-2030").low
    ours = chance_before_2030("base", trillion)
    note = f"close to a certainty for him; base, never tuned to it, says {ours:.2f}"
    yield inside("amodei: chance of 1 tn before 2030", 0.9, 1.0, chance_before_2030("amodei", trillion), note=note)
    plural = chance_before_2030("amodei", 2 * trillion)
    yield inside("amodei: chance of 2 tn, the plural", 0.5, 1.0, plural, note="a reading: more likely than not")
    yield exactly("lag left after an arrival in February 2028", 1.9, round(2030.0 - 2028.12, 1), "years")


@case("A85", "stated", "World output growth after the genius level, and its bound")
def a85():
    bound = fact("gdp-not-300").high
    after = runs("base")["output_growth"].where(runs("base")["genius"] > 0.5)
    median = float(after.median())
    note = f"base reports its own median after the genius level: {median:.3f} a year (0.10 to 0.20 is his belief)"
    yield holds("base: growth after the genius level is a number", np.isfinite(median), note)
    for name in scenario_names():
        top = float(runs(name)["output_growth"].max())
        yield holds(f"{name}: growth stays below {bound:g} in every draw", top < bound, f"greatest {top:.2f}")
