"""benchmark: single benchmarks, the best score so far as a logistic in time, and any score as a logistic in the index.

A score is bounded by chance and by flawed items, so that the line is drawn in logits between the two (systems.md S05).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from scipy.special import expit

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.core.facts import fact
from gigawatt.core.observed import Rows, number, table
from gigawatt.core.path import year_of
from gigawatt.mechanisms.capability import logit_slope
from gigawatt.study.fits.logistic import Curve, fit_curve
from gigawatt.study.fits.records import records
from gigawatt.study.fits.result import Estimate, Fit, Line, Panel, Points, Published, Score

DATA = "benchmark_scores"
COLUMNS = ("benchmark", "release_date", "model_version", "organization", "agent", "score")
HEADLINE = ("OSWorld", "SWE-bench Verified")
FEWEST = 4  # records without which no curve is drawn
FOUR_CHOICES = 0.25
CHANCE = {"MMLU": FOUR_CHOICES, "GPQA Diamond": FOUR_CHOICES}  # the others ask for an answer, not for a choice

# The name of a benchmark in eci_benchmark_params.csv, where it is another.
IN_INDEX = {
    "GPQA Diamond": "GPQA diamond",
    "SWE-bench Verified": "SWE-Bench verified",
    "ARC-AGI-1": "ARC-AGI",
    "Terminal-Bench": "Terminal Bench",
    "GSO": "GSO-Bench",
    "FrontierMath T1-3": "FrontierMath-2025-02-28-Private",
    "FrontierMath T4": "FrontierMath-Tier-4-2025-07-01-Private",
    "Humanity's Last Exam": "HLE",
}
NOTES = (
    "harness, tools and numbers of attempts vary between rows: compare within `agent` where one is named",
    "records are a biased sample of good draws, and errors about a curve are alike from one record to the next",
    "the ceiling is hardly seen before a benchmark is nearly full: until then it is the prior",
    "a model counts at its release date, which for a few rows is that of its base model",
)


def expected_score(eci, difficulty, slope, chance=0.0):
    """Score of a model on a benchmark, from its capability. [share]

    chance + (1 - chance) / (1 + exp(-slope (eci - difficulty))): the law of item response theory with guessing
    (Birnbaum 1968), with the benchmark in the place of the item (Ho et al. 2025, arXiv:2512.00193). `eci` and
    `difficulty` in ECI points, slope per point. Arguments may be arrays.
    """
    return chance + (1.0 - chance) * expit(slope * (np.asarray(eci, float) - difficulty))


def expected(benchmark: str, eci):
    """Score on a named benchmark at an index, with the published difficulty and slope. [share]

    The source gives no floor; observed scores show that its curves of multiple-choice benchmarks are above chance.
    Raises InputError where the index does not rate the benchmark.
    """
    rated = {row["benchmark"]: row for row in table("eci_benchmark_params")}
    name = IN_INDEX.get(benchmark, benchmark)
    if name not in rated:
        raise InputError(f"the index does not rate a benchmark '{benchmark}'.{did_you_mean(benchmark, rated)}")
    difficulty, slope = (number(rated[name], column) for column in ("difficulty_eci", "slope_per_eci_point"))
    return expected_score(eci, difficulty, slope, CHANCE.get(benchmark, 0.0))


def fit(
    rows: Rows,
    *,
    until: str = "",
    bootstraps: int = 300,
    seed: int = 0,
    bayes: bool = False,
    benchmark: str = "",
    agent: str = "",
    threshold: float = 0.8,
) -> Fit:
    """Slopes of benchmarks in logits, and the dates at which the best score is reliable. [logits/year, year]

    benchmark: one of them, and then with a forecast of its best score; all if empty. agent: only rows whose agent has
    this text, such as '(100 steps)'. threshold: the reliability for which deployment waits, as a share of the items
    that can be answered at all; 0.8 is a judgement. There is no posterior by Monte Carlo: `bayes` changes nothing.
    Raises InputError for an unknown benchmark, a threshold outside (0, 1), and where no benchmark has four records.
    """
    if not 0.0 < threshold < 1.0:
        raise InputError(f"threshold = {threshold}: a share between 0 and 1, such as 0.8.")
    everything = frontiers([row for row in rows if agent in row["agent"]])
    if benchmark and benchmark not in everything:
        raise InputError(f"no dated scores of benchmark '{benchmark}'.{did_you_mean(benchmark, everything)}")
    chosen = {name: f for name, f in everything.items() if not benchmark or name == benchmark}
    curves = fitted(chosen, until, bootstraps, seed)
    if not curves:
        raise InputError(f"benchmark: no benchmark has {FEWEST} records up to {until or 'the end'}: widen the data.")
    told = [e for name, curve in curves.items() for e in estimates(name, curve, threshold)]
    shown = [name for name in HEADLINE if name in curves] or list(curves)[:2]
    meeting = index_check(rows)
    return Fit(
        name="benchmark",
        title="Curves of benchmarks",
        law="score = chance + (1 - flaws - chance) / (1 + exp(-k (t - m))); score = 1 / (1 + exp(-s (ECI - d)))",
        method=f"robust least squares on records with priors, {bootstraps} resamples of scores and priors",
        data=f"{DATA}.csv, {sum(until_when(*chosen[n], until)[0].size for n in curves)} records of {len(curves)}",
        estimates=tuple(told),
        panels=(*(time_panel(name, chosen[name], curves[name], until) for name in shown), index_panel(meeting)),
        residuals=residual_panel(chosen, curves, until),
        statistics={"benchmarks": len(curves), **spread_of(meeting)},
        notes=NOTES,
        sources=("epoch-benchmarks", "epoch-eci", "ho2025", "northcutt2021", "gema2024"),
        until=until,
        forecast=curves[benchmark].draws if benchmark else None,
        held=pooled([held(chosen[name], curve, name, until, seed) for name, curve in curves.items()])
        if until
        else None,
    )


def frontiers(rows: Rows) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By benchmark: calendar years and scores of the records, best of each day. Undated rows are left out."""
    best: dict[str, dict[float, float]] = {}
    for row in rows:
        score = number(row, "score", row["model_version"])
        if row["release_date"].strip() and np.isfinite(score):
            days = best.setdefault(row["benchmark"], {})
            x = year_of(row["release_date"])
            days[x] = max(score, days.get(x, -np.inf))
    found = {}
    for name, of_day in sorted(best.items()):
        when = np.array(sorted(of_day))
        what = np.array([of_day[day] for day in sorted(of_day)])
        new = records(when, what)
        found[name] = (when[new], what[new])
    return found


