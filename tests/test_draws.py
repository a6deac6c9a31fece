"""Samples: stratified, prefix-stable, independent by name, correlated on request."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from toys import entry

from gigawatt.core.draws import probabilities, sample, shipped_correlations, stratified
from gigawatt.core.entry import entries
from gigawatt.core.errors import InputError

names = st.text(min_size=1, max_size=12)
seeds = st.integers(0, 2**31 - 1)


@given(names, seeds, st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_every_power_of_two_hits_each_stratum_once(name, seed, level):
    n = 2**level
    strata = np.floor(stratified(name, seed, n) * n).astype(int)
    assert sorted(strata) == list(range(n))


@given(names, seeds, st.integers(1, 300), st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_more_draws_extend_and_never_reshuffle(name, seed, n, m):
    few, many = sorted((n, m))
    assert np.array_equal(stratified(name, seed, many)[:few], stratified(name, seed, few))


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_streams_of_different_names_and_seeds_are_independent(seed):
    n = 1024
    u = [stratified("orders.lead", seed, n), stratified("orders.lead", seed ^ 1, n), stratified("a", seed, n)]
    for i in range(3):
        for j in range(i):
            assert abs(np.corrcoef(u[i], u[j])[0, 1]) < 5 / np.sqrt(n)
            # pairs fill the square, not a few lines of it
            cells = np.unique(np.floor(8 * u[i]) * 8 + np.floor(8 * u[j]))
            assert len(cells) == 64


def test_neighbouring_draws_are_unrelated():
    u = stratified("orders.lead", 0, 4096)
    for lag in (1, 2, 64, 1024, 2048):
        assert abs(np.corrcoef(u[:-lag], u[lag:])[0, 1]) < 5 / np.sqrt(len(u) - lag)


def test_samples_meet_the_percentiles_of_their_entry():
    wide = entry("a.b", 2.0, "GW", low=1.0, high=10.0, shape="lognormal")
    x = sample({"a.b": [wide]}, 0, 4096, ())["a.b"]
    assert x.shape == (4096, 1)
    np.testing.assert_allclose(np.quantile(x, [0.05, 0.5, 0.95]), [1.0, 2.0, 10.0], rtol=5e-3)


def test_a_value_for_all_labels_is_drawn_once_and_values_by_label_are_drawn_apart():
    shared = entry("a.b", 2.0, "GW", low=1.0, high=3.0, shape="normal")
    own = [entry(f"a.c.{x}", 2.0, "GW", low=1.0, high=3.0, shape="normal") for x in "AB"]
    drawn = sample({"a.b": [shared, shared], "a.c": own}, 0, 64, ())
    assert np.array_equal(drawn["a.b"][:, 0], drawn["a.b"][:, 1])
    assert abs(np.corrcoef(drawn["a.c"].T)[0, 1]) < 0.5


def test_another_number_or_a_certain_one_leaves_the_rest_as_it_was():
    def one(path, **other):
        return [entry(path, 2.0, "GW", **other)]

    wide = {"low": 1.0, "high": 3.0, "shape": "normal"}
    few = sample({"b": one("b", **wide)}, 3, 32, ())
    many = sample({"a": one("a", **wide), "b": one("b", **wide), "c": one("c")}, 3, 32, ())
    assert np.array_equal(few["b"], many["b"])
    assert np.all(many["c"] == 2.0)


@pytest.mark.parametrize("r", [-0.8, 0.3, 0.9])
def test_correlated_pairs_reach_their_rank_correlation_and_keep_their_margins(r):
    n = 8192
    u = probabilities(["a", "b", "c"], 0, n, [("a", "b", r)])
    assert spearmanr(u["a"], u["b"]).statistic == pytest.approx(r, abs=0.03)
    assert abs(spearmanr(u["a"], stratified("c", 0, n)).statistic) < 0.05
    assert set(u) == {"a", "b"}  # who is linked to nobody keeps a stream of its own
    for name in "ab":
        np.testing.assert_allclose(np.quantile(u[name], [0.05, 0.5, 0.95]), [0.05, 0.5, 0.95], atol=0.02)


def test_correlated_draws_are_prefix_stable_too():
    pair = [("a", "b", 0.7)]
    many, few = probabilities("ab", 0, 100, pair), probabilities("ab", 0, 37, pair)
    assert all(np.allclose(many[x][:37], few[x], rtol=1e-14, atol=0) for x in "ab")


def test_correlations_that_contradict_one_another_are_named():
    pairs = [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)]
    with pytest.raises(InputError, match="correlations among a, b, c contradict one another: weaken one"):
        probabilities("abc", 0, 8, pairs)


def test_shipped_correlations_join_uncertain_entries():
    for first, second, r in shipped_correlations():
        assert entries()[first].uncertain and entries()[second].uncertain, (first, second)
        assert -1.0 < r < 1.0
