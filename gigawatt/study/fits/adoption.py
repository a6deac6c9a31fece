"""Adoption: the share of US firms that use AI, and how fast it grows (US Census Bureau, BTOS).

logit a(t) = level(t) + shift [new wording] + e, d level = growth dt, where the growth wanders. A constant growth is
the logistic curve (Mansfield 1961, Econometrica 29:741-766). Classes of size lie about the trend of all firms, each
with a level, a growth and a shift of its own, partly pooled (Efron & Morris 1975, JASA 70:311-319). Shares are of
firms, not of workers: four fifths of firms have fewer than ten employees, so small firms make the national number.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number
from gigawatt.core.path import year_of
from gigawatt.study.fits.adoption_classes import Pooled, pooled
from gigawatt.study.fits.adoption_sectors import with_sectors
from gigawatt.study.fits.brokentrend import Broken, broken_trend
from gigawatt.study.fits.line import least_squares
from gigawatt.study.fits.localtrend import straight
from gigawatt.study.fits.result import LEVEL, Estimate, Fit, Line, Panel, Points, Published, Score

DATA = "btos_ai_use"
COLUMNS = ("period_start", "stratum", "stratum_code", "question", "wording", "share_of_firms", "standard_error")
OLD, NEW = "goods_services_wording", "any_function_wording"
ALL = "all"  # code of all firms
FEWEST = 6  # waves: all firms of the panel once, since a sixth of them is asked in each
RESTLESS = 1.0  # judgement: in a year the growth may double or vanish; half of it is usual for technical records
MEMBERS = 2000  # draws behind a band
AHEAD = 1.0  # years that a picture looks ahead
NOTES = (
    "Firm-weighted: a firm of three counts as one of three thousand. The share of workers whose firm uses AI is "
    "higher, because the largest class uses it most.",
    "The wording of 2025-11-17 asks for use in any function, not only in producing goods or services. The shift is "
    "measured by the waves on both sides and the growth between them. A supplement with many more "
    "questions ran until 2026-02-08, so the shift holds its effect too, and whatever happened in the gap of October.",
    "Waves share firms every twelve weeks, so that errors of waves are not quite independent.",
    "Use says whether, not how much: the share of work done by AI is far lower.",
)


@dataclass(frozen=True)
class Waves:
    """Waves of one stratum: calendar years, logit shares, sd of their survey errors, and whether the wording is new."""

    date: np.ndarray
    year: np.ndarray
    y: np.ndarray
    error: np.ndarray
    new: np.ndarray

    def __len__(self) -> int:
        return len(self.y)

    def pick(self, which: np.ndarray) -> "Waves":
        return Waves(*(getattr(self, name)[which] for name in ("date", "year", "y", "error", "new")))


def fit(
    rows: Rows, *, until: str = "", bootstraps: int = 2000, seed: int = 0, bayes: bool = False, stratum: str = ALL
) -> Fit:
    """Growth of the share of firms that use AI, the shift at the new wording, and the classes of size.

    rows: COLUMNS, one wave of one stratum a row; only `current_use` is read. stratum: code of the class of size that is
    shown and forecast, all firms if not given. The forecast is of the measured share of firms, (x, draws, seed,
    stratum=stratum, wording="") with x in calendar years: in the newest wording known unless another is named. Raises
    InputError for a share outside (0, 1), a date that is none, another stratum, and fewer than FEWEST waves.
    """
    strata = read(rows)
    known = {code: w.pick(w.date <= until) if until else w for code, w in strata.items()}
    firms = known.get(ALL, NOTHING)
    if len(firms) < FEWEST or firms.new.all():
        raise InputError(f"adoption: {len(firms)} waves of all firms, old wording among them: a trend needs {FEWEST}.")
    trend = trend_of(firms, RESTLESS)
    classes = pooled({code: w for code, w in known.items() if code != ALL}, trend.mean)
    if stratum not in (ALL, *classes.code):
        raise InputError(f"adoption: no stratum '{stratum}': take one of {', '.join((ALL, *classes.code))}.")
    forecast = forecaster(trend, classes)
    result = Fit(
        name="adoption",
        title="Firms that use AI",
        law="logit a(t) = level(t) + shift [new wording]; the growth of the level wanders; classes partly pooled",
        method="local linear trend with survey errors, exact posterior; classes by empirical Bayes in closed form",
        data=f"{DATA}.csv: {len(firms)} waves of all firms, {len(classes.code)} classes of size",
        estimates=estimates(firms, trend, classes, bootstraps, seed, held=bool(until)),
        panels=(),
        residuals=residuals(firms, trend),
        statistics={
            "n": float(len(firms)),
            "step": float(trend.weight @ trend.step),
            "scatter": float(trend.weight @ trend.scatter),
        },
        notes=NOTES,
        sources=("btos", "btos-crosssection"),
        until=until,
        forecast=forecast,
        to_scale=logit,
    )
    later = {code: w.pick((w.date > until) & (w.new == trend.shifts)) for code, w in strata.items() if until}
    result = drawn(held(result, later, firms), firms, classes, later, known, stratum)
    return checked_by_sampling(result, firms, seed) if bayes else with_sectors(result)


def read(rows: Rows) -> dict[str, Waves]:
    """{code: waves of current use}, oldest first. Raises InputError where a share is not inside (0, 1)."""
    found: dict[str, list[tuple]] = {}
    for i, row in enumerate(rows, 2):
        if row["question"] != "current_use":
            continue
        where = f"adoption, row {i}"
        share, sd = number(row, "share_of_firms", where), number(row, "standard_error", where)
        if not (0.0 < share < 1.0 and sd >= 0.0):
            raise InputError(f"{where}: share {share:g} with standard error {sd:g}: give 0 < share < 1 and an error.")
        day = row["period_start"]
        wave = (day, year_of(day, where), logit(share), sd / (share * (1.0 - share)), row["wording"] == NEW)
        found.setdefault(row["stratum_code"], []).append(wave)
    return {code: Waves(*(np.array(a) for a in zip(*sorted(waves), strict=True))) for code, waves in found.items()}


NOTHING = Waves(np.array([]), np.array([]), np.array([]), np.array([]), np.array([], bool))


def trend_of(waves: Waves, restless: float) -> Broken:
    return broken_trend(waves.year, waves.y, waves.error, waves.new, restless)


def forecaster(trend: Broken, classes: Pooled) -> Callable[..., np.ndarray]:
    """The forecast of a Fit, which takes a class of size and a wording too."""

    def forecast(x: np.ndarray, n: int, seed: int, stratum: str = ALL, wording: str = "") -> np.ndarray:
        if wording not in ("", OLD, NEW) or (wording == NEW and not trend.shifts):
            raise InputError(f"adoption: wording '{wording}' is not known: {OLD}{f' or {NEW}' * trend.shifts}.")
        new = trend.shifts and wording != OLD
        if stratum == ALL:
            return expit(trend.observed(x, n, seed, new))
        return expit(trend.level(x, n, seed, new) + classes.draws(stratum, x, n, seed, new))

    return forecast


def estimates(
    firms: Waves, trend: Broken, classes: Pooled, bootstraps: int, seed: int, held: bool
) -> tuple[Estimate, ...]:
    """Growth over the old wording and at the last wave, the shift, the level at both ends, and the classes."""
    old = firms.pick(~firms.new)
    line = least_squares(old.year, old.y, bootstraps, seed)
    ends = firms.year[[0, -1]]
    now = trend.slope(ends[-1:], MEMBERS, seed)[:, 0]
    first = expit(trend.level(ends[:1], MEMBERS, seed, False))[:, 0]
    last = expit(trend.level(ends[-1:], MEMBERS, seed, trend.shifts))[:, 0]
    found = [
        Estimate("growth", "growth of the odds of use, straight line over the old wording", "1/year", line.slope,
                 *line.slope_interval()),
        estimate("growth-now", f"growth of the odds of use at {ends[-1]:.1f}, growth that wanders", "1/year", now),
        estimate("first", f"share of firms at {ends[0]:.1f}, old wording", "share", first),
        estimate("last", f"share of firms at {ends[-1]:.1f}, newest wording known", "share", last),
    ]  # fmt: skip
    if not held:
        found[2] = replace(found[2], published=Published(0.037, "bonney2024"))
    if trend.shifts:
        shift = trend.shift(MEMBERS, seed)
        found.append(estimate("shift", "shift of the log odds at the wording of 2025-11-17", "logits", shift))
    return (*found, *classes.estimates(MEMBERS, seed))


def estimate(name: str, meaning: str, unit: str, drawn: np.ndarray) -> Estimate:
    low, middle, high = (float(q) for q in np.quantile(drawn, [0.5 - LEVEL / 2, 0.5, 0.5 + LEVEL / 2]))
    return Estimate(name, meaning, unit, middle, low, high)


def held(result: Fit, later: dict[str, Waves], firms: Waves) -> Fit:
    """The fit with the score of waves after `until` in the same wording, and coverage by class of size.

    Beside it stands the logistic curve (constant growth).
    """
    firms_later = later.get(ALL, NOTHING)
    if not len(firms_later):
        return result
    line, new = trend_of(firms, 0.0), bool(firms_later.new.any())
    scores = {code: score(result, w, code) for code, w in later.items() if len(w)}
    statistics = {f"coverage_90_{code}": s.coverage(LEVEL) for code, s in scores.items()}
    statistics["held_crps"] = float(scores[ALL].crps.mean())
    logistic = replace(result, forecast=lambda x, n, seed: expit(line.observed(x, n, seed, new)))
    alone = score(logistic, firms_later, ALL)
    statistics |= {"logistic_crps": float(alone.crps.mean()), "logistic_coverage_90": alone.coverage(LEVEL)}
    return replace(result, held=scores[ALL], statistics={**result.statistics, **statistics})


def score(result: Fit, waves: Waves, code: str) -> Score:
    one = of_class(result, code)
    return one.score(waves.year, expit(waves.y), tuple(map(str, waves.date)))


def of_class(result: Fit, code: str) -> Fit:
    """The fit whose forecast is of one class of size."""
    whole = result.forecast
    assert whole is not None
    if code == ALL:
        return result
    return replace(result, forecast=lambda x, n, seed: whole(x, n, seed, stratum=code))  # type: ignore[call-arg]


def drawn(
    result: Fit, firms: Waves, classes: Pooled, later: dict[str, Waves], known: dict[str, Waves], stratum: str
) -> Fit:
    """The fit with pictures: all firms in both wordings, and one class of size, or the smallest and the largest.

    Forecast and score are of the class that was asked for.
    """
    held_out = later.get(ALL, NOTHING)
    end = max([firms.year[-1], *held_out.year]) + AHEAD
    turn = firms.year[firms.new].min() if firms.new.any() else end
    spans = [("old wording", np.linspace(firms.year[0], turn, 50), OLD)]
    if firms.new.any():
        spans.append(("new wording", np.linspace(turn, end, 40), NEW))
    lines = [band(f"forecast, {label}", x, result, wording=wording) for label, x, wording in spans]
    shown = [points("old wording", firms.pick(~firms.new)), points("new wording", firms.pick(firms.new))]
    shown = [p for p in (*shown, points("held out", held_out, True)) if len(p.x)]
    national = Panel(result.title, "Wave", "Firms that use AI [share]", tuple(shown), tuple(lines), "date", "logit")
    chosen = (classes.code[0], classes.code[-1]) if stratum == ALL else (stratum,)
    result = replace(result, panels=(national, by_class(result, chosen, known, later)))
    if stratum == ALL:
        return result
    late = later.get(stratum, NOTHING)
    return replace(of_class(result, stratum), held=score(result, late, stratum) if len(late) else None)


def by_class(result: Fit, chosen: tuple[str, ...], known: dict[str, Waves], later: dict[str, Waves]) -> Panel:
    """Some classes of size, with the forecast of each, and what was held out."""
    x = np.linspace(result.panels[0].lines[0].x[0] if result.panels else known[ALL].year[0],
                    known[ALL].year[-1] + AHEAD, 60)  # fmt: skip
    lines = tuple(band(f"class {code}", x[x > known[ALL].year[-1]], of_class(result, code)) for code in chosen)
    shown = [points(f"class {code}", known[code]) for code in chosen]
    shown += [points(f"class {code}, held out", later[code], True) for code in chosen if len(later.get(code, NOTHING))]
    return Panel("By size", "Wave", "Firms that use AI [share]", tuple(shown), lines, "date", "logit")


def band(label: str, x: np.ndarray, result: Fit, **of: str) -> Line:
    assert result.forecast is not None
    low, middle, high = np.quantile(result.forecast(x, MEMBERS, 0, **of), [0.05, 0.5, 0.95], axis=0)
    return Line(label, x, middle, low, high)


def points(label: str, waves: Waves, held_out: bool = False) -> Points:
    wide = norm.ppf(0.95) * waves.error
    return Points(label, waves.year, expit(waves.y), expit(waves.y - wide), expit(waves.y + wide), held_out)


def residuals(firms: Waves, trend: Broken) -> Panel:
    """Distance of the waves from the trend in their wording."""
    left = firms.y - trend.mean(firms.year, firms.new)
    wide = norm.ppf(0.95) * firms.error
    shown = Points("waves, 90 % of survey error", firms.year, left, left - wide, left + wide)
    return Panel("What is left", "Wave", "Logits over trend", (shown,), x_scale="date")


def checked_by_sampling(result: Fit, firms: Waves, seed: int) -> Fit:
    """The fit with the same model of the old wording sampled (numpyro), as a check of the closed form."""
    from gigawatt.study.fits.posterior import trend

    old = firms.pick(~firms.new)
    scale = RESTLESS * abs(straight(old.year, old.y)[0])
    found = trend(old.year, old.y, old.error, old.year[-1:], seed=seed, step_scale=scale)
    checks = {"sampled_step": float(found.step.mean()), "sampled_divergences": float(found.divergences)}
    return with_sectors(replace(result, statistics={**result.statistics, **checks}))
