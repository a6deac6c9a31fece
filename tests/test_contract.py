"""What every mechanism promises, checked for each: units, axes, entries, finite numbers and finite slopes."""

import inspect
import pkgutil
from importlib import import_module

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt import mechanisms
from gigawatt.core.entry import check_bounds, entries
from gigawatt.core.errors import InputError
from gigawatt.core.mechanism import (
    Mechanism,
    doc_of,
    entries_for,
    gives,
    keyword_names,
    meta_of,
    params,
    path_of,
    reads,
    shape_of,
)
from gigawatt.core.month import first_slots, noisy_inputs, one_month, pick
from gigawatt.core.noise import noise
from gigawatt.core.queue import Delay, outstanding_reads
from gigawatt.core.scenario import load
from gigawatt.core.scenario_file import find_mechanism, scenario_names

PERCENTILES = (0.05, 0.5, 0.95)


def shipped():
    """Every mechanism class in gigawatt.mechanisms, and every one that a scenario uses."""
    modules = [import_module(f"{mechanisms.__name__}.{m.name}") for m in pkgutil.iter_modules(mechanisms.__path__)]
    found = {c for m in modules for c in vars(m).values() if inspect.isclass(c) and c.__module__ == m.__name__}
    found = {c for c in found if issubclass(c, Mechanism)}
    found |= {find_mechanism(n) for s in scenario_names() for n in load(s).use}
    return sorted(found, key=lambda c: (c.__module__, c.__name__))


CLASSES = shipped()
each = pytest.mark.parametrize("cls", CLASSES, ids=lambda c: f"{c.__module__.rsplit('.')[-1]}.{c.__name__}")


def world_with(cls):
    """A scenario's world that uses the class, or the base world with the class in place of its rival."""
    for scenario in ("base", *scenario_names()):
        found = load(scenario)
        if cls in map(find_mechanism, found.use):
            return found.world()
    return load("base").world().swap(cls)


_MONTHS: dict = {}


def inputs_of(cls):
    """The world of a class, the instance, and what it reads in the second month of that world."""
    world = world_with(cls)
    names = tuple(type(m) for m in world.mechanisms)
    if names not in _MONTHS:
        _MONTHS[names] = two_months(world)  # eagerly: operations compiled once serve all worlds
    now, prev, due, luck = _MONTHS[names]
    me = next(m for m in world.mechanisms if type(m) is cls)
    return world, me, {n: pick(n, now, prev, due, luck, me) for n in reads(cls)}


def two_months(world):
    dt = jnp.asarray(1.0 / 12.0)
    slots = {n: s for d in world.delays for n, s in first_slots(world, d, 12, dt).items()}
    drawn = noise(jax.random.split(jax.random.key(0), 1), noisy_inputs(world.classes, world.axes), 2)
    now = world.first_state()
    for step in range(2):
        prev, due = now, {n: s[step] for n, s in slots.items()}
        clock = {"dt": dt, "year": 2026.0 + (step + 1) * dt}
        luck = {m: {n: x[step, 0] for n, x in mine.items()} for m, mine in drawn.items()}
        now = one_month(world, prev, clock, due, luck, {}, {})
    return now, prev, due, luck


def known(world, names):
    """Start values by name as `begin` and `outstanding` read them."""
    start = world.start_values()
    return {n: jnp.asarray(start[n], float) for n in names}


def everything(world, me, inputs):
    """All that a mechanism can be asked for: its signals, and what it derives before the first month."""
    out = {n: getattr(me(**inputs), n) for n in gives(type(me))}
    if hasattr(me, "begin"):
        out |= {f"begin {n}": v for n, v in me.begin(**known(world, keyword_names(me.begin))).items()}
    if isinstance(me, Delay):
        given = known(world, outstanding_reads(type(me)))
        out |= {f"after {n}": v for n, v in me.after().items()}
        for years in (0.0, 0.7, 20.0):
            left = me.outstanding(years=jnp.asarray(years), **given)
            out |= {f"outstanding {n} {years}": v for n, v in left.items()}
    return {n: jnp.asarray(v, float) for n, v in out.items()}


@each
def test_outputs_have_the_declared_axes(cls):
    world, me, inputs = inputs_of(cls)
    shapes = {n: v.shape for n, v in eqx.filter_eval_shape(lambda: everything(world, me, inputs)).items()}
    for name, kind in gives(cls).items():
        assert shapes[name] == shape_of(kind, world.axes), name


@each
def test_outputs_are_finite_and_within_their_unit(cls):
    world, me, inputs = inputs_of(cls)
    out = everything(world, me, inputs)
    for name, value in out.items():
        assert np.all(np.isfinite(value)), name
    for name, kind in gives(cls).items():
        # rounding may leave a share a last bit beyond its end
        slack = 1e-12 * max(1.0, float(np.max(np.abs(out[name]))))
        assert np.all(out[name] >= kind.unit.least - slack), name
        assert np.all(out[name] <= kind.unit.greatest + slack), name


