"""Prices as the choice under logit demand: stored markets of pyblp, capacity, derivatives, and what always holds."""

import json
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.decisions import bertrand, logit
from gigawatt.decisions.logit import Market

REFERENCE = Path(__file__).parents[1] / "reference/planning"
STORED = {m["name"]: m for m in json.loads((REFERENCE / "logit_bertrand_pyblp.json").read_text())["markets"]}
LIMITED = json.loads((REFERENCE / "endogenous_quality_oligopoly.json").read_text())["capacity_constrained"]


def market_of(given) -> Market:
    quality, keys = np.array(given["quality"]), {"size": given["market_size"]}
    if len(set(given["firm_ids"])) < len(quality):
        keys["owner"] = given["firm_ids"]
    if given["rho"]:
        keys["rho"] = given["rho"]
    alpha, gamma = given["alpha"], given["gamma"]
    if types := given["types"]:
        keys["weight"] = [t["weight"] for t in types]
        by_price, by_quality = given["sigma_price_quality"]
        alpha = alpha + by_price * np.array([t["nu_price"] for t in types])
        gamma = (gamma + by_quality * np.array([t["nu_quality"] for t in types]))[:, None]
    return Market(given["beta0"] + gamma * quality, -alpha, given["marginal_cost"], **keys)


def plain_ones() -> list[str]:
    """Stored markets with one product for each lab, one type of buyers and no nests."""
    one_type = (n for n, m in STORED.items() if not m["inputs"]["rho"] and not m["inputs"]["types"])
    return [n for n in one_type if len(set(STORED[n]["inputs"]["firm_ids"])) == len(STORED[n]["inputs"]["firm_ids"])]


@pytest.fixture(scope="module")
def answers():
    """Each stored market solved; the plain ones as one batch of twelve products, most of them absent."""
    found, together = {}, plain_ones()
    markets = [market_of(STORED[name]["inputs"]) for name in together]
    wide = np.array([np.arange(12) < m.products for m in markets])

    def padded(field):
        rows = [np.ravel(getattr(m, field)) for m in markets]
        return np.array([np.append(row, np.ones(12 - len(row))) for row in rows])

    alpha, size = (np.array([float(np.ravel(getattr(m, f))[0]) for m in markets]) for f in ("sensitivity", "size"))
    batch = Market(padded("value"), alpha, padded("cost"), size=size).only(wide)
    for name, everything in [("", batch)] + [
        (n, market_of(m["inputs"])) for n, m in STORED.items() if n not in together
    ]:
        solved = bertrand.equilibrium(everything)
        details = logit.elasticities(everything, solved.price), logit.diversion(everything, solved.price)
        if name:
            found[name] = (*solved, *details)
        else:
            rows = [jax.tree.map(lambda x, i=i: x[i], (*solved, *details)) for i in range(len(together))]
            cut = [[x[(slice(m.products),) * x.ndim] for x in row] for row, m in zip(rows, markets, strict=True)]
            found |= dict(zip(together, cut, strict=True))
    return found


@pytest.mark.parametrize("name", STORED)
def test_stored_market_in_every_field(name, answers):
    case = STORED[name]
    out = case["outputs"]
    *fields, elasticities, diversion = answers[name]
    found = bertrand.Equilibrium(*fields)
    mine = {
        "prices": found.price,
        "shares": found.share,
        "outside_share": found.outside,
        "markups": found.markup,
        "lerner": found.lerner,
        "profits_by_product": found.profit,
        "consumer_surplus": found.surplus,
        "elasticities": elasticities,
        "diversion_ratios": diversion,
        "hhi": found.hhi,
    }
    for field, value in mine.items():
        np.testing.assert_allclose(value, out[field], rtol=1e-10, atol=1e-10, err_msg=field)
    np.testing.assert_allclose(found.price, case["independent"]["prices"], rtol=1e-13)
    firms = np.array(case["inputs"]["firm_ids"])
    for firm, profit in out["profits_by_firm"].items():
        np.testing.assert_allclose(np.asarray(found.profit)[firms == int(firm)].sum(), profit, rtol=1e-10)
    assert found.residual < 1e-12


def test_the_price_of_a_monopoly_has_the_stored_closed_form():
    for case in (STORED[n] for n in STORED if "closed_form" in STORED[n]):
        market = market_of(case["inputs"])
        alone = bertrand.monopoly_markup(market.value[0], market.sensitivity, market.cost)
        np.testing.assert_allclose(market.cost + alone, case["closed_form"]["price"], rtol=1e-14)


