"""One look for all: colours, numbers as people write them, and figures that are the same bytes every time."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gigawatt.core.errors import InputError

# Ink, faint ink, grid and paper; the report replaces them in the dark.
INK, FAINT, GRID, PAPER = "#1b1f24", "#5b6470", "#dfe3e8", "#ffffff"
# Okabe and Ito's colours, told apart with any colour vision and in grey; the last is for what is left over.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b88600", "#7d8590")
DARK = {
    INK: "#e8eaed",
    FAINT: "#a3abb6",
    GRID: "#363c45",
    PAPER: "#15181c",
    "#0072b2": "#4aa8e0",
    "#d55e00": "#ff8a3d",
    "#009e73": "#2fc596",
    "#cc79a7": "#e3a0c6",
    "#b88600": "#e6b422",
    "#7d8590": "#9aa3ae",
}

LOOK: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.color": INK,
    "axes.labelcolor": FAINT,
    "axes.edgecolor": FAINT,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.8,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 3.0,
    "ytick.major.size": 0.0,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.hashsalt": "gigawatt",
    "svg.fonttype": "path",
}
MAX_SCENARIOS = 4
NUMBER = "number"  # the unit of a pure number

# Pure numbers that are read in per cent.
PERCENT = ("output_growth",)
WORDS = {"hour": "hours", "month": "months", "year": "years"}
STEPS = ((1e12, "tn"), (1e9, "bn"), (1e6, "mn"), (1e3, "k"), (1.0, ""))


@contextmanager
def styled() -> Iterator[None]:
    """The look, for a `with` statement or as a decorator."""
    with matplotlib.rc_context(LOOK):
        yield


@dataclass(frozen=True)
class Unit:
    """How a signal is written. factor: from the signal's own unit to `text`; scaled: with k, mn, bn, tn."""

    text: str
    factor: float = 1.0
    percent: bool = False
    scaled: bool = False

    def scale(self, size: float) -> tuple[float, str]:
        """(factor, suffix) with which a number of this size reads well; the suffix is without the unit."""
        if self.percent:
            return 100.0, "%"
        size = abs(size) * self.factor
        if not self.scaled or not np.isfinite(size):
            return self.factor, ""
        step, suffix = next((s for s in STEPS if size >= 0.9995 * s[0]), STEPS[-1])
        return self.factor / step, suffix

    def write(self, value: float) -> str:
        """One number: '1.2 tn', '3.4 %', '10^26.7'; a dash for what is not a number."""
        if self.exponent(value):
            return f"10^{np.log10(value * self.factor):.1f}"
        factor, suffix = self.scale(value)
        return f"{digits(value * factor)} {suffix}".strip()

    def write_range(self, low: float, value: float, high: float) -> str:
        """'0.34–4.6' in the scale in which `value` is written; each end in its own where they lie too far apart."""
        if self.exponent(value) and low > 0:
            ends = [f"{np.log10(x * self.factor):.1f}" for x in (low, high)]
        else:
            factor = self.scale(value if value else high)[0]
            ends = [digits(x * factor) for x in (low, high)]
            if abs(high * factor) >= 1e4 or 0 < abs(low * factor) < 0.01:
                ends = [self.write(x) for x in (low, high)]
        return " to ".join(ends) if low < 0 else "–".join(ends)

    def exponent(self, value: float) -> bool:
        return self.scaled and np.isfinite(value) and value * self.factor >= 1e15


def digits(x: float) -> str:
    """Two significant digits below a hundred, whole numbers above: 0.043, 3.4, 40, 463."""
    if not np.isfinite(x):
        return "–"
    places = max(0, 1 - int(f"{x:.1e}".partition("e")[2])) if x else 0
    if places > 4:
        return "0"
    return f"{x:.{places}f}".replace("-", "−")


