"""What every fit keeps to: finite estimates with intervals, entries that load, sources that exist, same seed same
numbers, a forecast that can be scored, and a user's own file in place of the shipped one."""

import csv
import json
from functools import cache
from importlib import import_module

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gigawatt.core.entry import check_bounds, entries, make_entry, sources
from gigawatt.core.errors import InputError
from gigawatt.core.facts import fact
from gigawatt.core.observed import about, table
from gigawatt.core.plain import plain
from gigawatt.core.scenario import load
from gigawatt.jobs_fit import placed
from gigawatt.study.fit import FITS, fit
from gigawatt.view.fit import figure
from gigawatt.view.fit_text import as_data, text

FEW, MORE = 24, 48  # bootstraps
SLIGHT = 0.05  # of the width of an interval
UNTIL = "2024-12-31"
every = pytest.mark.parametrize("name", FITS)


@cache
def fitted(name, bootstraps=FEW, seed=0, until=""):
    return fit(name, bootstraps=bootstraps, seed=seed, until=until)


def law(name):
    return import_module(f"gigawatt.study.fits.{name.replace('-', '_')}")


def values(found):
    return {e.name: (e.value, e.low, e.high) for e in found.estimates}


def dated(name):
    """The fit on data to UNTIL; None where the rows of a law have no date and it says so."""
    try:
        return fitted(name, until=UNTIL)
    except InputError as error:
        assert "no date" in str(error)
        return None


def write(rows, columns, file):
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return file


# ---------------------------------------------------------------- what a fit tells


@every
def test_estimates_are_finite_and_lie_within_their_intervals(name):
    found = fitted(name)
    assert found.name == name and found.title and found.law and found.method and found.data
    assert found.estimates and len({e.name for e in found.estimates}) == len(found.estimates)
    for e in found.estimates:
        assert np.isfinite([e.value, e.low, e.high]).all(), e
        assert e.low <= e.value <= e.high, e
        assert e.meaning and e.unit


@every
def test_a_published_value_stands_beside_ours_with_a_source_and_a_reason(name):
    found = fitted(name)
    beside = [e for e in found.estimates if e.published]
    assert beside, "no published value to compare with"
    for e in beside:
        p = e.published
        assert np.isfinite(p.value) and not p.low > p.value and not p.high < p.value
        apart = not e.low <= p.value <= e.high
        assert e.why or not apart, f"{e.name}: ours {e.low:g} to {e.high:g}, published {p.value:g}: say why"


@every
def test_every_source_exists(name):
    found = fitted(name)
    assert found.sources
    for key in {*found.sources, *(e.published.source for e in found.estimates if e.published)}:
        assert fact(key.removeprefix("fact:")) is not None if key.startswith("fact:") else key in sources(), key


@every
def test_entries_are_numbers_of_the_model_in_its_units(name):
    found = fitted(name).entries()
    for path, told in found.items():
        assert path in entries(), f"{path} is no entry"
        check_bounds(make_entry(path, told, f"fit {name}", entries()[path]))
        assert told["grade"] == "fitted"
    if found:
        assert load("base").change(**placed(found)).world().mechanisms


@every
def test_pictures_show_observations_and_what_is_left(name):
    found = fitted(name)
    assert found.panels
    for panel in (*found.panels, found.residuals):
        assert panel.title and panel.x_label and panel.y_label and panel.points
        assert sum(np.isfinite(p.y).sum() for p in panel.points) >= 3
        for item in (*panel.points, *panel.lines):
            sides = [side for side in (item.low, item.high) if side is not None]
            assert {np.shape(item.x)} == {np.shape(side) for side in (item.y, *sides)}
    drawn = figure(found, 0)
    FigureCanvasAgg(drawn).draw()
    assert len(drawn.axes) == len(found.panels) + 2


@every
def test_text_and_strict_json_hold_every_estimate(name):
    found = fitted(name)
    told = json.loads(json.dumps(plain(as_data(found, 0)), allow_nan=False))
    assert [e["name"] for e in told["estimates"]] == [e.name for e in found.estimates]
    assert all(np.isfinite(value) for value in found.statistics.values())
    assert text(found).renderables


