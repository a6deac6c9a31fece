"""Build delay: from the first sign of a site to its first power in service, and from one block of it to the next.

ln T = b0 + b1 (start - 2024.5) + s e on sites seen from above (survival.py). A site without power yet counts as
taking longer than it has taken. Two stages: first sign to first power; each block of power to the next.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number
from gigawatt.core.path import year_of
from gigawatt.study.fits.result import LEVEL, Estimate, Fit, Line, Panel, Points, Published, Score
from gigawatt.study.fits.survival import LAWS, Durations, Lasting, bootstrapped, kaplan_meier, lasting
from gigawatt.study.score import central_interval, crps_ensemble, is_covered

DATA = "data_center_timelines"
COLUMNS = ("date", "data_center", "it_power_mw", "is_projection")
TYPICAL = 2024.5  # a site begun then is told: the middle of those that supply the orders of the base
TYPICAL_MW = 100.0  # first block at which the effect of size is centred
AHEAD = (0.25, 0.5, 0.75, 1.0, 1.25)  # years after a cut at which a forecast is scored, as far as the data go
MEMBERS = 4000
NOTES = (
    "First sign is the first look at a site in the source, mostly cleared land: an order for power or chips may come "
    "before it or after it. The base keeps one to two years from order to service, which lies between the delay of a "
    "new site and that of a further block at one that stands; the delay of a new site is the time in which sites with "
    "power answer orders.",
    "The list holds sites that are large today: of those begun long ago, it lacks the ones that stayed small, and it "
    "was drawn up in 2025 and 2026, so that a hindcast knows sites that nobody had listed then. Both bias the trend.",
    "Dates of first power are the source's, read from pictures months apart. Taken as anywhere between the last look "
    "without power and the first with it, the median is the statistic `median_between_looks`.",
    "Size is that of the first block, planned where there is none yet; plans are of May 2026 and are left out of a "
    "forecast.",
)


@dataclass(frozen=True)
class Site:
    """First sign and each new height of IT power that was seen (years, MW), the end of what is known, and the plan.

    before: when it was last seen without power. plan: MW of the first block planned; not a number where none is.
    """

    name: str
    begun: float
    at: np.ndarray
    power: np.ndarray
    before: float
    known: float
    plan: float


def read(rows: Rows, until: str = "") -> list[Site]:
    """Sites as known at `until`, or at the last look. Raises InputError for cells that are no number or no date."""
    seen: list[tuple[str, float, float]] = []
    planned: dict[str, float] = {}
    for i, row in enumerate(rows, 2):
        where = f"{DATA}.csv, line {i}"
        power, ahead = number(row, "it_power_mw", where), number(row, "is_projection", where)
        if ahead == 0.0 and (not until or row["date"] <= until):
            seen.append((row["data_center"], year_of(row["date"]), power))
        elif ahead != 0.0 and power > 0.0:
            planned.setdefault(row["data_center"], power)
    if not seen:
        raise InputError(f"build-delay: no site seen{until and f' by {until}'}: give rows or a later date.")
    known = year_of(until) if until else max(t for _, t, _ in seen)
    names = dict.fromkeys(name for name, _, _ in seen)
    plans = {} if until else planned
    return [site(n, [(t, p) for m, t, p in seen if m == n], known, plans.get(n, np.nan)) for n in names]


def site(name: str, looks: Sequence[tuple[float, float]], known: float, plan: float) -> Site:
    """One site from its looks (year, MW): a new height is where power passes all that was seen before."""
    looks = sorted(looks)
    heights = [(t, p) for i, (t, p) in enumerate(looks) if p > max((q for _, q in looks[:i]), default=0.0)]
    at, power = (np.array(x) for x in zip(*heights, strict=True)) if heights else (np.empty(0), np.empty(0))
    dark = [t for t, _ in looks if not len(at) or t < at[0]]
    return Site(name, looks[0][0], at, power, max(dark, default=np.nan), known, plan)


def first_power(sites: Sequence[Site]) -> tuple[Durations, np.ndarray, tuple[str, ...]]:
    """Stage one: first sign to first power, with start as covariate; MW of the first block, (n,); names.

    Sites that had power when first seen say nothing of how long they took, and are left out.
    """
    kept = [s for s in sites if np.isfinite(s.before) and (s.at[0] if len(s.at) else s.known) > s.begun]
    ended = np.array([len(s.at) > 0 for s in kept])
    time = np.array([(s.at[0] if len(s.at) else s.known) - s.begun for s in kept])
    x = np.array([[1.0, s.begun - TYPICAL] for s in kept]).reshape(-1, 2)
    return Durations(time, ended, x), np.array([s.power[0] if len(s.at) else s.plan for s in kept]), names(kept)


def next_block(sites: Sequence[Site]) -> Durations:
    """Stage two: from each height of power to the next, in years; the last of each site is still open."""
    spans = [(b - a, True) for s in sites for a, b in zip(s.at, s.at[1:], strict=False)]
    spans += [(s.known - s.at[-1], False) for s in sites if len(s.at) and s.known > s.at[-1]]
    time, ended = (np.array(x) for x in zip(*spans, strict=True)) if spans else (np.empty(0), np.empty(0, bool))
    return Durations(time, ended.astype(bool), np.ones((len(time), 1)))


def names(sites: Sequence[Site]) -> tuple[str, ...]:
    return tuple(s.name for s in sites)


def fit(rows: Rows, *, until: str = "", bootstraps: int = 400, seed: int = 0, bayes: bool = False) -> Fit:
    """Delays of both stages; the law of the first is the best of LAWS by Akaike's criterion.

    rows: COLUMNS. until: what was known then; how many of the sites still dark came into service later is then scored.
    Raises InputError for a cell that is no number, or fewer sites in service than survival.py needs.
    """
    sites = read(rows, until)
    data, size, _ = first_power(sites)
    laws = {law: lasting(data, law) for law in LAWS}
    best = min(laws.values(), key=lambda one: one.aic)
    boot = bootstrapped(data, best.law, bootstraps, seed)
    result = Fit(
        name="build-delay",
        title="From first sign to power in service",
        law=f"ln T = b0 + b1 (start - {TYPICAL:g}) + s e, {best.law}; sites still dark are censored",
        method="greatest likelihood with right censoring; sites bootstrapped; law by Akaike's criterion",
        data=f"{DATA}.csv: {len(data)} sites, {int(data.ended.sum())} in service",
        estimates=(*told(best, boot), by_size(data, size, best.law, bootstraps, seed), second(sites, bootstraps, seed)),
        panels=(curve(data, laws), by_start(data, best, boot)),
        residuals=left(data, best),
        statistics=statistics(data, laws, sites),
        notes=NOTES,
        sources=("epoch-data-centers", "kalbfleisch2002"),
        until=until,
    )
    return replace(result, held=held(rows, sites, best, boot, until, seed)) if until else result


TYPICAL_AT = np.array([1.0, 0.0])
STATED = Published(1.5, "fact:datacenter-lead-time", 1.0, 2.0, "stated: one to two years")
WHY = "stated for building and reserving in general; seen here are the largest sites, from cleared land on"


def told(best: Lasting, boot: Sequence[Lasting]) -> tuple[Estimate, ...]:
    """Median, spread among sites, and trend of the first stage."""

    def of(name: str, what: str, take: Callable[[Lasting], float], unit: str = "year") -> Estimate:
        return Estimate(name, what, unit, take(best), *ends([take(one) for one in boot], take(best)))

    begun = f"of a site begun {TYPICAL:g}"
    lead = of("lead", f"median from first sign to first power, {begun}", lambda one: float(one.at(TYPICAL_AT).median()))
    return (
        replace(lead, published=STATED, why=WHY, entry="limits.site_time", shape="lognormal"),
        of("late", f"95th percentile over sites, {begun}", lambda one: float(one.at(TYPICAL_AT).ppf(0.95))),
        of("early", f"5th percentile over sites, {begun}", lambda one: float(one.at(TYPICAL_AT).ppf(0.05))),
        of("trend", "change of log delay per year of start", lambda one: float(one.b[1]), "1/year"),
    )


def ends(drawn: Sequence[float], value: float) -> tuple[float, float]:
    """Central interval of LEVEL over bootstraps, which holds the value."""
    low, high = central_interval(np.array(drawn), LEVEL)
    return min(float(low), value), max(float(high), value)


def by_size(data: Durations, size: np.ndarray, law: str, bootstraps: int, seed: int) -> Estimate:
    """How much longer a larger first block takes: d ln T / d ln MW, start held."""
    known = np.isfinite(size)
    logs = np.log(np.where(known, size, TYPICAL_MW) / TYPICAL_MW)
    sized = replace(data, x=np.column_stack([data.x, logs])).pick(known)
    value = float(lasting(sized, law).b[2])
    low, high = ends([float(one.b[2]) for one in bootstrapped(sized, law, bootstraps, seed)], value)
    return Estimate("size", "log delay per log of the first block's power, start held", "1", value, low, high)


def second(sites: Sequence[Site], bootstraps: int, seed: int) -> Estimate:
    """Median time from one block to the next, over sites that have one."""
    blocks = next_block(sites)
    value = float(lasting(blocks, "Weibull").at(np.ones(1)).median())
    drawn = [float(one.at(np.ones(1)).median()) for one in bootstrapped(blocks, "Weibull", bootstraps, seed)]
    return Estimate("next", "median from one block of power to the next at a site", "year", value, *ends(drawn, value))


def statistics(data: Durations, laws: dict[str, Lasting], sites: Sequence[Site]) -> dict[str, float]:
    """Counts, Akaike's criterion by law, and the median if power came at some time between two looks."""
    dark = {s.name: s.before - s.begun for s in sites}
    since = np.array([dark[n] for n in first_power(sites)[2]])
    between = lasting(replace(data, since=np.minimum(since, 0.99 * data.time)), "Weibull")
    return {
        "sites": float(len(data)),
        "in_service": float(data.ended.sum()),
        **{f"aic_{law}": one.aic for law, one in laws.items()},
        "median_between_looks": float(between.at(TYPICAL_AT).median()),
    }


