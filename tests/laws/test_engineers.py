"""The rungs of coding in the month: lines before tasks, new work before the end of demand."""

import jax.numpy as jnp
import pytest

from gigawatt.mechanisms.automation import Coding, Engineers, Tasks


def climb(hours):
    law = Engineers(lines_at_start=0.9, tasks_at_start=0.25, created=0.6, harder=50.0, spread=2.0)
    start = law.begin(horizon=jnp.asarray(6.0), reach_engineering=jnp.asarray(0.9))
    lengths = {f"prev_{name}": value for name, value in start.items()}
    return [law(horizon=jnp.asarray(h), reach_engineering=jnp.asarray(1.0), **lengths) for h in hours]


def test_rungs_are_climbed_in_order_and_lines_come_long_before_tasks():
    rungs = [float(x.coding_rung) for x in climb(jnp.logspace(-1, 7, 60))]
    assert rungs == sorted(rungs) and rungs[0] == 0.0 and rungs[-1] == 7.0
    assert float(climb([6.1])[0].coding_rung) == 1.0


def test_demand_for_engineers_falls_to_a_tenth_only_after_new_tasks_are_automated():
    path = climb(jnp.logspace(0, 8, 80))
    at_four = next(x for x in path if x.coding_rung >= 4)
    assert at_four.engineers > 0.1
    assert path[-1].engineers <= 0.1
    assert path[0].engineers > 0.9


def coding(labour, reach=0.9, **numbers):
    law = Coding(axes={"lab": ("a", "b")}, local_speed=20.0, used=0.9, shared=0.0, **numbers)
    known = {"horizon": 6.0, "capability": [150.0, 140.0], "per_point": 0.23, "reach_engineering": reach}
    known = {name: jnp.asarray(value) for name, value in known.items()}
    return law, known, law.begin(**known, labour_at_start=jnp.asarray(labour))


def test_the_speedup_of_the_start_is_met_whatever_the_reach_and_a_lab_behind_gains_less():
    for reach in (0.6, 0.9):
        _, _, start = coding(1.2, reach, drag=0.0)
        assert start["lab_speedup"][0] == pytest.approx(1.2)
        assert 1.0 < start["lab_speedup"][1] < 1.2


def test_a_drag_turns_a_felt_gain_into_a_loss_and_fades_with_reliability():
    law, known, start = coding(1.2, drag=0.42)
    assert start["lab_speedup"][0] == pytest.approx(0.8, abs=0.02)
    later = law(**(known | {"horizon": jnp.asarray(1e6)}), prev_coding_length=start["coding_length"])
    assert later.lab_speedup[0] > 2.0


def test_the_observed_share_of_work_is_met_at_the_start_and_reach_bounds_it_later():
    law = Tasks(share_at_start=0.05, cognitive=0.5, spread=2.7)
    reach, coverage = jnp.asarray(0.7), jnp.asarray(0.6)
    start = law.begin(horizon=jnp.asarray(6.0), reach=reach, coverage=coverage)
    assert start["automatable"] == pytest.approx(0.025)
    end = law(horizon=jnp.asarray(1e12), reach=reach, coverage=coverage, prev_task_length=start["task_length"])
    assert end.automatable == pytest.approx(0.5 * 0.7 * 0.6)