def until_when(x: np.ndarray, y: np.ndarray, until: str) -> tuple[np.ndarray, np.ndarray]:
    kept = x <= year_of(until) if until else np.full(len(x), True)
    return x[kept], y[kept]


def fitted(
    found: Mapping[str, tuple[np.ndarray, np.ndarray]], until: str = "", bootstraps: int = 300, seed: int = 0
) -> dict[str, Curve]:
    """Curves of the benchmarks that have records enough."""
    cut = {name: until_when(x, y, until) for name, (x, y) in found.items()}
    return {
        name: fit_curve(x, y, CHANCE.get(name, 0.0), bootstraps, seed)
        for name, (x, y) in cut.items()
        if len(x) >= FEWEST
    }


def estimates(name: str, curve: Curve, threshold: float) -> list[Estimate]:
    slope = Estimate(f"slope {name}", f"growth of the best score on {name}", "logits/year", curve.rate,
                     *curve.rate_interval(), shape="lognormal")  # fmt: skip
    if name == "OSWorld":
        why = "the interview's 15 per cent of late 2024 is from memory and of another agent; the first record here is 5"
        slope = replace(slope, published=interview(), why=why)
    low, value, high = curve.passes(threshold)
    text = f"the best model does {threshold:.0%} of what can be done on {name}"
    return [slope, Estimate(f"date {name}", text, "year", value, low, high)]


def interview() -> Published:
    """Slope of OSWorld from the two readings of the interview of 2026 (acceptance case A07). [logits/year]"""
    start, now, span = fact("osworld-start").value, fact("osworld-now"), fact("osworld-interval").value
    slopes = [float(logit_slope(0.0, start, span, end)) for end in (now.value, now.low, now.high)]
    return Published(slopes[0], "interview-2026", slopes[1], slopes[2], "65 to 70 per cent at the end")


