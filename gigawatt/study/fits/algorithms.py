"""algorithms: how much less training compute a given capability needs each year.

E = a + b ln C + c t on the Epoch Capabilities Index: at a fixed index the compute needed falls by exp(c/b) a year.
The form is that of Ho et al. (2024), arXiv:2403.05812, with an index (Ho et al. 2025, arXiv:2512.00193) for the loss.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number
from gigawatt.core.path import year_of
from gigawatt.study.fits.algorithms_bayes import posterior
from gigawatt.study.fits.result import Estimate, Fit, Line, Panel, Points, Published

DATA = "eci_scores"
COLUMNS = ("date", "model", "organization", "eci", "training_flop", "confidence", "vintage")
HEAD = "rate"
BREAK = 2024.25  # April 2024, where the frontier of the index bends (fit `eci`)
REASONING = 2024.70  # September 2024: the first model trained to reason by reinforcement learning is released
NEAR = 10.0  # points below the best model so far that still count as frontier
NINETY = 1.6449  # the 95th percentile of the standard normal
# Grades of compute read as 90 % within half an order of magnitude, one, and one and a half: a judgement.
WITHIN = {"Confident": 3.0, "Likely": 10.0, "Speculative": 31.0}
FEWEST, LABS = 10, 3  # models and laboratories without which no line is fitted
REFERENCE = 120.0  # the index whose compute is drawn

MONTHS = 12.0 * np.log(2.0)  # a halving time in months is MONTHS / rate
HO2024 = Published(MONTHS / 8, "ho2024", MONTHS / 14, MONTHS / 5, "95 %, loss of pre-training, 2012-2023")
COUNTS = "counts post-training, data and distillation; the source counts pre-training loss only, up to 2023"
DILUTED = "errors of compute dilute its slope, which raises the rate"
CATCH_UP = Published(np.log(31.0), "lesswrong-catchup2025", np.log(16.0), np.log(60.0), "stated range, 2023-2025")
NOTES = (
    "index and compute are confounded: distillation, better data, post-training and inference compute raise the index"
    " and are not in the training compute, so that c/b counts them all; Ho et al. (2024) measure pre-training alone",
    "small models are overtrained and distilled from large ones: this is catching up, not progress at the frontier",
    "weak models of today are not evaluated, which tilts b down and the rate up; frontier labs disclose no compute",
    "scatter put all in the index (rate-plain) or all in compute (rate-inverse) bounds the rate from both sides",
    "a step at the first reasoning model would take a third of the drift within laboratories (rate-era, era-step):"
    " this package has a term of its own for reinforcement learning, and the drift would count that gain twice",
)


@dataclass(frozen=True)
class Models:
    """Models with known compute: calendar years, ln(FLOP), index, laboratory, points below the best so far."""

    x: np.ndarray
    log_flop: np.ndarray
    eci: np.ndarray
    lab: np.ndarray
    behind: np.ndarray
    confidence: np.ndarray
    name: np.ndarray

    @property
    def error(self) -> np.ndarray:
        """Standard deviation of ln C by grade; a grade that is not known counts as the lowest. [e-folds]"""
        return np.log([WITHIN.get(grade, max(WITHIN.values())) for grade in self.confidence]) / NINETY

    def __getitem__(self, rows: np.ndarray | slice) -> "Models":
        return Models(*(getattr(self, field)[rows] for field in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Law:
    """Coefficients of (1, ln C, t, ...) about the centre, with bootstraps (n, k) and the spread of residuals."""

    centre: np.ndarray
    value: np.ndarray
    boot: np.ndarray
    sd: float

    def at(self, log_flop: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Index of a model. [ECI point]"""
        return self.value[0] + self.value[1] * (log_flop - self.centre[0]) + self.value[2] * (x - self.centre[1])

    def needed(self, eci: float, x: np.ndarray) -> np.ndarray:
        """Training compute with which a model released at `x` reaches an index. [ln FLOP]"""
        gap = eci - self.value[0] - self.value[2] * (np.asarray(x) - self.centre[1])
        return self.centre[0] + gap / self.value[1]

    def draws(self, log_flop: np.ndarray, x: np.ndarray, n: int, seed: int) -> np.ndarray:
        """(n, models): the index of new models of that compute and date, spread included."""
        rng = np.random.default_rng(seed)
        a, b, c = self.boot[rng.integers(len(self.boot), size=n), :3].T[:, :, None]
        mean = a + b * (log_flop - self.centre[0]) + c * (x - self.centre[1])
        return mean + self.sd * rng.standard_normal(mean.shape)


