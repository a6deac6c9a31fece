"""The fit of METR's time horizons: published doubling times, suites, the forecast, and horizon against ECI."""

import csv
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.entry import entries
from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.core.scenario import load
from gigawatt.study.fit import fit
from gigawatt.study.fits import horizon, horizon_on_eci
from gigawatt.study.fits.horizon_models import longer, read, stitched
from gigawatt.study.fits.names import same, words
from gigawatt.study.fits.records import records


@pytest.fixture(scope="module")
def fitted():
    return fit("horizon", bootstraps=500)


@pytest.fixture(scope="module")
def before_2025():
    return fit("horizon", until="2024-12-31", bootstraps=200)


@pytest.mark.parametrize(
    ("window", "days", "within"),
    [
        ("since_2019_16h", 187.778, 0.01),
        ("since_2023_16h", 128.744, 0.01),
        ("since_2024_to_mid_2025", 89.0, 0.5),
        ("old_suite_2019_to_2025", 212.0, 0.5),
        ("old_suite_since_2023", 165.0, 0.5),
    ],
)
def test_the_same_models_give_the_published_doubling_time(fitted, window, days, within):
    assert fitted[window].value == pytest.approx(days, abs=within)


def test_what_the_published_values_leave_out_makes_the_doubling_time_shorter(fitted):
    assert fitted["since_2019"].value < fitted["since_2019_16h"].value
    assert fitted["since_2023"].value < fitted["since_2023_16h"].value
    assert fitted["since_2024"].value > fitted["since_2024_to_mid_2025"].value


def test_every_interval_holds_its_value_and_every_difference_is_explained(fitted):
    for e in fitted.estimates:
        assert e.low < e.value < e.high, e.name
        assert e.why or e.published is None, e.name


def test_the_frontier_is_what_the_source_flags():
    for suite, models in read(table("metr_time_horizons")).items():
        flagged = [r for r in table("metr_time_horizons") if r["suite"] == suite and r["frontier_p50"] == "1"]
        assert sorted(models.frontier().name) == sorted(r["model"] for r in flagged)


def test_horizon_against_eci_is_the_published_slope_and_goes_to_its_entry(fitted):
    slope, facts = fitted["per_point"], fitted.statistics
    assert facts["per_point_n"] == 20
    assert slope.value * np.log(2.0) == pytest.approx(0.1568, abs=0.002)
    assert facts["per_point_r_squared"] == pytest.approx(0.970, abs=0.001)
    assert slope.value < facts["per_point_major_axis"] < facts["per_point_reverse"]
    (path, entry), *others = fitted.entries().items()
    assert path in load("base").table and not others
    assert entry["value"] == slope.value and entry["grade"] == "fitted" and entry["unit"] == "1/ECI point"


def test_one_model_has_one_name_in_two_tables():
    assert words("claude_4_1_opus_inspect") == words("Claude Opus 4.1")
    assert words("GPT-2") == words("gpt2")
    assert words("claude_3_5_sonnet_20241022") == words("Claude 3.5 Sonnet (Oct 2024)")
    assert words("o3") != words("o3-pro") and words("GPT-4") != words("GPT-4o")
    # The same words, half a year apart: two models.
    assert same("GPT-4", 2023.2, ["GPT-4 (Jun 2023)", "GPT-4 (Mar 2023)"], [2023.45, 2023.2]) == 1
    assert same("GPT-4", 2024.0, ["GPT-4 (Jun 2023)"], [2023.45]) is None


def test_vintages_of_the_index_do_not_mix_in_the_join():
    scores = [{"model": "A", "date": "2024-01-01", "eci": "100", "vintage": v} for v in ("other", "epoch_2026-07")]
    scores[0]["eci"] = "999"
    assert horizon_on_eci.pairs([("a", 2024.0, 5.0)], scores) == [("a", 100.0, 5.0)]


def test_the_suite_effect_is_that_of_models_in_both_and_stitching_uses_it():
    rows = [row("A", "2020-01-01", s, m) for s, m in (("old", 1.0), ("new1", 2.0))]
    rows += [row("B", "2021-01-01", s, m) for s, m in (("old", 4.0), ("new1", 8.0))]
    rows += [row("C", "2019-01-01", "old", 0.5), row("D", "2024-01-01", "new1", 100.0)]
    suites = read(rows)
    assert np.allclose(longer(suites["old"], suites["new1"]), 1.0)
    joined = stitched(suites["old"], suites["new1"], "2023-01-01")
    assert np.allclose(joined.p50, [1.0, 2.0, 8.0, 100.0])


def test_a_planted_doubling_time_is_found_and_forecast():
    rng = np.random.default_rng(3)
    rows = planted(200.0, 16, lambda: np.exp(0.2 * rng.standard_normal()))
    found = horizon.fit(rows, bootstraps=400)
    assert found["since_2019"].low < 200.0 < found["since_2019"].high
    low, middle, high = found.predict([2025.0])
    truth = 2.0 ** ((2025.0 - 2019.0) * 365.25 / 200.0)
    assert low < truth < high and middle == pytest.approx(truth, rel=0.6)


