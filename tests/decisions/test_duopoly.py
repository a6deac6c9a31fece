"""Two labs that build capacity over time: stored rules of QuantEcon's nnash, best responses, and limits."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.decisions import cournot, duopoly

STORED = json.loads((Path(__file__).parents[1] / "reference/planning/lq_dynamic_duopoly.json").read_text())["cases"]


@pytest.fixture(scope="module")
def found():
    given = {k: np.array([c["inputs"][k] for c in STORED]) for k in ("a0", "a1", "gamma", "beta")}
    return duopoly.capacity(given["a0"], given["a1"], given["gamma"][:, None], given["beta"])


def test_stored_rules_paths_and_ends(found):
    close = {"rtol": 1e-10, "atol": 1e-10}
    np.testing.assert_allclose(found.first, [c["F1"] for c in STORED], **close)
    np.testing.assert_allclose(found.second, [c["F2"] for c in STORED], **close)
    np.testing.assert_allclose(found.path(1.0, 10)[..., 0].T, [c["q_t"] for c in STORED], **close)
    np.testing.assert_allclose(found.steady[:, 0], [c["q_200"] for c in STORED], **close)
    np.testing.assert_allclose(found.static[:, 0], [c["static_cournot_q"] for c in STORED], **close)
    assert np.all(found.residual < 1e-12)


def test_a_lab_gains_by_no_other_rule(found):
    """Discounted profit of many other rules against the rival's, from the stored start."""
    case, rng = STORED[0]["inputs"], np.random.default_rng(5)
    mine, other = np.asarray(found.first[0]), np.asarray(found.second[0])

    def worth(rules):
        q1, q2, total = np.full(len(rules), 0.5), np.full(len(rules), 1.5), 0.0
        for t in range(600):
            x = np.stack([np.ones_like(q1), q1, q2])
            u1, u2 = -(rules.T * x).sum(0), -(other[:, None] * x).sum(0)
            profit = (case["a0"] - case["a1"] * (q1 + q2)) * q1 - case["gamma"] * u1**2
            total = total + case["beta"] ** t * profit
            q1, q2 = q1 + u1, q2 + u2
        return total

    tried = mine + rng.normal(0.0, 0.02, (300, 3))
    assert np.all(worth(tried) <= worth(mine[None]) + 1e-9)


def test_capacity_pre_empts_and_costs_order_the_labs():
    far = duopoly.capacity(10.0, 2.0, [12.0, 12.0], 0.96, [0.0, 1.0])
    assert far.steady[0] > far.static[0] and far.steady[0] > far.steady[1]
    np.testing.assert_allclose(far.static, cournot.linear(10.0, 2.0, [0.0, 1.0]).quantity, rtol=1e-12)


def test_steady_state_has_the_derivative_of_differences():
    def steady(gamma):
        return duopoly.capacity(10.0, 2.0, gamma, 0.96).steady[0]

    at = jnp.array([12.0, 12.0 + 1e-4, 12.0 - 1e-4])
    value, slope = jax.jit(jax.vmap(lambda g: jax.jvp(steady, (g,), (1.0,))))(at)
    np.testing.assert_allclose(slope[0], (value[1] - value[2]) / 2e-4, rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: duopoly.capacity(10.0, 0.0, 12.0, 0.96), "slope is 0"),
        (lambda: duopoly.capacity(10.0, 2.0, 0.0, 0.96), "adjustment is 0"),
        (lambda: duopoly.capacity(10.0, 2.0, 12.0, 1.0), "beta is 1"),
        (lambda: duopoly.capacity(10.0, 2.0, 12.0, 0.96, -1.0), "cost is -1"),
        (lambda: duopoly.capacity(10.0, 2.0, [1.0, 1.0, 1.0], 0.96), "adjustment"),
    ],
)
def test_bad_input_names_the_argument(call, words):
    with pytest.raises(InputError, match=words):
        call()
