"""Cures: candidates are conserved, queues grow as they should, better prediction helps and never all the way."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.mechanisms.cures import (
    STAGES,
    Delivery,
    Pipeline,
    backlog,
    needed_per_launch,
    patients_needed,
    reviews,
    screened_success,
    stage_step,
    time_to_reach,
    trial_time,
    value_of_delay,
)

DT = 1 / 12


def path(law, skill, months):
    """Signals of a pipeline whose models can do `skill` of all work, an array of months or a number."""
    skill = jnp.broadcast_to(jnp.asarray(skill, float), months)
    begin = law.begin(automatable=skill[0])
    state = begin | {"approved": jnp.asarray(0.0), "quality": jnp.zeros(len(STAGES))}

    def month(state, x):
        out = law(automatable=x, dt=DT, **{f"prev_{n}": v for n, v in state.items()})
        return {n: getattr(out, n) for n in state}, out

    return begin, jax.lax.scan(month, state, skill)[1]


def test_without_further_ai_the_pipeline_is_steady():
    law = Pipeline()
    begin, out = path(law, 0.03, 600)
    assert np.allclose(out.approvals, law.approved_at_start) and np.allclose(out.candidates, begin["candidates"])
    assert np.allclose(out.development, jnp.sum(law.duration[2:])) and np.allclose(out.review_wait, law.duration[-1])


def test_no_candidate_is_lost_between_stages():
    """What came is in the stage, went on, or failed: month by month, stage by stage, with queues."""
    law = Pipeline(lighter=1.0, slack=jnp.full(len(STAGES), 1.05), response=jnp.zeros(len(STAGES)))
    begin, out = path(law, np.linspace(0.03, 0.6, 240), 240)
    inside = np.vstack([begin["candidates"], out.candidates])
    passed = np.diff(np.append(0.0, out.approved))
    for i in reversed(range(len(STAGES))):  # from what was approved back to what was begun
        success, _ = jax.vmap(lambda q, i=i: law.odds_and_time(i, q))(out.quality[:, i])
        left = passed / np.asarray(success)  # went on or failed
        assert np.all(left <= begin["stage_capacity"][i] * DT * (1 + 1e-9))
        passed = left + np.diff(inside[:, i])
        assert np.all(passed > 0.0)
    begun = law.approved_at_start * needed_per_launch(law.success)[0] * DT
    assert passed[0] == pytest.approx(float(begun)) and np.all(np.diff(passed) > -1e-9)


def test_a_backlog_grows_by_what_arrives_beyond_capacity_and_runs_down_again():
    assert (
        backlog(12.0, 10.0, 3.0) == 6.0 and backlog(8.0, 10.0, 3.0, 4.0) == 0.0 and backlog(9.0, 10.0, 3.0, 4.0) == 1.0
    )
    inside, months = jnp.asarray(15.0), 240
    for _ in range(months):
        inside, left = stage_step(inside, 12.0 * DT, 1.3, 10.0, DT)
    # beyond what is normally in review, the fluid queue
    assert left == pytest.approx(10.0 * DT) and inside == pytest.approx(
        15.0 + float(backlog(12.0, 10.0, 20.0)), rel=1e-6
    )


def test_reform_raises_capacity_through_clear_cases_only():
    assert reviews(60.0, 0.0, 5.0) == pytest.approx(60.0)
    assert reviews(60.0, 0.4, 1.0) == pytest.approx(60.0)
    assert reviews(60.0, 0.4, 1e12) == pytest.approx(100.0)  # the others still take their time
    assert reviews(60.0, 1.0, 5.0) == pytest.approx(300.0)


def test_foresight_is_selection_and_never_makes_success_certain_while_drugs_are_unsafe():
    p, e = 0.289, 0.59
    assert screened_success(p, e, 0.0) == pytest.approx(p)
    # a thousand candidates, half of the failures for want of efficacy kept out
    works, no_effect, unsafe = 289.0, 711.0 * e, 711.0 * (1 - e)
    assert screened_success(p, e, 0.5) == pytest.approx(works / (works + 0.5 * no_effect + unsafe))
    assert screened_success(p, e, 1.0) == pytest.approx(works / (works + unsafe))
    assert screened_success(p, 1.0, 1.0) == pytest.approx(1.0)


def test_trials_shrink_with_the_square_of_the_effect_down_to_their_follow_up():
    need = patients_needed(np.array([0.25, 0.5]), 1.0, 1.96, 0.8416)
    assert need == pytest.approx([251.2, 62.8], abs=0.1)  # the textbook's 63 per arm for half a standard deviation
    assert trial_time(4.0, 0.5, 2.0) == pytest.approx(4.0 * (0.5 + 0.5 * need[1] / need[0]))
    assert trial_time(4.0, 0.5, 1e9) == pytest.approx(2.0)


def test_the_poor_wait_longest_and_never_more_drugs_arrive_than_were_approved():
    law = Delivery()
    out = law(
        approved=120.0, development=10.5, prev_drugs_launched=jnp.full(4, 80.0), prev_reaching=jnp.full(4, 30.0), dt=1.0
    )
    assert jnp.all(jnp.diff(out.to_patient) > 0.0) and jnp.all(jnp.diff(out.drugs_launched) < 0.0)
    assert jnp.all(out.reaching <= out.drugs_launched) and jnp.all(out.drugs_launched <= 120.0)
    assert time_to_reach(0.5, law.manufacture + law.lag, law.spread) == pytest.approx(out.to_patient - 10.5)
    # half of what is approved on one day is launched after the published median lag
    sudden, launched, reach = Delivery(manufacture=0.0), jnp.zeros(4), jnp.zeros(4)
    for _ in range(690):
        now = sudden(approved=1.0, development=0.0, prev_drugs_launched=launched, prev_reaching=reach, dt=0.01)
        launched, reach = now.drugs_launched, now.reaching
    assert launched[2] == pytest.approx(0.5, abs=2e-3)  # lower middle income: 6.9 years
    assert value_of_delay(1e6, 0.5, 2.0) == 1e6
