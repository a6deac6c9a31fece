"""Diffusion: the Bass law on classic series, and the forecast of one series by a pool of laws.

F = (1 - e^-(p+q)t) / (1 + (q/p) e^-(p+q)t): Bass (1969). Nonlinear least squares on cumulative adoption, or on what
each period adds: Srinivasan & Mason (1986), Marketing Science 5:169-178. The pool and its weights: averaging.py.
"""

from dataclasses import replace
from functools import cache

import numpy as np
from scipy.stats import norm

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.observed import Rows, table
from gigawatt.study.fits import averaging
from gigawatt.study.fits.diffusion_series import read
from gigawatt.study.fits.growth_curves import FEWEST, Grown, Series, grow, observed
from gigawatt.study.fits.hierarchy import hierarchical, published_prior
from gigawatt.study.fits.result import LEVEL, Estimate, Fit, Line, Panel, Points, Published
from gigawatt.study.score import central_interval

DATA = "diffusion_classics"
COLUMNS = ("series", "t", "period_end", "value", "unit", "kind")
SHOWN = ("apple_iphone_units", "world_internet_users_share")
# The same fits by the collector of the data (least squares on cumulative adoption), per period: market, p, q.
REFERENCE = {SHOWN[0]: (1823.7, 0.001413, 0.12587), SHOWN[1]: (0.62, 0.0032, 0.184)}
AHEAD = 0.5  # of the span of the data, that a picture looks ahead
NUMBERS = ("m", "p", "q")
NOTES = (
    "Least squares on cumulative adoption gives smaller standard errors than it should, as its errors add up; the "
    "intervals here resample errors that persist. Least squares per period (objective='period') gives another market.",
    "The reference values are fits of the same series by its collector, not published: they check the arithmetic.",
    "A market fitted before sales peak is hardly known: Van den Bulte & Lilien (1997), Marketing Science 16:338-353.",
    "A series that does not start near zero is fitted from its first value on; p then says little.",
)


def fit(
    rows: Rows,
    *,
    until: str = "",
    bootstraps: int = 400,
    seed: int = 0,
    bayes: bool = False,
    series: str = "",
    objective: str = "level",
    weights: np.ndarray | None = None,
) -> Fit:
    """The Bass law on every series of `rows`, and the forecast of one by a pool of laws.

    rows: COLUMNS, or those of us_household_technology.csv. until: rows with a date up to it only. series: the one to
    show and forecast, one of `rows` or of the household series that ship (a file of one series needs no name); without
    it SHOWN are shown and nothing is forecast. The forecast takes calendar years, or t where rows have no date, after
    the last row. objective: "level" (cumulative) or "period". weights: of averaging.CANDIDATES, those earned on the
    other household series if None.
    Raises InputError for an unknown series, no series with FEWEST rows that vary, and what growth_curves.grow refuses.
    """
    if objective not in HELD_AGAINST:
        raise InputError(f"diffusion: objective '{objective}': level (cumulative) or period.")
    everything = read(rows)
    if series and series not in everything:
        everything |= read(table("us_household_technology"))
    if series not in ("", *everything):
        names = ", ".join(sorted(everything, key=str.lower))
        raise InputError(f"diffusion: no series '{series}'.{did_you_mean(series, everything)} There are {names}.")
    known = {n: cut for n, s in everything.items() if fits(cut := s.until(until))}
    asked = series or (next(iter(everything)) if len(everything) == 1 else "")
    if not known or (asked and asked not in known):
        raise InputError(f"diffusion: no {asked or 'series'} with {FEWEST} rows that vary{until and f' to {until}'}.")
    shown = [asked] if asked else [n for n in SHOWN if n in known] or list(known)[:2]
    grown = dict(zip(known, grow(list(known.values()), "bass", objective, 0, seed), strict=True))
    grown |= zip(shown, grow([known[n] for n in shown], "bass", objective, bootstraps, seed), strict=True)
    result = Fit(
        name="diffusion",
        title="Diffusion of classic innovations",
        law="F = (1 - e^-(p+q)t) / (1 + (q/p) e^-(p+q)t), adoption m F",
        method=f"least squares on {HELD_AGAINST[objective]}, many starts; persistent residuals bootstrapped",
        data=f"{DATA}.csv: {len(known)} series, {sum(len(s.y) for s in known.values())} rows",
        estimates=tuple(e for n in shown for e in told(grown[n], not until and objective == "level"))
        + typical(grown, seed),
        panels=tuple(panel(grown[n], everything[n]) for n in shown),
        residuals=residuals([grown[n] for n in shown]),
        statistics=numbers({n: grown[n] for n in shown} if asked else grown)
        | (together([known[n] for n in shown], bootstraps, seed) if bayes else {}),
        notes=NOTES,
        sources=("diffusion-classics", "bass1969"),
        until=until,
    )
    return forecast(result, known[asked], everything[asked], weights, seed) if asked else result


