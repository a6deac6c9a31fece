"""What the named scenarios of the wider world must show, in runs of the world."""

import numpy as np
import pytest

from gigawatt.core.facts import fact
from gigawatt.core.run import run

DRAWS = 256
KEEP = ["genius", "output", "output_growth", "candidates", "approved", "review_wait", "robots", "robotics"]
KEEP += ["region_output", "region_growth", "theil"]
NAMES = ("base", "approval_jam", "approval_reform", "robotics_now", "robotics_plus_2", "catch_up_fails", "africa_build")


@pytest.fixture(scope="module")
def worlds():
    """Scenarios that are base with other numbers: one compiled world serves all."""
    return {name: run(name, DRAWS, keep=KEEP) for name in NAMES}


def at_end(world, signal, **where):
    return world[signal].sel(**where).isel(month=-1).values


def test_fixed_capacity_jams_and_reform_undoes_it_for_clear_cases(worlds):
    base, jam, reform = (worlds[n] for n in ("base", "approval_jam", "approval_reform"))
    waiting = [x["candidates"].sel(stage="review").values for x in (base, jam, reform)]
    assert np.all(waiting[1] >= waiting[0] - 1e-9) and np.all(waiting[2] <= waiting[1] + 1e-9)
    late = [np.median(at_end(x, "review_wait")) for x in (base, jam, reform)]
    assert late[2] < late[0] < late[1]
    more = at_end(reform, "approved") - at_end(jam, "approved")
    assert np.median(more) > 0.0 and np.all(more > -1e-6)


def test_robots_come_with_the_genius_level_or_two_years_after_it(worlds):
    def months(name, signal):
        reached = worlds[name][signal].values > 0.5
        return np.where(reached.any(axis=1), reached.argmax(axis=1), 10_000)

    genius = months("base", "genius")
    for name, lag in (("robotics_now", 0), ("robotics_plus_2", 24)):
        solved = months(name, "robotics")
        both = (solved < 10_000) & (genius < 10_000)
        assert both.mean() > 0.7 and np.all(np.abs(solved - genius - lag)[both] <= 1)
    few, base, many = (np.median(at_end(worlds[n], "robots")) for n in ("robotics_plus_2", "base", "robotics_now"))
    assert few < base < many


def test_regions_add_up_and_the_poor_lose_or_gain_as_said(worlds):
    for world in worlds.values():
        assert np.allclose(world["region_output"].sum("region"), world["output"], rtol=1e-9)
    base, fails, builds = (worlds[n] for n in ("base", "catch_up_fails", "africa_build"))
    for region in ("china", "india", "other_middle"):
        lost = at_end(fails, "region_output", region=region) / at_end(base, "region_output", region=region)
        assert np.median(lost) < 0.95
    assert np.median(at_end(fails, "theil")) > np.median(at_end(base, "theil"))
    gained = at_end(builds, "region_output", region="low_income") / at_end(base, "region_output", region="low_income")
    assert np.all(gained >= 1.0 - 1e-3) and np.median(gained) > 1.1


def test_growth_after_the_genius_level_is_what_was_stated_and_never_300_per_cent():
    belief = fact("gdp-growth-range")
    for name, goal in (("growth_10", belief.low), ("growth_20", belief.high)):
        world = run(name, DRAWS, keep=["genius", "output_growth"])
        growth, early = world["output_growth"].values, world["genius"].values[:, 24] > 0.5
        assert np.all(growth < fact("gdp-not-300").high)
        assert np.median(growth[early, -1]) == pytest.approx(goal, abs=0.01)  # eight years after it
        assert np.all(growth[:, -1] <= goal + 1e-9)


def test_silicon_valley_grows_by_half_and_elsewhere_goes_on():
    world = run("silicon_valley_50", DRAWS, keep=["genius", "output", "region_output", "region_growth"])
    assert np.allclose(world["region_output"].sum("region"), world["output"], rtol=1e-9)
    reached = world["genius"].values[:, -1] > 0.5
    linked = at_end(world, "region_growth", region="linked")
    assert np.allclose(linked[reached], fact("silicon-valley-growth").value)
    rest = world["output"] - world["region_output"].sel(region="linked")
    growth = (rest.isel(month=-1) / rest.isel(month=-13) - 1.0).values
    assert np.all(np.abs(np.quantile(growth, [0.05, 0.5, 0.95]) - 0.0296) < 0.008)  # the present pace
