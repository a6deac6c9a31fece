"""The hindcast: nothing later than its date unless it says so, and honest scores against a fair rival."""

import re
from dataclasses import replace

import numpy as np
import pytest
from shared import DRAWS, check_sources

from gigawatt.core.errors import InputError
from gigawatt.core.mechanism import entries_for
from gigawatt.core.scenario import load
from gigawatt.study.hindcast import LEVELS, additions_grown, hindcast, observed_series, wider_start
from gigawatt.study.score import crps_ensemble
from gigawatt.view.hindcast import hindcast_figure, hindcast_text


@pytest.fixture(scope="module")
def scenario():
    return load("hindcast_2023")


@pytest.fixture(scope="module")
def result(scenario):
    return hindcast(scenario, DRAWS)


def test_a_number_that_rests_on_a_later_date_says_so(scenario):
    for entry in scenario.set.values():
        said = f"{entry.place} {entry.note}"
        later = re.findall(r"\b20(?:2[4-9]|3\d)\b", said)
        assert not later or "LATER" in said, f"{entry.path} names {later}: write LATER and why"


def test_every_level_at_the_start_is_of_2023(scenario):
    world = scenario.world()
    starts = {p: k for p, k in world.numbers().items() if p.startswith("start.")}
    assert starts
    for path, kind in starts.items():
        for entry in entries_for(path, kind, world.axes, scenario.table):
            assert entry.path in scenario.set, f"{entry.path} is left at its level of the base scenario"


def test_every_number_names_a_source_that_exists_and_a_place(scenario):
    check_sources(scenario)


def test_labs_add_up_to_the_industry_of_the_observed_series(scenario):
    compute, power = observed_series(2024, scenario)[2:4]
    total = {
        what: sum(e.value for p, e in scenario.set.items() if p.startswith(f"start.{what}."))
        for what in ("compute", "power")
    }
    assert total["compute"] == pytest.approx(compute.observed[2023], rel=1e-3)
    assert total["power"] / scenario.set["power.it_per_chip"].value == pytest.approx(power.observed[2023], rel=1e-2)


def test_last_years_growth_starts_from_the_observed_level(scenario):
    for series in observed_series(2024, scenario):
        assert float(series.grown(np.zeros(()))) == pytest.approx(series.observed[2023])


def test_additions_to_a_stock_keep_growing_as_last_year():
    grown = additions_grown({2022: 1.0, 2023: 3.0}, 2024)
    assert grown(np.array([0.0, 1.0, 2.0])) == pytest.approx([3.0, 7.0, 15.0])  # adds 1, 2, then 4 and 8


def test_ten_points_are_scored_each_beside_the_same_year_end(result):
    assert len(result.points) == 10
    assert {p.date for p in result.points} == {"2024-12-31", "2025-12-31"}
    assert all(
        p.bands[0.9][0] <= p.bands[0.5][0] <= p.median <= p.bands[0.5][1] <= p.bands[0.9][1] for p in result.points
    )
    assert all(p.covered[0.9] or not p.covered[0.5] for p in result.points)


def test_scores_are_those_of_the_draws_on_the_log_scale(result):
    series = result.series[2]
    draws = result.signal(series).values[:, 11]
    first = next(p for p in result.points if p.series == series.name)
    assert first.crps == pytest.approx(float(crps_ensemble(np.log(draws), np.log(series.observed[2024]))))
    assert first.crps_point == pytest.approx(abs(np.log(first.naive / first.observed)))


def test_the_rival_with_our_width_scores_as_we_do_where_the_centres_agree(result):
    for p in result.points:
        if abs(np.log(p.naive / p.median)) < 0.02:
            assert p.crps_moved == pytest.approx(p.crps, rel=0.1)
        assert p.crps_moved <= p.crps_point + p.crps + abs(np.log(p.median / p.observed))


def test_a_ruined_lab_costs_much_but_not_without_end(result):
    lab = next(s for s in result.series if s.lab == "Anthropic")
    assert (result.signal(lab).values[:, -1] == 0.0).any(), "no draw sees the ruin that this test is about"
    assert all(np.isfinite([p.crps, p.crps_moved]).all() for p in result.points)


def test_coverage_and_ratios_summarise_the_points(result):
    half = sum(p.covered[0.5] for p in result.points)
    assert result.coverage(0.5) == half / 10
    assert result.ratio("crps_moved") == pytest.approx(
        sum(p.crps for p in result.points) / sum(p.crps_moved for p in result.points)
    )
    assert result.wins("crps_moved") == sum(p.crps < p.crps_moved for p in result.points)


def test_wider_starts_stretch_only_start_values_on_their_own_scale(scenario):
    wide = wider_start(scenario, 2.0)
    old, new = (s.set["start.price"] for s in (scenario, wide))
    assert np.log(new.high / new.value) == pytest.approx(2 * np.log(old.high / old.value))
    assert wide.set["spending.noise"] == scenario.set["spending.noise"]
    same = wider_start(scenario, 1.0).set["start.price"]
    assert (same.low, same.high) == pytest.approx((old.low, old.high))


@pytest.mark.parametrize(
    ("scenario", "width", "message"),
    [("base", 1.0, "scored is 2024-01 to 2025-12"), ("hindcast_2023", 0.0, "give a factor above 0")],
)
def test_what_cannot_be_scored_is_refused_in_one_line(scenario, width, message):
    with pytest.raises(InputError, match=message) as error:
        hindcast(scenario, DRAWS, start_width=width)
    assert "\n" not in str(error.value)


def test_the_table_and_the_figure_show_every_series(result):
    text, figure = hindcast_text(result), hindcast_figure(result)
    titles = {ax.get_title(loc="left") for ax in figure.axes}
    assert all(s.name in text and s.name in titles for s in result.series)
    assert f"of {len(result.points)} in the 90 % band" in text
    note = " ".join(t.get_text() for t in figure.texts)
    assert f"{DRAWS} draws, seed 0" in note and "gigawatt" in note


def test_the_table_marks_what_lies_outside_its_band(result):
    missed = replace(result.points[0], observed=1e9, covered=dict.fromkeys(LEVELS, False))
    first, second = (hindcast_text(replace(result, points=(p,))) for p in (result.points[0], missed))
    assert second.splitlines()[1].count("!") == 2 > first.splitlines()[1].count("!") or not all(
        result.points[0].covered.values()
    )
