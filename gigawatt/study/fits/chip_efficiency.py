"""Chip efficiency: compute per power of the accelerators sold, quarter by quarter, and of those released.

ln d(t + 1/4) = ln d(t) + drift/4 + change: a random walk with drift, since each generation is a step that stays.
d is H100e per GW of IT power of what a quarter sold. Hardware: ln(op/J) = a + b t over releases.
"""

from dataclasses import dataclass, replace

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number, table
from gigawatt.core.path import year_of
from gigawatt.study.fits.line import Fitted, least_squares
from gigawatt.study.fits.result import LEVEL, Estimate, Fit, Line, Panel, Points, Published
from gigawatt.study.score import central_interval

DATA = "ai_chip_sales"
COLUMNS = ("date", "designer", "chip", "units", "compute_h100e_p50", "chip_tdp_w")
COUNTED = ("Nvidia", "Google")  # designers that the source has in every quarter
CLASSES = {  # rows of gpu_it_power.csv and the accelerators that sit in such servers
    "A100": ("A100", "A800", "H20"),
    "H100": ("H100/H200", "H800"),
    "GB200": ("B200",),
    "GB300": ("B300",),
}
FEWEST = 6  # quarters
BLOCK = 4  # quarters of a resampled block: about the roll-out of a generation
AHEAD = 1.5  # years that the picture looks ahead
SINCE = 2010.0  # first release of the published trend
PUBLISHED = Published(np.log(2.0) / 3.0, "reference-values", interval="Epoch AI, 47 accelerators, 2010-2023")
WHY = "best number format of each chip here, and releases to 2026: formats of 16 and 8 bits came within the span"
NOTES = (
    "H100e is the throughput of dense 8-bit arithmetic: gains in memory, sparsity and shorter formats are not in it.",
    "IT power per chip is known for four classes of servers; other chips take the median of the four ratios.",
    "What a quarter sold mixes generations: growth is stepwise, and two steps lie in the span.",
    "Releases gain more than sales: not every record chip is sold in numbers.",
)


@dataclass(frozen=True)
class Sales:
    """Quarters (calendar years), names, and compute per GW of IT power and of chip power. [H100e/GW]"""

    t: np.ndarray
    date: tuple[str, ...]
    per_it: np.ndarray
    per_chip: np.ndarray

    def pick(self, rows: np.ndarray) -> "Sales":
        dates = tuple(d for d, kept in zip(self.date, rows, strict=True) if kept)
        return Sales(self.t[rows], dates, self.per_it[rows], self.per_chip[rows])


def it_ratio() -> dict[str, float]:
    """IT power per chip power by accelerator; '' for those without a figure."""
    power = {r["chip"]: number(r, "it_power_w_per_gpu_p50") for r in table("gpu_it_power")}
    tdp = {r["chip"]: number(r, "chip_tdp_w") for r in table(DATA)}
    classes = {name: power[name] / tdp[chips[0]] for name, chips in CLASSES.items()}
    found = {chip: classes[name] for name, chips in CLASSES.items() for chip in chips}
    return {**found, "": float(np.median(list(classes.values())))}


def read(rows: Rows) -> Sales:
    """Sales of COUNTED by quarter. Raises InputError for a cell that is no number."""
    ratio, total = it_ratio(), dict[str, np.ndarray]()
    for i, row in enumerate(rows, 2):
        where = f"{DATA}.csv, line {i}"
        units, compute, tdp = (number(row, c, where) for c in ("units", "compute_h100e_p50", "chip_tdp_w"))
        if row["designer"] in COUNTED and np.isfinite([units, compute, tdp]).all():
            power = units * tdp * 1e-9
            it = power * ratio.get(row["chip"], ratio[""])
            total[row["date"]] = total.get(row["date"], np.zeros(3)) + np.array([compute, it, power])
    dates = tuple(sorted(total))
    sums = np.array([total[d] for d in dates]).reshape(-1, 3)
    return Sales(np.array([year_of(d) for d in dates]), dates, sums[:, 0] / sums[:, 1], sums[:, 0] / sums[:, 2])


def fit(rows: Rows, *, until: str = "", bootstraps: int = 2000, seed: int = 0, bayes: bool = False) -> Fit:
    """Drift of compute per power sold, and the trend of hardware released; the forecast is of the next quarters.

    rows: COLUMNS, a chip and quarter each. until: quarters to that date; later ones score the forecast. Raises
    InputError for a cell that is no number or fewer than FEWEST quarters.
    """
    everything = read(rows)
    known = everything.pick(np.array([not until or d <= until for d in everything.date], bool))
    if len(known.t) < FEWEST:
        raise InputError(f"chip-efficiency: {len(known.t)} quarters{until and f' to {until}'}: {FEWEST} are needed.")
    later = everything.pick(everything.t > known.t[-1] + 1e-6)
    hardware = released(until)
    line = least_squares(*hardware, bootstraps=bootstraps, seed=seed)
    drifts = resampled(np.diff(np.log(known.per_it)), len(known.t) - 1, bootstraps, seed)
    result = Fit(
        name="chip-efficiency",
        title="Compute per power of accelerators",
        law="ln d(t + 1/4) = ln d(t) + drift/4 + change; hardware released: ln(op/J) = a + b t",
        method=f"mean change of quarters, blocks of {BLOCK} resampled; least squares on releases, cases resampled",
        data=f"{DATA}.csv: {len(known.t)} quarters, {' and '.join(COUNTED)}; ml_hardware.csv: {len(hardware[0])} chips",
        estimates=estimates(known, drifts, line, bootstraps, seed, bool(until)),
        panels=(),
        residuals=changes(known),
        statistics={"quarters": float(len(known.t)), "chips": float(len(hardware[0]))},
        notes=NOTES,
        sources=("epoch-chip-sales", "epoch-gpu-power", "epoch-ml-hardware"),
        until=until,
        forecast=lambda x, n, seed: ahead(known.t, known.per_it, x, n, seed),
        to_scale=np.log,
    )
    if until and len(later.t):
        result = replace(result, held=result.score(later.t, later.per_it, later.date, seed=seed))
    return replace(result, panels=(sold(result, known, later), hardware_panel(hardware, line)))


