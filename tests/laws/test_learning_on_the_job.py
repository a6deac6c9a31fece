"""The hierarchy of learning, and how much of a job models can take in."""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.observed import number, table
from gigawatt.core.scenario import load
from gigawatt.mechanisms.learning import (
    LEVELS,
    OnTheJob,
    job_context,
    job_coverage,
    level,
    share_learned,
    share_read,
    tokens_per_skill,
    tokens_taken_in,
)

FALLING = [1e17, 1e8, 1e5, 10.0]
shares = st.floats(0.0, 1.0)


def test_levels_lie_at_whole_numbers_and_phases_between():
    assert level(jnp.asarray(FALLING), FALLING).tolist() == pytest.approx([0.0, 1.0, 2.0, 3.0])
    assert float(level(1e6, FALLING)) == pytest.approx(1.0 + 2.0 / 3.0)
    assert level(jnp.asarray([1e30, 1.0]), FALLING).tolist() == [0.0, 3.0]


@settings(deadline=None)
@given(st.floats(1.0, 1e18), st.floats(1.001, 1e3))
def test_fewer_tokens_never_lie_lower_on_the_scale(tokens, ratio):
    assert float(level(tokens, FALLING)) >= float(level(tokens * ratio, FALLING))


def test_shipped_token_counts_are_ordered_within_their_ranges():
    rows = {row["name"]: row for row in table("learning_hierarchy")}
    assert [number(rows[name], "tokens") for name in LEVELS] == sorted(
        (number(rows[name], "tokens") for name in LEVELS), reverse=True
    )
    for row in rows.values():
        assert number(row, "low") <= number(row, "tokens") <= number(row, "high")


def test_models_read_four_to_five_orders_more_than_a_child_hears():
    rows = {row["name"]: number(row, "tokens") for row in table("learning_hierarchy")}
    gap = rows["pre-training"] / rows["long-term learning"]
    assert 1e3 < gap < 1e6  # three to four orders with the models of 2023 (BabyLM), more with later ones
    assert tokens_per_skill(rows["pre-training"], 1000.0) / rows["long-term learning"] == pytest.approx(gap / 1000)


def test_half_a_year_of_reading_is_twenty_million_tokens():
    assert tokens_taken_in(1000.0, 250.0, 4.0 / 3.0) == pytest.approx(2.0e7)
    job = OnTheJob()
    assert float(job.onboarding * job.intake) == pytest.approx(2.0e7)


def test_half_of_all_jobs_fit_in_a_context_as_long_as_their_median_onboarding():
    assert float(share_read(2e7, 2e7, 1.5)) == pytest.approx(0.5)
    assert float(share_read(2e7 * jnp.exp(1.5), 2e7, 1.5)) == pytest.approx(0.8413447)


@settings(deadline=None)
@given(shares, shares, shares, shares)
def test_job_context_is_a_share_and_any_one_way_is_enough(written, barrier, read, learned):
    got = float(job_context(written, barrier, read, learned))
    assert 1.0 - barrier - 1e-12 <= got <= 1.0
    for full in ((1.0, barrier, read, learned), (written, barrier, 1.0, learned), (written, barrier, read, 1.0)):
        assert float(job_context(*full)) == 1.0


@settings(deadline=None)
@given(shares, shares, shares, shares, st.integers(0, 3))
def test_each_way_to_learn_helps_and_the_barrier_hurts(written, barrier, read, learned, which):
    low = [written, barrier, read, learned]
    high = list(low)
    high[which] = 0.5 * (1.0 + low[which])
    change = float(job_context(*high)) - float(job_context(*low))
    assert change <= 1e-12 if which == 1 else change >= -1e-12


def test_a_job_needs_both_the_ability_and_the_context():
    assert float(job_coverage(0.5, job_context(0.4, 1.0, 0.0, 0.0))) == pytest.approx(0.2)


def test_learning_on_the_job_starts_at_its_arrival_and_never_if_it_never_comes():
    years = jnp.asarray([2027.0, 2028.0, 2029.0, 2040.0])
    assert share_learned(years, 2028.0, 1.0) == pytest.approx([0.0, 0.0, 0.6321206, 1.0], abs=1e-5)
    assert share_learned(years, jnp.inf, 1.0).tolist() == [0.0] * 4


def test_coverage_is_smooth_in_every_number():
    def coverage(context, written, barrier, arrival):
        read = 0.7 * share_read(context, 2e7, 1.5)
        return job_context(written, barrier, read, share_learned(2029.0, arrival, 1.0))

    slopes = jax.grad(coverage, argnums=(0, 1, 2, 3))(1e6, 0.5, 0.5, 2028.0)
    assert all(bool(jnp.isfinite(s)) for s in slopes)
    assert slopes[0] > 0 and slopes[1] > 0 and slopes[2] < 0 and slopes[3] < 0


def test_coverage_begins_where_the_first_month_goes_on():
    job = OnTheJob()
    start = job.begin(context=jnp.asarray(1.05e6))["coverage"]
    assert float(start) == pytest.approx(float(job(context=jnp.asarray(1.05e6), year=2026.0).coverage))


def test_patels_reading_cuts_what_amodeis_keeps_and_code_is_spared_in_both():
    def at(year, **numbers):
        return float(OnTheJob(arrival=2200.0, **numbers)(context=jnp.asarray(1.05e6), year=year).coverage)

    assert at(2030.0, barrier=0.0) == 1.0
    assert at(2030.0, barrier=1.0, written=0.3) < 0.4
    assert at(2030.0, barrier=1.0, written=1.0) == 1.0


def numbers_of(name):
    table = load(name).table
    fields = ("written", "barrier", "strength", "onboarding", "intake", "spread", "arrival", "rollout")
    return OnTheJob(**{f: table[f"on_the_job.{f}"].value for f in fields}), table["length.growth"].value


def test_scenarios_of_continual_learning_bracket_the_base():
    def coverage(name):
        job, growth = numbers_of(name)
        return float(job(context=1.05e6 * jnp.exp(4.0 * growth), year=2030.0).coverage)

    assert coverage("continual_learning_missing") < coverage("base") < coverage("continual_learning_solved")
    assert coverage("continual_learning_solved") > 0.95


def test_long_context_needs_more_but_grows_faster():
    job, growth = numbers_of("long_context")
    late = job(context=1.05e6 * jnp.exp(10.0 * growth), year=2027.0).coverage
    usual = numbers_of("base")
    assert float(late) > float(usual[0](context=1.05e6 * jnp.exp(10.0 * usual[1]), year=2027.0).coverage)
    assert jnp.exp(growth) == pytest.approx(4.0, rel=1e-4)
