"""Guidance: a walk that is recovered, what it says of the quarters left, and the prior of wandering that is learnt."""

import numpy as np
import pytest

import gigawatt  # noqa: F401
from gigawatt.core.errors import InputError
from gigawatt.core.observed import about, table
from gigawatt.study import guidance
from gigawatt.study.fits.localtrend import learnt_step

FIRMS = ("Alphabet", "Amazon", "Meta", "Microsoft")


def known(*said, spent=None):
    """Two firms that spend 1 and 3 a quarter from 2021 to the middle of 2024, and statements of five firms at once."""
    ends = [f"{y}-{e}" for y in (2021, 2022, 2023, 2024) for e in ("03-31", "06-30", "09-30", "12-31")][:14]
    spent = spent or {"A": {d: 1.0 for d in ends}, "B": {d: 3.0 for d in ends}}
    return guidance.Known(tuple(guidance.Statement(*s) for s in said), spent)


def steady(drift=0.0):
    """Guidance of other firms that moves by `drift` a year and by nothing else."""
    return [(f"2022-{m:02d}-01", f"x{m}", "2022-12-31", np.exp(drift * (m - 1) / 12)) for m in (1, 4, 7, 10)] + [
        (f"2022-{m + 2:02d}-01", f"x{m}", "2022-12-31", np.exp(drift * (m + 1) / 12)) for m in (1, 4, 7, 10)
    ]


def test_the_table_is_as_described():
    rows, told = table("capex_guidance"), about()["capex_guidance"]
    assert len(rows) == told["rows"] and (rows[0]["date"], rows[-1]["date"]) == (told["first"], told["last"])
    assert set(rows[0]) == set(told["columns"])
    assert all(float(r["low"]) <= float(r["value"]) <= float(r["high"]) for r in rows if r["low"])


def test_drift_and_spread_of_a_planted_walk_are_recovered():
    rng = np.random.default_rng(0)
    years = rng.uniform(0.1, 1.0, 4000)
    found = guidance.walk(np.stack([years, 0.1 * years + 0.2 * np.sqrt(years) * rng.standard_normal(4000)], axis=1))
    assert found.drift == pytest.approx(0.1, abs=3 * found.sd / np.sqrt(years.sum()))
    assert found.sd == pytest.approx(0.2, rel=0.04)


def test_what_came_ends_the_walk_only_once_the_year_is_over():
    said = ("2023-02-01", "A", "2023-12-31", 5.0)
    (step,) = guidance.steps(known(said))
    assert step[1] == pytest.approx(np.log(4.0 / 5.0))
    assert len(guidance.steps(known(said).until("2023-12-30"))) == 0


def test_guidance_of_all_firms_adds_up_to_what_they_say():
    # A says 6 for a year of which 2 are spent, B 14 of which 6: (4 + 8) / 2 a quarter are left
    at = known(*steady(), ("2024-02-01", "A", "2024-12-31", 6.0), ("2024-02-01", "B", "2024-12-31", 14.0))
    found = guidance.ahead(at, ("A", "B"))
    assert np.exp(found.y) == pytest.approx([6.0]) and found.error == pytest.approx([0.0], abs=1e-9)
    assert found.t == pytest.approx([2024.875])


def test_past_bias_is_taken_off():
    at = known(*steady(-0.3), ("2024-02-01", "A", "2024-12-31", 6.0), ("2024-02-01", "B", "2024-12-31", 14.0))
    left = 11 / 12
    assert np.exp(guidance.ahead(at, ("A", "B")).y[0]) == pytest.approx((20 * np.exp(-0.3 * left) - 8) / 2, rel=0.01)


def test_one_firm_speaks_for_all_with_the_error_that_this_has_had():
    said = (*steady(), ("2024-02-01", "A", "2024-12-31", 6.0))
    found = guidance.ahead(known(*said), ("A", "B"))
    assert np.exp(found.y) == pytest.approx([8.0]) and found.error == pytest.approx([0.0], abs=1e-9)  # never apart
    spent = known(*said).spent
    spent["B"] = {d: v * (1 + k % 5) for k, (d, v) in enumerate(spent["B"].items())}
    assert guidance.ahead(known(*said, spent=spent), ("A", "B")).error[0] > 0.1


@pytest.mark.parametrize(
    "said", [[], [("2024-02-01", "A", "2024-12-31", 1.9)], [("2022-02-01", "A", "2022-12-31", 6.0)]]
)
def test_nothing_is_said_where_nobody_speaks_or_all_is_spent(said):
    found = guidance.ahead(known(*steady(), *said), ("A", "B"))
    assert len(found.t) == len(found.y) == len(found.error) == 0
    assert len(guidance.ahead(known(*said), ("A", "B")).t) == 0  # and no law without three steps behind


def test_owners_said_less_than_came_in_the_boom():
    # a fact of the shipped table: in 2025 guidance rose through the year, before 2024 Meta's fell
    walks = {
        date: guidance.walk(guidance.steps(guidance.shipped().until(date))) for date in ("2024-06-30", "2026-05-31")
    }
    assert walks["2024-06-30"].drift < 0.0 < walks["2026-05-31"].drift
    (quarter,) = np.exp(guidance.ahead(guidance.shipped().until("2025-06-30"), FIRMS).y)
    assert quarter < 97.0  # and the two quarters brought 97 and 119


def test_a_statement_that_is_no_amount_is_refused():
    rows = [{**r, "value": "0"} for r in table("capex_guidance")]
    with pytest.raises(InputError, match="not above zero"):
        guidance.shipped(rows)


def test_the_wandering_of_a_pool_is_recovered():
    rng = np.random.default_rng(1)
    t = np.arange(0.0, 5.0, 0.25)
    for step in (0.1, 0.8):
        slopes = np.cumsum(step * 0.5 * rng.standard_normal((30, len(t))), axis=1)
        level = np.cumsum(0.25 * slopes, axis=1) + 0.03 * rng.standard_normal((30, len(t)))
        assert learnt_step((t, y) for y in level) == pytest.approx(step, rel=0.45)
    flat = 1e-3 * rng.standard_normal((5, len(t)))
    assert learnt_step((t, y) for y in flat) < 0.02