def test_a_merger_is_the_stored_merger_and_harms_buyers():
    before = market_of(STORED["three_labs_two_products"]["inputs"])
    after = bertrand.equilibrium(logit.merged(before, 0, 2))
    stored = STORED["three_labs_two_products_merger_1_2"]["outputs"]
    np.testing.assert_allclose(after.price, stored["prices"], rtol=1e-12)
    assert after.surplus < bertrand.equilibrium(before).surplus


def test_stored_markets_within_capacity():
    given = [case["inputs"] for case in LIMITED]
    v, alpha, cost, size, most = (np.array([g[k] for g in given]) for k in ("v", "alpha", "cost", "M", "capacity"))
    found = bertrand.equilibrium(Market(v, alpha, cost, size=size, capacity=most))
    for field, key in {
        "price": "prices",
        "share": "shares",
        "shadow_price": "shadow_price",
        "profit": "profits",
    }.items():
        stored = [case[key] for case in LIMITED]
        np.testing.assert_allclose(getattr(found, field), stored, rtol=1e-10, atol=1e-10, err_msg=field)
    assert np.all(found.residual < 1e-12)


def test_four_full_labs_charge_what_clears_the_market():
    full = bertrand.equilibrium(Market(np.full(4, 4.0), 1.0, 1.0, size=100.0, capacity=10.0))
    np.testing.assert_allclose(full.price, 4.0 - np.log(0.1 / 0.6), rtol=1e-13)  # ln(s / s0) = value - p


# ---------------------------------------------------------------- a market with everything in it


def rich(**changes) -> Market:
    """Two nests, three types of buyers, labs with several products."""
    quality = np.array([3.0, 1.0, 2.8, 1.1, 2.2])
    keys = {
        "cost": [2.0, 0.3, 1.8, 0.3, 1.5],
        "sensitivity": [0.7, 1.0, 1.6],
        "size": 50.0,
        "weight": [0.2, 0.5, 0.3],
        "rho": [0.3, 0.5],
        "nest": [0, 1, 0, 1, 0],
        "owner": ["A", "A", "B", "B", "C"],
    }
    return Market(np.array([1.6, 1.2, 0.8])[:, None] * quality, **(keys | changes))


@pytest.fixture(scope="module")
def solved():
    market = rich(capacity=[4.0, np.inf, 20.0, np.inf, np.inf])
    return market, bertrand.equilibrium(market)


def test_no_owner_gains_by_other_prices(solved):
    """Every lab tries other prices for all of its products, those of the others fixed, within its capacity."""
    market, found = solved
    rng = np.random.default_rng(2)
    owner = np.array([0, 0, 1, 1, 2])
    sold = jax.jit(jax.vmap(lambda p: logit.shares(market, p)))
    for lab in range(3):
        tried = np.tile(found.price, (400, 1))
        tried[:, owner == lab] *= rng.uniform(0.8, 1.3, (400, (owner == lab).sum()))
        quantity = 50.0 * np.asarray(sold(jnp.asarray(tried)))
        profit = quantity * (tried - np.asarray(market.cost))
        fits = np.all(quantity <= np.asarray(market.capacity) + 1e-9, axis=1)
        best = profit[fits][:, owner == lab].sum(1).max(initial=-np.inf)
        assert best <= np.asarray(found.profit)[owner == lab].sum() + 1e-9


def test_capacity_and_shadow_price_complement_each_other(solved):
    market, found = solved
    room = np.asarray(market.capacity) - 50.0 * np.asarray(found.share)
    assert np.all(room > -1e-9)
    np.testing.assert_allclose(np.where(np.isfinite(room), room, 0.0) * found.shadow_price, 0.0, atol=1e-9)
    assert found.shadow_price[0] > 0.1 and found.shadow_price[2] == 0.0
    assert found.residual < 1e-11


def test_derivatives_under_vmap_and_jit_are_those_of_differences(solved):
    market, _ = solved
    direction = np.array([0.3, -0.2, 0.5, 0.1, 0.4])

    def price(step):
        changed = market.cost + step * direction, market.value * (1.0 + 0.1 * step)
        return bertrand.prices(eqx.tree_at(lambda m: (m.cost, m.value), market, changed))

    h = 1e-5
    forward = jax.jit(jax.vmap(lambda step: jax.jvp(price, (step,), (1.0,))))
    (_, above, below), (slope, *_) = forward(jnp.array([0.0, h, -h]))
    np.testing.assert_allclose(slope, (above - below) / (2 * h), rtol=1e-7, atol=1e-8)
    assert np.all(np.abs(slope) > 1e-3)