@settings(max_examples=4, deadline=None)
@given(factor=st.floats(0.01, 100.0))
def test_the_unit_of_the_horizon_does_not_change_the_doubling_time(factor):
    one = horizon.fit(planted(150.0, 10), bootstraps=20)
    other = horizon.fit(planted(150.0, 10, lambda: factor), bootstraps=20)
    assert other["since_2019"].value == pytest.approx(one["since_2019"].value, rel=1e-6)


def test_before_2025_the_forecast_knows_only_what_was_released(before_2025):
    rows = [r for r in table("metr_time_horizons") if r["release_date"] <= "2024-12-31"]
    blind = horizon.fit(rows, bootstraps=200)
    assert np.array_equal(blind.predict([2026.0]), before_2025.predict([2026.0]))
    assert all(e.published is None for e in before_2025.estimates)


def test_a_slope_that_wanders_met_2025_better_than_a_straight_line(before_2025):
    held, facts = before_2025.held, before_2025.statistics
    assert len(held.label) == 8 and held.label[-1].startswith("Claude Mythos")
    assert facts["held_crps"] < facts["held_straight_crps"]
    assert facts["held_straight_coverage_90"] < 0.3 < facts["held_coverage_90"]
    # Where it missed, it missed from below and by little.
    missed = ~held.covered[0.9]
    assert np.all(held.observed[missed] < 1.3 * held.high[missed])


def test_the_band_widens_with_the_lead(fitted):
    low, _, high = fitted.predict([2026.5, 2027.5, 2028.5])
    assert np.all(np.diff(np.log2(high / low)) > 1.0)


def test_the_frontier_never_falls_below_the_last_record(fitted):
    last = max(r.p50.max() for r in read(table("metr_time_horizons")).values())
    assert fitted.members([2026.4, 2027.0], 500, 0).min() == pytest.approx(last)


def test_records_beat_what_came_before_and_the_best_of_the_day_counts():
    assert records([1, 2, 2, 3, 4], [5, 6, 7, 7, 8]).tolist() == [True, False, True, False, True]
    assert records([1.0, 1.05, 2.0], [1, 9, 10], settle=0.1).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("column", "text", "told"),
    [
        ("p50_min", "-3", "above 0"),
        ("p50_min", "", "above 0"),
        ("p50_min", "long", "no number"),
        ("release_date", "soon", "not a date"),
    ],
)
def test_a_row_that_cannot_be_is_named(column, text, told):
    rows = planted(150.0, 8)
    rows[3] = rows[3] | {column: text}
    with pytest.raises(InputError, match=told) as error:
        horizon.fit(rows)
    assert "M3" in str(error.value) and "\n" not in str(error.value)


def test_too_few_records_are_refused():
    with pytest.raises(InputError, match="5 records"):
        horizon.fit(planted(150.0, 5))


def test_missing_intervals_and_80_percent_horizons_are_no_obstacle(tmp_path):
    rows = [r | dict.fromkeys(("p50_min_ci_low", "p50_min_ci_high", "p80_min"), "") for r in planted(150.0, 8)]
    file = tmp_path / "mine.csv"
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    found = fit("horizon", data=file, bootstraps=50)
    assert found["since_2019"].value == pytest.approx(150.0)
    assert "p80_since_2019" not in {e.name for e in found.estimates}


def row(name, released, suite, minutes):
    cells = {"p50_min_ci_low": minutes / 2, "p50_min": minutes, "p50_min_ci_high": minutes * 2, "p80_min": minutes / 5}
    return {"release_date": released, "model": name, "suite": suite} | {k: repr(v) for k, v in cells.items()}


def planted(doubling, n, noise=lambda: 1.0):
    """A model every 120 days from 2019 on, of a horizon that doubles in `doubling` days."""
    days = 120 * np.arange(n)
    first = date(2019, 1, 1).toordinal()
    return [
        row(f"M{i}", date.fromordinal(int(first + d)).isoformat(), "S", float(2.0 ** (d / doubling) * noise()))
        for i, d in enumerate(days)
    ]


def test_the_picture_shows_what_was_held_out(before_2025):
    panel = before_2025.panels[0]
    assert [p.label for p in panel.points if p.held_out] == ["records held out"]
    assert {line.label for line in panel.lines} == {"slope that wanders", "straight line"}


def test_the_entry_of_base_is_what_the_fit_gives_now():
    path = "horizon_scale.per_point"
    given, entry = fit("horizon").entries()[path], entries()[path]
    assert (given["unit"], given["shape"], given["grade"]) == (entry.unit, entry.shape, entry.grade)
    assert [entry.value, entry.low, entry.high] == pytest.approx([given["value"], *given["range"]], abs=5e-5)
