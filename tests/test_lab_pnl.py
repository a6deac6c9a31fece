"""The lab P&L of the planning reference, built from mechanisms, gives the stored numbers and those of NumPy."""

import csv

import numpy as np
import pytest
from worlds.lab_pnl import MONTHS, REFERENCE, STORED, by_numpy, by_world, draw, regimes, world

COLUMNS = {
    "demand": "demand",
    "capacity": "capacity",
    "revenue": "revenue_rate",
    "bill": "bill_rate",
    "cash": "cash",
    "inference": "inference_share",
}
OTHERS = ("order", "least_cash", "present_value")


@pytest.fixture(scope="module")
def stored():
    """The four stored paths by column, (months, paths)."""
    with open(REFERENCE / "lab_pnl_v1_paths.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(r[name]) for r in rows]).reshape(-1, MONTHS).T for name in rows[0]}


@pytest.fixture(scope="module")
def paths(stored):
    """The same four by the world."""
    excess, begins = regimes(["fast", "mid", "late", "fast"])
    return by_world(world(), excess, begins, stored["z"], 4, (*COLUMNS, *OTHERS), slice(None))


@pytest.mark.parametrize("name", COLUMNS)
def test_each_month_of_the_stored_paths_is_met(paths, stored, name):
    np.testing.assert_allclose(paths[name], stored[COLUMNS[name]], rtol=1e-9, atol=1e-9)


def test_orders_are_those_stored_month_by_month(paths, stored):
    np.testing.assert_allclose(paths["order"] / 12, stored["order"], rtol=1e-9, atol=1e-9)


def test_final_cash_least_cash_and_present_value_are_those_stored(paths):
    for name, column in {"cash": "final_cash", "least_cash": "min_cash", "present_value": "npv"}.items():
        np.testing.assert_allclose(paths[name][-1], STORED["deterministic"][column], rtol=1e-9)


def test_the_stored_monte_carlo_is_met_by_the_world_and_by_numpy():
    excess, begins, shocks = draw(STORED["monte_carlo"]["n"])
    ours = {n: x[0] for n, x in by_world(world(), excess, begins, shocks, 4000).items()}
    plain = by_numpy(excess, begins, shocks)
    for name in plain:
        np.testing.assert_allclose(ours[name], plain[name], rtol=1e-9, atol=1e-9, err_msg=name)
    value, least, n = ours["present_value"], ours["least_cash"], shocks.shape[1]
    low, middle, high = np.percentile(value, [5, 50, 95])
    got = {
        "mean_npv": value.mean(),
        "se_npv": value.std() / np.sqrt(n),
        "pr_ruin": np.mean(least < 0.0),
        "cvar5_npv": np.sort(value)[: n // 20].mean(),
        "p5": low,
        "p50": middle,
        "p95": high,
        "mean_min_cash": least.mean(),
    }
    assert got == pytest.approx(STORED["monte_carlo"]["result"], rel=1e-9)


def test_paths_do_not_depend_on_the_chunk_they_run_in():
    drawn = draw(64)
    whole, parts = by_world(world(), *drawn, 64), by_world(world(), *drawn, 16)
    for name in whole:
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-12, err_msg=name)