# ---------------------------------------------------------------- randomness


@every
def test_more_bootstraps_and_another_seed_move_intervals_but_hardly_a_value(name):
    base = fitted(name)
    for other in (fitted(name, bootstraps=MORE), fitted(name, seed=1)):
        for e in base.estimates:  # a median of a posterior's draws has their error
            assert other[e.name].value == pytest.approx(e.value, rel=1e-6, abs=SLIGHT * (e.high - e.low)), e.name
        assert values(other) != values(base)


# ---------------------------------------------------------------- forecasts


@every
def test_what_was_held_out_is_scored_with_finite_numbers(name):
    found = dated(name)
    if found is None or found.forecast is None:
        return
    assert found.until == UNTIL and found.held is not None
    held = found.held
    assert len(held.x) and held.x.min() >= 2025.0 - 1e-6
    assert np.isfinite([held.x, held.observed, held.median, held.low, held.high, held.crps]).all()
    assert (held.crps >= 0).all() and (held.low <= held.median).all() and (held.median <= held.high).all()
    assert 0 <= held.coverage(0.5) <= held.coverage(0.9) <= 1


@every
def test_a_forecast_does_not_narrow_with_time_and_a_better_hit_scores_better(name):
    found = dated(name)
    if found is None or found.forecast is None:
        return
    low, middle, high = (found.to_scale(x) for x in found.predict([2025.5, 2028.5]))
    assert (low < middle).all() and (middle < high).all()
    assert high[1] - low[1] > 0.9 * (high[0] - low[0])
    _, hit, top = found.predict([2026.0])
    near, far = found.score([2026.0], hit), found.score([2026.0], top)
    assert near.crps[0] < far.crps[0]


@every
def test_the_past_is_fitted_without_a_look_at_the_future(name, tmp_path):
    found = dated(name)
    if found is None:
        return
    rows = table(law(name).DATA)
    column = next(c for c in law(name).COLUMNS if "date" in c or c.startswith("period"))
    past = [row for row in rows if row[column] and row[column] <= UNTIL]
    own = fit(name, write(past, rows[0], tmp_path / "past.csv"), bootstraps=FEW, until=UNTIL)
    assert {e.name: e.value for e in own.estimates} == pytest.approx({e.name: e.value for e in found.estimates})


# ---------------------------------------------------------------- data


@every
def test_the_shipped_table_says_what_it_is(name):
    told = about()[law(name).DATA]
    assert told["title"] and set(law(name).COLUMNS) <= set(table(law(name).DATA)[0])


@every
def test_a_file_equal_to_the_shipped_one_gives_the_same_numbers_with_the_same_seed(name, tmp_path):
    rows = table(law(name).DATA)
    own = fit(name, write(rows, rows[0], tmp_path / "own.csv"), bootstraps=FEW)
    assert values(own) == values(fitted(name))


@every
def test_the_columns_that_are_asked_for_are_enough(name, tmp_path):
    own = fit(name, write(table(law(name).DATA), law(name).COLUMNS, tmp_path / "own.csv"), bootstraps=FEW)
    assert np.isfinite([e.value for e in own.estimates]).all()


@every
def test_data_too_few_or_too_early_are_told_in_one_line(name, tmp_path):
    rows = table(law(name).DATA)
    with pytest.raises(InputError) as error:
        fit(name, write(rows[:2], rows[0], tmp_path / "two.csv"), bootstraps=FEW)
    assert "\n" not in str(error.value)
    with pytest.raises(InputError) as error:
        fit(name, bootstraps=FEW, until="1900-01-01")
    assert "\n" not in str(error.value)


@every
def test_a_cell_that_is_no_number_is_told_in_one_line(name, tmp_path):
    rows = [dict.fromkeys(row, "rubbish") for row in table(law(name).DATA)]
    with pytest.raises(InputError) as error:
        fit(name, write(rows, rows[0], tmp_path / "bad.csv"), bootstraps=FEW)
    assert "\n" not in str(error.value)
