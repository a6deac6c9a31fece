"""Comparisons: paired draws, and the differences of the scenarios behind them, on cases known by hand."""

import json

import numpy as np
import pytest
import xarray as xr

import gigawatt as gw
from gigawatt.core.errors import InputError
from gigawatt.study.compare import compare, differences, sentences, telling

BASE = gw.load("base")
SLOW = BASE.change(set={"segments.speed": 0.2})


def result(values: np.ndarray, scenario=BASE, name: str = "base", seed: int = 0, lab: bool = False) -> xr.Dataset:
    """A result of two years with one signal that has `values` (draw,) or (draw, lab) in every month."""
    dims = ("draw", "month", "lab") if lab else ("draw", "month")
    cash = np.repeat(np.asarray(values, float)[:, None], 24, axis=1)
    return xr.Dataset(
        {"cash": (dims, cash, {"units": "bn USD", "long_name": "Cash"})},
        {
            "draw": np.arange(len(cash)),
            "month": np.arange(24),
            "year": ("month", 2026 + (np.arange(24) + 1) / 12),
            **({"lab": ["A", "B"]} if lab else {}),
        },
        {"recipe": scenario.recipe(), "scenario": name, "seed": seed, "draws": len(cash)},
    )


A = np.array([1.0, 10.0, 100.0])


def test_differences_are_taken_within_a_draw_and_not_between_quantiles():
    moved = compare(result(A), result(A[::-1].copy()))["cash"].sel(year=2027)
    assert moved.sel(what="a", statistic="p50") == moved.sel(what="b", statistic="p50") == 10
    assert moved.sel(what="difference", statistic="p95") == pytest.approx(0.9 * 99)
    assert moved.sel(what="ratio", statistic="p50") == 1


def test_doubling_every_draw_is_a_ratio_of_two_without_spread():
    ratio = compare(result(A), result(2 * A))["cash"].sel(what="ratio")
    assert np.all(ratio == 2) and list(ratio["year"]) == [2026, 2027]


def test_ratio_of_what_can_be_zero_or_less_is_not_given():
    moved = compare(result(A - 1), result(A))
    assert np.isnan(moved["cash"].sel(what="ratio")).all()
    assert sentences(moved, 2027, why=False) == ["Cash at the end of 2027 differs from base by +1 bn USD (+1 to +1)."]


def test_a_result_with_more_draws_is_compared_over_those_that_both_have():
    more = compare(result(A[:2]), result(A))
    assert more.attrs["draws"] == 2 and np.all(more["cash"].sel(what="difference") == 0)


def test_other_seeds_are_no_pairs():
    with pytest.raises(InputError, match="seed 0 against 1.*same --seed"):
        compare(result(A), result(A, seed=1))


def test_a_missing_signal_names_the_nearest():
    with pytest.raises(InputError, match="'csh'.*Did you mean 'cash'"):
        compare(result(A), result(A), "csh")


def test_no_common_year_is_an_error():
    later = result(A)
    later["year"] = later["year"] + 5
    with pytest.raises(InputError, match="no full calendar year in common"):
        compare(result(A), later)


def test_the_sentence_says_how_much_and_through_what():
    (said,) = sentences(compare(result(A), result(0.42 * A, SLOW, "slow")), 2027)
    assert said.startswith("Cash at the end of 2027 is 0.42 times that of base (0.42 to 0.42), through segments.speed ")
    assert said.endswith("-> 0.2.")


def test_each_lab_gets_its_sentence_and_sure_signals_their_share_of_draws():
    one = np.array([[1.0, 1.0], [1.0, 0.0]])
    said = sentences(compare(result(one, lab=True), result(one * 0, lab=True)), 2026, why=False)
    assert said == [
        "Cash of A at the end of 2026 is 1 in 0% of draws, against 100% in base.",
        "Cash of B at the end of 2026 is 1 in 0% of draws, against 50% in base.",
    ]


def test_a_year_outside_the_comparison_says_which_there_are():
    with pytest.raises(InputError, match="no year 2040: choose one from 2026 to 2027"):
        sentences(compare(result(A), result(A)), 2040)


def test_same_scenarios_do_not_differ():
    assert differences(BASE.recipe(), BASE.recipe()) == []


def test_differences_name_numbers_levers_holds_mechanisms_and_time():
    changed = BASE.change(
        set={"segments.speed": 0.2},
        lever={"segments.speed": {"2027-01": 0.5}},
        hold={"output": {"2026-01": 118000.0, "2027-01": 120000.0}},
        use=["demand.Trend"],
        end="2030-12",
    )
    found = {d.kind: d for d in differences(BASE.recipe(), changed.recipe())}
    assert set(found) == {"number", "lever", "hold", "mechanism", "time"}
    assert (found["number"].name, found["number"].b) == ("segments.speed", "0.2")
    assert (found["lever"].a, found["lever"].b) == ("", "2027-01: 0.5")
    assert found["hold"].b == "2026-01: 118000, 2027-01: 120000"
    assert (found["mechanism"].a, found["mechanism"].b) == ("demand.Spending", "demand.Trend")
    assert (found["time"].name, found["time"].b) == ("end", "2030-12")


def test_a_scenario_is_run_like_the_result_it_is_compared_with(base):
    moved = compare(base, SLOW)
    assert (moved.attrs["draws"], moved.attrs["seed"]) == (base.sizes["draw"], base.attrs["seed"])
    assert list(moved.data_vars) == list(base.data_vars)
    assert [d["name"] for d in json.loads(moved.attrs["through"])] == ["segments.speed"]
    # shared noise: what diffusion cannot reach in the first year does not differ by luck
    assert float(moved["it_power"].sel(what="ratio", statistic="p50", year=2026)) == pytest.approx(1, abs=0.02)


def test_scenarios_that_differ_in_a_law_that_only_reports_are_told_by_what_follows_from_it():
    said = telling(BASE, gw.load("approval_jam"))
    assert {"review_wait", "approvals", "to_patient"} <= set(said)  # the pipeline and, behind it, delivery
    assert "industry_revenue" not in said and "robots" not in said
    both = telling(BASE, gw.load("growth_20"))
    assert {"industry_revenue", "output_growth"} <= set(both)
    slow = telling(BASE, SLOW)
    assert {"industry_revenue", "work_by_ai", "done"} <= set(slow) and "share" not in slow  # not by lab
    assert telling(BASE, BASE) == telling(BASE, BASE.change(set={"start.price": 12.0}))


def test_scenarios_of_rules_and_security_are_told_by_their_own_laws():
    keen, firm = telling(BASE, gw.load("mutual_optimism")), telling(BASE, gw.load("export_control"))
    assert {"war_chance", "war"} <= set(keen) and "rival_compute" not in keen
    assert {"rival_compute", "war"} <= set(firm)  # and what reads it
    assert "practice" not in telling(BASE, gw.load("race_to_bottom"))  # a row for each lab would drown the page
