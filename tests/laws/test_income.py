"""Groups of countries by income: the world is their sum, in work and in money, and nobody passes a ceiling."""

import jax.numpy as jnp
import numpy as np
import pytest

import gigawatt as gw
from gigawatt.core.entry import entries
from gigawatt.core.scenario import load
from gigawatt.mechanisms.demand import Spending, SpendingByIncome
from gigawatt.mechanisms.diffusion import IncomeGroups, Segments, begun_behind, diffuse

DT = 1.0 / 12.0
STATE = {"automatable": 0.3, "prev_automatable": 0.29, "prev_cleared": np.full(6, 0.5), "dt": DT}


@pytest.fixture(scope="module")
def run():
    return gw.run("by_income", draws=8, keep="all")


def test_work_and_spending_of_the_groups_add_up_to_the_world(run):
    total = (run["work_by_income"] * run["wages_by_income"]).sum("income")
    np.testing.assert_allclose(total, run["work_by_ai"])
    np.testing.assert_allclose(run["spending_by_income"].sum("income"), run["spending"])
    np.testing.assert_allclose(run["wages_by_income"].sum("income"), 1.0)


def test_every_group_stays_beneath_its_own_ceilings(run):
    assert (run["work_by_income"] <= run["automatable"] + 1e-12).all()
    assert (run["spending_by_income"] <= run["spending_limit"] * run["wages_by_income"] * (1 + 1e-12)).all()
    assert (run["spending_by_income"] > 0.0).all()


def test_richer_groups_are_ahead_and_segments_of_the_world_lie_between(run):
    assert (run["work_by_income"].sel(income="high") >= run["work_by_income"].sel(income="middle")).mean() > 0.95
    assert (run["done"].isel(month=-1) <= run["leading"].isel(month=-1) + 1e-12).all()


def test_the_world_begins_as_in_base():
    known = load("base").world().start_values()
    ours = load("by_income").world().start_values()
    assert float(ours["work_by_ai"]) == pytest.approx(float(known["work_by_ai"]))
    law = IncomeGroups()
    assert float(jnp.sum(law.weight * ours["work_by_income"])) == pytest.approx(float(ours["work_by_ai"]))
    assert ours["work_by_income"][1] / ours["work_by_income"][0] == pytest.approx(0.56)


def test_without_a_lag_and_alike_at_the_start_it_is_the_inner_law():
    law, inner = IncomeGroups(lag=np.zeros(3), start=np.ones(3)), Segments()
    done = jnp.linspace(0.02, 0.1, 6)
    mine = law(prev_leading=done, prev_work_by_income=jnp.full(3, inner.total(done)), **STATE)
    theirs = inner(prev_done=done, **STATE)
    assert mine.work_by_ai == pytest.approx(float(theirs.work_by_ai), rel=1e-9)
    np.testing.assert_allclose(mine.done, theirs.done, rtol=1e-9)


@pytest.mark.parametrize("pace", [0.2, 0.8])
def test_behind_use_that_grows_steadily_a_group_keeps_its_distance(pace):
    # dA/dt = (e^(g t) - A) / L settles at e^(g t) / (1 + g L)
    lag, use, step = 3.0, 0.0, 1.0 / 48.0
    for month in range(48 * 40):
        use = float(diffuse(use, np.exp(pace * month * step), 1.0 / lag, step))
    assert use / np.exp(pace * month * step) == pytest.approx(1.0 / (1.0 + pace * lag), rel=0.01)


def test_use_at_the_start_is_shared_out_by_wages():
    use = begun_behind(0.1, jnp.array([0.6, 0.3, 0.1]), jnp.array([1.0, 0.5, 0.0]))
    assert use == pytest.approx([0.1 / 0.75, 0.05 / 0.75, 0.0])


def test_a_rich_group_pays_no_more_than_its_wages_of_what_models_can_do():
    law = SpendingByIncome(inner=Spending(capture=1.0))
    state = {"automatable": 0.1, "prev_output": 1e5, "prev_captured": 3.0, "prev_mood": 0.0, "normal": 0.0, "dt": DT}
    found = law(
        work_by_ai=0.07, work_by_income=jnp.array([0.09, 0.03, 0.0]), wages_by_income=jnp.array([0.7, 0.2, 0.1]),
        **state,
    )  # fmt: skip
    assert found.spending_by_income[0] == pytest.approx(float(0.7 * found.spending_limit))
    assert found.spending < law.inner(work_by_ai=0.07, **state).spending  # the world alone would pay more
    assert entries()["income_groups.lag.high"].value == 0.0
