"""Build-out hindcast: what is scored, against what, that nothing later is seen, and what came of it."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import gigawatt  # noqa: F401
from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.study import buildout_hindcast as study
from gigawatt.study import guidance
from gigawatt.view.buildout import hindcast_figure

LAST = "2025-06-30"


@pytest.fixture(scope="module")
def series():
    return study.observed()


@pytest.fixture(scope="module")
def shipped(series):
    return study.hindcast(series)


@pytest.fixture(scope="module")
def laws():
    return study.beside()


def test_series_are_those_of_the_tables(series):
    assert series["capex"].value[-1] == pytest.approx(35.674 + 44.203 + 18.997 + 30.876)
    sold = [r for r in table("industry_compute") if r["coverage"] == "nvidia_google" and r["series"] == "h100e_stock"]
    np.testing.assert_allclose(1e6 * np.cumsum(series["compute"].value)[-1], float(sold[-1]["value"]), rtol=1e-3)
    assert {q.date[-1] for q in series.values()} == {"2026-03-31"}


def test_every_quarter_after_each_origin_is_scored_once(shipped, series):
    assert len({(p.series, p.origin, p.date) for p in shipped.points}) == len(shipped.points)
    for origin in study.ORIGINS:
        later = sum(d > origin for d in series["power"].date)
        assert len(shipped.of(origin=origin).points) == later * len(study.SERIES)
    assert all(p.crps > 0 and p.low < p.median < p.high for p in shipped.points)


def test_from_mid_2025_chips_power_and_spending_lie_in_the_band(shipped):
    part = shipped.of(origin=LAST)
    assert len(part.points) == 9 and part.coverage(0.9) == 1.0 and part.coverage(0.5) >= 0.5
    assert part.mean("crps") < part.mean("crps_grown")


def test_from_mid_2025_it_is_no_better_than_last_years_growth_with_the_same_width(shipped):
    # a fact to be told, not a wish: the two centres are as good as one another
    part = shipped.of(origin=LAST)
    assert part.mean("crps") == pytest.approx(part.mean("crps_moved"), rel=0.1)


def test_the_trend_alone_missed_spending_from_mid_2024(laws):
    # two flat years behind it, and a doubling ahead
    part = laws["capex, trend alone"].of(origin="2024-06-30")
    assert part.coverage(0.9) < 0.3 and all(p.observed > p.median for p in part.points)


def test_each_part_of_the_law_of_spending_helps_and_bands_become_too_wide(laws, shipped):
    alone, said, learnt, both = laws.values()
    assert both.points == shipped.of("capex").points
    assert both.mean("crps") < min(said.mean("crps"), learnt.mean("crps"))
    assert max(said.mean("crps"), learnt.mean("crps")) < alone.mean("crps")
    assert alone.coverage(0.9) < 0.9 < both.coverage(0.9) and both.coverage(0.5) > 0.8
    assert both.mean("crps") > both.mean("crps_grown")  # the bare number of last year's growth is still better


def test_a_trend_that_wanders_sees_power_slow_down(shipped):
    part = shipped.of("power")
    assert part.coverage(0.9) == 1.0
    assert part.mean("crps") < part.mean("crps_moved") < part.mean("crps_grown")


def test_the_future_does_not_change_a_forecast(shipped, series):
    told = guidance.shipped()
    wild = guidance.Known(
        tuple(replace(s, value=9 * s.value) if s.date > LAST else s for s in told.statements),
        {firm: {d: 7 * v if d > LAST else v for d, v in by.items()} for firm, by in told.spent.items()},
    )
    later = {
        name: study.Quarters(q.date, q.t, np.where(np.array(q.date) > "2025-10", 99.0, q.value))
        for name, q in series.items()
    }
    other = study.hindcast(later, origins=(LAST,), told=wild)
    for a, b in zip(shipped.of(origin=LAST).points, other.points, strict=True):
        assert (a.median, a.low, a.high, a.grown) == (b.median, b.low, b.high, b.grown)


def test_last_years_growth_is_that_since_the_same_quarter(series):
    known = series["power"].until(LAST)
    yearly = known.value[-1] / known.value[-5]
    assert study.last_year_continued(known, known.t[-1] + 1.0) == pytest.approx(known.value[-1] * yearly)


def test_compute_is_power_times_compute_per_power(series):
    known = {name: q.until(LAST) for name, q in series.items()}
    at = {name: np.array([2026.0]) for name in series}
    drawn = study.forecast(known, at)
    per_power = np.median(drawn["compute"]) / np.median(drawn["power"])
    assert per_power > known["compute"].value[-1] / known["power"].value[-1]  # chips go on getting better


@pytest.mark.parametrize("origin", ["2022-12-31", "2026-03-31"])
def test_what_cannot_be_forecast_or_scored_is_refused_in_one_line(origin):
    with pytest.raises(InputError) as error:
        study.hindcast(origins=(origin,))
    assert "\n" not in str(error.value)


def test_a_cell_that_is_no_number_is_refused():
    rows = [dict(r) for r in table("hyperscaler_capex")]
    rows[0]["value"] = "much"
    with pytest.raises(InputError, match="'much' is no number"):
        study.observed(capex=rows)


def test_table_and_picture_show_every_series(shipped, series, laws):
    assert study.totals(shipped, laws).count("\n| capex, ") == len(study.LAWS)
    told = study.text(shipped)
    assert told.count("\n| power |") >= 15 and "| from 2025-06-30 | 9 |" in told
    figure = hindcast_figure(shipped, series, LAST)
    FigureCanvasAgg(figure).draw()
    assert len(figure.axes) == len(study.SERIES) + 1
