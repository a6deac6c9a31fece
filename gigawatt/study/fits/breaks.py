"""A break in slope at an unknown date: two straight lines that meet, with a test against one line.

y = a + b t + c (t - T)+ + e. For each candidate date T the F statistic compares this with the straight line; sup-F is
the largest (Andrews 1993, Econometrica 61:821-856). Its law is not the F law, since T was searched for, and with few
points not the limit law either: the p-value comes from a bootstrap under the straight line (Hansen 2000, Journal of
Econometrics 97:93-115; Davidson & Flachaire 2008 for the wild one).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gigawatt.core.errors import InputError

TRIM = 0.15  # part of the observations at either end in which no break is sought, as in Andrews (1993)
CANDIDATES = 80  # dates at which a break is tried


@dataclass(frozen=True)
class Kink:
    """Two lines that meet at `date`. Slopes per unit of t; sup_f: largest F statistic, (1, n - 4) degrees of freedom.

    `at` gives the fitted values; residuals of it are `left`.
    """

    date: float
    before: float
    after: float
    intercept: float
    sup_f: float
    left: np.ndarray

    def at(self, t: np.ndarray) -> np.ndarray:
        """Values on the two lines."""
        t = np.asarray(t, float)
        return (
            self.intercept + self.before * (t - self.date) + (self.after - self.before) * np.maximum(t - self.date, 0.0)
        )


def kink(t: np.ndarray, y: np.ndarray, trim: float = TRIM) -> Kink:
    """The two lines that fit best, by least squares over all candidate dates.

    Raises InputError for fewer than six points, or a trim that leaves no candidate.
    """
    t, y = np.asarray(t, float), np.asarray(y, float)
    dates = candidates(t, trim)
    return _best(t, y, dates, _f_statistics(t, y[None], dates)[0])


def _best(t: np.ndarray, y: np.ndarray, dates: np.ndarray, statistic: np.ndarray) -> Kink:
    """The two lines that meet at the candidate with the largest statistic."""
    date = dates[int(np.argmax(statistic))]
    design = _design(t, date)
    intercept, before, more = np.linalg.lstsq(design, y, rcond=None)[0]
    left = y - design @ np.array([intercept, before, more])
    return Kink(float(date), float(before), float(before + more), float(intercept), float(statistic.max()), left)


def p_value(
    t: np.ndarray, y: np.ndarray, kind: str = "residual", bootstraps: int = 999, seed: int = 0, trim: float = TRIM
) -> float:
    """Chance of so large a sup-F were there no break. [probability]

    kind: what is drawn under the straight line. 'residual': residuals in any order; 'wild': each residual with a
    random sign, for unequal spread; 'block': residuals in runs of length about n^(1/3), for dependence between
    neighbours, which running maxima have. Raises InputError for another kind.
    """
    if kind not in DRAWN:
        raise InputError(f"bootstrap '{kind}': choose from {', '.join(DRAWN)}.")
    t, y = np.asarray(t, float), np.asarray(y, float)
    dates = candidates(t, trim)
    straight = np.polynomial.Polynomial.fit(t, y, 1)(t)
    # Least squares shrinks residuals: two parameters are spent.
    left = (y - straight) * np.sqrt(len(t) / (len(t) - 2.0))
    drawn = straight + DRAWN[kind](left, bootstraps, np.random.default_rng(seed))
    largest = _f_statistics(t, drawn, dates).max(axis=1)
    observed = _f_statistics(t, y[None], dates).max()
    return float((1.0 + np.sum(largest >= observed)) / (1.0 + bootstraps))


def resampled(
    t: np.ndarray, y: np.ndarray, bootstraps: int = 999, seed: int = 0, trim: float = TRIM
) -> dict[str, np.ndarray]:
    """Date and slopes of the best two lines through the fitted lines with residuals drawn anew: (bootstraps,) each.

    Names: 'date', 'before', 'after'. What their intervals cover is right only if there is a break.
    """
    t = np.asarray(t, float)
    found = kink(t, y, trim)
    left = found.left * np.sqrt(len(t) / (len(t) - 4.0))
    drawn = found.at(t) + _any_order(left, bootstraps, np.random.default_rng(seed))
    dates = candidates(t, trim)
    statistics = _f_statistics(t, drawn, dates)
    again = [_best(t, values, dates, statistic) for values, statistic in zip(drawn, statistics, strict=True)]
    return {name: np.array([getattr(k, name) for k in again]) for name in ("date", "before", "after")}


def candidates(t: np.ndarray, trim: float = TRIM) -> np.ndarray:
    """Dates at which a break is sought: evenly spread over the observations that trimming leaves."""
    t = np.sort(np.asarray(t, float))
    # At least two observations before and after, or a slope is not known.
    aside = max(int(trim * len(t)), 2)
    if len(t) < 6 or not 0.0 <= trim < 0.5 or t[-1 - aside] <= t[aside]:
        raise InputError(f"a break needs six points or more and a trim below a half, not {len(t)} and {trim:g}.")
    return np.linspace(t[aside], t[-1 - aside], CANDIDATES)


def _f_statistics(t: np.ndarray, values: np.ndarray, dates: np.ndarray) -> np.ndarray:
    """F statistics (rows of values, dates) of one break against none."""
    centred = values - values.mean(axis=1, keepdims=True)
    one = _explained(_design(t, np.inf)[:, :2], centred)
    two = np.stack([_explained(_design(t, date), centred) for date in dates], axis=1)
    total = np.sum(centred**2, axis=1)[:, None]
    left = np.maximum(total - two, np.finfo(float).eps * total)
    return (two - one[:, None]) / (left / max(len(t) - 4, 1))


def _explained(design: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum of squares of the projection on the columns of the design, for each row of values."""
    basis = np.linalg.qr(design)[0]
    return np.sum((values @ basis) ** 2, axis=1)


def _design(t: np.ndarray, date: float) -> np.ndarray:
    """Columns: one, t and the time since the break; t counts from the break where there is one."""
    since = t - (date if np.isfinite(date) else t.mean())
    return np.stack([np.ones_like(t), since, np.maximum(t - date, 0.0)], axis=1)


def _any_order(left: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(left, size=(n, len(left)))


def _signs(left: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    return left * rng.choice([-1.0, 1.0], size=(n, len(left)))


def _blocks(left: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    length = max(int(round(len(left) ** (1.0 / 3.0))), 2)
    starts = rng.integers(len(left), size=(n, -(-len(left) // length)))
    # Runs go round the end (circular blocks), so that every residual is as likely.
    order = (starts[:, :, None] + np.arange(length)).reshape(n, -1)[:, : len(left)] % len(left)
    return left[order]


DRAWN: dict[str, Callable[[np.ndarray, int, np.random.Generator], np.ndarray]] = {
    "residual": _any_order,
    "wild": _signs,
    "block": _blocks,
}
