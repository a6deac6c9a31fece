"""Regions: they add up to the world; catch-up fades with labour; known values of inequality."""

import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.core.observed import number, table
from gigawatt.core.units import default_axes
from gigawatt.mechanisms.regions import (
    LinkedRegions,
    Regions,
    TwoSpeed,
    catch_up,
    closeness,
    gini,
    grown,
    shared_out,
    theil,
)

DT = 1 / 12
NAMES = default_axes()["region"]
FIRST = 118_350.2


def path(law, growth, value, years=10.0):
    """State and last signals after years of world growth (log, a year) and a fall of labour's value to `value`."""
    state, output = law.begin(output=FIRST), FIRST
    for month in range(round(years / DT)):
        at = 1.0 + (value - 1.0) * (month + 1) * DT / years
        later = output * np.exp(growth * DT)
        known = {f"prev_{n}": v for n, v in state.items()}
        out = law(output=later, labour_value=at, prev_output=output, dt=DT, **known)
        state, output = {n: getattr(out, n) for n in state}, later
    return state, output, out


def test_regions_add_up_to_the_world_in_output_and_people():
    macro = {(r["series"], r["date"][:4]): number(r, "value") for r in table("world_macro")}
    law = Regions()
    assert jnp.sum(law.output) == pytest.approx(macro["output_current", "2025"], rel=1e-5)
    assert jnp.sum(law.people) == pytest.approx(1000.0 * macro["population", "2025"], rel=1e-5)
    state, output, _ = path(law, 0.08, 0.6)
    assert jnp.sum(state["region_output"]) == pytest.approx(output)
    born = jnp.sum(law.people * jnp.exp(10.0 * law.people_growth))
    assert jnp.sum(state["region_people"]) == pytest.approx(float(born))
    assert born / jnp.sum(law.people) == pytest.approx(
        macro["population", "2025"] / macro["population", "2024"], rel=0.15
    )


def test_without_ai_regions_go_on_as_they_did():
    """At the world's trend AI adds next to nothing, and each region keeps the growth it had."""
    law = Regions()
    out = path(law, float(np.log1p(0.0292)), 1.0, years=DT)[2]
    was = dict(zip(NAMES, np.asarray(law.pace + law.people_growth + law.speed), strict=True))
    for name, growth in zip(NAMES, np.asarray(out.region_growth), strict=True):
        assert growth == pytest.approx(np.expm1(was[name]), abs=1e-3), name
    assert (
        was["india"]
        > was["china"]
        > was["low_income"]
        > was["other_middle"]
        > was["united_states"]
        > was["european_union"]
    )


def test_catch_up_closes_a_gap_exponentially_and_fades_with_labour():
    gap, steps = 1.0, 100
    for _ in range(steps):  # two per cent a year, the speed of Barro and Sala-i-Martin: half in 35 years
        gap -= 34.66 / steps * catch_up(0.02, gap, 1.0, 0.0)
    assert gap == pytest.approx(0.5, abs=3e-3)
    at = NAMES.index("india")
    cheap, dear = (path(Regions(), 0.05, v)[2].region_catch_up for v in (1.0, 0.2))
    assert dear[at] < 0.5 * cheap[at]
    built = Regions(compute=Regions().output)  # compute wherever there is output
    assert path(built, 0.05, 0.2)[2].region_catch_up[at] > 1.5 * dear[at]


def test_what_ai_adds_falls_with_social_distance_and_rises_with_compute():
    size = jnp.array([0.2, 0.3, 0.5])
    near = closeness(jnp.array([0.0, 1.0, 2.0]), size, size, 0.25)
    assert jnp.all(jnp.diff(near) < 0.0)
    assert jnp.sum(size * shared_out(0.07, near, size)) == pytest.approx(0.07)
    at = NAMES.index("low_income")
    more = Regions(compute=Regions().compute.at[at].set(0.01), distance=Regions().distance.at[at].set(1.8))
    assert path(more, 0.08, 0.7)[2].region_growth[at] > path(Regions(), 0.08, 0.7)[2].region_growth[at] + 0.01


def test_known_values_of_theil_and_gini():
    assert theil(jnp.array([1.0, 2.0, 3.0]), jnp.array([2.0, 4.0, 6.0])) == pytest.approx(0.0, abs=1e-15)
    assert gini(jnp.array([1.0, 2.0, 3.0]), jnp.array([2.0, 4.0, 6.0])) == pytest.approx(0.0, abs=1e-15)
    # one person in n has nearly everything: ln n and 1 - 1/n
    rich = jnp.array([1.0 - 3e-9, 1e-9, 1e-9, 1e-9])
    assert theil(rich, jnp.ones(4)) == pytest.approx(np.log(4.0), abs=1e-6)
    assert gini(rich, jnp.ones(4)) == pytest.approx(0.75, abs=1e-6)
    # half of the people have a third of the output
    assert gini(jnp.array([1.0, 2.0]), jnp.ones(2)) == pytest.approx(1 / 6)
    # merging regions of equal means changes nothing; scale neither
    y, p = jnp.array([1.0, 1.0, 6.0]), jnp.array([2.0, 2.0, 3.0])
    for measure in (theil, gini):
        assert measure(y, p) == pytest.approx(float(measure(jnp.array([2.0, 6.0]), jnp.array([4.0, 3.0]))))
        assert measure(7.0 * y, 3.0 * p) == pytest.approx(float(measure(y, p)))


def test_the_boom_stays_where_it_is_and_widens_the_gap():
    speed, law = TwoSpeed(), LinkedRegions()
    linked, output = float(speed.begin()["linked_output"]), FIRST
    state = law.begin(output=output, linked_output=linked)
    first = dict(state)
    for _ in range(60):
        world = speed(genius=1.0, prev_output=output, prev_linked_output=linked, dt=DT)
        known = {f"prev_{n}": v for n, v in state.items()} | {"linked_output": world.linked_output}
        out = law(output=world.output, labour_value=1.0, prev_output=output, prev_linked_output=linked, dt=DT, **known)
        state = {n: getattr(out, n) for n in state}
        linked, output = world.linked_output, world.output
    assert state["region_output"][0] / first["region_output"][0] == pytest.approx(float(grown(0.5, 5.0)))
    assert jnp.sum(state["region_output"]) == pytest.approx(float(output))
    elsewhere = jnp.sum(state["region_output"][1:]) / jnp.sum(first["region_output"][1:])
    assert elsewhere == pytest.approx(float(jnp.exp(5.0 * speed.elsewhere)))
    assert theil(**named(state)) > theil(**named(first))


def named(state):
    return {"output": state["region_output"], "people": state["region_people"]}