def fit(rows: Rows, *, until: str = "", bootstraps: int = 2000, seed: int = 0, bayes: bool = False) -> Fit:
    """Growth of algorithmic efficiency at fixed capability. [1/year]

    One vintage of the index, models with known training compute. Intervals resample laboratories, since models of one
    house are alike. Errors of compute dilute its slope and so raise the rate: their variance is taken off (Fuller
    1987, Measurement Error Models, section 1.2). bayes: the same law with levels of laboratories drawn from one
    distribution too (Hamiltonian Monte Carlo; needs the extra `fit`). Raises InputError for fewer than ten models or
    three laboratories, and where compute and date rise together.
    """
    everything = models(rows)
    used = everything[everything.x <= year_of(until)] if until else everything
    if len(used) < FEWEST or len(set(used.lab)) < LABS:
        houses = f"{len(used)} models of {len(set(used.lab))} laboratories"
        raise InputError(f"algorithms: {houses}: give {FEWEST} of {LABS} or more.")
    pooled, law = (least_squares(used, bootstraps, seed, errors=e) for e in (False, True))
    estimates = [*head_estimates(law), *variants(used, pooled, bootstraps, seed)]
    if bayes:
        draws = posterior(used.log_flop, used.x, used.eci, used.lab, used.error, seed=seed)
        told = Law(pooled.centre, np.median(draws, axis=0), draws, pooled.sd)
        text = "posterior, with errors of compute and levels of laboratories"
        estimates.append(rate_of("rate-bayes", text, told, HO2024, COUNTS))
    found = Fit(
        name="algorithms",
        title="Algorithmic progress at fixed capability",
        law="E = a + b ln C + c t; compute at a fixed index falls by exp(c/b) a year",
        method=f"least squares, corrected for errors of compute; {bootstraps} bootstraps of laboratories",
        data=f"{DATA}.csv, {len(used)} models with known training compute, one vintage",
        estimates=tuple(estimates),
        panels=(compute_panel(used, law), needed_panel(used, law)),
        residuals=left_panel(used, law),
        statistics={
            "n": len(used),
            "laboratories": len(set(used.lab)),
            "sd": law.sd,
            "sd of compute": float(used.error.mean()),
        },
        notes=NOTES,
        sources=("epoch-eci", "epoch-models", "ho2025"),
        until=until,
    )
    later = everything[everything.x > year_of(until)] if until else everything[:0]
    if not len(later):
        return found
    seeing = replace(found, forecast=partial(_draws, pooled, later.log_flop))
    return replace(found, held=seeing.score(later.x, later.eci, tuple(later.name)))


def _draws(law: Law, log_flop: np.ndarray, x: np.ndarray, n: int, seed: int) -> np.ndarray:
    return law.draws(log_flop, x, n, seed)


def models(rows: Rows) -> Models:
    """The models of the vintage that has most of them, by date; only those whose training compute is known."""
    vintages = [row["vintage"] for row in rows]
    largest = max(sorted(set(vintages)), key=vintages.count, default="")
    kept = sorted((row for row in rows if row["vintage"] == largest and row["date"]), key=lambda row: row["date"])
    eci, flop = (np.array([number(r, column, r["model"]) for r in kept]) for column in ("eci", "training_flop"))
    best = np.maximum.accumulate(np.nan_to_num(eci, nan=-np.inf)) if kept else eci
    known = np.isfinite(eci) & (flop > 0.0)
    text = [np.array([r[c].split(",")[0] for r in kept], str) for c in ("organization", "confidence", "model")]
    x = np.array([year_of(row["date"]) for row in kept])
    with np.errstate(divide="ignore", invalid="ignore"):
        return Models(x, np.log(flop), eci, text[0], best - eci, text[1], text[2])[known]