def test_semi_elasticities_are_the_derivatives_of_log_shares(solved):
    market, found = solved
    by_jax = jax.jacfwd(lambda p: jnp.log(logit.shares(market, p)))(found.price)
    np.testing.assert_allclose(-logit.semi_elasticities(market, found.price), by_jax, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(logit.diversion(market, found.price).sum(-1), 1.0, rtol=1e-12)
    by_price = jax.grad(lambda p: logit.surplus(market, p))(found.price)  # Roy: each price costs what is bought
    np.testing.assert_allclose(by_price, -50.0 * logit.shares(market, found.price), rtol=1e-9)


# ---------------------------------------------------------------- limits and invariance


PLAIN = {"cost": [1.0, 0.5, 1.0, 0.5, 1.0], "sensitivity": 1.0}


def plain(**changes) -> Market:
    return Market([3.0, 1.0, 2.8, 1.1, 2.2], **(PLAIN | changes))


def test_special_cases_of_the_general_market_agree():
    found = bertrand.equilibrium(plain())
    value = np.tile([3.0, 1.0, 2.8, 1.1, 2.2], (3, 1))
    types = Market(value, [1.0, 1.0, 1.0], PLAIN["cost"], weight=[0.2, 0.5, 0.3])
    for same in (types, plain(rho=[0.0, 0.0], nest=[0, 1, 0, 1, 0], owner=np.eye(5), capacity=1e6)):
        other = bertrand.equilibrium(same)
        np.testing.assert_allclose(other.price, found.price, rtol=1e-12)
        np.testing.assert_allclose(other.surplus, found.surplus, rtol=1e-12)


def test_prices_follow_costs_and_units():
    """A cost and a value that rise together leave mark-ups alone; money in another unit scales them."""
    found = bertrand.equilibrium(plain())
    value, cost = np.array([3.0, 1.0, 2.8, 1.1, 2.2]), np.array(PLAIN["cost"])
    higher = bertrand.equilibrium(Market(value + 0.7, 1.0, cost + 0.7))
    np.testing.assert_allclose(higher.markup, found.markup, rtol=1e-12)
    cents = bertrand.equilibrium(Market(value, 0.01, 100.0 * cost))
    np.testing.assert_allclose(cents.price, 100.0 * found.price, rtol=1e-12)


def test_who_is_absent_counts_for_nothing():
    found = bertrand.equilibrium(plain().only([False, True, False, False, False]))
    np.testing.assert_allclose(found.markup[1], bertrand.monopoly_markup(1.0, 1.0, 0.5), rtol=1e-14)
    np.testing.assert_array_equal(np.asarray(found.share)[[0, 2, 3, 4]], 0.0)


def test_hard_markets_are_solved():
    """Values far apart, one lab with nearly everybody, alike products, little room: the residual stays at rounding."""
    rng = np.random.default_rng(3)
    value = rng.normal(0.0, 1.0, (300, 4)) * 10.0 ** rng.uniform(-1.0, 1.5, (300, 1))
    for keys in ({"rho": 0.95}, {"owner": [0, 0, 1, 1], "capacity": [0.01, 0.3, np.inf, np.inf]}):
        found = bertrand.equilibrium(Market(value, rng.uniform(0.2, 5.0, 300), rng.uniform(0.0, 3.0, (300, 4)), **keys))
        assert np.max(np.asarray(found.residual / found.price.max(-1))) < 1e-9, keys
        assert np.all(np.asarray(found.markup) > 0.0)


def test_a_large_batch_is_solved_as_its_members_are():
    rng = np.random.default_rng(4)
    market = Market(rng.uniform(0.0, 3.0, (3, 400, 3)), rng.uniform(0.5, 2.0, 400), 1.0)
    some = jax.tree.map(lambda x: x[1, 200:], market)
    assert market.size.size > bertrand.CHUNK
    np.testing.assert_allclose(bertrand.prices(market, False)[1, 200:], bertrand.prices(some, False), rtol=1e-13)


def test_wright_omega_solves_its_equation_and_differentiates():
    x = jnp.array([-600.0, -30.0, -2.0, -1.0, 0.0, 0.5, 1.0, 1.5, 3.0, 10.0, 100.0, 1e5])
    w = bertrand.wright_omega(x)
    np.testing.assert_allclose(w + jnp.log(w), x, rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(jax.vmap(jax.grad(bertrand.wright_omega))(x), w / (1.0 + w), rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Market([1.0], 0.0, [1.0]), "sensitivity is 0"),
        (lambda: Market([1.0], -1.0, [1.0]), "sensitivity is -1"),
        (lambda: Market([1.0, 1.0], 1.0, [1.0, -0.5]), "cost is -0.5"),
        (lambda: Market([1.0, np.nan], 1.0, 1.0), "value is nan"),
        (lambda: Market([1.0, 1.0], 1.0, [1.0, 1.0, 1.0]), "shape"),
        (lambda: Market([1.0], 1.0, 1.0, capacity=-1.0), "capacity is -1"),
        (lambda: Market([1.0], 1.0, 1.0, size=-1.0), "size is -1"),
        (lambda: Market([1.0, 1.0], 1.0, 1.0, rho=1.0), "rho is 1"),
        (lambda: Market([1.0, 1.0], 1.0, 1.0, rho=-0.1), "rho is -0.1"),
        (lambda: Market([1.0, 1.0], 1.0, 1.0, rho=[0.1, 0.1], nest=[0, 2]), "nest is"),
        (lambda: Market([1.0, 1.0], 1.0, 1.0, rho=[0.1, 0.1, 0.1], nest=[0, 1]), "there are 2 nests"),
        (lambda: Market([1.0, 1.0], 1.0, 1.0, nest=[0, 1]), "without rho"),
        (lambda: Market([[1.0], [2.0]], [1.0, 1.0], 1.0, weight=[0.5, 0.6]), "sum of weight is 1.1"),
        (lambda: Market([[1.0], [2.0]], [1.0, 1.0], 1.0, weight=[1.5, -0.5]), "weight is -0.5"),
        (lambda: Market([1.0], [1.0, 2.0], 1.0, weight=[0.5, 0.5]), "value has shape"),
        (lambda: Market([1.0, 1.0], 1.0, 1.0, owner=["A"]), "owner has 1 names"),
        (lambda: logit.shares(Market([1.0, 1.0], 1.0, 1.0), [1.0, 2.0, 3.0]), "price has shape"),
    ],
)
def test_bad_input_names_the_argument(call, words):
    with pytest.raises(InputError, match=words):
        call()