@each
def test_numbers_and_slopes_are_finite_at_low_middle_and_high_percentiles_of_each_parameter(cls):
    world, me, inputs = inputs_of(cls)
    names = list(params(cls))
    if not names:
        return
    middle = {n: getattr(me, n) for n in names}
    cases = []
    for name in names:
        found = entries_for(f"{path_of(cls)}.{name}", params(cls)[name], world.axes, entries())
        for u in PERCENTILES:
            value = jnp.asarray([e.quantile(np.array([u]))[0] for e in found])
            values = middle | {name: value.reshape(middle[name].shape)}
            tangents = {n: jnp.full(middle[n].shape, float(n == name)) for n in names}
            cases.append((f"{name} at {u:.0%}", values, tangents))
    stacked = jax.tree.map(lambda *x: jnp.stack(x), *[c[1:] for c in cases])

    def outcome(values):
        changed = eqx.tree_at(lambda m: [getattr(m, n) for n in names], me, [values[n] for n in names])
        return everything(world, changed, inputs)

    out = jax.jit(jax.vmap(lambda values, tangents: jax.jvp(outcome, (values,), (tangents,))))(*stacked)
    for what, part in zip(("value", "slope"), out, strict=True):
        for signal, numbers in part.items():
            bad = [c[0] for c, x in zip(cases, numbers, strict=True) if not np.all(np.isfinite(x))]
            assert not bad, f"{what} of {signal} with {', '.join(bad)}"


@each
def test_many_at_once_equal_one_by_one(cls):
    world, me, inputs = inputs_of(cls)
    scales = jnp.asarray([0.9, 1.0, 1.1])

    def scaled(scale):
        floats = {n: x * scale for n, x in inputs.items() if jnp.issubdtype(x.dtype, jnp.floating)}
        return me(**(inputs | floats))

    together = jax.vmap(scaled, axis_size=3)(scales)
    apart = [scaled(s) for s in scales]
    for name, kind in gives(cls).items():
        one_by_one = np.stack([np.broadcast_to(getattr(x, name), shape_of(kind, world.axes)) for x in apart])
        # what is left of a difference that cancels is measured against the signal's own size
        atol = 1e-12 * float(np.max(np.abs(one_by_one)))
        np.testing.assert_allclose(getattr(together, name), one_by_one, rtol=1e-12, atol=atol, err_msg=name)


@each
def test_it_runs_alone_from_its_own_entries(cls):
    _, _, inputs = inputs_of(cls)
    assert set(vars(cls()(**inputs))) == set(gives(cls))


@each
def test_every_parameter_and_signal_says_what_it_means(cls):
    assert inspect.getdoc(cls) and cls.__doc__ != Mechanism.__doc__
    for name in params(cls):
        assert doc_of(cls, name), name
    for name in gives(cls):
        assert doc_of(cls.Out, name), name


@each
def test_what_it_begins_is_what_it_says_it_begins(cls):
    world, me, _ = inputs_of(cls)
    derived = me.begin(**known(world, keyword_names(me.begin))) if hasattr(me, "begin") else {}
    assert set(derived) == set(getattr(cls, "begins", ()))
    for name in derived:
        assert name in world.signals
        assert meta_of(world.giver(name).Out, name, "start") is None, f"{name} has two starts"


@each
def test_every_field_has_an_entry_in_its_unit_and_within_its_limits(cls):
    world, _, _ = inputs_of(cls)
    for name, kind in params(cls).items():
        for e in entries_for(f"{path_of(cls)}.{name}", kind, world.axes, entries()):
            check_bounds(e, kind.unit.least, kind.unit.greatest)


@each
def test_no_draw_leaves_the_limits_of_its_unit(cls):
    world, _, _ = inputs_of(cls)
    kinds = {f"{path_of(cls)}.{n}": k for n, k in params(cls).items()}
    kinds |= {p: k for p, k in world.numbers().items() if p.startswith("start.")}
    for path, kind in kinds.items():
        for e in entries_for(path, kind, world.axes, entries()):
            ends = e.quantile(np.array([1e-6, 1 - 1e-6]))
            assert np.all(np.isfinite(ends)), e.path
            assert kind.unit.least <= ends[0] <= ends[1] <= kind.unit.greatest, f"{e.path}: {ends}"


def test_every_entry_is_a_number_of_some_mechanism():
    fields = {f"{path_of(c)}.{n}" for c in CLASSES for n in params(c)}
    for path in entries():
        if not path.startswith("start."):
            assert ".".join(path.split(".")[:2]) in fields, f"{path} belongs to no parameter"


def test_every_class_has_a_path_of_its_own():
    assert len({path_of(c) for c in CLASSES}) == len(CLASSES)


def test_no_lead_time_can_be_drawn_shorter_than_a_block():
    """A shorter delay would be lengthened to a block of months in silence."""
    for cls in CLASSES:
        if issubclass(cls, Delay):
            world, me, _ = inputs_of(cls)
            for name, kind in params(cls).items():
                for e in entries_for(f"{path_of(cls)}.{name}", kind, world.axes, entries()):
                    assert e.bounds and e.bounds[0] >= 3 / 12, e.path


def test_the_contract_reads_the_mechanisms_that_scenarios_use():
    assert {find_mechanism(n) for n in load("base").use} <= set(CLASSES)
    with pytest.raises(InputError):
        find_mechanism("shocks.Nothing")