def least_squares(
    m: Models,
    bootstraps: int,
    seed: int,
    effects: bool = False,
    errors: bool = False,
    inverse: bool = False,
    era: bool = False,
) -> Law:
    """E on ln C and t, laboratories resampled.

    effects: a level of each laboratory. errors: the variance of the error of ln C taken off. era: a step at REASONING.
    inverse: ln C on E and t, solved for E, which puts all scatter into compute.
    """
    centre = np.array([m.log_flop.mean(), m.x.mean()])
    own, answer = (m.eci, m.log_flop - centre[0]) if inverse else (m.log_flop - centre[0], m.eci)
    columns = [np.ones(len(m)), own, m.x - centre[1]] + ([(m.x > REASONING) * 1.0] if era else [])
    design, answer = np.stack(columns, axis=1), np.asarray(answer)
    labs, which = np.unique(m.lab, return_inverse=True)
    mean = np.concatenate([design.mean(axis=0), [answer.mean()]])
    if effects:
        members = np.eye(len(labs))[which]
        table = np.column_stack([design, answer])
        table = table - (members @ (members.T @ table / members.sum(axis=0)[:, None]))
        design, answer = table[:, :-1] + np.eye(1, table.shape[1] - 1), table[:, -1]
    moments = np.einsum("ni,nj,nl->lij", design, np.column_stack([design, answer]), np.eye(len(labs))[which])
    if errors:
        size = np.bincount(which)[which]
        variance = m.error**2 * (1.0 - effects / size)
        moments[:, 1, 1] -= np.bincount(which, variance)
    times = np.random.default_rng(seed).multinomial(len(labs), np.full(len(labs), 1 / len(labs)), size=bootstraps)
    sums = np.einsum("bl,lij->bij", np.vstack([np.ones(len(labs)), times]), moments)
    solved = np.array([solution(s) for s in sums])
    sd = float(np.sqrt(np.sum((answer - design @ solved[0]) ** 2) / (len(m) - design.shape[1])))
    if effects:  # the mean of all models is on the law
        solved[:, 0] = mean[-1] - solved[:, 1:] @ mean[1:-1]
    if inverse:  # ln C = a + b E + c t  ->  E = -a/b + ln C / b - (c/b) t
        a, b, c = solved[:, :3].T
        solved, sd = np.stack([-a / b, 1.0 / b, -c / b], axis=1), sd / abs(b[0])
    good = np.isfinite(solved).all(axis=1)
    if good.mean() < 0.5 or not good[0]:
        raise InputError("algorithms: compute and date rise together in these models: the rate is not determined.")
    return Law(centre, solved[0], solved[1:][good[1:]], sd)


def solution(sums: np.ndarray) -> np.ndarray:
    """Answer of normal equations [X'X | X'y]; not a number where the resample does not determine it."""
    square = sums[:, :-1]
    return np.linalg.solve(square, sums[:, -1]) if np.linalg.cond(square) < 1e10 else np.full(len(sums), np.nan)


def ratio(law: Law) -> tuple[float, float, float]:
    """(low, value, high) of c/b; a resample in which compute does not help counts as boundless progress. [1/year]"""
    boot = np.where(law.boot[:, 1] > 0.0, law.boot[:, 2] / law.boot[:, 1], np.inf)
    low, high = np.quantile(boot, [0.05, 0.95], method="nearest")
    return float(low), float(law.value[2] / law.value[1]), float(high)


def rate_of(name: str, meaning: str, law: Law, published: Published | None = None, why: str = "", entry: str = ""):
    low, value, high = ratio(law)
    return Estimate(name, meaning, "1/year", value, low, high, published, why, entry, "lognormal")


def head_estimates(law: Law) -> list[Estimate]:
    """Rate, slope and drift with errors of compute taken off. The slope is of all training compute: its entries are
    two, of pre-training and of reinforcement learning, whose sum it is."""
    low, high = np.quantile(law.boot, [0.05, 0.95], axis=0)
    meaning = "log growth of algorithmic efficiency at fixed index"
    return [
        rate_of(HEAD, meaning, law, HO2024, COUNTS, "algorithms.rate" if ratio(law)[0] > 0.0 else ""),
        Estimate("per-log-compute", "points per e-fold of training compute", "ECI point",
                 law.value[1], low[1], high[1], shape="lognormal"),
        Estimate("drift", "points a year at fixed training compute", "ECI point/year",
                 law.value[2], low[2], high[2]),
    ]  # fmt: skip