@pytest.mark.parametrize("close", [1e-3, 1e-5, 1e-7])
def test_products_that_are_almost_alike_sell_at_the_cost_of_the_next_best(close):
    # Bertrand's limit: the best of a nest of alike products is priced just below where the next best would sell at cost
    cost = np.array([0.2, 1.5, 0.01, 2.0])
    found = bertrand.equilibrium(Market([2.0, 1.0, 0.5, 3.0], 1.0, cost, rho=1.0 - close))
    gap = (2.0 - 0.2) - (3.0 - 2.0)
    assert cost[0] + gap - 20.0 * close < found.price[0] < cost[0] + gap + close
    np.testing.assert_allclose(found.price[1:], cost[1:] + close, rtol=0.01 * close)
    assert found.share[0] == pytest.approx(np.e / (1.0 + np.e), abs=20.0 * close)


def test_buyers_who_mind_nothing_but_price_leave_the_cheapest_its_advantage():
    found = bertrand.equilibrium(Market([2e6, 2e6, 2e6], 1e6, [0.5, 1.0, 1.2]))
    np.testing.assert_allclose(found.price, [1.0, 1.0, 1.2], atol=3e-5)
    held = bertrand.equilibrium(Market([2e6, 2e6, 2e6], 1e6, [0.5, 1.0, 1.2], capacity=[0.4, np.inf, np.inf]))
    np.testing.assert_allclose(held.price, [1.0, 1.0, 1.2], atol=3e-5)  # the first is full at the cost of the second:
    np.testing.assert_allclose(
        held.shadow_price, [0.5, 0.0, 0.0], atol=3e-5
    )  # nobody is rationed, so none can ask more
    np.testing.assert_allclose(held.share, [0.4, 0.6, 0.0], atol=1e-4)


def test_a_market_that_nobody_buys_in_has_no_concentration():
    found = bertrand.equilibrium(Market([2.0, 1.0], 1e6, [1.0, 1.0]))
    assert found.hhi == 0.0 and found.outside == 1.0 and np.all(np.isfinite(found.price))
