"""The fit of the capability index: growth of record scores, the break of 2024, the forecast."""

import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.study.fit import fit
from gigawatt.study.fits import eci


@pytest.fixture(scope="module")
def fitted():
    return fit("eci", bootstraps=400)


@pytest.fixture(scope="module")
def before_2025():
    return fit("eci", until="2024-12-31", bootstraps=100)


def test_growth_since_april_2024_is_near_the_published(fitted):
    for name in ("growth_since_2024_04", "growth_after"):
        assert fitted[name].low < fitted[name].published.value < fitted[name].high + 0.5
        assert fitted[name].value == pytest.approx(15.5, abs=1.0)


def test_the_break_is_in_spring_2024_and_growth_rises_there(fitted):
    when = fitted["break_date"]
    assert when.low <= when.value <= when.high
    assert abs(when.value - when.published.value) < 0.25
    assert fitted["growth_before"].high < fitted["growth_after"].low


def test_the_break_is_told_with_what_speaks_against_it(fitted):
    facts = fitted.statistics
    assert facts["p_value_residual"] < 0.02
    # Dependence and unequal spread make it less sure, and the first row of the table unmakes it.
    assert facts["p_value_residual"] < facts["p_value_wild"] < 0.1
    assert facts["p_value_from_first_row"] > 0.2
    assert any("running maxima" in note for note in fitted.notes)


def test_records_are_those_of_the_source_without_the_first_weeks():
    shipped = {r["model"] for r in table("eci_scores") if r["frontier_in_vintage"] == "1"}
    name, _, year, score = eci.one_vintage(table("eci_scores"))
    found = set(name[eci.records(year, score, eci.SETTLE)])
    assert shipped - found == {"LLaMA-65B"} and found < shipped


def test_vintages_never_mix():
    name, *_ = eci.one_vintage(table("eci_scores"))
    assert len(name) == 171
    mixed = [r | {"vintage": f"mine-{i % 2}"} for i, r in enumerate(table("eci_scores"))]
    with pytest.raises(InputError, match="scales differ"):
        eci.fit(mixed)


def test_a_shift_of_the_scale_moves_the_forecast_and_nothing_else(fitted):
    rows = [r | {"eci": repr(float(r["eci"]) + 50.0)} for r in table("eci_scores") if r["vintage"] == eci.VINTAGE]
    moved = eci.fit(rows, bootstraps=400)
    assert moved["growth"].value == pytest.approx(fitted["growth"].value)
    assert moved["break_date"].value == pytest.approx(fitted["break_date"].value)
    assert moved.predict([2027.0])[1] == pytest.approx(fitted.predict([2027.0])[1] + 50.0, abs=0.01)


def test_the_forecast_made_before_2025_covers_what_came(before_2025):
    held, facts = before_2025.held, before_2025.statistics
    assert len(held.label) == 10 and held.coverage() == 1.0
    assert facts["held_crps"] < facts["held_straight_crps"]
    blind = eci.fit([r for r in table("eci_scores") if r["date"] <= "2024-12-31"], bootstraps=100)
    assert np.array_equal(blind.predict([2026.0]), before_2025.predict([2026.0]))


def test_planted_growth_is_found():
    rng = np.random.default_rng(1)
    rows = [model(i, 100.0 + 10.0 * i / 4 + 0.5 * rng.standard_normal()) for i in range(20)]
    found = eci.fit(rows, bootstraps=300)
    assert found["growth"].low < 10.0 < found["growth"].high
    assert found.statistics["p_value_residual"] > 0.05
    low, _, high = found.predict([2025.5])
    assert low < 155.0 < high


@pytest.mark.parametrize(("cell", "told"), [({"eci": ""}, "eci = nan"), ({"date": "2023-13-01"}, "not a date")])
def test_a_row_that_cannot_be_is_named(cell, told):
    rows = [model(i, 100.0 + i) for i in range(10)]
    rows[4] |= cell
    with pytest.raises(InputError, match=told) as error:
        eci.fit(rows)
    assert "M4" in str(error.value) and "\n" not in str(error.value)


def test_too_few_records_are_refused():
    with pytest.raises(InputError, match="5 records"):
        fit("eci", until="2024-06-30")


def model(i, score):
    """The i-th of four models a year."""
    date = f"{2020 + i // 4}-{1 + 3 * (i % 4):02}-01"
    return {"date": date, "model": f"M{i}", "eci": repr(score), "vintage": "planted"}
