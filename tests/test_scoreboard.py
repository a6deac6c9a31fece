"""Scoreboard: every hindcast in one form, calibration that tells, and a ledger that names who will score it."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from gigawatt.core.observed import about
from gigawatt.core.path import year_of
from gigawatt.core.scenario import load
from gigawatt.study import buildout_hindcast, revenue_hindcast
from gigawatt.study.hindcast import hindcast
from gigawatt.study.ledger import due, observed
from gigawatt.study.score import pit
from gigawatt.study.scoreboard import Board, day_of, scoreboard
from gigawatt.view.scoreboard import losses, scoreboard_figure, scoreboard_text

DRAWS = 256


@pytest.fixture(scope="module")
def found():
    return scoreboard(draws=DRAWS)


def test_the_integral_transform_of_a_calibrated_forecast_is_uniform():
    rng = np.random.default_rng(0)
    centre = rng.normal(size=2000)
    members, came = centre + rng.normal(size=(500, 2000)), centre + rng.normal(size=2000)
    assert np.histogram(pit(members, came), 5, (0, 1))[0] / 2000 == pytest.approx(0.2, abs=0.03)
    assert np.histogram(pit(members * 0.5 + centre * 0.5, came), 5, (0, 1))[0][[0, 4]].sum() > 900  # too sure: the ends


def test_the_integral_transform_is_the_share_below_with_ties_by_halves():
    assert pit([1.0, 2.0, 2.0, 4.0], 2.0) == 0.5 and pit([1.0, 2.0], 9.0) == 1.0 and pit([3.0], 2.0) == 0.0
    assert pit(norm.ppf((np.arange(1000) + 0.5) / 1000), 1.0) == pytest.approx(norm.cdf(1.0), abs=1e-3)


def test_every_point_of_every_hindcast_is_there_with_its_score(found):
    world, buildout, revenue = found.boards
    parts = (hindcast(draws=DRAWS), buildout_hindcast.hindcast(), revenue_hindcast.hindcast())
    for board, part in zip((world, buildout, revenue), parts, strict=True):
        assert [p.crps for p in board.points] == [p.crps for p in part.points]
        assert [p.observed for p in board.points] == [p.observed for p in part.points]
    assert found.all.mean() == pytest.approx(np.mean([p.crps for b in found.boards for p in b.points]))


def test_what_was_seen_holds_what_came(found):
    for board in found.boards:
        assert board.seen.keys() == {p.series for p in board.points}
        for p in board.points:
            at = year_of(p.at) + 1 / 365.25
            near = [value for year, value in board.seen[p.series] if abs(year - at) < 2 / 365.25]
            assert any(value == pytest.approx(p.observed, rel=1e-9) for value in near), p


def test_bands_coverage_and_transform_agree(found):
    for p in found.all.points:
        assert p.p05 <= p.p25 <= p.p50 <= p.p75 <= p.p95 and p.origin < p.at
        assert p.covered[0.9] == (0.05 <= p.pit <= 0.95) or min(abs(p.pit - 0.05), abs(p.pit - 0.95)) < 0.01
    assert sum(found.all.calibration()) == pytest.approx(1.0)


def test_where_the_rival_was_better_it_is_said(found):
    world, buildout, _ = found.boards
    assert world.ratio("crps_moved") < 1.0
    told = losses(found)
    assert not any(world.title in s for s in told)
    worse = replace(buildout, points=tuple(replace(p, crps=2 * p.crps_moved) for p in buildout.points))
    assert any("lost" in s and worse.title in s for s in losses(replace(found, boards=(world, worse))))


def test_the_ledger_says_four_quarters_and_three_years_and_who_scores(found):
    assert due(load("base")) == ["2026-03", "2026-06", "2026-09", "2026-12", "2027-12", "2028-12", "2030-12"]
    for f in found.ledger:
        assert f.p05 <= f.p25 <= f.p50 <= f.p75 <= f.p95
        assert f.file.removesuffix(".csv") in about() and f.caveat
        assert (f.observed is None) == (f.pit is None) == (f.inside is None)
    assert {"revenue", "power", "chip_power", "horizon", ""} <= {f.signal for f in found.ledger}


def test_the_newest_start_says_the_same_series_of_later_dates_and_nothing_that_came_before_it(found):
    assert due(load("nowcast_2026_06")) == ["2026-06", "2026-09", "2026-12", "2027-03", "2027-12", "2028-12", "2030-12"]
    assert {(f.signal, f.label) for f in found.nowcast} == {(f.signal, f.label) for f in found.ledger}
    assert {f.scenario for f in found.nowcast} == {"nowcast_2026_06"} and {f.scenario for f in found.ledger} == {"base"}
    assert all(f.at >= load("nowcast_2026_06").begin for f in found.nowcast)
    assert all(f.observed is None for f in found.nowcast), (
        "rows after May 2026 ship: retell docs/explanation/nowcast.md"
    )


def test_dates_of_a_late_start_lie_after_it():
    assert due(replace(load("base"), begin="2029-02")) == ["2029-03", "2029-06", "2029-09", "2029-12", "2030-12"]


def test_the_ledger_says_spending_by_quarter_and_year(found):
    rows = {(f.meaning.rsplit(" ", 1)[1], f.at): f for f in found.ledger if f.file == "hyperscaler_capex.csv"}
    assert list(rows) == [("quarter", at) for at in ("2026-06", "2026-09", "2026-12", "2027-12")] + [
        ("year", "2026-12")
    ]
    came = buildout_hindcast.observed()["capex"].value[-1]  # of the first quarter
    quarters = [rows["quarter", at].p50 for at in ("2026-06", "2026-09", "2026-12")]
    assert rows["year", "2026-12"].p50 == pytest.approx(came + sum(quarters), rel=0.03)
    assert came < quarters[0] < quarters[1] < quarters[2]


def test_what_came_is_taken_from_the_series_and_never_from_the_future():
    assert observed("revenue", "Anthropic", "2025-12") == 9.0
    assert observed("revenue", "Anthropic", "2027-12") is None  # beyond the last report
    assert observed("revenue", "OpenAI", "2026-03") is None  # no report within two weeks
    assert observed("horizon", "", "2026-01") < observed("horizon", "", "2026-03")  # records only grow


def test_a_miss_is_said(found):
    missed = [f for f in found.ledger if f.inside is False]
    assert all(any(f.at in s and f.label in s for s in losses(found) if s.startswith("Missed")) for f in missed)


def test_days_of_years_are_the_inverse_of_years_of_days():
    for date in ("2024-01-01", "2025-06-09", "2025-12-31", "2026-02-28", "2026-05-15", "2025-07-01"):
        assert day_of(year_of(date)) == date


def test_a_board_counts_wins_point_by_point(found):
    board = Board(found.boards[1].points[:4], "four", "Four")
    assert board.wins("crps_moved") == sum(p.crps < p.crps_moved for p in board.points)
    told = board.to_dict()
    assert set(told["coverage"]) == {"50", "90"} and len(told["points"]) == 4 and "covered" not in told["points"][0]


def test_text_and_picture_show_every_board(found):
    parts = scoreboard_text(found).renderables
    assert parts[0].row_count == len(found.boards) + 1
    assert [str(t.title).split()[1] for t in (parts[-3], parts[-1])] == ["base", "nowcast_2026_06"]
    assert len(scoreboard_figure(found).axes) == 2


def test_the_command_writes_the_ledger(tmp_path, monkeypatch, found):
    import gigawatt.jobs_why as jobs

    monkeypatch.setattr(jobs, "scores", lambda draws, seed: found)
    jobs.scoreboard(DRAWS, 0, tmp_path / "out", as_json=False, quiet=True)
    rows = list(csv.DictReader((tmp_path / "out" / "ledger.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == len(found.ledger) + len(found.nowcast) and float(rows[0]["p50"]) == found.ledger[0].p50
