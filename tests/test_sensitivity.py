"""Sensitivity: known indices are found, noise is told as noise, and a bar is what a run with that number says."""

import json

import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.core.run import run, run_arrays, run_chunk, samples_of, uncertain
from gigawatt.core.scenario import load
from gigawatt.study.indices import drawn, first_order, indices, noise_floor, rank_regression
from gigawatt.study.sensitivity import replaced, why
from gigawatt.study.target import middle, target
from gigawatt.view.why import brief, pictures, why_text

DRAWS = 256


@pytest.fixture(scope="module")
def scenario():
    return load("base").change(end="2027-12")


@pytest.fixture(scope="module")
def result(scenario):
    return run(scenario, DRAWS)


@pytest.fixture(scope="module")
def found(result):
    return why(result, "industry_revenue", most=3)


def test_indices_of_ishigamis_function():
    """Ishigami & Homma (1990) with a = 7, b = 0.1: 0.3139, 0.4424 and 0, from their integrals."""
    x = np.random.default_rng(0).uniform(-np.pi, np.pi, (20_000, 3))
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    total = 7**2 / 8 + 0.1 * np.pi**4 / 5 + 0.1**2 * np.pi**8 / 18 + 0.5
    exact = np.array([(1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 7**2 / 8, 0.0]) / total
    assert first_order(x, y[:, None])[:, 0] == pytest.approx(exact, abs=0.015)


def test_indices_of_a_linear_law_are_shares_of_its_variance():
    x = np.random.default_rng(1).normal(size=(4000, 4))
    slopes = np.array([3.0, 2.0, 1.0, 0.0])
    found = first_order(x, np.stack([x @ slopes, 5.0 - 2.0 * (x @ slopes)], axis=1))
    assert found == pytest.approx(np.repeat((slopes**2 / (slopes**2).sum())[:, None], 2, axis=1), abs=0.03)


def test_an_output_that_does_not_vary_hangs_on_nothing():
    assert np.all(first_order(np.random.default_rng(2).normal(size=(100, 3)), np.ones((100, 2))) == 0.0)


def test_numbers_that_do_nothing_pass_the_floor_in_one_case_of_twenty():
    n, numbers, cases = 500, 20, 400
    rng = np.random.default_rng(3)
    ranks = np.stack([rng.permutation(n) for _ in range(cases)], axis=1).astype(float)
    largest = first_order(rng.normal(size=(n, numbers)), ranks).max(axis=0)
    assert 0.02 < np.mean(largest > noise_floor(n, numbers)) < 0.09  # 0.05 within its sampling error and Bonferroni's
    assert first_order(rng.normal(size=(n, 200)), ranks[:, :1]).mean() == pytest.approx(0.0, abs=0.003)


def test_rank_regression_sees_through_any_scale():
    x = np.random.default_rng(4).normal(size=(2000, 3))
    slope = rank_regression(x, np.exp(5 * x[:, 0] - 2.5 * x[:, 1]))
    assert slope[0] > 0.8 and -0.5 < slope[1] < -0.3 and abs(slope[2]) < 0.03


def test_only_numbers_on_which_the_signal_depends_are_ranked(scenario):
    ranked = drawn(scenario, 64, 0, "industry_revenue")
    assert "segments.speed" in ranked and not any(path.startswith(("pipeline.", "misuse.")) for path in ranked)


def test_a_bar_is_what_a_run_with_that_number_says(scenario, found):
    bar = next(b for b in found.tornado if b.path == "segments.speed")
    low = run(scenario, DRAWS, set={bar.path: bar.low})["industry_revenue"].values[:, -1]
    assert bar.at_low == pytest.approx(float(np.median(low)), rel=1e-12)
    assert bar.at_low < found.base < bar.at_high


def test_a_bar_compiles_nothing(result, found):
    before = run_chunk._cache_size()
    why(result, "industry_revenue", most=2)
    assert run_chunk._cache_size() == before


def test_an_entry_of_one_label_moves_that_label_only(scenario):
    world = scenario.world()
    samples, groups = samples_of(scenario, world, 8, 0), uncertain(scenario, world)
    moved = replaced(samples, groups, "start.revenue.OpenAI", np.full(8, 99.0))
    others = np.delete(moved["start.revenue"], 0, axis=1)
    assert np.all(moved["start.revenue"][:, 0] == 99.0)
    assert np.array_equal(others, np.delete(samples["start.revenue"], 0, axis=1))
    assert all(np.array_equal(moved[p], samples[p]) for p in samples if p != "start.revenue")


def test_luck_can_be_had_twice(scenario):
    world, keep = scenario.world(), ("industry_revenue",)
    samples = {p: np.concatenate([x, x]) for p, x in samples_of(scenario, world, 4, 0).items()}
    twice = run_arrays(scenario, world, 8, 0, keep, samples=samples, luck=np.tile(np.arange(4), 2))[keep[0]]
    assert np.array_equal(twice[:4], twice[4:])
    assert np.array_equal(twice[:4], run_arrays(scenario, world, 4, 0, keep)[keep[0]])


def test_widest_bar_first_and_what_nobody_explains_is_left(found):
    assert [b.swing for b in found.tornado] == sorted((b.swing for b in found.tornado), reverse=True)
    assert all(0.0 < left < 1.0 for left in found.indices.rest) and found.indices.years == (2026, 2027)
    told = found.to_dict()
    assert told["indices"]["floor"] == found.indices.floor and len(told["tornado"]) == 3
    assert {"path", "label", "first", "now"} == set(told["indices"]["rows"][0])


def test_text_and_pictures_name_the_numbers(found):
    table = why_text(found).renderables[0]
    assert table.row_count == 3 and str(table.columns[0]._cells[0]).startswith(found.tornado[0].path)
    assert set(pictures(found)) == {"tornado", "indices"}


def test_a_long_meaning_keeps_its_label():
    assert brief("Further rate per share of work handed over, digital", 30) == "Further rate per sha…, digital"


def test_the_middle_of_yes_and_no_is_the_share_of_yes():
    assert middle(np.array([0.0, 1.0, 1.0, 1.0])) == 0.75 and middle(np.array([1.0, 2.0, 9.0])) == 2.0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"signal": "revenu"}, "no signal 'revenu'.*revenue"),
        ({"signal": "revenue"}, "per lab: give --label, one of OpenAI"),
        ({"signal": "revenue", "label": "Antropic"}, "no label 'Antropic'.*Anthropic"),
        ({"signal": "industry_revenue", "label": "OpenAI"}, "leave --label out"),
        ({"signal": "industry_revenue", "at": "2031-01"}, "--at 2031-01 is outside the run: .*2026-01 to 2027-12"),
        ({"signal": "industry_revenue", "at": "soon"}, "'soon' is not a date"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(scenario, asked, told):
    with pytest.raises(InputError, match=told) as error:
        target(scenario, **asked)
    assert "\n" not in str(error.value)


def test_too_few_draws_are_refused(scenario):
    with pytest.raises(InputError, match="from 10 draws would be noise: give at least 64"):
        indices(run(scenario, 10), target(scenario, "industry_revenue"))


def test_the_command_writes_pictures_and_plain_json(found, tmp_path, monkeypatch, capsys):
    import gigawatt.jobs_why as jobs

    monkeypatch.setattr(jobs, "reasons", lambda scenario, progress, **asked: found)
    jobs.why("base", None, {"signal": "industry_revenue"}, tmp_path / "out", as_json=True, quiet=True)
    assert json.loads(capsys.readouterr().out)["tornado"][0]["path"] == found.tornado[0].path
    assert {f.name for f in (tmp_path / "out").glob("*.png")} == {"tornado.png", "indices.png"}