def released(until: str) -> tuple[np.ndarray, np.ndarray]:
    """Release dates since SINCE and ln of operations per joule in the best number format."""
    rows = [r for r in table("ml_hardware") if r["release_date"] and (not until or r["release_date"] <= until)]
    found = [(year_of(r["release_date"]), number(r, "energy_efficiency_op_per_j")) for r in rows]
    t, y = np.array([pair for pair in found if np.isfinite(pair[1]) and pair[0] >= SINCE]).reshape(-1, 2).T
    return t, np.log(y)


def resampled(change: np.ndarray, steps: int, n: int, seed: int) -> np.ndarray:
    """(n, steps): changes of quarters in blocks that wrap around (Politis & Romano 1992)."""
    blocks = -(-steps // BLOCK)
    start = np.random.default_rng(seed).integers(len(change), size=(n, blocks, 1))
    return change[(start + np.arange(BLOCK)) % len(change)].reshape(n, -1)[:, :steps]


def estimates(
    known: Sales, drifts: np.ndarray, line: Fitted, bootstraps: int, seed: int, cut: bool
) -> tuple[Estimate, ...]:
    """Growth of compute per IT power, per chip power, and of hardware released. [1/year]"""

    def growth(name: str, what: str, values: np.ndarray, drawn: np.ndarray) -> Estimate:
        value = float(4.0 * np.mean(np.diff(np.log(values))))
        low, high = central_interval(4.0 * drawn.mean(axis=1), LEVEL)
        return Estimate(name, what, "1/year", value, min(float(low), value), max(float(high), value))

    sold_it = growth("density", "log growth of compute per IT power of chips sold", known.per_it, drifts)
    per_chip = resampled(np.diff(np.log(known.per_chip)), len(known.t) - 1, bootstraps, seed)
    low, high = line.slope_interval(LEVEL)
    hardware = Estimate("hardware", "log growth of operations per joule over releases", "1/year", line.slope, low, high)
    return (
        replace(sold_it, entry="fleet.density_growth"),
        growth("per_chip", "log growth of compute per chip power (TDP) of chips sold", known.per_chip, per_chip),
        hardware if cut else replace(hardware, published=PUBLISHED, why=WHY),
    )


def ahead(t: np.ndarray, values: np.ndarray, x: np.ndarray, n: int, seed: int) -> np.ndarray:
    """(n, x): compute per power at dates after the last quarter, drift and changes unknown; the last value before."""
    rng = np.random.default_rng(seed)
    change = np.diff(np.log(values))
    wide = np.std(change, ddof=1)
    drift = np.mean(change) + wide / np.sqrt(len(change)) * rng.standard_normal((n, 1))
    when, where = np.unique(np.maximum(x, t[-1]), return_inverse=True)
    quarters = np.diff(4.0 * (when - t[-1]), prepend=0.0)
    walk = np.cumsum(wide * np.sqrt(quarters) * rng.standard_normal((n, len(when))), axis=1)
    return values[-1] * np.exp(drift * 4.0 * (when - t[-1]) + walk)[:, where]


def sold(result: Fit, known: Sales, later: Sales) -> Panel:
    """Compute per power of what quarters sold, and the forecast."""
    x = np.linspace(known.t[-1] + 0.05, known.t[-1] + AHEAD, 40)
    low, middle, high = result.predict(x)
    points = [Points("sold in a quarter", known.t, known.per_it)]
    if len(later.t):
        points.append(Points("held out", later.t, later.per_it, held_out=True))
    return Panel(
        "Sold: compute per IT power",
        "Quarter",
        "H100e per GW",
        tuple(points),
        (Line("random walk with drift", x, middle, low, high),),
        "date",
        "log",
    )


def hardware_panel(hardware: tuple[np.ndarray, np.ndarray], line: Fitted) -> Panel:
    """Operations per joule of chips released, with the line."""
    t, y = hardware
    x = np.linspace(t.min(), t.max(), 40)
    at = line.boot[:, :1] + line.boot[:, 1:] * (x - line.centre)
    low, high = central_interval(at, LEVEL)
    trend = Line("trend", x, np.exp(line.at(x)), np.exp(low), np.exp(high))
    return Panel(
        "Released: operations per joule", "Release", "op/J", (Points("chips", t, np.exp(y)),), (trend,), "date", "log"
    )


def changes(known: Sales) -> Panel:
    """Changes of quarters less the drift."""
    change = np.diff(np.log(known.per_it))
    left = change - change.mean()
    return Panel(
        "What is left", "Quarter", "Log change less drift", (Points("quarters", known.t[1:], left),), (), "date"
    )
