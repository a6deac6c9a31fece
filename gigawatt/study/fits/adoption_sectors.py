"""Sectors: how unlike the sectors of the economy are in their use of AI (BTOS, newest wave against the supplement)."""

from dataclasses import replace

import numpy as np
from scipy.special import expit, logit

from gigawatt.core.observed import Rows, number, table
from gigawatt.study.fits.result import Estimate, Fit, Line, Panel, Points

TABLE = "btos_ai_use_crosssection"


def with_sectors(result: Fit) -> Fit:
    """The fit with the picture of sectors; a fit on the past has none, because the table is of 2026."""
    if result.until:
        return result
    return replace(result, panels=(*result.panels, panel()), estimates=(*result.estimates, spread()))


def shares(measure: str, rows: Rows) -> dict[str, float]:
    """{sector: share of firms that use AI} of one breakdown."""
    return {r["code"]: number(r, "share", TABLE) for r in rows if r["breakdown"] == measure}


def both() -> tuple[np.ndarray, np.ndarray]:
    """Shares of the same sectors in the supplement (2025-11 to 2026-02) and in the wave of 2026-06-29."""
    rows = table(TABLE)
    before, after = shares("sector_supplement", rows), shares("sector_core", rows)
    codes = [code for code in before if code in after]
    return np.array([before[c] for c in codes]), np.array([after[c] for c in codes])


def spread() -> Estimate:
    """Standard deviation of sectors in logits, with the interval of resampled sectors. Sectors weigh the same."""
    now = logit(both()[1])
    picks = np.random.default_rng(0).integers(len(now), size=(1000, len(now)))
    low, high = np.quantile(now[picks].std(axis=1, ddof=1), [0.05, 0.95])
    return Estimate("sectors", "standard deviation of sectors about their mean", "logits", float(now.std(ddof=1)),
                    float(low), float(high))  # fmt: skip


def panel() -> Panel:
    """Each sector before and after, with the line of equal growth of the odds."""
    before, after = both()
    x = np.linspace(before.min(), before.max(), 30)
    grown = Line("odds of all sectors grown alike", x, expit(logit(x) + float(np.mean(logit(after) - logit(before)))))
    sectors = Points("sectors", before, after)
    return Panel("By sector", "Share of firms, winter 2025/26", "Share of firms, 2026-06-29", (sectors,), (grown,))
