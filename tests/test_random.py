"""Noise depends on seed, draw, mechanism and month, and on nothing else."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from toys import TABLE, Buyer, Constant, Doubler, Pipeline, Stock, Tail, world

from gigawatt.core.month import simulate
from gigawatt.core.noise import draw_keys, fold_in, name_hash, noise
from gigawatt.core.run import again, run, run_chunk


def drawn(some, draws=8, seed=0, steps=12, keep=("ordered", "luck")):
    """Signals of a toy world, (steps, draws), without samples: noise is all that differs."""
    begin = jnp.asarray(2026.0)
    return run_chunk(
        some, {}, jnp.arange(draws), jnp.asarray(seed), begin, {}, {}, steps=steps, steps_per_year=12, keep=keep
    )


def same(one, other):
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_every_draw_month_mechanism_and_seed_has_noise_of_its_own():
    luck = drawn(world(), draws=64)["luck"]
    assert len(np.unique(luck)) == luck.size
    assert abs(np.mean(luck)) < 4 / np.sqrt(luck.size)
    assert np.std(luck) == pytest.approx(1.0, abs=0.1)
    assert not np.any(np.isin(drawn(world(), draws=64, seed=1)["luck"], luck))
    shocks = np.diff(np.log(drawn(world(), draws=64)["ordered"]), axis=0)
    assert abs(np.corrcoef(shocks.ravel(), luck[1:].ravel())[0, 1]) < 0.2


def test_noise_is_what_the_generator_gives_for_the_key_of_its_name():
    """Drawn all at once, the numbers are those of a call for each draw, mechanism and month."""
    wanted = {("buyer", "normal"): (), ("logit", "normal"): (3,), ("stall", "uniform"): (), ("stall", "uniform_x"): ()}
    drawn = noise(draw_keys(jnp.asarray(5), jnp.arange(4)), wanted, 6)
    for (mechanism, name), shape in wanted.items():
        stream = mechanism + name.removeprefix("normal").removeprefix("uniform").replace("_", ".")
        for draw, month in ((0, 0), (3, 5)):
            key = fold_in(fold_in(fold_in(jax.random.key(5), draw), name_hash(stream)), month)
            draws = jax.random.normal if name == "normal" else jax.random.uniform
            np.testing.assert_array_equal(drawn[mechanism][name][month, draw], draws(key, shape))


def test_more_draws_and_more_months_extend():
    short, long = drawn(world(), draws=5, steps=7), drawn(world(), draws=8, steps=12)
    same(short, {n: x[:7, :5] for n, x in long.items()})


def test_adding_moving_or_replacing_a_mechanism_leaves_other_noise_as_it_was():
    usual = drawn(world())
    same(usual, drawn(world().add(Tail, "pipeline", TABLE)))
    same(usual, drawn(world(Pipeline, Buyer, Stock, Doubler, Tail)))
    calm = drawn(world().swap(Constant(level=1.0, table=TABLE), table=TABLE))
    np.testing.assert_array_equal(calm["luck"], usual["luck"])


def test_noise_of_a_half_step_is_scaled_so_that_a_year_scatters_alike():
    def year(draw, per_year):
        key = jax.random.fold_in(jax.random.key(0), draw)
        return simulate(world(), per_year, per_year, jnp.asarray(2026.0), key, {}, {}, ("ordered",))["ordered"][-1]

    for per_year in (12, 24, 48):
        after = jax.jit(jax.vmap(lambda d, n=per_year: year(d, n)))(jnp.arange(4000))
        assert np.std(np.log(after)) == pytest.approx(0.1, rel=0.05)


@pytest.mark.slow
def test_draws_do_not_depend_on_chunk_number_of_draws_or_horizon(base):
    some = run("base", 100, keep="all", until="2027-12", chunk=64)
    for name in some:
        whole = base[name].values[:100, :24]
        np.testing.assert_allclose(some[name], whole, rtol=1e-12, atol=1e-12 * np.abs(whole).max(), err_msg=name)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(base):
    few = run("base", 9, keep="all")
    same(few, base.isel(draw=slice(0, 9)))
    other = run("base", 9, seed=1, keep="all")
    assert not np.any(other["spending"].values == few["spending"].values)


def test_scenarios_share_their_noise(base):
    """Signals that no changed number reaches are the same to the last bit, draw by draw."""
    other = run("base", 256, keep="all", set={"output.trend": 0.0})
    assert not np.array_equal(other["output"], base["output"])
    np.testing.assert_array_equal(other["mood"], base["mood"])
    np.testing.assert_array_equal(other["progress"], base["progress"])


def test_a_result_runs_again_to_the_same_numbers(base):
    same(again(base, draws=20), base.isel(draw=slice(0, 20)))