def variants(m: Models, pooled: Law, bootstraps: int, seed: int) -> list[Estimate]:
    """The same rate under other choices: what the data leave open."""
    law = partial(least_squares, bootstraps=bootstraps, seed=seed)
    few = "compute differs little among models near the frontier, so that b is small and c/b large"
    rows: list[tuple[str, str, Models, Law | None, Published | None, str]] = [
        ("rate-plain", "errors of compute left in", m, pooled, HO2024, DILUTED),
        ("rate-within", "the same, compared within laboratories", m, law(m, effects=True), HO2024, DILUTED),
        ("rate-inverse", "all models, scatter in compute instead of in the index", m, law(m, inverse=True), None, ""),
        ("rate-frontier", f"models within {NEAR:.0f} points of the best so far", m[m.behind <= NEAR], None, None, few),
        ("rate-efficient", "models that no earlier one matched with less compute", m[efficient(m)], None, CATCH_UP,
         "the source fits lines through the most efficient models of single levels of another index"),
        ("rate-before", "all models before April 2024", m[m.x < BREAK], None, HO2024,
         "a year of dates: the drift is not determined"),
        ("rate-after", "all models since April 2024", m[m.x >= BREAK], None, CATCH_UP, few),
        ("rate-confident", "confident values of compute only", m[m.confidence == "Confident"], None, None, ""),
    ]  # fmt: skip
    told = [
        rate_of(name, text, given or law(part), published, why)
        for name, text, part, given, published, why in rows
        if len(part) >= FEWEST and len(set(part.lab)) >= LABS
    ]
    told = [e for e in told if np.isfinite(e.high)]  # in few models compute may not help at all
    return told + (era_estimates(law(m, effects=True, era=True)) if np.sum(m.x > REASONING) >= FEWEST else [])


def era_estimates(law: Law) -> list[Estimate]:
    """The rate when models since the first reasoning model may stand higher by a step, and that step."""
    low, high = np.quantile(law.boot[:, 3], [0.05, 0.95])
    return [
        rate_of("rate-era", "within laboratories, with a step at the first reasoning model", law, HO2024,
                "part of the drift goes to the step"),
        Estimate("era-step", "points that models since the first reasoning model stand higher, within laboratories",
                 "ECI point", law.value[3], low, high),
    ]  # fmt: skip


def efficient(m: Models) -> np.ndarray:
    """(n,) bool: no earlier model reached the same index with the same compute or less."""
    earlier = m.x[None, :] < m.x[:, None]
    beats = earlier & (m.log_flop[None, :] <= m.log_flop[:, None]) & (m.eci[None, :] >= m.eci[:, None])
    return np.logical_not(np.any(beats, axis=1))


def left_panel(m: Models, law: Law) -> Panel:
    """What the law leaves of each model."""
    left = Points("models", m.x, m.eci - law.at(m.log_flop, m.x))
    return Panel("Residuals", "date", "ECI point", (left,), x_scale="date")


def compute_panel(m: Models, law: Law) -> Panel:
    points, lines = [], []
    for year in range(int(m.x.min()), int(m.x.max()) + 1):
        now = m[np.floor(m.x) == year]
        if len(now) < 2:
            continue
        ends = np.linspace(now.log_flop.min(), now.log_flop.max(), 2)
        points.append(Points(str(year), np.exp(now.log_flop), now.eci))
        lines.append(Line(f"law, {year}", np.exp(ends), law.at(ends, np.full(2, now.x.mean()))))
    return Panel("Index against training compute", "FLOP", "ECI", tuple(points), tuple(lines), "log")


def needed_panel(m: Models, law: Law) -> Panel:
    near = m[np.abs(m.eci - REFERENCE) <= 5.0]
    ends = np.linspace(m.x.min(), m.x.max(), 40)
    boot = np.stack([replace(law, value=b).needed(REFERENCE, ends) for b in law.boot[:500]])
    low, high = np.exp(np.quantile(boot, [0.05, 0.95], axis=0))
    line = Line("law", ends, np.exp(law.needed(REFERENCE, ends)), low, high)
    points = Points(f"models within 5 points of {REFERENCE:.0f}", near.x, np.exp(near.log_flop))
    return Panel(f"Compute for an index of {REFERENCE:.0f}", "date", "FLOP", (points,), (line,), "date", "log")
