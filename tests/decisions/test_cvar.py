"""The mean of the worst share: closed forms, samples with a split atom, and the form that can be trained."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.errors import InputError
from gigawatt.decisions.cvar import cvar, rockafellar_uryasev, sample_cvar, value_at_risk
from gigawatt.decisions.distributions import (
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Normal,
    Poisson,
    StudentT,
    Uniform,
)

STORED = json.loads((Path(__file__).parents[1] / "reference/planning/cvar.json").read_text())
LAWS = {
    "normal": lambda row: Normal(row["mu"], row["sigma"]),
    "lognormal": lambda row: Lognormal(row["mu"], row["sigma"]),
    "exponential": lambda row: Exponential(row["mean"]),
    "uniform": lambda row: Uniform(row["low"], row["high"]),
    "student_t": lambda row: StudentT(row["df"]),
}


@pytest.mark.parametrize("row", STORED["closed_form"], ids=lambda row: f"{row['dist']}-{row['eta']}")
def test_closed_form_of_every_stored_law(row):
    law = LAWS[row["dist"]](row)
    np.testing.assert_allclose(value_at_risk(law, row["eta"]), row["VaR"], rtol=1e-12)
    np.testing.assert_allclose(cvar(law, row["eta"]), row["CVaR"], rtol=1e-12)


@pytest.mark.parametrize("row", STORED["samples"], ids=lambda row: f"{len(row['x'])}-{row['eta']}")
def test_sample_with_split_atom_sorted_in_any_order(row):
    backwards = jnp.array(row["x"][::-1], float), row["eta"], jnp.array(row["p"][::-1])
    np.testing.assert_allclose(sample_cvar(*backwards), row["CVaR"], rtol=1e-12)


@pytest.mark.parametrize("row", STORED["samples"], ids=lambda row: f"{len(row['x'])}-{row['eta']}")
def test_best_threshold_of_the_trainable_form_gives_the_cvar(row):
    x, p = jnp.array(row["x"], float), jnp.array(row["p"])
    values = [rockafellar_uryasev(x, threshold, row["eta"], p) for threshold in x]
    np.testing.assert_allclose(max(values), row["CVaR_by_Rockafellar_Uryasev_LP"], rtol=1e-12)
    at_risk = value_at_risk(Empirical(x, p), row["eta"])
    np.testing.assert_allclose(rockafellar_uryasev(x, at_risk, row["eta"], p), row["CVaR"], rtol=1e-12)


def test_each_outcome_moves_the_cvar_by_its_part_of_the_tail():
    weights = jax.grad(lambda x: sample_cvar(x, 0.05, jnp.array([0.02, 0.08, 0.2, 0.7])))(
        jnp.array([-100.0, -20.0, 0.0, 50.0])
    )
    np.testing.assert_allclose(weights, [0.4, 0.6, 0.0, 0.0], atol=1e-12)


def test_threshold_rises_until_it_is_the_value_at_risk():
    x = jnp.arange(1.0, 101.0)
    slope = jax.vmap(jax.grad(lambda threshold: rockafellar_uryasev(x, threshold, 0.1)))(
        jnp.array([5.5, 9.5, 10.5, 30.5])
    )
    np.testing.assert_allclose(slope, [0.5, 0.1, 0.0, -2.0], atol=1e-12)


@pytest.mark.parametrize(
    "law",
    [Normal(3.0, 2.0), Gamma(0.7, 5.0), StudentT(3.0, 1.0, 2.0), Uniform(-1.0, 4.0)],
    ids=lambda law: type(law).__name__,
)
def test_closed_form_is_the_average_of_quantiles(law):
    p = 0.1 * (jnp.arange(1000) + 0.5) / 1000
    np.testing.assert_allclose(cvar(law, 0.1), jnp.mean(law.quantile(p)), rtol=1e-2)


def test_count_on_the_edge_of_the_tail_counts_in_part():
    n = np.arange(100)
    pmf = np.exp(n * np.log(6.0) - 6.0 - np.cumsum(np.log(np.maximum(n, 1))))
    np.testing.assert_allclose(cvar(Poisson(6.0), 0.3), sample_cvar(n, 0.3, pmf / pmf.sum()), rtol=1e-11)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-100.0, 100.0), min_size=8, max_size=8), st.floats(0.01, 0.98))
def test_worse_tails_are_worse_and_the_whole_tail_is_the_mean(outcomes, eta):
    x = jnp.array(outcomes)
    assert sample_cvar(x, eta) <= sample_cvar(x, eta + 0.01) + 1e-9
    np.testing.assert_allclose(sample_cvar(x, 1.0), np.mean(outcomes), atol=1e-10)
    np.testing.assert_allclose(sample_cvar(3.0 * x + 2.0, eta), 3.0 * sample_cvar(x, eta) + 2.0, atol=1e-9)


def test_many_samples_run_in_one_compiled_call():
    paths = jax.random.normal(jax.random.key(0), (50, 2000))
    together = jax.jit(lambda x: sample_cvar(x, 0.05))(paths)
    by_sorting = jnp.sort(paths, axis=-1)[:, :100].mean(axis=-1)
    np.testing.assert_allclose(together, by_sorting, rtol=1e-12)
    np.testing.assert_allclose(
        rockafellar_uryasev(paths, jnp.sort(paths, axis=-1)[:, 99], 0.05), by_sorting, rtol=1e-12
    )


@pytest.mark.parametrize("eta", [0.0, 1.5])
def test_tail_outside_its_range_is_refused(eta):
    for call in (
        lambda: cvar(Normal(0.0, 1.0), eta),
        lambda: sample_cvar(jnp.arange(3.0), eta),
        lambda: rockafellar_uryasev(jnp.arange(3.0), 1.0, eta),
    ):
        with pytest.raises(InputError, match="eta is"):
            call()