def curve(data: Durations, laws: dict[str, Lasting]) -> Panel:
    """Share in service by years since first sign: Kaplan-Meier, and each law averaged over the sites."""
    at, share = kaplan_meier(data.time, data.ended)
    x = np.linspace(0.05, 1.1 * data.time.max(), 60)
    lines = [
        Line(f"{law}, AIC {one.aic:.1f}", x, np.mean([one.at(row).cdf(x) for row in data.x], axis=0))
        for law, one in laws.items()
    ]
    points = Points("sites (Kaplan-Meier)", at, share)
    return Panel("Share of sites in service", "Years since first sign", "Share", (points,), tuple(lines))


def by_start(data: Durations, best: Lasting, boot: Sequence[Lasting]) -> Panel:
    """Delay against start, with the median and its 90 % band; sites still dark stand where they are."""
    start = data.x[:, 1] + TYPICAL
    when = np.linspace(start.min(), start.max(), 40)
    at = np.column_stack([np.ones_like(when), when - TYPICAL])
    low, high = central_interval(np.array([one.at(at).median() for one in boot]), LEVEL)
    line = Line("median", when, best.at(at).median(), low, high)
    points = (
        Points("in service", start[data.ended], data.time[data.ended]),
        Points("still dark", start[~data.ended], data.time[~data.ended]),
    )
    return Panel("Delay by start", "First sign", "Years to first power", points, (line,), "date", "log")


