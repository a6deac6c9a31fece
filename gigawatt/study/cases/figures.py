"""Figures of the interviews that several cases share."""

from gigawatt.core.facts import fact
from gigawatt.mechanisms import demand


def toy_margin():
    """Gross margin of the toy lab, exactly: one less inference compute over revenue. [share]"""
    return 1.0 - fact("toy-inference-compute").value / fact("toy-revenue").value


def tenfold(years):
    """Revenue on the tenfold path, some years after the start of 2026. [bn USD/year]"""
    return demand.trend_path(fact("run-rate-start-2026").value, fact("growth-ten-per-year").value, years)


def raised() -> tuple[float, float]:
    """All capital known to have been raised, as cash and as finance. [bn USD]"""
    return fact("raised-2025").value, fact("round-2026").value
