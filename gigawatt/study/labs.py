"""Labs: how many are players at the end of a run, and the condition under which a market holds no more.

A lab is a player when it is solvent and earns at least a twentieth of all revenue; that round figure enters no law.
`Others` stands for many and is not counted. Beside the count stands theta, the log odds of being chosen that an e-fold
of training buys, and the bound theta / (theta - 1) that it puts on the number of labs where it is above 1 (quality.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gigawatt.core.errors import InputError
from gigawatt.core.run import samples_of
from gigawatt.core.scenario import Scenario
from gigawatt.decisions.quality import most_labs

PLAYER = 0.05  # least share of all revenue
MANY = "Others"
STATED = (3.0, 4.0)  # fact `player-count`
QUALITY = "logit.quality"
POINTS = ("score.per_log_pretraining", "score.per_log_rl")


@dataclass(frozen=True)
class Players:
    """How many labs are players at the end, and what theta says.

    number: {players: share of draws}. by_lab: {lab: share of draws in which it is one}. theta: 5th, 50th and 95th
    percentile over draws. bounded: share of draws with theta above 1. holds: share of draws in which the bound is met
    or theta sets none. stated: share of draws with three or four players.
    """

    number: Mapping[int, float]
    by_lab: Mapping[str, float]
    theta: tuple[float, float, float]
    bounded: float
    holds: float
    stated: float


def players(ds: xr.Dataset) -> Players:
    """Count the labs that are players at the end of a run.

    Raises InputError where the result lacks revenue or solvency by lab.
    """
    for name in ("revenue", "alive"):
        if name not in ds or "lab" not in ds[name].dims:
            raise InputError(f"players: the result holds no '{name}' by lab: run with the default keep.")
    end = ds.isel(month=-1)
    revenue = end["revenue"].transpose("draw", "lab").values
    alive = end["alive"].transpose("draw", "lab").values > 0.5
    named = np.array([str(x) != MANY for x in ds["lab"].values])
    share = revenue / np.maximum(revenue.sum(1, keepdims=True), 1e-12)
    plays = alive & (share >= PLAYER) & named
    count = plays.sum(1)
    theta = theta_of(ds)
    bound = np.asarray(most_labs(theta))
    low, middle, high = np.quantile(theta, [0.05, 0.5, 0.95]).tolist()
    return Players(
        {n: float(np.mean(count == n)) for n in range(named.sum() + 1) if np.any(count == n)},
        {str(x): float(np.mean(plays[:, i])) for i, x in enumerate(ds["lab"].values) if named[i]},
        (low, middle, high),
        float(np.mean(theta > 1.0)),
        float(np.mean(count <= bound)),
        float(np.mean((count >= STATED[0]) & (count <= STATED[1]))),
    )


def theta_of(ds: xr.Dataset) -> np.ndarray:
    """Log odds of being chosen per e-fold of training compute, by draw: odds per point times points per e-fold. [1]

    Points of both stages of training. Algorithms that more compute finds come on top and are not counted.
    """
    recipe = Scenario.of(ds.attrs["recipe"], "result")
    world, draws = recipe.world(), int(ds.attrs["draws"])
    drawn = samples_of(recipe, world, draws, int(ds.attrs["seed"]))

    def value(path: str) -> np.ndarray:
        return np.broadcast_to(np.asarray(drawn.get(path, world.get(path)), float), (draws,))

    return value(QUALITY) * (value(POINTS[0]) + value(POINTS[1]))
