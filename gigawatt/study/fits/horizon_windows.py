"""Doubling times by window: the same straight line on other models, so that published values can be told apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gigawatt.study.fits.horizon_models import Models, longer, stitched
from gigawatt.study.fits.line import least_squares
from gigawatt.study.fits.localtrend import local_trend
from gigawatt.study.fits.result import Estimate, Published

YEAR = 365.25  # days
TOO_LONG = 16 * 60.0  # minutes: METR's trend leaves out longer horizons, which its tasks cannot tell apart
FEWEST = 4  # models, for a doubling time worth telling
OTHER_SUITE = "2023-01-01"  # from here on METR's stitched trend takes the new suite


@dataclass(frozen=True)
class Window:
    """Record models released from `since` to `to`, of the newest suite, the one before, or both stitched.

    success: 50 or 80 (percent). longest: greatest 50 % horizon used, in minutes. weighted: by published intervals.
    """

    name: str
    meaning: str
    since: str
    to: str = "9999"
    suite: str = "newest"
    success: int = 50
    longest: float = np.inf
    weighted: bool = False
    published: Published | None = None
    why: str = ""

    def chosen(self, suites: Mapping[str, Models]) -> Models | None:
        """The record models of the window, or None where they are too few."""
        if self.suite not in suites:
            return None
        front = suites[self.suite].frontier()
        value = self.value(front)
        inside = (front.date >= self.since) & (front.date <= self.to) & (front.p50 <= self.longest)
        found = front.pick(inside & np.isfinite(value) & (value > 0.0))
        return found if len(found) >= FEWEST else None

    def value(self, models: Models) -> np.ndarray:
        """The horizons that the window is about. [minutes]"""
        return models.p80 if self.success == 80 else models.p50


ALL = Published(187.778, "metr-horizons")
FROM_2023 = Published(128.744, "metr-horizons", 105.26, 157.336, "95 % over tasks and runs")
FROM_2024 = Published(89.0, "reference-values")
WINDOWS = (
    Window(
        "since_2019",
        "since 2019",
        "2019",
        published=ALL,
        why="METR leaves out horizons above 16 hours: see since_2019_16h",
    ),
    Window(
        "since_2019_16h",
        "since 2019, horizons to 16 hours",
        "2019",
        longest=TOO_LONG,
        published=ALL,
        why="the same models as METR",
    ),
    Window(
        "stitched",
        "since 2019, old suite to 2022 moved by suite_effect, horizons to 16 hours",
        "2019",
        suite="stitched",
        longest=TOO_LONG,
        published=ALL,
        why="METR's result file already holds values of the early models for the new suite",
    ),
    Window(
        "since_2023",
        "since 2023",
        "2023",
        published=FROM_2023,
        why="METR leaves out horizons above 16 hours: see since_2023_16h",
    ),
    Window(
        "since_2023_16h",
        "since 2023, horizons to 16 hours",
        "2023",
        longest=TOO_LONG,
        published=FROM_2023,
        why="the same models as METR; its interval resamples tasks, ours models",
    ),
    Window(
        "since_2023_weighted",
        "since 2023, weighted by measurement error and scatter",
        "2023",
        weighted=True,
        published=FROM_2023,
        why="recent horizons are measured worse and weigh less",
    ),
    Window(
        "since_2024",
        "since 2024",
        "2024",
        published=FROM_2024,
        why="the published window ends earlier: see since_2024_to_mid_2025",
    ),
    Window(
        "since_2024_to_mid_2025",
        "2024 to July 2025",
        "2024",
        to="2025-07-31",
        published=FROM_2024,
        why="the window that gives the published value; it ends with o3",
    ),
    Window("p80_since_2019", "80 % success, since 2019", "2019", success=80),
    Window("p80_since_2023", "80 % success, since 2023", "2023", success=80),
    Window("p80_since_2024", "80 % success, since 2024", "2024", success=80),
    Window(
        "old_suite_2019_to_2025",
        "old suite, 2019 to March 2025",
        "2019",
        to="2025-03-31",
        suite="before",
        # Seven months, as the paper says it.
        published=Published(7.0 / 12.0 * YEAR, "kwa2025"),
        why="the models of the paper",
    ),
    Window(
        "old_suite_since_2023",
        "old suite, since 2023",
        "2023",
        suite="before",
        published=Published(165.0, "reference-values"),
        why="the same models",
    ),
)


def doubling_times(known: Mapping[str, Models], bootstraps: int, seed: int) -> list[Estimate]:
    """The doubling time in every window that has models enough, and the effect of the suite. known: by suite."""
    suites = dict(zip(("newest", "before"), (known[s] for s in sorted(known)[::-1]), strict=False))
    found = []
    if "before" in suites and len(longer(suites["before"], suites["newest"])) >= FEWEST:
        suites["stitched"] = stitched(suites["before"], suites["newest"], OTHER_SUITE)
        found = [suite_effect(suites["before"], suites["newest"], bootstraps, seed)]
    told = [(w, w.chosen(suites)) for w in WINDOWS]
    return [_estimate(w, models, bootstraps, seed) for w, models in told if models is not None] + found


def suite_effect(old: Models, new: Models, bootstraps: int, seed: int) -> Estimate:
    """How much longer the new suite says that horizons are, by the models measured in both."""
    both = longer(old, new)
    drawn = np.random.default_rng(seed).choice(both, size=(bootstraps, len(both))).mean(axis=1)
    low, high = np.quantile(drawn, [0.05, 0.95])
    meaning = f"log2 of the horizon in the newest suite over the one before, {len(both)} models in both"
    return Estimate("suite_effect", meaning, "doublings", float(both.mean()), float(low), float(high))


def _estimate(window: Window, models: Models, bootstraps: int, seed: int) -> Estimate:
    y = np.log2(window.value(models))
    if window.weighted:
        line = local_trend(models.year, y, models.error, step_scale=0.0)
        drawn = line.slope(models.year[-1:], bootstraps, seed)[:, 0]
        slope = float(line.mean(models.year[-1:], slope=True)[0])
    else:
        fitted = least_squares(models.year, y, bootstraps, seed)
        slope, drawn = fitted.slope, fitted.boot[:, 1]
    meaning = f"doubling time {window.meaning} ({len(models)} models)"
    return doubling(window.name, meaning, slope, drawn, window.published, window.why)


def doubling(
    name: str, meaning: str, slope: float, drawn: np.ndarray, published: Published | None = None, why: str = ""
) -> Estimate:
    """A slope in doublings a year with its draws, as a doubling time. [days]; infinite where it does not grow"""
    low, high = np.quantile(drawn, [0.05, 0.95])
    value, least, most = (YEAR / s if s > 0.0 else np.inf for s in (slope, float(high), float(low)))
    return Estimate(name, meaning, "day", value, least, most, published, why, shape="lognormal")
