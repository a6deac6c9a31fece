"""Time horizon against capability: doublings of the horizon for a point of the Epoch Capabilities Index."""

from collections.abc import Sequence

import numpy as np

from gigawatt.core.observed import Rows, number
from gigawatt.core.path import year_of
from gigawatt.study.fits.line import Fitted, least_squares
from gigawatt.study.fits.names import same
from gigawatt.study.fits.result import Estimate, Line, Panel, Points, Published

FEWEST = 6  # pairs, for a slope worth telling
VINTAGE = "epoch_2026-07"  # scores of another vintage are on another scale


def pairs(models: Sequence[tuple[str, float, float]], scores: Rows, vintage: str = VINTAGE) -> list[tuple]:
    """(model, eci, horizon) for every model (name, year, horizon) that the index has too, by names.same."""
    scores = [r for r in scores if r.get("vintage") == vintage]
    names, years = [r["model"] for r in scores], [year_of(r["date"]) for r in scores]
    found = [(name, same(name, year, names, years), horizon) for name, year, horizon in models]
    return [(name, number(scores[i], "eci"), horizon) for name, i, horizon in found if i is not None]


def relation(joined: list[tuple], bootstraps: int, seed: int) -> tuple[Estimate, dict[str, float], Panel]:
    """Slope of log2 horizon on the index, checks of it, and its picture. joined: from `pairs`, horizons in minutes.

    Ordinary least squares takes the index as exact, and its slope is too flat where it is not. The slope of the
    reverse regression is as much too steep, and the two enclose the true one (Frisch 1934); the reduced major axis
    lies between.
    """
    eci, minutes = np.array([[p[1], p[2]] for p in joined]).T
    y = np.log2(minutes)
    line = least_squares(eci, y, bootstraps, seed)
    r_squared = float(np.corrcoef(eci, y)[0, 1] ** 2)
    checks = {
        "per_point_n": float(len(eci)),
        "per_point_r_squared": r_squared,
        "per_point_major_axis": line.slope / r_squared**0.5,
        "per_point_reverse": line.slope / r_squared,
        "per_point_residual_sd": line.sd,
    }
    return _estimate(line), checks, _panel(eci, minutes, line)


def _estimate(line: Fitted) -> Estimate:
    low, high = line.slope_interval()
    return Estimate(
        name="per_point",
        meaning="doublings of the time horizon per point of the Epoch Capabilities Index",
        unit="1/ECI point",
        value=line.slope,
        low=low,
        high=high,
        # The reference gives the slope of the natural logarithm.
        published=Published(0.1568 / np.log(2.0), "reference-values"),
        why="as many models; another vintage of one of the two tables",
        entry="horizon_scale.per_point",
    )


def _panel(eci: np.ndarray, minutes: np.ndarray, line: Fitted) -> Panel:
    x = np.linspace(eci.min(), eci.max(), 60)
    a, b = line.boot.T[:, :, None]
    low, high = np.quantile(a + b * (x - line.centre), [0.05, 0.95], axis=0)
    return Panel(
        title="Time horizon against capability",
        x_label="Epoch Capabilities Index [point]",
        y_label="Time horizon at 50 % success [minute]",
        points=(Points("models with both", eci, minutes),),
        lines=(Line("least squares", x, np.exp2(line.at(x)), np.exp2(low), np.exp2(high)),),
        y_scale="log",
    )