def left(data: Durations, best: Lasting) -> Panel:
    """Where each duration lies in its own distribution, as the normal quantile; those still dark will lie higher."""
    from scipy.stats import norm

    z = norm.ppf(np.clip([float(best.at(x).cdf(t)) for x, t in zip(data.x, data.time, strict=True)], 1e-4, 1 - 1e-4))
    start = data.x[:, 1] + TYPICAL
    points = (
        Points("in service", start[data.ended], z[data.ended]),
        Points("still dark", start[~data.ended], z[~data.ended]),
    )
    return Panel("What is left", "First sign", "Normal quantile of the delay", points, (), "date")


def held(
    rows: Rows, sites: Sequence[Site], best: Lasting, boot: Sequence[Lasting], until: str, seed: int
) -> Score | None:
    """Of the sites still dark at the cut, how many had power some time later: forecast against seen.

    Each draw takes a bootstrap and, for each site, a delay from its law given that it lasts so long already.
    """
    later = {s.name: s for s in read(rows)}
    data, _, called = first_power(sites)
    dark = ~data.ended
    last = max(s.known for s in later.values())
    x = year_of(until) + np.array(AHEAD)
    x = x[x <= last]
    if not len(x) or not dark.any():
        return None
    came = np.array([later[n].at[0] if len(later[n].at) else np.inf for n, d in zip(called, dark, strict=True) if d])
    begun = data.x[dark, 1] + TYPICAL
    members = counts(best, boot, data.x[dark], data.time[dark], begun, x, seed)
    seen = np.array([(came <= when).sum() for when in x], float)
    low, high = central_interval(members, LEVEL)
    return Score(
        x=x,
        label=tuple(f"of {int(dark.sum())} dark sites, in service" for _ in x),
        observed=seen,
        median=np.median(members, axis=0),
        low=low,
        high=high,
        covered={level: is_covered(members, seen, level) for level in (0.5, LEVEL)},
        crps=np.asarray(crps_ensemble(members, seen)),
    )


def counts(best: Lasting, boot: Sequence[Lasting], x, lasted, begun, when, seed: int) -> np.ndarray:
    """(draws, when): number of sites in service by each date."""
    rng = np.random.default_rng(seed)
    known = boot or [best]
    share = -(-MEMBERS // len(known))
    found = []
    for one in known:
        law = one.at(x)
        delay = law.isf(rng.uniform(size=(share, len(lasted))) * law.sf(lasted))
        found.append((begun + delay)[:, :, None] <= when)
    return np.concatenate(found).sum(axis=1).astype(float)
