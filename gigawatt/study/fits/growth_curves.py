"""Growth curves fitted by nonlinear least squares, many at once, with bootstraps that honour persistent errors.

Srinivasan & Mason (1986), Marketing Science 5:169-178, for the Bass law. A fit starts from the best points of a grid,
the market that is best for each shape being known in closed form, and goes on by growth_solver.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import jax.numpy as jnp
import numpy as np
from scipy.special import expit, logit

from gigawatt.core.errors import InputError
from gigawatt.mechanisms.adoption import bass_after, gompertz, logistic
from gigawatt.study.fits.growth_solver import levels, solve

FEWEST = 5  # rows: three numbers and the persistence of errors ask for more than three
STARTS = 6  # best points of the grid that a fit starts from
LAUNCHED = 0.02  # a series whose first value is below this share of its largest is seen from its launch
MOST_PERSISTENT = 0.98  # of the autocorrelation of errors
LEAST_NOISE = 1e-3  # of the range of a series: what a perfect fit is taken to err, so that a prior can speak


@dataclass(frozen=True)
class Series:
    """Adoption at times t after launch, or after the first row if `start` is above zero.

    period: years in one unit of t. cap: the most that adoption can be (1 for shares, infinite for units).
    dates: (n,) of YYYY-MM-DD or ''. x: (n,) the same times as calendar years, or as the table has them if undated.
    """

    name: str
    t: np.ndarray
    y: np.ndarray
    period: float
    cap: float = np.inf
    start: float = 0.0
    unit: str = "share"
    dates: tuple[str, ...] = ()
    x: np.ndarray = field(default_factory=lambda: np.empty(0))

    def head(self, rows: int) -> "Series":
        """The first rows: what was known then. Where the series is seen from is told by these alone."""
        return placed(replace(self, t=self.t[:rows], y=self.y[:rows], dates=self.dates[:rows], x=self.x[:rows]))

    def until(self, date: str) -> "Series":
        """The rows up to a date, which undated ones are not; all for ''."""
        return self.head(sum(bool(d) and d <= date for d in self.dates)) if date else self

    def clock(self, t: np.ndarray) -> np.ndarray:
        """Times t on the scale of x."""
        return self.x[0] + (t - self.t[0]) * np.ptp(self.x) / np.ptp(self.t)

    def times(self, x: np.ndarray) -> np.ndarray:
        """The inverse of `clock`."""
        return self.t[0] + (x - self.x[0]) * np.ptp(self.t) / np.ptp(self.x)


def placed(series: Series) -> Series:
    """The series with its start: nothing at t = 0 if its first value is small, else the first value, there."""
    if not len(series.y):
        return series
    seen = series.y[0] > LAUNCHED * series.y.max()
    return replace(series, t=series.t - series.t[0] if seen else series.t, start=float(series.y[0]) if seen else 0.0)


@dataclass(frozen=True)
class Curve:
    """A law of growth as share of its market. share: of (t, start, a, b), a and b as the solver sees them.

    natural: names of the two numbers told. dates: whether the second is a date, not the log of a rate. grid: span of
    the data to (points, 2) of a and b from which the best are taken as starts.
    """

    name: str
    share: Callable
    natural: tuple[str, str]
    dates: bool
    grid: Callable


def _bass_grid(span: float) -> np.ndarray:
    p, q = np.geomspace(1e-4, 3.0, 16) / span, np.geomspace(0.1, 60.0, 24) / span
    return np.log(np.stack(np.meshgrid(p, q, indexing="ij"), -1).reshape(-1, 2))


def _midpoint_grid(span: float) -> np.ndarray:
    rate, middle = np.log(np.geomspace(0.3, 60.0, 24) / span), np.linspace(-1.0, 3.0, 25) * span
    return np.stack(np.meshgrid(rate, middle, indexing="ij"), -1).reshape(-1, 2)


def _bass(t, start, a, b):
    return bass_after(start, t, jnp.exp(a), jnp.exp(b))


def _logistic(t, start, a, b):
    return logistic(t, jnp.exp(a), b)


def _gompertz(t, start, a, b):
    return gompertz(t, jnp.exp(a), b)


CURVES = {
    "bass": Curve("bass", _bass, ("p", "q"), False, _bass_grid),
    "logistic": Curve("logistic", _logistic, ("rate", "midpoint"), True, _midpoint_grid),
    "gompertz": Curve("gompertz", _gompertz, ("rate", "inflexion"), True, _midpoint_grid),
}


@dataclass(frozen=True)
class Prior:
    """Normal priors of the solver's numbers: means and standard deviations (3,); an infinite one says nothing.

    The numbers are the market (log, or logit of its share of the cap), then those of the curve.
    """

    mean: np.ndarray
    sd: np.ndarray


@dataclass(frozen=True)
class Grown:
    """A fitted curve. theta: (3,) of the solver; boot: (bootstraps, 3); level: fitted values at the rows.

    persistence: lag-one autocorrelation of errors; shock: standard deviation of what is new in them.
    """

    curve: Curve
    series: Series
    objective: str
    theta: np.ndarray
    boot: np.ndarray
    level: np.ndarray
    persistence: float
    shock: float

    def numbers(self, theta: np.ndarray) -> np.ndarray:
        """(..., 3): market, and the two numbers of the curve, per unit of t."""
        b = theta[..., 2] if self.curve.dates else np.exp(theta[..., 2])
        return np.stack([market(theta[..., 0], self.series.cap), np.exp(theta[..., 1]), b], -1)

    @property
    def loss(self) -> float:
        """Sum of squared errors of the objective."""
        return float(np.sum((observed(self.series, self.objective) - self.level) ** 2))

    def standard_error(self) -> np.ndarray:
        """(3,): standard errors by the usual formula of least squares, errors taken as independent."""
        few = 1e-5 * np.maximum(np.abs(self.theta), 1.0)
        steps = np.concatenate([self.theta + np.diag(few), self.theta - np.diag(few)])
        level, told = fitted(self.curve, self.series, steps, self.objective), self.numbers(steps)
        by_theta = (level[:3] - level[3:]).T / (2.0 * few)
        scale = (told[:3] - told[3:]).T / (2.0 * few)
        variance = self.loss / max(len(self.series.y) - 3, 1)
        return np.sqrt(np.diag(scale @ np.linalg.pinv(by_theta.T @ by_theta) @ scale.T) * variance)

    def path(self, t: np.ndarray, theta: np.ndarray | None = None) -> np.ndarray:
        """(thetas, t): the curve itself, errors left out; t in the unit of the series."""
        at = replace(self.series, t=np.asarray(t, float))
        return fitted(self.curve, at, self.boot if theta is None else np.atleast_2d(theta), "level")

    def draws(self, t: np.ndarray, n: int, seed: int) -> np.ndarray:
        """(n, t): what will be observed at later times t: bootstrapped curves, and errors that go on from the last one.

        Only for the objective "level". Errors persist by row: a step of the forecast is one row.
        """
        rng = np.random.default_rng(seed)
        picks = self.boot[rng.integers(len(self.boot), size=n)]
        path = self.path(np.append(self.series.t[-1], t), picks)
        errors = np.empty((n, len(t)))
        last = self.series.y[-1] - path[:, 0]
        for k in range(len(t)):
            last = errors[:, k] = self.persistence * last + self.shock * rng.standard_normal(n)
        return np.clip(path[:, 1:] + errors, 0.0, self.series.cap)


def market(x: np.ndarray, cap: float) -> np.ndarray:
    """The market from the solver's number."""
    return cap * expit(x) if np.isfinite(cap) else np.exp(x)