def held(found: tuple[np.ndarray, np.ndarray], curve: Curve, name: str, until: str, seed: int) -> Score | None:
    """The score of the records after `until`, or None where there are none."""
    x, y = found
    after = x > year_of(until)
    if not after.any():
        return None
    one = Fit(name, "", "", "", "", (), (), Panel("", "", "", ()), forecast=curve.draws)
    return one.score(x[after], y[after], (name,) * int(after.sum()), seed=seed)


def pooled(scores: list[Score | None]) -> Score | None:
    """One score of several."""
    some = [s for s in scores if s is not None]
    if not some:
        return None
    joined = {
        f: np.concatenate([getattr(s, f) for s in some]) for f in ("x", "observed", "median", "low", "high", "crps")
    }
    covered = {level: np.concatenate([s.covered[level] for s in some]) for level in some[0].covered}
    return Score(label=tuple(name for s in some for name in s.label), covered=covered, **joined)


def index_check(rows: Rows) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """By benchmark: index, score by the law, score observed, of models that have both.

    The tables name models differently: the best of a laboratory on one release date is matched with the best.
    """
    newest = [row for row in table("eci_scores") if row["vintage"] == table("eci_scores")[0]["vintage"]]
    index = best_of((r["date"], r["organization"], number(r, "eci")) for r in newest)
    found = {}
    rated = {row["benchmark"] for row in table("eci_benchmark_params")}
    for name in sorted({row["benchmark"] for row in rows}):
        if IN_INDEX.get(name, name) not in rated:
            continue
        scores = best_of(
            (r["release_date"], r["organization"], number(r, "score")) for r in rows if r["benchmark"] == name
        )
        both = sorted(scores.keys() & index.keys())
        eci = np.array([index[key] for key in both])
        found[name] = (eci, expected(name, eci), np.array([scores[key] for key in both]))
    return found


def best_of(dated: Iterable[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    """Best value by date and first-named laboratory."""
    best: dict[tuple[str, str], float] = {}
    for date, lab, value in dated:
        key = (date, lab.split(",")[0])
        if date and lab and np.isfinite(value):
            best[key] = max(value, best.get(key, -np.inf))
    return best


def spread_of(meeting: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]) -> dict[str, float]:
    """How well scores follow the index: root mean square error and mean of observed less expected. [share]"""
    error = np.concatenate([y - law for _, law, y in meeting.values()] or [np.zeros(0)])
    if not len(error):
        return {}
    return {"models with both": len(error), "rms of score by index": float(np.sqrt(np.mean(error**2))),
            "mean of score by index": float(error.mean())}  # fmt: skip


def time_panel(name: str, found: tuple[np.ndarray, np.ndarray], curve: Curve, until: str) -> Panel:
    x, y = until_when(*found, until)
    points = [Points("records", x, y)]
    later = found[0] > x[-1]
    if later.any():
        points.append(Points("records not seen", found[0][later], found[1][later], held_out=True))
    ends = np.linspace(found[0][0] - 0.25, found[0][-1] + 1.0, 80)
    low, high = np.quantile(curve.draws(ends, 2000, 0), [0.05, 0.95], axis=0)
    line = Line(f"{curve.rate:.1f} logits a year", ends, curve.at(ends), low, high)
    return Panel(name, "date", "best score", tuple(points), (line,), "date")


def index_panel(meeting: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Panel:
    names = [name for name in HEADLINE if name in meeting]
    ends = np.linspace(110.0, 160.0, 60)
    points = tuple(Points(name, meeting[name][0], meeting[name][2]) for name in names)
    lines = tuple(Line(f"law, {name}", ends, expected(name, ends)) for name in names)
    return Panel("Score against index", "ECI", "score", points, lines)


def residual_panel(
    found: Mapping[str, tuple[np.ndarray, np.ndarray]], curves: Mapping[str, Curve], until: str
) -> Panel:
    points = []
    for name, curve in curves.items():
        x, y = until_when(*found[name], until)
        points.append(Points(name, x, y - curve.at(x)))
    return Panel("Residuals of records", "date", "score", tuple(points), x_scale="date")
