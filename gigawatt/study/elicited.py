"""Elicited: a law through each person's stated chances, exact where it can be and frank where it cannot (S06)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import least_squares

from gigawatt.core.errors import InputError
from gigawatt.mechanisms import arrival as hazards
from gigawatt.mechanisms import elicitation as laws
from gigawatt.study.views import View

EXACT = 1e-6  # of probability: a law that passes a statement this near meets it

# Each law as cdf, time and density, all of (t or chance, *parameters, ceiling), and the names of its parameters.
LAWS: dict[str, tuple[Callable, Callable, Callable, tuple[str, ...]]] = {
    "capped": (hazards.capped_hazard, hazards.capped_hazard_time, hazards.capped_hazard_density, ("hazard",)),
    "lognormal": (laws.lognormal_cdf, laws.lognormal_time, laws.lognormal_density, ("median", "spread")),
    "weibull": (laws.weibull_cdf, laws.weibull_time, laws.weibull_density, ("scale", "shape")),
    "metalog": (laws.metalog_cdf, laws.metalog_time, laws.metalog_density, ("coefficients",)),
}


@dataclass(frozen=True)
class Fitted:
    """A law through one view. `parameters` as the law takes them, ceiling apart; `notes` say what it cannot meet."""

    view: View
    law: str
    parameters: tuple[np.ndarray, ...]
    ceiling: float
    notes: tuple[str, ...] = ()

    @property
    def named(self) -> dict[str, np.ndarray]:
        """Parameters by name, the ceiling among them."""
        names = (*LAWS[self.law][3], "ceiling")
        return dict(zip(names, (*self.parameters, np.asarray(self.ceiling)), strict=True))

    @property
    def misfit(self) -> float:
        """Largest gap to a statement, or to the nearer end of its range. [probability]"""
        return float(np.abs(outside(self.cdf(self.view.years), *self.view.ranges)).max())

    def cdf(self, years: np.ndarray) -> np.ndarray:
        """Chance within so many years of the day asked, zero at and before it. [probability]"""
        after = np.asarray(years, float)
        chance = LAWS[self.law][0](np.maximum(after, 1e-9), *self.parameters, self.ceiling)
        return np.where(after > 0.0, np.asarray(chance), 0.0)

    def time(self, chance: np.ndarray) -> np.ndarray:
        """Years from the day asked until the chance is reached; infinite where it never is. [years]"""
        return np.asarray(LAWS[self.law][1](np.asarray(chance, float), *self.parameters, self.ceiling))

    def hazard(self, years: np.ndarray) -> np.ndarray:
        """Chance per year, given that the event has not come yet. [1/year]"""
        density = LAWS[self.law][2](np.asarray(years, float), *self.parameters, self.ceiling)
        return np.asarray(laws.hazard(density, self.cdf(years)))

    def chance_since(self, now: float, dates: np.ndarray) -> np.ndarray:
        """Chance by calendar dates, given that the event has not come by `now`. [probability]"""
        before = self.cdf(np.array(now - self.view.asked))
        return (self.cdf(np.asarray(dates, float) - self.view.asked) - before) / (1.0 - before)

    def date_since(self, now: float, chance: np.ndarray) -> np.ndarray:
        """Calendar date by which the chance is reached, given that the event has not come by `now`."""
        before = self.cdf(np.array(now - self.view.asked))
        return self.view.asked + self.time(before + np.asarray(chance, float) * (1.0 - before))


def fit_view(view: View, law: str) -> Fitted:
    """The law through a view's statements, or middles of them: exact where it can be, else the nearest, and said.

    A capped hazard finds the ceiling itself; other laws take the stated one, unless a statement reaches it.
    Raises InputError for too few statements, or a metalog that is no distribution.
    """
    times, chances = view.years, view.chances
    top = view.ceiling if view.ceiling is not None and chances.max() < view.ceiling else 1.0
    if law == "capped":
        parameters, top, notes = fit_capped(view, top)
    elif len(times) < 2:
        raise InputError(f"view {view.name}: one statement, and a {law} needs two: add one, or choose law = capped.")
    else:
        parameters, notes = fit_shape(view, law, times, chances, top), ()
    fitted = Fitted(view, law, parameters, top)
    if fitted.misfit > EXACT:
        notes = (*notes, f"no {law} law meets every statement; the nearest misses by up to {fitted.misfit:.2g}.")
    if law == "capped" and view.ceiling is not None and top > view.ceiling:
        notes = (*notes, f"the chance that it ever comes is {top:.4g}, above the stated ceiling of {view.ceiling:g}.")
    return replace(fitted, notes=tuple(f"{view.name}: {text}" for text in notes))


def fit_shape(view: View, law: str, times: np.ndarray, chances: np.ndarray, top: float) -> tuple[np.ndarray, ...]:
    """Parameters of a lognormal, Weibull or metalog. Raises InputError where they make no distribution."""
    fit = {"lognormal": laws.lognormal_fit, "weibull": laws.weibull_fit, "metalog": one_metalog}[law]
    found = tuple(np.asarray(p) for p in fit(times, chances, top))
    if not all(np.isfinite(p).all() for p in found):
        cure = "state chances that rise" if law != "metalog" else "choose law = lognormal"
        raise InputError(f"view {view.name}: no {law} passes near its {len(times)} statements: {cure}.")
    return found


def one_metalog(times: np.ndarray, chances: np.ndarray, top: float) -> tuple[np.ndarray]:
    """The coefficients of a metalog; not a number where its density would be negative somewhere."""
    coefficients = np.asarray(laws.metalog_fit(times, chances, top))
    return (coefficients if laws.metalog_feasible(coefficients) else np.full_like(coefficients, np.nan),)


def fit_capped(view: View, top: float) -> tuple[tuple[np.ndarray, ...], float, tuple[str, ...]]:
    """Hazard, ceiling, and what stands in the way of an exact answer; one statement takes the ceiling `top`."""
    times, chances = view.years, view.chances
    if len(times) == 1:
        return (np.asarray(hazards.constant_hazard(times[0], chances[0], top)),), top, ()
    hazard, ceiling = map(float, hazards.capped_hazard_fit(times[0], chances[0], times[-1], chances[-1]))
    gap = np.abs(np.asarray(hazards.capped_hazard(times, hazard, ceiling)) - chances).max()
    if ceiling <= 1.0 and gap <= EXACT:
        return (np.asarray(hazard),), ceiling, ()
    middles = nearest_capped(times, chances, chances, (-np.log(times.mean()), 0.5 * (chances.max() + 1.0)))
    log_hazard, ceiling_found = nearest_capped(times, *view.ranges, middles)
    return (np.exp(log_hazard),), ceiling_found, obstacle(times, chances, ceiling)


def nearest_capped(times: np.ndarray, low: np.ndarray, high: np.ndarray, start: tuple[float, ...]) -> tuple[float, ...]:
    """Log hazard and ceiling by least squares of what lies outside the stated ranges, from `start` on."""

    def gaps(x: np.ndarray) -> np.ndarray:
        return outside(-x[1] * np.expm1(-np.exp(x[0]) * times), low, high)

    close = {"xtol": 1e-14, "ftol": 1e-14, "gtol": 1e-14}
    return tuple(least_squares(gaps, start, bounds=([-np.inf, 0.0], [np.inf, 1.0]), **close).x.tolist())


def outside(chances: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How far chances lie above a range, or below it (negative); zero inside."""
    return chances - np.clip(chances, low, high)


def obstacle(times: np.ndarray, chances: np.ndarray, ceiling: float) -> tuple[str, ...]:
    """Why no capped hazard passes through the first and last statement, or nothing."""
    if ceiling > 1.0:
        return (f"its statements, ranges at their middle, need a ceiling of {ceiling:.4g} under a constant hazard.",)
    grown, longer = chances[-1] / chances[0], times[-1] / times[0]
    if grown >= longer:
        return (f"chances rise {grown:.3g}-fold in {longer:.3g}-fold the time, which needs a hazard that rises.",)
    return ()