def observed(series: Series, objective: str) -> np.ndarray:
    """What the curve is held against: adoption ("level"), or what each period adds ("period")."""
    return series.y if objective == "level" else np.diff(series.y, prepend=series.start)


def grow(
    series: list[Series],
    curve: str = "bass",
    objective: str = "level",
    bootstraps: int = 200,
    seed: int = 0,
    priors: list[Prior] | None = None,
) -> list[Grown]:
    """Fit one of CURVES to each series by least squares; residuals that persist (AR(1)) are bootstrapped.

    objective: "level" fits adoption itself (cumulative), "period" what each period adds. bootstraps: none if 0. priors:
    as many as series; the fit is then the posterior mode with the error of the plain fit, and each bootstrap draws its
    prior mean too.
    Raises InputError for fewer than FEWEST rows, values that do not vary, times out of order, and for other words.
    """
    if curve not in CURVES or objective not in ("level", "period"):
        raise InputError(f"curve '{curve}', objective '{objective}': take {', '.join(CURVES)}; level or period.")
    law, rng = CURVES[curve], np.random.default_rng(seed)
    for s in series:
        checked(s)
    seen = [observed(s, objective) for s in series]
    theta, noise = _plain(law, objective, series, seen)
    if priors is not None:
        theta = _mode(law, objective, series, seen, theta, noise, priors)
    level = [fitted(law, s, th[None], objective)[0] for s, th in zip(series, theta, strict=True)]
    errors = [_errors(y - fit) for y, fit in zip(seen, level, strict=True)]
    each = np.repeat(np.arange(len(series)), bootstraps)
    again = [row for fit, e in zip(level, errors, strict=True) for row in fit + _resampled(*e, bootstraps, rng)]
    pulls = None if priors is None else [_pull(_drawn(priors[i], rng), priors[i].sd, noise[i]) for i in each]
    boot = solve(law.share, objective, series, each, again, theta[each], pulls)[0].reshape(len(series), bootstraps, 3)
    return [
        Grown(law, s, objective, theta[i], boot[i], level[i], errors[i][1], errors[i][2]) for i, s in enumerate(series)
    ]


