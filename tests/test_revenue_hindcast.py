"""Revenue hindcast: what is scored, against what, and that nothing later is seen."""

import numpy as np
import pytest

import gigawatt  # noqa: F401
from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.study import revenue_hindcast as study
from gigawatt.study.fits.bend import Seller


@pytest.fixture(scope="module")
def shipped():
    return study.hindcast()


def rows():
    return [dict(row) for row in table("lab_revenue")]


def test_every_origin_with_three_reports_is_scored_and_the_other_is_named(shipped):
    pairs = {(p.lab, p.origin) for p in shipped.points}
    assert pairs == {(lab, o) for lab in study.LABS for o in study.ORIGINS} - {("Anthropic", "2024-06-30")}
    assert shipped.skipped == ("Anthropic from 2024-06-30: fewer than 3 reports",)
    assert all(p.crps > 0 and p.low < p.median < p.high for p in shipped.points)


def test_openai_in_2024_was_growing_slower_than_the_year_before(shipped):
    # the case for a bend: last year's growth from mid-2024 says 23 bn a year later, 10 came
    part = shipped.of("OpenAI", "2024-06-30")
    assert part.mean("crps") < 0.3 * part.mean("crps_moved") < 0.3 * part.mean("crps_grown")


def test_on_the_whole_the_bend_scores_better_than_last_years_growth(shipped):
    assert shipped.mean("crps") < shipped.mean("crps_moved") < shipped.mean("crps_grown")
    assert shipped.coverage(0.9) >= 0.8


def test_for_anthropic_last_years_growth_was_better(shipped):
    # a fact to be told, not a wish: its growth did not fall with size
    part = shipped.of("Anthropic")
    assert part.mean("crps") > part.mean("crps_grown")


def test_the_future_does_not_change_a_forecast(shipped):
    cut = [{**r, "value": "99"} if r["date"] > "2025-12-31" else r for r in rows()]
    other = study.hindcast(cut, origins=("2025-06-30",))
    for a, b in zip(shipped.of(origin="2025-06-30").points, other.points, strict=True):
        if b.date < 2026.0:
            assert (a.median, a.low, a.high, a.crps) == (b.median, b.low, b.high, b.crps)


def test_later_reports_are_scored_too():
    more = [*rows(), {**rows()[0], "lab": "OpenAI", "date": "2026-12-31", "value": "50"}]
    points = study.hindcast(more, labs=("OpenAI",), origins=("2025-12-31",)).points
    assert points[-1].observed == pytest.approx(50.0) and points[-1].wanted == "12 months"


def test_last_years_growth_is_the_line_through_the_last_report_and_a_year_before():
    steady = Seller(np.array([2022.0, 2023.0, 2024.0]), np.log([1.0, 5.0, 10.0]))
    assert np.exp(study.last_year_continued(steady, [2025.0])) == pytest.approx([20.0])
    young = Seller(np.array([2023.5, 2023.75, 2024.0]), np.log([1.0, 1.5, 2.0]))
    assert np.exp(study.last_year_continued(young, [2024.5])) == pytest.approx([4.0])


def test_the_baseline_with_the_models_width_differs_in_its_centre_only(shipped):
    members = np.random.default_rng(0).normal(1.0, 0.3, 2000)
    middle = float(np.median(members))
    point = study.scored("x", "2024-06-30", "last", 2025.0, 1.2, members, middle)
    assert point.crps_moved == pytest.approx(point.crps)
    assert study.scored("x", "2024-06-30", "last", 2025.0, 1.2, members, 3.0).crps_moved > point.crps


def test_nothing_to_score_is_told_in_one_line():
    with pytest.raises(InputError, match="name other labs") as error:
        study.hindcast(labs=("Nobody",))
    assert "\n" not in str(error.value)


def test_the_table_holds_every_point(shipped):
    assert len(study.text(shipped).splitlines()) == len(shipped.points) + 2
