"""Losses of language models: published optima, repetition, serving, and text that runs short."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.entry import entries
from gigawatt.core.observed import number, table
from gigawatt.mechanisms import loss
from gigawatt.mechanisms.loss import chinchilla_loss, compute_optimal

HOFFMANN = {"A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}  # Hoffmann et al. (2022), eq. 10
MUENNIGHOFF = {"A": 521.0, "B": 1488.0, "alpha": 0.3526596, "beta": 0.3526596}  # their appendix A, eq. 17
DECAY = {"token_decay": 15.387756, "parameter_decay": 5.309743}  # the same
E = 1.87  # the same


def published(fit):
    """Five numbers of scaling_law_params.csv, without E."""
    row = next(r for r in table("scaling_law_params") if r["fit"] == fit)
    return {name: number(row, name) for name in ("A", "B", "alpha", "beta")}


# ---------------------------------------------------------------- one pass


@pytest.mark.parametrize("flop", [1e20, 5.76e23, 1e27])
def test_compute_optimal_spends_the_budget_and_cannot_be_beaten(flop):
    parameters, tokens = compute_optimal(flop, **HOFFMANN)
    assert 6.0 * parameters * tokens == pytest.approx(flop)
    at = lambda n: chinchilla_loss(n, flop / 6.0 / n, E=1.69, **HOFFMANN)  # noqa: E731
    others = parameters * np.geomspace(0.1, 10.0, 41)
    assert np.argmin(at(others)) == 20
    assert jax.grad(at)(parameters) * parameters == pytest.approx(0.0, abs=1e-12)


def test_loss_of_chinchilla_is_near_the_published_value():
    # 70 billion parameters, 1.4 trillion tokens: 1.69 + 0.083 + 0.163 from eq. 10
    assert chinchilla_loss(70e9, 1.4e12, E=1.69, **HOFFMANN) == pytest.approx(1.937, abs=2e-3)


def test_the_replication_gives_eighteen_tokens_a_parameter_and_the_original_numbers_many_more():
    assert loss.tokens_per_parameter(5.76e23, **published("besiroglu_2024")) == pytest.approx(18.3, abs=0.05)
    assert loss.tokens_per_parameter(5.76e23, **published("hoffmann_2022_unrounded")) > 50.0


def test_tokens_for_which_a_size_is_optimal_are_read_back():
    parameters, tokens = compute_optimal(1e24, **HOFFMANN)
    assert loss.optimal_parameters(tokens, **HOFFMANN) == pytest.approx(float(parameters))


@given(flop=st.floats(1e19, 1e30), alpha=st.floats(0.1, 0.9), beta=st.floats(0.1, 0.9))
@settings(max_examples=50, deadline=None)
def test_compute_for_a_loss_inverts_the_frontier(flop, alpha, beta):
    law = {"A": 400.0, "B": 2000.0, "alpha": alpha, "beta": beta}
    at = chinchilla_loss(*compute_optimal(flop, **law), E=1.8, **law)
    if at > 1.8 * (1.0 + 1e-6):  # nearer to E the digits of the loss run out
        assert loss.compute_for_loss(at, E=1.8, **law) == pytest.approx(flop, rel=1e-3)


def test_no_compute_reaches_the_loss_that_nothing_removes():
    assert np.isinf(loss.compute_for_loss(jnp.array([1.69, 1.5]), E=1.69, **HOFFMANN)).all()
    assert np.isfinite(jax.grad(loss.compute_for_loss)(2.0, E=1.69, **HOFFMANN))


# ---------------------------------------------------------------- repeated tokens


def test_repeated_tokens_are_worth_what_the_paper_says():
    # Muennighoff et al. (2023), section 3.1: at R* repetitions they are worth 1 - 1/e of fresh ones, 1 + R* in all
    decay = DECAY["token_decay"]
    repeated = loss.worth(1.0 + decay, 1.0, decay) - 1.0
    assert repeated / decay == pytest.approx(1.0 - np.exp(-1.0))
    assert loss.worth(1e4, 1.0, decay) == pytest.approx(1.0 + decay)
    assert 0.92 < loss.worth(4.0, 1.0, decay) / 4.0 < 0.94  # four epochs are almost as good as fresh tokens


def test_while_text_suffices_nothing_is_lost():
    assert loss.worth(jnp.array([0.3, 1.0]), 1.0, 15.0) == pytest.approx([0.3, 1.0])
    n, d = compute_optimal(1e22, **MUENNIGHOFF)
    constrained = loss.data_constrained_loss(n, d, 10.0 * d, E=E, **MUENNIGHOFF, **DECAY)
    assert constrained == pytest.approx(float(chinchilla_loss(n, d, E=E, **MUENNIGHOFF)))
    assert loss.data_constrained_optimal(1e22, 10.0 * d, **MUENNIGHOFF, **DECAY) == pytest.approx([float(n), float(d)])


@pytest.mark.parametrize("flop", [1e22, 1e24, 1e26])
def test_the_data_constrained_optimum_cannot_be_beaten_and_prefers_epochs_to_size(flop):
    unique = 1e11
    n, d = loss.data_constrained_optimal(flop, unique, **MUENNIGHOFF, **DECAY)
    assert 6.0 * n * d == pytest.approx(flop)
    others = n * np.geomspace(0.2, 5.0, 401)
    losses = loss.data_constrained_loss(others, flop / 6.0 / others, unique, E=E, **MUENNIGHOFF, **DECAY)
    assert np.argmin(losses) == 200
    assert d > compute_optimal(flop, **MUENNIGHOFF)[1]  # excess parameters decay faster: R_N* < R_D*


def test_the_constrained_optimum_is_batched_and_its_derivative_is_that_of_the_solution():
    size = lambda unique: loss.data_constrained_optimal(1e24, unique, **MUENNIGHOFF, **DECAY)[0]  # noqa: E731
    many = size(jnp.array([1e11, 1e12]))
    assert many == pytest.approx([float(size(1e11)), float(size(1e12))])
    assert jax.grad(size)(1e11) == pytest.approx(float(size(1.0001e11) - size(0.9999e11)) / 2e7, rel=1e-5)


def test_equivalent_compute_is_the_compute_with_fresh_text_that_reaches_the_same_loss():
    flop = 1e24
    n, d = compute_optimal(flop, **MUENNIGHOFF)
    for passes in (1.0, 2.0, 5.0, 18.0):
        at = loss.data_constrained_loss(n, d, d / passes, E=E, **MUENNIGHOFF, **DECAY)
        known = loss.compute_for_loss(at, E=E, **MUENNIGHOFF) / flop
        law = (MUENNIGHOFF["alpha"], MUENNIGHOFF["beta"], *DECAY.values())
        assert loss.equivalent_compute(passes, *law) == pytest.approx(float(known))


@given(
    st.floats(0.01, 100.0),
    st.tuples(st.floats(0.2, 0.6), st.floats(0.2, 0.6), st.floats(2.0, 40.0), st.floats(2.0, 40.0)),
)
@settings(max_examples=50, deadline=None)
def test_equivalent_compute_is_a_share_that_falls_with_scarcity(scarcity, law):
    now, scarcer = (float(loss.equivalent_compute(s, *law)) for s in (scarcity, 1.1 * scarcity))
    assert 0.0 < scarcer <= now + 1e-9 and now <= 1.0 + 1e-9  # rounding
    if scarcity <= 1.0:
        assert now == pytest.approx(1.0)
    elif scarcity > 1.05:
        assert scarcer < now < 1.0


def test_keeping_the_shares_of_fresh_text_costs_a_tenth_at_most_against_the_best_choice():
    law = (MUENNIGHOFF["alpha"], MUENNIGHOFF["beta"], *DECAY.values())
    for flop in (1e23, 1e24, 1e25):
        kept = loss.equivalent_compute(compute_optimal(flop, **MUENNIGHOFF)[1] / 1e11, *law)
        n, d = loss.data_constrained_optimal(flop, 1e11, **MUENNIGHOFF, **DECAY)
        best = loss.data_constrained_loss(n, d, 1e11, E=E, **MUENNIGHOFF, **DECAY)
        best = loss.compute_for_loss(best, E=E, **MUENNIGHOFF) / flop
        assert 0.9 * best < kept <= best


# ---------------------------------------------------------------- models that are served


def test_the_example_of_sardana_et_al_is_met():
    # their figure 1: as good as 13 billion parameters, 2 trillion tokens served: 7 billion save 17 per cent
    law = published("hoffmann_2022_unrounded")
    at = 1.6934 + law["A"] / 13e9 ** law["alpha"] * (1.0 + law["alpha"] / law["beta"])
    big, tokens = loss.loss_optimum(at, E=1.6934, **law)
    assert big == pytest.approx(13e9)
    n, d = loss.lifetime_optimal(at, 2e12, E=1.6934, **law)
    saved = 1.0 - loss.lifetime_flop(n, d, 2e12) / loss.lifetime_flop(big, tokens, 2e12)
    assert n == pytest.approx(7e9, rel=0.02) and d / tokens == pytest.approx(2.1, abs=0.05)
    assert saved == pytest.approx(0.17, abs=0.01)


@pytest.mark.parametrize("served", [1e10, 1e12, 1e14])
def test_the_lifetime_optimum_keeps_the_loss_and_cannot_be_beaten(served):
    law, at = published("besiroglu_2024"), 2.1
    n, d = loss.lifetime_optimal(at, served, E=1.817, **law)
    assert chinchilla_loss(n, d, E=1.817, **law) == pytest.approx(at)
    others = n * np.geomspace(1.0 / 1.1, 1.1, 201)
    left = at - 1.817 - law["A"] / others ** law["alpha"]
    cost = loss.lifetime_flop(others, (law["B"] / left) ** (1.0 / law["beta"]), served)
    assert np.argmin(cost) == pytest.approx(100, abs=1)


def test_nothing_served_is_the_training_optimum_and_more_served_means_smaller():
    law = published("besiroglu_2024")
    n, d = loss.lifetime_optimal(2.0, jnp.array([0.0, 1e12, 1e13, 1e15]), E=1.817, **law)
    assert (n[0], d[0]) == pytest.approx([float(x) for x in loss.loss_optimum(2.0, E=1.817, **law)])
    assert (np.diff(n) < 0).all() and (np.diff(d) > 0).all()
    assert np.isinf(loss.lifetime_optimal(1.7, 1e12, E=1.817, **law)[0])


def test_over_training_cost_is_one_at_the_optimum_and_more_on_both_sides():
    law = published("besiroglu_2024")
    size = np.array([0.25, 0.5, 1.0, 2.0])
    cost = loss.over_training_cost(size, law["alpha"], law["beta"])
    assert cost[2] == pytest.approx(1.0) and (np.delete(cost, 2) > 1.0).all() and cost[0] > cost[1]
    best = loss.compute_for_loss(2.0, E=1.817, **law)
    n = size[1] * loss.loss_optimum(2.0, E=1.817, **law)[0]
    d = (law["B"] / (2.0 - 1.817 - law["A"] / n ** law["alpha"])) ** (1.0 / law["beta"])
    assert cost[1] == pytest.approx(float(6.0 * n * d / best))
    assert np.isinf(loss.over_training_cost(0.01, law["alpha"], law["beta"]))


# ---------------------------------------------------------------- in the month


def data_of(flop, **numbers):
    """What counts of the text that runs of this size could use."""
    return loss.DataStock(axes={"lab": ("a",)}, **numbers).begin(training_run=jnp.atleast_1d(jnp.asarray(flop)))["data"]


def test_text_suffices_today_and_is_repeated_by_runs_a_thousand_times_larger():
    assert data_of(5e26)[0] == pytest.approx(1.0)
    assert data_of(5e29)[0] < 0.95


def test_each_lab_wants_text_for_its_own_run():
    stock = loss.DataStock()
    assert stock.wanted(5.76e23) == pytest.approx(float(np.sqrt(5.76e23 * stock.tokens_per_parameter / 6.0)))
    alone, beside = data_of(1e29), data_of([1e29, 1e31])
    assert beside[0] == alone[0] > beside[1]


def test_a_larger_run_never_counts_for_less_however_short_the_text():
    counts = jnp.logspace(25, 36, 60) * data_of(jnp.logspace(25, 36, 60), stock=1e13)
    assert np.all(np.diff(counts) >= -1e-12 * counts[1:])


def test_the_stock_grows_at_its_rate_whatever_the_step():
    stock = loss.DataStock(growth=0.3)
    year, month = stock.stock, stock.stock
    year = stock(training_run=jnp.array([1e26]), prev_token_stock=year, dt=1.0).token_stock
    for _ in range(12):
        month = stock(training_run=jnp.array([1e26]), prev_token_stock=month, dt=1 / 12).token_stock
    assert month == pytest.approx(float(year)) == pytest.approx(float(stock.stock) * np.exp(0.3))


def test_more_text_never_hurts():
    data = [float(data_of(1e30, stock=s)[0]) for s in (1e14, 3e14, 1e15, 1e17)]
    assert data == sorted(data) and data[-1] == pytest.approx(1.0)


def test_entries_name_the_fit_they_come_from():
    for name in ("alpha", "beta", "tokens_per_parameter"):
        entry = entries()[f"data_stock.{name}"]
        assert entry.grade == "fitted" and "gigawatt fit scaling" in entry.place
