"""Forecasts of adoption, series by series, each law against the pool: the table of docs/laws/model-averaging.md.

`python benchmarks/leave_future_out.py` prints it in half a minute; with --all, a row for each series.
"""

import sys

import numpy as np

import gigawatt  # noqa: F401  (turns on double precision)
from gigawatt.core.observed import table
from gigawatt.study.fits.averaging import CANDIDATES, Study, leave_future_out
from gigawatt.study.fits.diffusion_series import read
from gigawatt.study.fits.hierarchy import published_prior


def study() -> Study:
    """Both tables, with the published prior."""
    series = [*read(table("us_household_technology")).values(), *read(table("diffusion_classics")).values()]
    return leave_future_out(series, published_prior(table("bass_parameters_published")))


def lines(found: Study) -> list[str]:
    """One row for each law: its weight, and the CRPS of the pool over its own by series."""
    out = [
        f"{len(found.weights)} series, {len(found.cases)} forecasts",
        "",
        "| law | weight | pool's CRPS over its, median series | pool better in |",
        "|---|---|---|---|",
    ]
    for name, weight in zip(CANDIDATES, found.everyone, strict=True):
        ratio = np.array(list(found.skill(name).values()))
        out.append(f"| {name} | {weight:.2f} | {np.median(ratio):.2f} | {np.mean(ratio < 1):.0%} of series |")
    pool, equal = found.by_series(found.pooled), found.by_series(found.equal)
    ratio = np.array([pool[n] / equal[n] for n in pool])
    out.append(f"| equal weights | | {np.median(ratio):.2f} | {np.mean(ratio < 1):.0%} of series |")
    return [*out, "", f"90 % band of the pool held {found.covered.mean():.0%} of what came."]


def single(found: Study) -> list[str]:
    """One row for each series: the pool's CRPS over that of Bass and of logistic."""
    bass, logistic = found.skill("bass"), found.skill("logistic")
    return ["", *(f"{name:55s} {bass[name]:6.2f} {logistic[name]:6.2f}" for name in bass)]


if __name__ == "__main__":
    result = study()
    print("\n".join([*lines(result), *(single(result) if "--all" in sys.argv else [])]))