def _plain(law: Curve, objective: str, series: list[Series], seen: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Least squares from the best starts: numbers (series, 3), and the standard deviation of errors (series,)."""
    starts = np.concatenate([_starts(law, s, y, objective) for s, y in zip(series, seen, strict=True)])
    each = np.repeat(np.arange(len(series)), STARTS)
    found, loss = solve(law.share, objective, series, each, [seen[i] for i in each], starts, None)
    best = np.arange(len(series)) * STARTS + loss.reshape(-1, STARTS).argmin(axis=1)
    noise = np.sqrt(loss[best] / np.array([max(len(s.y) - 3, 1) for s in series]))
    return found[best], np.maximum(noise, [LEAST_NOISE * np.ptp(s.y) for s in series])


def _mode(law, objective, series, seen, theta, noise, priors: list[Prior]) -> np.ndarray:
    """(series, 3): posterior mode, the better of two started at least squares and at the mean of the prior."""
    toward = [np.where(np.isfinite(p.sd), p.mean, t) for p, t in zip(priors, theta, strict=True)]
    starts, each = np.stack([theta, toward], 1).reshape(-1, 3), np.repeat(np.arange(len(series)), 2)
    pulls = [_pull(priors[i].mean, priors[i].sd, noise[i]) for i in each]
    found, loss = solve(law.share, objective, series, each, [seen[i] for i in each], starts, pulls)
    return found[np.arange(len(series)) * 2 + loss.reshape(-1, 2).argmin(axis=1)]


def checked(series: Series) -> None:
    t, y = series.t, series.y
    if len(y) < FEWEST:
        raise InputError(f"{series.name}: {len(y)} rows; a growth curve needs {FEWEST}: widen the data.")
    if not (np.isfinite(t).all() and np.isfinite(y).all() and (np.diff(t) > 0.0).all() and np.ptp(y) > 0.0):
        raise InputError(f"{series.name}: times must rise and values be finite and vary: mend or drop the rows.")
    if y.min() < 0.0 or y.max() > series.cap:
        raise InputError(f"{series.name}: values from {y.min():g} to {y.max():g}: adoption is 0 to {series.cap:g}.")


def _drawn(prior: Prior, rng) -> np.ndarray:
    """A mean drawn from the prior: with resampled data, the mode is then a draw of the posterior (exact if linear).

    Randomise then optimise: Bardsley, Solonen, Haario & Laine (2014), SIAM J. Sci. Comput. 36:A1895.
    """
    return prior.mean + np.where(np.isfinite(prior.sd), prior.sd, 0.0) * rng.standard_normal(3)


def _pull(mean: np.ndarray, sd: np.ndarray, noise: float) -> np.ndarray:
    """(2, 3): mean, and what multiplies the distance from it to stand beside the errors of the data."""
    return np.stack([mean, np.where(np.isfinite(sd), noise / sd, 0.0)])


def _errors(left: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Errors, their lag-one autocorrelation, and the standard deviation of what is new in each."""
    total = float(left @ left)
    rho = float(np.clip(left[1:] @ left[:-1] / total, 0.0, MOST_PERSISTENT)) if total > 0.0 else 0.0
    new = left[1:] - rho * left[:-1]
    return left, rho, float(np.sqrt(new @ new / max(len(left) - 3, 1)))


def _resampled(left: np.ndarray, rho: float, shock: float, n: int, rng) -> np.ndarray:
    """(n, t): errors of the same persistence, their news resampled: the residual bootstrap for AR(1) errors."""
    new = left[1:] - rho * left[:-1]
    new = (new - new.mean()) * shock / max(float(new.std()), 1e-300)
    error = new[rng.integers(len(new), size=(n, len(left)))]
    error[:, 0] /= np.sqrt(1.0 - rho**2)
    for k in range(1, len(left)):
        error[:, k] += rho * error[:, k - 1]
    return error


def _starts(law: Curve, series: Series, seen: np.ndarray, objective: str) -> np.ndarray:
    """(STARTS, 3): the best of the grid of shapes, each with its best market."""
    span, top = max(float(series.t[-1]), 1e-9), series.y.max()
    grid = law.grid(span)
    guess = np.full(len(grid), _to_solver(min(max(1.2 * top, 1e-9), 0.95 * series.cap), series.cap))
    shape = fitted(law, series, np.column_stack([guess, grid]), objective) / market(guess, series.cap)[:, None]
    room = np.clip((shape @ seen) / np.maximum((shape**2).sum(axis=1), 1e-300), 0.5 * top, min(50.0 * top, series.cap))
    loss = ((seen - room[:, None] * shape) ** 2).sum(axis=1)
    best = np.argsort(np.where(np.isfinite(loss), loss, np.inf))[:STARTS]
    return np.column_stack([_to_solver(room[best], series.cap), grid[best]])


def _to_solver(room: np.ndarray | float, cap: float) -> np.ndarray:
    return logit(np.clip(np.divide(room, cap), 1e-3, 0.98)) if np.isfinite(cap) else np.log(room)


def fitted(law: Curve, series: Series, theta: np.ndarray, objective: str) -> np.ndarray:
    """(thetas, t): the curve at the times of the series, by the solver's numbers (thetas, 3)."""
    return levels(law.share, objective, series, theta)
