"""Quantities as the choice: stored equilibria, who leaves, who is full, who enters, and what always holds."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.errors import InputError
from gigawatt.decisions import cournot, substitutes

STORED = json.loads((Path(__file__).parents[1] / "reference/planning/cournot_closed_forms.json").read_text())


def close(found, expected, what=""):
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10, err_msg=what)


@pytest.mark.parametrize("case", STORED["cournot_linear_symmetric"], ids=lambda c: f"n={c['n']}")
def test_stored_equilibrium_of_equal_labs(case):
    a, b, c, n = (case[k] for k in ("a", "b", "c", "n"))
    found, alike = cournot.linear(a, b, np.full(n, float(c))), cournot.symmetric(a, b, c, n)
    expected = {"price": "P", "total": "Q", "surplus": "consumer_surplus", "welfare": "total_welfare"}
    for field, key in (expected | {"hhi": "HHI", "deadweight": "dwl"}).items():
        close(getattr(found, field), case[key], field)
    for field, key in {"quantity": "q", "profit": "profit_per_firm", "lerner": "lerner"}.items():
        close(getattr(found, field), case[key], field)
    close([alike.price, alike.quantity, alike.profit], [case[k] for k in ("P", "q", "profit_per_firm")])
    close(alike.welfare, case["total_welfare"])


@pytest.mark.parametrize("case", STORED["cournot_linear_asymmetric"], ids=lambda c: str(c["costs"]))
def test_stored_equilibrium_of_labs_that_differ(case):
    found = cournot.linear(case["a"], case["b"], case["costs"])
    for field, key in {"price": "P", "total": "Q", "quantity": "q", "profit": "profits", "share": "shares"}.items():
        close(getattr(found, field), case[key], field)
    close(found.hhi, case["HHI"])
    assert np.flatnonzero(found.quantity > 0.0).tolist() == case["active"]


@pytest.mark.parametrize("case", STORED["cournot_capacity_constrained"], ids=lambda c: str(c["capacity"][:2]))
def test_stored_equilibrium_within_capacity(case):
    found = cournot.linear(case["a"], case["b"], case["costs"], case["capacity"])
    for field, key in {"price": "P", "quantity": "q", "profit": "profits"}.items():
        close(getattr(found, field), case[key], field)
    close(found.shadow_price, case["shadow_price"])


@pytest.mark.parametrize("case", STORED["free_entry"], ids=lambda c: f"K={c['entry_cost']}")
def test_stored_free_entry_and_second_best(case):
    found = cournot.free_entry(case["a"], case["b"], case["c"], case["entry_cost"])
    keys = ("n_free_entry", "n_free_entry_real", "profit_after_entry", "welfare_free_entry")
    keys += ("n_second_best", "n_second_best_real", "welfare_second_best")
    for value, key in zip(found, keys, strict=True):
        close(value, case[key], key)
    assert found.firms >= found.best_firms


@pytest.mark.parametrize("case", STORED["isoelastic_cournot"], ids=lambda c: str(c.get("costs", c.get("n"))))
def test_stored_equilibrium_at_constant_elasticity(case):
    costs = case.get("costs") or [case["c"]] * case["n"]
    found = cournot.isoelastic(case["k"], case["elasticity"], costs)
    close(found.price, case["P"])
    close(found.total, case["Q"])
    close(found.profit, case.get("profits", [case.get("profit")] * len(costs)))
    close(found.share, case.get("shares", np.full(len(costs), 1.0 / len(costs))))
    close(found.lerner, np.where(found.share > 0.0, found.share / case["elasticity"], 0.0))


@pytest.mark.parametrize("case", STORED["singh_vives"], ids=lambda c: f"n={c['n']}, d={c['d']}")
def test_stored_equilibrium_of_substitutes(case):
    costs = np.full(case["n"], case["c"])
    for kind in ("cournot", "bertrand"):
        found = getattr(substitutes, kind)(case["a"], case["b"], case["d"], costs)
        for field, key in {"price": "p", "quantity": "q", "profit": "profit"}.items():
            close(getattr(found, field), case[kind][key], f"{kind} {field}")
    assert case["bertrand"]["p"] < case["cournot"]["p"]


def test_stored_leader_and_follower():
    (case,) = STORED["stackelberg"]
    found = cournot.stackelberg(case["a"], case["b"], case["c"])
    keys = ("P", "q_leader", "q_follower", "profit_leader", "profit_follower")
    close(found, [case[k] for k in keys])


COSTS = st.lists(st.floats(0.0, 80.0), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(COSTS, st.floats(0.1, 3.0), st.floats(1.0, 200.0))
def test_no_lab_gains_by_another_quantity(costs, slope, most):
    capacity = np.linspace(1.0, most, len(costs))
    found = cournot.linear(100.0, slope, costs, capacity)
    tried = np.linspace(0.0, 1.0, 50)[:, None] * capacity
    price = 100.0 - slope * (float(found.total) - np.asarray(found.quantity) + tried)
    assert np.all((price - costs) * tried <= np.asarray(found.profit) + 1e-8)
    assert np.all(found.quantity <= capacity) and np.all(np.asarray(found.shadow_price) >= 0.0)
    full = np.asarray(found.shadow_price) > 1e-9
    np.testing.assert_allclose(np.asarray(found.quantity)[full], capacity[full])
    assert found.deadweight >= -1e-9


def test_shadow_price_is_what_one_more_unit_earns_its_lab():
    def profit(own, others):
        return cournot.linear(100.0, 1.0, [10.0, 10.0, 10.0], jnp.stack([own, *others])).profit[0]

    # the others are full too, and do not answer: the worth of a unit is the shadow price alone
    worth = jax.grad(profit)(10.0, (jnp.array(20.0), jnp.array(25.0)))
    found = cournot.linear(100.0, 1.0, [10.0, 10.0, 10.0], [10.0, 20.0, 25.0])
    close(worth, found.shadow_price[0])


def test_a_batch_is_solved_as_its_members_are_under_jit_and_vmap():
    costs = np.random.default_rng(1).uniform(0.0, 60.0, (50, 4))
    batch = cournot.linear(100.0, 0.5, costs, [30.0, 40.0, 50.0, np.inf])
    each = jax.jit(jax.vmap(lambda c: cournot.linear(100.0, 0.5, c, jnp.array([30.0, 40.0, 50.0, jnp.inf]))))(costs)
    for one, other in zip(batch, each, strict=True):
        close(one, other)


def test_substitutes_far_apart_are_monopolies_and_near_ones_compete():
    costs = [10.0, 20.0]
    alone = cournot.symmetric(100.0, 1.0, np.array(costs), 1.0).price
    for kind in (substitutes.cournot, substitutes.bertrand):
        close(kind(100.0, 1.0, 0.0, costs).price, alone)
    near = substitutes.bertrand(100.0, 1.0, 1.0 - 1e-9, [10.0, 10.0])
    np.testing.assert_allclose(near.price, 10.0, atol=1e-6)
    same = substitutes.cournot(100.0, 1.0, 1.0 - 1e-12, costs)
    np.testing.assert_allclose(same.quantity, cournot.linear(100.0, 1.0, costs).quantity, rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cournot.linear(100.0, 0.0, [10.0]), "slope is 0"),
        (lambda: cournot.linear(100.0, 1.0, [10.0, -1.0]), "cost is -1"),
        (lambda: cournot.linear(100.0, 1.0, [10.0, np.nan]), "cost is nan"),
        (lambda: cournot.linear(100.0, 1.0, [10.0, 10.0], [1.0, -2.0]), "capacity is -2"),
        (lambda: cournot.linear(100.0, 1.0, [10.0, 10.0], [1.0, 2.0, 3.0]), "capacity has shape"),
        (lambda: cournot.linear(np.ones(3), 1.0, np.ones((2, 4))), "batch axes"),
        (lambda: cournot.symmetric(10.0, 1.0, 11.0, 3), "cost is 11"),
        (lambda: cournot.symmetric(10.0, 1.0, 1.0, 0), "firms is 0"),
        (lambda: cournot.free_entry(100.0, 1.0, 10.0, 0.0), "entry_cost is 0"),
        (lambda: cournot.isoelastic(1.0, 0.3, [1.0, 1.0, 1.0]), "elasticity is 0.3"),
        (lambda: cournot.isoelastic(1.0, 1.5, [1.0, 0.0]), "cost is 0"),
        (lambda: substitutes.bertrand(100.0, 1.0, 1.0, [10.0, 10.0]), "cross is 1"),
        (lambda: substitutes.cournot(100.0, 1.0, 0.9, [1.0, 99.0]), "leave it out"),
    ],
)
def test_bad_input_names_the_argument(call, words):
    with pytest.raises(InputError, match=words):
        call()