PERIODS = {12: "1/year", 3: "1/quarter", 1: "1/month"}
WHY = "the same arithmetic on the same rows: they agree to the digits given"
OTHERS = "other products: software, telephones and power here, household durables and seed there"
HELD_AGAINST = {"level": "cumulative adoption", "period": "what each period adds"}


def fits(series: Series) -> bool:
    return len(series.y) >= FEWEST and float(np.ptp(series.y)) > 0.0


def told(grown: Grown, compare: bool) -> list[Estimate]:
    """Market, p and q of one series, in its own unit and per its own period, beside the reference."""
    name, value, low, high = grown.series.name, grown.numbers(grown.theta), *_band(grown.numbers(grown.boot))
    s = grown.series
    units = (unit(s), rate := PERIODS.get(round(12 * s.period), f"1/({s.period:g} year)"), rate)
    meanings = ("market", "innovation: adopters unprompted", "imitation: won by each share of adopters")
    found = []
    for k, (symbol, meaning) in enumerate(zip(NUMBERS, meanings, strict=True)):
        given = REFERENCE.get(name) if compare else None
        beside = None if given is None else Published(given[k], "diffusion-classics", interval="the collector's fit")
        said = f"{meaning}, {name.replace('_', ' ')}"
        least, most = float(min(low[k], value[k])), float(max(high[k], value[k]))
        why = WHY if beside else ""
        found.append(Estimate(f"{name}_{symbol}", said, units[k], float(value[k]), least, most, beside, why))
    return found


def typical(grown: dict[str, Grown], seed: int) -> tuple[Estimate, ...]:
    """Medians of p and q of the series seen from their launch, beside those of the published table; per year."""
    rates = np.array([g.numbers(g.theta)[1:] / g.series.period for g in grown.values() if g.series.start == 0.0])
    if len(rates) < 4:
        return ()
    picks = np.random.default_rng(seed).integers(len(rates), size=(1000, len(rates)))
    middle, (low, high) = np.median(rates, axis=0), _band(np.median(rates[picks], axis=1))
    prior = published_prior(table("bass_parameters_published"))
    found = []
    for k, name in enumerate(("p", "q")):
        centre, wide = prior.mean[1 + k], norm.ppf(0.5 + LEVEL / 2.0) * prior.sd[1 + k]
        given, least, most = map(float, np.exp([centre, centre - wide, centre + wide]))
        beside = Published(given, "vandenbulte2002", least, most, "90 % of products, lognormal by quartiles")
        said = f"median {name} of {len(rates)} series seen from their launch"
        ends = float(low[k]), float(high[k])
        found.append(Estimate(f"typical_{name}", said, "1/year", float(middle[k]), ends[0], ends[1], beside, OTHERS))
    return tuple(found)


def numbers(grown: dict[str, Grown]) -> dict[str, float]:
    """m, p and q of every series, per its own period."""
    return {
        f"{n}_{name}": float(x) for n, g in grown.items() for name, x in zip(NUMBERS, g.numbers(g.theta), strict=True)
    }


