"""First-order indices: the share of a signal's variance that each number explains alone, from the draws a run has.

S = Var(E[y | x]) / Var(y) (Sobol' 1993), estimated from given data by bins of equal count (Plischke, Borgonovo & Smith
2013), with the correction of the correlation ratio for its bias (Kelley 1935). Bins and not neighbours by rank (Gamboa,
Gremaud, Klein & Lagnoux 2022): their noise is several times as large, and most indices are small.

y is the rank of the signal unless the signal itself is asked for. Growth makes tails in which a few draws hold the
variance; ranks weigh draws alike, no change of scale moves them, and the test against nothing is that of Kruskal &
Wallis (1952). Numbers that are correlated share what they explain; luck and numbers that act together are the rest.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.special import fdtri
from scipy.stats import rankdata

from gigawatt.core.errors import InputError
from gigawatt.core.run import samples_of, uncertain
from gigawatt.core.scenario import Scenario
from gigawatt.study.events import ends_of_years
from gigawatt.study.target import Target

MISTAKE = 0.05  # chance that any of the numbers that do nothing lies above the noise floor
FEWEST = 64  # draws


def first_order(x: np.ndarray, y: np.ndarray, bins: int | None = None) -> np.ndarray:
    """First-order indices of numbers `x` (n, numbers) for outputs `y` (n, outputs): (numbers, outputs). [share]

    Draws are sorted by the number and cut into bins of equal count; eta^2 is the variance of the means of bins over the
    variance of y, and 1 - (1 - eta^2)(n - 1)/(n - bins) is zero on average for a number that does nothing. Below zero
    is noise too. Bins of finite width lose about 1/bins^2 of a straight line. Plischke, Borgonovo & Smith (2013),
    Global sensitivity measures from given data, EJOR 226:536; the correction: Kelley (1935), PNAS 21:554.
    An output that does not vary has indices of zero. Raises InputError for fewer draws than FEWEST.
    """
    n = len(y)
    if n < FEWEST:
        raise InputError(f"indices from {n} draws would be noise: give at least {FEWEST}.")
    bins = usual_bins(n) if bins is None else bins
    edges = np.linspace(0, n, bins + 1).astype(int)
    count = np.diff(edges)[:, None]
    centred = y - y.mean(axis=0)
    total = (centred**2).sum(axis=0)
    sums = [np.add.reduceat(centred[order], edges[:-1], axis=0) for order in np.argsort(x, axis=0, kind="stable").T]
    between = np.array([(s**2 / count).sum(axis=0) for s in sums])
    eta2 = np.divide(between, total, out=np.zeros_like(between), where=total > 0.0)
    return np.where(total > 0.0, 1.0 - (1.0 - eta2) * (n - 1) / (n - bins), 0.0)


def usual_bins(n: int) -> int:
    """Bins for n draws: half the root, between what wide bins lose and the noise of narrow ones."""
    return max(4, round(np.sqrt(n) / 2))


def noise_floor(n: int, numbers: int = 1, bins: int | None = None) -> float:
    """The index that the largest of so many numbers that do nothing passes with a chance of MISTAKE. [share]

    From the F distribution of the ratio of variances between and within bins under no effect, with Bonferroni's
    allowance for many numbers: exact for normal outputs, near it for ranks.
    """
    bins = usual_bins(n) if bins is None else bins
    ratio = fdtri(bins - 1, n - bins, 1.0 - MISTAKE / numbers) * (bins - 1) / (n - bins)
    return float(1.0 - (n - 1) / (n - bins) / (1.0 + ratio))


def rank_regression(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Standardised coefficients of the regression of the rank of y (n,) on the ranks of all numbers x (n, numbers). [1]

    Helton & Davis (2003), Reliability Engineering & System Safety 81:23, section 6.6. Blind to humps, but with less
    noise than an index: what other numbers do is taken out.
    """
    ranks = [rankdata(v, axis=0) for v in (x, y[:, None])]
    flat = [np.where(r.std(axis=0) > 0, (r - r.mean(axis=0)) / np.maximum(r.std(axis=0), 1e-12), 0.0) for r in ranks]
    return np.linalg.lstsq(flat[0], flat[1][:, 0], rcond=None)[0]


@dataclass(frozen=True)
class Indices:
    """First-order indices at the ends of years, and in the month of the target.

    first: {path of a number: index by year}, of all uncertain numbers on which the signal depends, largest in that
    month first; now: index in that month. slope: coefficient of `rank_regression` in that month.
    floor: what the largest of as many idle numbers would rarely pass; read nothing below it.
    """

    years: tuple[int, ...]
    first: dict[str, tuple[float, ...]]
    now: dict[str, float]
    slope: dict[str, float]
    floor: float

    @property
    def shown(self) -> list[str]:
        """Numbers above the floor in any year or in that month."""
        return [p for p, by_year in self.first.items() if max(*by_year, self.now[p]) > self.floor]

    @property
    def rest(self) -> tuple[float, ...]:
        """What no shown number explains alone, by year: numbers acting together, luck, many small ones."""
        told = np.array([self.first[p] for p in self.shown]).reshape(-1, len(self.years))
        return tuple((1.0 - np.maximum(told, 0.0).sum(axis=0)).tolist())

    def foremost(self, most: int) -> list[str]:
        """The numbers most worth a run of their own: above the floor now, then by the slope."""
        above = [p for p, value in self.now.items() if value > self.floor]
        others = sorted((p for p in self.now if p not in above), key=lambda p: -abs(self.slope[p]))
        return [*above, *others][:most]


def indices(ds: xr.Dataset, about: Target, rank: bool = True) -> Indices:
    """First-order indices of the uncertain numbers on which a target depends, from the draws of a run.

    rank: of the signal's rank. Raises InputError for fewer than FEWEST draws.
    """
    columns = drawn(Scenario.of(ds.attrs["recipe"], "result"), ds.sizes["draw"], int(ds.attrs["seed"]), about.signal)
    ends = ends_of_years(ds["year"].values)
    series = about.series({about.signal: ds[about.signal].transpose("draw", "month", ...).values})
    y, x = series[:, [*ends.values(), about.step]], np.stack(list(columns.values()), axis=1)
    found = first_order(x, rankdata(y, axis=0) if rank else y)
    slopes, paths = rank_regression(x, y[:, -1]), list(columns)
    order = np.argsort(-found[:, -1], kind="stable")
    return Indices(
        years=tuple(ends),
        first={paths[i]: tuple(found[i, :-1].tolist()) for i in order},
        now={paths[i]: float(found[i, -1]) for i in order},
        slope={paths[i]: float(slopes[i]) for i in order},
        floor=noise_floor(len(y), len(paths)),
    )


def drawn(scenario: Scenario, draws: int, seed: int, signal: str) -> dict[str, np.ndarray]:
    """The draws (draws,) of each uncertain entry on which a signal depends; a number by label has one for each label.

    Raises InputError where it depends on none.
    """
    world = scenario.world()
    samples, acts = samples_of(scenario, world, draws, seed), world.needed((signal,)).numbers()
    found = {
        e.path: samples[path].reshape(draws, -1)[:, i]
        for path, group in uncertain(scenario, world).items()
        if path in acts
        for i, e in enumerate(group)
        if e.uncertain
    }
    if not found:
        raise InputError(f"scenario {scenario.name}: '{signal}' depends on no uncertain number: nothing can be ranked.")
    return found
