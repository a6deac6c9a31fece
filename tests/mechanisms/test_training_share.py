"""The share of compute that a lab keeps for training when customers would take it all (S21)."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.run import run
from gigawatt.mechanisms.split import Split, interior_training_share, training_share_by_revenue

LABS = 6


@settings(max_examples=50, deadline=None)
@given(st.floats(1.0, 1e4), st.floats(0.1, 10.0), st.floats(1.0, 1e4))
def test_no_other_share_is_worth_more(worth, value, compute):
    def total(share):
        return worth * np.log(share * compute) + value * (1.0 - share) * compute

    best = float(interior_training_share(worth, value, compute))
    others = np.linspace(1e-3, 1.0, 1000)
    assert total(best) >= np.max(total(others)) - 1e-9 * abs(total(best))


def test_the_toy_lab_trains_with_half_and_an_e_fold_is_worth_its_revenue():
    assert float(interior_training_share(150.0, 3.0, 100.0)) == 0.5
    assert float(training_share_by_revenue(1.0)) == 0.5


def test_more_compute_lowers_the_share_and_dearer_serving_too_while_research_in_money_stays():
    compute = jnp.asarray([100.0, 200.0, 400.0])
    share = interior_training_share(50.0, 1.0, compute)
    assert jnp.allclose(share * compute, 50.0)
    assert float(interior_training_share(50.0, 2.0, 100.0)) == 0.25


def test_training_takes_all_compute_when_it_is_worth_more_than_all_serving():
    assert float(interior_training_share(50.0, 1.0, 20.0)) == 1.0


@settings(max_examples=50, deadline=None)
@given(st.floats(0.0, 100.0), st.floats(0.1, 10.0), st.floats(1.0, 1e4))
def test_the_share_by_revenue_values_an_e_fold_at_the_revenue_it_leaves(worth, value, compute):
    share = training_share_by_revenue(worth)
    left = value * (1.0 - share) * compute
    assert float(interior_training_share(worth * left, value, compute)) == pytest.approx(float(share), abs=1e-12)


def served(belief, **values):
    """A month of labs with 10 GW each and demand for far more than all of it, at 20 bn a GW-year."""
    row = jnp.ones(LABS)
    return Split(own_use=0.0, **values)(
        power=10.0 * row,
        compute=1e7 * row,
        bill=100.0 * row,
        prev_own_power=0.0 * row,
        prev_alive=row,
        prev_wanted=1e4 * row,
        prev_belief=belief * row,
        prev_spending_limit=jnp.asarray(1e6),
        prev_revenue_per_power=20.0 * row,
        dt=1.0 / 12.0,
    )


def test_without_the_rule_demand_takes_all_that_a_lab_gives_to_serving():
    out, most = served(1.0), float(Split().inference_max)
    assert jnp.all(out.inference_limit == most)
    assert jnp.allclose(out.inference, 10.0 * most)


def test_a_lab_under_the_rule_keeps_its_share_and_the_others_do_not():
    worth = jnp.zeros(LABS).at[1].set(1.0)
    out = served(0.0, training_worth=worth)
    assert float(out.research[1]) == pytest.approx(5.0)
    assert jnp.allclose(jnp.delete(out.research, 1), jnp.delete(served(0.0).research, 1))


def test_a_lab_that_sees_fast_growth_trains_more_and_serving_never_passes_its_limit():
    calm, fast = served(0.0, training_worth=0.5), served(1.5, training_worth=0.5)
    assert jnp.all(fast.research > calm.research)
    timid = served(0.0, training_worth=0.01)
    assert jnp.all(timid.inference_limit == Split().inference_max)


def test_in_the_world_the_rule_leaves_less_to_serve_while_demand_fills_compute():
    def research_share(**change):
        out = run("full_tenfold", 4, until="2027-12", keep=["research", "lab_power"], **change)
        return (out["research"] / out["lab_power"]).sel(lab="Anthropic").values[:, -1]

    kept = research_share(set={"split.training_worth.Anthropic": 2.0})
    assert np.all(kept > research_share()) and np.all(kept >= 2.0 / 3.0)