def together(series: list[Series], draws: int, seed: int) -> dict[str, float]:
    """Posterior means of the hierarchical law on the series shown, rates per year, with the published prior."""
    found = hierarchical(series, published_prior(table("bass_parameters_published")), draws, seed)
    said = {f"posterior_{k}": float(found[k].mean()) for k in ("p_typical", "q_typical", "divergences")}
    for i, s in enumerate(series):
        said |= {f"posterior_{s.name}_{k}": float(found[k][:, i].mean()) for k in ("market", "p", "q")}
    return said


def panel(grown: Grown, everything: Series) -> Panel:
    """Adoption with the fitted curve and its 90 % band, errors left out."""
    s = grown.series
    t = np.linspace(s.t[0], s.t[-1] + AHEAD * np.ptp(s.t), 80)
    line = Line("Bass", s.clock(t), grown.path(t, grown.theta)[0], *_band(grown.path(t)))
    points = [Points("observed", s.x, s.y)]
    if len(everything.y) > len(s.y):
        later = slice(len(s.y), None)
        points.append(Points("held out", everything.x[later], everything.y[later], held_out=True))
    label, scale = axis(s)
    return Panel(s.name.replace("_", " "), label, f"adoption [{unit(s)}]", tuple(points), (line,), scale)


def residuals(shown: list[Grown]) -> Panel:
    """What the curves leave, as share of the largest value of each series."""
    left = [(observed(g.series, g.objective) - g.level) / g.series.y.max() for g in shown]
    points = tuple(Points(g.series.name.replace("_", " "), g.series.x, e) for g, e in zip(shown, left, strict=True))
    label, scale = axis(shown[0].series)
    return Panel("What is left", label, "observed less curve [share of largest]", points, (), scale)


def axis(series: Series) -> tuple[str, str]:
    return ("year", "date") if all(series.dates) else ("period", "linear")


def unit(series: Series) -> str:
    """Unit of adoption: that of sales without its period."""
    return series.unit.split(" per quarter")[0]


@cache
def earned(but: str) -> np.ndarray:
    """Weights (averaging.CANDIDATES,) earned on the household series that ship, one left out by its name."""
    others = [s for s in read(table("us_household_technology")).values() if s.name != but]
    return averaging.leave_future_out(others, published_prior(table("bass_parameters_published"))).everyone


def forecast(result: Fit, known: Series, everything: Series, weights: np.ndarray | None, seed: int) -> Fit:
    """The fit with the forecast of the pool, scored on the rows after `until` where there are any."""
    share = earned(known.name) if weights is None else averaging.as_weights(weights)
    prior = published_prior(table("bass_parameters_published"))

    def members(x: np.ndarray, n: int, drawn_by: int) -> np.ndarray:
        if x.min() <= known.x[-1]:
            raise InputError(
                f"{known.name}: {x.min():g} is not after the last row, {known.x[-1]:g}: ask for later ones."
            )
        when, where = np.unique(x, return_inverse=True)
        drawn = averaging.forecasts([known], [known.times(when)], prior, n, drawn_by)[0]
        return averaging.pooled(drawn, share, n, drawn_by)[:, where]

    result = replace(result, forecast=members, statistics={**result.statistics, **weighed(share)})
    result = replace(result, panels=tuple(with_pool(p, result, known, everything) for p in result.panels))
    later = slice(len(known.y), None)
    if not len(everything.y[later]):
        return result
    return replace(
        result, held=result.score(everything.x[later], everything.y[later], everything.dates[later], seed=seed)
    )


def with_pool(drawn: Panel, result: Fit, known: Series, everything: Series) -> Panel:
    """The panel of a series with the forecast of the pool, as far as the curve is drawn or rows are known."""
    last, end = known.x[-1], max(drawn.lines[0].x[-1], everything.x[-1])
    x = np.linspace(last, end, 25)[1:]
    low, middle, high = result.predict(x)
    return replace(drawn, lines=(*drawn.lines, Line("pool of laws", x, middle, low, high)))


def weighed(weights: np.ndarray) -> dict[str, float]:
    return {f"weight_{c.replace(' ', '_')}": float(w) for c, w in zip(averaging.CANDIDATES, weights, strict=True)}


def _band(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return central_interval(draws, LEVEL)