def unit_of(signal: xr.DataArray) -> Unit:
    """How this signal is written, from its unit: 'bn USD/year' as USD with k, mn, bn, tn, a share in per cent."""
    return unit_named(signal.attrs.get("units", "1"), str(signal.name))


def unit_named(text: str, signal: str = "") -> Unit:
    """How a quantity in this unit is written."""
    if text == "share" or signal in PERCENT:
        return Unit("", percent=True)
    if text.startswith("bn USD"):
        return Unit(text.removeprefix("bn "), factor=1e9, scaled=True)
    if text == "1":
        return Unit("")
    return Unit(WORDS.get(text, text), scaled=not text.startswith("GW") and text != "ECI point")


def unit_text(signal: xr.DataArray, suffix: str = "") -> str:
    """The unit for an axis or a table: 'tn USD/year', 'GW', '%', 'number'."""
    unit = unit_of(signal)
    return "%" if unit.percent else f"{suffix} {unit.text}".strip() or NUMBER


def long_name(signal: xr.DataArray) -> str:
    return str(signal.attrs.get("long_name") or signal.name)


def month_text(year: float | None) -> str:
    """2027.4167, the end of May 2027, -> '2027-05'."""
    if year is None:
        return "–"
    months = int(np.ceil(year * 12 - 1e-6)) - 1
    return f"{months // 12}-{months % 12 + 1:02d}"


def percent(share: float) -> str:
    """A probability from draws, without pretending to know 0 or 1."""
    return "<1 %" if 0 < share < 0.005 else ">99 %" if 0.995 < share < 1 else f"{100 * share:.0f} %"


def is_sure(signal: xr.DataArray) -> bool:
    """True for a share that says yes (1) or no (0)."""
    return signal.attrs.get("units") == "share" and bool(np.isin(signal.values, (0.0, 1.0)).all())


def judgement_text(ds: xr.Dataset) -> str:
    """'128 of 183 numbers are judgement'."""
    grades = json.loads(ds.attrs["grades"])
    return f"{grades.get('judgement', 0)} of {sum(grades.values())} numbers are judgement"


def results_of(results: xr.Dataset | Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """One result or several as {name: result}. Raises InputError for none, or more than the eye can follow."""
    found = {str(results.attrs["scenario"]): results} if isinstance(results, xr.Dataset) else dict(results)
    if not 1 <= len(found) <= MAX_SCENARIOS:
        raise InputError(f"{len(found)} results to draw: give 1 to {MAX_SCENARIOS}.")
    return found


def svg(figure: Figure) -> str:
    """The figure as SVG: same input, same bytes."""
    with styled():
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return re.sub(r' d="[^"]*"', lambda path: shorter(path[0]), out.getvalue())


def shorter(path: str) -> str:
    """The `d` of a path with tenths of a point, which is finer than a screen or a printer."""
    return re.sub(r"-?\d+\.\d+", lambda x: f"{float(x[0]):.1f}".removesuffix(".0"), " " + " ".join(path.split()))


def svg_inline(figure: Figure, label: str) -> str:
    """The figure as an <svg> element for a page: colours as CSS variables, no metadata, no address of any kind."""
    text = svg(figure)
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.S)
    frame = re.search(r'viewBox="([^"]*)"', text)
    head = f'<svg viewBox="{frame[1] if frame else ""}" role="img" aria-label="{escape(label)}">'
    text = head + text[text.index(">") + 1 :]
    for i, colour in enumerate(DARK):
        text = text.replace(colour, f"var(--c{i})")
    return re.sub(r">\s+<", "><", text).replace("DejaVuSans-", "g")


def save(figure: Figure, stem: Path) -> list[Path]:
    """Write `stem`.svg and `stem`.png."""
    FigureCanvasAgg(figure)
    files = [stem.with_suffix(".svg"), stem.with_suffix(".png")]
    files[0].write_text(svg(figure), encoding="utf-8")
    with styled():
        figure.savefig(files[1], dpi=150, metadata={"Software": None})
    return files
