"""Fit: estimate a law of the model on the shipped data, or on a user's own file of the same columns."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.observed import Rows, read_table, table
from gigawatt.study.fits.result import Fit

# What can be fitted: name -> what it estimates. Each is a file gigawatt/study/fits/NAME.py (with _ for -).
FITS = {
    "scaling": "loss of a language model against parameters and tokens (Chinchilla)",
    "rl": "reward against reinforcement-learning compute: log-linear or saturating",
    "compute-growth": "growth of the training compute of frontier and notable models",
    "algorithms": "growth of algorithmic efficiency at fixed capability",
    "horizon": "doubling time of the time horizon of frontier models (METR)",
    "eci": "growth of the frontier of the Epoch Capabilities Index, and its break",
    "benchmark": "logistic curves of single benchmarks",
    "diffusion": "Bass law on classic series, and the forecast of one series by a pool of laws",
    "adoption": "share of firms that use AI, by size, across a change of wording (BTOS)",
    "income-lag": "years by which poorer countries are behind, by technology",
    "price": "fall of the price of a fixed capability",
    "revenue": "growth of labs' run rates, and how it falls with size",
    "valuation": "what investors pay for revenue and growth, and how much they buy at a time",
    "chip-efficiency": "growth of compute per power of accelerators, sold and released",
    "build-delay": "time from the first sign of a data centre to power in service",
}

# What a fit forecasts, of several things that it could: option -> the fit that takes it.
PARTS = {"series": "diffusion", "lab": "revenue", "stratum": "adoption", "level": "price"}


def fit(
    name: str,
    data: str | Path | None = None,
    until: str = "",
    bootstraps: int | None = None,
    seed: int = 0,
    bayes: bool = False,
    **parts: Any,
) -> Fit:
    """Fit one of FITS.

    data: a CSV with the columns of the shipped table, in its place. until: use rows up to this date (YYYY-MM-DD) and
    score the forecast on the rows after it. bootstraps: how many resamples, the fit's own number if None.
    bayes: posterior by Hamiltonian Monte Carlo too, where the fit offers one (needs the extra `fit`). parts: which one
    is forecast, by the fit that offers several: PARTS. Raises InputError for an unknown name or part, a part that the
    fit does not take, a date or a file that cannot be read, and data too few to fit.
    """
    if name not in FITS:
        raise InputError(f"No fit '{name}'.{did_you_mean(name, FITS)} There are {', '.join(FITS)}.")
    if bootstraps is not None and bootstraps < 2:
        raise InputError(f"bootstraps = {bootstraps}: an interval needs 2 or more; 1000 are usual.")
    for part in parts:
        if PARTS.get(part) != name:
            takes = f"`{PARTS[part]}` takes it" if part in PARTS else f"there are {', '.join(PARTS)}"
            raise InputError(f"fit {name}: no option '{part}': {takes}.")
    law = import_module(f"gigawatt.study.fits.{name.replace('-', '_')}")
    rows: Rows = table(law.DATA) if data is None else read_table(data, law.COLUMNS)
    options: dict[str, Any] = {} if bootstraps is None else {"bootstraps": bootstraps}
    found: Fit = law.fit(rows, until=dated(until), seed=seed, bayes=bayes, **options, **parts)
    return found if data is None else replace(found, data=found.data.replace(f"{law.DATA}.csv", Path(data).name))


def dated(until: str) -> str:
    """A date as YYYY-MM-DD, or nothing."""
    from datetime import date

    try:
        return date.fromisoformat(until).isoformat() if until else ""
    except ValueError:
        raise InputError(f"until {until}: write a date as YYYY-MM-DD, such as 2024-12-31.") from None
